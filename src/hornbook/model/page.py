"""A page: its image, its text, and where it stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OcrStatus(StrEnum):
    """How far the reading of a page has come."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class ReviewStatus(StrEnum):
    """What a human decided about a page."""

    PENDING_REVIEW = "pending_review"
    APPROVED = "approved"
    REJECTED = "rejected"


class TextSource(StrEnum):
    """Who wrote a revision of a page's text."""

    OCR = "ocr"
    HUMAN = "human"


class Reader(StrEnum):
    """Who reads page images."""

    LOCAL = "local"
    """An engine on this machine."""
    VISION = "vision"
    """A model that looks at them."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the page image, origin at its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Word:
    """One word as read; `confidence` is 0 to 100."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line in reading order; lines of the same `paragraph` belong together."""

    text: str
    box: Box | None
    """Where it stands; `None` from a reader that does not tell."""
    confidence: float
    paragraph: int
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class PageText:
    """What an engine read on one page image; `confidence` is the mean of its words, 0 to 100."""

    lines: tuple[Line, ...]
    confidence: float
    is_blank: bool = False

    @property
    def text(self) -> str:
        """The lines joined, an empty line between paragraphs."""
        parts: list[str] = []
        for before, line in zip((None, *self.lines), self.lines, strict=False):
            if before is not None and before.paragraph != line.paragraph:
                parts.append("")
            parts.append(line.text)
        return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """The images made from one uploaded file: PNG for the record, WebP for screens."""

    png: bytes
    compact: bytes
    thumbnail: bytes
    width: int
    height: int
    is_blank: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a book as screens and replies show it, without its text."""

    id: str
    book_id: str
    page_num: int
    """Its place in the book, 1 to N without gaps; changes when pages are moved or deleted."""
    number: int
    """The number it was stored under; never changes, never given to another page."""
    file_name: str
    media_type: str
    frame: int
    sha256: str
    raw_key: str
    image_key: str | None
    compact_key: str | None
    thumbnail_key: str | None
    text_key: str | None
    image_revision: int
    text_revision: int
    """0 while there is no text."""
    asked_reader: Reader | None
    """Who is to read it, if a human asked for somebody; until that was done."""
    rotation: int
    ocr_status: OcrStatus
    ocr_error: str | None
    ocr_error_type: str | None
    """`retryable` or `terminal`."""
    engine: str | None
    confidence: float | None
    is_blank: bool
    review: ReviewStatus
    approved_at: datetime | None
    uploaded_at: datetime
    rev: int
    ocr_error_class: str | None = None
    """The class of `ocr_error`, where an attempt at the page tells it."""

    @property
    def has_text(self) -> bool:
        """Whether there is something for the later stages to read."""
        return self.text_revision > 0 and not self.is_blank

    @property
    def is_usable(self) -> bool:
        """Whether Generate would use this page."""
        return self.has_text and self.review is not ReviewStatus.REJECTED


@dataclass(frozen=True, slots=True)
class PageGlance:
    """Where one page of a book stands, for lists and queues of many."""

    page_num: int
    ocr_status: OcrStatus
    review: ReviewStatus
    confidence: float | None
    text_revision: int
    rev: int

    @property
    def waits(self) -> bool:
        """Whether a human should look: it was read, and nobody decided."""
        is_read = self.ocr_status is OcrStatus.COMPLETED
        return is_read and self.review is ReviewStatus.PENDING_REVIEW

    @property
    def is_unread(self) -> bool:
        """Whether the page is on its way to be read."""
        is_coming = self.ocr_status in {OcrStatus.PENDING, OcrStatus.PROCESSING}
        return is_coming and self.review is not ReviewStatus.REJECTED


@dataclass(frozen=True, slots=True)
class TextRevision:
    """One revision of a page's text; a human's text has no lines."""

    revision: int
    source: TextSource
    text: str
    lines: tuple[Line, ...]
    confidence: float | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a job at a page; old ones are never overwritten."""

    attempt: int
    """1 for the first of its job at this page."""
    job_id: str | None
    job_type: str
    started_at: datetime
    ended_at: datetime
    outcome: str
    """`done` or `failed`."""
    error: str | None
    error_class: str | None
    engine: str | None


@dataclass(frozen=True, slots=True)
class PageCounts:
    """How a book's pages stand, counted three ways that each add up to `total`."""

    total: int
    used: int
    """Source of a subtopic."""
    no_content: int
    """Read for guidelines, and nothing to teach on it."""
    blank: int
    failed: int
    skipped: int
    """Rejected by a human."""
    open: int
    """Everything that has come to no end yet."""
    pending: int
    processing: int
    completed: int
    failed_reading: int
    """`pending + processing + completed + failed_reading == total`."""
    unreviewed: int
    approved: int
    rejected: int
    """`unreviewed + approved + rejected == total`."""
