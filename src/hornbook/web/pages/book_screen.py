"""Everything the screen of one book shows, gathered once for the whole page and for each poll."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from markupsafe import Markup

from hornbook.model.book import Book, Stage
from hornbook.model.contents import Wanting
from hornbook.model.job import Job, JobStatus, JobType, Owed
from hornbook.model.language import Language
from hornbook.model.page import Page, PageCounts, ReviewStatus
from hornbook.model.published import SyncPreview
from hornbook.model.upload import Batch
from hornbook.web.causes import is_final
from hornbook.web.job_views import JobView, job_view
from hornbook.web.language import _, ngettext
from hornbook.web.pages import rows
from hornbook.web.pages.by_model import doubtful, model_of
from hornbook.web.pages.card import Card, card, tab_title
from hornbook.web.pages.follow import tags, written
from hornbook.web.pages.journey import PLACES, Step, place, stage_bar
from hornbook.web.pages.screen import book_path, counted, fragment
from hornbook.web.pages.spending import in_advance
from hornbook.web.sentences import told

if TYPE_CHECKING:
    from hornbook.wiring import App


FRAGMENTS = {
    "stages": "_stages.html",
    "batches": "_batches.html",
    "steps": "_steps.html",
    "pages-head": "_pages_head.html",
    "ledger": "_ledger.html",
    "no-pages": "_no_pages.html",
}


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
    preview: str = ""
    """Where one sees what it would change; empty where there is nothing to see."""


@dataclass(frozen=True, slots=True)
class BookScreen:
    """The screen of a book."""

    title: str
    subline: str
    path: str
    api_path: str
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
    failed: int
    """Pages that could not be read and wait for somebody."""
    is_retry_hopeless: bool
    """Whether reading those again gives the same result for every one of them."""
    approvable: int
    model: str
    """Who could look at pages; empty when no model is chosen."""
    doubtful: int
    """Pages that this machine was unsure of, and nobody has looked at."""
    looking: str
    """What it would cost to have the model look at those."""
    choice: rows.Choice
    rows: tuple[rows.Row, ...]
    largest: int
    largest_label: str
    largest_pdf: int
    largest_pdf_label: str
    has_heic: bool
    is_bucket_behind: bool

    @property
    def follows_book(self) -> bool:
        """Whether the screen turns to a new job by itself."""
        return True

    @property
    def is_grouped(self) -> bool:
        """Whether errors stand together beside the card already."""
        return False

    @property
    def status(self) -> str:
        """The filter of the list."""
        return self.choice.status

    @property
    def retryable(self) -> int:
        """Pages that "Retry N failed" reads again."""
        return self.failed


def show_job(app: "App", book_id: str) -> JobView | None:
    """Show the active job of the book, else its latest."""
    job = app.jobs.latest(book_id)
    return None if job is None else view_of(app, job)


def view_of(app: "App", job: Job) -> JobView:
    """Show the latest job of its type with what Resume would do now."""
    items = app.jobs.items(job.id)
    return job_view(
        job,
        app.jobs.detail(job),
        items,
        now=app.clock(),
        owed=_owed(app, job),
        spent=app.jobs.spent(job),
        wanting=_wanting(app, job),
    )


def show_book(app: "App", book: Book, choice: rows.Choice) -> BookScreen:
    """Gather the screen; raises NotFound when the book went away meanwhile."""
    everything, counts = app.reviews.pages(book.id), app.reviews.counts(book.id)
    pages = _chosen(app, book.id, everything, choice.words)
    failed = [page for page in everything if rows.is_failed_page(page)]
    job = show_job(app, book.id)
    subtopics = app.guidelines.number(book.id)
    steps = _steps(app, book, everything, job, subtopics)
    model, unsure = model_of(app), len(doubtful(app, everything))
    return BookScreen(
        title=tab_title(job, book.title),
        subline=subline(book),
        path=book_path(book.id),
        api_path=f"/admin/books/{quote(book.id, safe='')}",
        stages=stage_bar(book, job),
        card=card(job, app.jobs.latest_of_each(book.id), model),
        batches=tuple(app.uploads.open_batches(book.id)),
        steps=steps,
        guideline_count=subtopics,
        is_reading_next=subtopics > 0 and not any(step.look for step in steps),
        counts=counts,
        chips=rows.chips(book.id, pages, choice),
        sums=rows.sums(counts),
        failed=len(failed),
        is_retry_hopeless=all(is_final(one.ocr_error_type, one.ocr_error_class) for one in failed),
        approvable=sum(rows.is_to_review(page) for page in everything),
        model=model,
        doubtful=unsure,
        looking=in_advance(app.estimates.of_looking(unsure)) if model and unsure else "",
        choice=choice,
        rows=tuple(rows.row(page) for page in pages if rows.matches(page, choice.status)),
        largest=app.settings.max_file_bytes,
        largest_label=f"{app.settings.max_file_mb:g} MB",
        largest_pdf=app.settings.max_pdf_bytes,
        largest_pdf_label=f"{app.settings.max_pdf_mb:g} MB",
        has_heic=app.limits.has_heic,
        is_bucket_behind=book.is_bucket_behind,
    )


def fragments(screen: BookScreen) -> dict[str, Markup]:
    """The parts around card and rows that a poll renews, by the identity of their element."""
    return {name: fragment(template, screen=screen) for name, template in FRAGMENTS.items()}


def live_path(screen: BookScreen, rev: int, parts: Mapping[str, Markup]) -> str:
    """Where a poll asks for what is new: it tells what the screen shows."""
    shown = [row.number for row in screen.rows]
    query = {
        "since": str(rev),
        "shown": written(shown),
        "have": tags(parts),
        "status": screen.choice.status,
        "q": screen.choice.words,
    }
    given = {name: value for name, value in query.items() if value}
    return f"{screen.path}/live?{urlencode(given)}"


def _chosen(app: "App", book_id: str, pages: list[Page], words: str) -> list[Page]:
    if not words:
        return pages
    found = app.reviews.with_words(book_id, words)
    return [page for page in pages if page.id in found]


def _owed(app: "App", job: Job) -> Owed | None:
    """What a resumed job would do; None where the ledger itself says it."""
    if job.status.is_active or job.type not in {JobType.OCR, JobType.EXTRACTION}:
        return None
    is_reading = job.type is JobType.OCR
    return app.reading.owed(job.book_id) if is_reading else app.generate.owed(job.book_id)


def _wanting(app: "App", job: Job) -> Wanting | None:
    is_of_guidelines = job.type in {JobType.EXTRACTION, JobType.FINALIZATION}
    is_over = job.status is JobStatus.COMPLETED
    return app.guidelines.wanting(job.book_id) if is_of_guidelines and is_over else None


def subline(book: Book) -> str:
    """Describe the book in one line."""
    parts = [
        book.board if book.board != "unspecified" else "",
        _("Grade %(grade)s %(subject)s", grade=book.grade, subject=book.subject),
        book.author or "",
        book.edition or "",
        str(book.edition_year or ""),
        "" if book.language is Language.ENGLISH else told(book.language.english),
    ]
    return " · ".join(part for part in parts if part)


def _steps(
    app: "App", book: Book, pages: list[Page], job: JobView | None, subtopics: int
) -> tuple[NextStep, ...]:
    path = book_path(book.id)
    now = place(book, job)
    busy = _("Waits for the job above to end.") if job and job.is_active else ""
    # What a publish would do takes long to find out, and nobody can publish while a job runs.
    preview = None if busy else app.publish.preview(book.id)
    unwritten = "" if subtopics else _("There are no guidelines yet.")
    unread = "" if any(page.is_usable for page in pages) else _("No page has text yet.")
    is_calm = book.stage is not Stage.FAILED
    generate = NextStep(
        _("Guidelines"),
        _("Generate Guidelines"),
        f"{path}/restart" if subtopics else f"{path}/generate",
        " ".join((_uses(pages), in_advance(app.estimates.of_generation(book.id)))).strip(),
        busy or unread,
        "primary" if now in {1, 2} and is_calm else "",
        is_asked=bool(subtopics),
    )
    refine = NextStep(
        _("Refine"),
        _("Refine & Consolidate"),
        f"{path}/finalize",
        _("Better titles, duplicates merged; every change can be undone."),
        busy or unwritten,
        "primary" if now == PLACES[Stage.REFINE] and is_calm else "",
    )
    publish = NextStep(
        _("Publish"),
        _("Publish"),
        f"{path}/publish",
        _("Everything is approved.") if book.stage is Stage.DONE else _would_publish(preview),
        busy or unwritten,
        "primary" if now == PLACES[Stage.PUBLISH] and _is_news(preview) else "",
        preview=f"{path}/publish" if _is_news(preview) else "",
    )
    return generate, refine, publish


def _uses(pages: list[Page]) -> str:
    usable = [page for page in pages if page.is_usable]
    unreviewed = sum(page.review is ReviewStatus.PENDING_REVIEW for page in usable)
    return ngettext(
        "Uses %(num)s page with text, %(unreviewed)s of them unreviewed.",
        "Uses %(num)s pages with text, %(unreviewed)s of them unreviewed.",
        len(usable),
        unreviewed=unreviewed,
    )


def _is_news(preview: SyncPreview | None) -> bool:
    return preview is not None and bool(preview.new or preview.changed or preview.gone)


def _would_publish(preview: SyncPreview | None) -> str:
    if preview is None:
        return ""
    if not _is_news(preview):
        published = counted(preview.unchanged_count, "guideline")
        return _("%(guidelines)s published, nothing changed since.", guidelines=published)
    return _(
        "%(new)s new, %(changed)s changed (back to review), %(gone)s to be removed.",
        new=len(preview.new),
        changed=len(preview.changed),
        gone=len(preview.gone),
    )
