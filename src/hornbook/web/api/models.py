"""The shapes of replies that more than one resource gives."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema

from hornbook.library import shapes
from hornbook.model.guideline import Subtopic, SubtopicStatus
from hornbook.model.job import JobStatus, JobType, OnError
from hornbook.model.page import OcrStatus, Page, ReviewStatus
from hornbook.web.api.common import Reply

Instant = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""Written as in the bucket."""


class PageReply(Reply):
    """A page as `metadata.json` lists it."""

    page_num: int = Field(examples=[46])
    raw_image_s3_key: str | None
    image_s3_key: str | None
    text_s3_key: str | None
    status: ReviewStatus
    approved_at: Instant | None
    ocr_status: OcrStatus
    ocr_error: str | None
    uploaded_at: Instant
    is_blank: bool
    file_name: str


class TokensReply(Reply):
    """What calls of a model came to; answers that were kept from before cost nothing."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float = Field(description="US dollars, as far as prices are known.")
    unpriced: int = Field(description="Calls whose price is unknown.")


class JobReply(Reply):
    """A job: the columns of `book_jobs`, and what it is doing just now."""

    job_id: str
    book_id: str
    job_type: JobType
    status: JobStatus
    total_items: int | None
    completed_items: int
    failed_items: int
    current_item: int | None
    last_completed_item: int | None
    progress_detail: str | None = Field(
        description="JSON: page_errors, page_results and stats.",
        examples=['{"page_errors": {}, "page_results": {}, "stats": {}}'],
    )
    heartbeat_at: Instant | None
    started_at: Instant
    completed_at: Instant | None
    error_message: str | None = Field(
        description="Set if and only if the job failed; starts with its cause.",
        examples=["Rate limit: the provider asks for a pause."],
    )
    rev: int
    note: str | None
    waits_until: Instant | None
    on_error: OnError
    tokens: TokensReply


class GuidelineReply(Reply):
    """A subtopic's guideline, as its file has it, and its state."""

    topic_key: str = Field(examples=["fractions"])
    topic_title: str
    subtopic_key: str = Field(examples=["adding-like-fractions"])
    subtopic_title: str
    subtopic_summary: str
    source_page_start: int | None
    source_page_end: int | None
    source_pages: list[int]
    guidelines: str
    version: int
    created_at: Instant
    updated_at: Instant
    status: SubtopicStatus
    is_edited: bool
    has_candidate: bool
    shortfall: str | None = Field(
        description="Why a model gave no summary, if it gave none; one was made without it."
    )


def page_reply(page: Page) -> PageReply:
    """Show a page in a book's list."""
    return PageReply.model_validate(shapes.page(page))


def guideline_reply(subtopic: Subtopic) -> GuidelineReply:
    """Show a subtopic's guideline."""
    ours: dict[str, Any] = {
        "status": subtopic.status,
        "is_edited": subtopic.is_edited,
        "has_candidate": subtopic.has_candidate,
        "shortfall": subtopic.shortfall,
    }
    return GuidelineReply.model_validate(shapes.subtopic(subtopic) | ours)
