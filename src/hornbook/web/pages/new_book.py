"""The form for a new book."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from hornbook.errors import HornbookError
from hornbook.model.book import NewBook
from hornbook.model.language import Language
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _, noted
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.screen import book_path, render
from hornbook.web.problems import sentence_of

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/new")

LONGEST = 300
REQUIRED = ("title", "grade", "country", "board", "subject")
LABELS = {
    "title": noted("Title"),
    "author": noted("Author"),
    "edition": noted("Edition"),
    "edition_year": noted("Year"),
    "country": noted("Country"),
    "board": noted("Board"),
    "grade": noted("Grade"),
    "subject": noted("Subject"),
    "language": noted("Language"),
}


@router.get("")
def ask_for_book(request: Request, hornbook: Hornbook) -> Response:
    """Show an empty form."""
    return _form(request, hornbook, {}, {})


@router.post("")
def create_book(request: Request, fields: Fields, hornbook: Hornbook, user: UserName) -> Response:
    """Create the book and go to it, or show the form again with what is wrong beside it."""
    errors = _errors(fields)
    if errors:
        return _form(request, hornbook, fields, errors)
    try:
        book = hornbook.books.create(_new_book(fields), user)
    except HornbookError as error:
        return _form(request, hornbook, fields, {"title": sentence_of(error)})
    return RedirectResponse(book_path(book.id), 303)


def _form(request: Request, app: "App", values: dict[str, str], errors: dict[str, str]) -> Response:
    return render(
        request,
        "book_new.html",
        422 if errors else 200,
        section="Books",
        values=values,
        errors=errors,
        known=app.books.known_words(),
        languages=Language,
    )


def _errors(fields: dict[str, str]) -> dict[str, str]:
    errors = {
        name: _(
            "%(field)s is at most %(longest)s characters long.", field=_(label), longest=LONGEST
        )
        for name, label in LABELS.items()
        if len(fields.get(name, "")) > LONGEST
    }
    errors |= {
        name: _("%(field)s has characters that cannot be shown.", field=_(label))
        for name, label in LABELS.items()
        if not fields.get(name, "").strip().isprintable()
    }
    errors |= {
        name: _("%(field)s is needed.", field=_(LABELS[name]))
        for name in REQUIRED
        if not fields.get(name, "").strip()
    }
    if "grade" not in errors and _number(fields["grade"], 1, 12) is None:
        errors["grade"] = _("Grade is a number from 1 to 12.")
    year = fields.get("edition_year", "").strip()
    if year and _number(year, 1900, 2100) is None:
        errors["edition_year"] = _("Year is a number from 1900 to 2100.")
    if fields.get("language", "") not in {"", *Language}:
        errors["language"] = _("Choose one of the languages.")
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
        language=Language(given["language"] or Language.ENGLISH),
    )
