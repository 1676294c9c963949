"""What somebody asks of a job that others run: its worker looks, and does it when it can."""

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from hornbook.jobs.history import get_job
from hornbook.library import books
from hornbook.library.tables import ACTIVE, JobRow
from hornbook.model.job import Job

# No row object is kept across statements, so there is none to bring up to date.
_CHANGE = update(JobRow).execution_options(synchronize_session=False)


def request_stop(session: Session, book_id: str, job_id: str, now: datetime) -> Job:
    """Ask the job to stop after what it is doing; one that has ended stays as it is.

    Raises NotFound.
    """
    job = get_job(session, book_id, job_id)
    if not job.status.is_active or job.is_stop_requested:
        return job
    note = f"Stop asked for at {now:%H:%M} UTC; ending what was begun"
    values = {"is_stop_requested": True, "note": note, "rev": books.touch(session, book_id)}
    session.execute(_CHANGE.where(JobRow.id == job_id, ACTIVE).values(values))
    return get_job(session, book_id, job_id)


def hurry(session: Session, book_id: str, job_id: str) -> Job:
    """Ask a job that waits between two attempts to go on at once; any other stays as it is.

    Raises NotFound.
    """
    job = get_job(session, book_id, job_id)
    if not job.status.is_active or job.retry is None:
        return job
    hurried = asdict(replace(job.retry, is_hurried=True))
    values = {"retry": hurried, "waits_until": None, "rev": books.touch(session, book_id)}
    session.execute(_CHANGE.where(JobRow.id == job_id, ACTIVE).values(values))
    return get_job(session, book_id, job_id)
