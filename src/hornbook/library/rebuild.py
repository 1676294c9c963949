"""Make the database again from the bucket alone, after the database was lost."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import FlushError

from hornbook.errors import Conflict
from hornbook.library import keys, legacy, state
from hornbook.library.database import Database
from hornbook.library.objects import Objects, at_once
from hornbook.library.state import FileText
from hornbook.library.tables import Base, BookRow, PageRow
from hornbook.model.clock import Clock
from hornbook.model.page import OcrStatus

BOOKS = "books/"
ROWS_AT_ONCE = 100
NONSENSE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    IntegrityError,
    DataError,
    FlushError,
)
"""What a file that is no JSON of ours ends in."""
NUMBERED = re.compile(r"(?:raw/)?(\d+)(?:\.v\d+)?\.[a-z]+")


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What came back, and what did not and why."""

    books: list[str] = field(default_factory=list)
    partly: dict[str, str] = field(default_factory=dict)
    """Books of which something is missing, with what and why."""
    failed: dict[str, str] = field(default_factory=dict)
    """Folders of which nothing could be restored, with the reason."""

    def lines(self) -> list[str]:
        """Give the report as sentences."""
        return [
            *(f"{book}: restored." for book in self.books),
            *(f"{book}: restored in part. {reason}" for book, reason in self.partly.items()),
            *(f"{book}: not restored. {reason}" for book, reason in self.failed.items()),
            f"{len(self.books) + len(self.partly)} books restored, {len(self.failed)} not.",
        ]


def rebuild(database: Database, objects: Objects, clock: Clock) -> RebuildReport:
    """Fill an empty database with every book of the bucket; each comes back whole or not at all.

    Raises Conflict when there is a book already, StoreUnavailable when the bucket does not answer.
    """
    database.migrate()
    _require_empty(database)
    report = RebuildReport()
    for book_id, present in _books(objects).items():
        try:
            missing = _restore(database, objects, clock, book_id, present)
        except NONSENSE as error:
            reason = str(error).splitlines()[0]
            report.failed[book_id] = f"Its files make no sense: {type(error).__name__}, {reason}"
        else:
            if missing:
                report.partly[book_id] = " ".join(missing)
            else:
                report.books.append(book_id)
    return report


def _require_empty(database: Database) -> None:
    with database.read() as session:
        found = session.scalars(select(BookRow.id).limit(1)).first()
    if found:
        raise Conflict(
            f"The database already has books, such as {found}; a rebuild needs an empty one."
        )


def _books(objects: Objects) -> dict[str, set[str]]:
    """Find the keys of each book."""
    found: dict[str, set[str]] = {}
    for key in objects.list(BOOKS):
        book_id = key.removeprefix(BOOKS).split("/", 1)[0]
        found.setdefault(book_id, set()).add(key)
    return found


def _restore(
    database: Database, objects: Objects, clock: Clock, book_id: str, present: set[str]
) -> list[str]:
    """Insert a book; gives what could not be restored, in sentences."""
    if keys.state(book_id) not in present:
        rows = list(legacy.rows(objects, book_id, present, clock()))
        _insert(database, book_id, rows, present)
        return [legacy.WHAT_IS_MISSING]
    described = json.loads(objects.get(keys.state(book_id)))
    if described["format"] > state.FORMAT:
        raise ValueError("state.json was written by a newer version of Hornbook")
    texts, lost = _texts(objects, book_id, described, present)
    _insert(database, book_id, state.rows(described, texts), present)
    return [*_lost_texts(database, lost), *_orphans(book_id, described, present)]


def _insert(database: Database, book_id: str, rows: Iterable[Base], present: set[str]) -> None:
    with database.begin() as session:
        # Table by table, parents first; and never all texts of a book in memory.
        for _table, group in groupby(rows, key=type):
            while some := list(islice(group, ROWS_AT_ONCE)):
                session.add_all(some)
                session.flush()
                session.expunge_all()
        # A file that no page has any more keeps its number: none is ever given twice.
        highest = _highest_number(book_id, present)
        lower = update(BookRow).where(BookRow.id == book_id, BookRow.last_number < highest)
        session.execute(lower.values(last_number=highest))
        nobody_reads = (PageRow.book_id == book_id, PageRow.ocr_status == OcrStatus.PROCESSING)
        session.execute(update(PageRow).where(*nobody_reads).values(ocr_status=OcrStatus.PENDING))


def _highest_number(book_id: str, present: set[str]) -> int:
    names = [NUMBERED.fullmatch(key.removeprefix(keys.prefix(book_id))) for key in present]
    return max((int(name[1]) for name in names if name), default=0)


def _texts(
    objects: Objects, book_id: str, described: dict[str, Any], present: set[str]
) -> tuple[dict[tuple[str, int], FileText], set[tuple[str, int]]]:
    """Load the texts that OCR read; gives those whose files are lost, too."""
    wanted = {
        (page["id"], text["revision"]): page["number"]
        for page in described["pages"]
        for text in page["texts"]
        if "text" not in text
    }
    found: dict[tuple[str, int], FileText] = {}

    def load(name: tuple[str, int]) -> None:
        text_key = keys.text(book_id, wanted[name], name[1])
        layout_key = keys.layout(book_id, wanted[name], name[1])
        if text_key in present:
            layout = objects.get(layout_key) if layout_key in present else None
            found[name] = FileText(objects.get(text_key).decode(), layout)

    at_once(load, wanted)
    return found, wanted.keys() - found.keys()


def _lost_texts(database: Database, lost: set[tuple[str, int]]) -> list[str]:
    """Have pages read again whose current text is lost."""
    with database.begin() as session:
        again = [
            page
            for page_id, revision in sorted(lost)
            if (page := session.get(PageRow, page_id)) and page.text_revision == revision
        ]
        for page in again:
            page.text_revision = 0
            page.ocr_status = OcrStatus.PENDING
        numbers = ", ".join(str(page.place) for page in again)
    return [f"These pages have to be read again, their texts are lost: {numbers}."] * bool(numbers)


def _orphans(book_id: str, described: dict[str, Any], present: set[str]) -> list[str]:
    """Name uploads that came after the last state.json was written."""
    known = {page["raw_key"] for page in described["pages"]}
    raw = sorted(key for key in present if key.startswith(f"{keys.prefix(book_id)}raw/"))
    orphans = ", ".join(key for key in raw if key not in known)
    return [f"These files belong to no page, upload them again: {orphans}."] * bool(orphans)
