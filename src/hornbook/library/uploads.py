"""Uploads: batches of announced files, and what became of each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library import books, keys, pages
from hornbook.library.tables import BookRow, UploadBatchRow, UploadFileRow
from hornbook.model.ids import new_id, page_id
from hornbook.model.upload import Batch, BatchFile, FileState

SAFE = {FileState.RECEIVED, FileState.PAGE, FileState.ALREADY_THERE}
"""The bytes were acknowledged."""
UNSETTLED = [FileState.MISSING, FileState.RECEIVED]
LARGEST = 2**31 - 1
"""What a column can hold; sizes and positions come from outside."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be announced; with an error it is refused from the start."""

    name: str
    size: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A row of `upload_files`; `sha256` and `media_type` are known once it was received."""

    book_id: str
    batch_id: str
    position: int
    name: str
    size: int
    state: FileState
    error: str | None
    sha256: str
    media_type: str
    frames: int
    number: int | None

    @property
    def key(self) -> str:
        """Where its bytes lie until it is a page."""
        return keys.upload(self.book_id, self.batch_id, self.position, self.sha256)

    @property
    def page_ids(self) -> list[str]:
        """The identities of its pages, once it has a number."""
        if self.number is None:
            return []
        return _ids(self.book_id, range(self.number, self.number + self.frames))

    @property
    def shown(self) -> BatchFile:
        """What a client is told about it."""
        return BatchFile(self.position, self.name, self.size, self.state, self.error)


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that is not complete."""

    id: str
    book_id: str
    last_arrival_at: datetime


def open_batch(
    session: Session,
    book_id: str,
    files: Sequence[NewFile],
    now: datetime,
    *,
    is_request: bool = False,
) -> str:
    """Insert a batch of files in this order and return its id; raises NotFound."""
    books.touch(session, book_id)
    batch_id = new_id()
    row = UploadBatchRow(
        id=batch_id,
        book_id=book_id,
        is_request=is_request,
        is_complete=False,
        created_at=now,
        last_arrival_at=now,
    )
    session.add(row)
    session.flush()
    if files:
        session.execute(
            insert(UploadFileRow),
            [_row(batch_id, position, file) for position, file in enumerate(files)],
        )
    return batch_id


def batch(session: Session, book_id: str, batch_id: str) -> Batch:
    """Return the batch as clients see it; raises NotFound."""
    row = _batch_row(session, book_id, batch_id)
    shown = tuple(file.shown for file in files(session, book_id, batch_id))
    received = sum(file.state in SAFE for file in shown)
    return Batch(row.id, row.job_id, shown, received, len(shown), row.is_complete)


def require_open(session: Session, book_id: str, batch_id: str, *, is_request: bool) -> None:
    """Raise NotFound unless there is such a batch, of this kind, and not complete."""
    row = _batch_row(session, book_id, batch_id)
    if row.is_complete or row.is_request is not is_request:
        raise _no_batch(book_id, batch_id)


def is_complete(session: Session, book_id: str, batch_id: str) -> bool:
    """Tell whether nothing of the batch is missing; raises NotFound."""
    return _batch_row(session, book_id, batch_id).is_complete


def open_batches(
    session: Session, book_id: str | None = None, *, is_request: bool = False
) -> list[OpenBatch]:
    """Return the batches that are not complete, of one book or of all, oldest first."""
    wanted = select(UploadBatchRow).where(
        UploadBatchRow.is_complete.is_(False), UploadBatchRow.is_request.is_(is_request)
    )
    if book_id is not None:
        wanted = wanted.where(UploadBatchRow.book_id == book_id)
    rows = session.scalars(wanted.order_by(UploadBatchRow.created_at, UploadBatchRow.id))
    return [OpenBatch(row.id, row.book_id, row.last_arrival_at) for row in rows]


def find_announced(session: Session, book_id: str, announced: Sequence[NewFile]) -> str | None:
    """Return the open batch that holds all these files, by name and size, if there is one."""
    wanted = Counter((file.name, storable(file.size)) for file in announced)
    for known in open_batches(session, book_id):
        held = Counter((file.name, file.size) for file in files(session, book_id, known.id))
        if wanted <= held:
            return known.id
    return None


def storable(size: int) -> int:
    """Return a size, an outside value, as the column can hold it."""
    return min(max(size, 0), LARGEST)


def files(session: Session, book_id: str, batch_id: str) -> list[StoredFile]:
    """Return the files of a batch in their order."""
    rows = session.scalars(
        select(UploadFileRow)
        .where(UploadFileRow.batch_id == batch_id)
        .order_by(UploadFileRow.position)
        .execution_options(populate_existing=True)
    )
    return [_file(book_id, row) for row in rows]


def count_files(session: Session, batch_id: str) -> int:
    """Return how many files the batch has."""
    counted = select(func.count()).where(UploadFileRow.batch_id == batch_id)
    return session.scalar(counted) or 0


def file(session: Session, book_id: str, batch_id: str, position: int) -> StoredFile:
    """Return one file of a batch; raises NotFound."""
    _batch_row(session, book_id, batch_id)
    is_position = 0 <= position <= LARGEST
    where = (batch_id, position)
    row = session.get(UploadFileRow, where, populate_existing=True) if is_position else None
    if row is None:
        raise NotFound(f"This upload has no file {position}.")
    return _file(book_id, row)


def set_file(session: Session, which: StoredFile, state: FileState, **values: Any) -> None:
    """Say what became of the file."""
    session.execute(
        update(UploadFileRow)
        .where(UploadFileRow.batch_id == which.batch_id, UploadFileRow.position == which.position)
        .values(state=state, **values)
    )


def append_file(
    session: Session, batch_id: str, position: int, new: NewFile, **values: Any
) -> None:
    """Add a file to a request, received or refused."""
    state = FileState.REFUSED if new.error else FileState.RECEIVED
    row = _row(batch_id, position, new) | {"state": state} | values
    session.execute(insert(UploadFileRow).values(row))


def note_arrival(session: Session, batch_id: str, now: datetime) -> None:
    """Note that the batch is alive."""
    session.execute(
        update(UploadBatchRow).where(UploadBatchRow.id == batch_id).values(last_arrival_at=now)
    )


def drop_missing(session: Session, batch_id: str) -> None:
    """Give up the files of the batch that have not come."""
    session.execute(
        update(UploadFileRow)
        .where(UploadFileRow.batch_id == batch_id, UploadFileRow.state == FileState.MISSING)
        .values(state=FileState.DROPPED)
    )


def allot(session: Session, book_id: str, which: Sequence[StoredFile]) -> list[StoredFile]:
    """Give each file that has none the next free page numbers, in order; return all of them."""
    needed = sum(file.frames for file in which if file.number is None)
    last = session.execute(
        update(BookRow)
        .where(BookRow.id == book_id)
        .values(last_number=BookRow.last_number + needed)
        .returning(BookRow.last_number)
    ).scalar_one()
    number: int = last - needed + 1
    numbered = []
    for each in which:
        if each.number is None:
            numbered.append(replace(each, number=number))
            number += each.frames
        else:
            numbered.append(each)
    _keep_numbers(session, numbered)
    return numbered


def set_pages(session: Session, batch_id: str, positions: Sequence[int]) -> None:
    """Note that these files are pages now."""
    session.execute(
        update(UploadFileRow)
        .where(UploadFileRow.batch_id == batch_id, UploadFileRow.position.in_(positions))
        .values(state=FileState.PAGE)
    )


def waiting_pages(session: Session, book_id: str) -> int:
    """Return how many pages the received files of the book's open manifests will be."""
    frames = (
        select(func.sum(UploadFileRow.frames))
        .join(UploadBatchRow, UploadBatchRow.id == UploadFileRow.batch_id)
        .where(
            UploadBatchRow.book_id == book_id,
            UploadBatchRow.is_request.is_(False),
            UploadFileRow.state == FileState.RECEIVED,
        )
    )
    return session.scalar(frames) or 0


def in_turn(session: Session, book_id: str, batch_id: str, *, over_gaps: bool) -> list[StoredFile]:
    """Return the received files of the longest settled beginning of the batch, or all of them."""
    of_batch = UploadFileRow.batch_id == batch_id
    missing = select(func.min(UploadFileRow.position)).where(
        of_batch, UploadFileRow.state == FileState.MISSING
    )
    gap = None if over_gaps else session.scalar(missing)
    received = select(UploadFileRow).where(of_batch, UploadFileRow.state == FileState.RECEIVED)
    if gap is not None:
        received = received.where(UploadFileRow.position < gap)
    rows = session.scalars(
        received.order_by(UploadFileRow.position).execution_options(populate_existing=True)
    )
    return [_file(book_id, row) for row in rows]


def waiting(session: Session, batch_id: str, positions: Sequence[int]) -> set[int]:
    """Return which of these files were received and are no pages yet."""
    rows = select(UploadFileRow.position).where(
        UploadFileRow.batch_id == batch_id,
        UploadFileRow.position.in_(positions),
        UploadFileRow.state == FileState.RECEIVED,
    )
    return set(session.scalars(rows))


def page_positions(session: Session, batch_id: str) -> list[int]:
    """Return the positions of the files that are pages, in order."""
    return [row.position for row in session.execute(_became_pages(batch_id))]


def place_in_book(session: Session, book_id: str, batch_id: str, position: int) -> int:
    """Return the place for a file's pages: beside those of its neighbours in the batch.

    At the end of the book if no page of the batch is left.
    """
    where = pages.places(session, book_id)
    before, after = 0, 0
    for row in session.execute(_became_pages(batch_id)):
        numbers = range(row.number, row.number + row.frames)
        there = [where[page] for page in _ids(book_id, numbers) if page in where]
        if there and row.position < position:
            before = there[-1]
        elif there and not after:
            after = there[0]
    return before + 1 if before else after or len(where) + 1


def set_job(session: Session, batch_id: str, job_id: str) -> None:
    """Note which job reads the pages of the batch."""
    session.execute(
        update(UploadBatchRow).where(UploadBatchRow.id == batch_id).values(job_id=job_id)
    )


def close_if_settled(session: Session, book_id: str, batch_id: str) -> None:
    """Complete the batch if no file is missing or waits, and have its folder removed."""
    unsettled = select(UploadFileRow.position).where(
        UploadFileRow.batch_id == batch_id, UploadFileRow.state.in_(UNSETTLED)
    )
    if session.scalars(unsettled.limit(1)).first() is not None:
        return
    session.execute(
        update(UploadBatchRow).where(UploadBatchRow.id == batch_id).values(is_complete=True)
    )
    books.note_removal(session, book_id, keys.uploads(book_id, batch_id))


def forget(session: Session, book_id: str, batch_id: str) -> None:
    """Remove a request that was never completed, and give the numbers back it did not use.

    Numbers stay used when later ones were allotted meanwhile. Does nothing for any other batch.
    """
    row = session.get(UploadBatchRow, batch_id, populate_existing=True)
    if row is None or row.book_id != book_id or row.is_complete or not row.is_request:
        return
    numbers = [
        number
        for file in files(session, book_id, batch_id)
        if file.number is not None
        for number in (file.number, file.number + file.frames - 1)
    ]
    if numbers:
        session.execute(
            update(BookRow)
            .where(BookRow.id == book_id, BookRow.last_number == max(numbers))
            .values(last_number=min(numbers) - 1)
        )
    session.execute(delete(UploadBatchRow).where(UploadBatchRow.id == batch_id))
    books.note_removal(session, book_id, keys.uploads(book_id, batch_id))


def _became_pages(batch_id: str) -> Select[int, int | None, int]:
    pages_of = (UploadFileRow.batch_id == batch_id, UploadFileRow.state == FileState.PAGE)
    columns = select(UploadFileRow.position, UploadFileRow.number, UploadFileRow.frames)
    return columns.where(*pages_of).order_by(UploadFileRow.position)


def _ids(book_id: str, numbers: Iterable[int]) -> list[str]:
    return [page_id(book_id, number) for number in numbers]


def _batch_row(session: Session, book_id: str, batch_id: str) -> UploadBatchRow:
    row = session.get(UploadBatchRow, batch_id, populate_existing=True)
    if row is None or row.book_id != book_id:
        raise _no_batch(book_id, batch_id)
    return row


def _no_batch(book_id: str, batch_id: str) -> NotFound:
    return NotFound(f"Book {book_id!r} has no open upload {batch_id!r}.")


def _row(batch_id: str, position: int, new: NewFile) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "position": position,
        "name": new.name,
        "size": storable(new.size),
        "state": FileState.REFUSED if new.error else FileState.MISSING,
        "error": new.error,
    }


def _keep_numbers(session: Session, numbered: Sequence[StoredFile]) -> None:
    rows = [
        {"batch_id": file.batch_id, "position": file.position, "number": file.number}
        for file in numbered
    ]
    if rows:
        session.execute(update(UploadFileRow), rows)


def _file(book_id: str, row: UploadFileRow) -> StoredFile:
    return StoredFile(
        book_id=book_id,
        batch_id=row.batch_id,
        position=row.position,
        name=row.name,
        size=row.size,
        state=FileState(row.state),
        error=row.error,
        sha256=row.sha256 or "",
        media_type=row.media_type or "",
        frames=row.frames,
        number=row.number,
    )
