"""Jobs as threads of this process, for whoever holds the seat."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Literal

import structlog

from hornbook.jobs import ledger
from hornbook.jobs.ledger import ActiveJob
from hornbook.jobs.retry import OUTAGES, Patience
from hornbook.jobs.runner import Leg, Run, Shutdown, Surroundings
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.job import Job, JobType

SHARE_FOR_WORK = 0.8
"""Of the grace at the end; the rest is for writing down what is left."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, and how much at once."""

    look_every: float = 2.0
    beat_every: float = 10.0
    jobs_at_once: int = 4
    takeovers_to_fail: int = 5
    """A job that was taken over so often and got nothing done is marked failed."""


class Threads:
    """Runs jobs in threads. Whoever constructs it holds the seat.

    So every active job that this process does not run itself is dead, and is taken over at once.
    """

    def __init__(
        self,
        database: Database,
        legs: Mapping[JobType, Leg],
        clock: Clock,
        catch_up: Callable[[str], object],
        *,
        on_crash: Literal["continue", "fail"] = "continue",
        patience: Patience | None = None,
        pace: Pace | None = None,
        is_seated: Callable[[], bool] = lambda: True,
    ) -> None:
        self._shutdown = Shutdown()
        self._around = Surroundings(
            database, clock, catch_up, patience or Patience(), self._shutdown
        )
        self._legs = legs
        self._on_crash = on_crash
        self._pace = pace or Pace()
        self._is_seated = is_seated
        self._runs: dict[str, tuple[Run, threading.Thread]] = {}
        self._own_tokens: set[str] = set()
        self._wakened = threading.Event()
        self._timers = [
            threading.Thread(target=self._keep_looking, name="job-dispatcher", daemon=True),
            # Beat from its own thread: one slow page can outlast every limit.
            threading.Thread(target=self._keep_beating, name="job-heartbeat", daemon=True),
        ]
        self._log = structlog.get_logger()

    def start(self) -> None:
        """Take over what a dead server left, and look for jobs from now on."""
        self._look()
        for timer in self._timers:
            timer.start()

    def wake(self) -> None:
        """Look now: a job was opened, items have joined, or a stop was asked for."""
        self._wakened.set()
        for run, _ in tuple(self._runs.values()):
            run.nudge()

    def awaited(self, book_id: str) -> str | None:
        """What keeps the book's job waiting, if that is why it cannot write it into its row."""
        runs = (run for run, _ in tuple(self._runs.values()) if run.book_id == book_id)
        return next(filter(None, (run.awaited for run in runs)), None)

    def stop(self, grace: float) -> None:
        """Begin nothing more, and leave every job resumable within `grace` seconds."""
        until = monotonic() + grace
        self._shutdown.begin(grace * SHARE_FOR_WORK)
        self.wake()
        # The dispatcher first: it is the one who begins new runs.
        for timer in self._timers:
            timer.join(max(until - monotonic(), 0))
        for _, thread in tuple(self._runs.values()):
            thread.join(max(until - monotonic(), 0))

    def _keep_looking(self) -> None:
        while not self._shutdown.is_begun:
            self._wakened.wait(self._pace.look_every)
            self._wakened.clear()
            self._look()

    def _keep_beating(self) -> None:
        while not self._shutdown.wait(self._pace.beat_every):
            for run, _ in tuple(self._runs.values()):
                self._beat(run)

    def _beat(self, run: Run) -> None:
        try:
            run.beat()
        except Exception:  # noqa: BLE001 - one beat missed does no harm, a dead timer would
            self._log.warning("heartbeat.missed", exc_info=True)

    def _look(self) -> None:
        try:
            self._take_what_is_free()
        except OUTAGES:
            self._log.warning("database.away")
        except Exception:  # noqa: BLE001 - one bad row must not keep every other job from running
            self._log.exception("dispatcher.bug")

    def _take_what_is_free(self) -> None:
        if not self._is_seated():
            return
        self._give_up_what_hangs()
        with self._around.database.read() as session:
            jobs = ledger.active_jobs(session)
        for job in jobs:
            if job.id not in self._runs and job.type in self._legs:
                self._take(job)

    def _give_up_what_hangs(self) -> None:
        """A run that outran its deadline is as good as a dead worker: its job is taken over."""
        for job_id, (run, thread) in tuple(self._runs.items()):
            if run.is_hung:
                self._log.warning("job.hung", job=job_id)
                run.disown()
                self._own_tokens.discard(run.token)
                self._forget(job_id, thread)

    def _forget(self, job_id: str, thread: threading.Thread) -> None:
        if self._runs.get(job_id, (None, None))[1] is thread:
            del self._runs[job_id]

    def _take(self, job: ActiveJob) -> None:
        if self._shutdown.is_begun:
            return
        if self._is_given_up(job):
            self._launch(job, is_interrupted=True)
        elif len(self._runs) < self._pace.jobs_at_once or job.is_stop_requested:
            self._launch(job, is_interrupted=False)
        elif job.is_running:
            self._park(job)

    def _is_given_up(self, job: ActiveJob) -> bool:
        if not job.has_ledger:
            return True
        if not self._is_after_crash(job):
            return False
        return self._on_crash == "fail" or job.takeovers >= self._pace.takeovers_to_fail

    def _is_after_crash(self, job: ActiveJob) -> bool:
        """Tell a worker's death from a run of our own that left because the database was away."""
        return job.is_running and job.token not in self._own_tokens

    def _launch(self, job: ActiveJob, *, is_interrupted: bool) -> None:
        claimed = self._claim(job)
        if claimed is None:
            return
        row, token = claimed
        is_after_crash = self._is_after_crash(job) or not job.is_running
        self._own_tokens.add(token)
        run = Run(self._around, self._legs[job.type], row, token, is_after_crash=is_after_crash)
        work = run.interrupt if is_interrupted else run.go
        thread = threading.Thread(
            target=self._carry, args=(row, token, work), name=f"job-{job.id}", daemon=True
        )
        self._runs[job.id] = run, thread
        thread.start()

    def _claim(self, job: ActiveJob) -> tuple[Job, str] | None:
        now = self._around.clock()
        with self._around.database.begin() as session:
            # Asked again: whoever slept since the look may find another on the seat.
            if not self._is_seated():
                return None
            if job.is_running:
                counts = self._is_after_crash(job)
                token = ledger.takeover(session, job, now, counts=counts)
            else:
                token = ledger.claim(session, job.book_id, job.id, now)
            if token is None:
                return None
            return ledger.get_job(session, job.book_id, job.id), token

    def _park(self, job: ActiveJob) -> None:
        """Show a dead job as pending until there is room for it."""
        with self._around.database.begin() as session:
            if self._is_seated() and ledger.takeover(session, job, self._around.clock()):
                ledger.release(session, job.id)

    def _carry(self, job: Job, token: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - as good as a crash: it is taken over at the next look
            self._own_tokens.discard(token)
            self._log.exception("job.bug", book=job.book_id, job=job.id)
        finally:
            self._forget(job.id, threading.current_thread())
        if token in self._own_tokens:
            self._wakened.set()
