"""What is typed into a page's text and not saved, kept as it is typed."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import StaleRevision
from hornbook.model.ids import page_id
from hornbook.model.review import Typed
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.queues import QueueName, queue_in
from hornbook.web.pages.review_screen import conflict_facts, typed_in
from hornbook.web.pages.scripted import Facts, answer
from hornbook.web.pages.telling import act

router = APIRouter(prefix="/books/{book_id}/drafts/{number}")


@router.put("")
def keep(book_id: str, number: int, fields: Fields, hornbook: Hornbook, user: UserName) -> Response:
    """Keep what was typed into the page stored under this number, and say if it is the latest."""
    page, typed = page_id(book_id, number), typed_in(fields) or Typed("", 0)

    def do() -> Facts:
        try:
            draft = hornbook.drafts.keep(book_id, page, user, typed)
        except StaleRevision:  # a choice for the human, not a failure
            return conflict_facts(hornbook, page, user, typed)
        kept = Typed(typed.text, typed.revision, draft.stamp if draft else "")
        return {"stamp": kept.stamp, **conflict_facts(hornbook, page, user, kept)}

    return answer(do)


@router.post("/discard")
def discard(
    request: Request,
    book_id: str,
    number: int,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
    name: QueueName = "",
) -> Response:
    """Forget what was typed and not saved."""
    page, typed = page_id(book_id, number), typed_in(fields) or Typed("", 0)
    place = hornbook.reviews.by_id(page).page_num
    return act(
        request,
        queue_in(hornbook, book_id, name).path(place),
        lambda: hornbook.drafts.discard(book_id, page, user, typed.stamp),
        lambda _nothing: _("What you had typed is discarded."),
    )
