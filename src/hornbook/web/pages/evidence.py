"""A statement of a guideline beside the words of the page it came from, marked on the image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import NotFound
from hornbook.model.contents import Source
from hornbook.model.finding import ItemKind
from hornbook.web.api.common import Hornbook
from hornbook.web.language import _, noted
from hornbook.web.pages.guideline_screen import anchor, guideline_path
from hornbook.web.pages.review_screen import Picture, picture_of
from hornbook.web.pages.screen import book_path, render

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}/guidelines/{topic_key}/{subtopic_key}/sources")

KINDS = {
    ItemKind.OBJECTIVE: noted("Objective"),
    ItemKind.DEFINITION: noted("Definition"),
    ItemKind.CONCEPT: noted("Key idea"),
    ItemKind.WORKED_EXAMPLE: noted("Worked example"),
    ItemKind.MISCONCEPTION: noted("Misconception"),
    ItemKind.EXERCISE: noted("Exercise"),
    ItemKind.TEACHING_NOTE: noted("Note for the teacher"),
}
PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement with the page it came from."""

    source: Source
    kind: str
    picture: Picture | None
    href: str
    """Where this is a screen of its own."""
    page_href: str
    """Where the page is reviewed, its words marked there too."""

    @property
    def has_other_words(self) -> bool:
        """Whether the page says it in other words than the guideline."""
        return " ".join(self.source.quote.split()) != " ".join(self.source.text.split())


@dataclass(frozen=True, slots=True)
class ShownSource:
    """One statement in the list of all of a guideline."""

    source: Source
    kind: str
    href: str
    is_on: bool


@router.get("")
def show(
    request: Request,
    book_id: str,
    topic_key: str,
    subtopic_key: str,
    hornbook: Hornbook,
    item: str = "",
    part: str = "",
) -> Response:
    """Show where one statement comes from, among all of its guideline; raises NotFound.

    `part=panel` gives that statement alone, to be shown beside the text.
    """
    sources = hornbook.guidelines.sources(book_id, topic_key, subtopic_key)
    subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
    path = f"{guideline_path(subtopic, book_id)}/sources"
    at = _place(sources, item)
    evidence = None if at is None else _evidence(hornbook, book_id, sources[at], path)
    if part == PANEL:
        if evidence is None:
            raise NotFound(_("This statement is no longer in the guideline."))
        return render(request, "_evidence.html", evidence=evidence, is_panel=True)
    return render(
        request,
        "sources.html",
        section="Books",
        book=hornbook.books.get(book_id),
        path=book_path(book_id),
        back=f"{book_path(book_id)}/guidelines#{quote(anchor(topic_key, subtopic_key))}",
        subtopic=subtopic,
        sources=_listed(sources, at, path),
        evidence=evidence,
        is_gone=bool(sources) and at is None,
        before=None if not at else _address(path, sources[at - 1]),
        after=_after(path, sources, at),
    )


def _place(sources: Sequence[Source], item: str) -> int | None:
    """Find the statement asked for, the first when none is."""
    if not item:
        return 0 if sources else None
    found = (at for at, source in enumerate(sources) if source.item_id == item)
    return next(found, None)


def _evidence(app: "App", book_id: str, source: Source, path: str) -> Evidence:
    page = app.reviews.page(book_id, source.page_num)
    corners = [f"{box.left},{box.top},{box.right},{box.bottom}" for box in source.boxes]
    query = f"?{urlencode({'box': corners}, doseq=True)}" if corners else ""
    return Evidence(
        source=source,
        kind=_(KINDS[source.kind]),
        picture=picture_of(app, page),
        href=_address(path, source),
        page_href=f"{book_path(book_id)}/pages/{source.page_num}/review{query}",
    )


def _listed(sources: Sequence[Source], at: int | None, path: str) -> list[ShownSource]:
    return [
        ShownSource(source, _(KINDS[source.kind]), _address(path, source), place == at)
        for place, source in enumerate(sources)
    ]


def _after(path: str, sources: Sequence[Source], at: int | None) -> str | None:
    if at is None or at + 1 >= len(sources):
        return None
    return _address(path, sources[at + 1])


def _address(path: str, source: Source) -> str:
    return f"{path}?item={quote(source.item_id)}"
