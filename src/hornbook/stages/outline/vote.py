"""Damaged running heads are read by what the others near them say."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from hornbook.stages.outline import signs
from hornbook.stages.outline.heads import NEAR, Mark, are_apart
from hornbook.stages.outline.signs import Number
from hornbook.stages.outline.wording import Wording

_SAME = 74
"""From here on two readings are of one running head."""
_SAME_DESPITE_NUMBER = 88
"""And from here on even if their numbers differ."""
_TAKEN = 6
"""Readings of one running head that are asked."""

Page = dict[int, tuple[Mark, ...]]
"""A page's running-head lines, by position, with what they say."""


def voted(pages: Sequence[Page], wording: Wording) -> list[Page]:
    """The running heads with what is read once put right by what is read alike nearby.

    What stands letter for letter on two pages is not touched: it was not misread.
    """
    marks = [
        (at, line, mark) for at, page in enumerate(pages) for line in page for mark in page[line]
    ]
    sure = Counter(mark for _, _, mark in marks)
    others = _others([mark for _, _, mark in marks], wording)
    right: list[dict[int, list[Mark]]] = [{} for _ in pages]
    for index, (at, line, mark) in enumerate(marks):
        near = [marks[k][2] for k in others[index] if abs(marks[k][0] - at) <= NEAR]
        told = mark if sure[mark] > 1 else _told(mark, near)
        right[at].setdefault(line, []).append(told)
    return [{line: tuple(found) for line, found in page.items()} for page in right]


def _others(marks: Sequence[Mark], wording: Wording) -> list[list[int]]:
    """For each mark all that may be readings of the same, itself too, the most alike first."""
    texts = [signs.letters_of(mark.text) for mark in marks]
    if not texts:
        return []
    like = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=_SAME, dtype=np.uint8)
    found: list[list[int]] = []
    for own, row in zip(marks, like.tolist(), strict=True):
        alike = sorted((k for k, value in enumerate(row) if value), key=lambda k: (-row[k], k))
        found.append([k for k in alike if _may_be_same(own, marks[k], row[k], wording)])
    return found


def _may_be_same(one: Mark, other: Mark, likeness: int, wording: Wording) -> bool:
    numbers = {mark.number for mark in (one, other) if mark.number is not None}
    is_near = len(numbers) < 2 or likeness >= _SAME_DESPITE_NUMBER
    return is_near and not are_apart(one, other, wording)


def _told(mark: Mark, near: Sequence[Mark]) -> Mark:
    """The reading that agrees best with the others, and the number that most of them have."""
    readings = near[:_TAKEN]
    letters = [signs.letters_of(one.text) for one in readings]

    def backing(at: int) -> float:
        return sum(fuzz.ratio(letters[at], other) for other in letters)

    best = max(range(len(readings)), key=lambda at: (backing(at), -at), default=None)
    text = mark.text if best is None else readings[best].text
    return Mark(_most_named(mark, readings), text)


def _most_named(mark: Mark, readings: Sequence[Mark]) -> Number | None:
    numbers = Counter(one.number for one in readings if one.number is not None)
    number, count = numbers.most_common(1)[0] if numbers else (None, 0)
    return number if count > 1 or mark.number is None else mark.number
