"""The ledger, on both databases."""

import json
import threading

import pytest
from sqlalchemy import select, update

from hornbook.errors import ClaimLost, Conflict, JobAlreadyActive, NotFound
from hornbook.jobs import ledger
from hornbook.library.tables import BookRow, JobRow
from hornbook.model.job import (
    ErrorType,
    Failure,
    ItemState,
    JobStatus,
    JobType,
    OnError,
    PlannedItem,
)
from tests.jobs.conftest import BOOK, add_book, pages

SLOW_DOWN = Failure("Rate limit: slow down", ErrorType.RETRYABLE, "RateLimited")
NO_WORDS = Failure("No words", ErrorType.TERMINAL, "EmptyText")


def done(ledgers, job, *subjects):
    with ledgers.database.begin() as session:
        for subject in subjects:
            ledger.start_item(session, job.id, subject)
            ledger.record_done(session, job.id, subject, {"topic": "t", "subtopic": "s"})


def failed(ledgers, job, subject, failure):
    with ledgers.database.begin() as session:
        ledger.start_item(session, job.id, subject)
        return ledger.record_failed(session, job.id, subject, failure)


def test_a_job_opens_pending_with_everything_owed(ledgers):
    job = ledgers.open(pages(3, 1, 2))

    assert (job.status, job.total_items, job.completed_items) == (JobStatus.PENDING, 3, 0)
    assert (job.last_completed_item, job.error_message) == (None, None)
    assert ledgers.positions(job, ItemState.OWED) == [1, 2, 3]


def test_fifty_threads_open_a_job_and_exactly_one_gets_it(ledgers):
    outcomes = []
    barrier = threading.Barrier(50, timeout=60)

    def attempt():
        barrier.wait()
        try:
            ledgers.open(pages(1))
            outcomes.append("opened")
        except JobAlreadyActive:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["opened"] + ["refused"] * 49


def test_a_refused_job_names_the_one_in_the_way_and_leaves_the_session_usable(ledgers):
    first = ledgers.open(pages(1, 2))

    with ledgers.database.begin() as session:
        with pytest.raises(JobAlreadyActive, match="Generating guidelines is about to start"):
            ledger.open_job(
                session, BOOK, JobType.OCR, pages(1), now=ledgers.clock(), on_error=OnError.STOP
            )
        ledger.add_items(session, first.id, pages(3))

    assert ledgers.job(first).total_items == 3


def test_a_job_of_a_book_that_is_not_there_is_not_found(ledgers):
    with pytest.raises(NotFound):
        ledgers.open(pages(1), book_id="nobody")


def test_an_idle_book_is_idle_and_a_busy_one_says_with_what(ledgers):
    with ledgers.database.read() as session:
        ledger.require_idle(session, BOOK)
    job = ledgers.open(pages(1, 2), job_type=JobType.OCR)
    ledgers.claim(job)

    with (
        ledgers.database.read() as session,
        pytest.raises(JobAlreadyActive, match=r"Reading the pages is under way .*0 of 2 done"),
    ):
        ledger.require_idle(session, BOOK)


def test_a_resumed_job_starts_with_what_is_already_done(ledgers):
    already = pages(1, 2, is_done=True, result={"topic": "t", "subtopic": "s"})

    job = ledgers.open([*already, *pages(3, 4)])

    assert (job.completed_items, job.total_items, job.last_completed_item) == (2, 4, 2)
    assert ledgers.detail(job) == {
        "page_errors": {},
        "page_results": {
            "1": {"topic": "t", "subtopic": "s"},
            "2": {"topic": "t", "subtopic": "s"},
        },
        "stats": {"subtopics_created": 1, "subtopics_merged": 1},
    }


def test_the_watermark_waits_for_a_page_that_may_succeed_later(ledgers):
    job = ledgers.open(pages(1, 2, 3, 4))

    done(ledgers, job, "p1", "p3")
    assert ledgers.job(job).last_completed_item == 1
    failed(ledgers, job, "p2", SLOW_DOWN)
    assert ledgers.job(job).last_completed_item == 1


def test_the_watermark_passes_a_page_that_failed_for_good(ledgers):
    job = ledgers.open(pages(1, 2, 3, 4))

    done(ledgers, job, "p1", "p3")
    failed(ledgers, job, "p2", NO_WORDS)

    now = ledgers.job(job)
    assert (now.last_completed_item, now.completed_items, now.failed_items) == (3, 2, 1)


def test_the_watermark_never_goes_back(ledgers):
    job = ledgers.open(pages(1, 2))
    done(ledgers, job, "p1")
    failed(ledgers, job, "p2", NO_WORDS)

    with ledgers.database.begin() as session:
        ledger.add_items(session, job.id, pages(2))

    now = ledgers.job(job)
    assert (now.last_completed_item, now.failed_items, now.total_items) == (2, 0, 2)


def test_the_current_page_is_the_lowest_one_being_worked_on(ledgers):
    job = ledgers.open(pages(1, 2, 3))

    ledgers.start_items(job, "p3", "p2")
    assert ledgers.job(job).current_item == 2
    done(ledgers, job, "p2")
    assert ledgers.job(job).current_item == 3


def test_items_join_a_job_and_one_that_failed_is_owed_again_as_if_new(ledgers):
    job = ledgers.open(pages(1, 2))
    failed(ledgers, job, "p1", SLOW_DOWN)

    with ledgers.database.begin() as session:
        ledger.add_items(session, job.id, pages(1, 3))

    with ledgers.database.read() as session:
        first, *_ = ledger.items_of(session, job.id)
    assert (first.state, first.starts, first.error, first.error_type) == (
        ItemState.OWED,
        0,
        None,
        None,
    )
    assert ledgers.job(job).total_items == 3


def test_an_item_in_work_is_left_alone_when_it_is_asked_for_again(ledgers):
    job = ledgers.open(pages(1))
    ledgers.start_items(job, "p1")

    with ledgers.database.begin() as session:
        ledger.add_items(session, job.id, pages(1))

    assert ledgers.states(job) == {1: ItemState.WORKING}


def test_nothing_joins_a_job_that_has_ended(ledgers):
    job = ledgers.open(pages(1))
    with ledgers.database.begin() as session:
        ledger.fail_job(session, job, ledgers.clock(), "Stopped by you", "Stopped")

    with ledgers.database.begin() as session, pytest.raises(Conflict):
        ledger.add_items(session, job.id, pages(2))
    with ledgers.database.begin() as session, pytest.raises(NotFound):
        ledger.add_items(session, "no such job", pages(2))


def test_only_one_of_two_claims_wins(ledgers):
    job = ledgers.open(pages(1))

    token = ledgers.claim(job)

    with ledgers.database.begin() as session:
        assert ledger.claim(session, BOOK, job.id, ledgers.clock()) is None
    assert token
    assert ledgers.job(job).status is JobStatus.RUNNING
    assert ledgers.job(job).heartbeat_at == ledgers.clock()


def test_a_zombie_with_the_old_token_writes_nothing(ledgers):
    job = ledgers.open(pages(1))
    old = ledgers.claim(job)
    ledgers.clock.advance(5)
    new = ledgers.take_over(job)
    rev = ledgers.job(job).rev

    with pytest.raises(ClaimLost), ledgers.database.begin() as session:
        ledger.fence(session, BOOK, job.id, old, ledgers.clock())
    with ledgers.database.begin() as session:
        assert not ledger.beat(session, job.id, old, ledgers.clock())
        assert ledger.beat(session, job.id, new, ledgers.clock())

    assert ledgers.job(job).heartbeat_at == ledgers.clock()
    assert ledgers.job(job).rev == rev


def test_a_take_over_needs_the_token_that_was_seen(ledgers):
    job = ledgers.open(pages(1))
    ledgers.claim(job)
    with ledgers.database.read() as session:
        [seen] = ledger.active_jobs(session)
    ledgers.take_over(job)

    with ledgers.database.begin() as session:
        assert ledger.takeover(session, seen, ledgers.clock()) is None


def test_progress_ends_the_count_of_take_overs_and_of_refusals(ledgers):
    job = ledgers.open(pages(1, 2, 3))
    ledgers.claim(job)
    ledgers.take_over(job)
    assert failed(ledgers, job, "p1", SLOW_DOWN) == 1
    ledgers.take_over(job)

    done(ledgers, job, "p2")

    with ledgers.database.read() as session:
        assert ledger.active_jobs(session)[0].takeovers == 0
    assert failed(ledgers, job, "p3", SLOW_DOWN) == 1


def test_an_outcome_is_recorded_once_even_when_its_commit_seemed_to_fail(ledgers):
    job = ledgers.open(pages(1))
    done(ledgers, job, "p1")

    with ledgers.database.begin() as session:
        assert not ledger.is_working(session, job.id, "p1")
        ledger.record_failed(session, job.id, "p1", NO_WORDS)

    assert ledgers.states(job) == {1: ItemState.DONE}


def test_a_refusal_is_counted_once_even_when_its_commit_seemed_to_fail(ledgers):
    job = ledgers.open(pages(1))
    assert failed(ledgers, job, "p1", SLOW_DOWN) == 1

    with ledgers.database.begin() as session:
        assert ledger.record_failed(session, job.id, "p1", SLOW_DOWN) == 1


def test_a_job_with_items_still_owed_does_not_complete(ledgers):
    job = ledgers.open(pages(1, 2))
    done(ledgers, job, "p1")

    with ledgers.database.begin() as session:
        assert not ledger.finish_job(session, job, ledgers.clock())

    done(ledgers, job, "p2")
    with ledgers.database.begin() as session:
        assert ledger.finish_job(session, job, ledgers.clock())
    assert ledgers.job(job).status is JobStatus.COMPLETED
    assert ledgers.job(job).error_message is None


def test_the_detail_of_a_job_that_ended_is_kept_in_the_contracts_shape(ledgers):
    job = ledgers.open(pages(1, 2, 3))
    done(ledgers, job, "p1")
    failed(ledgers, job, "p2", SLOW_DOWN)
    with ledgers.database.begin() as session:
        ledger.set_stats(session, job.id, {"subtopics_finalized": 4})
        ledger.fail_job(
            session, job, ledgers.clock(), "Rate limit: stopped at page 2.", "RateLimited"
        )

    with ledgers.database.read() as session:
        column = session.scalar(select(JobRow.progress_detail))

    assert json.loads(column) == {
        "page_errors": {"2": {"error": "Rate limit: slow down", "error_type": "retryable"}},
        "page_results": {"1": {"topic": "t", "subtopic": "s"}},
        "stats": {"subtopics_created": 1, "subtopics_merged": 0, "subtopics_finalized": 4},
    }
    assert ledgers.detail(job) == json.loads(column)


def test_a_stop_can_be_asked_for_once_and_not_of_a_job_that_ended(ledgers):
    job = ledgers.open(pages(1))
    ledgers.request_stop(job)
    asked = ledgers.job(job)
    ledgers.request_stop(job)
    assert (asked.is_stop_requested, ledgers.job(job)) == (True, asked)

    with ledgers.database.begin() as session:
        ledger.fail_job(session, job, ledgers.clock(), "Stopped by you", "Stopped")
    ended = ledgers.job(job)
    ledgers.request_stop(job)

    assert ledgers.job(job) == ended


def test_every_visible_change_raises_the_books_revision(ledgers):
    def revision():
        with ledgers.database.read() as session:
            return session.scalar(select(BookRow.rev))

    before = revision()
    job = ledgers.open(pages(1))
    assert job.rev == revision() > before
    token = ledgers.claim(job)
    with ledgers.database.begin() as session:
        ledger.fence(session, BOOK, job.id, token, ledgers.clock())
        ledger.start_item(session, job.id, "p1")

    assert ledgers.job(job).rev == revision() == before + 3


def test_notes_plans_and_pauses_are_kept_with_the_job(ledgers):
    job = ledgers.open(pages(1))

    with ledgers.database.begin() as session:
        ledger.freeze_plan(session, job.id, {"outline": [1, 2]})
        ledger.pause(session, job.id, "Rate limit", ledgers.clock())
        ledger.set_note(session, job.id, "writing 3 subtopics")

    now = ledgers.job(job)
    assert (now.plan, now.note, now.waits_until) == (
        {"outline": [1, 2]},
        "writing 3 subtopics",
        ledgers.clock(),
    )


def test_each_item_keeps_when_it_ended_and_the_revision_at_which_it_changed(ledgers):
    job = ledgers.open([PlannedItem("p1", 1, is_done=True), *pages(2, 3)])
    opened = ledgers.job(job).rev
    token = ledgers.claim(job)
    with ledgers.database.begin() as session:
        ledger.fence(session, BOOK, job.id, token, ledgers.clock())
        ledger.start_item(session, job.id, "p2")
        ledger.record_done(session, job.id, "p2", {})

    with ledgers.database.read() as session:
        kept, done, owed = ledger.items_of(session, job.id)

    assert (kept.ended_at, owed.ended_at) == (None, None)
    assert done.ended_at == ledgers.clock()
    assert (kept.rev, owed.rev) == (opened, opened)
    assert done.rev == ledgers.job(job).rev > opened


def test_the_latest_job_is_the_active_one_else_the_one_started_last(ledgers):
    with ledgers.database.read() as session:
        assert ledger.latest_job(session, BOOK) is None
    first = ledgers.open(pages(1), job_type=JobType.OCR)
    with ledgers.database.begin() as session:
        ledger.fail_job(session, first, ledgers.clock(), "Stopped by you", "Stopped")
    ledgers.clock.advance(-60)
    second = ledgers.open(pages(1))

    with ledgers.database.read() as session:
        assert ledger.latest_job(session, BOOK).id == second.id
        assert ledger.latest_job(session, BOOK, JobType.OCR).id == first.id
        assert ledger.active_job(session, BOOK).id == second.id
        assert [job.id for job in ledger.list_jobs(session, limit=9, offset=0)] == [
            first.id,
            second.id,
        ]
        assert [job.id for job in ledger.list_jobs(session, limit=9, offset=1)] == [second.id]


def test_a_job_is_found_only_in_its_own_book(ledgers):
    job = ledgers.open(pages(1))
    add_book(ledgers.database, "another")

    with ledgers.database.read() as session, pytest.raises(NotFound):
        ledger.get_job(session, "another", job.id)


def test_a_row_of_another_system_is_read_with_sensible_defaults(ledgers):
    job = ledgers.open([])
    with ledgers.database.begin() as session:
        session.execute(
            update(JobRow).values(
                status="failed", total_items=None, on_error=None, options=None, takeovers=None,
                rev=None, is_stop_requested=None, progress_detail='{"page_errors": {}}',
            )
        )  # fmt: skip

    row = ledgers.job(job)

    assert (row.total_items, row.on_error, row.options, row.rev) == (0, OnError.STOP, {}, 0)
    assert ledgers.detail(job) == {"page_errors": {}}
