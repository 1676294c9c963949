"""A job's ledger: every change of a job or of one of its items is made here, in one session.

What an admin asks of a job (`wishes`) is part of it.

Locks are taken in one order everywhere, the book's row and then the job's, so that an upload and
a worker never wait for each other on PostgreSQL.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, insert, not_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hornbook.errors import ClaimLost, Conflict, JobAlreadyActive, NotFound
from hornbook.jobs import words
from hornbook.jobs.history import (
    ActiveJob,
    active_job,
    active_jobs,
    get_job,
    items_in,
    items_of,
    latest_job,
    list_jobs,
    next_owed,
    progress_detail,
    require_idle,
)
from hornbook.jobs.wishes import hurry, request_stop
from hornbook.library import books
from hornbook.library.tables import ACTIVE, JobItemRow, JobRow
from hornbook.model.ids import new_id
from hornbook.model.job import (
    ErrorType,
    Failure,
    ItemState,
    Job,
    JobStatus,
    JobType,
    OnError,
    PlannedItem,
    Retry,
)

__all__ = [
    "ActiveJob",
    "active_job",
    "active_jobs",
    "add_items",
    "beat",
    "claim",
    "fail_job",
    "fence",
    "finish_job",
    "freeze_plan",
    "get_job",
    "hurry",
    "is_working",
    "items_in",
    "items_of",
    "latest_job",
    "list_jobs",
    "next_owed",
    "open_job",
    "pause",
    "progress_detail",
    "record_done",
    "record_failed",
    "release",
    "release_item",
    "request_stop",
    "require_idle",
    "set_note",
    "set_stats",
    "start_item",
    "takeover",
]

_IS_OVER = or_(
    JobItemRow.state == ItemState.DONE,
    and_(JobItemRow.state == ItemState.FAILED, JobItemRow.error_type == ErrorType.TERMINAL),
)
# Built once: making the statement anew would cost more than running it.
_COUNTS = select(
    func.count(),
    func.count(case((JobItemRow.state == ItemState.DONE, 1))),
    func.count(case((JobItemRow.state == ItemState.FAILED, 1))),
    func.min(case((JobItemRow.state == ItemState.WORKING, JobItemRow.position))),
    func.min(case((not_(_IS_OVER), JobItemRow.position))),
).where(JobItemRow.job_id == bindparam("job_id"))
# No row object is kept across statements, so there is none to bring up to date.
_CHANGE_JOB = update(JobRow).execution_options(synchronize_session=False)
_CHANGE_ITEM = update(JobItemRow).execution_options(synchronize_session=False)
_NOW = JobRow.heartbeat_at  # the instant of this transaction, as its fence wrote it
_GOES_ON = {"note": None, "waits_until": None, "retry": None}


def open_job(
    session: Session,
    book_id: str,
    job_type: JobType,
    items: Sequence[PlannedItem],
    *,
    now: datetime,
    on_error: OnError,
    options: dict[str, Any] | None = None,
    plan: dict[str, Any] | None = None,
) -> Job:
    """Open a pending job; raises JobAlreadyActive, and the session stays usable."""
    job_id = new_id()
    try:
        with session.begin_nested():
            rev = books.touch(session, book_id)
            row = {
                "id": job_id,
                "book_id": book_id,
                "job_type": job_type,
                "status": JobStatus.PENDING,
                "started_at": now,
                "on_error": on_error,
                "options": options,
                "plan": plan,
                "rev": rev,
            }
            session.execute(insert(JobRow).values(row))
    except IntegrityError as error:
        job = active_job(session, book_id)
        raise JobAlreadyActive(words.still_active(job) if job else None) from error
    _insert(session, job_id, items)
    _recount(session, job_id)
    return get_job(session, book_id, job_id)


def add_items(session: Session, job_id: str, items: Sequence[PlannedItem]) -> None:
    """Let items join an active job; one that was already over is owed again, as if new.

    Raises Conflict when the job has ended, NotFound when there is none.
    """
    _join(session, job_id)
    known = set(session.scalars(select(JobItemRow.subject_id).where(JobItemRow.job_id == job_id)))
    _insert(session, job_id, [item for item in items if item.subject_id not in known])
    for again in (item for item in items if item.subject_id in known):
        _owe_again(session, job_id, again)
    _recount(session, job_id)


def claim(session: Session, book_id: str, job_id: str, now: datetime) -> str | None:
    """Become the one who runs a pending job: its new token, or None when somebody was faster."""
    return _grasp(session, book_id, job_id, now, JobRow.status == JobStatus.PENDING)


def takeover(
    session: Session, dead: ActiveJob, now: datetime, *, counts: bool = True
) -> str | None:
    """Become the one who runs a job whose worker is gone: the new token, or None as `claim`."""
    is_as_seen = and_(
        JobRow.status == JobStatus.RUNNING, JobRow.run_token.is_not_distinct_from(dead.token)
    )
    takeovers = func.coalesce(JobRow.takeovers, 0) + int(counts)
    return _grasp(session, dead.book_id, dead.id, now, is_as_seen, takeovers=takeovers)


def fence(session: Session, book_id: str, job_id: str, token: str, now: datetime) -> None:
    """Begin a worker's transaction: a sign of life, and proof that the job is still its own.

    Raises ClaimLost.
    """
    rev = books.touch(session, book_id)
    if not _is_mine(session, job_id, token, heartbeat_at=now, rev=rev):
        raise ClaimLost


def beat(session: Session, job_id: str, token: str, now: datetime) -> bool:
    """Write a sign of life; False when the job is no longer this worker's."""
    return _is_mine(session, job_id, token, heartbeat_at=now)


def start_item(session: Session, job_id: str, subject_id: str) -> bool:
    """Note that a worker begins an owed item; False when it is not owed (any more)."""
    values = {"state": ItemState.WORKING, "starts": JobItemRow.starts + 1}
    is_begun = _move(session, job_id, subject_id, ItemState.OWED, **values)
    _recount(session, job_id)
    return is_begun


def is_working(session: Session, job_id: str, subject_id: str) -> bool:
    """Whether an outcome is still wanted; False when an earlier commit got through after all."""
    query = select(JobItemRow.state).where(
        JobItemRow.job_id == job_id, JobItemRow.subject_id == subject_id
    )
    return session.scalar(query) == ItemState.WORKING


def record_done(
    session: Session, job_id: str, subject_id: str, result: dict[str, Any] | None
) -> None:
    """Note the result of an item that was being worked on; this ends a row of refusals."""
    values = {"state": ItemState.DONE, "result": result, "ended_at": _of_job(job_id, _NOW)}
    _move(session, job_id, subject_id, ItemState.WORKING, **values)
    _recount(session, job_id, refusals=0, takeovers=0)


def record_failed(session: Session, job_id: str, subject_id: str, failure: Failure) -> int:
    """Note the failure of an item being worked on; gives the retryable failures in a row."""
    is_news = _move(
        session,
        job_id,
        subject_id,
        ItemState.WORKING,
        state=ItemState.FAILED,
        error=failure.message,
        error_type=failure.error_type,
        error_class=failure.error_class,
        ended_at=_of_job(job_id, _NOW),
    )
    is_refusal = is_news and failure.error_type is ErrorType.RETRYABLE
    refusals = func.coalesce(JobRow.refusals, 0) + int(is_refusal)
    _recount(session, job_id, refusals=refusals, takeovers=0)
    return session.scalar(select(JobRow.refusals).where(JobRow.id == job_id)) or 0


def release_item(session: Session, job_id: str, subject_id: str, *, counts: bool) -> None:
    """Put an item being worked on back to owed; `counts` when its worker was killed meanwhile."""
    starts = JobItemRow.starts - (0 if counts else 1)
    _move(session, job_id, subject_id, ItemState.WORKING, state=ItemState.OWED, starts=starts)
    _recount(session, job_id)


def freeze_plan(session: Session, job_id: str, plan: dict[str, Any]) -> None:
    """Keep what the leg decided when it began, so that a later run of this job decides alike."""
    _set(session, job_id, plan=plan)


def set_note(session: Session, job_id: str, note: str | None) -> None:
    """Say what the job is doing beyond its items: "writing 3 subtopics"."""
    _set(session, job_id, note=note)


def set_stats(session: Session, job_id: str, stats: dict[str, Any]) -> None:
    """Add what the leg counted to, or put it over, what it counted before.

    It joins (and wins over) the `stats` of `progress_detail`.
    """
    before = session.scalar(select(JobRow.stats).where(JobRow.id == job_id))
    _set(session, job_id, stats=(before or {}) | stats)


def pause(
    session: Session,
    job_id: str,
    note: str | None,
    until: datetime | None,
    retry: Retry | None = None,
) -> None:
    """Say why the job waits, until when and for which attempt; None when it goes on."""
    kept = asdict(retry) if retry else None
    _set(session, job_id, note=note, waits_until=until, retry=kept)


def finish_job(session: Session, job: Job, now: datetime) -> bool:
    """Complete the job behind the fence; False when items have joined that are still owed."""
    open_states = (ItemState.OWED, ItemState.WORKING)
    query = select(func.count()).where(
        JobItemRow.job_id == job.id, JobItemRow.state.in_(open_states)
    )
    if session.scalar(query):
        return False
    _close(session, job, now, status=JobStatus.COMPLETED)
    return True


def fail_job(
    session: Session,
    job: Job,
    now: datetime,
    message: str,
    error_class: str,
    until: datetime | None = None,
) -> None:
    """End the job behind the fence, resumably; `until` is when the other side may be asked."""
    failed = {"status": JobStatus.FAILED, "error_message": message, "error_class": error_class}
    _close(session, job, now, waits_until=until, **failed)


def release(session: Session, job_id: str) -> None:
    """Let go of the job behind the fence: whoever claims it goes on where it stands."""
    _set(session, job_id, status=JobStatus.PENDING, run_token=None, **_GOES_ON)


def _join(session: Session, job_id: str) -> None:
    book_id = session.scalar(select(JobRow.book_id).where(JobRow.id == job_id))
    if book_id is None:
        raise NotFound(f"There is no job {job_id!r}.")
    rev = books.touch(session, book_id)
    joins = _CHANGE_JOB.where(JobRow.id == job_id, ACTIVE).values(rev=rev)
    if session.scalar(joins.returning(JobRow.id)) is None:
        raise Conflict("This job has ended meanwhile. Try again.")


def _insert(session: Session, job_id: str, items: Sequence[PlannedItem]) -> None:
    rev = session.scalar(select(JobRow.rev).where(JobRow.id == job_id))
    rows = [
        {
            "job_id": job_id,
            "rev": rev,
            "subject_id": item.subject_id,
            "position": item.position,
            "input": item.input,
            "state": ItemState.DONE if item.is_done else ItemState.OWED,
            "result": item.result,
        }
        for item in items
    ]
    if rows:
        session.execute(insert(JobItemRow), rows)


def _owe_again(session: Session, job_id: str, item: PlannedItem) -> None:
    """An item in work is left alone: its outcome is on the way."""
    session.execute(
        _CHANGE_ITEM.where(
            JobItemRow.job_id == job_id,
            JobItemRow.subject_id == item.subject_id,
            JobItemRow.state != ItemState.WORKING,
        ).values(
            state=ItemState.OWED,
            starts=0,
            position=item.position,
            input=item.input,
            result=None,
            error=None,
            error_type=None,
            error_class=None,
            ended_at=None,
            rev=_of_job(job_id, JobRow.rev),
        )
    )


def _grasp(
    session: Session, book_id: str, job_id: str, now: datetime, condition: Any, **values: Any
) -> str | None:
    token = new_id()
    values |= {
        "status": JobStatus.RUNNING,
        "run_token": token,
        "heartbeat_at": now,
        "rev": books.touch(session, book_id),
    }
    grasps = _CHANGE_JOB.where(JobRow.id == job_id, condition).values(values)
    return token if session.scalar(grasps.returning(JobRow.id)) else None


def _is_mine(session: Session, job_id: str, token: str, **values: Any) -> bool:
    mine = and_(JobRow.id == job_id, JobRow.run_token == token, JobRow.status == JobStatus.RUNNING)
    writes = _CHANGE_JOB.where(mine).values(values).returning(JobRow.id)
    return session.scalar(writes) is not None


def _move(session: Session, job_id: str, subject_id: str, before: ItemState, **values: Any) -> bool:
    moves = _CHANGE_ITEM.where(
        JobItemRow.job_id == job_id,
        JobItemRow.subject_id == subject_id,
        JobItemRow.state == before,
    )
    values["rev"] = _of_job(job_id, JobRow.rev)
    return session.scalar(moves.values(values).returning(JobItemRow.subject_id)) is not None


def _of_job(job_id: str, column: Any) -> Any:
    return select(column).where(JobRow.id == job_id).scalar_subquery()


def _set(session: Session, job_id: str, **values: Any) -> None:
    session.execute(_CHANGE_JOB.where(JobRow.id == job_id).values(values))


def _close(session: Session, job: Job, now: datetime, **values: Any) -> None:
    ended = {
        "completed_at": now,
        "progress_detail": json.dumps(progress_detail(session, job), ensure_ascii=False),
        "current_item": None,
        "run_token": None,
        **_GOES_ON,
    }
    _set(session, job.id, **ended | values)


def _recount(session: Session, job_id: str, **values: Any) -> None:
    """Counters are worked out from the items each time: they cannot drift from them."""
    counts = session.execute(_COUNTS, {"job_id": job_id}).one()
    total, done, failed, current, first_open = counts
    values |= {
        "total_items": total,
        "completed_items": done,
        "failed_items": failed,
        "current_item": current,
        "last_completed_item": _watermark(session, job_id, first_open),
    }
    _set(session, job_id, **values)


def _watermark(session: Session, job_id: str, first_open: int | None) -> int | None:
    """The last position before the first open one; never lower than it was."""
    below = select(func.max(JobItemRow.position)).where(JobItemRow.job_id == job_id)
    if first_open is not None:
        below = below.where(JobItemRow.position < first_open)
    before = session.scalar(select(JobRow.last_completed_item).where(JobRow.id == job_id))
    marks = [mark for mark in (before, session.scalar(below)) if mark is not None]
    return max(marks, default=None)
