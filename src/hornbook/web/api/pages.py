"""Pages of a book: seen, read again, reviewed, corrected and put in order."""

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from hornbook.errors import NotFound
from hornbook.model.page import OcrStatus, Page, Reader, ReviewStatus
from hornbook.web.api.bodies import Bodies
from hornbook.web.api.common import BookId, Hornbook, Number, PageNum, Reply, Text, errors
from hornbook.web.api.models import Instant
from hornbook.web.api.uploads import RAW_BODY, bodies_of
from hornbook.web.auth import UserName
from hornbook.web.views import image_version, page_view, text_version

router = APIRouter(prefix="/admin/books/{book_id}/pages", tags=["Pages"])

FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"
LONGEST_TEXT = 200_000
"""Characters; a full page of small print has about six thousand."""

Version = Annotated[str | None, Query(description="Changes with the content, for caches.")]


class PageDetailReply(Reply):
    """One page with its text."""

    page_num: int
    status: ReviewStatus
    image_url: str | None = Field(description="null while no image has been made yet.")
    text_url: str | None
    ocr_text: str | None
    ocr_status: OcrStatus
    ocr_error: str | None
    ocr_error_type: str | None
    is_blank: bool
    confidence: float | None
    revision: int = Field(description="Of the text; 0 while there is none.")


class ReviewReply(Reply):
    """What was decided about a page."""

    page_num: int
    status: ReviewStatus


class RetryReply(Reply):
    """A page on its way to be read again."""

    page_num: int
    ocr_status: OcrStatus
    ocr_text: str | None = None


class RetryPagesReply(Reply):
    """The job that reads pages again, and which."""

    job_id: str
    pages: list[int]


class ApprovedReply(Reply):
    """The pages that were approved just now."""

    approved: list[int]


class AttemptReply(Reply):
    """One attempt of a job at a page."""

    attempt: int
    job_id: str | None
    job_type: str
    started_at: Instant
    ended_at: Instant
    outcome: str
    error: str | None
    error_class: str | None
    engine: str | None


class AttemptListReply(Reply):
    """Every attempt at a page, oldest first."""

    page_num: int
    attempts: list[AttemptReply]


READER = "Who reads: the model that is chosen, or this machine; without one, as it is set up."


class RetryPagesRequest(BaseModel):
    """Which pages to read again; all that are owed when left out."""

    pages: list[Number] | None = Field(default=None, examples=[[23, 46]])
    reader: Reader | None = Field(default=None, description=READER)


class RetryPageRequest(BaseModel):
    """Who is to read the page again."""

    reader: Reader | None = Field(default=None, description=READER)


class ApproveRequest(BaseModel):
    """Which pages to approve: all that are ready when nothing is said."""

    pages: list[Number] | None = Field(default=None, examples=[[1, 2, 3]])
    min_confidence: Annotated[float, Field(ge=0, le=100)] | None = None


class TextRequest(BaseModel):
    """A human's text in place of a revision."""

    text: Annotated[Text, Field(max_length=LONGEST_TEXT)]
    revision: Number = Field(description="The revision that was looked at.", examples=[1])


class RotateRequest(BaseModel):
    """How far to turn a page."""

    degrees: Number = Field(description="Clockwise, a multiple of 90.", examples=[90])


class MoveRequest(BaseModel):
    """Where a page goes."""

    to: Number = Field(description="Its new place in the book.", examples=[3])


@router.post("/approve", summary="Approve all ready pages", responses=errors(404))
def approve_pages(
    book_id: BookId,
    hornbook: Hornbook,
    user: UserName,
    request: Annotated[ApproveRequest | None, Body()] = None,
) -> ApprovedReply:
    """Approve every page that was read and not yet looked at, of those asked for."""
    wanted = request or ApproveRequest()
    approved = hornbook.reviews.approve_ready(
        book_id, user, pages=wanted.pages, min_confidence=wanted.min_confidence
    )
    return ApprovedReply(approved=approved)


@router.post("/retry-ocr", summary="Resume reading", responses=errors(404, 409))
def retry_pages(
    book_id: BookId,
    hornbook: Hornbook,
    request: Annotated[RetryPagesRequest | None, Body()] = None,
) -> RetryPagesReply:
    """Read the pages again, or all that are owed: those that failed and those never read."""
    wanted = request or RetryPagesRequest()
    job, pages = hornbook.reading.retry(book_id, wanted.pages, wanted.reader)
    return RetryPagesReply(job_id=job.id, pages=pages)


@router.get("/{page_num}", summary="Look at a page", responses=errors(404))
def get_page(book_id: BookId, page_num: PageNum, hornbook: Hornbook) -> PageDetailReply:
    """Give the page with its text, also while it waits to be read."""
    page = hornbook.reviews.page(book_id, page_num)
    text = hornbook.reviews.text(book_id, page_num)
    return _detail(page, text.text if text else None)


@router.delete("/{page_num}", status_code=204, summary="Delete a page", responses=errors(404, 409))
def delete_page(book_id: BookId, page_num: PageNum, hornbook: Hornbook) -> None:
    """Remove the page; later pages move up."""
    hornbook.reviews.delete(book_id, page_num)


@router.put("/{page_num}/approve", summary="Approve a page", responses=errors(404, 409))
def approve_page(
    book_id: BookId, page_num: PageNum, hornbook: Hornbook, user: UserName
) -> ReviewReply:
    """Approve the page's text; again changes nothing."""
    return _review(hornbook.reviews.approve(book_id, page_num, user))


@router.put("/{page_num}/reject", summary="Skip a page", responses=errors(404, 409))
def reject_page(
    book_id: BookId, page_num: PageNum, hornbook: Hornbook, user: UserName
) -> ReviewReply:
    """Leave the page out: it is neither read nor used; again changes nothing."""
    return _review(hornbook.reviews.reject(book_id, page_num, user))


@router.delete("/{page_num}/review", summary="Take a decision back", responses=errors(404))
def unreview_page(
    book_id: BookId, page_num: PageNum, hornbook: Hornbook, user: UserName
) -> ReviewReply:
    """Undo an approval or a rejection."""
    return _review(hornbook.reviews.unreview(book_id, page_num, user))


@router.post("/{page_num}/retry-ocr", summary="Read a page again", responses=errors(404, 409))
def retry_page(
    book_id: BookId,
    page_num: PageNum,
    hornbook: Hornbook,
    request: Annotated[RetryPageRequest | None, Body()] = None,
) -> RetryReply:
    """Put the page back to pending; the book's OCR job takes it."""
    wanted = request or RetryPageRequest()
    page = hornbook.reading.retry_page(book_id, page_num, wanted.reader)
    return RetryReply(page_num=page.page_num, ocr_status=page.ocr_status)


@router.put("/{page_num}/text", summary="Correct a page's text", responses=errors(404, 409))
def correct_page(
    book_id: BookId, page_num: PageNum, request: TextRequest, hornbook: Hornbook, user: UserName
) -> PageDetailReply:
    """Keep a human's text; 409 when somebody changed it since that revision."""
    text = hornbook.reviews.correct(book_id, page_num, request.text, request.revision, user)
    return _detail(hornbook.reviews.page(book_id, page_num), text.text)


@router.post("/{page_num}/rotate", summary="Turn a page", responses=errors(400, 404, 409))
def rotate_page(
    book_id: BookId, page_num: PageNum, request: RotateRequest, hornbook: Hornbook
) -> PageDetailReply:
    """Turn the page clockwise and have it read again."""
    return _detail(hornbook.reviews.rotate(book_id, page_num, request.degrees), None)


@router.post("/{page_num}/move", summary="Move a page", responses=errors(400, 404, 409))
def move_page(
    book_id: BookId, page_num: PageNum, request: MoveRequest, hornbook: Hornbook, user: UserName
) -> ReviewReply:
    """Give the page another place; the pages between make room."""
    return _review(hornbook.reviews.move(book_id, page_num, request.to, user).page)


@router.put(
    "/{page_num}/image",
    summary="Replace a page's image",
    responses=errors(400, 404, 408, 409, 413),
    openapi_extra=RAW_BODY,
)
async def replace_image(
    book_id: BookId,
    page_num: PageNum,
    request: Request,
    hornbook: Hornbook,
    name: Annotated[Text, Query(description="The file's name.", max_length=1000)] = "replacement",
) -> PageDetailReply:
    """Take another file for the page and have it read anew."""
    bodies: Bodies = bodies_of(request)
    async with bodies.whole(request, bodies.largest) as body:
        page = await run_in_threadpool(hornbook.reviews.replace, book_id, page_num, name, body)
    return _detail(page, None)


@router.get(
    "/{page_num}/image",
    summary="See a page's image",
    responses=errors(404) | {200: {"content": {"image/png": {}, "image/webp": {}}}, 304: {}},
    response_class=Response,
)
def get_image(
    book_id: BookId,
    page_num: PageNum,
    request: Request,
    hornbook: Hornbook,
    v: Version = None,
    size: Literal["full", "screen", "thumbnail"] = "full",
) -> Response:
    """Give the image that we made from the upload, never the upload itself."""
    page = hornbook.reviews.page(book_id, page_num)
    etag = _etag(f"{page.id} {image_version(page)} {size}")
    is_named = v == image_version(page)
    if request.headers.get("if-none-match") == etag:
        return Response(None, 304, _cache_headers(etag, is_named=is_named))
    body, media_type, _key = hornbook.images.get(book_id, page_num, size)
    return Response(body, 200, _cache_headers(etag, is_named=is_named), media_type)


@router.get(
    "/{page_num}/text",
    summary="See a page's text",
    responses=errors(404) | {200: {"content": {"text/plain": {}}}},
    response_class=Response,
)
def get_text(book_id: BookId, page_num: PageNum, hornbook: Hornbook, v: Version = None) -> Response:
    """Give the text as it is now."""
    page = hornbook.reviews.page(book_id, page_num)
    text = hornbook.reviews.text(book_id, page_num)
    if text is None:
        raise NotFound(f"Page {page_num} has no text yet.")
    headers = _cache_headers(_etag(f"{page.id} {text.revision}"), is_named=v == text_version(page))
    return Response(text.text, 200, headers, "text/plain; charset=utf-8")


@router.get("/{page_num}/attempts", summary="See all attempts at a page", responses=errors(404))
def list_attempts(book_id: BookId, page_num: PageNum, hornbook: Hornbook) -> AttemptListReply:
    """List what was tried with the page by any job, oldest first."""
    found = hornbook.reviews.attempts(book_id, page_num)
    attempts = [AttemptReply.model_validate(attempt) for attempt in found]
    return AttemptListReply(page_num=page_num, attempts=attempts)


def _etag(identity: str) -> str:
    return f'"{hashlib.sha256(identity.encode()).hexdigest()[:24]}"'


def _cache_headers(etag: str, *, is_named: bool) -> dict[str, str]:
    """Let a browser keep only what its address names: a page number alone goes to other pages."""
    return {"ETag": etag, "Cache-Control": FOR_EVER if is_named else ASK_AGAIN}


def _review(page: Page) -> ReviewReply:
    return ReviewReply(page_num=page.page_num, status=page.review)


def _detail(page: Page, text: str | None) -> PageDetailReply:
    view = page_view(page)
    return PageDetailReply(
        page_num=page.page_num,
        status=page.review,
        image_url=view.image_url,
        text_url=view.text_url,
        ocr_text=text,
        ocr_status=page.ocr_status,
        ocr_error=page.ocr_error,
        ocr_error_type=page.ocr_error_type,
        is_blank=page.is_blank,
        confidence=page.confidence,
        revision=page.text_revision,
    )
