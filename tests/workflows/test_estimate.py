"""What a run would ask a model for is told before it is started."""

import pytest

from hornbook.errors import NotFound, Retryable
from hornbook.model.question import Question, Spent, Task
from hornbook.workflows.estimate import Estimates
from hornbook.workflows.thinking import Occasion
from tests.desk import TEXTS
from tests.model_server import refusal
from tests.workflows.test_with_a_model import MODEL, ModelDesk


@pytest.fixture
def desk(sqlite_database, clock, model):
    desk = ModelDesk(sqlite_database, clock)
    yield desk
    desk.client.close()


def estimates(desk, model=MODEL):
    return Estimates(
        desk.database,
        chosen=lambda: model,
        reader_name=lambda: desk.think(Occasion(model=model)).name,
        price=desk.client.cost,
    )


def test_a_book_that_nobody_has_read_costs_about_what_its_generation_then_asks(desk, model):
    book = desk.book(TEXTS)
    estimate = estimates(desk).of_generation(book)

    desk.generated(book)

    assert estimate.pages == len(TEXTS)
    assert model.requests
    assert 0.6 < estimate.spent.calls / len(model.requests) < 1.4


def test_what_was_read_costs_nothing_and_a_corrected_page_is_counted_again(desk):
    book = desk.ready()
    assert estimates(desk).of_generation(book).spent == Spent()

    desk.correct(book, 4, TEXTS[3] + "\nAnother sentence stands here.")

    assert estimates(desk).of_generation(book).pages == 1


def test_pages_that_another_model_has_read_are_counted(desk):
    book = desk.ready()
    assert estimates(desk, "openai:other").of_generation(book).pages == len(TEXTS)


def test_offline_costs_nothing(desk):
    assert estimates(desk, "offline").of_generation(desk.book(TEXTS)).spent == Spent()


def test_longer_pages_take_more_tokens(desk):
    short = estimates(desk).of_generation(desk.book(TEXTS)).spent
    long = (
        estimates(desk).of_generation(desk.book([text * 5 for text in TEXTS], author="bea")).spent
    )

    assert long.calls == short.calls
    assert long.input_tokens > short.input_tokens
    assert long.output_tokens > short.output_tokens


def test_a_model_that_was_asked_often_is_known_by_its_own_averages(desk, model):
    desk.generated(desk.book([f"{text}\nNumber {n}." for n, text in enumerate(TEXTS * 2)]))
    other = desk.book([f"{text} Another book." for text in TEXTS], author="bea")
    assert sum(one.task == "read" for one in model.requests) == 20

    spent = estimates(desk).of_generation(other).spent

    # The server of these tests counts 100 tokens sent and 10 received for every call.
    read_as_usual = 640 * len(TEXTS)
    assert spent.input_tokens < read_as_usual


def test_calls_that_failed_make_no_average(desk, model):
    before = estimates(desk).of_generation(desk.book(TEXTS)).spent
    model.always = refusal(500, "down")
    for number in range(24):
        question = Question(
            task=Task.READ, rules="Read.", prompt=str(number), form=Spent, max_tokens=10
        )
        with pytest.raises(Retryable):
            desk.journal.ask(Occasion(model=MODEL), question)

    after = estimates(desk).of_generation(desk.book(TEXTS, author="bea")).spent

    assert after == before


def test_prices_are_the_known_ones_else_the_one_that_was_set(desk):
    book = desk.book(TEXTS)
    ours = estimates(desk).of_generation(book).spent
    known = estimates(desk, "openai:gpt-4o-mini").of_generation(book).spent

    assert ours.cost == pytest.approx((ours.input_tokens * 1 + ours.output_tokens * 2) / 1e6)
    assert known.cost == pytest.approx(
        (known.input_tokens * 0.15 + known.output_tokens * 0.6) / 1e6
    )


def test_a_model_without_a_known_price_has_tokens_and_no_cost(desk):
    unpriced = Estimates(
        desk.database,
        chosen=lambda: MODEL,
        reader_name=lambda: "nobody",
        price=lambda _model, _sent, _received: None,
    )
    spent = unpriced.of_generation(desk.book(TEXTS)).spent
    assert (spent.cost, spent.unpriced) == (0.0, spent.calls)


def test_looking_at_pages_is_estimated_by_their_number(desk):
    one, ten = (estimates(desk).of_looking(pages).spent for pages in (1, 10))
    assert ten.calls == 10 * one.calls
    assert ten.cost == pytest.approx(10 * one.cost)


def test_there_is_no_estimate_for_a_book_that_is_not_there(desk):
    with pytest.raises(NotFound):
        estimates(desk).of_generation("no_book")
