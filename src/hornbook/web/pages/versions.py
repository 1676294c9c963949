"""What humans did to a guideline's text, version by version, and a way back to each."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.guideline import EditAct
from hornbook.model.history import Version
from hornbook.stages.compare import Line, compare, in_short
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _, noted
from hornbook.web.pages.editing import read_number, reading_place, render_one
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.guideline_screen import guideline_path
from hornbook.web.pages.telling import Flash, act

router = APIRouter(prefix="/books/{book_id}/guidelines/{topic_key}/{subtopic_key}")

ACTS = {
    None: noted("Written from the pages"),
    EditAct.EDITED: noted("Edited by hand"),
    EditAct.RESTORED: noted("An older version put back"),
    EditAct.TAKEN: noted("New text of a run taken"),
    EditAct.KEPT: noted("Own text kept, new text of a run set aside"),
}


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version, how it came about, and what it changed."""

    version: Version
    act: str
    lines: tuple[Line, ...]
    """What differs from the text before; for a text that was kept, from the one set aside."""


@router.get("/history")
def show(
    request: Request, book_id: str, topic_key: str, subtopic_key: str, hornbook: Hornbook
) -> Response:
    """List every version, the present one first; raises NotFound."""
    keys = (book_id, topic_key, subtopic_key)
    subtopic = hornbook.guidelines.subtopic(*keys)
    versions = [_shown(version) for version in hornbook.guidelines.history(*keys)]
    return render_one(request, "versions.html", hornbook, book_id, subtopic, versions=versions)


@router.post("/restore")
def restore(
    request: Request,
    book_id: str,
    topic_key: str,
    subtopic_key: str,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
    number: int = 0,
) -> Response:
    """Put an older version in place of the present text, as a new one that can be taken back."""
    guidelines, keys = hornbook.guidelines, (book_id, topic_key, subtopic_key)
    subtopic = guidelines.subtopic(*keys)
    present = guidelines.history(*keys)[0].number
    undo = f"{guideline_path(subtopic, book_id)}/restore?number={present}"
    seen = read_number(fields.get("version", ""))
    return act(
        request,
        reading_place(*keys),
        lambda: guidelines.restore(*keys, number, seen, by=user),
        lambda _done: Flash("good", _("Version %(number)s is back.", number=number), undo),
    )


def _shown(version: Version) -> ShownVersion:
    lines = () if version.before is None else in_short(compare(version.before, version.text))
    return ShownVersion(version, _(ACTS[version.act]), lines)
