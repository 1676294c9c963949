"""The list of books, and the form for a new one."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from hornbook.errors import HornbookError
from hornbook.model.book import Book, BookFilter, NewBook
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.pages.book_screen import show_job, subline
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.journey import needs_you, stage_title, state_pill
from hornbook.web.pages.screen import book_path, render

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter()

ON_A_SCREEN = 50
LONGEST = 300
MOST_BOOKS = 1_000_000
REQUIRED = ("title", "grade", "country", "board", "subject")
LABELS = {
    "title": "Title",
    "author": "Author",
    "edition": "Edition",
    "edition_year": "Year",
    "country": "Country",
    "board": "Board",
    "grade": "Grade",
    "subject": "Subject",
}


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book in the list."""

    book: Book
    path: str
    subline: str
    tone: str
    state: str
    stage: str
    percent: int
    needs: str
    worked_at: datetime | None
    """When the latest job ended, or started if it has not."""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the books before and after these are."""

    before: int | None
    after: int | None


@router.get("/")
def list_books(request: Request, hornbook: Hornbook, offset: int = 0) -> Response:
    """Show all books, newest first."""
    offset = min(max(0, offset), MOST_BOOKS)
    books, total = hornbook.books.list(BookFilter(limit=ON_A_SCREEN, offset=offset))
    return render(
        request,
        "books.html",
        section="Books",
        rows=[_row(hornbook, book) for book in books],
        total=total,
        running=sum(book.has_active_job for book in books),
        pager=_pager(offset, total),
        now=hornbook.clock(),
    )


@router.get("/books/new")
def ask_for_book(request: Request) -> Response:
    """Show an empty form."""
    return _form(request, {}, {})


@router.post("/books/new")
def create_book(request: Request, fields: Fields, hornbook: Hornbook, user: UserName) -> Response:
    """Create the book and go to it, or show the form again with what is wrong beside it."""
    errors = _errors(fields)
    if errors:
        return _form(request, fields, errors)
    try:
        book = hornbook.books.create(_new_book(fields), user)
    except HornbookError as error:
        return _form(request, fields, {"title": str(error)})
    return RedirectResponse(book_path(book.id), 303)


def _form(request: Request, values: dict[str, str], errors: dict[str, str]) -> Response:
    status = 422 if errors else 200
    return render(request, "book_new.html", status, section="Books", values=values, errors=errors)


def _errors(fields: dict[str, str]) -> dict[str, str]:
    errors = {
        name: f"{LABELS[name]} is at most {LONGEST} characters long."
        for name in LABELS
        if len(fields.get(name, "")) > LONGEST
    }
    errors |= {
        name: f"{LABELS[name]} has characters that cannot be shown."
        for name in LABELS
        if not fields.get(name, "").strip().isprintable()
    }
    errors |= {
        name: f"{LABELS[name]} is needed." for name in REQUIRED if not fields.get(name, "").strip()
    }
    if "grade" not in errors and _number(fields["grade"], 1, 12) is None:
        errors["grade"] = "Grade is a number from 1 to 12."
    year = fields.get("edition_year", "").strip()
    if year and _number(year, 1900, 2100) is None:
        errors["edition_year"] = "Year is a number from 1900 to 2100."
    return errors


def _number(text: str, low: int, high: int) -> int | None:
    text = text.strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= 4
    return int(text) if is_number and low <= int(text) <= high else None


def _new_book(fields: dict[str, str]) -> NewBook:
    given = {name: fields.get(name, "").strip() for name in LABELS}
    return NewBook(
        title=given["title"],
        grade=int(given["grade"]),
        subject=given["subject"],
        author=given["author"] or None,
        edition=given["edition"] or None,
        edition_year=int(given["edition_year"]) if given["edition_year"] else None,
        country=given["country"],
        board=given["board"],
    )


def _row(app: "App", book: Book) -> BookRow:
    job = show_job(app, book.id)
    tone, state = state_pill(book, job)
    return BookRow(
        book,
        book_path(book.id),
        subline(book),
        tone,
        state,
        stage_title(book, job),
        job.percent if job else 0,
        needs_you(book, app.reviews.counts(book.id), job),
        (job.job.completed_at or job.job.started_at) if job else None,
    )


def _pager(offset: int, total: int) -> Pager | None:
    before = max(0, offset - ON_A_SCREEN) if offset else None
    after = offset + ON_A_SCREEN if offset + ON_A_SCREEN < total else None
    return None if before is None and after is None else Pager(before, after)
