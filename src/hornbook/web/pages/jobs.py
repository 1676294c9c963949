"""All jobs, and what is done about one: stopped, resumed, its failed pages retried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.job import Job, JobStatus, JobType
from hornbook.model.page import Reader
from hornbook.web.api.common import Hornbook
from hornbook.web.job_views import JobView, job_view
from hornbook.web.language import _, ngettext, noted
from hornbook.web.pages.alike import log_path
from hornbook.web.pages.card import NAMES
from hornbook.web.pages.follow import no_news, read
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.rows import Chip
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.telling import act
from hornbook.web.sentences import told

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter()

ON_A_SCREEN = 50
MOST_JOBS = 1_000_000
STATES: dict[str, tuple[str, tuple[JobStatus, ...]]] = {
    "": (noted("All"), tuple(JobStatus)),
    "running": (noted("Running"), (JobStatus.PENDING, JobStatus.RUNNING)),
    "failed": (noted("Failed"), (JobStatus.FAILED,)),
    "completed": (noted("Completed"), (JobStatus.COMPLETED,)),
}
KINDS = {
    "": noted("Every kind"),
    JobType.OCR: NAMES[JobType.OCR],
    JobType.EXTRACTION: NAMES[JobType.EXTRACTION],
    JobType.FINALIZATION: NAMES[JobType.FINALIZATION],
}
TONES = {
    JobStatus.PENDING: "run",
    JobStatus.RUNNING: "run",
    JobStatus.COMPLETED: "good",
    JobStatus.FAILED: "bad",
}


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job in the list of all."""

    view: JobView
    name: str
    book_title: str
    book_path: str
    path: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class JobList:
    """The list of jobs, as far as its address chooses."""

    jobs: tuple[ListedJob, ...]
    is_any: bool
    """Whether there is any job at all, in this list or not."""
    states: tuple[Chip, ...]
    kinds: tuple[Chip, ...]
    before: str | None
    after: str | None
    live_path: str
    is_running: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the address asks for."""

    state: str
    kind: str
    offset: int

    def address(self, **other: str | int) -> str:
        given = {"state": self.state, "kind": self.kind, "offset": self.offset, **other}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/jobs?{query}" if query else "/jobs"


@router.get("/jobs")
def list_jobs(
    request: Request,
    hornbook: Hornbook,
    state: str = "",
    kind: str = "",
    offset: int = 0,
    since: str = "",
) -> Response:
    """Show the jobs of a filter, newest first; nothing when all is as it was at `since`."""
    now = hornbook.books.state()
    if since and since == now:
        return no_news()
    wanted = _Wanted(
        state if state in STATES else "",
        kind if kind in KINDS else "",
        min(max(0, offset), MOST_JOBS),
    )
    template = "_jobs.html" if since else "jobs.html"
    shown = _list(hornbook, wanted, now)
    return render(request, template, section="Jobs", shown=shown, now=hornbook.clock())


@router.post("/books/{book_id}/jobs/{job_id}/stop")
def stop(request: Request, book_id: str, job_id: str, hornbook: Hornbook) -> Response:
    """Stop the job after what it is doing."""
    return act(
        request,
        book_path(book_id),
        lambda: hornbook.jobs.stop(book_id, job_id),
        lambda _job: _("Stopping: what is being worked on is finished first."),
    )


@router.post("/books/{book_id}/jobs/{job_id}/hurry")
def hurry(request: Request, book_id: str, job_id: str, hornbook: Hornbook) -> Response:
    """Try again now what the job waits to try again."""
    return act(
        request,
        book_path(book_id),
        lambda: hornbook.jobs.hurry(book_id, job_id),
        lambda _job: None,
    )


@router.post("/books/{book_id}/jobs/{job_id}/resume")
def resume(request: Request, book_id: str, job_id: str, hornbook: Hornbook) -> Response:
    """Do what the job left owed, in a new job of its type."""
    return act(
        request,
        book_path(book_id),
        lambda: _resume(hornbook, hornbook.jobs.get(book_id, job_id)),
        lambda sentence: sentence,
    )


@router.post("/books/{book_id}/jobs/{job_id}/read-by-model")
def read_by_model(request: Request, book_id: str, job_id: str, hornbook: Hornbook) -> Response:
    """Have a model read what an OCR job left owed; raises NotFound."""
    hornbook.jobs.get(book_id, job_id)
    return act(
        request,
        book_path(book_id),
        lambda: hornbook.reading.retry(book_id, None, Reader.VISION),
        told_pages,
    )


@router.post("/books/{book_id}/jobs/{job_id}/retry")
def retry(
    request: Request, book_id: str, job_id: str, fields: Fields, hornbook: Hornbook
) -> Response:
    """Try these pages again, in a new job of the type, and no others."""
    return act(
        request,
        book_path(book_id),
        lambda: _retry(hornbook, hornbook.jobs.get(book_id, job_id), chosen_pages(fields)),
        lambda sentence: sentence,
    )


def chosen_pages(fields: Mapping[str, str]) -> list[int]:
    """Read the pages that a form names: "3.9.12"."""
    return sorted(read(fields.get("pages", "")))


def told_pages(retried: tuple[Job, list[int]]) -> str:
    """Say how many pages are read again."""
    _job, pages = retried
    return ngettext(
        "%(num)s page will be read again.", "%(num)s pages will be read again.", len(pages)
    )


def _resume(app: "App", job: Job) -> str:
    if job.type is JobType.OCR:
        return told_pages(app.reading.retry(job.book_id))
    if job.type is JobType.FINALIZATION:
        app.finalize.start(job.book_id)
        return _("Refining and consolidating goes on.")
    return told(app.generate.start(job.book_id, resume=True).message)


def _retry(app: "App", job: Job, pages: list[int]) -> str:
    if job.type is JobType.OCR:
        return told_pages(app.reading.retry(job.book_id, pages))
    return told(app.generate.start(job.book_id, resume=True, only=pages).message)


def _list(app: "App", wanted: _Wanted, now: str) -> JobList:
    counts = app.jobs.counts()
    statuses = STATES[wanted.state][1]
    kind = JobType(wanted.kind) if wanted.kind else None
    found = app.jobs.recent(
        limit=ON_A_SCREEN + 1, offset=wanted.offset, statuses=statuses, job_type=kind
    )
    jobs = found[:ON_A_SCREEN]
    titles = app.books.titles(job.book_id for job in jobs)
    after = wanted.offset + ON_A_SCREEN if len(found) > ON_A_SCREEN else None
    return JobList(
        jobs=tuple(_listed(app, job, titles.get(job.book_id, job.book_id)) for job in jobs),
        is_any=bool(counts),
        states=_state_chips(wanted, counts),
        kinds=_kind_chips(wanted, counts),
        before=_older(wanted, max(0, wanted.offset - ON_A_SCREEN)) if wanted.offset else None,
        after=None if after is None else _older(wanted, after),
        live_path=wanted.address(since=now),
        is_running=any(job.status.is_active for job in jobs),
    )


def _older(wanted: _Wanted, offset: int) -> str:
    return wanted.address(offset=offset)


def _listed(app: "App", job: Job, title: str) -> ListedJob:
    view = job_view(job, {}, [], now=app.clock())
    is_stopped = view.is_stopped_by_you
    return ListedJob(
        view,
        _(NAMES[job.type]),
        title,
        book_path(job.book_id),
        log_path(job),
        "warn" if is_stopped else TONES[job.status],
        _("Stopped by you") if is_stopped else view.state,
    )


def _state_chips(
    wanted: _Wanted, counts: Mapping[tuple[JobType, JobStatus], int]
) -> tuple[Chip, ...]:
    def number(statuses: tuple[JobStatus, ...]) -> int:
        return sum(
            count
            for (kind, status), count in counts.items()
            if status in statuses and wanted.kind in {"", kind}
        )

    return tuple(
        Chip(
            f"{_(words)} {number(statuses)}",
            wanted.address(state=name, offset=0),
            name == wanted.state,
        )
        for name, (words, statuses) in STATES.items()
    )


def _kind_chips(
    wanted: _Wanted, counts: Mapping[tuple[JobType, JobStatus], int]
) -> tuple[Chip, ...]:
    statuses = STATES[wanted.state][1]

    def number(kind: str) -> int:
        return sum(
            count
            for (one, status), count in counts.items()
            if status in statuses and kind in {"", one}
        )

    return tuple(
        Chip(f"{_(words)} {number(kind)}", wanted.address(kind=kind, offset=0), kind == wanted.kind)
        for kind, words in KINDS.items()
    )
