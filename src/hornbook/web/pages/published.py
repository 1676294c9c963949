"""The review of published guidelines, across all books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from hornbook.model.guideline import PublishedReview
from hornbook.model.published import Facets, PublishedFilter, PublishedGuideline
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _, noted
from hornbook.web.pages.asking import Question, ask
from hornbook.web.pages.forms import Fields, Lists
from hornbook.web.pages.guideline_screen import anchor
from hornbook.web.pages.rows import Chip
from hornbook.web.pages.screen import book_path, counted, render
from hornbook.web.pages.telling import Flash, act

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/review")

ON_A_SCREEN = 25
MOST_ROWS = 1_000_000
LONGEST_SEARCH = 200
SAMPLE = 3
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


@router.get("")
def show(request: Request, hornbook: Hornbook, offset: int = 0) -> Response:
    """Show one screen of the published guidelines of a filter."""
    choice = _choice(request, offset)
    rows, facets = hornbook.publish.listed(choice.wanted, limit=ON_A_SCREEN, offset=choice.offset)
    titles = _titles(hornbook, rows, facets)
    last = choice.offset + len(rows)
    waiting = dict(facets.status).get(PublishedReview.TO_BE_REVIEWED.value, 0)
    is_for_approved = choice["status"] == PublishedReview.APPROVED
    return render(
        request,
        "published.html",
        section="Review",
        rows=[_row(row, titles) for row in rows],
        choice=choice,
        here=choice.address(offset=choice.offset),
        facets=_facets(choice, facets, titles),
        chips=_chips(choice, facets),
        total=facets.total,
        waiting=0 if is_for_approved else waiting,
        approve_path=choice.address("/review/approve"),
        span=(choice.offset + 1, last),
        before=None if not choice.offset else _page(choice, choice.offset - ON_A_SCREEN),
        after=_page(choice, last) if last < facets.total else None,
        now=hornbook.clock(),
    )


@router.post("/chosen")
def decide_chosen(
    request: Request, fields: Fields, lists: Lists, hornbook: Hornbook, user: UserName
) -> Response:
    """Approve the rows that were ticked, or send them back to review."""
    is_approved = fields.get("do") != "reopen"
    chosen = lists.get("id", [])[:ON_A_SCREEN]
    return act(
        request,
        _back(fields),
        lambda: hornbook.publish.approve_rows(chosen, approved=is_approved, by=user),
        lambda changed: _told(hornbook, changed, _back(fields), is_approved=is_approved),
    )


@router.get("/approve")
def ask_to_approve(request: Request, hornbook: Hornbook) -> Response:
    """Show what approving all rows of a filter means, with a few of them."""
    choice = _choice(request, 0, status=PublishedReview.TO_BE_REVIEWED.value)
    rows, facets = hornbook.publish.listed(choice.wanted, limit=SAMPLE, offset=0)
    return render(
        request,
        "approve_published.html",
        section="Review",
        rows=rows,
        total=facets.total,
        narrowed=[
            (_(FACETS[name]), choice[name]) for name in FACETS if choice[name] and name != "book"
        ],
        action=choice.address("/review/approve"),
        back=choice.address(),
    )


@router.post("/approve")
def approve_matching(
    request: Request, fields: Fields, hornbook: Hornbook, user: UserName
) -> Response:
    """Approve every row of a filter, however many screens they take."""
    choice = _choice(request, 0, status=PublishedReview.TO_BE_REVIEWED.value)
    return act(
        request,
        _back(fields),
        lambda: hornbook.publish.approve_matching(choice.wanted, by=user),
        lambda changed: _told(hornbook, changed, _back(fields), is_approved=True),
    )


@router.post("/undo")
def undo(
    request: Request,
    hornbook: Hornbook,
    user: UserName,
    at: str = "",
    ids: Annotated[Sequence[str], Query(alias="id")] = (),
    back: str = "",
) -> Response:
    """Take back what this human approved at one instant, or approve again what was sent back."""
    when, to = _instant(at), _back({"back": back})
    if when is None:
        return act(
            request,
            to,
            lambda: hornbook.publish.approve_rows(ids[:ON_A_SCREEN], approved=True, by=user),
            lambda changed: _("%(guidelines)s approved again.", guidelines=_counted(changed)),
        )
    return act(
        request,
        to,
        lambda: hornbook.publish.undo_approval(at=when, by=user),
        lambda changed: _("%(guidelines)s back to review.", guidelines=_counted(changed)),
    )


@router.get("/{guideline_id}/delete")
def ask_to_delete(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Ask before a row is taken out of what is published; raises NotFound."""
    row = hornbook.publish.row(guideline_id)
    question = Question(
        heading=_("Take out “%(title)s”?", title=row.subtopic),
        sentences=(
            _("The tutor no longer sees it, and later syncs leave it out."),
            _("The guideline stays with its book, where it can be offered again."),
        ),
        address=f"/review/{quote(guideline_id)}/delete",
        back="/review",
        trail=((_("Review"), "/review"),),
        button=_("Take out"),
        look="danger",
    )
    return ask(request, question, "Review")


@router.post("/{guideline_id}/delete")
def delete(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Take a row out of what is published."""
    return act(
        request,
        "/review",
        lambda: hornbook.publish.delete_row(guideline_id),
        lambda _gone: _("Taken out. Later syncs leave it out too."),
    )


@router.post("/{guideline_id}")
def decide(
    request: Request, guideline_id: str, fields: Fields, hornbook: Hornbook, user: UserName
) -> Response:
    """Approve a row, or send it back to review."""
    is_approved = fields.get("do") == "approve"

    return act(
        request,
        _back(fields),
        lambda: hornbook.publish.approve_row(guideline_id, approved=is_approved, by=user),
        lambda row: _told_one(row, _back(fields), is_approved=is_approved),
    )


def _told_one(row: PublishedGuideline, back: str, *, is_approved: bool) -> Flash:
    if is_approved:
        return Flash("good", _("“%(title)s” approved.", title=row.subtopic), _way_back(row, back))
    sentence = _("“%(title)s” goes back to review.", title=row.subtopic)
    return Flash("good", sentence, _way_forth([row.id], back))


def _told(app: "App", changed: Sequence[str], back: str, *, is_approved: bool) -> Flash:
    if not changed:
        return Flash("warn", _("Nothing was changed: tick guidelines of the other state first."))
    if not is_approved:
        sentence = _("%(guidelines)s back to review.", guidelines=_counted(changed))
        return Flash("good", sentence, _way_forth(changed, back))
    sentence = _("%(guidelines)s approved.", guidelines=_counted(changed))
    return Flash("good", sentence, _way_back(app.publish.row(changed[0]), back))


def _counted(changed: Sequence[str]) -> str:
    return counted(len(changed), "guideline")


def _way_back(row: PublishedGuideline, back: str) -> str:
    """Name everything that was approved together with this row."""
    if row.reviewed_at is None:
        return ""
    return f"/review/undo?{urlencode({'at': row.reviewed_at.isoformat(), 'back': back})}"


def _way_forth(changed: Sequence[str], back: str) -> str:
    """Name rows that were sent back to review."""
    return f"/review/undo?{urlencode({'id': changed, 'back': back}, doseq=True)}"


def _instant(written: str) -> datetime | None:
    """Read an instant as `_way_back` writes it."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _choice(request: Request, offset: int, **other: str) -> Choice:
    asked = request.query_params
    given = {name: _searchable(asked.get(name, "")) for name in NAMES} | other
    return Choice(given, min(max(0, offset), MOST_ROWS))


def _searchable(typed: str) -> str:
    """Take what a database can look for."""
    return "".join(filter(str.isprintable, typed)).strip()[:LONGEST_SEARCH]


def _titles(app: "App", rows: Sequence[PublishedGuideline], facets: Facets) -> Mapping[str, str]:
    known = {row.book_id for row in rows if row.book_id}
    return app.books.titles(known | {value for value, _number in facets.book_id})


def _row(row: PublishedGuideline, titles: Mapping[str, str]) -> ShownRow:
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


def _facets(choice: Choice, facets: Facets, titles: Mapping[str, str]) -> tuple[Facet, ...]:
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


def _chips(choice: Choice, facets: Facets) -> list[Chip]:
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


def _page(choice: Choice, offset: int) -> str:
    return choice.address(offset=max(0, offset))


def _back(fields: Mapping[str, str]) -> str:
    """Go back to the screen the form stood on; any other address is not believed."""
    given = fields.get("back", "")
    return given if given.startswith("/review") and given.isprintable() else "/review"
