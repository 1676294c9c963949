"""Books."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from hornbook.model.book import Book, BookFilter, NewBook, Stage
from hornbook.model.language import Language
from hornbook.web.api.common import (
    LARGEST_NUMBER,
    BookId,
    Hornbook,
    Label,
    Reply,
    Wanted,
    WantedGrade,
    errors,
)
from hornbook.web.api.models import Instant, PageReply, page_reply
from hornbook.web.auth import UserName

router = APIRouter(prefix="/admin/books", tags=["Books"])


class BookRequest(BaseModel):
    """What the admin says about a new book."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Mathematics for Grade 4",
                    "author": "Anita Rao",
                    "edition": "2nd",
                    "edition_year": 2026,
                    "country": "India",
                    "board": "CBSE",
                    "grade": 4,
                    "subject": "Mathematics",
                }
            ]
        }
    )

    title: Label
    author: Label | None = None
    edition: Label | None = None
    edition_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    country: Label
    board: Label
    grade: Annotated[int, Field(ge=1, le=12)]
    subject: Label
    language: Language = Language.ENGLISH


class ChangeBookRequest(BaseModel):
    """What can be changed of a book."""

    language: Language = Field(description="In which its pages are read from now on.")


class BookReply(Reply):
    """A book: every column of `books`, and what is counted of it."""

    id: str
    title: str
    author: str | None
    edition: str | None
    edition_year: int | None
    country: str
    board: str
    grade: int
    subject: str
    language: Language
    cover_image_s3_key: str | None
    s3_prefix: str
    metadata_s3_key: str | None
    created_at: Instant
    updated_at: Instant
    created_by: str
    page_count: int
    guideline_count: int
    approved_guideline_count: int
    has_active_job: bool
    stage: Stage
    rev: int
    is_bucket_behind: bool


class PageLedgerReply(Reply):
    """What every page of the book ended as; the first six add up to `total`."""

    used: int
    no_content: int
    blank: int
    failed: int
    skipped: int
    open: int
    total: int


class BookDetailReply(BookReply):
    """A book with its pages."""

    pages: list[PageReply]
    page_ledger: PageLedgerReply


class BookListReply(Reply):
    """A stretch of the books that match, and how many match in all."""

    books: list[BookReply]
    total: int


@router.post("", status_code=201, summary="Add a book", responses=errors())
def create_book(request: BookRequest, hornbook: Hornbook, user: UserName) -> BookReply:
    """Add an empty book; its id is made from author, subject, grade and year."""
    return _reply(hornbook.books.create(NewBook(**request.model_dump()), user))


@router.get("", summary="List books", responses=errors())
def list_books(
    hornbook: Hornbook,
    country: Wanted = None,
    board: Wanted = None,
    grade: WantedGrade = None,
    subject: Wanted = None,
    status: Annotated[Stage | None, Query(description="Where the book stands.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
) -> BookListReply:
    """List the books that match, newest first."""
    wanted = BookFilter(country, board, grade, subject, status, limit, offset)
    found, total = hornbook.books.list(wanted)
    return BookListReply(books=[_reply(book) for book in found], total=total)


@router.get("/{book_id}", summary="Look at a book and its pages", responses=errors(404))
def get_book(book_id: BookId, hornbook: Hornbook) -> BookDetailReply:
    """Give the book with its pages in order."""
    book = _reply(hornbook.books.get(book_id))
    counts = asdict(hornbook.reviews.counts(book_id))
    return BookDetailReply(
        **book.model_dump(),
        pages=[page_reply(page) for page in hornbook.reviews.pages(book_id)],
        page_ledger=PageLedgerReply.model_validate(counts),
    )


@router.patch("/{book_id}", summary="Change a book's language", responses=errors(404, 409))
def change_book(book_id: BookId, request: ChangeBookRequest, hornbook: Hornbook) -> BookReply:
    """Correct the language; texts stay as they are until a page is read again."""
    return _reply(hornbook.books.change_language(book_id, request.language))


@router.delete("/{book_id}", status_code=204, summary="Delete a book", responses=errors(404, 409))
def delete_book(book_id: BookId, hornbook: Hornbook) -> None:
    """Remove the book with its pages, objects and jobs."""
    hornbook.books.delete(book_id)


def _reply(book: Book) -> BookReply:
    return BookReply.model_validate(book)
