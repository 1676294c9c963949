"""One page reviewed: its image beside its text, and everything a human may do about it."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from hornbook.errors import HornbookError, NotFound, StaleRevision
from hornbook.model.book import Book
from hornbook.model.page import Box, OcrStatus, Page, ReviewStatus, TextRevision
from hornbook.web.api.common import Hornbook, PageNum
from hornbook.web.api.uploads import bodies_of
from hornbook.web.auth import UserName
from hornbook.web.pages import rows
from hornbook.web.pages.asking import Question, ask, trail_to
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.telling import Flash, act, go
from hornbook.web.views import page_view

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}/pages/{page_num}")

T = TypeVar("T")

UNSURE_BELOW = 60
UNSURE_SHOWN = 10
PNG_SIZE_AT = 16


@dataclass(frozen=True, slots=True)
class Drawing:
    """The page image with the boxes of a quote, in pixels of the image."""

    width: int
    height: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class UnsureWord:
    """A word that the engine is not sure of."""

    text: str
    percent: int


@router.get("/review")
def show(
    request: Request,
    book_id: str,
    page_num: PageNum,
    hornbook: Hornbook,
    box: Annotated[Sequence[str], Query()] = (),
) -> Response:
    """Show the page; `box` marks places on it. Raises NotFound."""
    return _show(request, hornbook, book_id, page_num, boxes=_boxes(box))


@router.post("/review")
def decide(
    request: Request,
    book_id: str,
    page_num: PageNum,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
) -> Response:
    """Keep the text if it was changed; then approve and go on, or stay.

    A text that somebody else changed meanwhile is shown beside the one typed: nothing is lost.
    """
    try:
        is_changed = _keep_text(hornbook, book_id, page_num, fields, user)
        if fields.get("do") != "approve":
            said = "Text saved." if is_changed else "The text was not changed."
            return go(request, _review_path(book_id, page_num), Flash("good", said))
        hornbook.reviews.approve(book_id, page_num, user)
    except StaleRevision as error:
        return _show(request, hornbook, book_id, page_num, typed=fields["text"], said=str(error))
    except HornbookError as error:
        typed = fields.get("text")
        return _show(request, hornbook, book_id, page_num, typed=typed, said=str(error))
    return go(request, _next_path(hornbook, book_id, page_num), _approved(page_num))


@router.post("/reject")
def reject(
    request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook, user: UserName
) -> Response:
    """Skip the page and go on to the next."""
    return act(
        request,
        _next_path(hornbook, book_id, page_num),
        lambda: hornbook.reviews.reject(book_id, page_num, user),
        lambda page: f"Page {page.page_num} rejected: it is not used.",
    )


@router.post("/unreview")
def unreview(request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook) -> Response:
    """Take the approval or rejection back."""
    return _act(
        request,
        book_id,
        page_num,
        lambda: hornbook.reviews.unreview(book_id, page_num),
        f"Page {page_num} waits for review again.",
    )


@router.post("/read-again")
def read_again(request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook) -> Response:
    """Have the page read again."""
    return _act(
        request,
        book_id,
        page_num,
        lambda: hornbook.reading.retry_page(book_id, page_num),
        f"Page {page_num} is read again.",
    )


@router.post("/rotate")
def rotate(
    request: Request, book_id: str, page_num: PageNum, fields: Fields, hornbook: Hornbook
) -> Response:
    """Turn the image clockwise."""
    degrees = 270 if fields.get("degrees") == "270" else 90
    return _act(
        request,
        book_id,
        page_num,
        lambda: hornbook.reviews.rotate(book_id, page_num, degrees),
        f"Page {page_num} was turned and is read again.",
    )


@router.post("/replace")
async def replace(
    request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook
) -> Response:
    """Put another file in the place of the page's image."""
    to = _review_path(book_id, page_num)
    try:
        part = await bodies_of(request).only(request, "image")
    except HornbookError as error:
        return go(request, to, Flash("bad", str(error)))
    return await run_in_threadpool(
        act,
        request,
        to,
        lambda: hornbook.reviews.replace(book_id, page_num, part.name, part.body or b""),
        lambda _: f"Page {page_num} has a new image and is read again.",
    )


@router.post("/move")
def move(
    request: Request, book_id: str, page_num: PageNum, fields: Fields, hornbook: Hornbook
) -> Response:
    """Give the page another place in the book."""
    typed = fields.get("to", "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        sentence = f"“{typed[:20]}” is no page number."
        return go(request, _review_path(book_id, page_num), Flash("bad", sentence))
    to = int(typed)
    try:
        page = hornbook.reviews.move(book_id, page_num, to)
    except HornbookError as error:
        return go(request, _review_path(book_id, page_num), Flash("bad", str(error)))
    flash = Flash("good", f"Page {page_num} is now page {page.page_num}.")
    return go(request, _review_path(book_id, page.page_num), flash)


@router.get("/delete")
def ask_to_delete(
    request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook
) -> Response:
    """Ask before a page is deleted."""
    page = hornbook.reviews.page(book_id, page_num)
    question = Question(
        heading=f"Delete page {page_num}?",
        sentences=(
            f"Page {page_num} ({page.file_name}) goes with its image and its text.",
            "Later pages move up by one, and guidelines made from it lose its part.",
            "This cannot be undone. To keep the page but not use it, reject it instead.",
        ),
        address=f"{book_path(book_id)}/pages/{page_num}/delete",
        back=_review_path(book_id, page_num),
        trail=trail_to(hornbook.books.get(book_id)),
        button="Delete page",
        look="danger",
    )
    return ask(request, question)


@router.post("/delete")
def delete(request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook) -> Response:
    """Delete the page, or say why not."""
    return act(
        request,
        book_path(book_id),
        lambda: hornbook.reviews.delete(book_id, page_num),
        lambda _: f"Page {page_num} deleted.",
    )


def _show(
    request: Request,
    app: "App",
    book_id: str,
    page_num: int,
    *,
    boxes: tuple[Box, ...] = (),
    typed: str | None = None,
    said: str = "",
) -> Response:
    book, page = app.books.get(book_id), app.reviews.page(book_id, page_num)
    text = app.reviews.text(book_id, page_num)
    counts = app.reviews.counts(book_id)
    return render(
        request,
        "review.html",
        409 if said else 200,
        section="Books",
        book=book,
        path=book_path(book_id),
        page=page,
        view=page_view(page),
        row=rows.row(page),
        text=text,
        typed=typed,
        said=said,
        drawing=_drawing(app, book, page, boxes),
        unsure=_unsure(text) if page.ocr_status is OcrStatus.COMPLETED else (),
        attempts=app.reviews.attempts(book_id, page_num),
        counts=counts,
        before=page_num - 1 if page_num > 1 else None,
        after=page_num + 1 if page_num < counts.total else None,
        is_approvable=page.ocr_status is OcrStatus.COMPLETED,
    )


def _keep_text(app: "App", book_id: str, page_num: int, fields: dict[str, str], user: str) -> bool:
    now = app.reviews.text(book_id, page_num)
    typed = fields.get("text")
    if typed is None or typed == (now.text if now else ""):
        return False
    revision = int(fields["revision"]) if fields.get("revision", "").isdecimal() else 0
    app.reviews.correct(book_id, page_num, typed, revision, user)
    return True


def _act(request: Request, book_id: str, page_num: int, do: Callable[[], T], said: str) -> Response:
    return act(request, _review_path(book_id, page_num), do, lambda _: said)


def _approved(page_num: int) -> Flash:
    return Flash("good", f"Page {page_num} approved.")


def _review_path(book_id: str, page_num: int) -> str:
    return f"{book_path(book_id)}/pages/{page_num}/review"


def _next_path(app: "App", book_id: str, page_num: int) -> str:
    """Find the next page to look at: after this one, else from the front, else the book."""
    waiting = [
        page.page_num
        for page in app.reviews.pages(book_id)
        if page.page_num != page_num and _waits(page)
    ]
    after = [other for other in waiting if other > page_num]
    chosen = next(iter(after or waiting), None)
    return book_path(book_id) if chosen is None else _review_path(book_id, chosen)


def _waits(page: Page) -> bool:
    is_read = page.ocr_status is OcrStatus.COMPLETED
    return is_read and page.review is ReviewStatus.PENDING_REVIEW


def _unsure(text: TextRevision | None) -> tuple[UnsureWord, ...]:
    words = [word for line in (text.lines if text else ()) for word in line.words]
    unsure = sorted(
        (word for word in words if word.confidence < UNSURE_BELOW and word.text.strip()),
        key=lambda word: word.confidence,
    )
    return tuple(UnsureWord(word.text, round(word.confidence)) for word in unsure[:UNSURE_SHOWN])


def _boxes(given: Sequence[str]) -> tuple[Box, ...]:
    """Read "left,top,right,bottom"; what is none is left out."""
    parts = [box.split(",") for box in given[:50]]
    return tuple(
        Box(*map(int, box))
        for box in parts
        if len(box) == 4 and all(part.isdecimal() and len(part) < 7 for part in box)
    )


def _drawing(app: "App", book: Book, page: Page, boxes: tuple[Box, ...]) -> Drawing | None:
    if not boxes:
        return None
    try:
        png, _, _ = app.reviews.image(book.id, page.page_num, "full")
    except NotFound:
        return None
    width, height = struct.unpack_from(">II", png, PNG_SIZE_AT)
    return Drawing(width, height, boxes)
