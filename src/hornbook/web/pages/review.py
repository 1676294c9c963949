"""One page reviewed: its image beside its text, and what a human decides about it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from hornbook.errors import Conflict, HornbookError
from hornbook.model.review import Decided, StepKind, Typed
from hornbook.web.api.common import Hornbook, PageNum
from hornbook.web.auth import UserName
from hornbook.web.language import _
from hornbook.web.pages import queues
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.queues import QueueName, queue_in
from hornbook.web.pages.review_screen import (
    boxes_of,
    conflict_facts,
    ending,
    progress,
    said,
    show_page,
    typed_in,
    undo_of,
    undo_step,
)
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.scripted import Facts, answer, is_scripted
from hornbook.web.pages.telling import Flash, go
from hornbook.web.problems import sentence_of

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}")

KINDS = {"approve": StepKind.APPROVE, "reject": StepKind.REJECT, "unreview": StepKind.UNREVIEW}
"""What the buttons say; any other keeps the text and stays."""
KEEPS_TEXT = {StepKind.APPROVE, StepKind.SAVE}
GOES_ON = {StepKind.APPROVE, StepKind.REJECT}


@router.get("/review")
def begin(
    request: Request,
    book_id: str,
    hornbook: Hornbook,
    user: UserName,
    name: QueueName = queues.UNREVIEWED,
) -> Response:
    """Lead to the first page of the queue, or say that nothing is left. Raises NotFound."""
    queue = queue_in(hornbook, book_id, name)
    held = queue.held()
    if held:
        return RedirectResponse(queue.path(held[0]), 303)
    book = hornbook.books.get(book_id)
    screen = ending(hornbook, queue, user)
    return render(
        request, "review_end.html", section="Books", book=book, screen=screen, toasts=True
    )


@router.get("/pages/{page_num}")
def lead(book_id: str, page_num: PageNum) -> Response:
    """Lead to the review, which shows all there is of a page."""
    return RedirectResponse(f"{book_path(book_id)}/pages/{page_num}/review", 303)


@router.get("/pages/{page_num}/review")
def show(
    request: Request,
    book_id: str,
    page_num: PageNum,
    hornbook: Hornbook,
    user: UserName,
    name: QueueName = "",
    box: Annotated[Sequence[str], Query()] = (),
) -> Response:
    """Show the page as one of a queue; `box` marks places on it. Raises NotFound."""
    queue = queue_in(hornbook, book_id, name)
    page = hornbook.reviews.page(book_id, page_num)
    book = hornbook.books.get(book_id)
    screen = show_page(hornbook, queue, page, user, boxes=boxes_of(box))
    return render(
        request, "review.html", section="Books", book=book, screen=screen, refusal="", toasts=True
    )


@router.post("/pages/{page_num}/review")
def decide(
    request: Request,
    book_id: str,
    page_num: PageNum,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
    name: QueueName = "",
) -> Response:
    """Keep the text if it was changed; then approve or reject and go on, or stay.

    A text that somebody else changed meanwhile is shown beside the one typed: nothing is lost.
    """
    kind, typed = KINDS.get(fields.get("do", ""), StepKind.SAVE), typed_in(fields)

    def do() -> Decided:
        text = typed if kind in KEEPS_TEXT else None
        expected = fields.get("page_id") or None
        return hornbook.reviews.decide(book_id, page_num, user, kind, text, expected)

    if is_scripted(request):
        return _answer(hornbook, book_id, page_num, user, name, typed, do)
    try:
        decided = do()
    except Conflict as error:
        return _refuse(request, hornbook, book_id, page_num, user, name, typed, sentence_of(error))
    queue = queue_in(hornbook, book_id, name)
    to = queue.next_path(page_num) if kind in GOES_ON else queue.path(page_num)
    return go(request, to, _told(hornbook, decided))


@router.post("/undo")
def undo(
    request: Request,
    book_id: str,
    hornbook: Hornbook,
    user: UserName,
    step: int | None = None,
    name: QueueName = "",
) -> Response:
    """Take back what this human did, and show the page it was done to."""

    def do() -> Facts:
        undone, pages = hornbook.reviews.undo(book_id, user, step)
        words = _("Undone: %(what)s", what=said(hornbook, undone))
        queue = queue_in(hornbook, book_id, name)
        to = queue.path(pages[0].page_num) if len(pages) == 1 else book_path(book_id)
        return {"to": to, "said": words, **_undoable(hornbook, book_id, user)}

    if is_scripted(request):
        return answer(do)
    try:
        facts = do()
    except HornbookError as error:
        return go(request, book_path(book_id), Flash("bad", sentence_of(error)))
    return go(request, facts["to"], Flash("good", facts["said"]))


def _refuse(
    request: Request,
    app: "App",
    book_id: str,
    page_num: int,
    user: str,
    name: str,
    typed: Typed | None,
    refusal: str,
) -> Response:
    """Show the page with what was typed still in its field."""
    page, book = app.reviews.page(book_id, page_num), app.books.get(book_id)
    screen = show_page(app, queue_in(app, book_id, name), page, user, typed=typed)
    return render(
        request,
        "review.html",
        409,
        section="Books",
        book=book,
        screen=screen,
        refusal=refusal,
        toasts=True,
    )


def _answer(
    app: "App",
    book_id: str,
    page_num: int,
    user: str,
    name: str,
    typed: Typed | None,
    do: Callable[[], Decided],
) -> Response:
    """Tell the script what was decided, how far the review is, and which page is next."""

    def facts() -> Facts:
        decided = do()
        queue = queue_in(app, book_id, name)
        due, made = queue.due_anywhere(page_num), progress(queue)
        undo = undo_step(app, decided.step) if decided.step else None
        return {
            "said": undo.words if undo else "",
            "undo": undo.address if undo else "",
            "approved": made.approved,
            "total": made.total,
            "counts": queue.counts(),
            "next": queue.path(due) if due else queue.end,
            "version": queue.version(due) if due else 0,
            "revision": decided.page.text_revision,
        }

    def refused() -> Facts:
        page = app.reviews.page(book_id, page_num)
        return conflict_facts(app, page.id, user, typed) if typed else {}

    return answer(facts, refused)


def _told(app: "App", decided: Decided) -> Flash:
    if decided.step is None:
        return Flash("good", _("Nothing was changed."))
    undo = undo_step(app, decided.step)
    return Flash("good", undo.words, undo.address)


def _undoable(app: "App", book_id: str, user: str) -> Facts:
    undo = undo_of(app, book_id, user)
    return {"undo": undo.address if undo else "", "undo_words": undo.words if undo else ""}
