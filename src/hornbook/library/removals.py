"""Objects noted for deletion (`books.note_removal`): which ones, and which are needed after all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from hornbook.library import keys
from hornbook.library.objects import Objects, at_once
from hornbook.library.tables import (
    BookRow,
    PageRow,
    PageTextRow,
    RemovalRow,
    UploadBatchRow,
    UploadFileRow,
)


@dataclass(frozen=True, slots=True)
class Removals:
    """What is noted for a book, and what must stay whatever is noted."""

    keys: tuple[str, ...]
    """A key that ends in `/` stands for a whole folder."""
    needed: frozenset[str]


def books(session: Session, now: datetime) -> set[str]:
    """Books, deleted ones among them, of which objects have to go."""
    return set(session.scalars(select(RemovalRow.book_id).where(_is_due(now)).distinct()))


def forget(session: Session, removals: Removals) -> None:
    """Strike off what was carried out."""
    for key in removals.keys:
        session.execute(delete(RemovalRow).where(RemovalRow.key == key))


def take(session: Session, book_id: str, now: datetime) -> Removals:
    """Read what has to go at this instant."""
    noted = select(RemovalRow.key).where(RemovalRow.book_id == book_id, _is_due(now))
    found = tuple(session.scalars(noted.order_by(RemovalRow.key)))
    if not found:
        return Removals(found, frozenset())
    return Removals(found, frozenset(originals(session, book_id) | _texts(session, book_id)))


def carry_out(objects: Objects, removals: Removals, wanted: Collection[str]) -> None:
    """Delete the objects but those needed or `wanted`; raises StoreUnavailable."""
    kept = removals.needed | set(wanted)
    for key in removals.keys:
        doomed = objects.list(key) if key.endswith("/") else [key]
        at_once(objects.delete, [each for each in doomed if each not in kept])


def originals(session: Session, book_id: str) -> set[str]:
    """Every upload and image that a row of the book points at: what cannot be written anew."""
    pages = list(session.scalars(select(PageRow).where(PageRow.book_id == book_id)))
    images = {key for page in pages for key in (page.raw_key, *_images(page))}
    covers = session.scalars(select(BookRow.cover_image_s3_key).where(BookRow.id == book_id))
    return images | _uploads(session, book_id) | {key for key in covers if key}


def _is_due(now: datetime) -> ColumnElement[bool]:
    return RemovalRow.due_at.is_(None) | (RemovalRow.due_at <= now)


def _images(page: PageRow) -> list[str]:
    if not page.image_revision:
        return []
    where = (page.book_id, page.number, page.image_revision)
    return [keys.image(*where), keys.compact(*where), keys.thumbnail(*where)]


def _texts(session: Session, book_id: str) -> set[str]:
    known = session.execute(
        select(PageRow.number, PageTextRow.revision)
        .join(PageTextRow, PageRow.id == PageTextRow.page_id)
        .where(PageRow.book_id == book_id)
    )
    return {
        make(book_id, number, revision)
        for number, revision in known
        for make in (keys.text, keys.layout)
    }


def _uploads(session: Session, book_id: str) -> set[str]:
    statement = (
        select(UploadFileRow.batch_id, UploadFileRow.position, UploadFileRow.sha256)
        .join(UploadBatchRow, UploadBatchRow.id == UploadFileRow.batch_id)
        .where(UploadBatchRow.book_id == book_id, UploadFileRow.sha256.is_not(None))
        .where(UploadFileRow.state == "received")
    )
    return {
        keys.upload(book_id, batch, position, sha256)
        for batch, position, sha256 in session.execute(statement)
        if sha256
    }
