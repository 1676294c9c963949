"""What Publish will change, told before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.published import PublishedChange, SyncChanges
from hornbook.stages.compare import Line, compare, in_short
from hornbook.web.api.common import Hornbook
from hornbook.web.language import _
from hornbook.web.pages.guideline_screen import anchor, tabs
from hornbook.web.pages.screen import book_path, render

router = APIRouter(prefix="/books/{book_id}/publish")

MOST_OPEN = 3
"""More changes than that are folded, so that one sees how many there are."""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """What happens to one published guideline."""

    title: str
    topic: str
    href: str
    """Where it is read; empty when it is gone."""
    was_approved: bool
    lines: tuple[Line, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """How many rows share a fate; leads to them."""

    words: str
    number: int
    href: str


@router.get("")
def show(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Show row by row what Publish would do now; raises NotFound."""
    book, changes = hornbook.books.get(book_id), hornbook.publish.changes(book_id)
    return render(
        request,
        "publishing.html",
        section="Books",
        book=book,
        path=book_path(book_id),
        tabs=tabs(hornbook, book_id, "publish"),
        changes=changes,
        figures=_figures(changes),
        new=_shown(book_id, changes.new),
        changed=_shown(book_id, changes.changed),
        gone=_shown(book_id, changes.gone),
        are_open=len(changes.changed) <= MOST_OPEN,
        count=hornbook.guidelines.number(book_id),
    )


def _figures(changes: SyncChanges) -> tuple[Figure, ...]:
    return (
        Figure(_("New"), len(changes.new), "#new"),
        Figure(_("Changed"), len(changes.changed), "#changed"),
        Figure(_("Gone"), len(changes.gone), "#gone"),
        Figure(_("Unchanged"), changes.unchanged_count, ""),
        Figure(_("Left out"), len(changes.withheld), "#left-out"),
    )


def _shown(book_id: str, changes: Sequence[PublishedChange]) -> list[ShownChange]:
    return [_change(book_id, one) for one in changes]


def _change(book_id: str, change: PublishedChange) -> ShownChange:
    before, after = change.before, change.after
    lines: tuple[Line, ...] = ()
    if before and after:
        lines = in_short(compare(before.lines, after.lines))
    taught = after or before
    place = f"#{quote(anchor(change.topic_key, change.subtopic_key))}"
    return ShownChange(
        title=taught.title if taught else "",
        topic=taught.topic_title if taught else "",
        href=f"{book_path(book_id)}/guidelines{place}" if after else "",
        was_approved=change.was_approved,
        lines=lines,
        text=taught.guideline if taught else "",
    )
