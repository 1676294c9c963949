"""A book's guidelines leave as one document."""

from hornbook.library import books, guidelines
from hornbook.library.database import Database
from hornbook.stages.export import Document, Form, export_book
from hornbook.stages.merge import render

__all__ = ["Exports", "Form"]


class Exports:
    """Writes the guidelines of a book for other programs."""

    def __init__(self, database: Database, document: Document) -> None:
        self._database = database
        self._document = document

    def written(self, book_id: str, form: Form) -> bytes:
        """Every guideline as it stands, in page order; raises NotFound."""
        with self._database.read() as session:
            book = books.get(session, book_id)
            subtopics = guidelines.subtopics(session, book_id, render)
        return export_book(book, subtopics, form, self._document)
