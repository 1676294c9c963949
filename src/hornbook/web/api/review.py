"""Published guidelines: what a tutor reads, and whether a human approved it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from hornbook.model.guideline import PublishedReview
from hornbook.model.published import PublishedFilter, PublishedGuideline
from hornbook.web.api.common import (
    BookId,
    GuidelineId,
    Hornbook,
    Reply,
    Wanted,
    WantedGrade,
    errors,
)
from hornbook.web.api.models import Instant
from hornbook.web.auth import UserName

router = APIRouter(prefix="/admin/guidelines", tags=["Published guidelines"])

WantedReview = Annotated[
    PublishedReview | None, Query(description="Only those in this state; all when left out.")
]


class PublishedReply(Reply):
    """A published guideline as its review lists it."""

    id: str
    country: str
    board: str
    grade: int
    subject: str
    topic: str
    subtopic: str
    guideline: str
    review_status: PublishedReview
    updated_at: Instant


class CountsReply(Reply):
    """How many rows there are, wait for a human, or are approved."""

    total: int
    pending: int
    approved: int


class FiltersReply(Reply):
    """The values there are to filter by."""

    countries: list[str]
    boards: list[str]
    grades: list[int]
    subjects: list[str]
    counts: CountsReply


class VerdictRequest(BaseModel):
    """What a human decided about a row."""

    approved: bool


class VerdictReply(Reply):
    """The row's new state."""

    id: str
    review_status: PublishedReview


class DeletedReply(Reply):
    """A row was taken out."""

    message: str
    id: str


@router.get("/review", summary="List published guidelines", responses=errors())
def list_published(
    hornbook: Hornbook,
    country: Wanted = None,
    board: Wanted = None,
    grade: WantedGrade = None,
    subject: Wanted = None,
    status: WantedReview = None,
) -> list[PublishedReply]:
    """List the published rows that match, in book and page order."""
    wanted = PublishedFilter(
        country=country, board=board, grade=grade, subject=subject, status=status
    )
    return _replies(hornbook.publish.rows(wanted))


@router.get("/review/filters", summary="List what to filter by", responses=errors())
def list_published_filters(hornbook: Hornbook) -> FiltersReply:
    """Give every country, board, grade and subject of the published rows, and their counts."""
    found = hornbook.publish.row_filters()
    return FiltersReply(
        countries=list(found.countries),
        boards=list(found.boards),
        grades=list(found.grades),
        subjects=list(found.subjects),
        counts=CountsReply(total=found.total, pending=found.pending, approved=found.approved),
    )


@router.get(
    "/books/{book_id}/review", summary="List a book's published guidelines", responses=errors(404)
)
def list_published_of_book(
    book_id: BookId, hornbook: Hornbook, status: WantedReview = None
) -> list[PublishedReply]:
    """List the book's published rows in page order."""
    return _replies(hornbook.publish.rows(PublishedFilter(book_id=book_id, status=status)))


@router.post(
    "/{guideline_id}/approve", summary="Approve a published guideline", responses=errors(404)
)
def approve_published(
    guideline_id: GuidelineId, request: VerdictRequest, hornbook: Hornbook, user: UserName
) -> VerdictReply:
    """Record a human's verdict; it may be taken back with `approved: false`."""
    row = hornbook.publish.approve_row(guideline_id, approved=request.approved, by=user)
    return VerdictReply(id=row.id, review_status=row.review_status)


@router.delete("/{guideline_id}", summary="Delete a published guideline", responses=errors(404))
def delete_published(guideline_id: GuidelineId, hornbook: Hornbook) -> DeletedReply:
    """Take the row out; later syncs leave it out too."""
    hornbook.publish.delete_row(guideline_id)
    return DeletedReply(message="The guideline was deleted.", id=guideline_id)


def _replies(rows: list[PublishedGuideline]) -> list[PublishedReply]:
    return [PublishedReply.model_validate(row) for row in rows]
