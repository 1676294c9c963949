"""Where a book stands, in the words of the screens."""

from dataclasses import dataclass

from hornbook.model.book import Book, Stage
from hornbook.model.job import JobStatus, JobType
from hornbook.model.page import PageCounts
from hornbook.web.causes import CAUSES, OTHER
from hornbook.web.job_views import JobView
from hornbook.web.language import _, noted
from hornbook.web.pages.screen import book_path, counted

TITLES = (
    noted("Upload"),
    noted("Read & review"),
    noted("Guidelines"),
    noted("Refine"),
    noted("Publish"),
)
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
    Stage.UPLOAD: noted("Upload its pages"),
    Stage.GUIDELINES: noted("Generate guidelines"),
    Stage.REFINE: noted("Refine & consolidate"),
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
        Step(_(title), path + ending, look)
        for title, ending, look in zip(TITLES, ENDINGS, looks, strict=True)
    )


def stage_title(book: Book, job: JobView | None) -> str:
    """Name the book's place, for the list of books."""
    now = place(book, job)
    return _(TITLES[now]) if now < len(TITLES) else _("Published")


def state_pill(book: Book, job: JobView | None) -> tuple[str, str]:
    """Tell by tone and word whether work runs, stopped, or waits."""
    if job and job.is_active:
        return "run", _("Running")
    if book.stage is Stage.FAILED:
        return "warn", _("Stopped")
    return ("good", _("Complete")) if book.stage is Stage.DONE else ("", _("Ready"))


@dataclass(frozen=True, slots=True)
class Need:
    """What waits for a human, and where it is done."""

    words: str
    href: str


def needs_you(book: Book, counts: PageCounts, job: JobView | None) -> tuple[Need, ...]:
    """Say what waits for a human, the most pressing first."""
    halt = _halted(book, job)
    pages = (*_to_mend(book, counts), *_to_review(book, counts))
    is_at_work = job is not None and job.is_active
    if halt or pages or is_at_work:
        return (*halt, *pages)
    return _next(book)


def _halted(book: Book, job: JobView | None) -> tuple[Need, ...]:
    if job is None or job.job.status is not JobStatus.FAILED:
        return ()
    return (Need(_halt(job), f"{book_path(book.id)}#job"),)


def _to_mend(book: Book, counts: PageCounts) -> tuple[Need, ...]:
    if not counts.failed_reading:
        return ()
    failed = counted(counts.failed_reading, "page")
    return (Need(_("%(pages)s failed", pages=failed), f"{book_path(book.id)}?status=failed"),)


def _to_review(book: Book, counts: PageCounts) -> tuple[Need, ...]:
    ready = counts.unreviewed - counts.pending - counts.processing - counts.failed_reading
    if ready <= 0 or book.stage not in {Stage.READING, Stage.REVIEW}:
        return ()
    pages = counted(ready, "page")
    return (Need(_("%(pages)s to review", pages=pages), f"{book_path(book.id)}/review"),)


def _next(book: Book) -> tuple[Need, ...]:
    if book.stage is Stage.PUBLISH:
        return (_to_publish(book),)
    if book.stage not in INVITATIONS:
        return ()
    place_of_it = "" if book.stage is Stage.UPLOAD else "#steps"
    return (Need(_(INVITATIONS[book.stage]), book_path(book.id) + place_of_it),)


def _to_publish(book: Book) -> Need:
    waiting = book.guideline_count - book.approved_guideline_count
    if not waiting:
        return Need(_("Publish"), f"{book_path(book.id)}#steps")
    guidelines = counted(waiting, "guideline")
    return Need(
        _("%(guidelines)s to review", guidelines=guidelines), f"{book_path(book.id)}/guidelines"
    )


def _halt(job: JobView) -> str:
    cause = _(CAUSES[job.cause or OTHER].name)
    if job.stopped_at is None:
        return cause
    item = job.units.within_sentence(job.stopped_at)
    return _("%(cause)s at %(item)s", cause=cause, item=item)
