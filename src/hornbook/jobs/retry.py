"""Trying again: how often, how long between, and when to give up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from hornbook.errors import Retryable, StoreUnavailable

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
    """How many there may be; 0 while an outage is borne, where time counts and not attempts."""


OnWait = Callable[[Pause | None], None]
"""Told that a wait begins; None when it is over."""


@dataclass(frozen=True)
class Patience:
    """How an item is tried again: each wait is what the provider asks for, else up to `waits`."""

    waits: tuple[float, ...] = (1.0, 2.0, 4.0)
    """Seconds before the first, second and third retry."""
    longest_wish: float = 300.0
    """The longest wait a provider may ask for; beyond it the job stops."""
    outage: float = 60.0
    """Seconds of waiting in all while the store or the database does not answer."""
    jitter: Random = field(default_factory=Random)

    def call(self, work: Callable[[], T], sleep: Sleep, on_wait: OnWait) -> T:
        """The result of `work`; raises its last error, or Halted when a wait was cut short."""
        retries, waited = 0, 0.0
        while True:
            try:
                return work()
            except (Retryable, *OUTAGES) as caught:
                error: Exception = caught
                wait = self._next_wait(error, retries, waited)
                if wait is None:
                    raise
            retries, waited = retries + 1, waited + wait
            of = 0 if isinstance(error, (StoreUnavailable, *OUTAGES)) else len(self.waits)
            self._rest(Pause(error, wait, retries, of), sleep, on_wait)

    def asks_too_much(self, error: Retryable) -> bool:
        """Whether the provider wants a longer pause than a job should hold its book for."""
        return error.retry_after is not None and error.retry_after > self.longest_wish

    def _next_wait(self, error: Exception, retries: int, waited: float) -> float | None:
        """How long to wait now; None to give up."""
        if isinstance(error, (StoreUnavailable, *OUTAGES)):
            step = self.waits[min(retries, len(self.waits) - 1)]
            return step * self.jitter.uniform(0.5, 1.0) if waited < self.outage else None
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
            on_wait(None)
