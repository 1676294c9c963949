"""One run of one job: from the claim to the outcome, item by item, each written down at once."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from sqlalchemy.orm import Session

from hornbook.errors import (
    ClaimLost,
    HornbookError,
    JobStopper,
    KilledWorker,
    Outage,
    Retryable,
    Terminal,
)
from hornbook.jobs import words
from hornbook.jobs.flight import Flight, Landing, Wait
from hornbook.jobs.hold import POLL, Hold, Shutdown, Surroundings
from hornbook.jobs.leg import Errand, Fenced, Leg
from hornbook.jobs.retry import OUTAGES, Halted
from hornbook.model.job import Job, JobItem, OnError

__all__ = ["KILLS_TO_BLAME", "Ending", "Fenced", "Leg", "Run", "Shutdown", "Surroundings"]

LONGEST_PHASE = 600.0
"""Seconds `begin` or `finish` may go without a transaction before the job stops looking alive."""
REFUSALS_TO_STOP = 3
KILLS_TO_BLAME = 3
"""Workers, or readers of theirs, that a page may end before it is given up."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a run ends before its job is done; without a message the job stays resumable."""

    message: str | None
    error_class: str
    position: int | None = None
    """Where it stopped, if not at the next item owed."""
    until: datetime | None = None
    """When the other side wants to be asked again, if it said so."""


LET_GO = Ending(None, "Shutdown")
STOPPED_BY_YOU = Ending(words.STOPPED_BY_YOU, "Stopped")
INTERRUPTED = Ending(words.INTERRUPTED, "Interrupted")


class Run:
    """Runs one claimed job in the calling thread; `go` and `interrupt` never raise."""

    def __init__(
        self, around: Surroundings, leg: Leg, job: Job, token: str, *, is_after_crash: bool
    ) -> None:
        self.book_id = job.book_id
        self.token = token
        """What proves that the job is this run's."""
        self._around = around
        self._leg = leg
        self._is_after_crash = is_after_crash
        self._hold = Hold(around, leg, job, token)
        self._flight = Flight(
            parallel=leg.at_once(job), is_ordered=leg.is_ordered, patience=around.patience
        )
        self._errands: deque[Errand] = deque()
        """What waits for a place beside the items; `finish` does what never gets one."""
        self._is_refused_beside = False
        self._ending: Ending | None = None
        self._is_cut = False
        """In an ordered leg an item got no outcome: nothing behind it may be saved."""
        self._phase_began: float | None = None
        self._is_disowned = False

    def go(self) -> None:
        """Do what is owed and record how the job ended, or leave it claimable."""
        self._guarded(self._work)

    def interrupt(self) -> None:
        """Mark a job whose worker died as failed, instead of going on with it."""
        self._guarded(self._interrupted)

    def nudge(self) -> None:
        """Make the run look at once whether it has to end, or items have joined."""
        self._flight.nudge()

    def disown(self) -> None:
        """End without another write: the job is going to be taken over."""
        self._is_disowned = True
        self._flight.halt()
        self.nudge()

    def beat(self) -> None:
        """Write a sign of life, unless the run hangs; raises what the database raises."""
        if not self.is_hung:
            self._hold.beat()

    @property
    def awaited(self) -> str | None:
        """What keeps the job waiting and from writing so into its row."""
        return self._hold.awaited

    @property
    def is_hung(self) -> bool:
        """Whether an item, or a phase around them, has outrun its deadline."""
        began = self._phase_began
        is_late = began is not None and monotonic() - began > LONGEST_PHASE
        return is_late or self._flight.is_hung(self._leg.deadline)

    def _guarded(self, work: Callable[[], Ending | None]) -> None:
        try:
            self._end(self._judged(work))
        except ClaimLost:
            self._hold.log.warning("job.claim_lost")
        except OUTAGES:
            self._hold.log.exception("job.left")
        finally:
            # Whoever waits between two attempts is not to make another for a run that has ended.
            self._flight.halt()

    def _judged(self, work: Callable[[], Ending | None]) -> Ending | None:
        """What `work` says, or what its error means for the job."""
        try:
            return work()
        except (ClaimLost, *OUTAGES):
            raise
        except Halted:
            return LET_GO if self._around.shutdown.is_begun else STOPPED_BY_YOU
        except Exception as error:  # noqa: BLE001 - a bug fails its job, never the server
            return self._ending_for(error)

    def _ending_for(self, error: BaseException, position: int | None = None) -> Ending:
        name = type(error).__name__
        if isinstance(error, HornbookError):
            return Ending(words.stopped(error), name, position)
        self._hold.log.error("job.bug", exc_info=error, page=position)
        return Ending(words.unexpected(error), name, position)

    def _end(self, ending: Ending | None) -> None:
        if ending is None:
            return
        for item in self._flight.abandon():
            self._hold.give_back(item)
        if ending.message is None:
            self._hold.let_go()
        else:
            self._hold.fail(ending.message, ending.error_class, ending.position, ending.until)

    def _interrupted(self) -> Ending:
        self._take_stock()
        return INTERRUPTED

    def _work(self) -> Ending | None:
        self._take_stock()
        self._phase(self._leg.begin)
        while True:
            self._do_items()
            if self._ending is not None:
                return self._ending
            self._phase(self._leg.finish)
            if self._hold.complete():
                return None

    def _take_stock(self) -> None:
        """Decide about the items a dead worker left: owed again, or too deadly to be tried."""
        for item in self._hold.left_over():
            if self._is_after_crash and item.starts >= KILLS_TO_BLAME:
                self._hold.record_failure(item, KilledWorker())
            else:
                self._hold.give_back(item, counts=self._is_after_crash)

    def _phase(self, work: Callable[[Job, Fenced], None]) -> None:
        """`begin` or `finish`: as patient as an item, and ended between its writes."""
        self._look()
        self._phase_began = monotonic()
        try:
            self._around.patience.call(
                lambda: work(self._hold.job, self._fenced),
                self._rest,
                lambda pause: self._hold.note_wait(Wait(None, pause)),
            )
        finally:
            self._phase_began = None

    def _do_items(self) -> None:
        """Until nothing is in the air and nothing is owed, or the run has to end."""
        while True:
            owed = self._look()
            if self._ending is None:
                self._begin_more(owed)
                self._begin_errands()
            elif self._around.shutdown.left <= 0:
                return
            if self._flight.is_empty and (self._ending or self._is_all_done(owed)):
                return
            self._receive()

    def _is_all_done(self, owed: list[JobItem]) -> bool:
        return not owed and not self._hold.expects_more()

    def _look(self) -> list[JobItem]:
        """Ask the ledger what is owed next, and whether the run has to end."""
        if self._is_disowned:
            raise ClaimLost
        owed = self._hold.look(limit=max(self._flight.room, 1))
        if self._around.shutdown.is_begun:
            self._end_soon(LET_GO)
        elif self._hold.job.is_stop_requested:
            self._flight.halt()
            if not self._is_all_done(owed):
                self._end_soon(STOPPED_BY_YOU)
        elif self._hold.job.retry and self._hold.job.retry.is_hurried:
            self._flight.hurry()
        return owed

    def _end_soon(self, ending: Ending) -> None:
        """End when what is in the air has landed; the first reason counts."""
        self._ending = self._ending or ending
        self._flight.halt()

    def _begin_more(self, owed: list[JobItem]) -> None:
        for item in owed:
            if not self._flight.may_begin(item):
                return
            self._begin(item)

    def _begin(self, item: JobItem) -> None:
        job, leg = self._hold.job, self._leg
        self._hold.start(item)
        self._flight.begin(
            item,
            lambda: leg.prepare(job, item),
            partial(leg.decide, job, item) if leg.is_chained else None,
        )

    def _begin_errands(self) -> None:
        while self._errands and not self._is_refused_beside and self._flight.has_room_beside:
            self._flight.begin_beside(self._errands.popleft())

    def _receive(self) -> None:
        for wait in self._flight.receive(min(POLL, max(self._around.shutdown.left, 0))):
            self._hold.note_wait(wait)
        while (landed := self._flight.take()) is not None:
            self._land(*landed)
        for error in self._flight.take_beside():
            self._returned(error)

    def _returned(self, error: BaseException) -> None:
        """Stop for what would stop `finish`; what may pass until then does not end the items."""
        if isinstance(error, (ClaimLost, *OUTAGES)):
            raise error
        if isinstance(error, Retryable):
            self._is_refused_beside = True
            self._hold.log.warning("errand.refused", reason=str(error))
        elif not isinstance(error, Halted):
            self._end_soon(self._ending_for(error))

    def _land(self, item: JobItem, landing: Landing) -> None:
        if self._is_cut:
            self._hold.give_back(item)
            return
        error = landing.error or self._hold.save(item, landing.prepared)
        if error is None:
            self._errands.extend(self._hold.errands(item))
        elif isinstance(error, Terminal):
            self._hold.record_failure(item, error)
        elif isinstance(error, Retryable) and not isinstance(error, Outage):
            self._refused(item, error)
        else:
            self._stop_at(item, error)

    def _refused(self, item: JobItem, error: Retryable) -> None:
        if self._ending is not None:
            # The job ends anyway: what it met on the way out is no news about this item.
            self._miss(item)
            return
        refusals = self._hold.record_failure(item, error)
        is_last = self._hold.job.on_error is OnError.STOP or refusals >= REFUSALS_TO_STOP
        if is_last or self._around.patience.asks_too_much(error):
            self._is_cut = self._leg.is_ordered
            self._end_soon(self._refusal(item, error))

    def _refusal(self, item: JobItem, error: Retryable) -> Ending:
        message, until = words.stopped(error), None
        if error.retry_after is not None and self._around.patience.asks_too_much(error):
            until = self._around.clock() + timedelta(seconds=error.retry_after)
            message = words.asked_to_wait(error, until)
        return Ending(message, type(error).__name__, item.position, until)

    def _stop_at(self, item: JobItem, error: BaseException) -> None:
        """Nothing the item is to blame for: it is owed again, and the run ends."""
        if isinstance(error, OUTAGES):
            raise error
        self._miss(item)
        if not isinstance(error, Halted):
            place = None if isinstance(error, (JobStopper, Outage)) else item.position
            self._end_soon(self._ending_for(error, place))

    def _miss(self, item: JobItem) -> None:
        """Give the item back without an outcome; in an ordered leg nothing behind it gets one."""
        self._hold.give_back(item)
        self._is_cut = self._leg.is_ordered

    def _rest(self, seconds: float) -> bool:
        """Sleep between attempts at a phase; whether the run has to end."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if self._around.shutdown.wait(min(left, POLL)):
                return True
            self._hold.look(limit=1)
            if self._hold.job.is_stop_requested:
                return True
        return False

    @contextmanager
    def _fenced(self) -> Iterator[Session]:
        """What `begin` and `finish` write with: a sign of life, and where the end is looked for."""
        if self._around.shutdown.is_begun:
            raise Halted
        with self._hold.fenced() as session:
            if self._hold.is_to_stop(session):
                raise Halted
            yield session
        self._phase_began = monotonic()
