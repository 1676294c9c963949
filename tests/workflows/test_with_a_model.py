"""A model reads, places, writes and refines a book, over a real connection."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import combinations

import pytest

from hornbook.engines.model_client import ModelClient
from hornbook.engines.offline import Offline
from hornbook.engines.thinker import ModelThinker
from hornbook.library import findings, journal
from hornbook.model.guideline import SubtopicStatus
from hornbook.model.job import JobStatus, OnError
from hornbook.workflows.finalize import FinalizationLeg, Finalize
from hornbook.workflows.generate import ExtractionLeg, Generate
from hornbook.workflows.journal import Journal
from hornbook.workflows.thinking import OFFLINE, Terms
from tests import schoolmaster
from tests.desk import ADDING, OPEN_TEXTS, SUBTRACTING, TEXTS, Desk, JobType
from tests.model_server import answers, completion, refusal

MODEL = "openai:tiny"
FEW = TEXTS[:4]


class ModelDesk(Desk):
    """A desk whose engine is a model behind a server."""

    def __post_init__(self):
        super().__post_init__()
        self.client = ModelClient(price="1/2")
        self.journal = Journal(self.database, self.clock, self.client)
        terms = Terms(lambda: MODEL)
        wake = lambda: None  # noqa: E731
        self.generate = Generate(self.database, self.clock, wake, terms)
        self.finalize = Finalize(self.database, self.clock, wake, Offline(), terms)

    def legs(self):
        return {
            JobType.EXTRACTION: ExtractionLeg(self.database, self.clock, self.think),
            JobType.FINALIZATION: FinalizationLeg(self.database, self.clock, self.think),
        }

    def think(self, occasion):
        if occasion.model == OFFLINE:
            return Offline()
        return ModelThinker(occasion.model, partial(self.journal.ask, occasion), occasion.book)


@pytest.fixture
def desk(sqlite_database, clock, model):
    desk = ModelDesk(sqlite_database, clock)
    yield desk
    desk.client.close()


def tasks(model):
    return Counter(one.task for one in model.requests)


def test_a_book_is_read_placed_and_written(desk, model):
    book = desk.ready(OPEN_TEXTS)

    assert desk.sources(book) == {
        ADDING: (1, 2), SUBTRACTING: (3, 4), ("angles", "angles"): (5, 6), ("triangles", "triangles"): (7, 8, 9, 10),
    }  # fmt: skip
    assert tasks(model)["read"] == len(TEXTS)
    assert tasks(model)["merge"] == 4
    assert desk.guidelines.subtopic(book, *ADDING).subtopic_summary == (
        "Adding like fractions in 4 statements."
    )


def test_every_request_says_which_book_and_page_or_subtopic_it_is_about(desk, model):
    book = desk.ready(FEW)

    read = [one for one in model.requests if one.task == "read"]
    assert {one.headers["X-Hornbook-Book"] for one in model.requests} == {book}
    assert sorted(int(one.headers["X-Hornbook-Page"]) for one in read) == [1, 2, 3, 4]
    assert {one.headers["X-Hornbook-Subtopic"] for one in model.requests if one.task == "merge"} == {
        ADDING[1], SUBTRACTING[1],
    }  # fmt: skip


def test_no_prompt_names_a_page_number_an_identity_or_the_book(desk, model):
    book = desk.ready(FEW)

    for one in model.requests:
        assert book not in one.prompt + one.rules
        assert "page 3" not in one.prompt.lower()


def test_generating_again_makes_no_call_at_all_nor_does_refining_again(desk, model):
    book = desk.ready()
    desk.refined(book)
    before, shown = len(model.requests), desk.shown(book)

    again = desk.generated(book)
    desk.refined(book)

    assert len(model.requests) == before
    assert again.status is JobStatus.COMPLETED
    assert desk.shown(book) == shown


def test_asking_again_makes_every_call_anew_and_its_answers_are_kept_too(desk, model):
    book = desk.ready(FEW)
    before = tasks(model)

    desk.generated(book, ask_again=True)
    assert tasks(model)["read"] == 2 * before["read"]

    desk.generated(book)
    assert tasks(model)["read"] == 2 * before["read"]


def test_the_same_page_in_another_book_is_not_asked_about_again(desk, model):
    desk.ready(FEW)
    before = len(model.requests)

    assert desk.generated(desk.book(FEW, author="bea")).status is JobStatus.COMPLETED
    assert len(model.requests) == before


def test_a_corrected_page_costs_few_calls_to_bring_everything_up_to_date(desk, model):
    book = desk.ready()
    desk.refined(book)
    before = len(model.requests)

    desk.correct(book, 4, TEXTS[3].replace("ribbon", "red ribbon"))
    desk.generate.start(book, resume=True)
    desk.work(book)
    desk.refined(book)

    assert len(model.requests) - before <= 5
    assert "red ribbon" in desk.guidelines.subtopic(book, *SUBTRACTING).guidelines


def test_what_a_job_cost_is_told_by_task(desk):
    book = desk.ready(FEW)

    with desk.database.read() as session:
        spent = journal.spent(session, book_id=book)
    assert (spent["read"].calls, spent["read"].input_tokens, spent["read"].output_tokens) == (
        4, 400, 40,
    )  # fmt: skip
    assert spent["read"].cost == pytest.approx(4 * (100 * 1 + 10 * 2) / 1e6)


def test_a_job_that_reached_its_cap_stops_and_resume_spends_as_much_again(desk, model):
    desk.legs = lambda: {
        JobType.EXTRACTION: ExtractionLeg(desk.database, desk.clock, desk.think, concurrency=1)
    }
    book = desk.book()

    stopped = desk.generated(book, max_cost=3 * 0.00012)
    calls = len(model.requests)
    desk.generate.start(book, resume=True, max_cost=100.0)
    resumed = desk.work(book)

    assert stopped.error_message.startswith("Spending cap: this job has cost $0.00 and may cost")
    assert (stopped.failed_items, calls) == (0, 3)
    assert resumed.status is JobStatus.COMPLETED
    assert tasks(model)["read"] == len(TEXTS)


def test_a_job_stopped_by_a_fault_goes_on_where_it_was_and_ends_like_an_undisturbed_one(
    desk, model
):
    undisturbed = desk.shown(desk.ready())
    with desk.database.begin() as session:
        journal.prune(session, desk.clock() + timedelta(seconds=1))
    book = desk.book(author="bea")

    model.script(*[refusal(401, "invalid_api_key")])
    stopped = desk.generated(book)
    desk.generate.start(book, resume=True)

    assert stopped.error_message.startswith("Key refused")
    assert desk.work(book).status is JobStatus.COMPLETED
    assert desk.shown(book) == undisturbed


def test_an_item_whose_quote_does_not_stand_on_the_page_is_dropped_and_counted(desk, model):
    def inventing(asked):
        data = schoolmaster.answer(asked)
        if asked.task == "read":
            data["items"].append({"kind": "concept", "text": "Lies.", "quote": "Pigs can fly."})
        return data

    model.answer = inventing
    book = desk.ready(FEW)

    assert all("Lies" not in one.guidelines for one in desk.guidelines.subtopics(book))
    with desk.database.read() as session:
        assert {one.finding.dropped for one in findings.known(session, book).values()} == {1}


def test_a_summary_that_a_model_declines_is_stood_in_for_and_the_subtopic_says_so(desk, model):
    model.always = lambda asked: (
        completion(None, refusal="I will not.")
        if asked.task == "merge" and "Subtracting" in asked.prompt
        else answers(schoolmaster.answer(asked))
    )
    book = desk.ready(FEW)

    there = desk.guidelines.subtopic(book, *SUBTRACTING)
    assert there.shortfall.startswith("The model declined to answer.")
    assert 15 <= len(there.subtopic_summary.split()) <= 30
    assert desk.guidelines.subtopic(book, *ADDING).shortfall is None

    model.always = None
    desk.generated(book)
    assert desk.guidelines.subtopic(book, *SUBTRACTING).shortfall is None


@pytest.mark.parametrize("said", ["", " \n", "…"])
def test_a_summary_without_words_is_asked_for_again_then_stood_in_for_and_never_kept(
    desk, model, said
):
    def wordless(asked):
        answer = schoolmaster.answer(asked)
        is_told = asked.task in {"merge", "summarize"}
        return {**answer, "summary": said} if is_told else answer

    model.answer = wordless
    book = desk.ready(FEW)

    there = desk.guidelines.subtopic(book, *SUBTRACTING)
    assert there.shortfall.startswith("The model's answer did not fit the form")
    assert 15 <= len(there.subtopic_summary.split()) <= 30
    assert there.topic_summary
    assert tasks(model)["merge"] == 2 * 3
    assert any("summary: " in one.prompt for one in model.requests if one.task == "merge")

    model.answer = schoolmaster.answer
    desk.generated(book)
    assert desk.guidelines.subtopic(book, *SUBTRACTING).shortfall is None


def test_a_page_that_a_model_declines_is_passed_and_the_others_are_read(desk, model):
    model.always = lambda asked: (
        completion(None, refusal="I will not.")
        if asked.task == "read" and "ribbon" in asked.prompt
        else answers(schoolmaster.answer(asked))
    )
    book = desk.book(FEW)

    job = desk.generated(book)

    assert (job.status, job.completed_items, job.failed_items) == (JobStatus.COMPLETED, 3, 1)
    assert desk.detail(job)["page_errors"]["4"]["error_type"] == "terminal"


PLAIN = ("# Halves and quarters\nA half is one of two equal parts of a whole.",
         "Two halves make a whole when they are put together again.",
         "# Weighing things\nA balance shows which of two things is heavier.",
         "A kilogram is the weight of a litre of water in a jar.",
         "A half is one of two equal parts of a whole when it comes to weighing.")  # fmt: skip


def returning(asked):
    if asked.task == "place" and "when it comes to weighing" in asked.prompt:
        back = schoolmaster.listed(asked.prompt, "Open subtopics:")
        return {"is_new": False, "continues_key": back[0], "confidence": 0.9}
    return schoolmaster.answer(asked)


def test_where_the_outline_knows_little_the_model_decides_and_may_return_to_an_earlier_topic(
    desk, model
):
    model.answer = returning
    book = desk.ready([*PLAIN[:4], "# " + PLAIN[4]])

    assert desk.sources(book) == {
        ("halves", "halves-and-quarters"): (1, 2, 5), ("weighing", "weighing-things"): (3, 4),
    }  # fmt: skip


def test_three_pages_that_are_refused_in_a_row_stop_the_job_with_the_cause_in_words(desk, model):
    model.always = refusal(503, "overloaded")
    book = desk.book(FEW)

    job = desk.generated(book, on_error=OnError.CONTINUE)

    assert (job.status, job.failed_items) == (JobStatus.FAILED, 3)
    assert job.error_message.startswith("Server error")


def test_invalid_proposals_of_a_model_change_nothing(desk, model):
    def proposing(asked):
        if asked.task == "dedupe":
            return {"duplicates": [{"keep_key": "nowhere", "drop_key": "x"}]}
        if asked.task == "refine":
            return {"topic_title": "", "subtopics": [{"subtopic_key": "x", "subtopic_title": "y"}]}
        return schoolmaster.answer(asked)

    model.answer = proposing
    book = desk.ready()
    before = {key: value[2] for key, value in desk.shown(book).items()}

    job = desk.refined(book)

    assert job.status is JobStatus.COMPLETED
    assert {key: value[2] for key, value in desk.shown(book).items()} == before
    assert {one.status for one in desk.guidelines.subtopics(book)} == {SubtopicStatus.FINAL}


def test_a_subtopic_whose_pages_were_skipped_while_the_model_thought_is_not_gone_on_with(
    desk, model
):
    def skipping(asked):
        if asked.task == "place" and "when it comes to weighing" in asked.prompt:
            for page in (1, 2):
                desk.reject_page(book, page)
        return returning(asked)

    model.answer = skipping
    book = desk.book([*PLAIN[:4], "# " + PLAIN[4]])

    assert desk.generated(book).status is JobStatus.COMPLETED
    assert ("halves", "halves-and-quarters") not in desk.sources(book)
    assert desk.outcomes(book)[4] == "used"


def test_a_model_that_calls_everything_the_same_merges_only_what_may_be_one(desk, model):
    twice = [
        text.replace("2.1 Angles", "2.1 Adding fractions, like ones").replace(
            "2.2 Triangles", "2.2 Subtracting the fractions"
        )
        for text in TEXTS
    ]

    def careless(asked):
        if asked.task != "dedupe":
            return schoolmaster.answer(asked)
        keys = schoolmaster.keys(asked.prompt)
        pairs = combinations(keys, 2)
        return {"duplicates": [{"keep_key": one, "drop_key": other} for one, other in pairs]}

    model.answer = careless
    book = desk.ready(twice)

    desk.refined(book)

    assert sorted(desk.sources(book).values()) == [(1, 2, 5, 6), (3, 4, 7, 8, 9, 10)]


def test_refining_asks_about_several_topics_at_once_and_decides_in_their_order(desk, model):
    book = desk.ready(OPEN_TEXTS)
    together = threading.Barrier(3, timeout=2)
    others = threading.Event()

    def renaming(asked):
        said = schoolmaster.answer(asked)
        if asked.task != "refine":
            return said
        together.wait()
        title = said["topic_title"]
        _ = others.wait(2) if title == "Fractions" else others.set()
        return {**said, "topic_title": f"All about {title.lower()}"}

    model.answer = renaming
    desk.refined(book)

    assert [one.after for one in desk.finalize.decisions(book)] == [
        "All about fractions", "All about angles", "All about triangles",
    ]  # fmt: skip


def test_a_key_refused_about_one_topic_stops_the_job_and_answers_about_others_are_kept(desk, model):
    undisturbed = desk.ready()
    desk.refined(undisturbed)
    calls = tasks(model)["refine"]
    with desk.database.begin() as session:
        journal.prune(session, desk.clock() + timedelta(seconds=1))
    book = desk.ready()
    model.always = lambda asked: (
        refusal(401, "invalid_api_key")
        if asked.task == "refine" and "Topic: Fractions" in asked.prompt
        else answers(schoolmaster.answer(asked))
    )

    stopped = desk.refined(book)
    asked, model.always = tasks(model)["refine"], None
    resumed = desk.refined(book)

    assert stopped.error_message.startswith("Key refused")
    assert resumed.status is JobStatus.COMPLETED
    assert tasks(model)["refine"] == asked + 1 == 2 * calls + 1
    assert desk.shown(book) == desk.shown(undisturbed)
