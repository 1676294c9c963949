"""What Refine & Consolidate changed, one by one, and how it is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.contents import DecisionView, Duplicate
from hornbook.stages.compare import Line, compare, in_short
from hornbook.web.api.common import Hornbook
from hornbook.web.language import _, ngettext, noted
from hornbook.web.pages.guideline_screen import tabs
from hornbook.web.pages.rows import Chip, Mark
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.telling import Flash, act

router = APIRouter(prefix="/books/{book_id}")

MERGE = "merge"
KINDS = {
    "rename_topic": noted("Topic renamed"),
    "rename_subtopic": noted("Subtopic renamed"),
    MERGE: noted("Merged"),
}
APPLIED = Mark("completed", noted("Applied"))
TAKEN_BACK = Mark("rejected", noted("Taken back"))
NOT_APPLIED = Mark("failed", noted("Not applied"))
FILTERS = {
    "": noted("All"),
    "renamed": noted("Renamed"),
    "merged": noted("Merged"),
    "undone": noted("Taken back"),
}


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """One change, what became of it, and for a merge what both guidelines say."""

    decision: DecisionView
    kind: str
    mark: Mark
    duplicate: Duplicate | None
    lines: tuple[Line, ...]
    address: str
    """Where it is taken back, or made again."""

    @property
    def is_merge(self) -> bool:
        """Whether two guidelines became one."""
        return self.decision.kind == MERGE


@router.get("/changes")
def show(request: Request, book_id: str, hornbook: Hornbook, show: str = "") -> Response:
    """List every rename and merge in the order they were taken; raises NotFound."""
    book, taken = hornbook.books.get(book_id), hornbook.finalize.decisions(book_id)
    duplicates = hornbook.finalize.duplicates(book_id)
    return render(
        request,
        "refinements.html",
        section="Books",
        book=book,
        path=book_path(book_id),
        tabs=tabs(hornbook, book_id, "changes"),
        chips=_chips(book_id, taken, show),
        decisions=[_shown(book_id, one, duplicates) for one in taken if _matches(one, show)],
        total=len(taken),
        in_force=sum(not one.is_undone for one in taken),
        count=hornbook.guidelines.number(book_id),
    )


@router.get("/changes/undo")
def ask_to_undo_all(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Tell what taking back every change would do; raises NotFound."""
    taken = [one for one in hornbook.finalize.decisions(book_id) if not one.is_undone]
    return render(
        request,
        "undo_refinements.html",
        section="Books",
        book=hornbook.books.get(book_id),
        path=book_path(book_id),
        decisions=taken,
        renamed=[one for one in taken if one.kind != MERGE and one.is_applied],
        merged=[one for one in taken if one.kind == MERGE and one.is_applied],
    )


@router.post("/changes/{verb}")
def change_all(
    request: Request, book_id: str, verb: Literal["undo", "redo"], hornbook: Hornbook
) -> Response:
    """Take every change back, or make all of them again."""
    path = f"{book_path(book_id)}/changes"
    were_all_applied = not any(one.is_undone for one in hornbook.finalize.decisions(book_id))

    def tell(number: int) -> Flash:
        if verb == "redo":
            return Flash("good", _counted_again(number))
        # Only then does making all again give exactly what was.
        way_back = f"{path}/redo" if were_all_applied else ""
        sentence = ngettext(
            "%(num)s change was taken back.", "%(num)s changes were taken back.", number
        )
        return Flash("good", sentence, way_back)

    change = hornbook.finalize.redo_all if verb == "redo" else hornbook.finalize.undo_all
    return act(request, path, lambda: change(book_id), tell)


@router.post("/decisions/{decision_id}/{verb}")
def change(
    request: Request,
    book_id: str,
    decision_id: str,
    verb: Literal["undo", "redo"],
    hornbook: Hornbook,
) -> Response:
    """Take back one change, or make it again."""
    decide = hornbook.finalize.redo if verb == "redo" else hornbook.finalize.undo
    path = f"{book_path(book_id)}/changes"
    return act(
        request,
        f"{path}#d-{decision_id}",
        lambda: decide(book_id, decision_id),
        lambda decision: _told(book_id, decision),
    )


def _told(book_id: str, decision: DecisionView) -> Flash:
    if decision.is_undone:
        sentence = _("“%(title)s” is back as it was found.", title=decision.before)
    else:
        sentence = _("“%(title)s” was changed again.", title=decision.before)
    return Flash("good", sentence, _address(book_id, decision))


def _counted_again(number: int) -> str:
    return ngettext("%(num)s change was made again.", "%(num)s changes were made again.", number)


def _shown(
    book_id: str, decision: DecisionView, duplicates: Mapping[str, Duplicate]
) -> ShownDecision:
    duplicate = duplicates.get(decision.id)
    lines: tuple[Line, ...] = ()
    if duplicate is not None:
        lines = in_short(compare(duplicate.dropped_text, duplicate.kept_text))
    mark = _mark(decision)
    return ShownDecision(
        decision=decision,
        kind=_(KINDS.get(decision.kind, decision.kind)),
        mark=Mark(mark.icon, _(mark.word)),
        duplicate=duplicate,
        lines=lines,
        address=_address(book_id, decision),
    )


def _mark(decision: DecisionView) -> Mark:
    if decision.is_undone:
        return TAKEN_BACK
    return APPLIED if decision.is_applied else NOT_APPLIED


def _address(book_id: str, decision: DecisionView) -> str:
    verb = "redo" if decision.is_undone else "undo"
    return f"{book_path(book_id)}/decisions/{decision.id}/{verb}"


def _matches(decision: DecisionView, show: str) -> bool:
    if show == "undone":
        return decision.is_undone
    if show in {"renamed", "merged"}:
        return (decision.kind == MERGE) is (show == "merged")
    return True


def _chips(book_id: str, taken: Sequence[DecisionView], show: str) -> list[Chip]:
    path = f"{book_path(book_id)}/changes"
    return [
        Chip(
            f"{_(words)} {sum(_matches(one, name) for one in taken)}",
            f"{path}?show={name}" if name else path,
            name == show,
        )
        for name, words in FILTERS.items()
    ]
