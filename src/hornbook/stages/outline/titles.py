"""Which titles the numbers of a book have, when some readings of them are damaged."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from hornbook.stages.outline import signs
from hornbook.stages.outline.heads import Mark
from hornbook.stages.outline.pages import Signs
from hornbook.stages.outline.signs import Number, Numbered
from hornbook.stages.outline.wording import Wording

ALIKE = 78.0


@dataclass(frozen=True, slots=True)
class Title:
    """The best reading of a title, and how much weight stands behind it."""

    text: str
    letters: str
    support: float
    is_listed: bool


def likeness(one: str, other: str) -> float:
    """How alike two texts' letters are, 0 to 100; the shorter may be a part of the longer."""
    if min(len(one), len(other)) < 4:
        return 100.0 if one == other else 0.0
    whole = fuzz.ratio(one, other)
    longer = max(len(one), len(other)) / min(len(one), len(other))
    if 1.2 < longer < 2.5 and min(len(one), len(other)) >= 12:
        return max(whole, 0.97 * fuzz.partial_ratio(one, other))
    return whole


def known_titles(pages: Sequence[Signs], wording: Wording) -> dict[Number, Title]:
    """The numbers of the book with their titles; readings that are damaged others are left out."""
    readings: dict[Number, list[tuple[str, float]]] = defaultdict(list)
    for page in pages:
        for numbered, weight in _readings(page):
            readings[numbered.number].append((numbered.title, weight))
    listed = {numbered.number for page in pages for numbered in page.listed}
    titles = {
        number: _voted(found, is_listed=number in listed) for number, found in readings.items()
    }
    return {
        number: title
        for number, title in titles.items()
        if not _is_damaged(number, titles, wording)
    }


def _readings(page: Signs) -> Iterable[tuple[Numbered, float]]:
    for heading in page.headings:
        if heading.numbered is not None:
            yield heading.numbered, 3.0 * heading.numbered.certainty
    for entry in page.listed:
        yield entry, 2.5
    for mark in page.marks:
        if mark.number is not None:
            yield Numbered(mark.number, mark.text, 1.0), 1.0


def _voted(readings: Sequence[tuple[str, float]], *, is_listed: bool) -> Title:
    """The reading that agrees best with the others: noise is never alike twice."""
    letters = [signs.letters_of(text) for text, _ in readings]
    weights = [weight for _, weight in readings]

    def backing(at: int) -> float:
        return sum(
            weight * fuzz.ratio(letters[at], other) / 100
            for other, weight in zip(letters, weights, strict=True)
        )

    distinct = sorted(range(len(readings)), key=lambda at: (-bool(letters[at]), -backing(at), at))
    best = distinct[0]
    support = sum(
        weight
        for other, weight in zip(letters, weights, strict=True)
        if likeness(letters[best], other) >= ALIKE
    )
    return Title(readings[best][0], letters[best], support, is_listed)


def _is_damaged(number: Number, titles: Mapping[Number, Title], wording: Wording) -> bool:
    """Whether this is another section's title with its number misread."""
    own = titles[number]
    return not own.is_listed and any(
        other != number
        and bool(other.section) == bool(number.section)
        and title.support >= 1.8 * own.support
        and len(own.letters) >= 8
        and likeness(own.letters, title.letters) >= ALIKE
        and not wording.tells_apart(own.text, title.text)
        for other, title in titles.items()
    )


def resolve(mark: Mark, titles: Mapping[Number, Title], wording: Wording) -> Number | None:
    """The section that a running head means, by its number and its words."""
    letters = signs.letters_of(mark.text)
    own = titles.get(mark.number) if mark.number is not None else None
    if own is not None and likeness(letters, own.letters) >= 70:
        return mark.number
    best = max(
        (
            number
            for number, title in titles.items()
            if not wording.tells_apart(mark.text, title.text)
        ),
        key=lambda number: (likeness(letters, titles[number].letters), number),
        default=None,
    )
    if best is not None and likeness(letters, titles[best].letters) >= ALIKE:
        return best
    return mark.number if own is not None and own.support >= 3 else None
