"""A human looks at pages: approves, rejects, corrects, turns, replaces, moves and deletes them."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.model.clock import Clock
from hornbook.model.page import Attempt, Page, PageCounts, TextRevision
from hornbook.stages.upload import Limits


class Reviews:
    """What an admin sees and does page by page."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        clock: Clock,
        wake: Callable[[], None],
        limits: Limits | None = None,
        on_pages_changed: Callable[[Session, str], None] = lambda _session, _book_id: None,
    ) -> None:
        raise NotImplementedError

    def pages(self, book_id: str, since_rev: int | None = None) -> list[Page]:
        """The book's pages in order, or those changed since a revision; raises NotFound."""
        raise NotImplementedError

    def counts(self, book_id: str) -> PageCounts:
        """How the book's pages stand; raises NotFound."""
        raise NotImplementedError

    def page(self, book_id: str, page_num: int) -> Page:
        """The page at this place; raises NotFound."""
        raise NotImplementedError

    def text(self, book_id: str, page_num: int) -> TextRevision | None:
        """The page's current text, None while there is none; raises NotFound."""
        raise NotImplementedError

    def attempts(self, book_id: str, page_num: int) -> list[Attempt]:
        """Every attempt of any job at the page, oldest first; raises NotFound."""
        raise NotImplementedError

    def approve(self, book_id: str, page_num: int, by: str) -> Page:
        """Approve; again changes nothing. Raises NotFound, Conflict (no text yet)."""
        raise NotImplementedError

    def reject(self, book_id: str, page_num: int, by: str) -> Page:
        """Skip the page; again changes nothing. Raises NotFound, Conflict (it is being read)."""
        raise NotImplementedError

    def unreview(self, book_id: str, page_num: int) -> Page:
        """Take an approval or a rejection back; raises NotFound."""
        raise NotImplementedError

    def approve_ready(
        self,
        book_id: str,
        by: str,
        pages: Sequence[int] | None = None,
        min_confidence: float | None = None,
    ) -> list[int]:
        """Approve every page that was read and not looked at, of these, and return which."""
        raise NotImplementedError

    def correct(
        self, book_id: str, page_num: int, text: str, revision: int, by: str
    ) -> TextRevision:
        """Keep a human's text in place of revision `revision`; raises NotFound, StaleRevision."""
        raise NotImplementedError

    def rotate(self, book_id: str, page_num: int, degrees: int) -> Page:
        """Turn the page clockwise by a multiple of 90 degrees and have it read again.

        Raises NotFound, Invalid, JobAlreadyActive.
        """
        raise NotImplementedError

    def replace(self, book_id: str, page_num: int, name: str, body: bytes) -> Page:
        """Another file for the page, which is read anew; raises NotFound, RejectedUpload,
        TooLarge, JobAlreadyActive, StoreUnavailable."""
        raise NotImplementedError

    def move(self, book_id: str, page_num: int, to: int) -> Page:
        """Give the page another place; raises NotFound, Invalid, JobAlreadyActive."""
        raise NotImplementedError

    def delete(self, book_id: str, page_num: int) -> None:
        """Remove the page with its objects; later pages move up. Raises NotFound,
        JobAlreadyActive."""
        raise NotImplementedError

    def image(self, book_id: str, page_num: int, size: str) -> tuple[bytes, str, str]:
        """The page image as `full`, `screen` or `thumbnail`: bytes, media type and object key.

        Raises NotFound (also while there is no image yet), Invalid.
        """
        raise NotImplementedError
