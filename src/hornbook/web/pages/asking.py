"""The question before what cannot be taken back, or takes long to make again."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from hornbook.model.book import Book
from hornbook.web.language import _
from hornbook.web.pages.screen import book_path, render


@dataclass(frozen=True, slots=True)
class Box:
    """A choice that goes with the question."""

    name: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What would happen, and the button that makes it happen."""

    heading: str
    sentences: tuple[str, ...]
    address: str
    back: str
    trail: tuple[tuple[str, str], ...]
    """The words and addresses of the screens above this one."""
    button: str
    look: str = ""
    box: Box | None = None
    points: tuple[tuple[str, str], ...] = ()
    """What happens to each thing, under its heading."""


def trail_to(book: Book) -> tuple[tuple[str, str], ...]:
    """Lead from the books to this one."""
    return ((_("Books"), "/"), (book.title, book_path(book.id)))


def ask(request: Request, question: Question, section: str = "Books") -> Response:
    """Show the question as a screen of its own, which needs no script."""
    return render(request, "confirm.html", section=section, question=question)
