"""How far the running heads of a book without numbers reach, and which of them hold others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hornbook.stages.outline import signs
from hornbook.stages.outline.heads import Mark
from hornbook.stages.outline.pages import Signs
from hornbook.stages.outline.titles import likeness
from hornbook.stages.outline.wording import Wording

_ALIKE = 76.0
"""Two damaged readings of one title are this much alike; of two titles hardly ever."""
_GAP = 4
"""Pages that a running head may be missing from in its own section, on facing pages too."""
_AGREES, _DISAGREES = 0.8, -0.8


@dataclass(frozen=True, slots=True)
class _Reach:
    """The pages between which a title stands in running heads; `count` of 0 is nowhere."""

    first: int
    last: int
    count: int

    def is_apart_from(self, other: "_Reach") -> bool:
        return self.last < other.first or other.last < self.first


def head_agreements(
    titles: Sequence[str], pages: Sequence[Signs], wording: Wording
) -> dict[str, NDArray[np.float64]]:
    """For each title how well each page's running heads agree with it, or name another.

    Titles that stand over several others, as a chapter's does on facing pages, are left out.
    """
    distinct = sorted(set(titles))
    named = _named(distinct, pages, wording)
    reaches = [_reach(row) for row in named]
    kept = [at for at in range(len(distinct)) if not _is_above_others(at, reaches, named)]
    return {
        distinct[at]: np.where(
            named[at], _AGREES, np.where(_names_another(at, kept, reaches, named), _DISAGREES, 0.0)
        )
        for at in kept
    }


def _named(titles: Sequence[str], pages: Sequence[Signs], wording: Wording) -> NDArray[np.bool_]:
    """For each title the pages that have it for a running head, as far as it can be read."""
    rows = [[is_named(title, page.marks, wording) for page in pages] for title in titles]
    return np.array(rows, dtype=np.bool_).reshape(len(titles), len(pages))


def is_named(title: str, marks: Sequence[Mark], wording: Wording) -> bool:
    """Whether one of the running heads is this title, as far as it can be read."""
    letters = signs.letters_of(title)
    return any(
        likeness(letters, signs.letters_of(mark.text)) >= _ALIKE
        and not wording.tells_apart(title, mark.text)
        for mark in marks
    )


def _reach(named: NDArray[np.bool_]) -> _Reach:
    """The longest stretch of pages with it: one likeness far away is chance."""
    where = np.flatnonzero(named)
    if not len(where):
        return _Reach(-1, -1, 0)
    runs = np.split(where, np.flatnonzero(np.diff(where) > _GAP) + 1)
    longest = max(runs, key=len)
    return _Reach(int(longest[0]), int(longest[-1]), len(longest))


def _is_above_others(at: int, reaches: Sequence[_Reach], named: NDArray[np.bool_]) -> bool:
    return _holds_others(at, reaches) or _is_facing_others(at, reaches, named)


def _holds_others(at: int, reaches: Sequence[_Reach]) -> bool:
    """Whether at least two others that are apart from each other lie where this one reaches."""
    own = reaches[at]
    inside = [
        other
        for other in reaches
        if other.count >= 2 and other.count < own.count and not own.is_apart_from(other)
    ]
    ends = min((other.last for other in inside), default=0)
    return any(other.first > ends for other in inside)


def _is_facing_others(at: int, reaches: Sequence[_Reach], named: NDArray[np.bool_]) -> bool:
    """Whether another title stands on pages between this one's, never with it, and ends sooner."""
    own = reaches[at]
    return any(
        other.count >= 2
        and other.last - other.first < own.last - own.first
        and named[index, own.first : own.last].any()
        and not (named[index] & named[at]).any()
        for index, other in enumerate(reaches)
    )


def _names_another(
    at: int, kept: Sequence[int], reaches: Sequence[_Reach], named: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The pages with a title that is apart from this one."""
    found = np.zeros(named.shape[1], dtype=np.bool_)
    for other in kept:
        if reaches[other].is_apart_from(reaches[at]):
            found |= named[other]
    return found
