"""A book: what the admin says about it, and what is known of its state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hornbook.model.language import Language


class Stage(StrEnum):
    """Where a book stands on its journey; a failed job stands before all else."""

    UPLOAD = "upload"
    """No page yet."""
    READING = "reading"
    """Pages are being read, or wait for it."""
    REVIEW = "review"
    """Pages wait for a human's look, and there are no guidelines yet."""
    GUIDELINES = "guidelines"
    """Guidelines are being generated, or every page was looked at and they can be."""
    REFINE = "refine"
    """There are guidelines that are not final, or they are being refined."""
    PUBLISH = "publish"
    """All guidelines are final; some are not published, or not approved."""
    DONE = "done"
    """Everything is published and approved."""
    FAILED = "failed"
    """The latest job failed and waits for Resume."""


@dataclass(frozen=True, slots=True)
class NewBook:
    """What the admin fills in. `grade` is 1 to 12."""

    title: str
    grade: int
    subject: str
    author: str | None = None
    edition: str | None = None
    edition_year: int | None = None
    country: str = "unspecified"
    board: str = "unspecified"
    language: Language = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Book:
    """A book as every screen and reply shows it."""

    id: str
    title: str
    author: str | None
    edition: str | None
    edition_year: int | None
    country: str
    board: str
    grade: int
    subject: str
    language: Language
    cover_image_s3_key: str | None
    s3_prefix: str
    metadata_s3_key: str | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    page_count: int
    guideline_count: int
    approved_guideline_count: int
    has_active_job: bool
    rev: int
    """Rises with every visible change, so that a poll can ask what is new since a revision."""
    is_bucket_behind: bool
    """Whether the projection could not be written; the database is right all the same."""
    stage: Stage


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Which books to list; `None` means any."""

    country: str | None = None
    board: str | None = None
    grade: int | None = None
    subject: str | None = None
    stage: str | None = None
    limit: int = 100
    offset: int = 0
    words: str | None = None
    """To be found in title, author or subject, whatever their case."""


@dataclass(frozen=True, slots=True)
class BookSummary:
    """All books at a glance."""

    stages: dict[Stage, int]
    """How many stand where."""
    state: str
    """Changes whenever anything about any book does, so that a poll can ask whether it did."""

    @property
    def total(self) -> int:
        """How many books there are."""
        return sum(self.stages.values())
