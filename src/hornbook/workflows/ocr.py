"""Raw file → upright image → text: the job that reads pages, and reading them again."""

from collections.abc import Callable, Sequence

from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.job import Job
from hornbook.model.page import Page


class Reading:
    """Has pages read again: OCR's retry and resume."""

    def __init__(self, database: Database, clock: Clock, wake: Callable[[], None]) -> None:
        raise NotImplementedError

    def retry_page(self, book_id: str, page_num: int) -> Page:
        """Put the page back to pending, in the book's OCR job, opened or joined.

        Raises NotFound, Conflict (it is being read or skipped), JobAlreadyActive (another type).
        """
        raise NotImplementedError

    def retry(self, book_id: str, pages: Sequence[int] | None = None) -> tuple[Job, list[int]]:
        """Read these pages again, or all that are owed; raises as `retry_page`, and Conflict when
        nothing is owed."""
        raise NotImplementedError

    def wait(self, page_id: str, timeout: float) -> Page:
        """The page once it was read, or as it is when the time-out (seconds) is over."""
        raise NotImplementedError
