"""Every answer of a model is kept, and the same question is never paid for again."""

from dataclasses import dataclass, make_dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from hornbook.errors import CapReached, Declined, Queued, ServerError
from hornbook.library import books, journal
from hornbook.library.journal import Call, Pruned
from hornbook.model.question import Answer, Question, Spent, Subject, Task, Usage
from hornbook.workflows.journal import Journal, question_hash
from hornbook.workflows.thinking import Occasion
from tests.desk import TEXTS, Desk

MODEL = "openai:tiny"
USAGE = Usage(input_tokens=100, output_tokens=10, cost=0.5, seconds=0.1)


@dataclass(frozen=True)
class Form:
    text: str


QUESTION = Question(task=Task.READ, rules="Be exact.", prompt="What?", form=Form, max_tokens=100)
OCCASION = Occasion(model=MODEL, job_id="job-1")


class Client:
    """Answers with how often it was asked, unless it was told to fail."""

    def __init__(self):
        self.asked = 0
        self.failure = None
        self.usage = USAGE
        self.where = None
        self.meanwhile = lambda: None

    def address(self, _model):
        return self.where

    def ask(self, model, question, subject: Subject):
        self.asked += 1
        self.meanwhile()
        if self.failure:
            raise self.failure
        return Answer(data={"text": f"answer {self.asked}"}, usage=self.usage)


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def desk_books(database, clock):
    """Two books of which the same is asked."""
    desk = Desk(database, clock)
    ids = [desk.book(TEXTS[:1], author=author) for author in ("ada", "bea")]
    with database.read() as session:
        return [books.get(session, book) for book in ids]


@pytest.fixture
def kept(database, clock, client):
    return Journal(database, clock, client)


def spent(database, **of):
    with database.read() as session:
        return sum(journal.spent(session, **of).values(), Spent())


def test_an_answer_is_kept_and_given_again_to_whoever_asks_the_same(kept, client, database):
    first = kept.ask(OCCASION, QUESTION)
    again = kept.ask(replace(OCCASION, job_id="job-2", take=None), QUESTION)

    assert (first, again, client.asked) == ({"text": "answer 1"}, {"text": "answer 1"}, 1)
    assert spent(database, job_id="job-1") == Spent(1, 100, 10, 0.5, 0)
    assert spent(database, job_id="job-2") == Spent()


@pytest.mark.parametrize(
    "other",
    [
        {"rules": "Be brief."},
        {"prompt": "Where?"},
        {"image": b"jpeg"},
        {"task": Task.PLACE},
        {"form": Usage},
    ],
)
def test_whatever_may_change_the_answer_makes_it_another_question(other):
    assert question_hash(MODEL, replace(QUESTION, **other)) != question_hash(MODEL, QUESTION)
    assert question_hash("openai:large", QUESTION) != question_hash(MODEL, QUESTION)


def test_another_form_anywhere_within_the_answer_makes_another_question():
    def form_of(inner):
        outer = make_dataclass("Outer", [("items", list[inner])], frozen=True)
        return question_hash(MODEL, replace(QUESTION, form=outer))

    one, other, same = (
        make_dataclass("Inner", [(name, str) for name in names], frozen=True)
        for names in ("a", "ab", "a")
    )

    assert form_of(one) != form_of(other)
    assert form_of(one) == form_of(same)


def test_the_same_name_at_another_server_is_another_model(kept, client):
    kept.ask(OCCASION, QUESTION)
    client.where = "http://gpu.example/v1"

    assert kept.ask(OCCASION, QUESTION) == {"text": "answer 2"}
    client.where = None
    assert kept.ask(OCCASION, QUESTION) == {"text": "answer 1"}


def test_what_cannot_change_the_answer_does_not():
    waiting = replace(QUESTION, deadline=5.0, max_tokens=7)

    assert question_hash(MODEL, waiting) == question_hash(MODEL, QUESTION)


def test_asking_again_is_a_take_of_its_own_which_later_runs_use(kept):
    kept.ask(OCCASION, QUESTION)

    taken = kept.ask(replace(OCCASION, take=1), QUESTION)

    assert taken == {"text": "answer 2"}
    assert kept.ask(replace(OCCASION, take=1), QUESTION) == taken
    assert kept.ask(OCCASION, QUESTION) == taken


def test_asking_again_is_a_new_call_also_where_others_have_asked_again_before(kept, desk_books):
    mine, yours = (replace(OCCASION, book=book) for book in desk_books)
    kept.ask(mine, QUESTION)
    kept.ask(replace(yours, take=1), QUESTION)

    taken = kept.ask(replace(mine, take=1), QUESTION)

    assert taken == {"text": "answer 3"}
    assert kept.ask(replace(mine, take=1), QUESTION) == taken
    assert kept.ask(replace(yours, take=1), QUESTION) == {"text": "answer 2"}
    assert kept.ask(replace(yours, take=2), QUESTION) == {"text": "answer 4"}
    assert kept.ask(OCCASION, QUESTION) == {"text": "answer 4"}


def test_what_is_of_no_use_is_given_and_paid_for_and_not_kept_as_an_answer(kept, database):
    useless = replace(QUESTION, is_usable=lambda answer: answer["text"] != "answer 1")

    assert [kept.ask(OCCASION, useless)["text"] for _ in range(3)] == [
        "answer 1", "answer 2", "answer 2",
    ]  # fmt: skip
    assert spent(database, job_id="job-1").calls == 2


def test_an_answer_that_came_while_the_database_was_away_is_kept_when_it_is_back(
    kept, client, database
):
    def refuse(_connection, _cursor, statement, *_more):
        if statement.startswith("INSERT INTO model_calls"):
            raise OperationalError(statement, {}, Exception("away"))

    event.listen(database.engine, "before_cursor_execute", refuse)
    with pytest.raises(OperationalError):
        kept.ask(OCCASION, QUESTION)
    event.remove(database.engine, "before_cursor_execute", refuse)

    assert kept.ask(OCCASION, QUESTION) == {"text": "answer 1"}
    assert client.asked == 1
    assert spent(database, job_id="job-1") == Spent(1, 100, 10, 0.5, 0)


def test_an_answer_that_came_meanwhile_stays_and_both_are_paid_for(kept, client, database):
    def somebody_else():
        client.meanwhile = lambda: None
        kept.ask(OCCASION, QUESTION)

    client.meanwhile = somebody_else
    kept.ask(OCCASION, QUESTION)

    assert client.asked == 2
    assert kept.ask(OCCASION, QUESTION) == {"text": "answer 2"}
    assert spent(database, job_id="job-1").calls == 2


def test_what_a_failure_cost_is_noted_and_nothing_is_kept_as_an_answer(kept, client, database):
    client.failure = Declined()
    client.failure.usage = USAGE
    with pytest.raises(Declined):
        kept.ask(OCCASION, QUESTION)
    client.failure = ServerError()
    with pytest.raises(ServerError):
        kept.ask(OCCASION, QUESTION)
    client.failure = None

    assert kept.ask(OCCASION, QUESTION) == {"text": "answer 3"}
    assert spent(database, job_id="job-1") == Spent(2, 200, 20, 1.0, 0)


def test_a_wait_for_a_turn_is_no_call(kept, client, database):
    client.failure = Queued(retry_after=30)
    client.failure.usage = Usage()
    for _ in range(3):
        with pytest.raises(Queued):
            kept.ask(OCCASION, QUESTION)
    client.failure = None

    kept.ask(OCCASION, QUESTION)

    assert spent(database, job_id="job-1") == Spent(1, 100, 10, 0.5, 0)


def test_averages_rest_on_recent_answers_however_many_there_are(database, clock):
    def told(tokens):
        call = Call("", 0, "read", MODEL, None, None, {}, replace(USAGE, input_tokens=tokens))
        return [replace(call, question_hash=f"{tokens} {n}") for n in range(journal.RECENT)]

    with database.begin() as session:
        for call in (*told(10), *told(1000)):
            session.add(journal._row(call, 0, call.answer, clock()))
    with database.read() as session:
        read = journal.answered(session, MODEL)["read"]

    assert (read.calls, read.input_tokens / read.calls) == (journal.RECENT, 1000)


def test_a_job_that_has_cost_what_it_may_cost_asks_no_more_but_still_knows_what_it_knew(kept):
    capped = replace(OCCASION, max_cost=0.4)
    kept.ask(capped, QUESTION)

    with pytest.raises(CapReached, match=r"has cost \$0.50 and may cost \$0.40"):
        kept.ask(capped, replace(QUESTION, prompt="Where?"))
    assert kept.ask(capped, QUESTION) == {"text": "answer 1"}
    assert kept.ask(replace(capped, job_id="job-2"), replace(QUESTION, prompt="Where?"))


def test_a_cap_that_cannot_hold_since_no_price_is_known_stops_the_job(kept, client):
    capped = replace(OCCASION, max_cost=0.4)
    client.usage = replace(USAGE, cost=None)
    kept.ask(capped, QUESTION)

    with pytest.raises(CapReached, match=r"openai:tiny .* Set HORNBOOK_MODEL_PRICE, then resume\."):
        kept.ask(capped, replace(QUESTION, prompt="Where?"))
    assert client.asked == 1
    assert kept.ask(replace(OCCASION, job_id="job-2"), replace(QUESTION, prompt="Where?"))


def test_a_model_that_costs_nothing_never_reaches_a_cap(kept, client):
    capped = replace(OCCASION, max_cost=0.4)
    client.usage = replace(USAGE, cost=0.0)

    assert [kept.ask(capped, replace(QUESTION, prompt=str(n))) for n in range(3)]


def test_what_is_old_is_forgotten_and_asked_again(kept, client, clock):
    kept.ask(OCCASION, QUESTION)

    assert kept.prune(clock()) == Pruned(0, 0)
    assert kept.prune(clock() + timedelta(seconds=1)) == Pruned(1, 0)
    assert kept.ask(OCCASION, QUESTION) == {"text": "answer 2"}


def test_a_call_that_gave_no_answer_is_not_counted_as_a_forgotten_one(kept, client, clock):
    client.failure = Declined()
    client.failure.usage = USAGE
    with pytest.raises(Declined):
        kept.ask(OCCASION, QUESTION)

    assert kept.prune(clock() + timedelta(seconds=1)) == Pruned(0, 1)


def test_what_a_job_under_way_has_asked_stays_and_still_counts_against_its_cap(
    kept, client, clock, database
):
    job = opened_job(database, clock)
    capped = replace(OCCASION, job_id=job, max_cost=0.4)
    kept.ask(capped, QUESTION)

    assert kept.prune(clock() + timedelta(seconds=1)) == Pruned(0, 0)
    assert kept.ask(capped, QUESTION) == {"text": "answer 1"}
    with pytest.raises(CapReached):
        kept.ask(capped, replace(QUESTION, prompt="Where?"))


def opened_job(database, clock):
    desk = Desk(database, clock)
    return desk.generate.start(desk.book(TEXTS[:1])).job_id
