"""What a job and a page look like: built once here, rendered as JSON and as HTML."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from hornbook.model.job import ErrorType, ItemState, Job, JobItem, JobStatus, JobType, OnError
from hornbook.model.page import OcrStatus, Page, ReviewStatus

PAGES_BEFORE_ESTIMATE = 5
OUTCOMES = {ItemState.DONE, ItemState.FAILED}
UNREADABLE_BELOW = 60.0
NEEDS_REVIEW_BELOW = 80.0

TITLES = {
    JobType.OCR: "Reading pages",
    JobType.EXTRACTION: "Generating Guidelines",
    JobType.FINALIZATION: "Refine & Consolidate",
    JobType.SYNC: "Publishing",
}
WHAT_STOPPED = {
    JobType.OCR: "Reading",
    JobType.EXTRACTION: "Generation",
    JobType.FINALIZATION: "Refine & Consolidate",
    JobType.SYNC: "Publishing",
}
STATE_WORDS = {
    JobStatus.PENDING: "Pending",
    JobStatus.RUNNING: "Running",
    JobStatus.COMPLETED: "Completed",
    JobStatus.FAILED: "Failed",
}
HINTS = {
    "Rate limit": "Wait about a minute: the limit resets. Then resume.",
    "Quota": "The account has no credit left. Top it up, then resume.",
    "Key refused": "The provider does not accept the key. Correct the key, then resume.",
    "Model unknown": "The provider has no model of this name. Choose another, then resume.",
    "Time-out": "The answer took too long. Resume: the same pages are tried again.",
    "Server error": "The other side failed. Wait a little, then resume.",
    "Stopped by you": "Everything done so far is kept. Resume whenever you like.",
    "Interrupted": "The server stopped in the middle. Everything done so far is kept: resume.",
}
PAGE_HINTS = {
    ErrorType.RETRYABLE: "This may pass: try the page again.",
    ErrorType.TERMINAL: (
        "Trying again gives the same result: replace the image, type the text, or skip the page."
    ),
}
SAME_AGAIN = "Trying again gives the same result."
WAYS_OUT = ("replace", "skip")
"""What an error says if it tells already how to mend the page."""
PAGE_ACTIONS: dict[str | None, tuple[str, ...]] = {
    ErrorType.RETRYABLE: ("retry", "replace", "edit", "reject"),
    ErrorType.TERMINAL: ("replace", "edit", "reject", "retry"),
}


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """The items of a job that failed alike."""

    error: str
    error_type: str
    hint: str
    positions: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many failed so."""
        return len(self.positions)

    @property
    def is_retryable(self) -> bool:
        """Whether trying again may help."""
        return self.error_type == ErrorType.RETRYABLE


@dataclass(frozen=True, slots=True)
class JobView:
    """Everything a screen or a reply says of a job; every number comes from the ledger."""

    job: Job
    detail: Mapping[str, Any]
    title: str
    """Such as "Generating Guidelines"; of a failed job "Generation stopped at page 78/100"."""
    state: str
    """Pending, Running, Completed or Failed."""
    unit: str
    """`page` or `subtopic`."""
    done: int
    failed: int
    left: int
    total: int
    percent: int
    current: int | None
    elapsed_seconds: int
    eta_seconds: int | None
    wait_seconds: int | None
    """How long the job still pauses, for a rate limit."""
    cause: str | None
    """The error in a word or two: "Rate limit"; `None` when the job has not failed."""
    hint: str | None
    error_groups: tuple[ErrorGroup, ...]
    subtopics_found: int
    stopped_at: int | None
    resume_from: int | None
    """The first item owed; `None` when there is nothing to resume."""
    resume_label: str | None
    restart_label: str | None
    can_stop: bool

    @property
    def job_id(self) -> str:
        """The job's identity."""
        return self.job.id

    @property
    def is_active(self) -> bool:
        """Whether the job still holds its book."""
        return self.job.status.is_active

    @property
    def processed(self) -> int:
        """Items with an outcome, good or bad."""
        return self.done + self.failed

    @property
    def owed(self) -> int:
        """Items that a resumed job would do."""
        return self.failed + self.left

    @property
    def counts_label(self) -> str:
        """Such as "78/100 pages (78%)"."""
        return f"{self.processed}/{self.total} {self.unit}s ({self.percent}%)"

    @property
    def current_label(self) -> str | None:
        """What is being worked on, such as "Page 79"."""
        return None if self.current is None else f"{self.unit.capitalize()} {self.current}"


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything a row of the page list says of a page."""

    page: Page
    state: str
    """Pending, Processing, Completed, Failed, Blank, Approved or Rejected."""
    hint: str | None
    actions: tuple[str, ...]
    """What the admin may do, the best first: retry, replace, edit, reject, approve, unreview."""
    quality: str | None
    """Either "unreadable" or "needs review", by confidence; `None` when good or unknown."""
    image_url: str | None
    screen_url: str | None
    thumbnail_url: str | None
    text_url: str | None

    @property
    def page_num(self) -> int:
        """Its place in the book."""
        return self.page.page_num

    @property
    def first_action(self) -> str | None:
        """The action to lead with."""
        return self.actions[0] if self.actions else None

    @property
    def confidence_label(self) -> str | None:
        """Such as "96%"."""
        confidence = self.page.confidence
        return None if confidence is None else f"{round(confidence)}%"


def job_view(
    job: Job, detail: Mapping[str, Any], items: Sequence[JobItem], *, now: datetime
) -> JobView:
    """Show `job` with its `progress_detail` and its ledger."""
    owed = sorted(item.position for item in items if item.state is not ItemState.DONE)
    # What a resumed job found done cost it no time, so it says nothing of the time left.
    worked = sum(item.starts > 0 and item.state in OUTCOMES for item in items)
    left = max(0, job.total_items - job.completed_items - job.failed_items)
    is_resumable = not job.status.is_active and bool(owed)
    stopped_at = _stopped_at(job, detail, owed)
    elapsed = int(((job.completed_at or now) - job.started_at).total_seconds())
    unit = "subtopic" if job.type is JobType.FINALIZATION else "page"
    return JobView(
        job=job,
        detail=detail,
        title=_title(job, unit, stopped_at),
        state=STATE_WORDS[job.status],
        unit=unit,
        done=job.completed_items,
        failed=job.failed_items,
        left=left,
        total=job.total_items,
        percent=_percent(job),
        current=job.current_item if job.status.is_active else None,
        elapsed_seconds=max(0, elapsed),
        eta_seconds=_eta(job, elapsed, worked, left),
        wait_seconds=_wait(job, now),
        cause=_cause(job),
        hint=HINTS.get(_cause(job) or ""),
        error_groups=_error_groups(detail),
        subtopics_found=detail.get("stats", {}).get("subtopics_created", 0),
        stopped_at=stopped_at,
        resume_from=owed[0] if is_resumable else None,
        resume_label=_resume_label(unit, owed) if is_resumable else None,
        restart_label=_restart_label(job),
        can_stop=job.status.is_active and not job.is_stop_requested,
    )


def _percent(job: Job) -> int:
    if job.status is JobStatus.COMPLETED:
        return 100
    processed = job.completed_items + job.failed_items
    # 100 % is promised only of a job that is over: the last merge comes after the last page.
    return min(99, round(100 * processed / job.total_items)) if job.total_items else 0


def _stopped_at(job: Job, detail: Mapping[str, Any], owed: Sequence[int]) -> int | None:
    if job.status is not JobStatus.FAILED:
        return None
    behind = job.last_completed_item or 0
    passed: Collection[str] = (
        detail.get("page_errors", {}) if job.on_error is OnError.CONTINUE else ()
    )
    ahead = [position for position in owed if position > behind and str(position) not in passed]
    return ahead[0] if ahead else next(iter(owed), job.last_completed_item)


def _title(job: Job, unit: str, stopped_at: int | None) -> str:
    if job.status is not JobStatus.FAILED:
        return TITLES[job.type]
    if stopped_at is None:
        return f"{WHAT_STOPPED[job.type]} stopped"
    last = max(job.total_items, job.options.get("end_page") or 0, stopped_at)
    return f"{WHAT_STOPPED[job.type]} stopped at {unit} {stopped_at}/{last}"


def _resume_label(unit: str, owed: Sequence[int]) -> str:
    units = unit if len(owed) == 1 else f"{unit}s"
    return f"Resume from {unit.capitalize()} {owed[0]} ({len(owed)} {units} left)"


def _restart_label(job: Job) -> str | None:
    if job.status.is_active or job.type is not JobType.EXTRACTION:
        return None
    return f"Restart from Page {job.options.get('start_page') or 1}"


def _eta(job: Job, elapsed: int, worked: int, left: int) -> int | None:
    if not job.status.is_active or worked < PAGES_BEFORE_ESTIMATE:
        return None
    return round(elapsed / worked * left)


def _wait(job: Job, now: datetime) -> int | None:
    if not job.status.is_active or job.waits_until is None or job.waits_until <= now:
        return None
    return round((job.waits_until - now).total_seconds())


def _cause(job: Job) -> str | None:
    """Messages start with their cause in words, so that no reader has to guess it."""
    if job.error_message is None:
        return None
    return next((cause for cause in HINTS if job.error_message.startswith(cause)), "Server error")


def _error_groups(detail: Mapping[str, Any]) -> tuple[ErrorGroup, ...]:
    positions: dict[tuple[str, str], list[int]] = {}
    for position, failure in detail.get("page_errors", {}).items():
        key = (failure["error"], failure["error_type"])
        positions.setdefault(key, []).append(int(position))
    groups = [
        ErrorGroup(error, error_type, _hint(error, error_type), tuple(sorted(found)))
        for (error, error_type), found in positions.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.positions)))


def _hint(error: str, error_type: str) -> str:
    is_terminal = error_type == ErrorType.TERMINAL
    cause = next((cause for cause in HINTS if error.startswith(cause)), None)
    if is_terminal and any(way in error.lower() for way in WAYS_OUT):
        return SAME_AGAIN
    if is_terminal or cause is None:
        return PAGE_HINTS[ErrorType(error_type)]
    return HINTS[cause]


def job_columns(job: Job, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Name the columns of `book_jobs` and what we add; `detail` becomes a JSON string."""
    return {
        "job_id": job.id,
        "book_id": job.book_id,
        "job_type": job.type,
        "status": job.status,
        "total_items": job.total_items,
        "completed_items": job.completed_items,
        "failed_items": job.failed_items,
        "current_item": job.current_item,
        "last_completed_item": job.last_completed_item,
        "progress_detail": json.dumps(detail, ensure_ascii=False),
        "heartbeat_at": job.heartbeat_at,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
        "error_message": job.error_message,
        "rev": job.rev,
        "note": job.note,
        "waits_until": job.waits_until,
        "on_error": job.on_error,
    }


def page_view(page: Page) -> PageView:
    """Show one page."""
    has_image = page.image_revision > 0
    return PageView(
        page=page,
        state=_page_state(page),
        hint=_page_hint(page),
        actions=_page_actions(page),
        quality=_quality(page),
        image_url=image_url(page) if has_image else None,
        screen_url=image_url(page, "screen") if has_image else None,
        thumbnail_url=image_url(page, "thumbnail") if has_image else None,
        text_url=text_url(page) if page.text_revision else None,
    )


def image_url(page: Page, size: str = "full") -> str:
    """Where the page's image is; the address changes with the image, so that it may be cached."""
    suffix = "" if size == "full" else f"&size={size}"
    return f"{_page_path(page)}/image?v={image_version(page)}{suffix}"


def text_url(page: Page) -> str:
    """Where the page's text is; the address changes with the text."""
    return f"{_page_path(page)}/text?v={text_version(page)}"


def image_version(page: Page) -> str:
    """Name this image of this page; `page_num` alone goes to another page after a move."""
    return f"{page.number}.{page.image_revision}"


def text_version(page: Page) -> str:
    """Name this text of this page."""
    return f"{page.number}.{page.text_revision}"


def _page_path(page: Page) -> str:
    return f"/admin/books/{quote(page.book_id, safe='')}/pages/{page.page_num}"


def _page_state(page: Page) -> str:
    if page.review is ReviewStatus.REJECTED:
        return "Rejected"
    if page.ocr_status is not OcrStatus.COMPLETED:
        return page.ocr_status.value.capitalize()
    if page.review is ReviewStatus.APPROVED:
        return "Approved"
    return "Blank" if page.is_blank else "Completed"


def _page_hint(page: Page) -> str | None:
    if page.ocr_status is not OcrStatus.FAILED or page.review is ReviewStatus.REJECTED:
        return None
    return _hint(page.ocr_error or "", page.ocr_error_type or ErrorType.RETRYABLE)


def _page_actions(page: Page) -> tuple[str, ...]:
    if page.review is not ReviewStatus.PENDING_REVIEW:
        return ("unreview",)
    if page.ocr_status is OcrStatus.FAILED:
        return PAGE_ACTIONS.get(page.ocr_error_type, PAGE_ACTIONS[ErrorType.RETRYABLE])
    if page.ocr_status is OcrStatus.COMPLETED:
        return ("approve", "reject", "edit", "retry")
    return ("reject",)


def _quality(page: Page) -> str | None:
    is_read = page.ocr_status is OcrStatus.COMPLETED and not page.is_blank
    if not is_read or page.confidence is None or page.confidence >= NEEDS_REVIEW_BELOW:
        return None
    return "unreadable" if page.confidence < UNREADABLE_BELOW else "needs review"
