"""What Refine & Consolidate changed, and how it is taken back."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.contents import DecisionView
from hornbook.web.api.common import Hornbook
from hornbook.web.language import _
from hornbook.web.pages.guideline_screen import tabs
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.telling import act

router = APIRouter(prefix="/books/{book_id}")


@router.get("/changes")
def show(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """List every rename and merge in the order they were taken; raises NotFound."""
    return render(
        request,
        "refinements.html",
        section="Books",
        book=hornbook.books.get(book_id),
        path=book_path(book_id),
        tabs=tabs(hornbook, book_id, "changes"),
        decisions=hornbook.finalize.decisions(book_id),
    )


@router.post("/decisions/{decision_id}/{verb}")
def change(
    request: Request, book_id: str, decision_id: str, verb: str, hornbook: Hornbook
) -> Response:
    """Take back a change of Refine & Consolidate, or make it again."""
    decide = hornbook.finalize.redo if verb == "redo" else hornbook.finalize.undo
    path = f"{book_path(book_id)}/changes"
    return act(request, path, lambda: decide(book_id, decision_id), _told)


def _told(decision: DecisionView) -> str:
    if decision.is_undone:
        return _("“%(title)s” stays as it was.", title=decision.before)
    return _("“%(title)s” was changed again.", title=decision.before)
