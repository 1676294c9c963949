"""An upload: files announced in an order, and what became of each."""

from dataclasses import dataclass
from enum import StrEnum


class FileState(StrEnum):
    """What became of an announced file."""

    MISSING = "missing"
    """No bytes yet."""
    RECEIVED = "received"
    """Its bytes are safe; its turn to become a page has not come."""
    PAGE = "page"
    """It is a page of the book, or several."""
    ALREADY_THERE = "already_there"
    """A page of the book has the same file name and the same bytes."""
    REFUSED = "refused"
    """It is no page image."""
    DROPPED = "dropped"
    """A human decided to go on without it."""


@dataclass(frozen=True, slots=True)
class BatchFile:
    """One announced file; `position` is its place in the natural order, from 0."""

    position: int
    name: str
    size: int
    state: FileState
    error: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A set of files announced together."""

    id: str
    job_id: str | None
    files: tuple[BatchFile, ...]
    received: int
    """Files whose bytes are safe: received, page or already there."""
    total: int
    is_complete: bool
    """Nothing is missing any more."""

    @property
    def missing(self) -> int:
        """How many files have not come yet."""
        return sum(file.state is FileState.MISSING for file in self.files)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was left out, and why."""

    name: str
    error: str


@dataclass(frozen=True, slots=True)
class BulkReceipt:
    """The answer to a multipart upload."""

    job_id: str
    pages_uploaded: tuple[int, ...]
    """The `page_num`s of the new pages."""
    total_pages: int
    """Pages of the book now."""
    rejected: tuple[Refusal, ...]
    already_there: tuple[str, ...]
