"""`state.json`: everything of a book that no other file of the bucket has, there and back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from hornbook.library.instant import UtcDateTime
from hornbook.library.tables import (
    Base,
    BookGuidelineRow,
    BookRow,
    DecisionRow,
    FindingRow,
    PageRow,
    PageTextRow,
    PlacementRow,
    StudyPlanRow,
    SubtopicEditRow,
    SubtopicRow,
    TeachingGuidelineRow,
    TopicRow,
    UploadBatchRow,
    UploadFileRow,
)
from hornbook.model.page import TextSource

Shape = dict[str, Any]

FORMAT = 1
NOT_KEPT = {"rev", "projected_rev", "projection_error", "job_id"}
"""Columns that mean nothing in another database."""
IDENTITIES = {"merged_into": "merged_into_id"}
"""Columns that hold an identity without saying so in their name."""

Row = TypeVar("Row", bound=Base)
OfPage = TypeVar("OfPage", FindingRow, PlacementRow)


def of_book(session: Session, book: BookRow) -> dict[str, Any]:
    """The state of a book; texts read by OCR are left to their own files."""
    return {
        "format": FORMAT,
        "book": _entry(book),
        "pages": _pages(session, book.id),
        "topics": [
            _entry(row, "book_id") for row in _rows(session, TopicRow, book.id, TopicRow.key)
        ],
        "subtopics": _subtopics(session, book.id),
        "decisions": [
            _decision(row) for row in _rows(session, DecisionRow, book.id, DecisionRow.ordinal)
        ],
        "published": _published(session, book.id),
        "book_guidelines": [
            _entry(row, "book_id")
            for row in _rows(session, BookGuidelineRow, book.id, BookGuidelineRow.created_at)
        ],
        "uploads": _uploads(session, book.id),
    }


@dataclass(frozen=True, slots=True)
class FileText:
    """What the files of one revision of a page's text hold."""

    text: str
    layout: bytes | None

    @property
    def lines(self) -> list[Any]:
        """The lines of the layout; none when there is no layout."""
        lines: list[Any] = json.loads(self.layout)["lines"] if self.layout else []
        return lines


def rows(state: Shape, texts: Mapping[tuple[str, int], FileText]) -> Iterator[Base]:
    """Make the rows that `of_book` described, table by table, parents first.

    `texts` holds the revisions that OCR read, by page and revision; without its text a revision
    is left out.
    """
    book = _row(BookRow, state["book"])
    yield book
    pages = state["pages"]
    yield from (_row(PageRow, page, book_id=book.id, rev=1) for page in pages)
    for page in pages:
        yield from _text_rows(page, texts)
    for page in pages:
        if page["finding"]:
            yield _row(FindingRow, page["finding"], page_id=page["id"])
    yield from _guideline_rows(state, book.id)
    yield from _published_rows(state, book.id)
    yield from (_row(UploadBatchRow, entry, book_id=book.id) for entry in state["uploads"])
    for entry in state["uploads"]:
        yield from (_row(UploadFileRow, file, batch_id=entry["id"]) for file in entry["files"])


def _text_rows(page: Shape, texts: Mapping[tuple[str, int], FileText]) -> Iterator[Base]:
    for entry in page["texts"]:
        file = texts.get((page["id"], entry["revision"]))
        if file:
            yield _row(PageTextRow, entry, page_id=page["id"], text=file.text, lines=file.lines)
        elif "text" in entry:
            yield _row(PageTextRow, entry, page_id=page["id"], lines=[])


def _guideline_rows(state: Shape, book_id: str) -> Iterator[Base]:
    subtopics = state["subtopics"]
    yield from (_row(TopicRow, entry, book_id=book_id) for entry in state["topics"])
    yield from (_row(SubtopicRow, entry, book_id=book_id, rev=1) for entry in subtopics)
    for entry in subtopics:
        yield from (_row(SubtopicEditRow, e, subtopic_id=entry["id"]) for e in entry["edits"])
    for page in state["pages"]:
        if page["placement"]:
            yield _row(PlacementRow, page["placement"], page_id=page["id"])
    yield from (_row(DecisionRow, _valued(entry), book_id=book_id) for entry in state["decisions"])


def _published_rows(state: Shape, book_id: str) -> Iterator[Base]:
    published = state["published"]
    yield from (_row(TeachingGuidelineRow, entry, book_id=book_id) for entry in published)
    for entry in published:
        if entry["study_plan"]:
            yield _row(StudyPlanRow, entry["study_plan"], guideline_id=entry["id"])
    yield from (_row(BookGuidelineRow, e, book_id=book_id) for e in state["book_guidelines"])


def _rows(session: Session, table: type[Row], book_id: str, *order: Any) -> list[Row]:
    of_this_book = table.__table__.c.book_id == book_id
    return list(session.scalars(select(table).where(of_this_book).order_by(*order)))


def _pages(session: Session, book_id: str) -> list[dict[str, Any]]:
    of_this_book: ColumnElement[bool] = PageRow.book_id == book_id
    texts: dict[str, list[dict[str, Any]]] = {}
    for text in session.scalars(
        select(PageTextRow)
        .join(PageRow, PageRow.id == PageTextRow.page_id)
        .where(of_this_book)
        .order_by(PageTextRow.revision)
        .options(defer(PageTextRow.lines))
    ):
        texts.setdefault(text.page_id, []).append(_text(text))
    findings = _by_page(session, FindingRow, of_this_book)
    placements = _by_page(session, PlacementRow, of_this_book)
    return [
        {
            **_entry(page, "book_id"),
            "texts": texts.get(page.id, []),
            "finding": findings.get(page.id),
            "placement": placements.get(page.id),
        }
        for page in _rows(session, PageRow, book_id, PageRow.place)
    ]


def _by_page(
    session: Session, table: type[OfPage], of_this_book: ColumnElement[bool]
) -> dict[str, dict[str, Any]]:
    joined = select(table).join(PageRow, PageRow.id == table.page_id).where(of_this_book)
    return {row.page_id: _entry(row, "page_id") for row in session.scalars(joined)}


def _text(row: PageTextRow) -> dict[str, Any]:
    left_out = ["page_id", "lines"]
    if row.source != TextSource.HUMAN:
        left_out.append("text")
    return _entry(row, *left_out)


def _subtopics(session: Session, book_id: str) -> list[dict[str, Any]]:
    edits: dict[str, list[dict[str, Any]]] = {}
    for edit in session.scalars(
        select(SubtopicEditRow)
        .join(SubtopicRow, SubtopicRow.id == SubtopicEditRow.subtopic_id)
        .where(SubtopicRow.book_id == book_id)
        .order_by(SubtopicEditRow.version)
    ):
        edits.setdefault(edit.subtopic_id, []).append(_entry(edit, "subtopic_id"))
    found = session.execute(
        select(SubtopicRow, TopicRow.key)
        .join(TopicRow, TopicRow.id == SubtopicRow.topic_id)
        .where(SubtopicRow.book_id == book_id)
        .order_by(TopicRow.key, SubtopicRow.key)
    )
    return [{**_entry(row, "book_id"), "edits": edits.get(row.id, [])} for row, _key in found]


def _decision(row: DecisionRow) -> dict[str, Any]:
    entry = _entry(row, "book_id")
    if row.kind == "merge":
        entry["value_id"] = entry.pop("value")
    return entry


def _valued(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "value": entry.get("value", entry.get("value_id"))}


def _published(session: Session, book_id: str) -> list[dict[str, Any]]:
    table = TeachingGuidelineRow
    plans = {
        plan.guideline_id: _entry(plan, "guideline_id")
        for plan in session.scalars(
            select(StudyPlanRow)
            .join(table, table.id == StudyPlanRow.guideline_id)
            .where(table.book_id == book_id)
        )
    }
    order = (table.topic_key, table.subtopic_key, table.created_at, table.id)
    found = _rows(session, table, book_id, *order)
    return [{**_entry(row, "book_id"), "study_plan": plans.get(row.id)} for row in found]


def _uploads(session: Session, book_id: str) -> list[dict[str, Any]]:
    files: dict[str, list[dict[str, Any]]] = {}
    for file in session.scalars(
        select(UploadFileRow)
        .join(UploadBatchRow, UploadBatchRow.id == UploadFileRow.batch_id)
        .where(UploadBatchRow.book_id == book_id)
        .order_by(UploadFileRow.position)
    ):
        files.setdefault(file.batch_id, []).append(_entry(file, "batch_id"))
    batches = _rows(session, UploadBatchRow, book_id, UploadBatchRow.created_at)
    return [{**_entry(row, "book_id"), "files": files.get(row.id, [])} for row in batches]


def _entry(row: Base, *left_out: str) -> dict[str, Any]:
    """A row as JSON; every column but those that have no meaning elsewhere."""
    names = [column.name for column in row.__table__.columns]
    return {
        IDENTITIES.get(name, name): _plain(getattr(row, name))
        for name in names
        if name not in NOT_KEPT and name not in left_out
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _row(table: type[Row], entry: Mapping[str, Any], **more: Any) -> Row:
    values = {**entry, **more}
    columns = {
        column.name: IDENTITIES.get(column.name, column.name) for column in table.__table__.columns
    }
    instants = {c.name for c in table.__table__.columns if isinstance(c.type, UtcDateTime)}
    return table(
        **{
            name: _instant(values[key]) if name in instants else values[key]
            for name, key in columns.items()
            if key in values
        }
    )


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
