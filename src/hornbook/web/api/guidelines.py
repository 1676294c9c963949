"""Guidelines of a book: generated, refined, read, edited, approved, rejected and published."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, Field

from hornbook.model.finding import ItemKind
from hornbook.model.guideline import SubtopicStatus
from hornbook.model.job import OnError
from hornbook.model.published import BookApproval
from hornbook.web.api.common import (
    BookId,
    Hornbook,
    Number,
    Reply,
    SubtopicKey,
    Text,
    TopicKey,
    errors,
)
from hornbook.web.api.models import GuidelineReply, guideline_reply
from hornbook.web.auth import UserName

router = APIRouter(prefix="/admin/books/{book_id}", tags=["Guidelines"])
by_hand = APIRouter(prefix="/admin/guidelines/books/{book_id}", tags=["Guidelines"])

LONGEST_GUIDELINE = 500_000
LARGEST_COST = 1_000_000.0


class GenerateRequest(BaseModel):
    """Which pages to generate guidelines from, and how."""

    start_page: Number = 1
    end_page: Number | None = None
    auto_sync_to_db: bool = False
    resume: bool = Field(default=False, description="Do what the last job still owes.")
    on_error: OnError = OnError.STOP
    ask_again: bool = Field(default=False, description="Do not reuse answers already given.")
    max_cost: float | None = Field(
        default=None,
        gt=0,
        le=LARGEST_COST,
        description="US dollars after which the job stops, resumably; default HORNBOOK_MAX_COST.",
    )


class GenerateReply(Reply):
    """What Generate did: a job was opened, or there was nothing to do."""

    job_id: str | None
    status: Literal["started", "already_complete"]
    start_page: int
    end_page: int
    total_pages: int
    message: str


class EstimateReply(Reply):
    """What a model would be asked, and what that costs."""

    model: str
    """`offline`, or `provider:model`."""
    pages: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    """US dollars; null when the model's price is unknown."""


class GuidelineListReply(Reply):
    """All guidelines of a book, in page order."""

    book_id: str
    total_subtopics: int
    guidelines: list[GuidelineReply]
    processed_pages: list[int]


class ApproveAllReply(Reply):
    """What approving all guidelines did."""

    book_id: str
    status: Literal["approved"]
    approved_count: int
    synced_count: int
    message: str


class BoxReply(Reply):
    """A rectangle in pixels of the page image."""

    left: int
    top: int
    right: int
    bottom: int


class SourceReply(Reply):
    """One statement of a guideline, and the words of the page it came from."""

    item_id: str
    page_num: int
    kind: ItemKind
    text: str
    quote: str
    boxes: list[BoxReply]


class SourceListReply(Reply):
    """Where a guideline comes from, in its order."""

    sources: list[SourceReply]


class SubtopicEntryReply(Reply):
    """A subtopic in the index."""

    subtopic_key: str
    subtopic_title: str
    subtopic_summary: str
    status: SubtopicStatus
    page_range: str = Field(examples=["12-17"])


class TopicEntryReply(Reply):
    """A topic in the index."""

    topic_key: str
    topic_title: str
    topic_summary: str
    subtopics: list[SubtopicEntryReply]


class TopicListReply(Reply):
    """The topics of `index.json`."""

    book_id: str
    topics: list[TopicEntryReply]


class AssignmentReply(Reply):
    """Which subtopic a page is the source of."""

    topic_key: str
    subtopic_key: str
    confidence: float
    provisional: bool


class AssignmentListReply(Reply):
    """The pages of `page_index.json`."""

    book_id: str
    pages: dict[str, AssignmentReply]


class EditRequest(BaseModel):
    """A human's text in place of a guideline's."""

    guidelines: Annotated[Text, Field(max_length=LONGEST_GUIDELINE, pattern=r"\S")]
    version: Number | None = Field(default=None, description="The version that was looked at.")


class ChooseRequest(BaseModel):
    """Whether the text of the last run replaces a human's."""

    take_candidate: bool


class SyncStatsReply(Reply):
    """What a sync did."""

    synced_count: int
    created_count: int
    updated_count: int
    removed_count: int


class SyncReply(Reply):
    """The published rows are up to date."""

    message: str
    book_id: str
    stats: SyncStatsReply


@router.post("/generate-guidelines", summary="Generate guidelines", responses=errors(400, 404, 409))
def generate_guidelines(
    book_id: BookId,
    hornbook: Hornbook,
    request: Annotated[GenerateRequest | None, Body()] = None,
) -> GenerateReply:
    """Open the job that reads the pages and places what they teach."""
    wanted = request or GenerateRequest()
    started = hornbook.generate.start(
        book_id,
        start_page=wanted.start_page,
        end_page=wanted.end_page,
        auto_sync=wanted.auto_sync_to_db,
        resume=wanted.resume,
        on_error=wanted.on_error,
        ask_again=wanted.ask_again,
        max_cost=wanted.max_cost,
    )
    return GenerateReply.model_validate(started)


@router.get(
    "/generate-guidelines/estimate", summary="Estimate what generating costs", responses=errors(404)
)
def estimate_generation(book_id: BookId, hornbook: Hornbook) -> EstimateReply:
    """Tell roughly what a model would be asked, and what that costs; asks nobody."""
    estimate = hornbook.estimates.of_generation(book_id)
    spent = estimate.spent
    return EstimateReply(
        model=estimate.model,
        pages=estimate.pages,
        calls=spent.calls,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost=None if spent.unpriced else spent.cost,
    )


@router.get("/guidelines", summary="Read all guidelines", responses=errors(404))
def list_guidelines(book_id: BookId, hornbook: Hornbook) -> GuidelineListReply:
    """Give all guidelines in page order, and the pages that were read for them."""
    found = [guideline_reply(subtopic) for subtopic in hornbook.guidelines.subtopics(book_id)]
    return GuidelineListReply(
        book_id=book_id,
        total_subtopics=len(found),
        guidelines=found,
        processed_pages=hornbook.guidelines.processed_pages(book_id),
    )


@router.put("/guidelines/approve", summary="Approve all guidelines", responses=errors(404, 409))
def approve_guidelines(book_id: BookId, hornbook: Hornbook, user: UserName) -> ApproveAllReply:
    """Make all guidelines final, publish and approve them."""
    done = hornbook.publish.approve_all(book_id, user)
    return ApproveAllReply(
        book_id=book_id,
        status="approved",
        approved_count=done.approved_count,
        synced_count=done.synced_count,
        message=_approved(done),
    )


def _approved(done: BookApproval) -> str:
    said = f"{done.approved_count} guidelines approved and published."
    waits = "1 waits" if done.left_count == 1 else f"{done.left_count} wait"
    return f"{said} {waits} for a choice between two texts." if done.left_count else said


@router.delete(
    "/guidelines", status_code=204, summary="Reject all guidelines", responses=errors(404, 409)
)
def reject_guidelines(book_id: BookId, hornbook: Hornbook) -> None:
    """Delete everything that was generated, published rows too."""
    hornbook.guidelines.reject(book_id)


@router.get(
    "/guidelines/{topic_key}/{subtopic_key}", summary="Read a guideline", responses=errors(404)
)
def get_guideline(
    book_id: BookId, topic_key: TopicKey, subtopic_key: SubtopicKey, hornbook: Hornbook
) -> GuidelineReply:
    """Give one subtopic's guideline."""
    return guideline_reply(hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key))


@router.get(
    "/guidelines/{topic_key}/{subtopic_key}/sources",
    summary="Trace a guideline to its pages",
    responses=errors(404),
)
def list_sources(
    book_id: BookId, topic_key: TopicKey, subtopic_key: SubtopicKey, hornbook: Hornbook
) -> SourceListReply:
    """List the statements of a guideline, each with its page, its words and their boxes."""
    found = hornbook.guidelines.sources(book_id, topic_key, subtopic_key)
    return SourceListReply(sources=[SourceReply.model_validate(source) for source in found])


@router.post(
    "/guidelines/{topic_key}/{subtopic_key}/choose",
    summary="Choose between two texts",
    responses=errors(404, 409),
)
def choose_guideline(
    book_id: BookId,
    topic_key: TopicKey,
    subtopic_key: SubtopicKey,
    request: ChooseRequest,
    hornbook: Hornbook,
    user: UserName,
) -> GuidelineReply:
    """Take what the last run wrote, or keep the human's text."""
    chosen = hornbook.guidelines.choose(
        book_id, topic_key, subtopic_key, take_candidate=request.take_candidate, by=user
    )
    return guideline_reply(chosen)


@by_hand.get("/topics", summary="List topics and subtopics", responses=errors(404))
def list_topics(book_id: BookId, hornbook: Hornbook) -> TopicListReply:
    """Give the topics of `index.json`."""
    found = hornbook.guidelines.topics(book_id)
    topics = [TopicEntryReply.model_validate(topic) for topic in found]
    return TopicListReply(book_id=book_id, topics=topics)


@by_hand.get("/page-assignments", summary="List which page went where", responses=errors(404))
def list_page_assignments(book_id: BookId, hornbook: Hornbook) -> AssignmentListReply:
    """Give the pages of `page_index.json`."""
    found = hornbook.guidelines.page_assignments(book_id)
    pages: dict[str, Any] = {str(each.page_num): asdict(each) for each in found}
    return AssignmentListReply(book_id=book_id, pages=pages)


@by_hand.put(
    "/subtopics/{subtopic_key}", summary="Edit a guideline by hand", responses=errors(404, 409)
)
def edit_guideline(
    book_id: BookId,
    subtopic_key: SubtopicKey,
    topic_key: Annotated[Text, Query(description="The topic's key.", examples=["fractions"])],
    request: EditRequest,
    hornbook: Hornbook,
    user: UserName,
) -> GuidelineReply:
    """Replace the text; no later run overwrites it."""
    edited = hornbook.guidelines.edit(
        book_id, topic_key, subtopic_key, request.guidelines, request.version, by=user
    )
    return guideline_reply(edited)


@by_hand.post(
    "/sync-to-database", summary="Publish the guidelines", responses=errors(400, 404, 409)
)
def sync_guidelines(book_id: BookId, hornbook: Hornbook) -> SyncReply:
    """Bring the published rows up to date; unchanged ones keep their review."""
    stats = hornbook.publish.sync(book_id)
    return SyncReply(
        message=f"{stats.synced_count} guidelines published.",
        book_id=book_id,
        stats=SyncStatsReply.model_validate(stats),
    )
