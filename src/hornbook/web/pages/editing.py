"""A guideline edited by hand, and the choice between a human's text and that of a later run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from hornbook.errors import HornbookError, StaleRevision
from hornbook.model.guideline import Subtopic
from hornbook.stages.compare import Line, compare, in_short
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.guideline_screen import anchor, guideline_path
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.telling import Flash, act, go
from hornbook.web.problems import sentence_of

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}/guidelines/{topic_key}/{subtopic_key}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text was not kept, what was typed, and how that differs from the present text."""

    sentence: str
    typed: str
    is_stale: bool
    """Somebody was faster: there are two texts, and a human has to choose."""
    lines: tuple[Line, ...] = ()


@router.get("/edit")
def show_editor(
    request: Request, book_id: str, topic_key: str, subtopic_key: str, hornbook: Hornbook
) -> Response:
    """Show a guideline's text to be edited; raises NotFound."""
    subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
    return render_one(request, "guideline_edit.html", hornbook, book_id, subtopic, refusal=None)


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
    """Keep a human's text; one that cannot be kept is shown again with the reason.

    Where somebody else saved meanwhile, both texts are shown, and nothing is kept before the human
    has seen the other one.
    """
    typed = fields.get("guidelines", "")
    version = read_number(fields.get("version", ""))
    try:
        hornbook.guidelines.edit(book_id, topic_key, subtopic_key, typed, version, by=user)
    except HornbookError as error:
        subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
        refusal = _refused(error, typed, subtopic)
        screen = "guideline_edit.html"
        return render_one(request, screen, hornbook, book_id, subtopic, status=409, refusal=refusal)
    to = reading_place(book_id, topic_key, subtopic_key)
    return go(request, to, Flash("good", _("Guideline saved.")))


@router.get("/choose")
def ask_to_choose(
    request: Request, book_id: str, topic_key: str, subtopic_key: str, hornbook: Hornbook
) -> Response:
    """Show a human's text beside that of a later run; raises NotFound."""
    candidate = hornbook.guidelines.candidate(book_id, topic_key, subtopic_key)
    if candidate is None:
        return RedirectResponse(reading_place(book_id, topic_key, subtopic_key), 303)
    subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
    lines = in_short(compare(subtopic.guidelines, candidate))
    return render_one(
        request, "choose.html", hornbook, book_id, subtopic, candidate=candidate, lines=lines
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
    """Take the new text, which can be taken back, or keep the human's."""
    is_taken = fields.get("take") == "candidate"

    def tell(chosen: Subtopic) -> Flash:
        if not is_taken:
            return Flash("good", _("Your text was kept."))
        versions = hornbook.guidelines.history(book_id, topic_key, subtopic_key)
        undo = f"{guideline_path(chosen, book_id)}/restore?number={versions[1].number}"
        return Flash("good", _("The new text was taken."), undo)

    return act(
        request,
        reading_place(book_id, topic_key, subtopic_key),
        lambda: hornbook.guidelines.choose(
            book_id, topic_key, subtopic_key, take_candidate=is_taken, by=user
        ),
        tell,
    )


def read_number(typed: str) -> int | None:
    """Read a version's number, if it is one."""
    return int(typed) if typed.isdecimal() and len(typed) < 9 else None


def render_one(
    request: Request,
    screen: str,
    app: "App",
    book_id: str,
    subtopic: Subtopic,
    *,
    status: int = 200,
    **facts: Any,
) -> Response:
    """Show a screen about one guideline, which leads back to its place on the reading page."""
    return render(
        request,
        screen,
        status,
        section="Books",
        book=app.books.get(book_id),
        path=book_path(book_id),
        here=guideline_path(subtopic, book_id),
        back=reading_place(book_id, subtopic.topic_key, subtopic.subtopic_key),
        subtopic=subtopic,
        **facts,
    )


def reading_place(book_id: str, topic_key: str, subtopic_key: str) -> str:
    """Give the guideline's place on the reading page."""
    return f"{book_path(book_id)}/guidelines#{quote(anchor(topic_key, subtopic_key))}"


def _refused(error: HornbookError, typed: str, present: Subtopic) -> Refusal:
    is_stale = isinstance(error, StaleRevision)
    if not is_stale:
        return Refusal(sentence_of(error), typed, is_stale)
    sentence = _("Somebody saved another text since you opened this one.")
    return Refusal(sentence, typed, is_stale, in_short(compare(present.guidelines, typed)))
