"""A model closes what the pages have left behind while it is shown later ones."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from hornbook.engines.model_client import ModelClient
from hornbook.jobs import ledger
from hornbook.library import journal
from hornbook.model.job import JobStatus
from hornbook.workflows.generate import ExtractionLeg
from hornbook.workflows.journal import Journal
from tests import schoolmaster
from tests.desk import ADDING, OPEN_TEXTS, TEXTS, JobType
from tests.model_server import answers, completion, refusal
from tests.workflows.test_with_a_model import ModelDesk

LAST = "A triangle with a right angle"
"""What only the last page says."""
BACK = "# Adding again\nLike fractions are added once more when the angles are done."


class AllAtTheEnd(ExtractionLeg):
    """Closes everything after the last page."""

    def beside(self, _job, _item):
        return ()


class Desk(ModelDesk):
    leg = ExtractionLeg

    def legs(self):
        leg = self.leg(self.database, self.clock, self.think)
        return {**super().legs(), JobType.EXTRACTION: leg}

    def forget(self):
        """Let every answer have to be asked for again."""
        with self.database.begin() as session:
            journal.prune(session, self.clock() + timedelta(seconds=1))


@pytest.fixture
def desk(sqlite_database, clock, model):
    desk = Desk(sqlite_database, clock)
    yield desk
    desk.client.close()


class Holding:
    """Answers by rule, but the reading of the last page only after the first merge was asked for."""

    def __init__(self, merge=lambda asked: answers(schoolmaster.answer(asked)), last=LAST):
        self.merge = merge
        self.last = last
        self.is_merging = threading.Event()

    def __call__(self, asked):
        if asked.task == "merge":
            reply = self.merge(asked)
            self.is_merging.set()
            return reply
        if asked.task == "read" and self.last in asked.prompt:
            self.is_merging.wait(2)
        return answers(schoolmaster.answer(asked))


def tasks(model):
    return Counter(one.task for one in model.requests)


def merges_of(model, title):
    return [one for one in model.requests if one.task == "merge" and title in one.prompt]


def test_what_is_left_behind_is_closed_before_the_last_page_is_read(desk, model):
    model.always = holding = Holding()
    read_before = []
    holding.merge = lambda asked: (
        read_before.append(desk.sources(book)) or answers(schoolmaster.answer(asked))
    )
    book = desk.book()

    job = desk.generated(book)

    assert job.status is JobStatus.COMPLETED
    assert max(page for pages in read_before[0].values() for page in pages) < len(TEXTS)
    assert tasks(model)["merge"] == 4


def test_a_book_ends_like_one_that_is_closed_at_the_end_and_costs_the_same_calls(desk, model):
    desk.leg = AllAtTheEnd
    at_the_end = desk.shown(desk.ready())
    calls = tasks(model)
    desk.forget()

    desk.leg = ExtractionLeg
    model.always = Holding()
    beside = desk.book(author="bea")
    desk.generated(beside)

    assert desk.shown(beside) == at_the_end
    assert tasks(model) - calls == calls


def returning(asked):
    if asked.task == "place" and "once more" in asked.prompt:
        return {"is_new": False, "continues_key": ADDING[1], "confidence": 0.9}
    return schoolmaster.answer(asked)


def backwards(asked):
    """Puts statements in the opposite order, which shows in the text."""
    said = dict(returning(asked))
    return {**said, "order": said["order"][::-1]} if asked.task == "merge" else said


def test_a_subtopic_to_which_a_page_returns_is_closed_again_at_the_end(desk, model):
    model.answer = backwards
    texts = [*OPEN_TEXTS, BACK]
    desk.leg = AllAtTheEnd
    at_the_end = desk.shown(desk.ready(texts))
    desk.forget()

    desk.leg = ExtractionLeg
    model.always = Holding(lambda asked: answers(backwards(asked)), last="once more")
    model.always = _by(model.always, backwards)
    beside = desk.book(texts, author="bea")
    before = len(merges_of(model, "Adding"))
    desk.generated(beside)

    assert desk.sources(beside)[ADDING] == (1, 2, 11)
    assert len(merges_of(model, "Adding")) == before + 2
    assert desk.shown(beside) == at_the_end


def _by(holding, rule):
    def reply(asked):
        held = holding(asked)
        return answers(rule(asked)) if asked.task == "place" else held

    return reply


def test_a_key_refused_beside_the_pages_stops_the_job_and_resume_completes_it(desk, model):
    undisturbed = desk.shown(desk.ready())
    desk.forget()

    model.always = Holding(lambda _asked: refusal(401, "invalid_api_key"))
    book = desk.book(author="bea")
    stopped = desk.generated(book)
    asked_until_then = len(merges_of(model, "Triangles"))
    model.always = None
    desk.generate.start(book, resume=True)
    resumed = desk.work(book)

    assert (stopped.status, stopped.failed_items) == (JobStatus.FAILED, 0)
    assert asked_until_then == 1  # by the undisturbed one
    assert stopped.error_message.startswith("Key refused")
    assert resumed.status is JobStatus.COMPLETED
    assert desk.shown(book) == undisturbed


def test_a_subtopic_that_a_model_declines_beside_the_pages_is_asked_about_once(desk, model):
    declined = completion(None, refusal="I will not.")
    model.always = Holding(
        lambda asked: declined if "Adding" in asked.prompt else answers(schoolmaster.answer(asked))
    )

    book = desk.ready()

    assert len(merges_of(model, "Adding")) == 1
    shortfall = desk.guidelines.subtopic(book, *ADDING).shortfall
    assert shortfall.startswith("The model declined to answer.")


def test_faults_that_pass_beside_the_pages_leave_no_trace(desk, model):
    undisturbed = desk.shown(desk.ready())
    desk.forget()
    faults = [refusal(503, "overloaded")] * 2

    def recovering(asked):
        return faults.pop() if faults else answers(schoolmaster.answer(asked))

    model.always = Holding(recovering)
    book = desk.book(author="bea")

    assert desk.generated(book).status is JobStatus.COMPLETED
    assert desk.shown(book) == undisturbed


def test_what_was_answered_before_a_stop_is_not_asked_again(desk, model):
    def stopping(asked):
        with desk.database.begin() as session:
            job = ledger.active_job(session, book)
            if not job.is_stop_requested:
                ledger.request_stop(session, book, job.id, desk.clock())
        return answers(schoolmaster.answer(asked))

    model.always = Holding(stopping)
    book = desk.book()
    stopped = desk.generated(book)
    model.always = None
    desk.generate.start(book, resume=True)

    assert stopped.error_message.startswith("Stopped by you")
    assert desk.work(book).status is JobStatus.COMPLETED
    assert len(merges_of(model, "Adding")) == 1


def test_closing_beside_the_pages_never_asks_more_at_once_than_the_model_bears(desk, model):
    desk.client.close()
    desk.client = ModelClient(concurrency=2, price="1/2")
    desk.journal = Journal(desk.database, desk.clock, desk.client)
    model.latency = 0.002

    desk.ready()

    assert model.most_at_once == 2


def test_a_page_that_a_human_skips_after_it_was_asked_about_is_not_spoken_of(desk, model):
    def skipping(asked):
        if "Adding" in asked.prompt and 2 in desk.sources(book).get(ADDING, ()):
            desk.reject_page(book, 2)
        return answers(schoolmaster.answer(asked))

    model.always = Holding(skipping)
    book = desk.book()
    desk.generated(book)

    there = desk.guidelines.subtopic(book, *ADDING)
    assert there.source_pages == (1,)
    assert there.subtopic_summary == "Adding like fractions in 2 statements."
    assert len(merges_of(model, "Adding")) == 2
