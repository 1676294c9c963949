"""Objects noted for deletion (`books.note_removal`): which ones, and which are needed after all."""

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


def pending(session: Session, book_id: str) -> list[str]:
    """What is noted for a book, sorted; a key that ends in `/` stands for a whole folder."""
    statement = select(RemovalRow.key).where(RemovalRow.book_id == book_id)
    return list(session.scalars(statement.order_by(RemovalRow.key)))


def books(session: Session) -> set[str]:
    """Books, deleted ones among them, of which objects have to go."""
    return set(session.scalars(select(RemovalRow.book_id).distinct()))


def forget(session: Session, book_id: str, done: Iterable[str]) -> None:
    """Strike off what was deleted."""
    noted = delete(RemovalRow).where(RemovalRow.book_id == book_id)
    session.execute(noted.where(RemovalRow.key.in_(list(done))))


def pointed_at(session: Session, book_id: str) -> set[str]:
    """Every upload, image and text that a row of the book points at."""
    pages = list(session.scalars(select(PageRow).where(PageRow.book_id == book_id)))
    images = {key for page in pages for key in (page.raw_key, *_images(page))}
    covers = session.scalars(select(BookRow.cover_image_s3_key).where(BookRow.id == book_id))
    needed = images | _texts(session, pages) | _uploads(session, book_id)
    return needed | {key for key in covers if key}


def _images(page: PageRow) -> list[str]:
    if not page.image_revision:
        return []
    where = (page.book_id, page.number, page.image_revision)
    return [keys.image(*where), keys.compact(*where), keys.thumbnail(*where)]


def _texts(session: Session, pages: Iterable[PageRow]) -> set[str]:
    numbers = {page.id: (page.book_id, page.number) for page in pages}
    books = {book_id for book_id, _number in numbers.values()}
    statement = (
        select(PageTextRow.page_id, PageTextRow.revision)
        .join(PageRow, PageRow.id == PageTextRow.page_id)
        .where(PageRow.book_id.in_(books))
    )
    return {
        make(*numbers[page_id], revision)
        for page_id, revision in session.execute(statement)
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
