"""What a job looks like: built once here, rendered as JSON and as HTML."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from hornbook.model.contents import Wanting
from hornbook.model.job import (
    ErrorType,
    ItemState,
    Job,
    JobItem,
    JobStatus,
    JobType,
    OnError,
    Owed,
    Retry,
)
from hornbook.model.question import Spent
from hornbook.web.causes import (
    CAUSES,
    OTHER,
    Cause,
    cause_of,
    is_final,
    is_of_model,
    page_hint,
)
from hornbook.web.language import _, ngettext, noted
from hornbook.web.sentences import told
from hornbook.web.stops import hint
from hornbook.web.time_left import time_left
from hornbook.web.units import Unit, unit_of

TITLES = {
    JobType.OCR: noted("Reading pages"),
    JobType.EXTRACTION: noted("Generating Guidelines"),
    JobType.FINALIZATION: noted("Refine & Consolidate"),
    JobType.SYNC: noted("Publishing"),
}
STOPPED_AT = {
    JobType.OCR: noted("Reading stopped at page %(at)s/%(last)s"),
    JobType.EXTRACTION: noted("Generation stopped at page %(at)s/%(last)s"),
    JobType.FINALIZATION: noted("Refine & Consolidate stopped at subtopic %(at)s/%(last)s"),
    JobType.SYNC: noted("Publishing stopped at page %(at)s/%(last)s"),
}
STOPPED = {
    JobType.OCR: noted("Reading stopped"),
    JobType.EXTRACTION: noted("Generation stopped"),
    JobType.FINALIZATION: noted("Refine & Consolidate stopped"),
    JobType.SYNC: noted("Publishing stopped"),
}
STATE_WORDS = {
    JobStatus.PENDING: noted("Pending"),
    JobStatus.RUNNING: noted("Running"),
    JobStatus.COMPLETED: noted("Completed"),
    JobStatus.FAILED: noted("Failed"),
}


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """The items of a job that failed alike."""

    error: str
    """As it was said of the first of them."""
    error_type: str
    error_class: str | None
    hint: str
    positions: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many failed so."""
        return len(self.positions)

    @property
    def is_retryable(self) -> bool:
        """Whether trying again may help."""
        return not is_final(self.error_type, self.error_class)

    @property
    def is_of_model(self) -> bool:
        """Whether a model is to blame, and not the pages."""
        return is_of_model(self.error_class)

    @property
    def words(self) -> str:
        """The error in short: its cause, or its first sentence."""
        cause = cause_of(self.error) if self.error_type == ErrorType.RETRYABLE else None
        return _(cause.short) if cause else _sentences(self.error)[0]

    @property
    def advice(self) -> str:
        """What to do: what the error of a model says of it itself, and the hint."""
        own = _sentences(self.error)[1:] if self.is_of_model else []
        return " ".join((*own, self.hint))


@dataclass(frozen=True, slots=True)
class JobView:
    """Everything a screen or a reply says of a job; every number comes from the ledger."""

    job: Job
    detail: Mapping[str, Any]
    units: Unit
    title: str
    """Such as "Generating Guidelines"; of a failed job "Generation stopped at page 78/100"."""
    state: str
    """Pending, Running, Completed or Failed."""
    done: int
    failed: int
    left: int
    total: int
    percent: int
    current: int | None
    elapsed_seconds: int
    eta_seconds: int | None
    wait_seconds: int | None
    """How long the job still pauses, or should not be resumed yet, because it was asked to wait."""
    cause: str | None
    """The error in a word or two: "Rate limit"; `None` when the job has not failed."""
    hint: str | None
    error_groups: tuple[ErrorGroup, ...]
    """What failed and is still owed."""
    subtopics_found: int
    stopped_at: int | None
    owed: Owed
    """What a job resumed now would do; of an active job, what it has not done."""
    can_stop: bool
    spent: Mapping[str, Spent]
    """What its calls of a model came to, by task."""
    wanting: Wanting | None = None
    """What models did not give; of the job that made the present guidelines."""

    @property
    def job_id(self) -> str:
        """The job's identity."""
        return self.job.id

    @property
    def unit(self) -> str:
        """Give `page` or `subtopic`."""
        return self.units.name

    @property
    def is_active(self) -> bool:
        """Whether the job still holds its book."""
        return self.job.status.is_active

    @property
    def is_stopped_by_you(self) -> bool:
        """Whether it ended because somebody asked for it."""
        return self.cause == "Stopped by you"

    @property
    def processed(self) -> int:
        """Items with an outcome, good or bad."""
        return self.done + self.failed

    @property
    def waiting(self) -> int:
        """Items that failed and are still owed."""
        return sum(group.count for group in self.error_groups)

    @property
    def retry(self) -> Retry | None:
        """Which item is waited for, if that is known."""
        return self.job.retry if self.wait_seconds else None

    @property
    def resume_from(self) -> int | None:
        """The first item owed; `None` when there is nothing to resume."""
        return None if self.is_active else min(self.owed.places.values(), default=None)

    @property
    def is_to_be_completed(self) -> bool:
        """Whether it stopped behind its last item, at what completes the job."""
        is_stopped = self.job.status is JobStatus.FAILED and self.job.type is not JobType.OCR
        return is_stopped and self.owed.kept > 0 and not self.owed.places

    @property
    def resume_label(self) -> str | None:
        """Such as "Resume from Page 78 (23 pages left)"."""
        if self.resume_from is None:
            return _("Resume") if self.is_to_be_completed else None
        return ngettext(*self.units.resume, len(self.owed.places), first=self.resume_from)

    @property
    def resume_plan(self) -> str | None:
        """Say exactly what Resume does: "Pages 78 to 100: 1 failed, 22 left, 77 kept."."""
        if self.is_to_be_completed:
            return _("Everything is kept: only summaries are left to write.")
        if self.resume_from is None:
            return None
        left = len(self.owed.places) - self.waiting
        parts = [
            _("%(number)s failed", number=self.waiting) if self.waiting else "",
            _("%(number)s left", number=left) if left else "",
            _("%(number)s kept", number=self.owed.kept),
        ]
        places = self.units.places(tuple(sorted(self.owed.places.values())))
        told = ", ".join(filter(None, parts))
        return ngettext(*self.units.plan, len(self.owed.places), places=places, parts=told)

    @property
    def restart_label(self) -> str | None:
        """Such as "Restart from Page 1"; only an extraction is started anew."""
        if self.is_active or self.job.type is not JobType.EXTRACTION:
            return None
        return _("Restart from Page %(first)s", first=self.job.options.get("start_page") or 1)

    @property
    def counts_label(self) -> str:
        """Such as "78/100 pages (78%)"."""
        numbers = {"processed": self.processed, "total": self.total, "percent": self.percent}
        return _(self.units.numbers, **numbers)

    @property
    def current_label(self) -> str | None:
        """What is being worked on, such as "Page 79"."""
        return None if self.current is None else self.units.numbered(self.current)


def job_view(
    job: Job,
    detail: Mapping[str, Any],
    items: Sequence[JobItem],
    *,
    now: datetime,
    owed: Owed | None = None,
    spent: Mapping[str, Spent] | None = None,
    wanting: Wanting | None = None,
) -> JobView:
    """Show `job` with its `progress_detail` and its ledger.

    `owed` is what a resumed job would do now, after what humans have mended meanwhile; without it
    that is what the ledger says.
    """
    owed = _by_ledger(items) if owed is None else owed
    cause = _cause(job)
    stopped_at = _stopped_at(job, detail, items)
    elapsed = int(((job.completed_at or now) - job.started_at).total_seconds())
    left = max(0, job.total_items - job.completed_items - job.failed_items)
    return JobView(
        job=job,
        detail=detail,
        units=unit_of(job.type),
        title=_title(job, stopped_at),
        state=_(STATE_WORDS[job.status]),
        done=job.completed_items,
        failed=job.failed_items,
        left=left,
        total=job.total_items,
        percent=_percent(job),
        current=job.current_item if job.status.is_active else None,
        elapsed_seconds=max(0, elapsed),
        eta_seconds=_eta(job, items, left, now),
        wait_seconds=_wait(job, now),
        cause=cause.name if cause else None,
        hint=hint(job, cause) if cause else None,
        error_groups=_error_groups(detail, items, owed),
        subtopics_found=detail.get("stats", {}).get("subtopics_created", 0),
        stopped_at=stopped_at,
        owed=owed,
        can_stop=job.status.is_active and not job.is_stop_requested,
        spent=spent or {},
        wanting=wanting,
    )


def _sentences(error: str) -> list[str]:
    """The first sentence, and the others if there are any."""
    return re.split(r"(?<=[.!?])\s", told(error), maxsplit=1)


def _by_ledger(items: Sequence[JobItem]) -> Owed:
    places = {item.subject_id: item.position for item in items if item.state is not ItemState.DONE}
    return Owed(places, kept=len(items) - len(places))


def _percent(job: Job) -> int:
    if job.status is JobStatus.COMPLETED:
        return 100
    processed = job.completed_items + job.failed_items
    # 100 % is promised only of a job that is over: the last merge comes after the last page.
    return min(99, round(100 * processed / job.total_items)) if job.total_items else 0


def _stopped_at(job: Job, detail: Mapping[str, Any], items: Sequence[JobItem]) -> int | None:
    if job.status is not JobStatus.FAILED:
        return None
    owed = sorted(_by_ledger(items).places.values())
    behind = job.last_completed_item or 0
    passed: Collection[str] = (
        detail.get("page_errors", {}) if job.on_error is OnError.CONTINUE else ()
    )
    ahead = [position for position in owed if position > behind and str(position) not in passed]
    return ahead[0] if ahead else next(iter(owed), job.last_completed_item)


def _title(job: Job, stopped_at: int | None) -> str:
    if job.status is not JobStatus.FAILED:
        return _(TITLES[job.type])
    if stopped_at is None:
        return _(STOPPED[job.type])
    last = max(job.total_items, job.options.get("end_page") or 0, stopped_at)
    return _(STOPPED_AT[job.type], at=stopped_at, last=last)


def _eta(job: Job, items: Sequence[JobItem], left: int, now: datetime) -> int | None:
    if not job.status.is_active:
        return None
    # What a resumed job found done cost it no time, so it has no end and says nothing here.
    ended = sorted(item.ended_at.timestamp() for item in items if item.ended_at)
    guess = time_left(ended, left)
    # A pause that is longer makes the guess a lie, and says itself how long it takes.
    return None if guess is None or guess < (_wait(job, now) or 0) else guess


def _wait(job: Job, now: datetime) -> int | None:
    if job.waits_until is None or job.waits_until <= now:
        return None
    return round((job.waits_until - now).total_seconds())


def _cause(job: Job) -> Cause | None:
    if job.error_message is None:
        return None
    return cause_of(job.error_message) or CAUSES[OTHER]


def _error_groups(
    detail: Mapping[str, Any], items: Sequence[JobItem], owed: Owed
) -> tuple[ErrorGroup, ...]:
    alike: dict[tuple[str, str, str | None], list[tuple[int, str]]] = {}
    for position, error, error_type, error_class in _failures(detail, items, owed):
        # Page numbers and waits differ between errors that are the same otherwise.
        key = (re.sub(r"\d+", "#", error), error_type, error_class)
        alike.setdefault(key, []).append((position, error))
    groups = [
        ErrorGroup(
            found[0][1],
            error_type,
            error_class,
            page_hint(found[0][1], error_type, error_class),
            tuple(sorted(position for position, _error in found)),
        )
        for (_alike, error_type, error_class), found in alike.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.positions)))


def _failures(
    detail: Mapping[str, Any], items: Sequence[JobItem], owed: Owed
) -> Iterator[tuple[int, str, str, str | None]]:
    """Where and why items failed that are still owed; places are those of today."""
    for item in items:
        if item.state is ItemState.FAILED and item.subject_id in owed.places:
            error_type = item.error_type or ErrorType.RETRYABLE
            yield owed.places[item.subject_id], item.error or "", error_type, item.error_class
    if not items:  # a job that another system left behind has no ledger
        for position, failure in detail.get("page_errors", {}).items():
            yield int(position), failure["error"], failure["error_type"], None


def job_columns(job: Job, detail: Mapping[str, Any], spent: Spent) -> dict[str, Any]:
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
        "tokens": asdict(spent),
    }
