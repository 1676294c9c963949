"""The screen of one book: the job card, the upload, the pages, and what to do next."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import Invalid
from hornbook.model.job import Job
from hornbook.model.language import Language
from hornbook.model.page import Reader
from hornbook.model.published import SyncStats
from hornbook.model.review import Step
from hornbook.web.api.common import Hornbook, PageNum
from hornbook.web.auth import UserName
from hornbook.web.language import _
from hornbook.web.pages import rows
from hornbook.web.pages.asking import Question, ask, trail_to
from hornbook.web.pages.book_screen import fragments, live_path, show_book
from hornbook.web.pages.by_model import doubtful
from hornbook.web.pages.follow import ListOnScreen, Seen, is_news, list_change, news, no_news
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.jobs import chosen_pages, told_pages
from hornbook.web.pages.review_screen import undo_step
from hornbook.web.pages.screen import book_path, counted, render
from hornbook.web.pages.telling import Flash, act
from hornbook.web.sentences import told

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}")

T = TypeVar("T")

PAGES = ListOnScreen(id="pages", prefix="p", row="_row.html")
LONGEST_SEARCH = 300


@router.get("")
def show(
    request: Request, book_id: str, hornbook: Hornbook, status: str = "", q: str = ""
) -> Response:
    """Show the book, with the pages of a state and with words in them; raises NotFound."""
    book = hornbook.books.get(book_id)
    screen = show_book(hornbook, book, _choice(status, q))
    parts = fragments(screen)
    return render(
        request,
        "book.html",
        section="Books",
        book=book,
        screen=screen,
        parts=parts,
        live_path=live_path(screen, book.rev, parts),
        languages=Language,
    )


@router.get("/live")
def live(
    request: Request,
    book_id: str,
    hornbook: Hornbook,
    seen: Seen,
    status: str = "",
    q: str = "",
) -> Response:
    """Give what differs from what the screen shows, or nothing; raises NotFound."""
    if not is_news(hornbook, book_id, request, seen):
        return no_news()
    book = hornbook.books.get(book_id)
    screen = show_book(hornbook, book, _choice(status, q))
    parts = fragments(screen)
    return render(
        request,
        "_live.html",
        screen=screen,
        parts=news(parts, seen.have),
        list=PAGES,
        rows=list_change(screen.rows, seen.shown, seen.since),
        live_path=live_path(screen, book.rev, parts),
    )


@router.get("/delete")
def ask_to_delete(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Ask before a book is deleted."""
    book = hornbook.books.get(book_id)
    path, pages = book_path(book.id), counted(book.page_count, "page")
    published = counted(book.guideline_count, "published guideline")
    question = Question(
        heading=_("Delete this book?"),
        sentences=(
            _("“%(book)s” goes with its %(pages)s and their texts.", book=book.title, pages=pages),
            _("So do %(guidelines)s.", guidelines=published),
            _("This cannot be undone."),
        ),
        address=f"{path}/delete",
        back=path,
        trail=trail_to(book),
        button=_("Delete book"),
        look="danger",
    )
    return ask(request, question)


@router.post("/delete")
def delete(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Delete the book, or say why not."""
    return act(
        request, "/", lambda: hornbook.books.delete(book_id), lambda _gone: _("Book deleted.")
    )


@router.post("/language")
def change_language(request: Request, book_id: str, fields: Fields, hornbook: Hornbook) -> Response:
    """Have pages that are read from now on be read in another language."""
    return _act(
        request,
        book_id,
        lambda: hornbook.books.change_language(book_id, _language(fields.get("language", ""))),
        lambda book: _(
            "The language is now %(language)s. The texts of the pages stay as they are.",
            language=told(book.language.english),
        ),
    )


@router.post("/pages/retry")
def retry_failed(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Have the pages read again that failed."""
    return _act(request, book_id, lambda: _retry_failed(hornbook, book_id), told_pages)


@router.post("/pages/read-by-model")
def read_by_model(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Have a model read the pages that this machine was unsure of."""
    return _act(
        request,
        book_id,
        lambda: hornbook.reading.retry(
            book_id, doubtful(hornbook, hornbook.reviews.pages(book_id)), Reader.VISION
        ),
        told_pages,
    )


@router.post("/pages/skip")
def skip(
    request: Request, book_id: str, fields: Fields, hornbook: Hornbook, user: UserName
) -> Response:
    """Skip these pages: they are neither read nor used."""
    return _skip(request, hornbook, user, book_id, chosen_pages(fields))


@router.post("/pages/{page_num}/retry")
def retry_page(request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook) -> Response:
    """Have one page read again."""
    return _act(
        request,
        book_id,
        lambda: hornbook.reading.retry_page(book_id, page_num),
        lambda page: _("Page %(number)s is read again.", number=page.page_num),
        anchor=f"#p{page_num}",
    )


@router.post("/pages/{page_num}/skip")
def skip_page(
    request: Request, book_id: str, page_num: PageNum, hornbook: Hornbook, user: UserName
) -> Response:
    """Skip one page."""
    return _skip(request, hornbook, user, book_id, [page_num])


@router.post("/generate")
def generate(request: Request, book_id: str, fields: Fields, hornbook: Hornbook) -> Response:
    """Generate guidelines from the whole book, or do what the last run left owed."""
    return _act(
        request,
        book_id,
        lambda: hornbook.generate.start(
            book_id, ask_again="ask_again" in fields, resume="resume" in fields
        ),
        lambda started: told(started.message),
    )


@router.post("/finalize")
def finalize(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Refine and consolidate the guidelines."""
    return _act(
        request,
        book_id,
        lambda: hornbook.finalize.start(book_id),
        lambda _job: _("Refining and consolidating."),
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


@router.post("/uploads/{batch_id}/drop")
def drop_missing(request: Request, book_id: str, batch_id: str, hornbook: Hornbook) -> Response:
    """Go on without the files that have not come."""
    return _act(
        request,
        book_id,
        lambda: hornbook.uploads.drop_missing(book_id, batch_id),
        lambda batch: _(
            "Going on with %(received)s of %(total)s files.",
            received=batch.received,
            total=batch.total,
        ),
    )


def _act(
    request: Request,
    book_id: str,
    do: Callable[[], T],
    tell: Callable[[T], str],
    anchor: str = "",
) -> Response:
    return act(request, book_path(book_id) + anchor, do, tell)


def _language(typed: str) -> Language:
    if typed not in {*Language}:
        raise Invalid(_("Choose one of the languages."))
    return Language(typed)


def _skip(request: Request, app: "App", user: str, book_id: str, pages: list[int]) -> Response:
    def tell(done: tuple[list[int], Step | None]) -> Flash:
        skipped, step = done
        sentence = _("%(pages)s skipped.", pages=counted(len(skipped), "page"))
        return Flash("good", sentence, undo_step(app, step).address if step else "")

    return act(request, book_path(book_id), lambda: app.reviews.skip(book_id, pages, user), tell)


def _retry_failed(app: "App", book_id: str) -> tuple[Job, list[int]]:
    owed = set(app.reading.owed(book_id).places.values())
    failed = {page.page_num for page in app.reviews.pages(book_id) if rows.is_failed_page(page)}
    # Where nothing else is owed this is OCR's Resume, whose job counts the whole book.
    return app.reading.retry(book_id, sorted(failed) if failed and failed != owed else None)


def _choice(status: str, words: str) -> rows.Choice:
    typed = "".join(filter(str.isprintable, words)).strip()[:LONGEST_SEARCH]
    return rows.Choice(status if status in rows.FILTERS else "", typed)


def _told_sync(stats: SyncStats) -> str:
    return _(
        "%(guidelines)s published: %(new)s new, %(changed)s changed, %(gone)s removed.",
        guidelines=counted(stats.synced_count, "guideline"),
        new=stats.created_count,
        changed=stats.updated_count,
        gone=stats.removed_count,
    )
