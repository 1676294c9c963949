"""Study plans that were asked for together are made in the background, come what may."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from hornbook.errors import Conflict, HornbookError, JobStopper, NotFound, Retryable, Terminal
from hornbook.jobs import words
from hornbook.jobs.retry import OUTAGES, Halted, Patience
from hornbook.library import published, study_plans
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.published import PublishedGuideline
from hornbook.model.study import MadePlan, WishState
from hornbook.workflows.study_plans import Planners, Reviewers, keep, make

AT_ONCE = 3
LOOK_EVERY = 2.0
REFUSALS_TO_STOP = 3
"""Guidelines in a row at which the model does not answer, before the rest is left."""

log = structlog.get_logger()


@dataclass
class _Round:
    """What one look found to be made, shared by the threads that make it."""

    queue: deque[str]
    stopping: threading.Event
    is_over: threading.Event = field(default_factory=threading.Event)
    refusals: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> str | None:
        """The next guideline, until all are taken or the rest is to be left."""
        if self.stopping.is_set() or self.is_over.is_set():
            return None
        try:
            return self.queue.popleft()
        except IndexError:
            return None

    def sleep(self, seconds: float) -> bool:
        """Wait; true when the work has to end."""
        return self.stopping.wait(seconds) or self.is_over.is_set()

    def note(self, *, is_refused: bool) -> bool:
        """Count a refusal, or an answer; true when it was one refusal too many."""
        with self._lock:
            self.refusals = self.refusals + 1 if is_refused else 0
            return self.refusals >= REFUSALS_TO_STOP


class PlanLine:
    """Makes what `study_plan_wishes` says is wanted, a few at once, and blocks no book.

    Each plan and the end of the wish for it are one transaction: what a crash interrupts is made at
    the next start, and nothing is made twice. Nothing is done while `is_seated` says that this is
    the task of another process.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        planner: Planners,
        reviewer: Reviewers,
        *,
        patience: Patience | None = None,
        is_seated: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._planner = planner
        self._reviewer = reviewer
        self._patience = patience or Patience()
        self._is_seated = is_seated
        self._nudge = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Take up what was asked for, and look for more from now on."""
        # Of its own for each start: a thread that outlived the last stop must not come back.
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._follow, args=(self._stopping,), name="study-plans", daemon=True
        )
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Begin nothing more; what is not made within `grace` seconds is made at the next start."""
        self._stopping.set()
        self._nudge.set()
        if self._thread:
            self._thread.join(grace)

    def wake(self) -> None:
        """Look now for plans that are wanted."""
        self._nudge.set()

    def _follow(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                if self._is_seated():
                    self._make_wanted(stopping)
            except OUTAGES:
                log.warning("database.away")
            except Exception:  # the thread outlives whatever one look meets
                log.exception("study_plans.failed")
            self._nudge.wait(LOOK_EVERY)
            self._nudge.clear()

    def _make_wanted(self, stopping: threading.Event) -> None:
        with self._database.read() as session:
            wanted = study_plans.waiting(session)
        now = _Round(deque(wanted), stopping)
        threads = [
            threading.Thread(target=self._work, args=(now,), name=f"study-plan-{n}", daemon=True)
            for n in range(min(AT_ONCE, len(wanted)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, now: _Round) -> None:
        while (guideline_id := now.next()) is not None:
            try:
                self._attend(guideline_id, now)
            except Halted:
                return
            except OUTAGES:  # the wish stands, and the next look finds it
                log.warning("database.away")
                return
            except Exception as error:
                log.exception("study_plan.bug", guideline=guideline_id)
                self._settle(guideline_id, WishState.FAILED, _unexpected(error))

    def _attend(self, guideline_id: str, now: _Round) -> None:
        wanted = self._wanted(guideline_id)
        if wanted is None:
            return
        row, take = wanted
        try:
            made = self._patience.call(
                lambda: make(self._planner, self._reviewer, row, take),
                now.sleep,
                lambda _pause: None,
            )
        except JobStopper as error:
            self._leave_the_rest(now, error)
        except Retryable as error:
            self._settle(guideline_id, WishState.FAILED, _why(error))
            if self._patience.asks_too_much(error) or now.note(is_refused=True):
                self._leave_the_rest(now, error)
        except Terminal as error:
            now.note(is_refused=False)
            self._settle(guideline_id, WishState.FAILED, _why(error))
        else:
            now.note(is_refused=False)
            self._keep(row, made, now)

    def _wanted(self, guideline_id: str) -> tuple[PublishedGuideline, int | None] | None:
        """The guideline and the take, unless it is gone or somebody made its plan meanwhile."""
        with self._database.read() as session:
            if study_plans.is_wanted(session, guideline_id):
                take = study_plans.take(session, guideline_id)
                return published.get(session, guideline_id), take
        self._settle(guideline_id, WishState.MADE, None)
        return None

    def _keep(self, row: PublishedGuideline, made: MadePlan, now: _Round) -> None:
        with self._database.begin() as session:
            # After a stop another process may have taken over.
            if now.stopping.is_set() or not study_plans.is_wanted(session, row.id):
                return
            try:
                keep(session, row, made, self._clock)
            except (Conflict, NotFound):  # it changed or went: another look makes it anew
                self._nudge.set()
                return
            study_plans.settle(session, row.id, WishState.MADE, self._clock())
        log.info("study_plan.made", guideline=row.id, was_revised=made.was_revised)

    def _settle(self, guideline_id: str, state: WishState, reason: str | None) -> None:
        with self._database.begin() as session:
            study_plans.settle(session, guideline_id, state, self._clock(), reason)

    def _leave_the_rest(self, now: _Round, error: HornbookError) -> None:
        now.is_over.set()
        with self._database.begin() as session:
            study_plans.give_up(session, words.in_words(error), self._clock())
        log.warning("study_plans.stopped", reason=str(error))


def _why(error: HornbookError) -> str:
    """What an admin reads; a guideline that gives no plan has no cause outside of itself."""
    return str(error) if isinstance(error, Terminal) else words.in_words(error)


def _unexpected(error: Exception) -> str:
    fault = type(error).__name__
    return f"Server error: an unexpected fault ({fault}); the log has the details"
