"""The screen of one book: the job card, the upload, the pages, and what to do next."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.job import Job, JobType
from hornbook.model.published import SyncStats
from hornbook.web.api.common import Hornbook, PageNum
from hornbook.web.pages import rows
from hornbook.web.pages.asking import Box, Question, ask, trail_to
from hornbook.web.pages.book_screen import show_book
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.screen import book_path, counted, render
from hornbook.web.pages.telling import act, take_flash

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}")

T = TypeVar("T")

MOST_PAGES = 10_000
"""What a browser may claim to show; far above what a book may have."""


@router.get("")
def show(request: Request, book_id: str, hornbook: Hornbook, status: str = "") -> Response:
    """Show the book; raises NotFound."""
    status = status if status in rows.FILTERS else ""
    book = hornbook.books.get(book_id)
    screen = show_book(hornbook, book, status)
    return render(request, "book.html", section="Books", book=book, screen=screen)


@router.get("/live")
def live(
    request: Request,
    book_id: str,
    hornbook: Hornbook,
    since: int,
    known: int = 0,
    status: str = "",
) -> Response:
    """Give what changed since revision `since` as fragments, or nothing; raises NotFound."""
    book = hornbook.books.get(book_id)
    if book.rev == since and take_flash(request) is None:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    screen = show_book(hornbook, book, status if status in rows.FILTERS else "")
    changed = [] if screen.status else [row for row in screen.rows if row.rev > since]
    return render(
        request,
        "_live.html",
        book=book,
        screen=screen,
        changed=[row for row in changed if row.page_num <= known],
        added=[row for row in changed if row.page_num > known],
        gone=() if screen.status else range(screen.counts.total + 1, min(known, MOST_PAGES) + 1),
    )


@router.get("/delete")
def ask_to_delete(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Ask before a book is deleted."""
    book = hornbook.books.get(book_id)
    path = book_path(book.id)
    question = Question(
        heading="Delete this book?",
        sentences=(
            f"“{book.title}” goes with its {counted(book.page_count, 'page')} and their texts.",
            f"So do {counted(book.guideline_count, 'published guideline')}.",
            "This cannot be undone.",
        ),
        address=f"{path}/delete",
        back=path,
        trail=trail_to(book),
        button="Delete book",
        look="danger",
    )
    return ask(request, question)


@router.post("/delete")
def delete(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Delete the book, or say why not."""
    return act(request, "/", lambda: hornbook.books.delete(book_id), lambda _: "Book deleted.")


@router.post("/pages/retry")
def retry_failed(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Have everything that is owed read again."""
    return _act(request, book_id, lambda: hornbook.reading.retry(book_id), _told_pages)


@router.post("/pages/{page_num}/retry")
def retry_page(request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook) -> Response:
    """Have one page read again."""
    return _act(
        request,
        book_id,
        lambda: hornbook.reading.retry_page(book_id, page_num),
        lambda page: f"Page {page.page_num} is read again.",
        anchor=f"#p{page_num}",
    )


@router.post("/generate")
def generate(request: Request, book_id: str, fields: Fields, hornbook: Hornbook) -> Response:
    """Generate guidelines from the whole book."""
    return _act(
        request,
        book_id,
        lambda: hornbook.generate.start(book_id, ask_again="ask_again" in fields),
        lambda started: started.message,
    )


@router.get("/restart")
def ask_to_restart(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Ask before guidelines are generated anew."""
    book = hornbook.books.get(book_id)
    path = book_path(book.id)
    question = Question(
        heading="Generate the guidelines again?",
        sentences=(
            "Every page is placed again from page 1, and the generated guidelines are replaced.",
            "Your own work stays: corrected texts, approvals, edited guidelines, undone changes.",
            "Where a new guideline differs from one you edited, you choose.",
            "Answers already given for a page are used again unless you ask for new ones.",
        ),
        address=f"{path}/generate",
        back=path,
        trail=trail_to(book),
        button="Restart from Page 1",
        box=Box("ask_again", "Ask again for every page"),
    )
    return ask(request, question)


@router.post("/finalize")
def finalize(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Refine and consolidate the guidelines."""
    return _act(
        request,
        book_id,
        lambda: hornbook.finalize.start(book_id),
        lambda _: "Refining and consolidating.",
    )


@router.post("/publish")
def publish(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Bring the published guidelines up to date."""
    return _act(
        request,
        book_id,
        lambda: hornbook.publish.sync(book_id),
        _told_sync,
    )


@router.post("/jobs/{job_id}/stop")
def stop(request: Request, book_id: str, job_id: str, hornbook: Hornbook) -> Response:
    """Stop the job after what it is doing."""
    return _act(
        request,
        book_id,
        lambda: hornbook.jobs.stop(book_id, job_id),
        lambda _: "Stopping after the present page.",
    )


@router.post("/jobs/{job_id}/resume")
def resume(request: Request, book_id: str, job_id: str, hornbook: Hornbook) -> Response:
    """Do what the job left owed, in a new job of its type."""
    return _act(
        request,
        book_id,
        lambda: _resume(hornbook, hornbook.jobs.get(book_id, job_id)),
        lambda sentence: sentence,
    )


@router.post("/uploads/{batch_id}/drop")
def drop_missing(request: Request, book_id: str, batch_id: str, hornbook: Hornbook) -> Response:
    """Go on without the files that have not come."""
    return _act(
        request,
        book_id,
        lambda: hornbook.uploads.drop_missing(book_id, batch_id),
        lambda batch: f"Going on with {batch.received} of {batch.total} files.",
    )


def _act(
    request: Request,
    book_id: str,
    do: Callable[[], T],
    tell: Callable[[T], str],
    anchor: str = "",
) -> Response:
    return act(request, book_path(book_id) + anchor, do, tell)


def _resume(app: "App", job: Job) -> str:
    if job.type is JobType.OCR:
        return _told_pages(app.reading.retry(job.book_id))
    if job.type is JobType.FINALIZATION:
        app.finalize.start(job.book_id)
        return "Refining and consolidating goes on."
    return app.generate.start(job.book_id, resume=True).message


def _told_sync(stats: SyncStats) -> str:
    return (
        f"{counted(stats.synced_count, 'guideline')} published: {stats.created_count} new, "
        f"{stats.updated_count} changed, {stats.removed_count} removed."
    )


def _told_pages(retried: tuple[Job, list[int]]) -> str:
    _, pages = retried
    return f"{counted(len(pages), 'page')} will be read again."
