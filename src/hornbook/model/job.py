"""A job: a plan, a ledger of outcomes, and the state an admin may see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobType(StrEnum):
    """The kinds of long work; one of them at a time may be active for a book."""

    OCR = "ocr_batch"
    EXTRACTION = "extraction"
    FINALIZATION = "finalization"
    SYNC = "sync"


class JobStatus(StrEnum):
    """A terminal job never changes again."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether the job still holds its book."""
        return self in {JobStatus.PENDING, JobStatus.RUNNING}


class ItemState(StrEnum):
    """Where one item (a page or a subtopic) of a job stands."""

    OWED = "owed"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class OnError(StrEnum):
    """What an exhausted retryable failure of one item does to its job."""

    STOP = "stop"
    CONTINUE = "continue"


class ErrorType(StrEnum):
    """Wait and resume, or mend the page."""

    RETRYABLE = "retryable"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One entry of a job's plan."""

    subject_id: str
    """The page or subtopic."""
    position: int
    """Its `page_num`, or its ordinal."""
    input: str = ""
    """What the outcome depends on, such as a text revision."""
    is_done: bool = False
    """Already done by an earlier job that this one resumes."""
    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class JobItem:
    """One entry of a job's ledger."""

    subject_id: str
    position: int
    input: str
    state: ItemState
    starts: int
    """How often a worker began it."""
    result: dict[str, Any] | None
    error: str | None
    error_type: ErrorType | None
    error_class: str | None
    ended_at: datetime | None = None
    """When this job got it done or failed at it; empty for what an earlier job had done."""
    rev: int = 0
    """The book's revision when it last changed."""


@dataclass(frozen=True, slots=True)
class Retry:
    """An item that waits for its next attempt."""

    position: int
    number: int
    """1 for the first attempt after the one that failed."""
    of: int
    """How many there are at most; 0 when nobody knows."""
    is_hurried: bool = False
    """Whether somebody asked for it to be made at once."""


@dataclass(frozen=True, slots=True)
class Job:
    """A row of `book_jobs`."""

    id: str
    book_id: str
    type: JobType
    status: JobStatus
    total_items: int
    completed_items: int
    failed_items: int
    current_item: int | None
    last_completed_item: int | None
    heartbeat_at: datetime | None
    started_at: datetime
    completed_at: datetime | None
    error_message: str | None
    error_class: str | None
    on_error: OnError
    is_stop_requested: bool
    note: str | None
    """What the job is doing beyond its items, for the screen: "writing 3 subtopics"."""
    waits_until: datetime | None
    options: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] | None = None
    """What the leg froze when it began, so that a resumed run decides alike."""
    rev: int = 0
    retry: Retry | None = None
    """What `waits_until` is waited for."""
    takeovers: int = 0
    """How often it was taken over from a dead worker since the last item that got done."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a job would do that is resumed now."""

    places: Mapping[str, int]
    """Every page or subtopic that is owed, by identity, with its place."""
    kept: int
    """Items of its range that are done and stay so."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An item's failure as the ledger keeps it."""

    message: str
    error_type: ErrorType
    error_class: str
