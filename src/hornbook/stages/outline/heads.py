"""Running heads: short lines at a page's edge that come back on neighbouring pages."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from hornbook.model.finding import LineOnPage
from hornbook.stages.outline import signs
from hornbook.stages.outline.signs import Number
from hornbook.stages.outline.wording import Wording

NEAR = 12
"""Pages within which a running head comes back."""
_NUMBER_INSIDE = re.compile(r"(?<=\s)(?=\d{1,2}[.,:]\d{1,2}\s+[A-Za-z])")
_LISTED = re.compile(r"^\s*(?:[•●○▪*]|\d{1,3}[.)]\s|\(?[a-h]\))")
_BULLET = re.compile(r"^\s*[•●○▪*]")
_LABELLED = re.compile(
    r"^\W*(?:example|figure|table|try it|exercise|be prepared|step)\b", re.IGNORECASE
)


_NUMBER_AFTER_WORD = re.compile(r"^\W*(?P<word>[^\W\d_][^\d]{3,10}?)\s*[\dIlOoS]")
_NUMBERED_LABELS = ("example", "figure", "table", "exercise", "tryit", "beprepared")


@dataclass(frozen=True, slots=True)
class Mark:
    """One part of a running head: "Integers", or "3.4" with "Multiply and Divide Integers"."""

    number: Number | None
    text: str


@dataclass(frozen=True, slots=True)
class _Part:
    page: int
    line: int
    mark: Mark
    letters: str
    is_bare: bool
    """A number without a title, such as "Chapter 2": only its own number is like it."""


def running_heads(
    pages: Sequence[Sequence[LineOnPage]], wording: Wording
) -> list[dict[int, tuple[Mark, ...]]]:
    """For each page its running-head lines, by position, with what they say."""
    parts = [part for at, lines in enumerate(pages) for part in _edge_parts(at, lines)]
    recurring = _recurring(parts, _common_lines(pages), wording)
    found: list[dict[int, list[Mark]]] = [defaultdict(list) for _ in pages]
    for part, recurs in zip(parts, recurring, strict=True):
        if recurs:
            found[part.page][part.line].append(part.mark)
    return [{line: tuple(marks) for line, marks in page.items()} for page in found]


def _edge_parts(page: int, lines: Sequence[LineOnPage]) -> list[_Part]:
    parts: list[_Part] = []
    for at in _edge(lines):
        if _is_listed(lines, at) or _BULLET.match(lines[at].text):
            continue
        for text in parts_of(lines[at].text):
            letters = signs.letters_of(text)
            found = signs.numbered(text)
            if not _may_be_head(text, letters, is_numbered=found is not None):
                continue
            number = found.number if found and not found.is_deeper else None
            title = found.title if found and found.title else text
            is_bare = found is not None and not found.title
            parts.append(_Part(page, at, Mark(number, title), letters, is_bare))
    return parts


def _may_be_head(text: str, letters: str, *, is_numbered: bool) -> bool:
    if not 4 <= len(letters) <= 110 or signs.is_label(text) or signs.opens(text):
        return False
    words = len(letters.split())
    is_sentence = words > 9 or (words > 4 and text.endswith((".", "?", "!")))
    return is_numbered or not (is_sentence or _LISTED.match(text))


def _is_listed(lines: Sequence[LineOnPage], at: int) -> bool:
    """Whether the line is one of several sections listed below each other."""
    own = signs.numbered(lines[at].text)
    if own is None or not own.number.section:
        return False
    beside = (signs.numbered(lines[k].text) for k in (at - 1, at + 1) if 0 <= k < len(lines))
    return any(one and one.number.section and one.number != own.number for one in beside)


def _edge(lines: Sequence[LineOnPage]) -> list[int]:
    """The first three lines and the last two, by order and, if known, by height on the page."""
    if not lines:
        return []
    order = list(range(len(lines)))
    chosen = {*order[:3], *order[-2:]}
    tops = [line.box.top for line in lines if line.box]
    if len(tops) == len(lines):
        by_height = sorted(order, key=tops.__getitem__)
        chosen |= {*by_height[:3], *by_height[-2:]}
    return sorted(chosen)


def parts_of(text: str) -> list[str]:
    """The parts of a running head set on one line: left, right, page number apart."""
    pieces = re.split(r"\s{3,}|\s[|•·]\s|\t", signs.without_page(text))
    parts = [
        part
        for piece in pieces
        for part in ([] if _is_labelled(piece) else _NUMBER_INSIDE.split(piece))
    ]
    return [signs.without_page(part) for part in parts if len(part.strip()) > 3]


def _is_labelled(text: str) -> bool:
    """Whether a text is "Example 3.4", however damaged: a label with a number of its own."""
    if _LABELLED.match(text):
        return True
    found = _NUMBER_AFTER_WORD.match(text)
    word = found["word"].replace(" ", "").lower() if found else ""
    return any(fuzz.ratio(word, label) >= 70 for label in _NUMBERED_LABELS)


def _common_lines(pages: Sequence[Sequence[LineOnPage]]) -> frozenset[str]:
    """Short lines that stand inside of three pages or more: labels, not running heads."""
    seen: dict[str, set[int]] = defaultdict(set)
    for page, lines in enumerate(pages):
        edge = set(_edge(lines))
        for at, line in enumerate(lines):
            if at not in edge and len(line.text) < 40:
                seen[signs.letters_of(line.text)].add(page)
    return frozenset(text for text, where in seen.items() if len(where) >= 3)


def _recurring(parts: Sequence[_Part], common: frozenset[str], wording: Wording) -> list[bool]:
    """Which parts come back, letter for letter or nearly, on another page not far away."""
    alike = _alike(parts)
    return [
        part.letters not in common
        and any(
            0 < abs(other.page - part.page) <= NEAR
            and not are_apart(part.mark, other.mark, wording)
            for other in others
        )
        for part, others in zip(parts, alike, strict=True)
    ]


def _alike(parts: Sequence[_Part]) -> list[Sequence[_Part]]:
    """For each part those of nearly the same letters, or of the same number if it is bare."""
    texts = sorted({part.letters for part in parts})
    if not texts:
        return []
    like = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=80, dtype=np.uint8) > 0
    reading: dict[str, list[_Part]] = defaultdict(list)
    bare: dict[Number | None, list[_Part]] = defaultdict(list)
    for part in parts:
        reading[part.letters].append(part)
        if part.is_bare:
            bare[part.mark.number].append(part)
    alike = {
        text: [part for other in np.flatnonzero(row) for part in reading[texts[other]]]
        for text, row in zip(texts, like, strict=True)
    }
    return [bare[part.mark.number] if part.is_bare else alike[part.letters] for part in parts]


def are_apart(one: Mark, other: Mark, wording: Wording) -> bool:
    """Whether two marks that look alike are of two sections, and not one of them misread."""
    is_same_number = one.number is not None and one.number == other.number
    return not is_same_number and wording.tells_apart(one.text, other.text)
