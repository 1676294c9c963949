"""Jobs: looked at while they run, and stopped."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from hornbook.model.job import Job, JobType
from hornbook.model.question import Spent
from hornbook.web.api.common import LARGEST_NUMBER, BookId, Hornbook, JobId, Reply, errors
from hornbook.web.api.models import JobReply
from hornbook.web.job_views import JobView, job_columns, job_view

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/admin", tags=["Jobs"])


class JobListReply(Reply):
    """Jobs of all books, newest first."""

    jobs: list[JobReply]


@router.get("/jobs", summary="List all jobs", responses=errors())
def list_jobs(
    hornbook: Hornbook,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
) -> JobListReply:
    """List the jobs of all books, newest first."""
    found = hornbook.jobs.recent(limit=limit, offset=offset)
    return JobListReply(jobs=[reply(hornbook, job) for job in found])


@router.get("/books/{book_id}/jobs/latest", summary="Poll a book's job", responses=errors(404))
def get_latest_job(
    book_id: BookId,
    hornbook: Hornbook,
    job_type: Annotated[JobType | None, Query(description="Only jobs of this type.")] = None,
) -> JobReply | None:
    """Give the active job, else the one started last, or null."""
    job = hornbook.jobs.latest(book_id, job_type)
    return None if job is None else reply(hornbook, job)


@router.get("/books/{book_id}/jobs/{job_id}", summary="Look at a job", responses=errors(404))
def get_job(book_id: BookId, job_id: JobId, hornbook: Hornbook) -> JobReply:
    """Give one job."""
    return reply(hornbook, hornbook.jobs.get(book_id, job_id))


@router.post("/books/{book_id}/jobs/{job_id}/stop", summary="Stop a job", responses=errors(404))
def stop_job(book_id: BookId, job_id: JobId, hornbook: Hornbook) -> JobReply:
    """Have the job stop after what it is doing; a job that has ended stays as it is."""
    return reply(hornbook, hornbook.jobs.stop(book_id, job_id))


def view_of(hornbook: "App", job: Job) -> JobView:
    """Show a job with what its ledger says now."""
    detail, items = hornbook.jobs.detail(job), hornbook.jobs.items(job.id)
    return job_view(job, detail, items, now=hornbook.clock())


def reply(hornbook: "App", job: Job) -> JobReply:
    """Show a job as JSON: the same facts as on the screen."""
    spent = sum(hornbook.jobs.spent(job).values(), Spent())
    return JobReply.model_validate(job_columns(job, hornbook.jobs.detail(job), spent))
