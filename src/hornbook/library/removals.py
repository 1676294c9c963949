"""Objects that have to go: recorded with the change that makes them vanish, deleted afterwards."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hornbook.library import keys
from hornbook.library.tables import (
    BookRow,
    PageRow,
    PageTextRow,
    RemovalRow,
    UploadBatchRow,
    UploadFileRow,
)


def record(session: Session, book_id: str, unwanted: Iterable[str]) -> None:
    """Note objects for deletion; the projector removes them soon after the commit.

    A key ending in `/` stands for a whole folder.
    """
    for key in set(unwanted):
        session.merge(RemovalRow(key=key, book_id=book_id))


def record_page(session: Session, page: PageRow) -> None:
    """Note every object of a page that is about to be deleted."""
    record(session, page.book_id, [page.raw_key, *_made_from(page), *_texts(session, [page])])


def record_book(session: Session, book_id: str) -> None:
    """Note everything of a book that is about to be deleted."""
    record(session, book_id, [keys.prefix(book_id)])


def is_pending(session: Session, book_id: str) -> bool:
    """Whether objects of a book of this id still have to go; the id is not free until then."""
    found = session.execute(select(RemovalRow.key).where(RemovalRow.book_id == book_id).limit(1))
    return found.first() is not None


def pending(session: Session, book_id: str) -> list[str]:
    """What is noted for a book, sorted."""
    statement = select(RemovalRow.key).where(RemovalRow.book_id == book_id)
    return list(session.scalars(statement.order_by(RemovalRow.key)))


def books_with_removals(session: Session) -> list[str]:
    """Books, deleted ones among them, of which objects have to go."""
    return list(session.scalars(select(RemovalRow.book_id).distinct()))


def forget(session: Session, unwanted: Iterable[str]) -> None:
    """The objects are gone."""
    session.execute(delete(RemovalRow).where(RemovalRow.key.in_(list(unwanted))))


def pointed_at(session: Session, book_id: str) -> set[str]:
    """Every image, text and upload that a row of the book points at."""
    book = session.get(BookRow, book_id)
    if book is None:
        return set()
    pages = list(session.scalars(select(PageRow).where(PageRow.book_id == book_id)))
    made = {key for page in pages for key in (page.raw_key, *_made_from(page))}
    cover = {book.cover_image_s3_key} if book.cover_image_s3_key else set()
    return made | cover | set(_texts(session, pages)) | _uploads(session, book_id)


def _made_from(page: PageRow) -> list[str]:
    where = (page.book_id, page.number, page.image_revision)
    if not page.image_revision:
        return []
    return [keys.image(*where), keys.compact(*where), keys.thumbnail(*where)]


def _texts(session: Session, pages: Iterable[PageRow]) -> list[str]:
    by_id = {page.id: page for page in pages}
    statement = (
        select(PageTextRow.page_id, PageTextRow.revision)
        .join(PageRow, PageRow.id == PageTextRow.page_id)
        .where(PageRow.book_id.in_({page.book_id for page in by_id.values()}))
    )
    found = [(by_id[page_id], n) for page_id, n in session.execute(statement) if page_id in by_id]
    return [
        make(page.book_id, page.number, revision)
        for page, revision in found
        for make in (keys.text, keys.layout)
    ]


def _uploads(session: Session, book_id: str) -> set[str]:
    statement = (
        select(UploadFileRow.batch_id, UploadFileRow.position)
        .join(UploadBatchRow, UploadBatchRow.id == UploadFileRow.batch_id)
        .where(UploadBatchRow.book_id == book_id, UploadFileRow.state == "received")
    )
    return {keys.upload(book_id, batch, position) for batch, position in session.execute(statement)}
