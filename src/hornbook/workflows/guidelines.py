"""A book's guidelines: read, edited by hand, chosen between, rejected, traced to their pages."""

from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.contents import PageAssignment, PageResult, Source, TopicEntry
from hornbook.model.guideline import Subtopic


class Guidelines:
    """What a book's guidelines say and where it comes from."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def subtopics(self, book_id: str) -> list[Subtopic]:
        """Every subtopic in page order; raises NotFound."""
        raise NotImplementedError

    def subtopic(self, book_id: str, topic_key: str, subtopic_key: str) -> Subtopic:
        """One subtopic; raises NotFound."""
        raise NotImplementedError

    def candidate(self, book_id: str, topic_key: str, subtopic_key: str) -> str | None:
        """What the last run would say in place of a human's text, if that differs."""
        raise NotImplementedError

    def processed_pages(self, book_id: str) -> list[int]:
        """The pages that were read, used or found without teaching content; raises NotFound."""
        raise NotImplementedError

    def topics(self, book_id: str) -> list[TopicEntry]:
        """The index: topics and their subtopics in page order; raises NotFound."""
        raise NotImplementedError

    def page_assignments(self, book_id: str) -> list[PageAssignment]:
        """Which subtopic each used page belongs to, in page order; raises NotFound."""
        raise NotImplementedError

    def page_results(self, book_id: str) -> list[PageResult]:
        """What came of every page of the book, in page order; raises NotFound."""
        raise NotImplementedError

    def sources(self, book_id: str, topic_key: str, subtopic_key: str) -> list[Source]:
        """The statements of a guideline in its order, each with page, words and boxes."""
        raise NotImplementedError

    def edit(
        self,
        book_id: str,
        topic_key: str,
        subtopic_key: str,
        text: str,
        version: int | None = None,
        *,
        by: str,
    ) -> Subtopic:
        """Replace the text by a human's; lines left alone keep their sources.

        Raises NotFound, StaleRevision when `version` is not the present one, JobAlreadyActive.
        """
        raise NotImplementedError

    def choose(
        self, book_id: str, topic_key: str, subtopic_key: str, *, take_candidate: bool, by: str
    ) -> Subtopic:
        """Take the candidate, or keep the human's text; raises NotFound, Conflict, JobAlreadyActive."""
        raise NotImplementedError

    def reject(self, book_id: str) -> None:
        """Delete everything generated, published rows too; raises NotFound, JobAlreadyActive."""
        raise NotImplementedError
