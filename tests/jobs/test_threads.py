"""Jobs as threads of one process."""

import threading
import time

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from hornbook.errors import RateLimited
from hornbook.jobs import ledger
from hornbook.jobs.retry import Patience
from hornbook.jobs.threads import Pace, Threads
from hornbook.library.tables import JobRow
from hornbook.model.job import ItemState, JobStatus, JobType
from tests.jobs.conftest import QUICK, FakeLeg, add_book, pages
from tests.waiting import wait_until

BRISK = Pace(look_every=0.05, beat_every=0.05)


@pytest.fixture
def serve(desk):
    """Starts a server's dispatcher; all are stopped at the end."""
    servers = []

    def start(leg, *, begin=True, **settings):
        defaults = {"patience": QUICK, "pace": BRISK}
        legs = {JobType.EXTRACTION: leg, JobType.OCR: leg}
        threads = Threads(
            desk.database, legs, desk.clock, lambda book: None, **(defaults | settings)
        )
        servers.append(threads)
        if begin:
            threads.start()
        return threads

    yield start
    for threads in servers:
        threads.stop(1)


def is_over(desk, job):
    return lambda: not desk.job(job).status.is_active


def ended(desk, job):
    wait_until(is_over(desk, job))
    return desk.job(job)


def test_a_job_opened_while_the_server_runs_is_done_without_being_told(desk, serve):
    serve(FakeLeg())

    job = desk.open(pages(1, 2))

    assert ended(desk, job).status is JobStatus.COMPLETED


def test_a_wake_starts_a_job_at_once(desk, serve):
    threads = serve(FakeLeg(), pace=Pace(look_every=60))
    job = desk.open(pages(1))

    threads.wake()

    assert ended(desk, job).status is JobStatus.COMPLETED


def test_a_server_that_starts_goes_on_with_what_a_dead_one_left(desk, serve):
    job = desk.open(pages(1, 2, 3))
    desk.claim(job)
    desk.start_items(job, "p1", "p2")
    desk.clock.advance(1)
    leg = FakeLeg()

    serve(leg)
    now = desk.job(job)

    assert now.heartbeat_at == desk.clock()
    assert ended(desk, job).status is JobStatus.COMPLETED
    assert leg.of("save") == [1, 2, 3]


def test_a_server_may_be_told_to_fail_what_a_dead_one_left(desk, serve):
    job = desk.open(pages(1, 2))
    desk.claim(job)
    desk.start_items(job, "p1")

    serve(FakeLeg(), on_crash="fail")

    assert ended(desk, job).error_message == (
        "Interrupted: the server stopped at page 1. Resume goes on from there."
    )


def test_a_job_left_orderly_goes_on_even_where_crashes_fail(desk, serve):
    job = desk.open(pages(1, 2))
    leg = FakeLeg()
    first = serve(leg, begin=False)
    leg.script[1] = [lambda: first._shutdown.begin(5)]
    first.start()
    wait_until(lambda: desk.job(job).status is JobStatus.PENDING and desk.job(job).completed_items)
    first.stop(5)

    serve(FakeLeg(), on_crash="fail")

    assert ended(desk, job).status is JobStatus.COMPLETED


def test_a_job_taken_over_five_times_without_progress_is_marked_failed(desk, serve):
    job = desk.open(pages(1))
    desk.claim(job)
    for _ in range(5):
        desk.take_over(job)

    serve(FakeLeg())

    assert ended(desk, job).error_class == "Interrupted"


def test_a_row_that_another_system_left_running_is_marked_failed(desk, serve):
    job = desk.open([])
    with desk.database.begin() as session:
        session.execute(update(JobRow).values(on_error=None, status="running"))

    serve(FakeLeg())

    assert (
        ended(desk, job).error_message
        == "Interrupted: the server stopped. Resume goes on from there."
    )


def test_four_jobs_run_at_once_and_a_dead_fifth_waits_as_pending(desk, serve):
    gate = threading.Event()
    jobs = []
    for number in range(5):
        book = add_book(desk.database, f"book-{number}")
        jobs.append(desk.open(pages(1), book_id=book))
        desk.claim(jobs[-1])
        desk.clock.advance(1)
    leg = FakeLeg(script={1: [lambda: gate.wait(10)] * 4})

    serve(leg)
    wait_until(lambda: len(leg.of("prepare")) == 4)
    states = [desk.job(job).status for job in jobs]
    gate.set()

    assert states == [JobStatus.RUNNING] * 4 + [JobStatus.PENDING]
    assert [ended(desk, job).status for job in jobs] == [JobStatus.COMPLETED] * 5


def test_a_job_that_waits_for_room_can_be_stopped_at_once(desk, serve):
    gate = threading.Event()
    leg = FakeLeg(script={1: [lambda: gate.wait(10)]})
    serve(leg, pace=Pace(look_every=0.05, jobs_at_once=1))
    running = desk.open(pages(1))
    wait_until(lambda: leg.of("prepare"))
    waiting = desk.open(pages(1), book_id=add_book(desk.database, "another"))
    time.sleep(0.15)
    assert desk.job(waiting).status is JobStatus.PENDING

    desk.request_stop(waiting)

    assert ended(desk, waiting).error_message == "Stopped by you at page 1"
    gate.set()
    assert ended(desk, running).status is JobStatus.COMPLETED


def test_the_heart_beats_during_a_slow_page_and_stops_when_it_outruns_its_deadline(desk, serve):
    gate = threading.Event()
    leg = FakeLeg(script={1: [lambda: gate.wait(20)]}, deadline=1.0)
    job = desk.open(pages(1))
    serve(leg, pace=Pace(look_every=60, beat_every=0.05))
    wait_until(lambda: leg.of("prepare"))

    desk.clock.advance(10)
    wait_until(lambda: desk.job(job).heartbeat_at == desk.clock(), 0.9)
    last = desk.clock()
    time.sleep(1.2)
    desk.clock.advance(10)
    time.sleep(0.2)

    assert desk.job(job).heartbeat_at == last
    gate.set()
    assert ended(desk, job).status is JobStatus.COMPLETED


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_jumps_steals_no_job_and_ends_or_prolongs_no_pause(desk, serve, seconds):
    gate = threading.Event()
    leg = FakeLeg(script={1: [RateLimited(retry_after=2)], 2: [lambda: gate.wait(20)]})
    job = desk.open(pages(1, 2))
    serve(leg, patience=Patience())
    wait_until(lambda: desk.job(job).waits_until)

    desk.clock.advance(seconds)
    wait_until(lambda: desk.job(job).heartbeat_at == desk.clock())
    assert leg.of("prepare") == [1]
    wait_until(lambda: leg.of("prepare") == [1, 1, 2], 20)
    desk.clock.advance(-seconds)
    wait_until(lambda: desk.job(job).heartbeat_at == desk.clock())
    gate.set()

    now = ended(desk, job)
    assert (now.status, now.takeovers, now.waits_until) == (JobStatus.COMPLETED, 0, None)
    assert leg.of("prepare") == [1, 1, 2]


def test_a_page_that_hangs_is_begun_anew_and_its_late_answer_is_not_heard(desk, serve):
    gate, answered = threading.Event(), threading.Event()
    leg = FakeLeg(script={2: [lambda: answered.set() if gate.wait(20) else None]}, deadline=0.3)
    job = desk.open(pages(1, 2, 3))

    with capture_logs() as logs:
        serve(leg)
        now = ended(desk, job)
    gate.set()
    assert answered.wait(5)

    assert [entry["job"] for entry in logs if entry["event"] == "job.hung"] == [job.id]
    assert (now.status, now.completed_items) == (JobStatus.COMPLETED, 3)
    assert (desk.job(job), leg.of("save")) == (now, [1, 2, 3])


def test_a_page_that_hangs_three_times_is_recorded_and_passed(desk, serve):
    gate = threading.Event()
    leg = FakeLeg(script={2: [lambda: gate.wait(20)] * 3}, deadline=0.3)
    job = desk.open(pages(1, 2, 3))

    serve(leg)
    now = ended(desk, job)
    gate.set()

    assert (now.status, now.completed_items, now.failed_items) == (JobStatus.COMPLETED, 2, 1)
    assert desk.detail(job)["page_errors"]["2"]["error_type"] == "terminal"
    assert leg.of("save") == [1, 3]


def test_a_server_that_stops_leaves_its_jobs_resumable_within_the_grace(desk, serve):
    gate = threading.Event()
    leg = FakeLeg(script={2: [lambda: gate.wait(20)]})
    job = desk.open(pages(1, 2, 3))
    threads = serve(leg)
    wait_until(lambda: leg.of("prepare") == [1, 2])

    began = time.monotonic()
    threads.stop(1)

    assert time.monotonic() - began < 10
    gate.set()
    now = desk.job(job)
    assert (now.status, now.completed_items, now.error_message) == (JobStatus.PENDING, 1, None)
    assert desk.states(job)[2] is ItemState.OWED


def test_a_server_that_stops_does_not_sit_out_a_rate_limit(desk, serve):
    leg = FakeLeg(script={1: [RateLimited(retry_after=200)]})
    job = desk.open(pages(1))
    threads = serve(leg, patience=Patience())
    wait_until(lambda: desk.job(job).waits_until)

    began = time.monotonic()
    threads.stop(5)

    assert time.monotonic() - began < 30
    assert desk.job(job).status is JobStatus.PENDING


def test_whoever_has_lost_the_seat_takes_no_job(desk, serve):
    seated = [False]
    serve(FakeLeg(), is_seated=lambda: seated[0])
    job = desk.open(pages(1))
    time.sleep(0.2)
    assert desk.job(job).status is JobStatus.PENDING

    seated[0] = True

    assert ended(desk, job).status is JobStatus.COMPLETED


def test_whoever_loses_the_seat_during_a_look_takes_no_job(desk, serve):
    answers = iter([True])
    job = desk.open(pages(1))

    serve(FakeLeg(), is_seated=lambda: next(answers, False))

    assert desk.job(job).status is JobStatus.PENDING


def test_a_job_of_a_type_that_nobody_knows_disturbs_nobody(desk, serve):
    stranger = desk.open(pages(1), job_type=JobType.SYNC)
    serve(FakeLeg())

    job = desk.open(pages(1), book_id=add_book(desk.database, "another"))

    assert ended(desk, job).status is JobStatus.COMPLETED
    assert desk.job(stranger).status is JobStatus.PENDING


def test_a_database_that_is_away_is_looked_for_again(desk, serve):
    with desk.database.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE book_jobs RENAME TO elsewhere")
    with capture_logs() as logs:
        threads = serve(FakeLeg(), pace=Pace(look_every=60))
    with desk.database.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE elsewhere RENAME TO book_jobs")
    job = desk.open(pages(1))

    threads.wake()

    assert logs[0]["event"] == "database.away"
    assert ended(desk, job).status is JobStatus.COMPLETED


def test_a_run_that_left_in_an_outage_is_taken_up_again_by_the_same_server(desk, serve):
    gate = threading.Event()
    leg = FakeLeg(script={1: [lambda: gate.wait(10)]})
    job = desk.open(pages(1))
    threads = serve(leg, on_crash="fail")
    wait_until(lambda: leg.of("prepare"))
    with desk.database.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE job_items RENAME TO elsewhere")
    gate.set()
    wait_until(lambda: not threads._runs)
    with desk.database.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE elsewhere RENAME TO job_items")

    now = ended(desk, job)

    assert (now.status, now.failed_items) == (JobStatus.COMPLETED, 0)


def test_a_row_that_makes_no_sense_does_not_end_the_dispatcher(desk, serve):
    job = desk.open(pages(1))
    with desk.database.begin() as session:
        session.execute(update(JobRow).values(job_type="nonsense"))
    with capture_logs() as logs:
        serve(FakeLeg())
    with desk.database.begin() as session:
        session.execute(update(JobRow).values(job_type="extraction"))

    assert logs[0]["event"] == "dispatcher.bug"
    assert ended(desk, job).status is JobStatus.COMPLETED


def test_many_books_each_get_every_page_once(desk, serve):
    leg = FakeLeg(parallel=3, is_ordered=False)
    jobs = [
        desk.open(pages(*range(1, 11)), book_id=add_book(desk.database, f"book-{number}"))
        for number in range(8)
    ]

    serve(leg)

    assert [ended(desk, job).completed_items for job in jobs] == [10] * 8
    assert sorted(leg.of("save")) == sorted(list(range(1, 11)) * 8)


class Fuse:
    """A clock that fails the next so many times it is asked."""

    def __init__(self, clock) -> None:
        self.clock = clock
        self.failures = 0

    def __call__(self):
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no time")
        return self.clock()


def test_a_run_that_dies_of_a_bug_is_as_good_as_a_crash_and_taken_over(desk, serve):
    desk.clock = Fuse(desk.clock)

    def burn(page):
        desk.clock.failures, leg.on_save = 3, lambda page: None
        raise KeyError(page)

    leg = FakeLeg(on_save=burn)
    job = desk.open(pages(1, 2))
    with capture_logs() as logs:
        serve(leg, pace=Pace(look_every=0.05))
        now = ended(desk, job)

    assert "job.bug" in [entry["event"] for entry in logs]
    assert (now.status, now.completed_items) == (JobStatus.COMPLETED, 2)
    assert leg.of("prepare") == [1, 1, 2]


def test_a_heart_beats_on_when_the_database_comes_back(desk, serve):
    gate = threading.Event()
    leg = FakeLeg(script={1: [lambda: gate.wait(10)]})
    job = desk.open(pages(1))
    serve(leg, patience=Patience(outage=5))
    wait_until(lambda: leg.of("prepare"))

    with desk.database.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE book_jobs RENAME TO elsewhere")
    time.sleep(0.3)
    with desk.database.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE elsewhere RENAME TO book_jobs")
    desk.clock.advance(10)

    wait_until(lambda: desk.job(job).heartbeat_at == desk.clock())
    gate.set()
    assert ended(desk, job).status is JobStatus.COMPLETED


def test_a_job_that_somebody_else_has_claimed_meanwhile_is_left_to_them(desk, serve):
    threads = serve(FakeLeg(), begin=False)
    job = desk.open(pages(1))
    with desk.database.read() as session:
        [seen] = ledger.active_jobs(session)
    desk.claim(job)

    threads._take(seen)

    assert threads._runs == {}
    threads._timers.clear()


def test_a_server_that_is_stopping_takes_no_job_any_more(desk, serve):
    threads = serve(FakeLeg())
    threads.stop(1)
    job = desk.open(pages(1))

    threads._look()

    assert desk.job(job).status is JobStatus.PENDING
