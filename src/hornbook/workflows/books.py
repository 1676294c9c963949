"""Books: create, look at, list, delete."""

from collections.abc import Iterable, Mapping, Sequence

from hornbook.jobs import ledger
from hornbook.library import books
from hornbook.library.database import Database
from hornbook.model.book import Book, BookFilter, BookSummary, NewBook
from hornbook.model.clock import Clock
from hornbook.model.language import Language


class Books:
    """What an admin does with books as a whole."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, new: NewBook, created_by: str) -> Book:
        """A new, empty book under an id that no other book has or had."""
        with self._database.begin() as session:
            book_id = books.add(session, new, created_by, self._clock())
            return books.get(session, book_id)

    def get(self, book_id: str) -> Book:
        """The book; raises NotFound."""
        with self._database.read() as session:
            return books.get(session, book_id)

    def revision(self, book_id: str) -> int:
        """What rises whenever anything about the book changes; raises NotFound."""
        with self._database.read() as session:
            return books.revision(session, book_id)

    def list(self, book_filter: BookFilter) -> tuple[list[Book], int]:
        """The books of the filter, newest first, and how many there are without its limit."""
        with self._database.read() as session:
            return books.find(session, book_filter)

    def summary(self) -> BookSummary:
        """All books at a glance."""
        with self._database.read() as session:
            return books.summary(session)

    def state(self) -> str:
        """What changes whenever anything about any book does."""
        with self._database.read() as session:
            return books.state(session)

    def titles(self, book_ids: Iterable[str]) -> Mapping[str, str]:
        """The titles of these books, by identity."""
        with self._database.read() as session:
            return books.titles(session, book_ids)

    def known_words(self) -> Mapping[str, Sequence[str]]:
        """The countries, boards and subjects of all books, to be offered for the next."""
        with self._database.read() as session:
            return books.known_words(session)

    def change_language(self, book_id: str, language: Language) -> Book:
        """Have pages that are read from now on be read in this language; texts stay as they are.

        Raises NotFound, JobAlreadyActive.
        """
        with self._database.begin() as session:
            books.set_language(session, book_id, language)
            ledger.require_idle(session, book_id)
            return books.get(session, book_id)

    def delete(self, book_id: str) -> None:
        """Remove the book with all that belongs to it; raises NotFound, JobAlreadyActive."""
        with self._database.begin() as session:
            books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            books.remove(session, book_id)
