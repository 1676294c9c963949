"""A guideline edited by hand, and the choice between a human's text and that of a later run."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import HornbookError
from hornbook.model.guideline import Subtopic
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.guideline_screen import anchor
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.telling import Flash, act, go
from hornbook.web.problems import sentence_of

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}/guidelines/{topic_key}/{subtopic_key}")


@router.get("/edit")
def show_editor(
    request: Request, book_id: str, topic_key: str, subtopic_key: str, hornbook: Hornbook
) -> Response:
    """Show a guideline's text to be edited; raises NotFound."""
    subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
    return _editor(request, hornbook, book_id, subtopic)


@router.post("/edit")
def edit(
    request: Request,
    book_id: str,
    topic_key: str,
    subtopic_key: str,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
) -> Response:
    """Keep a human's text; one that cannot be kept is shown again with the reason."""
    typed, given = fields.get("guidelines", ""), fields.get("version", "")
    version = int(given) if given.isdecimal() else None
    try:
        hornbook.guidelines.edit(book_id, topic_key, subtopic_key, typed, version, by=user)
    except HornbookError as error:
        subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
        return _editor(request, hornbook, book_id, subtopic, typed=typed, said=sentence_of(error))
    return go(
        request, _reading(book_id, topic_key, subtopic_key), Flash("good", _("Guideline saved."))
    )


@router.post("/choose")
def choose(
    request: Request,
    book_id: str,
    topic_key: str,
    subtopic_key: str,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
) -> Response:
    """Take the new text, or keep the human's."""
    is_taken = fields.get("take") == "candidate"
    return act(
        request,
        _reading(book_id, topic_key, subtopic_key),
        lambda: hornbook.guidelines.choose(
            book_id, topic_key, subtopic_key, take_candidate=is_taken, by=user
        ),
        lambda _done: _("The new text was taken.") if is_taken else _("Your text was kept."),
    )


def _editor(
    request: Request,
    app: "App",
    book_id: str,
    subtopic: Subtopic,
    *,
    typed: str | None = None,
    said: str = "",
) -> Response:
    return render(
        request,
        "guideline_edit.html",
        409 if said else 200,
        section="Books",
        book=app.books.get(book_id),
        path=book_path(book_id),
        subtopic=subtopic,
        typed=typed,
        said=said,
    )


def _reading(book_id: str, topic_key: str, subtopic_key: str) -> str:
    """The guideline's place on the reading page."""
    return f"{book_path(book_id)}/guidelines#{quote(anchor(topic_key, subtopic_key))}"
