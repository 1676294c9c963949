"""Errands: what a run does beside its items."""

import threading

import pytest
from structlog.testing import capture_logs

from hornbook.errors import KeyRefused, ServerError
from hornbook.jobs.leg import Errand
from hornbook.model.job import ItemState, JobStatus
from tests.jobs.conftest import FakeLeg, pages
from tests.waiting import wait_until


class Steps:
    """An errand that meets these, one after the other: an error to raise, or something to call."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.begun = 0
        self.ended = 0

    def __call__(self) -> None:
        self.begun += 1
        step = self.steps.pop(0) if self.steps else None
        if isinstance(step, BaseException):
            raise step
        if callable(step):
            step()
        self.ended += 1


def start(run) -> threading.Thread:
    thread = threading.Thread(target=run.go, daemon=True)
    thread.start()
    return thread


def test_an_errand_is_done_while_later_pages_are_worked_on(desk):
    errand = Steps()
    leg = FakeLeg(
        parallel=2,
        errands={1: [Errand("one", errand)]},
        script={3: [lambda: wait_until(lambda: errand.ended == 1)]},
    )

    job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert (job.status, leg.of("save"), errand.begun) == (JobStatus.COMPLETED, [1, 2, 3], 1)


def test_the_end_waits_for_errands_under_way(desk):
    go_on = threading.Event()
    errand = Steps(lambda: go_on.wait(5))
    leg = FakeLeg(
        errands={1: [Errand("one", errand)]},
        script={2: [lambda: wait_until(lambda: errand.begun == 1)]},
    )
    job = desk.open(pages(1, 2))
    thread = start(desk.run_of(job, leg, desk.claim(job)))

    wait_until(lambda: leg.of("save") == [1, 2])
    assert "finish" not in leg.events
    go_on.set()
    thread.join(5)

    assert errand.ended == 1
    assert leg.events[-1] == "finish"


def test_errands_that_got_no_place_are_left_to_the_end(desk):
    go_on, errands = threading.Event(), [Steps() for _ in range(5)]
    errands[0] = Steps(lambda: go_on.wait(5))
    named = [Errand(str(at), errand) for at, errand in enumerate(errands)]
    leg = FakeLeg(parallel=2, errands={1: named}, on_save=lambda page: page == 4 and go_on.set())

    job = desk.run(leg, desk.open(pages(1, 2, 3, 4)))

    assert job.status is JobStatus.COMPLETED
    assert errands[0].ended == 1
    assert sum(errand.begun for errand in errands[1:]) < 4


def test_what_stops_an_errand_for_good_stops_the_job_and_leaves_its_pages_owed(desk):
    errand = Steps(KeyRefused())
    leg = FakeLeg(
        errands={2: [Errand("two", errand)]},
        script={4: [lambda: wait_until(lambda: errand.begun == 1)]},
    )

    job = desk.run(leg, desk.open(pages(*range(1, 30))))

    assert (job.status, job.failed_items) == (JobStatus.FAILED, 0)
    assert job.error_message.startswith("Key refused")
    assert "finish" not in leg.events
    assert desk.positions(job, ItemState.DONE) == leg.of("save")
    assert len(leg.of("save")) < 29


def test_an_errand_that_is_refused_for_now_is_tried_again_and_the_screen_says_so(desk):
    errand = Steps(ServerError(), ServerError())
    leg = FakeLeg(
        errands={1: [Errand("one", errand)]},
        script={2: [lambda: wait_until(lambda: errand.ended == 1)]},
    )

    assert desk.run(leg, desk.open(pages(1, 2))).status is JobStatus.COMPLETED
    assert errand.begun == 3


def test_an_errand_refused_four_times_is_left_to_the_end_with_those_behind_it(desk):
    first, second = Steps(*[ServerError()] * 4), Steps()
    leg = FakeLeg(
        errands={1: [Errand("one", first)], 3: [Errand("three", second)]},
        script={2: [lambda: wait_until(lambda: first.begun == 4)]},
    )

    job = desk.run(leg, desk.open(pages(*range(1, 9))))

    assert (job.status, leg.events[-1]) == (JobStatus.COMPLETED, "finish")
    assert (first.begun, second.begun) == (4, 0)


def test_a_bug_in_an_errand_fails_the_job(desk):
    errand = Steps(ZeroDivisionError("by zero"))
    leg = FakeLeg(
        errands={1: [Errand("one", errand)]},
        script={2: [lambda: wait_until(lambda: errand.begun == 1)]},
    )

    with capture_logs() as logs:
        job = desk.run(leg, desk.open(pages(1, 2, 3)))

    assert job.status is JobStatus.FAILED
    assert "job.bug" in [entry["event"] for entry in logs]


def test_stop_begins_no_errand_more_and_waits_for_the_one_under_way(desk):
    go_on, second = threading.Event(), Steps()
    first = Steps(lambda: go_on.wait(5))
    leg = FakeLeg(errands={1: [Errand("one", first), Errand("two", second)]})
    leg.script = {2: [lambda: (wait_until(lambda: first.begun == 1), desk.request_stop(job))]}
    job = desk.open(pages(1, 2, 3))
    thread = start(desk.run_of(job, leg, desk.claim(job)))

    wait_until(lambda: leg.of("save") == [1, 2])
    assert desk.job(job).status is JobStatus.RUNNING
    go_on.set()
    thread.join(5)

    assert desk.job(job).error_message.startswith("Stopped by you")
    assert (first.ended, second.begun) == (1, 0)


def test_a_shutdown_cuts_the_wait_of_an_errand_short_and_leaves_the_job_resumable(desk):
    desk.patience = type(desk.patience)(waits=(60.0,))
    errand = Steps(ServerError())
    leg = FakeLeg(
        errands={1: [Errand("one", errand)]},
        script={2: [lambda: (wait_until(lambda: errand.begun == 1), desk.shutdown.begin(5))]},
    )
    job = desk.open(pages(1, 2, 3))
    thread = start(desk.run_of(job, leg, desk.claim(job)))
    thread.join(5)

    assert not thread.is_alive()
    assert (desk.job(job).status, errand.begun) == (JobStatus.PENDING, 1)


@pytest.mark.parametrize("step", [None, KeyRefused(), ServerError()], ids=str)
def test_the_errand_of_a_run_whose_job_was_taken_over_changes_nothing(desk, step):
    go_on = threading.Event()

    def late():
        go_on.wait(5)
        if step is not None:
            raise step

    errand = Steps(late)
    leg = FakeLeg(errands={1: [Errand("one", errand)]})
    job = desk.open(pages(1, 2))
    leg.script = {2: [lambda: (wait_until(lambda: errand.begun == 1), desk.take_over(job))]}

    with capture_logs() as logs:
        desk.run_of(job, leg, desk.claim(job)).go()
        go_on.set()

    assert "job.claim_lost" in [entry["event"] for entry in logs]
    assert desk.job(job).status is JobStatus.RUNNING
    assert errand.begun == 1


def test_an_errand_that_hangs_does_not_look_alive(desk):
    go_on = threading.Event()
    errand = Steps(lambda: go_on.wait(5))
    leg = FakeLeg(deadline=0.05, errands={1: [Errand("one", errand)]})
    leg.script = {2: [lambda: wait_until(lambda: errand.begun == 1)]}
    job = desk.open(pages(1, 2))
    run = desk.run_of(job, leg, desk.claim(job))
    thread = start(run)

    wait_until(lambda: run.is_hung, 5)
    run.disown()
    thread.join(5)
    go_on.set()

    assert desk.job(job).status is JobStatus.RUNNING
