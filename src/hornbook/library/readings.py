"""What was read from pages: texts in revisions, outcomes, and every attempt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from hornbook.errors import EmptyText, StaleRevision
from hornbook.library import codec, pages
from hornbook.library.tables import JobItemRow, PageAttemptRow, PageRow, PageTextRow
from hornbook.model.job import Failure, JobType
from hornbook.model.page import (
    Attempt,
    Line,
    OcrStatus,
    Page,
    PageText,
    Reader,
    TextRevision,
    TextSource,
)


@dataclass(frozen=True, slots=True)
class NewText:
    """A text to become a page's next revision."""

    source: TextSource
    text: str
    lines: tuple[Line, ...] = ()
    confidence: float | None = None
    by: str | None = None


def text(session: Session, page: Page) -> TextRevision | None:
    """Return the page's current text, None while there is none."""
    row = session.get(PageTextRow, (page.id, page.text_revision))
    return _revision(row) if row else None


def with_words(session: Session, book_id: str, words: str) -> set[str]:
    """Return the identities of the pages that have these words in file name or current text."""
    current = and_(PageTextRow.page_id == PageRow.id, PageTextRow.revision == PageRow.text_revision)
    found = or_(
        PageRow.file_name.icontains(words, autoescape=True),
        PageTextRow.text.icontains(words, autoescape=True),
    )
    query = select(PageRow.id).outerjoin(PageTextRow, current)
    return set(session.scalars(query.where(PageRow.book_id == book_id, found)))


def ask(session: Session, page: Page, reader: Reader | None = None) -> Page:
    """Put the page back to pending, its error forgotten; its text stays until it was read.

    Who was asked for before reads it, unless somebody else is asked for now.
    """
    return pages.change(
        session,
        page,
        ocr_status=OcrStatus.PENDING,
        ocr_error=None,
        ocr_error_type=None,
        asked_reader=reader or page.asked_reader,
    )


def asked_readers(session: Session, job_id: str) -> set[Reader]:
    """Who is asked for by the pages of a job that were not read yet."""
    asked = (
        select(PageRow.asked_reader)
        .join(JobItemRow, JobItemRow.subject_id == PageRow.id)
        .where(JobItemRow.job_id == job_id, PageRow.asked_reader.is_not(None))
        .distinct()
    )
    return {Reader(one) for one in session.scalars(asked) if one}


def start(session: Session, page: Page) -> None:
    """Note that the page is being read."""
    pages.change(session, page, ocr_status=OcrStatus.PROCESSING)


def release(session: Session, page: Page) -> None:
    """Note that the page is no longer being read, and was not."""
    if page.ocr_status is OcrStatus.PROCESSING:
        pages.change(session, page, ocr_status=OcrStatus.PENDING)


def save(
    session: Session, page: Page, read: PageText, engine: str, image_revision: int, now: datetime
) -> None:
    """Keep what an engine read. A human's text stays the current one; the engine's is kept too.

    Without lines, on a page that is not blank, the reading is only good beside a human's text.
    """
    page = pages.latest(session, page)
    current = text(session, page)
    is_human = current is not None and current.source is TextSource.HUMAN
    confidence = None if read.is_blank or not read.lines else read.confidence
    has_outcome = read.is_blank or bool(read.lines)
    revision = _keep_read(session, page, current, read, now) if has_outcome else page.text_revision
    pages.change(
        session,
        page,
        ocr_status=OcrStatus.COMPLETED,
        ocr_error=None,
        ocr_error_type=None,
        engine=engine,
        confidence=confidence,
        is_blank=page.is_blank if is_human else read.is_blank,
        text_revision=page.text_revision if is_human else revision,
        asked_reader=None,
        **_image(image_revision),
    )


def fail(session: Session, page: Page, failure: Failure, image_revision: int | None = None) -> None:
    """Note why the page could not be read; its image is kept if one could be made."""
    pages.change(
        session,
        page,
        ocr_status=OcrStatus.FAILED,
        ocr_error=failure.message,
        ocr_error_type=failure.error_type,
        **({} if image_revision is None else _image(image_revision)),
    )


def correct(
    session: Session, page: Page, new_text: str, revision: int, by: str, now: datetime
) -> TextRevision:
    """Keep a human's text in place of revision `revision`; raises StaleRevision.

    A page that could not be read is mended by it; an empty text makes the page a blank one.
    """
    page = pages.latest(session, page)
    if page.text_revision != revision:
        raise StaleRevision
    new = NewText(TextSource.HUMAN, new_text.replace("\0", ""), by=by)
    added = _append(session, page, new, now)
    is_mended = page.ocr_status is OcrStatus.FAILED
    mended = {"ocr_status": OcrStatus.COMPLETED, "ocr_error": None, "ocr_error_type": None}
    pages.change(
        session,
        page,
        text_revision=added.revision,
        is_blank=not new.text.strip(),
        **(mended if is_mended else {}),
    )
    return added


def images_made(session: Session, page: Page) -> int:
    """Return the highest revision of an image the page ever had."""
    return session.scalar(select(PageRow.images_made).where(PageRow.id == page.id)) or 0


def add_attempt(
    session: Session,
    page_id: str,
    job_id: str,
    job_type: JobType,
    started_at: datetime,
    ended_at: datetime,
    engine: str,
    failure: Failure | None = None,
) -> None:
    """Note one attempt at the page, numbered among those of its jobs of this type."""
    earlier = select(func.count()).where(
        PageAttemptRow.page_id == page_id, PageAttemptRow.job_type == job_type
    )
    row = PageAttemptRow(
        page_id=page_id,
        job_id=job_id,
        job_type=job_type,
        attempt=(session.scalar(earlier) or 0) + 1,
        started_at=started_at,
        ended_at=ended_at,
        outcome="failed" if failure else "done",
        error=failure.message if failure else None,
        error_class=failure.error_class if failure else None,
        engine=engine,
    )
    session.add(row)
    session.flush()


def times_answered(session: Session, page: Page, engine: str) -> int:
    """How often this engine has said what stands on the page, if only that there are no words."""
    is_answer = or_(
        PageAttemptRow.outcome == "done", PageAttemptRow.error_class == EmptyText.__name__
    )
    answered = select(func.count()).where(
        PageAttemptRow.page_id == page.id,
        PageAttemptRow.job_type == JobType.OCR,
        PageAttemptRow.engine == engine,
        is_answer,
    )
    return session.execute(answered).scalar_one()


def done_by(
    session: Session, book_id: str, job_type: JobType, until: datetime
) -> dict[str, datetime]:
    """Return when a job of this type last did each page of the book, as it stood at an instant."""
    rows = session.execute(
        select(PageAttemptRow.page_id, func.max(PageAttemptRow.ended_at))
        .join(PageRow, PageRow.id == PageAttemptRow.page_id)
        .where(
            PageRow.book_id == book_id,
            PageAttemptRow.job_type == job_type,
            PageAttemptRow.outcome == "done",
            PageAttemptRow.ended_at <= until,
        )
        .group_by(PageAttemptRow.page_id)
    )
    return dict(rows.all())


def attempts(session: Session, page: Page) -> list[Attempt]:
    """Return every attempt of any job at the page, oldest first."""
    rows = session.scalars(
        select(PageAttemptRow)
        .where(PageAttemptRow.page_id == page.id)
        .order_by(PageAttemptRow.started_at, PageAttemptRow.id)
    )
    return [_attempt(row) for row in rows]


def count_typed(session: Session, book_id: str) -> int:
    """How many pages show a text that a human typed."""
    current = (PageTextRow.page_id == PageRow.id) & (PageTextRow.revision == PageRow.text_revision)
    typed = select(func.count()).select_from(PageRow).join(PageTextRow, current)
    of_human = (PageRow.book_id == book_id, PageTextRow.source == TextSource.HUMAN)
    return session.execute(typed.where(*of_human)).scalar_one()


def _image(revision: int) -> dict[str, Any]:
    most = case((PageRow.images_made > revision, PageRow.images_made), else_=revision)
    return {"image_revision": revision, "images_made": most}


def _keep_read(
    session: Session, page: Page, current: TextRevision | None, read: PageText, now: datetime
) -> int:
    """Add what was read as a revision, unless the same was read before; return the revision."""
    confidence = None if read.is_blank else read.confidence
    new = NewText(TextSource.OCR, read.text.replace("\0", ""), read.lines, confidence)
    same = _latest_read(session, page) if current else None
    if same is not None and (same.text, same.lines) == (new.text, new.lines):
        return same.revision
    return _append(session, page, new, now).revision


def _latest_read(session: Session, page: Page) -> TextRevision | None:
    row = session.scalar(
        select(PageTextRow)
        .where(PageTextRow.page_id == page.id, PageTextRow.source == TextSource.OCR)
        .order_by(PageTextRow.revision.desc())
        .limit(1)
    )
    return _revision(row) if row else None


def _append(session: Session, page: Page, new: NewText, now: datetime) -> TextRevision:
    last = session.scalar(
        select(func.max(PageTextRow.revision)).where(PageTextRow.page_id == page.id)
    )
    row = PageTextRow(
        page_id=page.id,
        revision=(last or 0) + 1,
        source=new.source,
        text=new.text,
        lines=codec.lines_to_json(new.lines),
        confidence=new.confidence,
        created_at=now,
        created_by=new.by,
    )
    session.add(row)
    session.flush()
    return _revision(row)


def _revision(row: PageTextRow) -> TextRevision:
    return TextRevision(
        revision=row.revision,
        source=TextSource(row.source),
        text=row.text,
        lines=codec.lines_from_json(row.lines),
        confidence=row.confidence,
        created_at=row.created_at,
    )


def _attempt(row: PageAttemptRow) -> Attempt:
    return Attempt(
        attempt=row.attempt,
        job_id=row.job_id,
        job_type=row.job_type,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        error=row.error,
        error_class=row.error_class,
        engine=row.engine,
    )
