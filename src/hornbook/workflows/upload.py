"""Files become pages: acknowledged when durable, visible in natural order, each exactly once."""

from collections.abc import Callable, Sequence

from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.model.clock import Clock
from hornbook.model.page import Page
from hornbook.model.upload import Batch, BatchFile, BulkReceipt
from hornbook.stages.upload import Limits


class Uploads:
    """The three ways in: a manifest with one PUT a file, a multipart request, a single page."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        clock: Clock,
        wake: Callable[[], None],
        limits: Limits,
    ) -> None:
        raise NotImplementedError

    def announce(self, book_id: str, files: Sequence[tuple[str, int]]) -> Batch:
        """Fix the order of the files (name, size); raises NotFound, RejectedUpload, TooLarge,
        JobAlreadyActive. Files of an open batch, announced again, give that batch."""
        raise NotImplementedError

    def receive(self, book_id: str, batch_id: str, position: int, body: bytes) -> BatchFile:
        """Keep a file's bytes. Raises NotFound, RejectedUpload, TooLarge, Conflict (other bytes
        than before, or dropped), JobAlreadyActive (a job of another type), StoreUnavailable."""
        raise NotImplementedError

    def drop_missing(self, book_id: str, batch_id: str) -> Batch:
        """Go on without the files that have not come; raises NotFound."""
        raise NotImplementedError

    def open_batches(self, book_id: str) -> list[Batch]:
        """Manifests with files missing, oldest first; raises NotFound."""
        raise NotImplementedError

    def open_request(self, book_id: str) -> str:
        """Begin a multipart request and return its batch; raises NotFound, JobAlreadyActive."""
        raise NotImplementedError

    def accept(self, book_id: str, batch_id: str, name: str, body: bytes) -> None:
        """Take one file of a request; a bad one is noted for the receipt. Raises NotFound,
        TooLarge (too many files), StoreUnavailable."""
        raise NotImplementedError

    def refuse(self, book_id: str, batch_id: str, name: str, size: int) -> None:
        """Note a file of a request that was not read to its end because it is too large."""
        raise NotImplementedError

    def complete_request(self, book_id: str, batch_id: str) -> BulkReceipt:
        """Make pages of all good files, in natural order, and open their OCR job at once.

        Raises NotFound, RejectedUpload (none given or none good), TooLarge (all too large),
        Conflict (all already there), JobAlreadyActive, StoreUnavailable; then no page is made.
        """
        raise NotImplementedError

    def abandon_request(self, book_id: str, batch_id: str) -> None:
        """Forget a request whose client went away; does nothing when it is complete or gone."""
        raise NotImplementedError

    def add_page(self, book_id: str, name: str, body: bytes) -> Page:
        """One more page at the end of the book (the first of a TIFF of several), being read.

        Raises as `open_request` and `complete_request`, but always adds a page.
        """
        raise NotImplementedError

    def sweep(self) -> None:
        """At start-up: forget requests that never completed, go on with interrupted batches."""
        raise NotImplementedError
