"""Everything the screen of one book shows, gathered once for the whole page and for each poll."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from hornbook.model.book import Book, Stage
from hornbook.model.page import OcrStatus, Page, PageCounts, ReviewStatus
from hornbook.model.published import SyncPreview
from hornbook.model.upload import Batch
from hornbook.web.pages import rows
from hornbook.web.pages.card import Card, card, tab_title
from hornbook.web.pages.journey import Step, place, stage_bar
from hornbook.web.pages.screen import book_path, counted
from hornbook.web.views import JobView, job_view

if TYPE_CHECKING:
    from hornbook.wiring import App


@dataclass(frozen=True, slots=True)
class NextStep:
    """One of the three things to do with a book that has pages."""

    title: str
    button: str
    address: str
    help: str
    off: str
    """Why it cannot be done now; empty when it can."""
    look: str
    is_asked: bool = False
    """A question comes first."""


@dataclass(frozen=True, slots=True)
class BookScreen:
    """The screen of a book."""

    title: str
    subline: str
    path: str
    api_path: str
    live_path: str
    stages: tuple[Step, ...]
    card: Card
    batches: tuple[Batch, ...]
    steps: tuple[NextStep, ...]
    guideline_count: int
    is_reading_next: bool
    """Nothing is left to be done but to read and approve the guidelines."""
    counts: PageCounts
    chips: tuple[rows.Chip, ...]
    sums: tuple[tuple[str, int], ...]
    retryable: int
    approvable: int
    status: str
    rows: tuple[rows.Row, ...]
    largest: int
    largest_label: str
    is_bucket_behind: bool


def show_job(app: "App", book_id: str) -> JobView | None:
    """Show the active job of the book, else its latest."""
    job = app.jobs.latest(book_id)
    if job is None:
        return None
    return job_view(job, app.jobs.detail(job), app.jobs.items(job.id), now=app.clock())


def show_book(app: "App", book: Book, status: str) -> BookScreen:
    """Gather the screen; raises NotFound when the book went away meanwhile."""
    pages, counts = app.reviews.pages(book.id), app.reviews.counts(book.id)
    job = show_job(app, book.id)
    subtopics = sum(len(topic.subtopics) for topic in app.guidelines.topics(book.id))
    steps = _steps(app, book, pages, job, subtopics)
    path = book_path(book.id)
    return BookScreen(
        title=tab_title(job, book.title),
        subline=subline(book),
        path=path,
        api_path=f"/admin/books/{quote(book.id, safe='')}",
        live_path=_live_path(path, book.rev, len(pages), status),
        stages=stage_bar(book, job),
        card=card(job),
        batches=tuple(app.uploads.open_batches(book.id)),
        steps=steps,
        guideline_count=subtopics,
        is_reading_next=subtopics > 0 and not any(step.look for step in steps),
        counts=counts,
        chips=rows.chips(book.id, pages, status),
        sums=rows.sums(counts),
        retryable=sum(_is_failed(page) for page in pages),
        approvable=sum(rows.is_to_review(page) for page in pages),
        status=status,
        rows=tuple(rows.row(page) for page in pages if rows.matches(page, status)),
        largest=app.settings.max_file_bytes,
        largest_label=f"{app.settings.max_file_mb:g} MB",
        is_bucket_behind=book.is_bucket_behind,
    )


def subline(book: Book) -> str:
    """Describe the book in one line."""
    parts = [
        book.board if book.board != "unspecified" else "",
        f"Grade {book.grade} {book.subject}",
        book.author or "",
        book.edition or "",
        str(book.edition_year or ""),
    ]
    return " · ".join(part for part in parts if part)


def _live_path(path: str, rev: int, known: int, status: str) -> str:
    return f"{path}/live?{urlencode({'since': rev, 'known': known, 'status': status})}"


def _is_failed(page: Page) -> bool:
    return page.ocr_status is OcrStatus.FAILED and page.review is not ReviewStatus.REJECTED


def _steps(
    app: "App", book: Book, pages: list[Page], job: JobView | None, subtopics: int
) -> tuple[NextStep, ...]:
    path = book_path(book.id)
    now = place(book, job)
    preview = app.publish.preview(book.id)
    busy = "Waits for the job above to end." if job and job.is_active else ""
    unwritten = "" if subtopics else "There are no guidelines yet."
    generate = NextStep(
        "Guidelines",
        "Generate Guidelines",
        f"{path}/restart" if subtopics else f"{path}/generate",
        _uses(pages),
        busy or ("" if any(page.is_usable for page in pages) else "No page has text yet."),
        "primary" if now in {1, 2} and book.stage is not Stage.FAILED else "",
        is_asked=bool(subtopics),
    )
    refine = NextStep(
        "Refine",
        "Refine & Consolidate",
        f"{path}/finalize",
        "Better titles, duplicates merged; every change can be undone.",
        busy or unwritten,
        "primary" if now == 3 and book.stage is not Stage.FAILED else "",
    )
    publish = NextStep(
        "Publish",
        "Publish",
        f"{path}/publish",
        "Everything is approved." if book.stage is Stage.DONE else _would_publish(preview),
        busy or unwritten,
        "primary" if now == 4 and _is_news(preview) else "",
    )
    return generate, refine, publish


def _uses(pages: list[Page]) -> str:
    usable = [page for page in pages if page.is_usable]
    unreviewed = sum(page.review is ReviewStatus.PENDING_REVIEW for page in usable)
    return f"Uses {counted(len(usable), 'page')} with text, {unreviewed} of them unreviewed."


def _is_news(preview: SyncPreview) -> bool:
    return bool(preview.new or preview.changed or preview.gone)


def _would_publish(preview: SyncPreview) -> str:
    if not _is_news(preview):
        return f"{counted(preview.unchanged_count, 'guideline')} published, nothing changed since."
    new, changed, gone = len(preview.new), len(preview.changed), len(preview.gone)
    return f"{new} new, {changed} changed (back to review), {gone} to be removed."
