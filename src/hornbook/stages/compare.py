"""What differs between two texts, line by line and word by word, for somebody who reads it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

ALIKE = 0.5
"""From this share of common words on, two lines are one line that was changed."""
MOST_LINES, MOST_WORDS, LOOK_AHEAD = 2_000, 2_000, 20
"""Of a text, of a line, and in lines: beyond, comparing would take longer than anybody waits."""
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, all of which share one fate."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the comparison; `skipped` counts equal lines that are left out in its place."""

    pieces: tuple[Piece, ...]
    skipped: int = 0

    @property
    def is_same(self) -> bool:
        """Whether nothing changed in it."""
        return all(piece.change is Change.SAME for piece in self.pieces)


def compare(before: str, after: str) -> tuple[Line, ...]:
    """Every line of both texts in order, the words that went and came told apart.

    Empty lines say nothing and are left out. The pieces that are not new make up the old text, and
    those that are not gone the new one.
    """
    old, new = _lines(before), _lines(after)
    if max(len(old), len(new)) > MOST_LINES and old != new:
        return (*_whole(old, Change.GONE), *_whole(new, Change.NEW))
    return tuple(
        line
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        for line in (
            _whole(old[a:b], Change.SAME) if tag == "equal" else _changed(old[a:b], new[c:d])
        )
    )


def in_short(lines: Sequence[Line], around: int = 1) -> tuple[Line, ...]:
    """Only what changed, with so many equal lines around it; the others are counted."""
    near = {
        at + beside
        for at, line in enumerate(lines)
        if not line.is_same
        for beside in range(-around, around + 1)
    }
    short: list[Line] = []
    for is_near, group in groupby(enumerate(lines), key=lambda numbered: numbered[0] in near):
        found = [line for _at, line in group]
        short += found if is_near or len(found) == 1 else [Line((), skipped=len(found))]
    return tuple(short)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _whole(lines: Sequence[str], change: Change) -> list[Line]:
    return [Line((Piece(change, line),)) for line in lines]


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Lines that stand for one another are told word by word, the others whole."""
    left = list(new)
    for line in old:
        near = enumerate(left[:LOOK_AHEAD])
        at = next((at for at, other in near if _is_alike(line, other)), None)
        if at is None:
            yield from _whole([line], Change.GONE)
            continue
        yield from _whole(left[:at], Change.NEW)
        yield Line(tuple(_pieces(line, left[at])))
        left = left[at + 1 :]
    yield from _whole(left, Change.NEW)


def _is_alike(one: str, other: str) -> bool:
    old, new = one.split(), other.split()
    if max(len(old), len(new)) > MOST_WORDS:
        return False
    words = SequenceMatcher(None, old, new, autojunk=False)
    return words.real_quick_ratio() >= ALIKE and words.ratio() >= ALIKE


def _pieces(old: str, new: str) -> Iterator[Piece]:
    before, after = _words(old), _words(new)
    same = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in same.get_opcodes():
        if tag == "equal":
            yield Piece(Change.SAME, "".join(before[a:b]))
            continue
        if b > a:
            yield Piece(Change.GONE, "".join(before[a:b]))
        if d > c:
            yield Piece(Change.NEW, "".join(after[c:d]))


def _words(line: str) -> list[str]:
    return _WORDS.findall(line)
