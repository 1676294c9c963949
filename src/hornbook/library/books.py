"""Books: their rows, and the revision that every visible change raises."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library import keys
from hornbook.library.tables import (
    BookRow,
    JobRow,
    PageRow,
    RemovalRow,
    SubtopicRow,
    TeachingGuidelineRow,
)
from hornbook.model.book import Book, BookFilter, BookSummary, NewBook, Stage
from hornbook.model.guideline import PublishedReview, SubtopicStatus
from hornbook.model.job import JobStatus, JobType
from hornbook.model.language import Language
from hornbook.model.page import OcrStatus, ReviewStatus
from hornbook.model.slug import book_slug

ACTIVE = [status for status in JobStatus if status.is_active]


def touch(session: Session, book_id: str) -> int:
    """Raise the book's revision and return the new one; raises NotFound.

    Until the transaction ends, no other one can: whoever touches first orders what follows.
    `updated_at` is the database's own time: nothing is decided by it.
    """
    statement = (
        update(BookRow)
        .where(BookRow.id == book_id)
        .values(rev=BookRow.rev + 1, updated_at=func.now())
        .returning(BookRow.rev)
    )
    rev = session.execute(statement).scalar_one_or_none()
    if rev is None:
        raise NotFound(f"There is no book {book_id!r}.")
    return rev


def set_language(session: Session, book_id: str, language: Language) -> None:
    """Say in which language the book is printed; raises NotFound."""
    touch(session, book_id)
    session.execute(update(BookRow).where(BookRow.id == book_id).values(language=language))


def require(session: Session, book_id: str) -> None:
    """Raise NotFound when there is no such book."""
    if session.scalar(select(BookRow.id).where(BookRow.id == book_id)) is None:
        raise NotFound(f"There is no book {book_id!r}.")


def revision(session: Session, book_id: str) -> int:
    """The book's revision, which is all that an idle poll asks for; raises NotFound."""
    rev = session.scalar(select(BookRow.rev).where(BookRow.id == book_id))
    if rev is None:
        raise NotFound(f"There is no book {book_id!r}.")
    return rev


def add(session: Session, new: NewBook, created_by: str, now: datetime) -> str:
    """Insert the book under the first free id and return the id, however many try at once."""
    stem = book_slug(new.author, new.subject, new.grade, new.edition_year or now.year)
    for suffix in count():
        book_id = f"{stem}_{suffix}" if suffix else stem
        if not _is_taken(session, book_id) and _insert(session, book_id, new, created_by, now):
            break
    return book_id


def get(session: Session, book_id: str) -> Book:
    """The book; raises NotFound."""
    row = session.execute(_BOOKS.where(BookRow.id == book_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no book {book_id!r}.")
    return _book(*row)


def find(session: Session, book_filter: BookFilter) -> tuple[list[Book], int]:
    """The books of the filter, newest first, and how many there are without limit and offset."""
    conditions = _conditions(book_filter)
    total = session.scalar(select(func.count()).select_from(BookRow).where(*conditions))
    rows = session.execute(
        _BOOKS.where(*conditions)
        .order_by(BookRow.created_at.desc(), BookRow.id)
        .limit(book_filter.limit)
        .offset(book_filter.offset)
    )
    return [_book(*row) for row in rows], total or 0


def summary(session: Session) -> BookSummary:
    """All books at a glance."""
    counts = session.execute(select(_STAGE, func.count()).select_from(BookRow).group_by(_STAGE))
    return BookSummary({Stage(stage): number for stage, number in counts}, state(session))


def state(session: Session) -> str:
    """Give what changes whenever anything about any book does; cheap enough for every poll."""
    # Revisions only rise, and a book that goes takes its own away.
    parts = select(func.count(), func.sum(BookRow.rev), func.max(BookRow.created_at))
    count_, revisions, newest = session.execute(parts).one()
    return f"{count_}.{revisions or 0}.{newest.timestamp() if newest else 0:.6f}"


def titles(session: Session, book_ids: Iterable[str]) -> dict[str, str]:
    """The titles of these books, by identity."""
    rows = session.execute(select(BookRow.id, BookRow.title).where(BookRow.id.in_({*book_ids})))
    return {row.id: row.title for row in rows}


def known_words(session: Session) -> dict[str, list[str]]:
    """The countries, boards and subjects that books have, in alphabetical order."""
    columns = {"country": BookRow.country, "board": BookRow.board, "subject": BookRow.subject}
    return {
        name: list(session.scalars(select(column).distinct().order_by(column)))
        for name, column in columns.items()
    }


def remove(session: Session, book_id: str) -> None:
    """Delete the book's rows and note its objects for removal; raises NotFound."""
    require(session, book_id)
    session.execute(delete(BookRow).where(BookRow.id == book_id))
    session.execute(update(RemovalRow).where(RemovalRow.book_id == book_id).values(due_at=None))
    note_removal(session, book_id, keys.prefix(book_id))


def note_removal(
    session: Session, book_id: str, *object_keys: str, due_at: datetime | None = None
) -> None:
    """Have these objects deleted once the transaction is committed, or at the given instant.

    Again changes nothing.
    """
    noted = select(RemovalRow.key).where(RemovalRow.key.in_(object_keys))
    new = set(object_keys).difference(session.scalars(noted))
    if new:
        rows = [{"key": key, "book_id": book_id, "due_at": due_at} for key in sorted(new)]
        session.execute(insert(RemovalRow), rows)


def _is_taken(session: Session, book_id: str) -> bool:
    # The objects of a deleted book are removed by prefix: its id stays taken until they are gone.
    removals = select(RemovalRow.key).where(RemovalRow.book_id == book_id)
    books = select(BookRow.id).where(BookRow.id == book_id)
    return bool(session.scalar(select(or_(exists(removals), exists(books)))))


def _insert(session: Session, book_id: str, new: NewBook, created_by: str, now: datetime) -> bool:
    row = BookRow(
        id=book_id,
        title=new.title,
        author=new.author,
        edition=new.edition,
        edition_year=new.edition_year,
        country=new.country,
        board=new.board,
        grade=new.grade,
        subject=new.subject,
        language=new.language,
        s3_prefix=keys.prefix(book_id),
        metadata_s3_key=keys.metadata(book_id),
        created_at=now,
        updated_at=now,
        created_by=created_by,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # another transaction took the id since we looked
        return False
    return True


def _conditions(book_filter: BookFilter) -> list[ColumnElement[bool]]:
    wanted = [
        (BookRow.country, book_filter.country),
        (BookRow.board, book_filter.board),
        (BookRow.grade, book_filter.grade),
        (BookRow.subject, book_filter.subject),
        (_STAGE, book_filter.stage),
    ]
    conditions = [column == value for column, value in wanted if value is not None]
    if book_filter.words:
        texts = (BookRow.title, BookRow.author, BookRow.subject)
        found = [text.icontains(book_filter.words, autoescape=True) for text in texts]
        conditions.append(or_(*found))
    return conditions


def _count(
    table: type[PageRow | JobRow | TeachingGuidelineRow], *more: ColumnElement[bool]
) -> ColumnElement[int]:
    counted = select(func.count()).select_from(table)
    return counted.where(table.book_id == BookRow.id, *more).scalar_subquery()


def _has(
    table: type[PageRow | JobRow | SubtopicRow | TeachingGuidelineRow], *more: ColumnElement[bool]
) -> ColumnElement[bool]:
    return exists().where(table.book_id == BookRow.id, *more)


def _is_running(*types: JobType) -> ColumnElement[bool]:
    return _has(JobRow, JobRow.status.in_(ACTIVE), JobRow.job_type.in_(types))


def _has_failed() -> ColumnElement[bool]:
    latest = (
        select(JobRow.status)
        .where(JobRow.book_id == BookRow.id)
        .order_by(JobRow.started_at.desc(), JobRow.id.desc())
        .limit(1)
    )
    return latest.scalar_subquery() == JobStatus.FAILED


def _has_guidelines(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    return _has(SubtopicRow, SubtopicRow.merged_into.is_(None), *more)


def _is_to_publish() -> ColumnElement[bool]:
    published = exists().where(TeachingGuidelineRow.subtopic_id == SubtopicRow.id)
    unapproved = TeachingGuidelineRow.review_status != PublishedReview.APPROVED
    return or_(
        _has_guidelines(SubtopicRow.is_withheld.is_(False), ~published),
        _has(TeachingGuidelineRow, unapproved),
    )


def _stage() -> ColumnElement[str]:
    """The stage in SQL, so that a list can be filtered by it; the first that is true counts."""
    unread = PageRow.ocr_status.in_([OcrStatus.PENDING, OcrStatus.PROCESSING])
    unseen = PageRow.review == ReviewStatus.PENDING_REVIEW
    accepted = PageRow.review != ReviewStatus.REJECTED
    return case(
        (_is_running(JobType.OCR), Stage.READING.value),
        (_is_running(JobType.EXTRACTION), Stage.GUIDELINES.value),
        (_is_running(JobType.FINALIZATION), Stage.REFINE.value),
        (_is_running(JobType.SYNC), Stage.PUBLISH.value),
        (_has_failed(), Stage.FAILED.value),
        (~_has(PageRow), Stage.UPLOAD.value),
        (_has(PageRow, unread, accepted), Stage.READING.value),
        (and_(~_has_guidelines(), _has(PageRow, unseen)), Stage.REVIEW.value),
        (~_has_guidelines(), Stage.GUIDELINES.value),
        (_has_guidelines(SubtopicRow.status != SubtopicStatus.FINAL), Stage.REFINE.value),
        (_is_to_publish(), Stage.PUBLISH.value),
        else_=Stage.DONE.value,
    )


_STAGE = _stage()
_BOOKS: Select[BookRow, int, int, int, int, str] = select(
    BookRow,
    _count(PageRow),
    _count(TeachingGuidelineRow),
    _count(TeachingGuidelineRow, TeachingGuidelineRow.review_status == PublishedReview.APPROVED),
    _count(JobRow, JobRow.status.in_(ACTIVE)),
    _STAGE,
).execution_options(populate_existing=True)


def _book(
    row: BookRow, pages: int, guidelines: int, approved: int, active: int, stage: str
) -> Book:
    return Book(
        id=row.id,
        title=row.title,
        author=row.author,
        edition=row.edition,
        edition_year=row.edition_year,
        country=row.country,
        board=row.board,
        grade=row.grade,
        subject=row.subject,
        language=Language(row.language),
        cover_image_s3_key=row.cover_image_s3_key,
        s3_prefix=row.s3_prefix,
        metadata_s3_key=row.metadata_s3_key,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        page_count=pages,
        guideline_count=guidelines,
        approved_guideline_count=approved,
        has_active_job=active > 0,
        rev=row.rev,
        is_bucket_behind=row.projection_error is not None,
        stage=Stage(stage),
    )
