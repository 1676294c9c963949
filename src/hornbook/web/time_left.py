"""How long a job still takes, guessed from the pace of its last items.

The guess is a function of the ledger alone, so that every tab and every restarted server makes the
same one. It is told on a coarse scale, and rises by at most a fifth in the time between two polls:
a figure that jumps about is not believed.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence

ENOUGH = 5
"""Items that must have ended before there is a guess."""
LAST = 20
"""Items that the pace is taken from."""
STRIDE = 4
"""Items worked on at once end in bunches: the pace is the time from each to the fourth after it."""
LARGEST_RISE = 1.2
SECONDS_BETWEEN_RISES = 5.0
"""Longer than a poll takes to come round, so that no poll sees two rises."""
SCALE = ((60, 5), (300, 10), (3600, 60))
"""Below so many seconds the guess is told in steps of so many, a fifth of it at most."""
COARSEST = 600
SHORTEST = 30
"""Less than this is not told apart."""


def time_left(ended: Sequence[float], left: int) -> int | None:
    """Guess the seconds that `left` items take, after items ended at these instants, in order.

    None while too few have ended.
    """
    shown, since = None, 0.0
    for at, guess in _guesses(ended, left):
        if shown is None or _told(guess) < shown:
            shown, since = _told(guess), at
        elif _told(guess) > shown and at - since >= SECONDS_BETWEEN_RISES:
            shown, since = min(_told(guess), _told(shown * LARGEST_RISE, is_limit=True)), at
    return shown


def _guesses(ended: Sequence[float], left: int) -> Iterator[tuple[float, float]]:
    """Replay the job: after each end, the usual pace of the last items times what was left."""
    paces = [(ended[n + STRIDE] - ended[n]) / STRIDE for n in range(len(ended) - STRIDE)]
    recent: list[float] = []
    for number, pace in enumerate(paces):
        insort(recent, pace)
        if len(recent) > LAST - STRIDE:
            del recent[bisect_left(recent, paces[number - (LAST - STRIDE)])]
        yield ended[number + STRIDE], _usual(recent) * (left + len(paces) - 1 - number)


def _usual(ordered: Sequence[float]) -> float:
    """The mean of the middle half: as deaf to outliers as the median, and fair to bunches."""
    outer = len(ordered) // 4
    middle = ordered[outer : len(ordered) - outer]
    return sum(middle) / len(middle)


def _told(seconds: float, *, is_limit: bool = False) -> int:
    """Put a guess on the scale, at the nearest mark, or at the last one below a limit."""
    step = next((step for below, step in SCALE if seconds < below), COARSEST)
    marks = seconds / step
    return max(SHORTEST, int(marks + 1e-9) * step if is_limit else round(marks) * step)
