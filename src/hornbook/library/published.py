"""The published rows: what a tutor reads."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library.tables import BookRow, TeachingGuidelineRow
from hornbook.model.guideline import PublishedReview, Subtopic
from hornbook.model.ids import new_id
from hornbook.model.published import (
    Facets,
    PublishedFilter,
    PublishedFilters,
    PublishedGuideline,
)

MOST_WORDS = 8
"""Of a search; more would only make it slow."""


def hashes(session: Session, book_id: str) -> dict[str, str | None]:
    """The published subtopics of a book, each with the digest of what is taught."""
    rows = session.execute(
        select(TeachingGuidelineRow.subtopic_id, TeachingGuidelineRow.content_hash)
        .where(
            TeachingGuidelineRow.book_id == book_id,
            TeachingGuidelineRow.subtopic_id.is_not(None),
        )
        .order_by(TeachingGuidelineRow.topic_key, TeachingGuidelineRow.subtopic_key)
    )
    return {row.subtopic_id: row.content_hash for row in rows}


def of_subtopics(session: Session, book_id: str) -> dict[str, PublishedGuideline]:
    """The published rows of a book by the subtopic that they came from."""
    found = session.scalars(
        select(TeachingGuidelineRow).where(
            TeachingGuidelineRow.book_id == book_id,
            TeachingGuidelineRow.subtopic_id.is_not(None),
        )
    )
    return {row.subtopic_id: _published(row) for row in found if row.subtopic_id}


def titles(session: Session, book_id: str) -> dict[str, str]:
    """The published subtopics of a book, each as "Topic: Subtopic"."""
    rows = session.scalars(
        select(TeachingGuidelineRow).where(
            TeachingGuidelineRow.book_id == book_id,
            TeachingGuidelineRow.subtopic_id.is_not(None),
        )
    )
    return {row.subtopic_id: f"{row.topic}: {row.subtopic}" for row in rows if row.subtopic_id}


def create(session: Session, book_id: str, subtopics: Collection[Subtopic], now: datetime) -> None:
    """Add a row for each of these subtopics, to be reviewed."""
    book = session.get_one(BookRow, book_id)
    for subtopic in subtopics:
        row = TeachingGuidelineRow(
            id=new_id(),
            book_id=book_id,
            country=book.country,
            board=book.board,
            grade=book.grade,
            subject=book.subject,
            subtopic_id=subtopic.id,
            review_status=PublishedReview.TO_BE_REVIEWED,
            version=1,
            generated_at=now,
            created_at=now,
            updated_at=now,
        )
        _fill(row, subtopic)
        session.add(row)
    session.flush()


def refresh(
    session: Session,
    book_id: str,
    subtopics: Mapping[str, Subtopic],
    digests: Mapping[str, str],
    changed: Collection[str],
    now: datetime,
) -> None:
    """Bring rows up to date; those of `changed` go back to review, the others keep their verdict.

    Page numbers and status follow without a review.
    """
    rows = session.scalars(
        select(TeachingGuidelineRow).where(
            TeachingGuidelineRow.book_id == book_id,
            TeachingGuidelineRow.subtopic_id.in_(subtopics),
        )
    )
    for row in rows:
        subtopic_id = row.subtopic_id or ""
        _fill(row, subtopics[subtopic_id])
        row.content_hash = digests[subtopic_id]
        if subtopic_id in changed:
            row.review_status = PublishedReview.TO_BE_REVIEWED
            row.reviewed_at = row.reviewed_by = None
            row.version += 1
            row.generated_at = row.updated_at = now
    session.flush()


def _fill(row: TeachingGuidelineRow, subtopic: Subtopic) -> None:
    pages = subtopic.source_pages
    row.topic = row.topic_title = subtopic.topic_title
    row.subtopic = row.subtopic_title = subtopic.subtopic_title
    row.guideline = subtopic.guidelines
    row.topic_key = subtopic.topic_key
    row.subtopic_key = subtopic.subtopic_key
    row.topic_summary = subtopic.topic_summary
    row.subtopic_summary = subtopic.subtopic_summary
    row.source_page_start = pages[0] if pages else None
    row.source_page_end = pages[-1] if pages else None
    row.status = subtopic.status


def remove(session: Session, book_id: str, subtopic_ids: Collection[str]) -> None:
    """Delete the rows of these subtopics, with their study plans."""
    session.execute(
        delete(TeachingGuidelineRow).where(
            TeachingGuidelineRow.book_id == book_id,
            TeachingGuidelineRow.subtopic_id.in_(subtopic_ids),
        )
    )


def approve_book(
    session: Session, book_id: str, by: str, now: datetime, *, but: Collection[str] = ()
) -> tuple[int, int]:
    """Approve the rows of the book, `but` those of these subtopics.

    Gives how many are approved now, and how many are not.
    """
    of_book = TeachingGuidelineRow.book_id == book_id
    fresh = of_book & (TeachingGuidelineRow.review_status != PublishedReview.APPROVED)
    # Rows of long ago have no subtopic, and NULL is in no list nor out of it.
    spared = func.coalesce(TeachingGuidelineRow.subtopic_id, "").in_(but)
    values = {"review_status": PublishedReview.APPROVED, "reviewed_at": now, "reviewed_by": by}
    session.execute(update(TeachingGuidelineRow).where(fresh, ~spared).values(values))
    left = session.execute(select(func.count()).where(fresh)).scalar_one()
    return count_approved(session, book_id), left


def count_approved(session: Session, book_id: str) -> int:
    """How many rows of the book a human approved."""
    approved = TeachingGuidelineRow.review_status == PublishedReview.APPROVED
    counted = select(func.count()).where(TeachingGuidelineRow.book_id == book_id, approved)
    return session.execute(counted).scalar_one()


def rows(
    session: Session, wanted: PublishedFilter, *, limit: int | None = None, offset: int = 0
) -> list[PublishedGuideline]:
    """The rows that fit, book by book, in page order."""
    found = session.scalars(
        select(TeachingGuidelineRow)
        .where(*_conditions(wanted))
        .limit(limit)
        .offset(offset)
        .order_by(
            TeachingGuidelineRow.book_id,
            func.coalesce(TeachingGuidelineRow.source_page_start, 1 << 30),
            TeachingGuidelineRow.topic_key,
            TeachingGuidelineRow.subtopic_key,
            TeachingGuidelineRow.id,
        )
    )
    return [_published(row) for row in found]


def _conditions(wanted: PublishedFilter) -> list[ColumnElement[bool]]:
    pairs = [
        (TeachingGuidelineRow.book_id, wanted.book_id),
        (TeachingGuidelineRow.country, wanted.country),
        (TeachingGuidelineRow.board, wanted.board),
        (TeachingGuidelineRow.grade, wanted.grade),
        (TeachingGuidelineRow.subject, wanted.subject),
        (TeachingGuidelineRow.review_status, wanted.status),
    ]
    words = (wanted.words or "").split()[:MOST_WORDS]
    return [
        *(column == value for column, value in pairs if value is not None),
        *(_says(word) for word in words),
    ]


def _says(word: str) -> ColumnElement[bool]:
    places = (
        TeachingGuidelineRow.topic,
        TeachingGuidelineRow.subtopic,
        TeachingGuidelineRow.guideline,
    )
    return or_(*(place.icontains(word, autoescape=True) for place in places))


def ids(session: Session, wanted: PublishedFilter) -> list[str]:
    """The identities of the rows that fit."""
    return list(session.scalars(select(TeachingGuidelineRow.id).where(*_conditions(wanted))))


def approved_at(session: Session, at: datetime, by: str) -> list[str]:
    """The rows that this human approved at one instant, and nobody judged since."""
    return list(
        session.scalars(
            select(TeachingGuidelineRow.id).where(
                TeachingGuidelineRow.review_status == PublishedReview.APPROVED,
                TeachingGuidelineRow.reviewed_at == at,
                TeachingGuidelineRow.reviewed_by == by,
            )
        )
    )


def facets(session: Session, wanted: PublishedFilter) -> Facets:
    """What can be chosen in each filter while the others stand as they are."""
    names = [field.name for field in fields(Facets) if field.name != "total"]
    counts = {name: _counts(session, wanted, name) for name in names}
    matching = select(func.count()).select_from(TeachingGuidelineRow).where(*_conditions(wanted))
    return Facets(**counts, total=session.execute(matching).scalar_one())


def _counts(session: Session, wanted: PublishedFilter, name: str) -> tuple[tuple[str, int], ...]:
    column = TeachingGuidelineRow.__table__.c["review_status" if name == "status" else name]
    counted = (
        select(column, func.count())
        .where(*_conditions(replace(wanted, **{name: None})), column.is_not(None))
        .group_by(column)
        .order_by(column)
    )
    return tuple((str(row[0]), row[1]) for row in session.execute(counted))


def filters(session: Session) -> PublishedFilters:
    """The values there are to filter by, and the counts."""
    values = select(
        TeachingGuidelineRow.country,
        TeachingGuidelineRow.board,
        TeachingGuidelineRow.grade,
        TeachingGuidelineRow.subject,
    ).distinct()
    found = session.execute(values).all()
    counted = select(TeachingGuidelineRow.review_status, func.count()).group_by(
        TeachingGuidelineRow.review_status
    )
    counts = {row[0]: row[1] for row in session.execute(counted)}
    total = sum(counts.values())
    approved = counts.get(PublishedReview.APPROVED, 0)
    return PublishedFilters(
        countries=tuple(sorted({row[0] for row in found})),
        boards=tuple(sorted({row[1] for row in found})),
        grades=tuple(sorted({row[2] for row in found})),
        subjects=tuple(sorted({row[3] for row in found})),
        total=total,
        pending=total - approved,
        approved=approved,
    )


def get(session: Session, guideline_id: str) -> PublishedGuideline:
    """One row; raises NotFound."""
    return _published(_row(session, guideline_id))


def review(
    session: Session, guideline_id: str, *, approved: bool, by: str, now: datetime
) -> PublishedGuideline:
    """Record a human's verdict; raises NotFound."""
    row = _row(session, guideline_id)
    verdict = PublishedReview.APPROVED if approved else PublishedReview.TO_BE_REVIEWED
    if row.review_status != verdict:
        row.review_status = verdict
        row.reviewed_at = now if approved else None
        row.reviewed_by = by if approved else None
        session.flush()
    return _published(row)


def review_all(
    session: Session, guideline_ids: Collection[str], *, approved: bool, by: str, now: datetime
) -> tuple[list[str], set[str]]:
    """Record a verdict on many rows; gives those it is news for, and their books.

    Rows that are gone meanwhile are left out.
    """
    wanted = PublishedReview.APPROVED if approved else PublishedReview.TO_BE_REVIEWED
    news = (
        TeachingGuidelineRow.id.in_(guideline_ids),
        TeachingGuidelineRow.review_status != wanted,
    )
    values = {
        "review_status": wanted,
        "reviewed_at": now if approved else None,
        "reviewed_by": by if approved else None,
    }
    changed = session.execute(
        update(TeachingGuidelineRow)
        .where(*news)
        .values(values)
        .returning(TeachingGuidelineRow.id, TeachingGuidelineRow.book_id)
    ).all()
    return [row[0] for row in changed], {row[1] for row in changed if row[1]}


def take(session: Session, guideline_id: str) -> tuple[str | None, str | None]:
    """Delete one row; gives its book and its subtopic. Raises NotFound."""
    row = _row(session, guideline_id)
    origin = row.book_id, row.subtopic_id
    session.execute(delete(TeachingGuidelineRow).where(TeachingGuidelineRow.id == guideline_id))
    return origin


def _row(session: Session, guideline_id: str) -> TeachingGuidelineRow:
    row = session.get(TeachingGuidelineRow, guideline_id)
    if row is None:
        raise NotFound(f"There is no published guideline {guideline_id!r}.")
    return row


def _published(row: TeachingGuidelineRow) -> PublishedGuideline:
    return PublishedGuideline(
        id=row.id,
        book_id=row.book_id,
        country=row.country,
        board=row.board,
        grade=row.grade,
        subject=row.subject,
        topic=row.topic,
        subtopic=row.subtopic,
        guideline=row.guideline,
        topic_key=row.topic_key,
        subtopic_key=row.subtopic_key,
        topic_summary=row.topic_summary,
        subtopic_summary=row.subtopic_summary,
        source_page_start=row.source_page_start,
        source_page_end=row.source_page_end,
        status=row.status,
        review_status=PublishedReview(row.review_status),
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
