"""What a job says of itself: every message begins with its cause in words."""

from datetime import datetime

from hornbook.errors import Outage, Retryable
from hornbook.library import database
from hornbook.model.job import Job, JobStatus, JobType

AT = "{at}"
"""Stands in a message where the place belongs; the place is known only when the job ends."""

WAITING_FOR_DATABASE = "Waiting for the database"
WAITING_FOR_ROOM = "Waiting for room on the disk of the database"
STOPPED_BY_YOU = "Stopped by you" + AT
INTERRUPTED = f"Interrupted: the server stopped{AT}. Resume goes on from there."

_WORK = {
    JobType.OCR: "Reading the pages",
    JobType.EXTRACTION: "Generating guidelines",
    JobType.FINALIZATION: "Refine & Consolidate",
    JobType.SYNC: "Publishing",
}


def cause_of(error: Exception) -> str:
    """The kind of trouble, as the admin knows it."""
    return str(getattr(error, "cause", "Server error"))


def awaited(error: Exception | None) -> str:
    """What a job waits for that met this error, or a database that says nothing."""
    if isinstance(error, Outage):
        return f"Waiting for {error.awaited}"
    if isinstance(error, Retryable):
        return cause_of(error)
    is_full = error is not None and database.is_full(error)
    return WAITING_FOR_ROOM if is_full else WAITING_FOR_DATABASE


def in_words(error: Exception) -> str:
    """The error's message, beginning with its cause."""
    cause, message = cause_of(error), str(error)
    return message if message.startswith(cause) else f"{cause}: {message}"


def stopped(error: Exception) -> str:
    """Why a job stopped, with a gap for the place."""
    return f"{in_words(error).rstrip('.')} (stopped{AT})."


def asked_to_wait(error: Exception, until: datetime) -> str:
    """Why a job stopped rather than wait so long, naming the time."""
    wait = f"the provider asks to wait until {until:%Y-%m-%d %H:%M} UTC"
    return f"{in_words(error).rstrip('.')}; {wait} (stopped{AT})."


def unexpected(error: BaseException) -> str:
    """A fault of ours: the log has the traceback."""
    kind = type(error).__name__
    return f"Server error: an unexpected fault ({kind}); the log has the details (stopped{AT})."


def placed(message: str, job_type: JobType, position: int | None) -> str:
    """The message with the place filled in, if there is one."""
    noun = "subtopic" if job_type is JobType.FINALIZATION else "page"
    return message.replace(AT, "" if position is None else f" at {noun} {position}")


def still_active(job: Job) -> str:
    """Why nothing else can begin now, naming the job in the way."""
    work = _WORK[job.type]
    if job.status is JobStatus.PENDING:
        return f"{work} is about to start for this book. Wait until it ends, or stop it."
    done = f"{job.completed_items} of {job.total_items} done"
    return f"{work} is under way for this book ({done}). Wait until it ends, or stop it."
