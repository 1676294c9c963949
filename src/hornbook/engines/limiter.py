"""How much a provider may be asked at once, and when: one limiter for all who ask it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from hornbook.errors import Queued

MINUTE = 60.0
SHORT = 1.0
"""Seconds that are waited for here; a caller who has to wait longer is sent away until then."""
PATIENCE = 30.0
"""Seconds that are waited for a place: long enough to be seldom sent away, and much shorter than
what makes a job look hung. Who is sent away waits where Stop is heard."""
A_MOMENT = 0.5
"""Seconds until who found no place comes back; too few to be told on a screen."""

NO_PLACE = "Rate limit: as many calls as may be made at once are waiting for answers."


@dataclass(slots=True)
class Turn:
    """One call that was let through."""

    began: float
    tokens: float


class Window:
    """What was let through in the last minute, against what may be."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._booked: deque[tuple[Turn, Callable[[Turn], float]]] = deque()

    def book(self, turn: Turn, amount: Callable[[Turn], float]) -> None:
        """Count this turn; `amount` may still change while the call goes on."""
        if self._most is not None:
            self._booked.append((turn, amount))

    def wait(self, amount: float, now: float) -> float:
        """Seconds until so much fits in. What never does fits as soon as nothing else is there."""
        while self._booked and self._booked[0][0].began <= now - MINUTE:
            self._booked.popleft()
        if self._most is None or not self._booked:
            return 0.0
        excess = sum(size(turn) for turn, size in self._booked) + amount - self._most
        freed = 0.0
        for turn, size in self._booked:
            if freed >= excess:
                break
            freed += size(turn)
            leaves = turn.began + MINUTE
        return max(0.0, leaves - now) if excess > 0 else 0.0


class Limiter:
    """Lets calls through, fewer at once while the provider has too many. Belongs to one loop."""

    def __init__(
        self,
        *,
        concurrency: int,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        clock: Callable[[], float] = monotonic,
        patience: float = PATIENCE,
    ) -> None:
        self.patience = patience
        """Seconds that a new question waits for a place."""
        self.concurrency = concurrency
        """How many calls may be in flight now; at most as many as it was made with."""
        self.in_flight = 0
        self._most = concurrency
        self._requests = Window(requests_per_minute)
        self._tokens = Window(tokens_per_minute)
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._successes = 0
        self._reduced_at = float("-inf")
        self._paused_until = float("-inf")

    @asynccontextmanager
    async def turn(self, tokens: float, *, is_first: bool = True) -> AsyncIterator[Turn]:
        """Let a call of about so many tokens through as soon as there is room for it.

        Raises Queued where that is more than a second away, or for want of a place longer than
        `patience`. A call that is not the first one of its question counts, but never waits for a
        budget, and gets the next place: what came before it is paid for.
        """
        self._refuse_in_pause()
        await self._take_place(is_first=is_first)
        try:
            await self._wait_for_budgets(tokens if is_first else None)
            turn = Turn(self._clock(), tokens)
            self._requests.book(turn, lambda _turn: 1.0)
            self._tokens.book(turn, lambda turn: turn.tokens)
            yield turn
        finally:
            self.in_flight -= 1
            self._wake()

    def succeeded(self) -> None:
        """Note a call that was answered: after a run of them one more may be in flight."""
        self._successes += 1
        if self._successes >= self.concurrency and self.concurrency < self._most:
            self.concurrency += 1
            self._successes = 0
            self._wake()

    def overloaded(self, turn: Turn) -> None:
        """Halve what may be in flight, once for all the calls that met the same overload."""
        self._successes = 0
        if turn.began > self._reduced_at:
            self.concurrency = max(1, self.concurrency // 2)
            self._reduced_at = self._clock()

    def pause(self, seconds: float) -> None:
        """Hold everybody back for so long."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _refuse_in_pause(self) -> None:
        left = self._paused_until - self._clock()
        if left > SHORT:
            raise Queued(retry_after=left)

    async def _wait_for_budgets(self, tokens: float | None) -> None:
        while (wait := self._seconds_to_wait(tokens)) > 0:
            if wait > SHORT:
                raise Queued(retry_after=wait)
            await asyncio.sleep(wait)

    def _seconds_to_wait(self, tokens: float | None) -> float:
        now = self._clock()
        pause = self._paused_until - now
        if tokens is None:
            return pause
        return max(pause, self._requests.wait(1.0, now), self._tokens.wait(tokens, now))

    async def _take_place(self, *, is_first: bool) -> None:
        if self.in_flight < self.concurrency:
            self.in_flight += 1
            return
        place = asyncio.get_running_loop().create_future()
        if not is_first:
            self._waiting.appendleft(place)
            await self._wait_for(place)
            return
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self.patience):
                await self._wait_for(place)
        except TimeoutError as error:
            raise Queued(NO_PLACE, retry_after=A_MOMENT) from error

    async def _wait_for(self, place: asyncio.Future[None]) -> None:
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                self.in_flight -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self.in_flight < self.concurrency:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                self.in_flight += 1
