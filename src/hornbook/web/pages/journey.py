"""Where a book stands, in the words of the screens."""

from dataclasses import dataclass

from hornbook.model.book import Book, Stage
from hornbook.model.job import JobStatus, JobType
from hornbook.model.page import PageCounts
from hornbook.web.pages.screen import book_path, counted
from hornbook.web.views import JobView

TITLES = ("Upload", "Read & review", "Guidelines", "Refine", "Publish")
PLACES = {
    Stage.UPLOAD: 0,
    Stage.READING: 1,
    Stage.REVIEW: 1,
    Stage.GUIDELINES: 2,
    Stage.REFINE: 3,
    Stage.PUBLISH: 4,
    Stage.DONE: 5,
}
FAILED_PLACES = {JobType.OCR: 1, JobType.EXTRACTION: 2, JobType.FINALIZATION: 3, JobType.SYNC: 4}
ENDINGS = ("", "", "/guidelines", "/guidelines", "/guidelines")
INVITATIONS = {
    Stage.UPLOAD: "Upload its pages",
    Stage.GUIDELINES: "Generate guidelines",
    Stage.REFINE: "Refine & consolidate",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps; `look` is `done`, `now` or empty."""

    title: str
    href: str
    look: str


def place(book: Book, job: JobView | None) -> int:
    """Give the step that needs attention, from 0; 5 when all is done."""
    if book.stage is Stage.FAILED:
        return FAILED_PLACES[job.job.type] if job else 1
    return PLACES[book.stage]


def stage_bar(book: Book, job: JobView | None) -> tuple[Step, ...]:
    """Show the journey of a book with its present place."""
    now = place(book, job)
    looks = ["done" if index < now else "now" if index == now else "" for index in range(5)]
    path = book_path(book.id)
    return tuple(
        Step(title, path + ending, look)
        for title, ending, look in zip(TITLES, ENDINGS, looks, strict=True)
    )


def stage_title(book: Book, job: JobView | None) -> str:
    """Name the book's place, for the list of books."""
    now = place(book, job)
    return TITLES[now] if now < len(TITLES) else "Published"


def state_pill(book: Book, job: JobView | None) -> tuple[str, str]:
    """Tell by tone and word whether work runs, stopped, or waits."""
    if job and job.is_active:
        return "run", "Running"
    if book.stage is Stage.FAILED:
        return "warn", "Stopped"
    return ("good", "Complete") if book.stage is Stage.DONE else ("", "Ready")


def needs_you(book: Book, counts: PageCounts, job: JobView | None) -> str:
    """Say what waits for a human, or nothing."""
    if job and job.job.status is JobStatus.FAILED:
        where = f" at {job.unit} {job.stopped_at}" if job.stopped_at else ""
        return f"{job.cause}{where}"
    if counts.failed_reading:
        return f"{counted(counts.failed_reading, 'page')} failed"
    if book.stage in {Stage.READING, Stage.REVIEW} and counts.unreviewed:
        ready = counts.unreviewed - counts.pending - counts.processing - counts.failed_reading
        return f"{counted(max(0, ready), 'page')} to review"
    if book.stage is Stage.PUBLISH:
        waiting = book.guideline_count - book.approved_guideline_count
        return f"{counted(waiting, 'guideline')} to review" if waiting else "Publish"
    return "" if job and job.is_active else INVITATIONS.get(book.stage, "")
