"""All jobs, and the log of one: what came of each of its pages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import NotFound
from hornbook.model.job import ItemState, Job, JobItem, JobType
from hornbook.web.api.common import Hornbook
from hornbook.web.pages.card import Card, card
from hornbook.web.pages.rows import Chip, Mark
from hornbook.web.pages.screen import book_path, render
from hornbook.web.views import JobView, job_view

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter()

ON_A_SCREEN = 100
NAMES = {
    JobType.OCR: "Read pages",
    JobType.EXTRACTION: "Generate Guidelines",
    JobType.FINALIZATION: "Refine & Consolidate",
    JobType.SYNC: "Publish",
}
TONES = {"Running": "run", "Completed": "good", "Failed": "bad"}
MARKS = {
    ItemState.OWED: Mark("pending", "Pending"),
    ItemState.WORKING: Mark("processing", "Processing"),
    ItemState.DONE: Mark("completed", "Completed"),
    ItemState.FAILED: Mark("failed", "Failed"),
}
LEFT_OUT = {"rejected": Mark("rejected", "Skipped"), "blank": Mark("blank", "Blank")}
"""Pages that the plan of an extraction passes over, by what it says of them."""
FILTERS: dict[str, tuple[str, set[ItemState]]] = {
    "": ("All", set(ItemState)),
    "failed": ("Failed", {ItemState.FAILED}),
    "done": ("Done", {ItemState.DONE}),
    "open": ("Open", {ItemState.OWED, ItemState.WORKING}),
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


@dataclass(frozen=True, slots=True)
class LogLine:
    """One item of a job's ledger."""

    label: str
    mark: Mark
    topic: str
    subtopic: str
    error: str
    path: str


@router.get("/jobs")
def list_jobs(request: Request, hornbook: Hornbook) -> Response:
    """Show the latest jobs of all books."""
    jobs = hornbook.jobs.recent(limit=ON_A_SCREEN)
    titles: dict[str, str] = {}
    for job in jobs:
        titles.setdefault(job.book_id, _title(hornbook, job.book_id))
    return render(
        request,
        "jobs.html",
        section="Jobs",
        jobs=[_listed(hornbook, job, titles[job.book_id]) for job in jobs],
        now=hornbook.clock(),
    )


@router.get("/books/{book_id}/jobs/{job_id}")
def show_log(
    request: Request, book_id: str, job_id: str, hornbook: Hornbook, show: str = ""
) -> Response:
    """Show what came of each page of a job; raises NotFound."""
    book, job = hornbook.books.get(book_id), hornbook.jobs.get(book_id, job_id)
    items = hornbook.jobs.items(job_id)
    view = _view(hornbook, job, items)
    shown = show if show in FILTERS else ""
    return render(
        request,
        "job.html",
        section="Jobs",
        book=book,
        path=book_path(book_id),
        name=NAMES[job.type],
        job=view,
        card=_card(view),
        chips=_chips(book_id, job_id, items, shown),
        lines=[_line(view, item) for item in items if item.state in FILTERS[shown][1]],
    )


def _view(app: "App", job: Job, items: list[JobItem]) -> JobView:
    return job_view(job, app.jobs.detail(job), items, now=app.clock())


def _card(view: JobView) -> Card:
    return card(view)


def _title(app: "App", book_id: str) -> str:
    try:
        return app.books.get(book_id).title
    except NotFound:
        return book_id


def _listed(app: "App", job: Job, title: str) -> ListedJob:
    view = _view(app, job, [])
    path = book_path(job.book_id)
    return ListedJob(
        view, NAMES[job.type], title, path, f"{path}/jobs/{job.id}", TONES.get(view.state, "")
    )


def _chips(book_id: str, job_id: str, items: list[JobItem], chosen: str) -> list[Chip]:
    path = f"{book_path(book_id)}/jobs/{job_id}"
    return [
        Chip(
            f"{words} {sum(item.state in states for item in items)}",
            path + (f"?show={name}" if name else ""),
            name == chosen,
        )
        for name, (words, states) in FILTERS.items()
    ]


def _line(view: JobView, item: JobItem) -> LogLine:
    result: dict[str, Any] = item.result or {}
    is_page = view.unit == "page"
    path = f"{book_path(view.job.book_id)}/pages/{item.position}/review"
    return LogLine(
        f"{view.unit.capitalize()} {item.position}",
        LEFT_OUT.get(item.input or "", MARKS[item.state]),
        result.get("topic") or "",
        result.get("subtopic") or "",
        item.error or "",
        path if is_page else "",
    )
