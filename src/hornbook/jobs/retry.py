"""Trying again: how often, how long between, and when to give up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from hornbook.errors import Outage, Queued, Retryable

T = TypeVar("T")
Sleep = Callable[[float], bool]
"""Waits so many seconds; True when it was woken because the work has to end."""

OUTAGES = (OperationalError, InterfaceError, PoolExhausted)
"""The database does not answer: no page is to blame, and the same statement may succeed later."""


class Halted(Exception):
    """The work was asked to end while it waited."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait between two attempts."""

    error: Exception
    seconds: float
    retry: int
    """1 before the first attempt after the one that failed."""
    of: int
    """How many there may be; 0 where attempts do not count: in an outage, or before a turn."""
    begun: float = field(default_factory=monotonic)

    @property
    def is_outage(self) -> bool:
        """Whether nothing around the work answers, rather than the work having failed."""
        return isinstance(self.error, (Outage, *OUTAGES))


OnWait = Callable[[Pause | None], None]
"""Told that a wait begins; None when it is over. One for an outage is over when the outage is."""


@dataclass(frozen=True)
class Patience:
    """How an item is tried again: each wait is what the provider asks for, else up to `waits`."""

    waits: tuple[float, ...] = (1.0, 2.0, 4.0)
    """Seconds before the first, second and third retry."""
    longest_wish: float = 300.0
    """The longest wait a provider may ask for; beyond it the job stops."""
    outage: float = 60.0
    """Seconds that an outage of the store or the database is borne."""
    jitter: Random = field(default_factory=Random)

    def call(self, work: Callable[[], T], sleep: Sleep, on_wait: OnWait) -> T:
        """The result of `work`; raises its last error, or Halted when a wait was cut short."""
        past: list[Pause] = []
        try:
            while True:
                try:
                    return work()
                except (Retryable, *OUTAGES) as error:
                    pause = self._next_pause(error, past)
                    if pause is None:
                        raise
                past.append(pause)
                self._rest(pause, sleep, on_wait)
        finally:
            if any(pause.is_outage for pause in past):
                on_wait(None)

    def asks_too_much(self, error: Retryable) -> bool:
        """Whether the provider wants a longer pause than a job should hold its book for."""
        return error.retry_after is not None and error.retry_after > self.longest_wish

    def _next_pause(self, error: Exception, past: Sequence[Pause]) -> Pause | None:
        """How long to wait now; None to give up. Outages and failures are counted apart."""
        if isinstance(error, Queued):
            return self._before_turn(error)
        is_outage = isinstance(error, (Outage, *OUTAGES))
        alike = [pause for pause in past if (pause.is_outage if is_outage else pause.of)]
        wait = self._borne(alike) if is_outage else self._wait_after(error, len(alike))
        if wait is None:
            return None
        return Pause(error, wait, len(alike) + 1, 0 if is_outage else len(self.waits))

    def _before_turn(self, error: Queued) -> Pause | None:
        """The wait of a call that was not made yet, so that it is no attempt."""
        if self.asks_too_much(error):
            return None
        wish = error.retry_after
        return Pause(error, self.waits[0] if wish is None else wish, 0, 0)

    def _borne(self, outages: Sequence[Pause]) -> float | None:
        if outages and self._has_lasted(outages) >= self.outage:
            return None
        step = self.waits[min(len(outages), len(self.waits) - 1)]
        return step * self.jitter.uniform(0.5, 1.0)

    @staticmethod
    def _has_lasted(outages: Sequence[Pause]) -> float:
        """Seconds since the first refusal; attempts that hang take time as well as waits."""
        waited = sum(pause.seconds for pause in outages)
        return max(waited, monotonic() - outages[0].begun)

    def _wait_after(self, error: Exception, retries: int) -> float | None:
        if retries == len(self.waits):
            return None
        wish = error.retry_after if isinstance(error, Retryable) else None
        if wish is None:
            return self.jitter.uniform(0, self.waits[retries])
        return wish if wish <= self.longest_wish else None

    @staticmethod
    def _rest(pause: Pause, sleep: Sleep, on_wait: OnWait) -> None:
        on_wait(pause)
        try:
            if sleep(pause.seconds):
                raise Halted
        finally:
            if not pause.is_outage:
                on_wait(None)
