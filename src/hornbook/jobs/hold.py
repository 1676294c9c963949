"""The hold of a run on its job: every look and every write, behind the fence, through outages."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session

from hornbook.errors import ClaimLost, Retryable, Terminal
from hornbook.jobs import ledger, words
from hornbook.jobs.flight import Wait
from hornbook.jobs.leg import Errand, Leg
from hornbook.jobs.retry import OUTAGES, Patience
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.job import ErrorType, Failure, ItemState, Job, JobItem, Retry

T = TypeVar("T")

POLL = 1.0
"""Seconds between two looks when nothing else wakes the run."""
HELD_UP_FROM = 2.0
"""Seconds that the database may take for a look or a write before it is called away."""
NOTED_FROM = 1.0
"""Waits of fewer seconds are not worth a note, unless an outage may make them many."""


class Shutdown:
    """The server is to end: begin nothing, end what was begun within the grace, let go."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._over_at = float("inf")

    def begin(self, grace: float) -> None:
        """Ask for it; after `grace` seconds nothing is waited for any more."""
        self._over_at = monotonic() + grace
        self._event.set()

    @property
    def is_begun(self) -> bool:
        """Whether nothing new may be begun."""
        return self._event.is_set()

    @property
    def left(self) -> float:
        """Seconds of grace left; infinite while no end was asked for."""
        return self._over_at - monotonic()

    def wait(self, seconds: float) -> bool:
        """Sleep, unless or until the end is asked for; whether it is."""
        return self._event.wait(seconds)


@dataclass(frozen=True)
class Surroundings:
    """What every run of a process shares."""

    database: Database
    clock: Clock
    catch_up: Callable[[str], object]
    patience: Patience = field(default_factory=Patience)
    shutdown: Shutdown = field(default_factory=Shutdown)


class Hold:
    """Writes what became of a job's items, each in one transaction of its own.

    Every method raises ClaimLost when the job has been taken over, and the database's error when
    it does not answer for longer than an outage is borne.
    """

    def __init__(self, around: Surroundings, leg: Leg, job: Job, token: str) -> None:
        self.job = job
        """As of the last look."""
        self.log = structlog.get_logger().bind(book=job.book_id, job=job.id)
        self._around = around
        self._leg = leg
        self._token = token
        self._waiting: set[str | None] = set()
        self._asked_at: float | None = None
        self._met: Exception | None = None
        """With what the database has refused what is being asked of it."""

    @property
    def awaited(self) -> str | None:
        """What keeps a look or a write waiting, and from being written down: the database."""
        asked_at, met = self._asked_at, self._met
        if asked_at is None or (met is None and monotonic() - asked_at < HELD_UP_FROM):
            return None
        return words.awaited(met)

    def look(self, limit: int) -> list[JobItem]:
        """Read the job again; gives the next items it owes."""

        def both(session: Session) -> tuple[Job, list[JobItem]]:
            job = ledger.get_job(session, self.job.book_id, self.job.id)
            return job, ledger.items_in(session, job.id, ItemState.OWED, limit=limit)

        self.job, owed = self._read(both)
        return owed

    def left_over(self) -> list[JobItem]:
        """What an earlier run was working on when it went away."""
        return self._read(lambda session: ledger.items_in(session, self.job.id, ItemState.WORKING))

    def expects_more(self) -> bool:
        """Whether items may still join."""
        return self.through_outages(lambda: self._leg.expects_more(self.job))

    def errands(self, item: JobItem) -> Sequence[Errand]:
        """What can be done beside the items, now that this one is saved."""
        return self.through_outages(lambda: self._leg.beside(self.job, item))

    def start(self, item: JobItem) -> None:
        """Mark the item as being worked on."""

        def change(session: Session) -> None:
            if ledger.start_item(session, self.job.id, item.subject_id):
                self._leg.start(session, self.job, item)

        self._write(change)

    def save(self, item: JobItem, prepared: Any) -> Exception | None:
        """Keep the result and its entry in the ledger together; gives the leg's error, if any."""

        def change(session: Session) -> None:
            # Not working any more: a commit that seemed to fail got through after all.
            if ledger.is_working(session, self.job.id, item.subject_id):
                result = self._leg.save(session, self.job, item, prepared)
                ledger.record_done(session, self.job.id, item.subject_id, result)

        try:
            self._write(change)
        except (ClaimLost, *OUTAGES):
            raise
        except Exception as error:  # noqa: BLE001 - judged by its type, like an error of `prepare`
            return error
        self.log.info("page.done", page=item.position)
        return None

    def record_failure(self, item: JobItem, error: Retryable | Terminal) -> int:
        """Note why the item has no result; gives the retryable failures in a row."""
        is_refusal = isinstance(error, Retryable)
        message = words.in_words(error) if is_refusal else str(error)
        error_type = ErrorType.RETRYABLE if is_refusal else ErrorType.TERMINAL
        failure = Failure(message, error_type, type(error).__name__)

        def change(session: Session) -> int:
            if ledger.is_working(session, self.job.id, item.subject_id):
                self._leg.fail(session, self.job, item, failure)
            return ledger.record_failed(session, self.job.id, item.subject_id, failure)

        refusals = self._write(change)
        name = failure.error_class
        self.log.warning("page.failed", page=item.position, error=name, reason=message)
        return refusals

    def give_back(self, item: JobItem, *, counts: bool = False) -> None:
        """Put the item back to owed; `counts` when its worker was killed meanwhile."""

        def change(session: Session, *, is_undone: bool = True) -> None:
            if is_undone:
                self._leg.release(session, self.job, item)
            ledger.release_item(session, self.job.id, item.subject_id, counts=counts)

        try:
            self._write(change)
        except (ClaimLost, *OUTAGES):
            raise
        except Exception:  # a bug in `release` must not keep the job from ending
            self.log.exception("job.bug", page=item.position)
            self._write(lambda session: change(session, is_undone=False))

    def note_wait(self, wait: Wait) -> None:
        """Tell the screen why the job seems to stand still, and until when."""
        item, pause = wait.item, wait.pause
        who = item.subject_id if item else wait.errand
        if pause is None:
            was_noted = who in self._waiting
            self._waiting.discard(who)
            if was_noted and not self._waiting:
                self._write(lambda session: ledger.pause(session, self.job.id, None, None))
        elif pause.is_outage or pause.seconds >= NOTED_FROM:
            self._waiting.add(who)
            note = words.awaited(pause.error)
            until = self._around.clock() + timedelta(seconds=pause.seconds)
            retry = Retry(item.position, pause.retry, pause.of) if item else None
            self._write(lambda session: ledger.pause(session, self.job.id, note, until, retry))

    def let_go(self) -> None:
        """Leave the job to whoever claims it next."""
        self._write(lambda session: ledger.release(session, self.job.id))
        self.log.info("job.released")

    def fail(
        self,
        message: str,
        error_class: str,
        position: int | None,
        until: datetime | None = None,
    ) -> None:
        """End the job at this place, or at the next item it owes."""

        def change(session: Session) -> str:
            place = position or ledger.next_owed(session, self.job.id)
            said = words.placed(message, self.job.type, place)
            ledger.fail_job(session, self.job, self._around.clock(), said, error_class, until)
            return said

        self._catch_up()
        self.log.warning("job.stopped", reason=self._write(change), error=error_class)

    def complete(self) -> bool:
        """End the job, all done; False when items have joined that are owed."""
        self._catch_up()
        now = self._around.clock()
        is_over = self._write(lambda session: ledger.finish_job(session, self.job, now))
        if is_over:
            self.log.info("job.completed")
        return is_over

    def beat(self) -> None:
        """Write a sign of life."""
        with self._around.database.begin() as session:
            ledger.beat(session, self.job.id, self._token, self._around.clock())

    @contextmanager
    def fenced(self) -> Iterator[Session]:
        """A write transaction whose first act is to prove that the job is still ours."""
        with self._around.database.begin() as session:
            now = self._around.clock()
            ledger.fence(session, self.job.book_id, self.job.id, self._token, now)
            yield session

    def is_to_stop(self, session: Session) -> bool:
        """Whether somebody has asked the job to stop by now."""
        return ledger.get_job(session, self.job.book_id, self.job.id).is_stop_requested

    def through_outages(self, work: Callable[[], T]) -> T:
        """Wait while the database does not answer; raises what it raises when that lasts."""
        self._asked_at = began = monotonic()
        try:
            while True:
                try:
                    return work()
                except OUTAGES as error:
                    self._met = error
                    lasted = monotonic() - began
                    if lasted >= self._around.patience.outage or self._around.shutdown.is_begun:
                        raise
                self.log.warning("database.away")
                self._around.shutdown.wait(min(POLL, self._around.patience.outage))
        finally:
            self._asked_at = self._met = None

    def _catch_up(self) -> None:
        """Bring the bucket up to date, if that is still this run's task."""
        self._write(lambda _session: None)
        try:
            self._around.catch_up(self.job.book_id)
        except Exception:  # a bucket that is behind must not keep a job from ending
            self.log.exception("job.bucket_behind")

    def _write(self, change: Callable[[Session], T]) -> T:
        def transaction() -> T:
            with self.fenced() as session:
                return change(session)

        return self.through_outages(transaction)

    def _read(self, look: Callable[[Session], T]) -> T:
        def transaction() -> T:
            with self._around.database.read() as session:
                return look(session)

        return self.through_outages(transaction)
