"""Looking at jobs and their ledgers; nothing here changes anything."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hornbook.errors import JobAlreadyActive, NotFound
from hornbook.jobs import words
from hornbook.library.tables import ACTIVE, JobItemRow, JobRow
from hornbook.model.job import (
    ErrorType,
    ItemState,
    Job,
    JobItem,
    JobStatus,
    JobType,
    OnError,
    Retry,
)


@dataclass(frozen=True, slots=True)
class ActiveJob:
    """What a dispatcher has to know of a job that is not over."""

    id: str
    book_id: str
    type: JobType
    is_running: bool
    is_stop_requested: bool
    token: str | None
    takeovers: int
    """Take-overs since the last item that got done."""
    has_ledger: bool
    """False for a row that another system left behind."""


def get_job(session: Session, book_id: str, job_id: str) -> Job:
    """The job; raises NotFound."""
    row = session.scalar(_fresh().where(JobRow.id == job_id, JobRow.book_id == book_id))
    if row is None:
        raise NotFound(f"There is no job {job_id!r} in this book.")
    return _job(row)


def latest_job(session: Session, book_id: str, job_type: JobType | None = None) -> Job | None:
    """The active job, else the one started last."""
    query = _fresh().where(JobRow.book_id == book_id)
    if job_type is not None:
        query = query.where(JobRow.job_type == job_type)
    is_over = JobRow.completed_at.is_not(None)
    row = session.scalar(
        query.order_by(is_over, JobRow.started_at.desc(), JobRow.rev.desc()).limit(1)
    )
    return row and _job(row)


def active_job(session: Session, book_id: str) -> Job | None:
    """The job that holds the book, if any."""
    row = session.scalar(_fresh().where(JobRow.book_id == book_id, ACTIVE))
    return row and _job(row)


def require_idle(session: Session, book_id: str) -> None:
    """Raises JobAlreadyActive, naming the job, while one holds the book."""
    job = active_job(session, book_id)
    if job is not None:
        raise JobAlreadyActive(words.still_active(job))


def list_jobs(
    session: Session,
    *,
    limit: int,
    offset: int,
    statuses: Collection[JobStatus] = (),
    job_type: JobType | None = None,
) -> list[Job]:
    """Jobs of all books, newest first; of these states and this type, if any are named."""
    newest = _fresh().order_by(JobRow.started_at.desc(), JobRow.id)
    if statuses:
        newest = newest.where(JobRow.status.in_(statuses))
    if job_type is not None:
        newest = newest.where(JobRow.job_type == job_type)
    return [_job(row) for row in session.scalars(newest.limit(limit).offset(offset))]


def count_jobs(session: Session) -> Counter[tuple[JobType, JobStatus]]:
    """How many jobs of each type and state there are."""
    grouped = select(JobRow.job_type, JobRow.status, func.count()).group_by(
        JobRow.job_type, JobRow.status
    )
    rows = session.execute(grouped)
    return Counter({(JobType(type_), JobStatus(status)): number for type_, status, number in rows})


def active_jobs(session: Session) -> list[ActiveJob]:
    """Every job that is not over, oldest first."""
    oldest = _fresh().where(ACTIVE).order_by(JobRow.started_at, JobRow.id)
    return [
        ActiveJob(
            id=row.id,
            book_id=row.book_id,
            type=JobType(row.job_type),
            is_running=row.status == JobStatus.RUNNING,
            is_stop_requested=bool(row.is_stop_requested),
            token=row.run_token,
            takeovers=row.takeovers or 0,
            has_ledger=row.on_error is not None,
        )
        for row in session.scalars(oldest)
    ]


def items_of(session: Session, job_id: str) -> list[JobItem]:
    """The job's ledger in order."""
    return [_item(row) for row in session.scalars(_items(job_id))]


def items_in(
    session: Session, job_id: str, state: ItemState, limit: int | None = None
) -> list[JobItem]:
    """The job's items in this state, in order, at most `limit`."""
    rows = session.scalars(_items(job_id).where(JobItemRow.state == state).limit(limit))
    return [_item(row) for row in rows]


def next_owed(session: Session, job_id: str) -> int | None:
    """The lowest position still owed."""
    return session.scalar(
        select(func.min(JobItemRow.position)).where(
            JobItemRow.job_id == job_id, JobItemRow.state == ItemState.OWED
        )
    )


def progress_detail(session: Session, job: Job) -> dict[str, Any]:
    """Errors, results and statistics (CONTRACT 2.5): live while active, then as recorded."""
    recorded, counted = session.execute(
        select(JobRow.progress_detail, JobRow.stats).where(JobRow.id == job.id)
    ).one()
    if not job.status.is_active and recorded is not None:
        detail: dict[str, Any] = json.loads(recorded)
        return detail
    items = items_of(session, job.id)
    results = {str(item.position): item.result for item in items if item.result}
    return {
        "page_errors": {
            str(item.position): {"error": item.error, "error_type": item.error_type}
            for item in items
            if item.state is ItemState.FAILED
        },
        "page_results": results,
        "stats": _stats(results.values()) | (counted or {}),
    }


def _stats(results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Pages placed in a subtopic: the first one creates it, every other is merged into it."""
    placed = Counter(
        (result.get("topic"), result["subtopic"]) for result in results if result.get("subtopic")
    )
    return {
        "subtopics_created": len(placed),
        "subtopics_merged": placed.total() - len(placed),
    }


def _fresh() -> Any:
    return select(JobRow).execution_options(populate_existing=True)


def _items(job_id: str) -> Any:
    of_job = select(JobItemRow).where(JobItemRow.job_id == job_id)
    return of_job.order_by(JobItemRow.position).execution_options(populate_existing=True)


def _job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        book_id=row.book_id,
        type=JobType(row.job_type),
        status=JobStatus(row.status),
        total_items=row.total_items or 0,
        completed_items=row.completed_items,
        failed_items=row.failed_items,
        current_item=row.current_item,
        last_completed_item=row.last_completed_item,
        heartbeat_at=row.heartbeat_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        error_message=row.error_message,
        error_class=row.error_class,
        on_error=OnError(row.on_error or OnError.STOP),
        is_stop_requested=bool(row.is_stop_requested),
        note=row.note,
        waits_until=row.waits_until,
        options=row.options or {},
        plan=row.plan,
        rev=row.rev or 0,
        retry=Retry(**row.retry) if row.retry else None,
        takeovers=row.takeovers or 0,
    )


def _item(row: JobItemRow) -> JobItem:
    return JobItem(
        subject_id=row.subject_id,
        position=row.position,
        input=row.input,
        state=ItemState(row.state),
        starts=row.starts,
        result=row.result,
        error=row.error,
        error_type=ErrorType(row.error_type) if row.error_type else None,
        error_class=row.error_class,
        ended_at=row.ended_at,
        rev=row.rev or 0,
    )
