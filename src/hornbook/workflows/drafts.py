"""What a human types into a page's text is kept before they save it."""

from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library import drafts, pages, readings
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.page import Page
from hornbook.model.review import Draft, Typed


class Drafts:
    """Drafts by page and human; a page is named by its identity, because its place may change."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find(self, book_id: str, page_id: str, by: str) -> Draft | None:
        """Return what this human typed and has not saved, if anything; raises NotFound."""
        with self._database.read() as session:
            return drafts.find(session, _page(session, book_id, page_id), by)

    def keep(self, book_id: str, page_id: str, by: str, typed: Typed) -> Draft | None:
        """Keep what was typed; what equals the text it was typed over is no draft any more.

        A draft over an older revision is kept too: its writer is shown both texts. Raises NotFound,
        StaleRevision (another window of theirs has kept other words meanwhile).
        """
        with self._database.begin() as session:
            page = _page(session, book_id, page_id)
            drafts.require_latest(session, page, by, typed.stamp, typed.text)
            now = readings.text(session, page)
            is_current = typed.revision == page.text_revision
            if is_current and typed.text == (now.text if now else ""):
                drafts.discard(session, page, by)
                return None
            return drafts.keep(session, page, by, typed.text, typed.revision, self._clock())

    def discard(self, book_id: str, page_id: str, by: str, stamp: str) -> None:
        """Forget the draft `stamp`; raises NotFound, StaleRevision (there is a newer one)."""
        with self._database.begin() as session:
            page = _page(session, book_id, page_id)
            drafts.require_latest(session, page, by, stamp, "")
            drafts.discard(session, page, by)


def _page(session: Session, book_id: str, page_id: str) -> Page:
    page = pages.by_id(session, page_id)
    if page.book_id != book_id:
        raise NotFound(f"There is no page {page_id!r} in this book.")
    return page
