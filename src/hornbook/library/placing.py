"""Puts pages into subtopics, and keeps the rows of topics and subtopics in step with that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hornbook.library import books, findings, keys
from hornbook.library.tables import (
    BookGuidelineRow,
    DecisionRow,
    PageRow,
    PlacementRow,
    SubtopicRow,
    TeachingGuidelineRow,
    TopicRow,
)
from hornbook.model.guideline import PublishedReview, SubtopicStatus
from hornbook.model.ids import new_id
from hornbook.model.page import ReviewStatus


@dataclass(frozen=True, slots=True)
class Seat:
    """A subtopic that pages may be put in, with identities and keys allotted beforehand."""

    topic_id: str
    topic_key: str
    topic_title: str
    subtopic_id: str
    subtopic_key: str
    subtopic_title: str


def ensure(session: Session, book_id: str, seat: Seat, *, now: datetime, rev: int) -> None:
    """Make the rows of a seat where they are missing; present ones keep key, title and text.

    A title shown changes only when the decisions of finalization are applied again. The summary of
    a topic that gains or loses a subtopic is due anew.
    """
    topic = session.get(TopicRow, seat.topic_id)
    if topic is None:
        session.add(
            TopicRow(
                id=seat.topic_id,
                book_id=book_id,
                key=seat.topic_key,
                title=seat.topic_title,
                found_title=seat.topic_title,
            )
        )
    else:
        topic.found_title = seat.topic_title
    session.flush()
    subtopic = session.get(SubtopicRow, seat.subtopic_id)
    if subtopic is None:
        session.add(_new_subtopic(book_id, seat, now, rev))
        set_topic_summary(session, seat.topic_id, "")
    else:
        _move(session, book_id, subtopic, seat)
    session.flush()


def _new_subtopic(book_id: str, seat: Seat, now: datetime, rev: int) -> SubtopicRow:
    return SubtopicRow(
        id=seat.subtopic_id,
        book_id=book_id,
        topic_id=seat.topic_id,
        key=seat.subtopic_key,
        title=seat.subtopic_title,
        found_title=seat.subtopic_title,
        status=SubtopicStatus.OPEN,
        blocks=[],
        created_at=now,
        updated_at=now,
        rev=rev,
    )


def _move(session: Session, book_id: str, subtopic: SubtopicRow, seat: Seat) -> None:
    subtopic.found_title = seat.subtopic_title
    if subtopic.topic_id != seat.topic_id:
        before = session.get_one(TopicRow, subtopic.topic_id)
        books.note_removal(session, book_id, keys.subtopic(book_id, before.key, subtopic.key))
        for topic_id in (before.id, seat.topic_id):
            set_topic_summary(session, topic_id, "")
        subtopic.topic_id = seat.topic_id


def put(
    session: Session,
    page_id: str,
    subtopic_id: str,
    *,
    confidence: float,
    provisional: bool,
    evidence: str,
) -> None:
    """Make the page a source of this subtopic, and of no other."""
    session.merge(
        PlacementRow(
            page_id=page_id,
            subtopic_id=subtopic_id,
            confidence=confidence,
            provisional=provisional,
            evidence=evidence,
        )
    )
    session.flush()


def take_out(session: Session, page_ids: Collection[str]) -> None:
    """Let these pages be the source of nothing."""
    session.execute(delete(PlacementRow).where(PlacementRow.page_id.in_(page_ids)))


def place_of(session: Session, page_id: str) -> str | None:
    """The subtopic that extraction put the page in."""
    return session.scalar(select(PlacementRow.subtopic_id).where(PlacementRow.page_id == page_id))


def exists(session: Session, subtopic_id: str) -> bool:
    """Whether there is such a subtopic."""
    found = select(SubtopicRow.id).where(SubtopicRow.id == subtopic_id)
    return session.scalar(found) is not None


def last_between(session: Session, book_id: str, first: int, last: int) -> str | None:
    """The subtopic of the last page of a range that was put in any."""
    placed = select(PlacementRow.subtopic_id).join(PageRow, PageRow.id == PlacementRow.page_id)
    in_range = (PageRow.book_id == book_id, PageRow.place >= first, PageRow.place <= last)
    return session.scalar(placed.where(*in_range).order_by(PageRow.place.desc()).limit(1))


def placed_between(session: Session, book_id: str, first: int, last: int) -> list[str]:
    """The subtopics that the pages of a range were put in, each once, in page order."""
    placed = select(PlacementRow.subtopic_id).join(PageRow, PageRow.id == PlacementRow.page_id)
    in_range = (PageRow.book_id == book_id, PageRow.place >= first, PageRow.place <= last)
    return list(dict.fromkeys(session.scalars(placed.where(*in_range).order_by(PageRow.place))))


def unusable_placed(session: Session, book_id: str) -> list[str]:
    """Pages that are the source of something, and are blank or were rejected since."""
    unusable = PageRow.is_blank | (PageRow.review == ReviewStatus.REJECTED)
    placed = select(PlacementRow.page_id).join(PageRow, PageRow.id == PlacementRow.page_id)
    return list(session.scalars(placed.where(PageRow.book_id == book_id, unusable)))


def stamp_page(session: Session, page_id: str, rev: int) -> None:
    """Say that what is shown of the page changed with this revision."""
    session.execute(update(PageRow).where(PageRow.id == page_id).values(rev=rev))


def retitle(
    session: Session, subtopic_id: str, title: str, merged_into: str | None, *, rev: int
) -> None:
    """Give a subtopic the title and the merge that the decisions say; its summary is due anew."""
    row = session.get_one(SubtopicRow, subtopic_id)
    if row.title != title:
        row.summary = ""
        session.get_one(TopicRow, row.topic_id).summary = ""
    row.title = title
    row.merged_into = merged_into
    row.rev = rev
    session.flush()


def retitle_topic(session: Session, topic_id: str, title: str) -> None:
    """Give a topic the title that the decisions say; its summary is due anew."""
    values = {"title": title, "summary": ""}
    session.execute(update(TopicRow).where(TopicRow.id == topic_id).values(values))


def set_topic_summary(
    session: Session, topic_id: str, summary: str, shortfall: str | None = None
) -> None:
    """Keep what a topic covers, and why no model said it; "" makes it due anew."""
    values = {"summary": summary, "shortfall": shortfall}
    session.execute(update(TopicRow).where(TopicRow.id == topic_id).values(values))


def remove_subtopics(session: Session, book_id: str, subtopic_ids: Collection[str]) -> None:
    """Remove subtopics with their files, and topics that are left without any."""
    with_topics = select(SubtopicRow.key, TopicRow.key).join(TopicRow)
    for subtopic_key, topic_key in session.execute(
        with_topics.where(SubtopicRow.id.in_(subtopic_ids))
    ):
        books.note_removal(session, book_id, keys.subtopic(book_id, topic_key, subtopic_key))
    shrunk = select(SubtopicRow.topic_id).where(SubtopicRow.id.in_(subtopic_ids))
    session.execute(update(TopicRow).where(TopicRow.id.in_(shrunk)).values(summary=""))
    session.execute(delete(SubtopicRow).where(SubtopicRow.id.in_(subtopic_ids)))
    kept = select(SubtopicRow.topic_id).where(SubtopicRow.book_id == book_id)
    empty = (TopicRow.book_id == book_id, TopicRow.id.not_in(kept))
    session.execute(delete(TopicRow).where(*empty))
    session.expire_all()


def remove_all(session: Session, book_id: str) -> None:
    """Delete every generated guideline of the book: rows, published rows and files."""
    everything = session.scalars(select(SubtopicRow.id).where(SubtopicRow.book_id == book_id))
    remove_subtopics(session, book_id, list(everything))
    for table in (TeachingGuidelineRow, DecisionRow, BookGuidelineRow):
        session.execute(delete(table).where(table.book_id == book_id))
    findings.delete_all(session, book_id)
    places = session.scalars(select(PageRow.place).where(PageRow.book_id == book_id))
    files = [keys.page_guideline(book_id, place) for place in places]
    books.note_removal(
        session, book_id, *files, keys.guideline_index(book_id), keys.page_index(book_id)
    )


def note_generated(session: Session, book_id: str, status: str, now: datetime) -> None:
    """Say how the book's guidelines as a whole stand, and that they are to be reviewed."""
    row = session.scalar(select(BookGuidelineRow).where(BookGuidelineRow.book_id == book_id))
    if row is None:
        row = BookGuidelineRow(
            id=new_id(),
            book_id=book_id,
            guideline_s3_key=keys.guideline_index(book_id),
            version=0,
            created_at=now,
        )
        session.add(row)
    row.status = status
    row.review_status = PublishedReview.TO_BE_REVIEWED
    row.generated_at = now
    row.reviewed_at = row.reviewed_by = None
    row.version += 1
    session.flush()


def note_reviewed(session: Session, book_id: str, by: str, now: datetime) -> None:
    """Say that a human approved the book's guidelines as a whole."""
    approved = {"review_status": PublishedReview.APPROVED, "status": "approved"}
    session.execute(
        update(BookGuidelineRow)
        .where(BookGuidelineRow.book_id == book_id)
        .values(reviewed_at=now, reviewed_by=by, **approved)
    )


def drop_file(session: Session, book_id: str, topic_key: str, subtopic_key: str) -> None:
    """Have the file of a subtopic deleted that is not shown any more."""
    books.note_removal(session, book_id, keys.subtopic(book_id, topic_key, subtopic_key))


def stamp_pages(session: Session, book_id: str, rev: int) -> None:
    """Say that what is shown of every page changed with this revision."""
    session.execute(update(PageRow).where(PageRow.book_id == book_id).values(rev=rev))
