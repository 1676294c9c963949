"""A book's files as one instant of the database shows them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from hornbook.library import guidelines, keys, pages, shapes, state
from hornbook.library.guidelines import Contents, Render
from hornbook.library.tables import BookRow, FindingRow, PageRow, PageTextRow
from hornbook.model.guideline import Subtopic
from hornbook.model.page import Page, ReviewStatus

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TextName:
    """One revision of a page's text; what it says never changes."""

    page_id: str
    revision: int
    text_key: str
    layout_key: str


@dataclass(frozen=True, slots=True)
class TextFile:
    """A revision of a page's text, ready to be written."""

    name: TextName
    text: str
    layout: Shape | None
    """`None` for a text without lines, one that a human typed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the bucket has to hold for a book."""

    book_id: str
    rev: int
    projected_rev: int
    texts: list[TextName]
    """Those that may not be in the bucket yet."""
    parts: dict[str, Shape]
    """What each page gave and what each subtopic teaches, by key."""
    metadata: Shape
    indexes: dict[str, Shape]
    """The files that lead to the parts; none while there is no subtopic."""
    state: Shape


@dataclass(frozen=True, slots=True)
class Present:
    """What is known of the bucket."""

    listed: Collection[str]
    """Keys that are there, whatever they hold."""
    written: Collection[str]
    """Keys that we wrote ourselves."""


def take(session: Session, book_id: str, render: Render, present: Present) -> Snapshot:
    """Build every file of a book, texts that are `present` left out; raises NotFound."""
    listed = pages.find(session, book_id)
    book = session.get_one(BookRow, book_id)
    subtopics = guidelines.subtopics(session, book_id, render)
    contents = guidelines.contents(session, book_id)
    return Snapshot(
        book_id=book_id,
        rev=book.rev,
        projected_rev=book.projected_rev,
        texts=_texts(session, book_id, present),
        parts=_page_parts(session, listed) | _subtopic_parts(book_id, subtopics),
        metadata=shapes.metadata(book_id, listed),
        indexes=_indexes(book_id, subtopics, contents),
        state=state.of_book(session, book),
    )


def read_texts(session: Session, names: Sequence[TextName]) -> list[TextFile]:
    """Load these texts; one that vanished meanwhile is left out."""
    by_identity = {(name.page_id, name.revision): name for name in names}
    identity = tuple_(PageTextRow.page_id, PageTextRow.revision)
    rows = session.scalars(select(PageTextRow).where(identity.in_(list(by_identity))))
    return [
        TextFile(
            name=by_identity[row.page_id, row.revision],
            text=row.text,
            layout=shapes.layout(row.confidence, row.lines) if row.lines else None,
        )
        for row in rows
    ]


def _texts(session: Session, book_id: str, present: Present) -> list[TextName]:
    is_changed = PageRow.rev > PageRow.projected_rev
    known = session.execute(
        select(PageTextRow.page_id, PageTextRow.revision, PageRow.number, is_changed)
        .join(PageRow, PageRow.id == PageTextRow.page_id)
        .where(PageRow.book_id == book_id)
        .order_by(PageRow.place, PageTextRow.revision)
    )
    names = []
    for page_id, revision, number, may_differ in known:
        key = keys.text(book_id, number, revision)
        # After a backup was put back, a key may hold the text of another life.
        if key not in (present.written if may_differ else present.listed):
            layout_key = keys.layout(book_id, number, revision)
            names.append(TextName(page_id, revision, key, layout_key))
    return names


def _page_parts(session: Session, listed: list[Page]) -> dict[str, Shape]:
    shown = {page.id: page for page in listed if page.review is not ReviewStatus.REJECTED}
    of_book = select(FindingRow).join(PageRow, PageRow.id == FindingRow.page_id)
    rows = session.scalars(of_book.where(PageRow.book_id.in_({page.book_id for page in listed})))
    return {
        keys.page_guideline(page.book_id, page.page_num): _page_part(page.page_num, row)
        for row in rows
        if (page := shown.get(row.page_id))
    }


def _page_part(page_num: int, row: FindingRow) -> Shape:
    return shapes.page_guideline(
        page_num,
        row.summary,
        headings=row.headings,
        items=[item for item in row.items if not item.get("is_retired")],
        dropped=row.dropped,
        engine=row.engine,
    )


def _subtopic_parts(book_id: str, subtopics: list[Subtopic]) -> dict[str, Shape]:
    return {
        keys.subtopic(book_id, each.topic_key, each.subtopic_key): shapes.subtopic(each)
        for each in subtopics
    }


def _indexes(book_id: str, subtopics: list[Subtopic], contents: Contents) -> dict[str, Shape]:
    if not subtopics:
        return {}
    return {
        keys.guideline_index(book_id): shapes.guideline_index(book_id, subtopics),
        keys.page_index(book_id): shapes.page_index(book_id, _assignments(contents)),
    }


def _assignments(contents: Contents) -> list[shapes.Assignment]:
    kept = {
        placement.page_id: contents.subtopics[contents.kept(placement.subtopic_id)]
        for placement in contents.placements
    }
    return [
        shapes.Assignment(
            page_num=placement.page_num,
            topic_key=contents.topics[kept[placement.page_id].topic_id].key,
            subtopic_key=kept[placement.page_id].key,
            confidence=placement.confidence,
            provisional=placement.provisional,
        )
        for placement in contents.placements
    ]
