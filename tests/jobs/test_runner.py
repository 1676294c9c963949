"""One run of one job."""

import threading
import time

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from hornbook.errors import (
    EmptyText,
    KeyRefused,
    NotFound,
    RateLimited,
    ServerError,
    StoreFull,
    StoreUnavailable,
    TimedOut,
)
from hornbook.jobs import ledger
from hornbook.jobs.hold import Hold
from hornbook.jobs.retry import Patience
from hornbook.model.job import ItemState, JobStatus, JobType, OnError, Retry
from tests.jobs.conftest import FakeLeg, pages
from tests.waiting import wait_until

AWAY = OperationalError("SELECT 1", {}, Exception("gone"))


def start(run) -> threading.Thread:
    thread = threading.Thread(target=run.go, daemon=True)
    thread.start()
    return thread


def test_a_job_goes_page_by_page_to_its_end(desk):
    leg = FakeLeg()

    job = desk.run(leg, desk.open(pages(1, 2)))

    assert leg.events == [
        "begin", "start 1", "prepare 1", "save 1", "start 2", "prepare 2", "save 2", "finish",
    ]  # fmt: skip
    assert (job.status, job.completed_items, job.last_completed_item) == (JobStatus.COMPLETED, 2, 2)
    assert (job.current_item, job.error_message, job.completed_at) == (None, None, desk.clock())


def test_a_job_is_terminal_only_after_the_bucket_has_caught_up(desk):
    seen = []
    job = desk.open(pages(1))
    desk.catch_up = lambda book: seen.append(desk.job(job).status)

    desk.run(FakeLeg(), job)

    assert seen == [JobStatus.RUNNING]
    assert desk.job(job).status is JobStatus.COMPLETED


def test_a_bucket_that_cannot_catch_up_does_not_keep_the_job_from_ending(desk):
    def broken(book):
        raise RuntimeError(book)

    desk.catch_up = broken

    assert desk.run(FakeLeg(), desk.open(pages(1))).status is JobStatus.COMPLETED


def test_what_is_done_already_is_not_done_again(desk):
    leg = FakeLeg()

    job = desk.run(leg, desk.open([*pages(1, 2, is_done=True), *pages(3)]))

    assert leg.of("prepare") == [3]
    assert (job.completed_items, job.last_completed_item) == (3, 3)


def test_outcomes_are_saved_in_order_though_work_runs_ahead(desk):
    late = threading.Event()
    leg = FakeLeg(parallel=4, script={1: [lambda: late.wait(5)], 4: [late.set]})

    job = desk.run(leg, desk.open(pages(*range(1, 9))))

    assert leg.of("save") == list(range(1, 9))
    assert job.status is JobStatus.COMPLETED


def test_work_runs_at_most_sixteen_pages_ahead(desk):
    first, begun = threading.Event(), []
    leg = FakeLeg(parallel=3, script={1: [lambda: first.wait(10)]})
    job = desk.open(pages(*range(1, 41)))
    thread = start(desk.run_of(job, leg, desk.claim(job)))

    wait_until(lambda: len(leg.of("prepare")) == 16)
    time.sleep(0.1)
    begun = leg.of("prepare")
    first.set()
    thread.join(10)

    assert max(begun) == 16
    assert leg.of("save") == list(range(1, 41))


def test_an_unordered_leg_saves_as_results_come_and_works_in_parallel(desk):
    together = threading.Barrier(2, timeout=5)
    slow = threading.Event()
    leg = FakeLeg(
        is_ordered=False,
        parallel=2,
        script={1: [lambda: (together.wait(), slow.wait(5))], 2: [together.wait], 4: [slow.set]},
    )

    desk.run(leg, desk.open(pages(1, 2, 3, 4), job_type=JobType.OCR))

    assert leg.of("save")[0] == 2
    assert sorted(leg.of("save")) == [1, 2, 3, 4]


def test_a_page_that_fails_for_good_is_recorded_and_passed(desk):
    leg = FakeLeg(script={2: [EmptyText()]})

    job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert (job.status, job.completed_items, job.failed_items) == (JobStatus.COMPLETED, 2, 1)
    assert desk.detail(job)["page_errors"]["2"]["error_type"] == "terminal"
    assert leg.of("fail") == [2]
    assert job.last_completed_item == 3


def test_a_page_may_turn_out_hopeless_when_it_is_saved(desk):
    def refuse(page):
        if page == 2:
            raise EmptyText

    leg = FakeLeg(on_save=refuse)

    job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert desk.states(job) == {1: ItemState.DONE, 2: ItemState.FAILED, 3: ItemState.DONE}


def test_a_page_that_succeeds_at_the_third_retry_counts_as_done(desk):
    leg = FakeLeg(script={1: [TimedOut(), RateLimited(), ServerError()]})

    job = desk.run(leg, desk.open(pages(1)))

    assert (job.status, job.completed_items) == (JobStatus.COMPLETED, 1)
    assert leg.of("prepare") == [1] * 4


def test_generation_stops_at_the_page_that_the_provider_refuses(desk):
    leg = FakeLeg(script={2: [RateLimited("too many requests")] * 4})

    job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert job.status is JobStatus.FAILED
    assert job.error_message == "Rate limit: too many requests (stopped at page 2)."
    assert job.error_class == "RateLimited"
    assert desk.states(job) == {1: ItemState.DONE, 2: ItemState.FAILED, 3: ItemState.OWED}
    assert desk.detail(job)["page_errors"] == {
        "2": {"error": "Rate limit: too many requests", "error_type": "retryable"}
    }


def test_nothing_behind_the_page_that_stopped_an_ordered_job_is_saved(desk):
    leg = FakeLeg(parallel=4, script={2: [ServerError()] * 4})

    job = desk.run(leg, desk.open(pages(1, 2, 3, 4)))

    assert leg.of("save") == [1]
    assert desk.positions(job, ItemState.OWED) == [3, 4]
    assert leg.of("release") == [page for page in leg.of("start") if page > 2]


def test_reading_goes_on_past_a_page_that_the_provider_refuses(desk):
    leg = FakeLeg(script={2: [RateLimited()] * 4})

    job = desk.run(leg, desk.open(pages(1, 2, 3), on_error=OnError.CONTINUE))

    assert job.status is JobStatus.COMPLETED
    assert desk.states(job) == {1: ItemState.DONE, 2: ItemState.FAILED, 3: ItemState.DONE}
    assert job.last_completed_item == 1


def test_three_refusals_in_a_row_stop_the_job_and_leave_the_rest_owed(desk):
    leg = FakeLeg(script={page: [ServerError("down")] * 4 for page in range(2, 9)})

    job = desk.run(leg, desk.open(pages(*range(1, 9)), on_error=OnError.CONTINUE))

    assert (job.status, job.failed_items) == (JobStatus.FAILED, 3)
    assert job.error_message == "Server error: down (stopped at page 4)."
    assert desk.positions(job, ItemState.OWED) == [5, 6, 7, 8]


def test_with_the_model_down_a_parallel_job_does_not_try_every_page_in_vain(desk):
    leg = FakeLeg(
        parallel=4, is_ordered=False, script={page: [ServerError()] * 4 for page in range(1, 21)}
    )

    job = desk.run(leg, desk.open(pages(*range(1, 21)), on_error=OnError.CONTINUE))

    assert (job.status, job.failed_items) == (JobStatus.FAILED, 3)
    assert len(desk.positions(job, ItemState.OWED)) == 17


def test_refusals_with_successes_between_them_do_not_stop_the_job(desk):
    leg = FakeLeg(script={page: [ServerError()] * 4 for page in (1, 2, 4, 5)})

    job = desk.run(leg, desk.open(pages(1, 2, 3, 4, 5, 6), on_error=OnError.CONTINUE))

    assert (job.status, job.failed_items) == (JobStatus.COMPLETED, 4)


def test_a_pause_longer_than_five_minutes_stops_the_job_and_names_the_time(desk):
    leg = FakeLeg(script={1: [RateLimited("slow down", retry_after=3600)]})

    job = desk.run(leg, desk.open(pages(1, 2), on_error=OnError.CONTINUE))

    assert job.error_message == (
        "Rate limit: slow down; the provider asks to wait until 2026-03-01 10:00 UTC"
        " (stopped at page 1)."
    )


def test_a_refused_key_stops_the_job_and_blames_no_page(desk):
    leg = FakeLeg(parallel=2, script={2: [KeyRefused()]})

    job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert (job.status, job.failed_items) == (JobStatus.FAILED, 0)
    assert job.error_message.startswith("Key refused: ")
    assert job.error_message.endswith("(stopped at page 2).")
    assert desk.states(job)[2] is ItemState.OWED
    assert leg.of("release")[0] == 2


def test_pages_read_beside_the_one_that_met_the_refused_key_are_kept(desk):
    met = threading.Event()
    script = {1: [lambda: met.wait(5)], 2: [KeyRefused()]}
    leg = FakeLeg(parallel=2, is_ordered=False, script=script, on_release=lambda page: met.set())

    job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert desk.states(job) == {1: ItemState.DONE, 2: ItemState.OWED, 3: ItemState.OWED}


def test_a_bug_fails_the_job_with_its_traceback_in_the_log_and_blames_no_page(desk):
    leg = FakeLeg(script={2: [ZeroDivisionError("division by zero")]})

    with capture_logs() as logs:
        job = desk.run(leg, desk.open(pages(1, 2, 3)))

    [bug] = [entry for entry in logs if entry["event"] == "job.bug"]
    assert isinstance(bug["exc_info"], ZeroDivisionError)
    assert job.error_message == (
        "Server error: an unexpected fault (ZeroDivisionError); the log has the details"
        " (stopped at page 2)."
    )
    assert desk.states(job) == {1: ItemState.DONE, 2: ItemState.OWED, 3: ItemState.OWED}


def test_a_bug_in_saving_writes_nothing_of_that_page(desk):
    def broken(page):
        raise KeyError(page)

    job = desk.run(FakeLeg(on_save=broken), desk.open(pages(1)))

    assert (job.status, job.completed_items, job.error_class) == (JobStatus.FAILED, 0, "KeyError")


def test_a_bug_in_giving_a_page_back_does_not_keep_the_job_from_ending(desk):
    def broken(page):
        raise KeyError(page)

    leg = FakeLeg(script={1: [KeyRefused()]}, on_release=broken)

    job = desk.run(leg, desk.open(pages(1)))

    assert (job.status, job.error_class) == (JobStatus.FAILED, "KeyRefused")
    assert desk.states(job) == {1: ItemState.OWED}


@pytest.mark.parametrize("phase", ["on_begin", "on_finish"])
def test_a_bug_around_the_pages_fails_the_job(desk, phase):
    def broken(fenced):
        raise ZeroDivisionError

    job = desk.run(FakeLeg(**{phase: broken}), desk.open(pages(1)))

    assert (job.status, job.error_class) == (JobStatus.FAILED, "ZeroDivisionError")


def test_what_is_missing_around_the_pages_fails_the_job_with_its_sentence(desk):
    def missing(fenced):
        raise NotFound("There is no outline.")

    job = desk.run(FakeLeg(on_begin=missing), desk.open(pages(1)))

    assert job.error_message == "Server error: There is no outline (stopped at page 1)."


def test_the_end_of_a_job_is_tried_again_like_a_page(desk):
    troubles = [TimedOut(), ServerError()]

    def finish(fenced):
        if troubles:
            raise troubles.pop()

    leg = FakeLeg(on_finish=finish)

    job = desk.run(leg, desk.open(pages(1)))

    assert (job.status, leg.events.count("finish")) == (JobStatus.COMPLETED, 3)


def test_a_plan_frozen_at_the_beginning_is_known_to_every_page(desk):
    seen = []

    def freeze(fenced):
        with fenced() as session:
            ledger.freeze_plan(session, job.id, {"entries": 3})

    leg = FakeLeg(on_begin=freeze)
    leg.prepare = lambda job, item: seen.append(job.plan) or item.position
    job = desk.open(pages(1))

    desk.run(leg, job)

    assert seen == [{"entries": 3}]


def test_a_stop_is_obeyed_at_the_next_page(desk):
    leg = FakeLeg()
    job = desk.open(pages(1, 2, 3))
    leg.script[2] = [lambda: desk.request_stop(job)]

    ended = desk.run(leg, job)

    assert (ended.status, ended.error_message) == (JobStatus.FAILED, "Stopped by you at page 3")
    assert ended.error_class == "Stopped"
    assert leg.of("save") == [1, 2]
    assert "finish" not in leg.events


def test_a_stop_cuts_a_wait_short_and_the_page_stays_owed(desk):
    desk.patience = Patience()
    leg = FakeLeg(script={1: [RateLimited(retry_after=200)]})
    job = desk.open(pages(1, 2))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: desk.job(job).waits_until)

    desk.request_stop(job)
    run.nudge()
    thread.join(5)

    assert desk.job(job).error_message == "Stopped by you at page 1"
    assert desk.job(job).failed_items == 0


def test_whoever_does_not_want_to_wait_has_the_next_attempt_made_at_once(desk):
    desk.patience = Patience()
    leg = FakeLeg(script={1: [RateLimited(retry_after=200)]})
    job = desk.open(pages(1))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: desk.job(job).retry)

    desk.hurry(job)
    assert desk.job(job).waits_until is None
    run.nudge()
    thread.join(5)

    ended = desk.job(job)
    assert (ended.status, ended.retry, ended.note) == (JobStatus.COMPLETED, None, None)


def test_a_wait_that_begins_after_somebody_hurried_takes_its_time(desk):
    desk.patience = Patience()
    leg = FakeLeg(script={1: [RateLimited(retry_after=200), RateLimited(retry_after=200)]})
    job = desk.open(pages(1))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: desk.job(job).retry)

    desk.hurry(job)
    run.nudge()
    wait_until(lambda: (desk.job(job).retry or Retry(1, 0, 0)).number == 2)
    run.nudge()

    assert not desk.job(job).retry.is_hurried
    assert leg.of("prepare") == [1, 1]
    desk.request_stop(job)
    run.nudge()
    thread.join(5)


def test_nobody_can_hurry_a_job_that_does_not_wait(desk):
    job = desk.open(pages(1))

    desk.hurry(job)

    assert desk.job(job).retry is None
    assert desk.job(job).rev == job.rev


def test_a_stop_that_comes_with_the_last_page_finds_the_job_done(desk):
    leg = FakeLeg()
    job = desk.open(pages(1))
    leg.script[1] = [lambda: desk.request_stop(job)]

    assert desk.run(leg, job).status is JobStatus.COMPLETED


def test_a_stop_ends_a_job_that_waits_for_pages_to_join(desk):
    job = desk.open(pages(1))
    leg = FakeLeg(more=lambda: True)
    leg.on_save = lambda page: None
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: desk.job(job).completed_items == 1)

    desk.request_stop(job)
    run.nudge()
    thread.join(5)

    assert desk.job(job).error_message == "Stopped by you"


def test_a_stop_cuts_the_wait_at_the_end_of_a_job_short(desk):
    desk.patience = Patience()

    def refused(fenced):
        desk.request_stop(job)
        raise RateLimited(retry_after=200)

    job = desk.open(pages(1))

    assert desk.run(FakeLeg(on_finish=refused), job).error_message == "Stopped by you"


@pytest.mark.parametrize("phase", ["on_begin", "on_finish"])
def test_a_stop_is_obeyed_between_two_writes_around_the_pages(desk, phase):
    written = []

    def write_twice(fenced):
        with fenced():
            written.append("before")
        desk.request_stop(job)
        with fenced():
            written.append("after")

    job = desk.open(pages(1))

    ended = desk.run(FakeLeg(**{phase: write_twice}), job)

    assert (ended.status, ended.error_class) == (JobStatus.FAILED, "Stopped")
    assert ended.error_message.startswith("Stopped by you")
    assert written == ["before"]


def test_a_stop_that_comes_after_the_last_write_finds_the_job_done(desk):
    def write_once(fenced):
        with fenced():
            pass
        desk.request_stop(job)

    job = desk.open(pages(1))

    assert desk.run(FakeLeg(on_finish=write_once), job).status is JobStatus.COMPLETED


def test_pages_that_join_a_running_job_are_done_too(desk):
    job = desk.open(pages(1), job_type=JobType.OCR)
    is_open = [True]
    leg = FakeLeg(is_ordered=False, more=lambda: is_open[0])
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: desk.job(job).completed_items == 1)

    with desk.database.begin() as session:
        ledger.add_items(session, job.id, pages(2, 3))
        is_open[0] = False
    run.nudge()
    thread.join(5)

    ended = desk.job(job)
    assert (ended.status, ended.total_items, ended.completed_items) == (JobStatus.COMPLETED, 3, 3)


def test_a_page_that_joins_while_the_job_ends_is_done_before_it_ends(desk):
    job = desk.open(pages(1))

    def join(fenced):
        if len(desk.states(job)) == 1:
            with fenced() as session:
                ledger.add_items(session, job.id, pages(2))

    leg = FakeLeg(on_finish=join)

    ended = desk.run(leg, job)

    assert (ended.status, ended.completed_items) == (JobStatus.COMPLETED, 2)
    assert leg.events.count("finish") == 2


def test_the_screen_says_that_and_how_long_a_provider_makes_us_wait(desk):
    desk.patience = Patience(waits=(0.01,) * 3)
    seen = []
    leg = FakeLeg(script={1: [RateLimited(retry_after=1.5)]})
    job = desk.open(pages(1))
    thread = start(desk.run_of(job, leg, desk.claim(job)))

    wait_until(lambda: desk.job(job).waits_until)
    seen = desk.job(job)
    thread.join(10)

    assert seen.note == "Rate limit"
    assert seen.retry == Retry(position=1, number=1, of=3)
    assert (seen.waits_until - desk.clock()).total_seconds() == 1.5
    assert desk.job(job).retry is None
    assert (desk.job(job).note, desk.job(job).waits_until) == (None, None)
    assert desk.job(job).status is JobStatus.COMPLETED


def test_a_pause_is_forgotten_only_when_no_page_waits_any_more(desk):
    leg = FakeLeg(
        parallel=2,
        script={1: [RateLimited(retry_after=1.0)], 2: [RateLimited(retry_after=1.4)]},
    )
    desk.patience = Patience()
    job = desk.open(pages(1, 2))
    thread = start(desk.run_of(job, leg, desk.claim(job)))

    wait_until(lambda: desk.job(job).completed_items == 1)
    between = desk.job(job)
    thread.join(10)

    assert between.note == "Rate limit"
    assert desk.job(job).note is None


def test_a_store_that_comes_back_in_time_blames_no_page(desk):
    desk.patience = Patience(waits=(0.001,) * 3, outage=30)
    leg = FakeLeg(script={1: [StoreUnavailable()] * 20})

    job = desk.run(leg, desk.open(pages(1)))

    assert (job.status, job.failed_items) == (JobStatus.COMPLETED, 0)


def test_a_store_that_stays_away_stops_the_job_resumably(desk):
    pages_away = {page: [StoreUnavailable()] * 99 for page in range(1, 9)}
    leg = FakeLeg(script=pages_away)

    job = desk.run(leg, desk.open(pages(*range(1, 9)), on_error=OnError.CONTINUE))

    assert job.status is JobStatus.FAILED
    assert (
        job.error_message == "Server error: the object store does not answer (stopped at page 1)."
    )


def test_a_page_is_never_blamed_for_a_store_that_is_away(desk):
    leg = FakeLeg(
        parallel=2, is_ordered=False, script={page: [StoreUnavailable()] * 99 for page in (2, 3)}
    )
    job = desk.open(pages(1, 2, 3, 4), on_error=OnError.CONTINUE)

    ended = desk.run(leg, job)

    assert (ended.status, ended.failed_items) == (JobStatus.FAILED, 0)
    assert leg.of("fail") == []
    assert set(desk.positions(job, ItemState.OWED)) >= {2, 3}


def test_a_job_says_what_it_waits_for_until_it_answers(desk):
    answers = threading.Event()

    def ask():
        if not answers.is_set():
            raise StoreUnavailable

    desk.patience = Patience(waits=(0.01,) * 3, outage=30)
    leg = FakeLeg(script={1: [ask] * 5000})
    job = desk.open(pages(1))
    thread = start(desk.run_of(job, leg, desk.claim(job)))
    wait_until(lambda: desk.job(job).note)
    said = {desk.job(job).note for _ in range(50)}
    answers.set()
    thread.join(10)

    assert said == {"Waiting for the object store"}
    assert desk.job(job).status is JobStatus.COMPLETED
    assert desk.job(job).note is None


@pytest.mark.parametrize("phase", ["on_begin", "on_finish"])
def test_a_job_that_waits_around_its_pages_says_for_what(desk, phase):
    notes = []

    def ask(fenced):
        notes.append(desk.job(job).note)
        if len(notes) < 3:
            raise StoreFull

    desk.patience = Patience(waits=(0.01,) * 3, outage=30)
    job = desk.open(pages(1))

    desk.run(FakeLeg(**{phase: ask}), job)

    assert notes == [None, *["Waiting for room on the disk of the object store"] * 2]
    assert (desk.job(job).status, desk.job(job).note) == (JobStatus.COMPLETED, None)


def test_a_database_that_stumbles_while_a_page_is_recorded_costs_nothing(desk):
    stumbles = [AWAY]

    def stumble(page):
        if stumbles:
            raise stumbles.pop()

    leg = FakeLeg(on_save=stumble)

    job = desk.run(leg, desk.open(pages(1, 2)))

    assert (job.status, job.completed_items) == (JobStatus.COMPLETED, 2)
    assert leg.of("prepare") == [1, 2]


@pytest.mark.parametrize("where", ["save", "prepare", "more"])
def test_a_database_that_stays_away_leaves_the_job_to_be_taken_over(desk, where):
    def away(*_):
        raise AWAY

    legs = {
        "save": FakeLeg(on_save=away),
        "prepare": FakeLeg(script={1: [AWAY] * 99}),
        "more": FakeLeg(more=away),
    }

    job = desk.run(legs[where], desk.open(pages(1)))

    assert (job.status, job.failed_items) == (JobStatus.RUNNING, 0)


def test_a_commit_that_got_through_though_it_seemed_to_fail_is_not_repeated(desk):
    leg = FakeLeg()
    job = desk.open(pages(1, 2))
    hold = Hold(desk.around, leg, job, desk.claim(job))
    one, two = hold.look(limit=2)

    for _ in range(2):
        hold.start(one)
        hold.start(two)
    for _ in range(2):
        hold.save(one, 1)
        hold.record_failure(two, EmptyText())

    assert leg.events == ["start 1", "start 2", "save 1", "fail 2"]
    assert desk.job(job).failed_items == 1


def test_a_run_that_lost_its_job_gives_nothing_back(desk):
    def taken_over():
        desk.take_over(job)
        raise KeyRefused

    job = desk.open(pages(1))
    leg = FakeLeg(script={1: [taken_over]})

    desk.run(leg, job)

    assert desk.job(job).status is JobStatus.RUNNING
    assert desk.states(job) == {1: ItemState.WORKING}


def test_a_page_refused_while_the_job_ends_anyway_is_owed_and_not_blamed(desk):
    last_try, ending = threading.Event(), threading.Event()

    def refused_late():
        last_try.set()
        ending.wait(5)
        raise ServerError

    def key_refused():
        last_try.wait(5)
        raise KeyRefused

    script = {1: [key_refused], 2: [ServerError()] * 3 + [refused_late]}
    leg = FakeLeg(parallel=2, is_ordered=False, script=script)
    leg.on_release = lambda page: threading.Timer(0.2, ending.set).start()

    job = desk.run(leg, desk.open(pages(1, 2)))

    assert (job.error_class, job.failed_items) == ("KeyRefused", 0)


def test_a_run_that_lost_its_job_writes_nothing_more(desk):
    leg = FakeLeg()
    job = desk.open(pages(1, 2))
    leg.script[1] = [lambda: desk.take_over(job)]

    with capture_logs() as logs:
        desk.run(leg, job)

    assert leg.of("save") == []
    assert desk.states(job) == {1: ItemState.WORKING, 2: ItemState.OWED}
    assert logs[-1]["event"] == "job.claim_lost"


def test_a_run_that_lost_its_job_at_the_end_leaves_the_bucket_alone(desk):
    caught_up = []
    desk.catch_up = caught_up.append
    job = desk.open(pages(1))

    desk.run(FakeLeg(on_finish=lambda fenced: desk.take_over(job)), job)

    assert caught_up == []
    assert desk.job(job).status is JobStatus.RUNNING


def test_a_shutdown_ends_the_page_being_worked_on_and_leaves_the_job_resumable(desk):
    leg = FakeLeg(script={1: [lambda: desk.shutdown.begin(5)]})

    job = desk.run(leg, desk.open(pages(1, 2)))

    assert (job.status, job.completed_items, job.error_message) == (JobStatus.PENDING, 1, None)
    assert leg.of("save") == [1]


def test_a_shutdown_abandons_a_page_that_outlasts_the_grace(desk):
    hang = threading.Event()
    leg = FakeLeg(parallel=2, script={1: [lambda: hang.wait(10)]})
    job = desk.open(pages(1, 2, 3))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: len(leg.of("prepare")) == 3)

    desk.shutdown.begin(0.2)
    run.nudge()
    thread.join(5)
    hang.set()

    assert desk.job(job).status is JobStatus.PENDING
    assert set(desk.states(job).values()) == {ItemState.OWED}
    with desk.database.read() as session:
        assert [item.starts for item in ledger.items_of(session, job.id)] == [0, 0, 0]


def test_a_shutdown_cuts_waits_short_and_blames_no_page(desk):
    desk.patience = Patience()
    leg = FakeLeg(script={1: [RateLimited(retry_after=200)]})
    job = desk.open(pages(1))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: desk.job(job).waits_until)

    desk.shutdown.begin(5)
    run.nudge()
    thread.join(5)

    assert (desk.job(job).status, desk.states(job)) == (JobStatus.PENDING, {1: ItemState.OWED})
    assert desk.job(job).note is None


def test_a_shutdown_ends_the_last_phase_between_two_writes(desk):
    def finish(fenced):
        with fenced():
            desk.shutdown.begin(5)
        with fenced():
            raise AssertionError

    job = desk.run(FakeLeg(on_finish=finish), desk.open(pages(1)))

    assert (job.status, job.completed_items) == (JobStatus.PENDING, 1)


def test_a_shutdown_ends_the_wait_of_a_phase(desk):
    desk.patience = Patience()

    def begin(fenced):
        threading.Timer(0.05, desk.shutdown.begin, [5]).start()
        raise RateLimited(retry_after=200)

    job = desk.run(FakeLeg(on_begin=begin), desk.open(pages(1)))

    assert job.status is JobStatus.PENDING


def test_whoever_takes_over_does_what_the_dead_worker_left(desk):
    job = desk.open(pages(1, 2, 3))
    desk.claim(job)
    desk.start_items(job, "p1", "p2")
    leg = FakeLeg()

    desk.run_of(job, leg, desk.take_over(job), is_after_crash=True).go()

    assert leg.of("release") == [1, 2]
    assert leg.of("save") == [1, 2, 3]
    assert desk.job(job).status is JobStatus.COMPLETED


def test_a_page_that_ended_three_workers_is_recorded_and_passed(desk):
    job = desk.open(pages(1, 2))
    desk.claim(job)
    desk.start_items(job, "p1", times=3)
    leg = FakeLeg()

    desk.run_of(job, leg, desk.take_over(job), is_after_crash=True).go()

    ended = desk.job(job)
    assert (ended.status, ended.failed_items) == (JobStatus.COMPLETED, 1)
    assert desk.detail(job)["page_errors"]["1"]["error_type"] == "terminal"
    assert leg.of("fail") == [1]


def test_a_run_that_left_in_an_outage_is_not_held_against_its_pages(desk):
    job = desk.open(pages(1))
    desk.claim(job)
    desk.start_items(job, "p1", times=3)

    desk.run_of(job, FakeLeg(), desk.take_over(job), is_after_crash=False).go()

    assert desk.states(job) == {1: ItemState.DONE}


def test_a_page_under_suspicion_is_tried_alone_so_that_its_neighbours_are_not_blamed(desk):
    job = desk.open(pages(1, 2, 3, 4))
    desk.claim(job)
    desk.start_items(job, "p1", "p2", times=2)
    airborne = []
    leg = FakeLeg(parallel=4)
    record = lambda: airborne.append(len(desk.positions(job, ItemState.WORKING)))  # noqa: E731
    leg.script = {1: [record], 2: [record]}

    desk.run_of(job, leg, desk.take_over(job), is_after_crash=True).go()

    assert airborne == [1, 1]
    assert leg.of("save") == [1, 2, 3, 4]


def test_a_job_may_be_marked_failed_instead_of_going_on_after_a_crash(desk):
    job = desk.open(pages(1, 2, 3))
    desk.claim(job)
    desk.start_items(job, "p1")

    desk.run_of(job, FakeLeg(), desk.take_over(job), is_after_crash=True).interrupt()

    assert desk.job(job).error_message == (
        "Interrupted: the server stopped at page 1. Resume goes on from there."
    )
    assert desk.states(job)[1] is ItemState.OWED


def test_a_subtopic_is_called_a_subtopic(desk):
    leg = FakeLeg(script={2: [KeyRefused("Key refused")]})

    job = desk.run(leg, desk.open(pages(1, 2), job_type=JobType.FINALIZATION))

    assert job.error_message == "Key refused (stopped at subtopic 2)."


def test_a_run_looks_alive_during_a_slow_page_but_not_past_its_deadline(desk):
    gate = threading.Event()
    leg = FakeLeg(script={1: [lambda: gate.wait(10)]}, deadline=0.4)
    job = desk.open(pages(1))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: leg.of("prepare") == [1])

    desk.clock.advance(10)
    run.beat()
    alive_at = desk.job(job).heartbeat_at
    wait_until(lambda: run.is_hung)
    desk.clock.advance(10)
    run.beat()
    hung_at = desk.job(job).heartbeat_at
    gate.set()
    thread.join(5)

    assert hung_at == alive_at
    assert not run.is_hung


def test_a_wait_between_attempts_is_no_hanging(desk):
    desk.patience = Patience()
    leg = FakeLeg(script={1: [RateLimited(retry_after=200)]}, deadline=0.0)
    job = desk.open(pages(1))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    wait_until(lambda: desk.job(job).waits_until)

    assert not run.is_hung

    desk.shutdown.begin(5)
    run.nudge()
    thread.join(5)


def test_each_outcome_is_one_event_with_its_book_its_job_and_its_page(desk):
    leg = FakeLeg(script={2: [EmptyText()]})

    with capture_logs() as logs:
        job = desk.run(leg, desk.open(pages(1, 2)))

    assert [entry["event"] for entry in logs] == ["page.done", "page.failed", "job.completed"]
    assert {(entry["book"], entry["job"]) for entry in logs} == {(job.book_id, job.id)}
    assert [entry["page"] for entry in logs[:2]] == [1, 2]


def test_statistics_follow_from_where_the_pages_went(desk):
    job = desk.run(FakeLeg(), desk.open(pages(1, 2, 3, 4, 5)))

    assert desk.detail(job)["stats"] == {"subtopics_created": 3, "subtopics_merged": 2}


# A chain


def test_readings_run_ahead_of_a_chain_that_decides_page_by_page(desk):
    ahead = threading.Event()
    leg = FakeLeg(
        is_chained=True, parallel=3, script={3: [ahead.set]}, verdicts={1: [lambda: ahead.wait(5)]}
    )

    job = desk.run(leg, desk.open(pages(*range(1, 9))))

    assert ahead.is_set()
    assert leg.of("decide") == leg.of("save") == list(range(1, 9))
    for page in range(2, 9):
        assert leg.events.index(f"save {page - 1}") < leg.events.index(f"decide {page}")
    assert job.status is JobStatus.COMPLETED


def test_a_decision_is_tried_again_like_a_reading_and_the_page_is_not_read_again(desk):
    leg = FakeLeg(is_chained=True, verdicts={2: [ServerError(), ServerError()]})

    job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert leg.of("decide") == [1, 2, 2, 2, 3]
    assert leg.of("prepare") == [1, 2, 3]
    assert job.status is JobStatus.COMPLETED


def test_a_job_whose_decisions_are_refused_stops_there_and_saves_nothing_behind(desk):
    leg = FakeLeg(is_chained=True, parallel=3, verdicts={2: [ServerError()] * 4})

    job = desk.run(leg, desk.open(pages(*range(1, 7)), on_error=OnError.STOP))

    assert leg.of("save") == [1]
    assert (job.status, job.last_completed_item) == (JobStatus.FAILED, 1)


def test_stop_leaves_undecided_pages_owed_and_decides_no_more(desk):
    stopped, waiting = threading.Event(), threading.Event()
    leg = FakeLeg(
        is_chained=True,
        parallel=4,
        verdicts={1: [lambda: (waiting.set(), stopped.wait(10))]},
    )
    job = desk.open(pages(*range(1, 9)))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)
    waiting.wait(5)

    desk.request_stop(job)
    run.nudge()
    wait_until(lambda: run._ending is not None)
    stopped.set()
    thread.join(10)

    assert leg.of("decide") == leg.of("save") == [1]
    assert desk.job(job).error_message.startswith("Stopped by you")
