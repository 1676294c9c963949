"""Guidelines go out to the tutor, and come back to be reviewed when they change."""

from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.published import (
    BookApproval,
    PublishedFilter,
    PublishedFilters,
    PublishedGuideline,
    SyncPreview,
    SyncStats,
)


class Publish:
    """Syncs a book's guidelines with the published rows, and reviews those."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def sync(self, book_id: str) -> SyncStats:
        """Bring the published rows up to date; raises NotFound, JobAlreadyActive."""
        raise NotImplementedError

    def preview(self, book_id: str) -> SyncPreview:
        """What `sync` would do now; raises NotFound."""
        raise NotImplementedError

    def approve_all(self, book_id: str, by: str) -> BookApproval:
        """All guidelines final, published and approved; raises NotFound, Conflict."""
        raise NotImplementedError

    def rows(self, wanted: PublishedFilter) -> list[PublishedGuideline]:
        """The published rows, in book and page order; raises NotFound for an unknown book."""
        raise NotImplementedError

    def row_filters(self) -> PublishedFilters:
        """What the published rows can be filtered by, with counts."""
        raise NotImplementedError

    def row(self, guideline_id: str) -> PublishedGuideline:
        """One published row; raises NotFound."""
        raise NotImplementedError

    def approve_row(self, guideline_id: str, *, approved: bool, by: str) -> PublishedGuideline:
        """Record a human's verdict on a row; raises NotFound."""
        raise NotImplementedError

    def delete_row(self, guideline_id: str) -> None:
        """Take a row out; later syncs leave it out too. Raises NotFound."""
        raise NotImplementedError
