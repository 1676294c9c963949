"""The dynamic programme: which of many possible beginnings together explain the book best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hornbook.stages.outline.signs import Number

_MOST = 900
"""Beginnings looked at; the weakest beyond that are left out."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A section that may begin on a page, with how much speaks for it."""

    page: int
    """An index into the pages, not a page number."""
    number: Number | None
    title: str
    score: float
    reasons: tuple[str, ...]


Join = Callable[[Beginning | None, Beginning], float | None]
"""What it is worth that one beginning follows another; `None` when it cannot."""
Agreement = Callable[[Beginning], NDArray[np.float64]]
"""For each page how well it agrees with being part of what begins there."""


def best_chain(
    beginnings: Sequence[Beginning], pages: int, join: Join, agreement: Agreement
) -> list[Beginning]:
    """The beginnings, at most one a page, whose sections explain all pages best; may be empty."""
    strongest = sorted(beginnings, key=lambda one: (-one.score, one.page, str(one.number)))[:_MOST]
    ordered = sorted(strongest, key=lambda one: (one.page, one.number or Number(0, 0), one.title))
    sums = [_summed(agreement(one), pages) for one in ordered]
    values: list[float] = []
    previous: list[int | None] = []
    for at, beginning in enumerate(ordered):
        value, before = _best_before(ordered, values, sums, at, join)
        values.append(value + beginning.score)
        previous.append(before)
    totals = [
        value + float(own[pages] - own[one.page])
        for value, own, one in zip(values, sums, ordered, strict=True)
    ]
    return _walk_back(ordered, totals, previous)


def _summed(agreement: NDArray[np.float64], pages: int) -> NDArray[np.float64]:
    return np.concatenate([np.zeros(1), np.cumsum(agreement[:pages])])


def _best_before(
    ordered: Sequence[Beginning],
    values: Sequence[float],
    sums: Sequence[NDArray[np.float64]],
    at: int,
    join: Join,
) -> tuple[float, int | None]:
    beginning = ordered[at]
    best, before = join(None, beginning) or 0.0, None
    for index in range(at):
        other = ordered[index]
        worth = join(other, beginning) if other.page < beginning.page else None
        if worth is None:
            continue
        value = values[index] + worth + sums[index][beginning.page] - sums[index][other.page]
        if value > best:
            best, before = float(value), index
    return best, before


def _walk_back(
    ordered: Sequence[Beginning], totals: Sequence[float], previous: Sequence[int | None]
) -> list[Beginning]:
    if not totals or max(totals) <= 0:
        return []
    at: int | None = int(np.argmax(totals))
    chain: list[Beginning] = []
    while at is not None:
        chain.append(ordered[at])
        at = previous[at]
    return chain[::-1]
