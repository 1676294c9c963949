"""The list of books: where each stands, and what it needs of the admin."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.book import Book, BookFilter, BookSummary, Stage
from hornbook.model.job import JobStatus
from hornbook.web.api.common import Hornbook
from hornbook.web.job_views import JobView, job_view
from hornbook.web.language import _, noted
from hornbook.web.pages.book_screen import subline
from hornbook.web.pages.journey import Need, needs_you, stage_title, state_pill
from hornbook.web.pages.rows import Chip
from hornbook.web.pages.screen import book_path, render
from hornbook.web.views import page_view

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter()

ON_A_SCREEN = 50
LONGEST_SEARCH = 300
MOST_BOOKS = 1_000_000
STAGES = {
    Stage.FAILED: noted("Stopped"),
    Stage.UPLOAD: noted("To upload"),
    Stage.READING: noted("Reading"),
    Stage.REVIEW: noted("To review"),
    Stage.GUIDELINES: noted("Guidelines"),
    Stage.REFINE: noted("Refine"),
    Stage.PUBLISH: noted("Publish"),
    Stage.DONE: noted("Published"),
}
"""The filters, what needs the admin first."""


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book in the list."""

    book: Book
    path: str
    cover: str | None
    """Where the small picture of its first page is."""
    subline: str
    tone: str
    state: str
    stage: str
    percent: int
    needs: tuple[Need, ...]
    worked_at: datetime | None
    """When the latest job ended, or started if it has not."""


@dataclass(frozen=True, slots=True)
class BookList:
    """The list of books, as far as its address chooses."""

    rows: tuple[BookRow, ...]
    found: int
    """How many the filter holds, on this screen or not."""
    total: int
    running: int
    chips: tuple[Chip, ...]
    stage: str
    words: str
    before: str | None
    after: str | None
    """Where the books before and after these are."""
    live_path: str
    seconds: int
    """How often to look for news."""


@router.get("/")
def list_books(
    request: Request,
    hornbook: Hornbook,
    offset: int = 0,
    stage: str = "",
    q: str = "",
    since: str = "",
) -> Response:
    """Show the books of a filter, newest first; nothing when all is as it was at `since`."""
    if since and since == hornbook.books.state():
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    shown = _list(hornbook, min(max(0, offset), MOST_BOOKS), stage, _searchable(q))
    return render(request, "books.html", section="Books", shelf=shown, now=hornbook.clock())


def _list(app: "App", offset: int, stage: str, words: str) -> BookList:
    wanted = BookFilter(stage=stage or None, words=words or None, limit=ON_A_SCREEN, offset=offset)
    summary, (found, number) = app.books.summary(), app.books.list(wanted)
    rows = tuple(_row(app, book) for book in found)
    running = sum(book.has_active_job for book in found)
    before = offset - ON_A_SCREEN if offset else None
    after = offset + ON_A_SCREEN if offset + ON_A_SCREEN < number else None
    return BookList(
        rows=rows,
        found=number,
        total=summary.total,
        running=running,
        chips=_chips(summary, stage, words),
        stage=stage if stage in set(Stage) else "",
        words=words,
        before=None if before is None else _address(stage, words, max(0, before)),
        after=None if after is None else _address(stage, words, after),
        live_path=_address(stage, words, offset, since=summary.state),
        seconds=3 if running else 15,
    )


def _row(app: "App", book: Book) -> BookRow:
    job = _job(app, book)
    tone, state = state_pill(book, job)
    return BookRow(
        book,
        book_path(book.id),
        _cover(app, book),
        subline(book),
        tone,
        state,
        stage_title(book, job),
        job.percent if job else 0,
        needs_you(book, app.reviews.counts(book.id), job),
        (job.job.completed_at or job.job.started_at) if job else None,
    )


def _job(app: "App", book: Book) -> JobView | None:
    job = app.jobs.latest(book.id)
    if job is None:
        return None
    # Only of a failed job the list says where it stopped: the ledger of any other may be long.
    items = app.jobs.items(job.id) if job.status is JobStatus.FAILED else []
    return job_view(job, app.jobs.detail(job), items, now=app.clock())


def _cover(app: "App", book: Book) -> str | None:
    return page_view(app.reviews.page(book.id, 1)).thumbnail_url if book.page_count else None


def _chips(summary: BookSummary, stage: str, words: str) -> tuple[Chip, ...]:
    chips = [Chip(f"{_('All')} {summary.total}", _address("", words), not stage)]
    for one, label in STAGES.items():
        number = summary.stages.get(one, 0)
        if number or one == stage:
            chips.append(Chip(f"{_(label)} {number}", _address(one, words), one == stage))
    return tuple(chips)


def _address(stage: str, words: str, offset: int = 0, since: str = "") -> str:
    given = {"stage": stage, "q": words, "offset": offset, "since": since}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/?{query}" if query else "/"


def _searchable(typed: str) -> str:
    """Take what a database can look for."""
    return "".join(filter(str.isprintable, typed)).strip()[:LONGEST_SEARCH]
