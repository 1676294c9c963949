"""Pages: what is known of each, and what a human decided about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    func,
    select,
    update,
)
from sqlalchemy.orm import Session

from hornbook.errors import Conflict, NotFound
from hornbook.library import books, ends, keys
from hornbook.library.tables import PageAttemptRow, PageRow
from hornbook.model.job import JobType
from hornbook.model.page import OcrStatus, Page, PageCounts, PageGlance, Reader, ReviewStatus

LARGEST_PLACE = 2**31 - 1
"""What the column can hold; a number from outside may be larger."""


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page to be inserted; its raw file is in the store already."""

    number: int
    file_name: str
    media_type: str
    sha256: str
    size: int
    raw_key: str
    frame: int = 0


def get(session: Session, book_id: str, page_num: int) -> Page:
    """Return the page at this place; raises NotFound."""
    books.require(session, book_id)
    is_place = 0 < page_num <= LARGEST_PLACE
    row = session.scalar(_rows(book_id).where(PageRow.place == page_num)) if is_place else None
    if row is None:
        raise NotFound(f"Book {book_id!r} has no page {page_num}.")
    return _classed(session, [_page(row)])[0]


def by_id(session: Session, wanted: str) -> Page:
    """Return the page of this identity; raises NotFound."""
    row = session.get(PageRow, wanted, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no page {wanted!r}.")
    return _page(row)


def by_ids(session: Session, wanted: Sequence[str]) -> list[Page]:
    """Return those of these pages that there are, by their place."""
    rows = select(PageRow).where(PageRow.id.in_(wanted)).order_by(PageRow.place)
    return [_page(row) for row in session.scalars(rows.execution_options(populate_existing=True))]


def find(session: Session, book_id: str, *, since_rev: int | None = None) -> list[Page]:
    """Return the book's pages in order, or those changed since a revision; raises NotFound."""
    books.require(session, book_id)
    rows = _rows(book_id)
    if since_rev is not None:
        rows = rows.where(PageRow.rev > since_rev)
    return _classed(session, [_page(row) for row in session.scalars(rows)])


def glances(session: Session, book_id: str) -> list[PageGlance]:
    """Return where each of the book's pages stands, in order; raises NotFound."""
    books.require(session, book_id)
    columns = (
        PageRow.place,
        PageRow.ocr_status,
        PageRow.review,
        PageRow.confidence,
        PageRow.text_revision,
        PageRow.rev,
    )
    rows = session.execute(
        select(*columns).where(PageRow.book_id == book_id).order_by(PageRow.place)
    )
    return [
        PageGlance(place, OcrStatus(status), ReviewStatus(review), confidence, revision, rev)
        for place, status, review, confidence, revision, rev in rows
    ]


def places(session: Session, book_id: str) -> dict[str, int]:
    """Return where each page of the book stands, by its identity."""
    rows = session.execute(select(PageRow.id, PageRow.place).where(PageRow.book_id == book_id))
    return {row.id: row.place for row in rows}


def total(session: Session, book_id: str) -> int:
    """Return how many pages the book has."""
    counted = select(func.count()).select_from(PageRow).where(PageRow.book_id == book_id)
    return session.scalar(counted) or 0


def is_there(session: Session, book_id: str, file_name: str, sha256: str) -> bool:
    """Tell whether a page of the book has this file name and these bytes."""
    same = select(PageRow.id).where(
        PageRow.book_id == book_id, PageRow.sha256 == sha256, PageRow.file_name == file_name
    )
    return session.scalars(same.limit(1)).first() is not None


def counts(session: Session, book_id: str) -> PageCounts:
    """Return how the book's pages stand; every sum adds up to its total. Raises NotFound."""
    books.require(session, book_id)
    end = ends.end(session.scalar(ends.latest_extraction(book_id)))
    rows = session.execute(
        select(end, PageRow.ocr_status, PageRow.review, func.count())
        .where(PageRow.book_id == book_id)
        .group_by(end, PageRow.ocr_status, PageRow.review)
    ).all()

    def add_up(column: int, value: str) -> int:
        return sum(row[3] for row in rows if row[column] == value)

    return PageCounts(
        total=sum(row[3] for row in rows),
        used=add_up(0, "used"),
        no_content=add_up(0, "no_content"),
        blank=add_up(0, "blank"),
        failed=add_up(0, "failed"),
        skipped=add_up(0, "skipped"),
        open=add_up(0, "open"),
        pending=add_up(1, OcrStatus.PENDING),
        processing=add_up(1, OcrStatus.PROCESSING),
        completed=add_up(1, OcrStatus.COMPLETED),
        failed_reading=add_up(1, OcrStatus.FAILED),
        unreviewed=add_up(2, ReviewStatus.PENDING_REVIEW),
        approved=add_up(2, ReviewStatus.APPROVED),
        rejected=add_up(2, ReviewStatus.REJECTED),
    )


def change(session: Session, page: Page, **values: Any) -> Page:
    """Set columns of the page's row, raise the revisions, and return the page as it is now."""
    rev = books.touch(session, page.book_id)
    session.execute(update(PageRow).where(PageRow.id == page.id).values(rev=rev, **values))
    return by_id(session, page.id)


def latest(session: Session, page: Page) -> Page:
    """Return the page as it is, now that nobody else can change its book any more."""
    books.touch(session, page.book_id)
    return by_id(session, page.id)


def approve(session: Session, page: Page, by: str, now: datetime) -> Page:
    """Approve; again changes nothing. Raises Conflict while there is no text."""
    if page.review is ReviewStatus.APPROVED:
        return page
    page = latest(session, page)
    if page.text_revision == 0:
        raise Conflict(f"Page {page.page_num} has no text yet.")
    return _review(session, page, ReviewStatus.APPROVED, approved_at=now, approved_by=by)


def approve_all(
    session: Session, book_id: str, ready: Sequence[Page], by: str, now: datetime
) -> None:
    """Approve those of these pages of the book that still wait for it."""
    rev = books.touch(session, book_id)
    session.execute(
        update(PageRow)
        .where(
            PageRow.id.in_([page.id for page in ready]),
            PageRow.review == ReviewStatus.PENDING_REVIEW,
            PageRow.text_revision > 0,
        )
        .values(review=ReviewStatus.APPROVED, approved_at=now, approved_by=by, rev=rev)
    )


def reject(session: Session, page: Page) -> Page:
    """Skip the page; again changes nothing. Raises Conflict while it is being read."""
    if page.review is ReviewStatus.REJECTED:
        return page
    page = latest(session, page)
    if page.ocr_status is OcrStatus.PROCESSING:
        raise Conflict(f"Page {page.page_num} is being read. Try again in a moment.")
    return _review(session, page, ReviewStatus.REJECTED)


def unreview(session: Session, page: Page) -> Page:
    """Take an approval or a rejection back; again changes nothing."""
    return _review(session, page, ReviewStatus.PENDING_REVIEW)


def is_ready(page: Page, min_confidence: float | None = None) -> bool:
    """Tell whether the page was read, waits for a human, and was read well enough."""
    if page.ocr_status is not OcrStatus.COMPLETED or page.text_revision == 0:
        return False
    if page.review is not ReviewStatus.PENDING_REVIEW:
        return False
    # Compared as it is shown: a page that says 95% is among those of 95% and more.
    return min_confidence is None or round(page.confidence or 0) >= min_confidence


def is_raw_shared(session: Session, page: Page) -> bool:
    """Tell whether another page, a frame of the same file, points at the raw file."""
    others = select(PageRow.id).where(PageRow.raw_key == page.raw_key, PageRow.id != page.id)
    return session.scalars(others.limit(1)).first() is not None


def replace_file(session: Session, page: Page, new: NewPage, now: datetime) -> Page:
    """Point the page at another raw file; what was read from the old one becomes history."""
    if not is_raw_shared(session, page):
        books.note_removal(session, page.book_id, page.raw_key)
    return change(
        session,
        page,
        file_name=new.file_name,
        sha256=new.sha256,
        size=new.size,
        media_type=new.media_type,
        frame=new.frame,
        raw_key=new.raw_key,
        uploaded_at=now,
        rotation=0,
        image_revision=0,
        text_revision=0,
        is_blank=False,
        engine=None,
        confidence=None,
        review=ReviewStatus.PENDING_REVIEW,
        approved_at=None,
        approved_by=None,
    )


def _rows(book_id: str) -> Select[PageRow]:
    in_order = select(PageRow).where(PageRow.book_id == book_id).order_by(PageRow.place)
    return in_order.execution_options(populate_existing=True)


def _review(
    session: Session,
    page: Page,
    review: ReviewStatus,
    *,
    approved_at: datetime | None = None,
    approved_by: str | None = None,
) -> Page:
    if page.review is review:  # a second click, at once or later
        return page
    return change(session, page, review=review, approved_at=approved_at, approved_by=approved_by)


def _classed(session: Session, found: list[Page]) -> list[Page]:
    """The same pages; of those that could not be read, with the class of the error."""
    if all(page.ocr_status is not OcrStatus.FAILED for page in found):
        return found
    attempts = (
        select(PageAttemptRow.page_id, PageAttemptRow.error_class)
        .join(PageRow, PageRow.id == PageAttemptRow.page_id)
        .where(
            PageRow.book_id == found[0].book_id,
            PageRow.ocr_status == OcrStatus.FAILED,
            PageAttemptRow.job_type == JobType.OCR,
            PageAttemptRow.error == PageRow.ocr_error,
        )
        .order_by(PageAttemptRow.id)
    )
    classes: dict[str, str | None] = dict(session.execute(attempts).all())
    return [replace(page, ocr_error_class=classes.get(page.id)) for page in found]


def _page(row: PageRow) -> Page:
    return Page(
        id=row.id,
        book_id=row.book_id,
        page_num=row.place,
        number=row.number,
        file_name=row.file_name,
        media_type=row.media_type,
        frame=row.frame,
        sha256=row.sha256,
        raw_key=row.raw_key,
        image_key=_key(keys.image, row, row.image_revision),
        compact_key=_key(keys.compact, row, row.image_revision),
        thumbnail_key=_key(keys.thumbnail, row, row.image_revision),
        text_key=_key(keys.text, row, row.text_revision),
        image_revision=row.image_revision,
        text_revision=row.text_revision,
        asked_reader=Reader(row.asked_reader) if row.asked_reader else None,
        rotation=row.rotation,
        ocr_status=OcrStatus(row.ocr_status),
        ocr_error=row.ocr_error,
        ocr_error_type=row.ocr_error_type,
        engine=row.engine,
        confidence=row.confidence,
        is_blank=row.is_blank,
        review=ReviewStatus(row.review),
        approved_at=row.approved_at,
        uploaded_at=row.uploaded_at,
        rev=row.rev,
    )


def _key(make: Callable[[str, int, int], str], row: PageRow, revision: int) -> str | None:
    return make(row.book_id, row.number, revision) if revision else None
