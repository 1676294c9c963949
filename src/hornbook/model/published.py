"""Published guidelines: the rows a tutor reads, and what a sync does to them."""

from dataclasses import dataclass
from datetime import datetime

from hornbook.model.guideline import PublishedReview, Subtopic


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
    words: str | None = None
    """Each of them stands in the title, the topic or the text."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be chosen in each filter, and how many rows that would show beside the others."""

    country: tuple[tuple[str, int], ...]
    board: tuple[tuple[str, int], ...]
    grade: tuple[tuple[str, int], ...]
    subject: tuple[tuple[str, int], ...]
    status: tuple[tuple[str, int], ...]
    book_id: tuple[tuple[str, int], ...]
    total: int
    """Rows that fit all filters."""


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
class TaughtText:
    """What a published row teaches, or would."""

    topic_title: str
    topic_summary: str
    title: str
    summary: str
    guideline: str

    @property
    def lines(self) -> str:
        """All of it as one text, so that two of them can be compared."""
        parts = (self.topic_title, self.topic_summary, self.title, self.summary, self.guideline)
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class PublishedChange:
    """What a sync would do to one row: `before` is missing for a new one, `after` for one gone."""

    topic_key: str
    subtopic_key: str
    before: TaughtText | None
    after: TaughtText | None
    was_approved: bool

    @property
    def title(self) -> str:
        """Such as "Fractions: Adding like fractions"."""
        text = self.after or self.before
        return f"{text.topic_title}: {text.title}" if text else ""


@dataclass(frozen=True, slots=True)
class SyncChanges:
    """What a sync would do, row by row, in page order."""

    new: tuple[PublishedChange, ...]
    changed: tuple[PublishedChange, ...]
    gone: tuple[PublishedChange, ...]
    unchanged_count: int
    withheld: tuple[Subtopic, ...]
    plans_lost: int = 0
    """Study plans of guidelines that changed."""

    @property
    def is_nothing(self) -> bool:
        """Whether a sync would change nothing."""
        return not (self.new or self.changed or self.gone)

    @property
    def back_to_review(self) -> int:
        """How many approved rows would wait for review again."""
        return sum(one.was_approved for one in self.changed)


@dataclass(frozen=True, slots=True)
class BookApproval:
    """What approving all guidelines of a book did."""

    approved_count: int
    synced_count: int
    left_count: int = 0
    """How many wait until a human has chosen between two texts."""
