"""What the review of published guidelines shows, as far as its address chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import Request

from hornbook.model.guideline import PublishedReview
from hornbook.model.published import Facets, PublishedFilter, PublishedGuideline
from hornbook.web.language import _, noted
from hornbook.web.pages.guideline_screen import anchor
from hornbook.web.pages.rows import Chip
from hornbook.web.pages.screen import book_path

if TYPE_CHECKING:
    from hornbook.wiring import App

MOST_ROWS = 1_000_000
LONGEST_SEARCH = 200
UNSPECIFIED = "unspecified"
"""What country and board are when nobody named them."""
STATES = {
    "": noted("All"),
    PublishedReview.TO_BE_REVIEWED.value: noted("To review"),
    PublishedReview.APPROVED.value: noted("Approved"),
}
FACETS = {
    "book": noted("Book"),
    "country": noted("Country"),
    "board": noted("Board"),
    "grade": noted("Grade"),
    "subject": noted("Subject"),
}
"""The filters, by their names in the address."""
NAMES = (*FACETS, "status", "q")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which published guidelines are looked at; an address says it."""

    given: Mapping[str, str]
    offset: int = 0

    def __getitem__(self, name: str) -> str:
        return self.given.get(name, "")

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not any(self.given.values())

    @property
    def wanted(self) -> PublishedFilter:
        """What the library looks for."""
        grade, status = self["grade"], self["status"]
        return PublishedFilter(
            book_id=self["book"] or None,
            country=self["country"] or None,
            board=self["board"] or None,
            grade=int(grade) if grade.isdecimal() and len(grade) < 4 else None,
            subject=self["subject"] or None,
            status=PublishedReview(status) if status in set(PublishedReview) else None,
            words=self["q"] or None,
        )

    def address(self, path: str = "/review", offset: int = 0, **other: str) -> str:
        """Where this choice is shown, or one that differs from it."""
        query = {**self.given, **other} | ({"offset": str(offset)} if offset else {})
        given = urlencode({name: value for name, value in query.items() if value})
        return path + (f"?{given}" if given else "")


@dataclass(frozen=True, slots=True)
class Option:
    """A value to filter by, and how many rows that would show."""

    value: str
    words: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with what can be chosen in it."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One published guideline."""

    row: PublishedGuideline
    is_approved: bool
    book: str
    href: str
    """Where it stands in its book."""
    about: str


def choice_of(request: Request, offset: int, **other: str) -> Choice:
    """Read the address of the screen; `other` wins over it."""
    asked = request.query_params
    given = {name: _searchable(asked.get(name, "")) for name in NAMES} | other
    return Choice(given, min(max(0, offset), MOST_ROWS))


def _searchable(typed: str) -> str:
    """Take what a database can look for."""
    return "".join(filter(str.isprintable, typed)).strip()[:LONGEST_SEARCH]


def titles_of(app: "App", rows: Sequence[PublishedGuideline], facets: Facets) -> Mapping[str, str]:
    """Name the books of these rows and of the filter."""
    known = {row.book_id for row in rows if row.book_id}
    return app.books.titles(known | {value for value, _number in facets.book_id})


def shown_row(row: PublishedGuideline, titles: Mapping[str, str]) -> ShownRow:
    """Show a row."""
    place = ""
    if row.book_id and row.topic_key and row.subtopic_key:
        spot = quote(anchor(row.topic_key, row.subtopic_key))
        place = f"{book_path(row.book_id)}/guidelines#{spot}"
    grade = _("Grade %(grade)s %(subject)s", grade=row.grade, subject=row.subject)
    board = "" if row.board == UNSPECIFIED else row.board
    return ShownRow(
        row=row,
        is_approved=row.review_status is PublishedReview.APPROVED,
        book=titles.get(row.book_id or "", ""),
        href=place,
        about=" · ".join(part for part in (row.topic, grade, board) if part),
    )


def shown_facets(choice: Choice, facets: Facets, titles: Mapping[str, str]) -> tuple[Facet, ...]:
    """Show every filter with what can be chosen while the others stand."""
    counts = {
        "book": facets.book_id,
        "country": facets.country,
        "board": facets.board,
        "grade": facets.grade,
        "subject": facets.subject,
    }
    return tuple(
        Facet(
            name,
            _(label),
            tuple(
                Option(value, f"{_words(value, titles)} ({number})", choice[name] == value)
                for value, number in counts[name]
            ),
        )
        for name, label in FACETS.items()
    )


def _words(value: str, titles: Mapping[str, str]) -> str:
    return _("Not given") if value == UNSPECIFIED else titles.get(value, value)


def state_chips(choice: Choice, facets: Facets) -> list[Chip]:
    """Show the states with their numbers."""
    numbers = dict(facets.status)
    numbers[""] = sum(numbers.values())
    return [
        Chip(
            f"{_(words)} {numbers.get(name, 0)}",
            choice.address(status=name),
            choice["status"] == name,
        )
        for name, words in STATES.items()
    ]
