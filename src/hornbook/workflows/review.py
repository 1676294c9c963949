"""A human looks at pages: approves, rejects, corrects, turns, replaces, moves and deletes them."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hornbook.errors import Conflict, Invalid, NotFound
from hornbook.jobs import ledger
from hornbook.library import books, pages, readings
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.pages import NewPage
from hornbook.model.clock import Clock
from hornbook.model.page import Attempt, Page, PageCounts, TextRevision
from hornbook.stages.upload import Limits, display_name, examine
from hornbook.workflows.reveal import have_read, keep_raw

NO_LIMITS_BUT_THE_USUAL = Limits()
QUARTER = 90
FULL_TURN = 360


def leave_guidelines_alone(session: Session, book_id: str) -> None:
    """Do nothing when pages go or move: for books without guidelines."""


class Reviews:
    """What an admin sees and does page by page."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        clock: Clock,
        wake: Callable[[], None],
        limits: Limits = NO_LIMITS_BUT_THE_USUAL,
        on_pages_changed: Callable[[Session, str], None] = leave_guidelines_alone,
    ) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._wake = wake
        self._limits = limits
        self._on_pages_changed = on_pages_changed

    # Looking

    def pages(self, book_id: str, since_rev: int | None = None) -> list[Page]:
        """Return the book's pages in order, or those changed since a revision; raises NotFound."""
        with self._database.read() as session:
            return pages.find(session, book_id, since_rev=since_rev)

    def counts(self, book_id: str) -> PageCounts:
        """Return how the book's pages stand; raises NotFound."""
        with self._database.read() as session:
            return pages.counts(session, book_id)

    def page(self, book_id: str, page_num: int) -> Page:
        """Return the page at this place; raises NotFound."""
        with self._database.read() as session:
            return pages.get(session, book_id, page_num)

    def text(self, book_id: str, page_num: int) -> TextRevision | None:
        """Return the page's current text, None while there is none; raises NotFound."""
        with self._database.read() as session:
            return readings.text(session, pages.get(session, book_id, page_num))

    def attempts(self, book_id: str, page_num: int) -> list[Attempt]:
        """Return every attempt of any job at the page, oldest first; raises NotFound."""
        with self._database.read() as session:
            return readings.attempts(session, pages.get(session, book_id, page_num))

    def image(self, book_id: str, page_num: int, size: str) -> tuple[bytes, str, str]:
        """Return the page image as `full`, `screen` or `thumbnail`: bytes, media type, object key.

        Raises NotFound (also while there is no image yet), Invalid, StoreUnavailable.
        """
        page = self.page(book_id, page_num)
        images = {
            "full": (page.image_key, "image/png"),
            "screen": (page.compact_key, "image/webp"),
            "thumbnail": (page.thumbnail_key, "image/webp"),
        }
        if size not in images:
            raise Invalid(f"There is no size {size!r}; there are {', '.join(images)}.")
        key, media_type = images[size]
        if key is None:
            raise NotFound(f"Page {page_num} has no image yet.")
        return self._objects.get(key), media_type, key

    # Deciding, also while a job runs

    def approve(self, book_id: str, page_num: int, by: str) -> Page:
        """Approve; again changes nothing. Raises NotFound, Conflict (no text yet)."""
        with self._database.begin() as session:
            page = pages.get(session, book_id, page_num)
            return pages.approve(session, page, by, self._clock())

    def reject(self, book_id: str, page_num: int, by: str) -> Page:  # noqa: ARG002 - for the log
        """Skip the page; again changes nothing. Raises NotFound, Conflict (it is being read)."""
        with self._database.begin() as session:
            page = pages.reject(session, pages.get(session, book_id, page_num))
            self._on_pages_changed(session, book_id)
            return page

    def unreview(self, book_id: str, page_num: int) -> Page:
        """Take an approval or a rejection back; raises NotFound."""
        with self._database.begin() as session:
            page = pages.unreview(session, pages.get(session, book_id, page_num))
            self._on_pages_changed(session, book_id)
            return page

    def approve_ready(
        self,
        book_id: str,
        by: str,
        pages: Sequence[int] | None = None,
        min_confidence: float | None = None,
    ) -> list[int]:
        """Approve every page that was read and not looked at, of these, and return which.

        Raises NotFound.
        """
        with self._database.begin() as session:
            return _approve_ready(session, book_id, by, self._clock(), pages, min_confidence)

    def correct(
        self, book_id: str, page_num: int, text: str, revision: int, by: str
    ) -> TextRevision:
        """Keep a human's text in place of revision `revision`; raises NotFound, StaleRevision."""
        with self._database.begin() as session:
            page = pages.get(session, book_id, page_num)
            return readings.correct(session, page, text, revision, by, self._clock())

    # Changing, while no job runs

    def rotate(self, book_id: str, page_num: int, degrees: int) -> Page:
        """Turn the page clockwise by a multiple of 90 degrees and have it read again.

        Raises NotFound, Invalid, JobAlreadyActive.
        """
        if degrees % QUARTER:
            raise Invalid("A page can be turned by 90, 180 or 270 degrees.")
        with self._database.begin() as session:
            page = self._free_page(session, book_id, page_num)
            if degrees % FULL_TURN:
                turned = (page.rotation + degrees) % FULL_TURN
                page = pages.change(session, page, rotation=turned)
                page = self._read_again(session, page)
        self._wake()
        return page

    def replace(self, book_id: str, page_num: int, name: str, body: bytes) -> Page:
        """Take another file for the page, which is read anew; what was read before is history.

        Raises NotFound, RejectedUpload, TooLarge, JobAlreadyActive, StoreUnavailable.
        """
        shown = display_name(name)
        found = examine(shown, body, self._limits)
        with self._database.read() as session:
            ledger.require_idle(session, book_id)
            page = pages.get(session, book_id, page_num)
        raw_key = keep_raw(
            self._objects,
            book_id,
            page.number,
            found.media_type,
            body,
            revision=_revision_of(page.raw_key) + 1,
        )
        new = NewPage(page.number, shown, found.media_type, found.sha256, len(body), raw_key)
        with self._database.begin() as session:
            if self._free_page(session, book_id, page_num).id != page.id:
                raise Conflict("The pages were moved in the meantime. Look at them again.")
            page = pages.replace_file(session, page, new, self._clock())
            page = self._read_again(session, page)
        self._wake()
        return page

    def move(self, book_id: str, page_num: int, to: int) -> Page:
        """Give the page another place; raises NotFound, Invalid, JobAlreadyActive."""
        with self._database.begin() as session:
            page = pages.move(session, self._free_page(session, book_id, page_num), to)
            self._on_pages_changed(session, book_id)
            return page

    def delete(self, book_id: str, page_num: int) -> None:
        """Remove the page with its objects; later pages move up.

        Raises NotFound, JobAlreadyActive.
        """
        with self._database.begin() as session:
            pages.remove(session, self._free_page(session, book_id, page_num))
            self._on_pages_changed(session, book_id)

    def _free_page(self, session: Session, book_id: str, page_num: int) -> Page:
        """Give the page, and see to it that no job of the book begins meanwhile."""
        books.touch(session, book_id)
        ledger.require_idle(session, book_id)
        return pages.get(session, book_id, page_num)

    def _read_again(self, session: Session, page: Page) -> Page:
        page = readings.ask(session, page)
        have_read(session, page.book_id, [page], self._clock())
        return page


def _approve_ready(
    session: Session,
    book_id: str,
    by: str,
    now: datetime,
    page_nums: Sequence[int] | None,
    min_confidence: float | None,
) -> list[int]:
    asked = (
        pages.find(session, book_id)
        if page_nums is None
        else [pages.get(session, book_id, page_num) for page_num in sorted({*page_nums})]
    )
    ready = [page for page in asked if pages.is_ready(page, min_confidence)]
    pages.approve_all(session, book_id, ready, by, now)
    return [page.page_num for page in ready]


def _revision_of(raw_key: str) -> int:
    found = re.search(r"\.v(\d+)\.", raw_key)
    return int(found[1]) if found else 1
