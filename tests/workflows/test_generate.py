"""Pages become guidelines."""

import pytest

from hornbook.errors import (
    Invalid,
    JobAlreadyActive,
    KeyRefused,
    NotFound,
    RateLimited,
    ServerError,
    Terminal,
)
from hornbook.jobs import ledger
from hornbook.jobs.hold import Surroundings
from hornbook.jobs.runner import Run
from hornbook.library import deletions, readings
from hornbook.library import pages as library_pages
from hornbook.model.guideline import SubtopicStatus
from hornbook.model.job import JobStatus, OnError
from hornbook.workflows.tidy import tidy
from tests.desk import ADDING, ANGLES, QUICK, SUBTRACTING, TEXTS, TRIANGLES, Desk, Summaries

RIBBON = "two sevenths"  # stands on page 4 only
PROTRACTOR = "protractor"  # stands on page 6 only


@pytest.fixture
def desk(sqlite_database, clock) -> Desk:
    return Desk(sqlite_database, clock)


# Starting


def test_a_book_that_does_not_exist_is_not_found(desk):
    with pytest.raises(NotFound):
        desk.generate.start("nobody_math_4_2026")


def test_a_second_job_is_refused_while_one_is_active(desk):
    book = desk.book()
    desk.generate.start(book)

    with pytest.raises(JobAlreadyActive):
        desk.generate.start(book)


def test_a_book_without_pages_cannot_be_generated(desk):
    with pytest.raises(Invalid, match="no pages"):
        desk.generate.start(desk.book([]))


@pytest.mark.parametrize(("first", "last"), [(0, 3), (5, 4), (1, 11), (11, None)])
def test_a_range_that_is_empty_or_outside_the_book_is_refused(desk, first, last):
    book = desk.book()

    with pytest.raises(Invalid, match="1 to 10"):
        desk.generate.start(book, start_page=first, end_page=last)


def test_a_range_without_any_text_is_refused(desk):
    book = desk.book([*TEXTS[:2], "", ""])
    desk.reject_page(book, 2)

    with pytest.raises(Invalid, match="No page of this range has text"):
        desk.generate.start(book, start_page=2)


def test_a_started_job_says_what_it_will_read_and_wakes_the_workers(desk):
    book = desk.book()

    started = desk.generate.start(book, start_page=3, end_page=6)

    assert (started.status, started.start_page, started.end_page) == ("started", 3, 6)
    assert (started.total_pages, started.message) == (4, "Reading 4 pages: 3 to 6.")
    assert desk.woken == ["woken"]


# What comes of it


def test_every_page_is_placed_and_every_subtopic_written(desk):
    book = desk.book()

    job = desk.generated(book)

    assert (job.status, job.completed_items, job.total_items) == (JobStatus.COMPLETED, 10, 10)
    assert desk.sources(book) == {
        ADDING: (1, 2), SUBTRACTING: (3, 4), ANGLES: (5, 6), TRIANGLES: (7, 8, 9, 10),
    }  # fmt: skip
    adding = desk.guidelines.subtopic(book, *ADDING)
    assert "- Like fractions have the same denominator. (p. 1)" in adding.guidelines
    assert adding.subtopic_summary == "Adding like fractions in 4 statements."
    assert adding.topic_summary == "Fractions: Adding like fractions, Subtracting fractions."


def test_the_job_records_the_keys_of_each_page_and_counts_subtopics(desk):
    book = desk.book()

    detail = desk.detail(desk.generated(book))

    assert detail["page_results"]["3"] == {"topic": SUBTRACTING[0], "subtopic": SUBTRACTING[1]}
    assert detail["stats"] == {"subtopics_created": 4, "subtopics_merged": 6}


def test_a_subtopic_is_stable_five_pages_after_its_last_one(desk):
    book = desk.ready()

    statuses = {one.subtopic_key: one.status for one in desk.guidelines.subtopics(book)}

    assert statuses == {
        "adding-like-fractions": SubtopicStatus.STABLE,
        "subtracting-fractions": SubtopicStatus.STABLE,
        "angles": SubtopicStatus.OPEN,
        "triangles": SubtopicStatus.OPEN,
    }


def test_blank_and_rejected_pages_count_as_completed_and_are_not_read(desk):
    book = desk.book()
    desk.reject_page(book, 2)
    desk.blank(book, 4)

    job = desk.generated(book)

    assert (job.completed_items, job.failed_items) == (10, 0)
    assert len(desk.reader.asked) == 8
    assert desk.outcomes(book)[:4] == ["used", "skipped", "used", "blank"]
    assert desk.sources(book)[ADDING] == (1,)


def test_a_page_without_text_fails_terminally_and_is_passed(desk):
    book = desk.book([*TEXTS[:3], "", *TEXTS[4:]])

    job = desk.generated(book)

    assert (job.status, job.completed_items, job.failed_items) == (JobStatus.COMPLETED, 9, 1)
    assert desk.detail(job)["page_errors"]["4"]["error_type"] == "terminal"
    assert "Page 4 has no text" in desk.detail(job)["page_errors"]["4"]["error"]
    assert desk.outcomes(book)[3] == "failed"


def test_a_page_that_gives_nothing_is_without_teaching_content(desk):
    book = desk.ready([*TEXTS[:9], "A drawing of a triangle"])

    assert desk.outcomes(book)[9] == "no_content"
    assert desk.sources(book)[TRIANGLES] == (7, 8, 9)


def test_only_the_pages_of_the_range_are_read(desk):
    book = desk.book()

    desk.generated(book, start_page=1, end_page=4)

    assert desk.sources(book) == {ADDING: (1, 2), SUBTRACTING: (3, 4)}
    assert desk.outcomes(book)[4:] == ["open"] * 6


def test_every_attempt_stands_in_the_history_of_its_page(desk):
    book = desk.book()
    desk.reader.failures[RIBBON] = Terminal("The model refuses this page.")
    desk.generated(book)

    with desk.database.read() as session:
        pages = [library_pages.get(session, book, number) for number in (3, 4)]
        good, bad = (readings.attempts(session, page)[-1] for page in pages)

    assert (good.job_type, good.outcome, good.engine) == ("extraction", "done", "sentences")
    assert (bad.outcome, bad.error, bad.error_class) == (
        "failed", "The model refuses this page.", "Terminal",
    )  # fmt: skip


def test_auto_sync_publishes_at_the_end(desk):
    book = desk.book()

    desk.generated(book, auto_sync=True)

    assert desk.publish.preview(book).unchanged_count == 4


def test_the_whole_work_is_done_on_either_database(database, clock):
    desk = Desk(database, clock)
    book = desk.ready()
    desk.refined(book, auto_sync=True)
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.delete(book, 4)

    job = desk.generated(book)

    assert job.status is JobStatus.COMPLETED
    assert desk.guidelines.subtopic(book, *ADDING).has_candidate
    assert desk.publish.sync(book).synced_count == 4
    assert desk.publish.approve_all(book, "eve").approved_count == 3  # one waits for a choice
    desk.guidelines.reject(book)
    assert desk.outcomes(book) == ["open"] * 9


# Again, and what was owed


def test_generate_twice_gives_the_same_and_asks_no_reader_again(desk):
    book = desk.ready()
    before, ids = desk.shown(book), [one.id for one in desk.guidelines.subtopics(book)]
    asked = len(desk.reader.asked), len(desk.writer.asked)

    desk.generated(book)

    assert desk.shown(book) == before
    assert [one.id for one in desk.guidelines.subtopics(book)] == ids
    assert (len(desk.reader.asked), len(desk.writer.asked)) == asked


def test_contract_6_3_restart_replaces_and_never_merges_a_page_a_second_time(desk):
    book = desk.ready()
    before = desk.shown(book)

    desk.generated(book, ask_again=True)

    assert len(desk.reader.asked) == 20
    assert desk.shown(book) == before


def test_contract_6_2_a_page_done_again_after_a_crash_replaces_what_it_gave(desk):
    """The worker dies after page 3 was kept and before anything else; the take-over goes on."""
    calm = desk.ready()
    book = desk.book(author="bob")
    job_id = desk.generate.start(book).job_id
    die_after(desk, book, job_id, saves=3)

    taken_over(desk, book, job_id)

    assert desk.job(book, job_id).status is JobStatus.COMPLETED
    assert desk.shown(book) == desk.shown(calm)


@pytest.mark.parametrize("saves", [0, 1, 9, 10])
def test_a_run_interrupted_anywhere_ends_like_one_that_was_not(desk, saves):
    calm = desk.ready()
    book = desk.book(author="bob")
    job_id = desk.generate.start(book).job_id
    die_after(desk, book, job_id, saves=saves)

    taken_over(desk, book, job_id)

    assert desk.shown(book) == desk.shown(calm)


def test_finish_may_run_twice(desk):
    book = desk.book()
    job = desk.generated(book, auto_sync=True)
    before = desk.shown(book)

    desk.legs()[job.type].finish(job, desk.database.begin)

    assert desk.shown(book) == before
    assert desk.publish.preview(book).unchanged_count == 4


def test_contract_6_12_a_job_stops_at_a_refusal_says_why_and_resumes_there(desk):
    book = desk.book()
    desk.reader.failures[RIBBON] = RateLimited("Slow down.")

    stopped = desk.generated(book)

    assert stopped.status is JobStatus.FAILED
    assert stopped.error_message is not None
    assert stopped.error_message.startswith("Rate limit")
    assert desk.outcomes(book)[:4] == ["used", "used", "used", "failed"]

    desk.reader.failures.clear()
    resumed = desk.generate.start(book, resume=True)
    assert resumed.message == "Resuming at page 4: 7 pages left, 3 kept."
    job = desk.work(book)
    assert (job.status, job.completed_items, job.last_completed_item) == (
        JobStatus.COMPLETED,
        10,
        10,
    )


def test_contract_6_12_three_refusals_in_a_row_stop_even_a_job_that_goes_on(desk):
    book = desk.book()
    for words in ("ribbon", "turn between", PROTRACTOR, "three corners"):
        desk.reader.failures[words] = ServerError("The model is down.")

    job = desk.generated(book, on_error=OnError.CONTINUE)

    assert (job.status, job.failed_items, job.completed_items) == (JobStatus.FAILED, 3, 3)


def test_a_refused_key_blames_no_page(desk):
    book = desk.book()
    desk.reader.failures["Chapter 1"] = KeyRefused()

    job = desk.generated(book)

    assert (job.status, job.failed_items) == (JobStatus.FAILED, 0)
    assert "failed" not in desk.outcomes(book)


def test_resume_does_every_page_that_is_owed_in_page_order(desk):
    calm = desk.ready()
    book = desk.book(author="bob")
    desk.reader.failures = {RIBBON: ServerError("Down."), PROTRACTOR: Terminal("Refused.")}
    first = desk.generated(book, on_error=OnError.CONTINUE)
    assert (first.status, first.failed_items) == (JobStatus.COMPLETED, 2)
    desk.reader.failures, desk.reader.asked = {}, []

    started = desk.generate.start(book, resume=True)
    job = desk.work(book)

    assert (started.start_page, started.end_page, started.total_pages) == (1, 10, 10)
    assert desk.reader.asked == [TEXTS[3], TEXTS[5]]
    assert (job.completed_items, desk.detail(job)["page_errors"]) == (10, {})
    assert desk.shown(book) == desk.shown(calm)


def test_a_resumed_job_starts_with_what_is_done_and_without_errors(desk):
    book = desk.book()
    desk.reader.failures[RIBBON] = ServerError("Down.")
    desk.generated(book)

    job_id = desk.generate.start(book, resume=True).job_id

    job = desk.job(book, job_id)
    assert (job.completed_items, job.failed_items, job.last_completed_item) == (3, 0, 3)
    assert sorted(desk.detail(job)["page_results"]) == ["1", "2", "3"]
    assert desk.detail(job)["page_errors"] == {}


def test_resume_with_nothing_owed_opens_no_job(desk):
    book = desk.ready()

    started = desk.generate.start(book, resume=True)

    assert (started.job_id, started.status) == (None, "already_complete")
    assert started.message == "Nothing is owed: all 10 pages are done."


def test_resume_without_an_earlier_job_starts_one(desk):
    started = desk.generate.start(desk.book(), start_page=2, end_page=3, resume=True)

    assert (started.status, started.start_page, started.end_page) == ("started", 2, 3)


def test_a_corrected_text_is_owed_and_changes_only_its_page(desk):
    book = desk.ready()
    desk.correct(book, 2, "Adding means counting parts together.")
    assert desk.guidelines.page_results(book)[1].is_outdated
    desk.reader.asked.clear()

    desk.generate.start(book, resume=True)
    desk.work(book)

    assert desk.reader.asked == ["Adding means counting parts together."]
    text = desk.guidelines.subtopic(book, *ADDING).guidelines
    assert "- Adding means counting parts together. (p. 2)" in text
    assert "three fifths" not in text


def test_a_text_corrected_during_the_run_counts_from_the_next_one(desk):
    book = desk.book()
    desk.generate.start(book)
    desk.correct(book, 2, "Adding means counting parts together.")

    desk.work(book)

    assert "three fifths" in desk.guidelines.subtopic(book, *ADDING).guidelines
    assert desk.generate.start(book, resume=True).message.startswith("Resuming at page 2")


def test_a_rejected_page_takes_its_statements_with_it_and_gives_them_back(desk):
    book = desk.ready()
    before = desk.shown(book)

    desk.reject_page(book, 2)
    assert desk.sources(book)[ADDING] == (1,)
    assert "three fifths" not in desk.guidelines.subtopic(book, *ADDING).guidelines
    assert desk.generate.start(book, resume=True).status == "already_complete"

    desk.unreview(book, 2)
    assert desk.generate.start(book, resume=True).status == "already_complete"
    assert desk.shown(book) == before


def test_a_page_whose_text_was_typed_after_it_failed_joins_its_section(desk):
    calm = desk.ready()
    book = desk.book([*TEXTS[:3], "", *TEXTS[4:]], author="bob")
    desk.generated(book)
    desk.correct(book, 4, TEXTS[3])

    started = desk.generate.start(book, resume=True)
    job = desk.work(book)

    assert started.message == "Resuming at page 4: 1 page left, 9 kept."
    assert (job.completed_items, job.failed_items) == (10, 0)
    assert desk.shown(book) == desk.shown(calm)


def test_a_page_that_was_rejected_during_generation_is_owed_when_taken_back(desk):
    book = desk.book()
    desk.reject_page(book, 2)
    desk.generated(book)

    desk.unreview(book, 2)
    desk.generate.start(book, resume=True)
    desk.work(book)

    assert desk.reader.asked[-1] == TEXTS[1]
    assert desk.sources(book)[ADDING] == (1, 2)


def test_a_page_rejected_while_the_job_runs_is_not_used(desk):
    book = desk.book()
    desk.generate.start(book)
    with desk.database.begin() as session:
        library_pages.reject(session, library_pages.get(session, book, 2))

    desk.work(book)

    assert desk.sources(book)[ADDING] == (1,)
    assert desk.outcomes(book)[1] == "skipped"


def test_a_page_added_to_a_whole_book_joins_its_resumed_job(desk):
    book = desk.ready()
    desk.add_page(book, "Turning a triangle keeps its sides.")

    started = desk.generate.start(book, resume=True)
    desk.work(book)

    assert (started.end_page, started.message) == (11, "Resuming at page 11: 1 page left, 10 kept.")
    assert desk.sources(book)[TRIANGLES] == (7, 8, 9, 10, 11)


def test_a_page_inserted_into_the_range_joins_and_deleted_ones_drop_out(desk):
    book = desk.book()
    desk.generated(book, start_page=3, end_page=6)
    desk.delete(book, 3)
    desk.add_page(book, "Angles are written with three letters.", place=5)

    started = desk.generate.start(book, resume=True)
    job = desk.work(book)

    assert (started.start_page, started.end_page, job.status) == (3, 6, JobStatus.COMPLETED)
    assert desk.sources(book)[ANGLES] == (4, 5, 6)


def test_resume_inherits_what_was_asked_for(desk):
    book = desk.book()
    desk.reader.failures[RIBBON] = ServerError("Down.")
    desk.generated(book, auto_sync=True, on_error=OnError.CONTINUE, end_page=8)

    job_id = desk.generate.start(book, resume=True).job_id

    job = desk.job(book, job_id)
    assert (job.on_error, job.total_items) == (OnError.CONTINUE, 8)
    assert job.options["auto_sync_to_db"] is True


def test_after_a_rejection_of_all_guidelines_everything_is_owed(desk):
    book = desk.ready()
    desk.guidelines.reject(book)

    started = desk.generate.start(book, resume=True)

    assert started.message == "Resuming at page 1: 10 pages left, 0 kept."


def test_contract_6_14_a_summary_that_fails_fails_the_job_and_is_no_stub(desk):
    book = desk.book()
    desk.writer.failure = ServerError("The model is down.")

    job = desk.generated(book)

    assert (job.status, job.failed_items, job.completed_items) == (JobStatus.FAILED, 0, 10)
    assert desk.guidelines.subtopics(book)[0].subtopic_summary == ""

    desk.writer.failure = None
    assert desk.generate.start(book, resume=True).status == "started"
    desk.work(book)
    assert all(one.subtopic_summary for one in desk.guidelines.subtopics(book))


class Interrupted(Summaries):
    """Somebody presses Stop while the first summary is written after the last page."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.is_pressed = False

    def subtopic_summary(self, title, items):
        with self.desk.database.begin() as session:
            active = ledger.active_jobs(session)[0]
            job = ledger.get_job(session, active.book_id, active.id)
            if job.completed_items == job.total_items and not self.is_pressed:
                ledger.request_stop(session, job.book_id, job.id, self.desk.clock())
                self.is_pressed = True
                self.asked.clear()
        return super().subtopic_summary(title, items)


def test_a_stop_while_the_last_summaries_are_written_stops_the_job_and_resume_writes_them(desk):
    calm = desk.ready()
    book = desk.book(author="bob")
    desk.writer = Interrupted(desk)

    stopped = desk.generated(book)

    assert (stopped.status, stopped.error_message) == (JobStatus.FAILED, "Stopped by you")
    assert len(desk.writer.asked) <= 2  # as many as are written at once
    assert desk.generated(book, resume=True).status is JobStatus.COMPLETED
    assert desk.shown(book) == desk.shown(calm)


# Pages that change places


def test_delete_page_3_and_move_page_7_to_2_and_ranges_and_references_follow(desk):
    book = desk.ready()

    desk.delete(book, 3)
    desk.move(book, 7, 2)

    assert desk.sources(book) == {
        ADDING: (1, 3), SUBTRACTING: (4,), ANGLES: (5, 6), TRIANGLES: (2, 7, 8, 9),
    }  # fmt: skip
    subtracting = desk.guidelines.subtopic(book, *SUBTRACTING)
    assert "Subtracting means" not in subtracting.guidelines
    assert (
        "Check every answer by adding the difference back again. (p. 4)" in subtracting.guidelines
    )
    triangles = desk.guidelines.subtopic(book, *TRIANGLES)
    assert triangles.page_range == "2-9"
    assert triangles.guidelines.index("equilateral") < triangles.guidelines.index("three corners")
    assert desk.generate.start(book, resume=True).status == "already_complete"


def test_a_subtopic_whose_last_page_is_deleted_goes_with_its_topic(desk):
    book = desk.ready(TEXTS[:6])

    desk.delete(book, 6)
    desk.delete(book, 5)

    assert set(desk.sources(book)) == {ADDING, SUBTRACTING}
    assert [one.topic_key for one in desk.guidelines.topics(book)] == ["fractions"]


def test_keys_stay_when_titles_change_on_the_pages(desk):
    book = desk.ready()
    desk.correct(book, 3, TEXTS[2].replace("1.2 Subtracting fractions", "1.2 Taking away"))

    desk.generated(book)

    one = desk.guidelines.subtopic(book, *SUBTRACTING)
    assert one.subtopic_title == "Taking away"


# Dying and taking over


def die_after(desk: Desk, book: str, job_id: str, *, saves: int) -> None:
    """Do what a worker does until it has kept so many pages, then vanish."""
    job = desk.job(book, job_id)
    leg = desk.legs()[job.type]
    with desk.database.begin() as session:
        assert ledger.claim(session, book, job_id, desk.clock()) is not None
    leg.begin(job, desk.database.begin)
    job = desk.job(book, job_id)
    with desk.database.read() as session:
        items = ledger.items_of(session, job_id)
    for item in items[:saves]:
        with desk.database.begin() as session:
            ledger.start_item(session, job_id, item.subject_id)
            leg.start(session, job, item)
        prepared = leg.prepare(job, item)
        with desk.database.begin() as session:
            result = leg.save(session, job, item, prepared)
            ledger.record_done(session, job_id, item.subject_id, result)
    for item in items[saves : saves + 2]:
        with desk.database.begin() as session:
            ledger.start_item(session, job_id, item.subject_id)


def taken_over(desk: Desk, book: str, job_id: str) -> None:
    """Another worker goes on."""
    with desk.database.begin() as session:
        dead = next(one for one in ledger.active_jobs(session) if one.id == job_id)
        token = ledger.takeover(session, dead, desk.clock())
    assert token is not None
    job = desk.job(book, job_id)
    around = Surroundings(desk.database, desk.clock, lambda _book: None, QUICK)
    Run(around, desk.legs()[job.type], job, token, is_after_crash=True).go()


def test_a_page_that_comes_back_gets_its_part_again_and_is_not_read_again(desk):
    book = desk.ready()
    before, asked = desk.shown(book), len(desk.reader.asked)

    with desk.database.begin() as session:
        kept = deletions.take_out(session, library_pages.get(session, book, 2), desk.clock())
        tidy(session, book)
    assert desk.shown(book) != before
    with desk.database.begin() as session:
        deletions.put_back(session, kept)
        tidy(session, book)
    desk.generated(book)

    assert desk.shown(book) == before
    assert len(desk.reader.asked) == asked
