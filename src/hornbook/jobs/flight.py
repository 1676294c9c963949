"""What is in the air: items, each landing when it is its turn, and errands beside them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from hornbook.errors import Terminal
from hornbook.jobs.leg import Errand
from hornbook.jobs.retry import Halted, Patience, Pause
from hornbook.model.job import JobItem

READ_AHEAD = 16
"""Items begun and not yet saved, at most, where outcomes wait for those before them."""
SUSPICIOUS = 1
"""An item begun so often by workers that died is begun again only when nothing else is in the air:
the next death is then its own doing, and its neighbours are not blamed for it."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of something that was in the air."""

    prepared: Any = None
    error: BaseException | None = None


@dataclass(slots=True, kw_only=True)
class Work:
    """What is done in a thread of its own."""

    item: JobItem | None
    errand: str | None = None
    attempt_began: float | None = None
    """None while it waits between two attempts, or for its turn to be saved."""
    landing: Landing | None = None


@dataclass(slots=True, kw_only=True)
class Trip(Work):
    """One item in the air."""

    item: JobItem
    decide: Callable[[Any], Any] | None = None
    """What remains to be done with what was prepared, when its turn has come."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An item, an errand or a phase begins to wait before its next attempt, or has waited."""

    item: JobItem | None
    pause: Pause | None
    errand: str | None = None


class Flight:
    """Prepares items in parallel. Everything but `nudge` and `is_hung` belongs to one thread.

    Errands take none of the items' places. They are few at once, so that many of them, as after a
    resume, do not keep the items waiting at whatever both of them ask.
    """

    def __init__(self, *, parallel: int, is_ordered: bool, patience: Patience) -> None:
        self._parallel = parallel
        self._is_ordered = is_ordered
        self._patience = patience
        self._trips: dict[str, Trip] = {}
        self._errands: dict[str, Work] = {}
        self._inbox: SimpleQueue[Wait | Work | None] = SimpleQueue()
        self._alarm = threading.Condition()
        self._is_halted = False
        self._hurries = 0

    @property
    def trips(self) -> list[Trip]:
        """Every item in the air, in order."""
        return sorted(self._trips.values(), key=lambda trip: trip.item.position)

    @property
    def is_empty(self) -> bool:
        """Whether no item and no errand is in the air."""
        return not self._trips and not self._errands

    @property
    def has_room_beside(self) -> bool:
        """Whether an errand may be begun now: beside items only, and half as many as these."""
        return bool(self._trips) and len(self._errands) < max(1, self._parallel // 2)

    @property
    def room(self) -> int:
        """How many more items may be begun now; none once an item met what may stop the job."""
        airborne = self._trips.values()
        if any(trip.item.starts >= SUSPICIOUS or _bodes_ill(trip.landing) for trip in airborne):
            return 0
        busy = sum(trip.landing is None for trip in airborne)
        window = max(READ_AHEAD, self._parallel) if self._is_ordered else self._parallel
        return min(self._parallel - busy, window - len(airborne))

    def may_begin(self, item: JobItem) -> bool:
        """Whether there is room; an item under suspicion flies alone, so that it is found out."""
        if item.starts >= SUSPICIOUS and self._trips:
            return False
        return self.room > 0

    def begin(
        self,
        item: JobItem,
        prepare: Callable[[], Any],
        decide: Callable[[Any], Any] | None = None,
    ) -> None:
        """Prepare the item in a thread of its own; then, when its turn has come, decide."""
        trip = Trip(item=item, decide=decide)
        self._trips[item.subject_id] = trip
        self._start(trip, prepare)

    def begin_beside(self, errand: Errand) -> None:
        """Do the errand in a thread of its own."""
        work = self._errands[errand.name] = Work(item=None, errand=errand.name)
        self._start(work, errand.run)

    def receive(self, seconds: float) -> list[Wait]:
        """Wait until something lands, pauses or nudges; gives the pauses that began or ended."""
        waits: list[Wait] = []
        try:
            news = self._inbox.get(timeout=seconds)
            while True:
                if isinstance(news, Wait):
                    waits.append(news)
                news = self._inbox.get_nowait()
        except Empty:
            return waits

    def take(self) -> tuple[JobItem, Landing] | None:
        """Remove the next item from the air whose outcome may be saved now, if there is one."""
        for trip in self.trips:
            if trip.landing is not None and not self._goes_on(trip):
                del self._trips[trip.item.subject_id]
                return trip.item, trip.landing
            if self._is_ordered:
                break
        return None

    def take_beside(self) -> list[BaseException]:
        """Remove the errands that have ended; gives what went wrong with them."""
        landings = {name: work.landing for name, work in self._errands.items()}
        ended = {name: landing for name, landing in landings.items() if landing is not None}
        for name in ended:
            del self._errands[name]
        return [one.error for one in ended.values() if one.error is not None]

    def _goes_on(self, trip: Trip) -> bool:
        """Let an item whose turn has come be decided, if that is still to be done."""
        landing, decide = trip.landing, trip.decide
        if landing is None or landing.error is not None or decide is None:
            return False
        trip.decide = None
        if self._is_halted:
            trip.landing = Landing(error=Halted())
            return False
        trip.landing = None
        self._start(trip, lambda: decide(landing.prepared))
        return True

    def abandon(self) -> list[JobItem]:
        """Forget everything in the air; what the threads still find is dropped. Gives the items."""
        items = [trip.item for trip in self.trips]
        self._trips.clear()
        self._errands.clear()
        return items

    def halt(self) -> None:
        """Cut every wait between attempts short, now and later; what was begun is still ended."""
        with self._alarm:
            self._is_halted = True
            self._alarm.notify_all()

    def hurry(self) -> None:
        """Let every item that waits between two attempts make the next one now."""
        with self._alarm:
            self._hurries += 1
            self._alarm.notify_all()

    def nudge(self) -> None:
        """Wake the thread that waits in `receive`."""
        self._inbox.put(None)

    def is_hung(self, deadline: float) -> bool:
        """Whether an attempt has taken longer than `deadline` seconds."""
        airborne = (*tuple(self._trips.values()), *tuple(self._errands.values()))
        begun = [work.attempt_began for work in airborne]
        return any(monotonic() - start > deadline for start in begun if start is not None)

    def _start(self, work: Work, do: Callable[[], Any]) -> None:
        # A daemon: a call that never returns must not keep the process from ending.
        threading.Thread(target=self._fly, args=(work, do), daemon=True).start()

    def _fly(self, work: Work, do: Callable[[], Any]) -> None:
        def attempt() -> Any:
            work.attempt_began = monotonic()
            try:
                return do()
            finally:
                work.attempt_began = None

        def on_wait(pause: Pause | None) -> None:
            self._inbox.put(Wait(work.item, pause, work.errand))

        try:
            work.landing = Landing(self._patience.call(attempt, self._rest, on_wait))
        except BaseException as error:  # noqa: BLE001 - judged by the run: a thread never dies unheard
            work.landing = Landing(error=error)
        self._inbox.put(work)

    def _rest(self, seconds: float) -> bool:
        """Wait between two attempts, in an item's own thread; whether the work has to end."""
        with self._alarm:
            before = self._hurries
            self._alarm.wait_for(lambda: self._is_halted or self._hurries > before, seconds)
            return self._is_halted


def _bodes_ill(landing: Landing | None) -> bool:
    """An error that may stop the job, though its turn has not come yet."""
    if landing is None or landing.error is None:
        return False
    return not isinstance(landing.error, Terminal)
