"""A page read again, turned, replaced, moved or deleted: not while another job holds its book."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from hornbook.errors import HornbookError
from hornbook.model.page import Reader
from hornbook.model.review import Step
from hornbook.web.api.common import Hornbook, PageNum
from hornbook.web.api.uploads import bodies_of
from hornbook.web.auth import UserName
from hornbook.web.language import _
from hornbook.web.pages.asking import Question, ask, trail_to
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.queues import QueueName, queue_in
from hornbook.web.pages.review_screen import undo_step
from hornbook.web.pages.screen import book_path
from hornbook.web.pages.telling import Flash, act, go
from hornbook.web.problems import sentence_of

router = APIRouter(prefix="/books/{book_id}/pages/{page_num}")


@router.post("/read-again")
def read_again(
    request: Request,
    book_id: str,
    page_num: PageNum,
    fields: Fields,
    hornbook: Hornbook,
    name: QueueName = "",
) -> Response:
    """Have the page read again, by a model or by this machine where the button says so."""
    reader = next((one for one in Reader if one == fields.get("reader")), None)
    return act(
        request,
        queue_in(hornbook, book_id, name).path(page_num),
        lambda: hornbook.reading.retry_page(book_id, page_num, reader),
        lambda page: _("Page %(number)s is read again.", number=page.page_num),
    )


@router.post("/rotate")
def rotate(
    request: Request,
    book_id: str,
    page_num: PageNum,
    fields: Fields,
    hornbook: Hornbook,
    name: QueueName = "",
) -> Response:
    """Turn the image clockwise."""
    degrees = 270 if fields.get("degrees") == "270" else 90
    return act(
        request,
        queue_in(hornbook, book_id, name).path(page_num),
        lambda: hornbook.reviews.rotate(book_id, page_num, degrees),
        lambda page: _("Page %(number)s was turned and is read again.", number=page.page_num),
    )


@router.post("/replace")
async def replace(
    request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook, name: QueueName = ""
) -> Response:
    """Put another file in the place of the page's image."""
    to = (await run_in_threadpool(queue_in, hornbook, book_id, name)).path(page_num)
    try:
        part = await bodies_of(request).only(request, "image")
    except HornbookError as error:
        return go(request, to, Flash("bad", sentence_of(error)))
    return await run_in_threadpool(
        act,
        request,
        to,
        lambda: hornbook.reviews.replace(book_id, page_num, part.name, part.body or b""),
        lambda _page: _("Page %(number)s has a new image and is read again.", number=page_num),
    )


@router.post("/move")
def move(
    request: Request,
    book_id: str,
    page_num: PageNum,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
) -> Response:
    """Give the page another place in the book, and show it there."""
    typed = fields.get("to", "").strip()
    here = f"{book_path(book_id)}/pages/{page_num}/review"
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6):
        sentence = _("“%(typed)s” is no page number.", typed=typed[:20])
        return go(request, here, Flash("bad", sentence))
    try:
        decided = hornbook.reviews.move(book_id, page_num, int(typed), user)
    except HornbookError as error:
        return go(request, here, Flash("bad", sentence_of(error)))
    now = decided.page.page_num
    sentence = _("Page %(number)s is now page %(now)s.", number=page_num, now=now)
    address = undo_step(hornbook, decided.step).address if decided.step else ""
    return go(request, f"{book_path(book_id)}/pages/{now}/review", Flash("good", sentence, address))


@router.get("/delete")
def ask_to_delete(
    request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook
) -> Response:
    """Ask before a page is deleted."""
    page = hornbook.reviews.page(book_id, page_num)
    question = Question(
        heading=_("Delete page %(number)s?", number=page_num),
        sentences=(
            _(
                "Page %(number)s (%(file)s) goes with its image and its text.",
                number=page_num,
                file=page.file_name,
            ),
            _("Later pages move up by one, and guidelines made from it lose its part."),
            _("This can be undone for an hour."),
            _("To keep the page but not use it, reject it instead."),
        ),
        address=f"{book_path(book_id)}/pages/{page_num}/delete",
        back=f"{book_path(book_id)}/pages/{page_num}/review",
        trail=trail_to(hornbook.books.get(book_id)),
        button=_("Delete page"),
        look="danger",
    )
    return ask(request, question)


@router.post("/delete")
def delete(
    request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook, user: UserName
) -> Response:
    """Delete the page, or say why not."""

    def tell(step: Step) -> Flash:
        undo = undo_step(hornbook, step)
        return Flash("good", undo.words, undo.address)

    return act(
        request,
        book_path(book_id),
        lambda: hornbook.reviews.take_out(book_id, page_num, user),
        tell,
    )
