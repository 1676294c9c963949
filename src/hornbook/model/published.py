"""Published guidelines: the rows a tutor reads, and what a sync does to them."""

from dataclasses import dataclass
from datetime import datetime

from hornbook.model.guideline import PublishedReview


@dataclass(frozen=True, slots=True)
class PublishedGuideline:
    """One row of `teaching_guidelines` as the review shows it."""

    id: str
    book_id: str | None
    country: str
    board: str
    grade: int
    subject: str
    topic: str
    subtopic: str
    guideline: str
    topic_key: str | None
    subtopic_key: str | None
    topic_summary: str | None
    subtopic_summary: str | None
    source_page_start: int | None
    source_page_end: int | None
    status: str
    review_status: PublishedReview
    reviewed_at: datetime | None
    reviewed_by: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PublishedFilter:
    """Which published rows to list; `None` means any."""

    book_id: str | None = None
    country: str | None = None
    board: str | None = None
    grade: int | None = None
    subject: str | None = None
    status: PublishedReview | None = None


@dataclass(frozen=True, slots=True)
class PublishedFilters:
    """The values there are to filter by, and how many rows wait or are approved."""

    countries: tuple[str, ...]
    boards: tuple[str, ...]
    grades: tuple[int, ...]
    subjects: tuple[str, ...]
    total: int
    pending: int
    approved: int


@dataclass(frozen=True, slots=True)
class SyncStats:
    """What a sync did: rows published, of them new, of them changed; and how many went."""

    synced_count: int
    created_count: int
    updated_count: int
    removed_count: int = 0


@dataclass(frozen=True, slots=True)
class SyncPreview:
    """What a sync would do, as titles "Topic: Subtopic" in page order."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    """Go back to review when published."""
    gone: tuple[str, ...]
    unchanged_count: int
    withheld_count: int
    """Deleted from the published rows by a human, and left out."""


@dataclass(frozen=True, slots=True)
class BookApproval:
    """What approving all guidelines of a book did."""

    approved_count: int
    synced_count: int
