"""The order of a book's pages: they come, go and move, and are numbered 1…N again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, insert, select, update
from sqlalchemy.orm import Session

from hornbook.errors import Invalid
from hornbook.library import books, keys, pages
from hornbook.library.pages import NewPage
from hornbook.library.tables import (
    JobItemRow,
    JobRow,
    PageRow,
    PageTextRow,
    RemovalRow,
    SubtopicRow,
)
from hornbook.model.ids import page_id
from hornbook.model.job import JobType
from hornbook.model.page import OcrStatus, Page, ReviewStatus


def insert_at(
    session: Session, book_id: str, place: int, new: Sequence[NewPage], now: datetime
) -> list[str]:
    """Insert pages at this place, move later ones down, and return the identities."""
    rev = books.touch(session, book_id)
    _move_places(session, book_id, PageRow.place + len(new), rev, PageRow.place >= place)
    rows = [_values(book_id, place + index, page, now, rev) for index, page in enumerate(new)]
    session.execute(insert(PageRow), rows)
    return [row["id"] for row in rows]


def move(session: Session, page: Page, to: int) -> Page:
    """Give the page another place; the pages between move by one. Raises Invalid."""
    last = pages.total(session, page.book_id)
    if not 1 <= to <= last:
        raise Invalid(f"There is no place {to}; the book has {last} pages.")
    if to == page.page_num:
        return page
    rev = books.touch(session, page.book_id)
    first, end = sorted((page.page_num, to))
    step = -1 if to > page.page_num else 1
    moved = case((PageRow.id == page.id, to), else_=PageRow.place + step)
    _move_places(session, page.book_id, moved, rev, PageRow.place.between(first, end))
    return pages.by_id(session, page.id)


def remove(session: Session, page: Page, *, due_at: datetime | None = None) -> None:
    """Delete the page's row, note its objects for removal, and move later pages up.

    With `due_at` the objects stay until then.
    """
    rev = books.touch(session, page.book_id)
    books.note_removal(session, page.book_id, *_objects(session, page), due_at=due_at)
    session.execute(delete(PageRow).where(PageRow.id == page.id))
    _move_places(session, page.book_id, PageRow.place - 1, rev, PageRow.place > page.page_num)
    _touch_subtopics(session, page.book_id, rev)


def keep_objects(session: Session, page: Page) -> None:
    """Strike the page's objects off what is to be removed."""
    session.execute(delete(RemovalRow).where(RemovalRow.key.in_(_objects(session, page))))


def _move_places(
    session: Session,
    book_id: str,
    to: ColumnElement[int],
    rev: int,
    *which: ColumnElement[bool],
) -> None:
    """Give pages other places, by way of negative ones: no two may ever share one."""
    of_book = update(PageRow).where(PageRow.book_id == book_id)
    unsynchronized = {"synchronize_session": False}
    moved = session.scalars(
        of_book.where(*which).values(place=-to, rev=rev).returning(PageRow.id),
        execution_options=unsynchronized,
    ).all()
    if not moved:
        return
    session.execute(
        of_book.where(PageRow.place < 0).values(place=-PageRow.place),
        execution_options=unsynchronized,
    )
    _touch_subtopics(session, book_id, rev)
    _follow_in_ledger(session, book_id)


def _touch_subtopics(session: Session, book_id: str, rev: int) -> None:
    """Have the subtopics written again: their page ranges follow the places."""
    session.execute(update(SubtopicRow).where(SubtopicRow.book_id == book_id).values(rev=rev))


def _follow_in_ledger(session: Session, book_id: str) -> None:
    """Give the items of a running OCR job the places of their pages."""
    place = select(PageRow.place).where(PageRow.id == JobItemRow.subject_id).scalar_subquery()
    running = select(JobRow.id).where(
        JobRow.book_id == book_id,
        JobRow.job_type == JobType.OCR,
        JobRow.status.in_(books.ACTIVE),
    )
    known = select(PageRow.id).where(PageRow.book_id == book_id)
    session.execute(
        update(JobItemRow)
        .where(JobItemRow.job_id.in_(running), JobItemRow.subject_id.in_(known))
        .values(position=place),
        execution_options={"synchronize_session": False},
    )


def _objects(session: Session, page: Page) -> list[str]:
    """List every object that only this page has, of all its revisions."""
    made = session.scalar(select(PageRow.images_made).where(PageRow.id == page.id)) or 0
    texts = session.scalars(select(PageTextRow.revision).where(PageTextRow.page_id == page.id))
    found = [
        make(page.book_id, page.number, revision)
        for revision in range(1, made + 1)
        for make in (keys.image, keys.compact, keys.thumbnail)
    ]
    found += [
        make(page.book_id, page.number, revision)
        for revision in texts
        for make in (keys.text, keys.layout)
    ]
    return found if pages.is_raw_shared(session, page) else [*found, page.raw_key]


def _values(book_id: str, place: int, new: NewPage, now: datetime, rev: int) -> Mapping[str, Any]:
    return {
        "id": page_id(book_id, new.number),
        "book_id": book_id,
        "place": place,
        "number": new.number,
        "file_name": new.file_name,
        "sha256": new.sha256,
        "size": new.size,
        "media_type": new.media_type,
        "frame": new.frame,
        "raw_key": new.raw_key,
        "ocr_status": OcrStatus.PENDING,
        "review": ReviewStatus.PENDING_REVIEW,
        "uploaded_at": now,
        "rev": rev,
    }
