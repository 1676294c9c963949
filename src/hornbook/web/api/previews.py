"""What would change and what did: previews of runs and publishes, versions, exports."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hornbook.errors import NotFound
from hornbook.model.forecast import Touch, TouchedSubtopic
from hornbook.model.guideline import EditAct
from hornbook.model.published import PublishedChange
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
from hornbook.web.api.models import GuidelineReply, Instant, guideline_reply
from hornbook.web.auth import UserName
from hornbook.web.language import noted
from hornbook.workflows.export import Form

router = APIRouter(prefix="/admin/books/{book_id}", tags=["Guidelines"])
published = APIRouter(prefix="/admin/guidelines", tags=["Review"])

MOST_ROWS = 1_000
MEDIA_TYPES = {
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Form.MD: "text/markdown; charset=utf-8",
    Form.CSV: "text/csv; charset=utf-8",
    Form.JSON: "application/json",
}
FORM_NAMES = {
    Form.DOCX: noted("Word"),
    Form.MD: noted("Markdown"),
    Form.CSV: noted("CSV"),
    Form.JSON: noted("JSON"),
}
"""What a human calls each form, the one most want first."""
FILE: dict[int | str, dict[str, object]] = {
    200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()}}
}


class VersionReply(Reply):
    """One text of a guideline, and how it came to stand there."""

    number: int
    text: str
    before: str | None
    act: EditAct | None = Field(description="Null when no human wrote it.")
    by: str | None
    at: Instant | None
    is_present: bool


class VersionListReply(Reply):
    """Every version since a human first changed the text, newest first."""

    versions: list[VersionReply]


class RestoreRequest(BaseModel):
    """Which version to put back."""

    number: Number
    version: Number | None = Field(default=None, description="The version that was looked at.")


class TouchReply(Reply):
    """Why a run would touch a subtopic, and the pages it is about."""

    why: Touch
    pages: list[int]


class TouchedReply(Reply):
    """A subtopic that a run would touch."""

    topic_key: str
    topic_title: str
    subtopic_key: str
    subtopic_title: str
    is_new: bool
    is_edited: bool
    is_left_empty: bool
    reasons: list[TouchReply]


class ForecastReply(Reply):
    """What a run would do."""

    touched: list[TouchedReply]
    untouched_count: int
    pages_to_read: list[int]
    pages_reused: int


class ChangeReply(Reply):
    """One published guideline that a sync would make, change or remove."""

    topic_key: str
    subtopic_key: str
    title: str
    was_approved: bool


class SyncPreviewReply(Reply):
    """What a sync would do now."""

    new: list[ChangeReply]
    changed: list[ChangeReply]
    gone: list[ChangeReply]
    unchanged_count: int
    withheld_count: int


class VerdictsRequest(BaseModel):
    """What a human decided about several rows."""

    guideline_ids: Annotated[list[Text], Field(max_length=MOST_ROWS)]
    approved: bool


class VerdictsReply(Reply):
    """The rows for which that was news."""

    changed: list[str]


@router.get(
    "/guidelines/{topic_key}/{subtopic_key}/history",
    summary="List the versions of a guideline",
    responses=errors(404),
)
def list_versions(
    book_id: BookId, topic_key: TopicKey, subtopic_key: SubtopicKey, hornbook: Hornbook
) -> VersionListReply:
    """Give every text that a human replaced or wrote, the present one first."""
    found = hornbook.guidelines.history(book_id, topic_key, subtopic_key)
    return VersionListReply(versions=[VersionReply.model_validate(each) for each in found])


@router.post(
    "/guidelines/{topic_key}/{subtopic_key}/restore",
    summary="Put a version of a guideline back",
    responses=errors(404, 409),
)
def restore_version(
    book_id: BookId,
    topic_key: TopicKey,
    subtopic_key: SubtopicKey,
    request: RestoreRequest,
    hornbook: Hornbook,
    user: UserName,
) -> GuidelineReply:
    """Make an older text the present one again, as a new version."""
    restored = hornbook.guidelines.restore(
        book_id, topic_key, subtopic_key, request.number, request.version, by=user
    )
    return guideline_reply(restored)


@router.get("/forecast", summary="Preview a run", responses=errors(400, 404))
def preview_run(
    book_id: BookId,
    hornbook: Hornbook,
    *,
    resume: Annotated[bool, Query(description="Only what the last run left owed.")] = False,
) -> ForecastReply:
    """Tell which subtopics generating again would touch, and why; asks no model."""
    forecasts = hornbook.forecasts
    found = forecasts.of_resume(book_id) if resume else forecasts.of_restart(book_id)
    if found is None:
        raise NotFound("There was no run to go on with.")
    return ForecastReply(
        touched=[_touched(one) for one in found.touched],
        untouched_count=found.untouched_count,
        pages_to_read=list(found.pages_to_read),
        pages_reused=found.pages_reused,
    )


@router.get(
    "/export",
    summary="Export the guidelines",
    responses=errors(404) | FILE,
    response_class=Response,
)
def export_guidelines(
    book_id: BookId,
    hornbook: Hornbook,
    form: Annotated[Form, Query(description="What the file is written in.")] = Form.MD,
) -> Response:
    """Give all guidelines as one file, in page order."""
    return guidelines_file(book_id, form, hornbook.exports.written(book_id, form))


def guidelines_file(book_id: str, form: Form, written: bytes) -> Response:
    """Send an export as a file of its own."""
    return Response(
        written,
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{book_id}.{form}"'},
    )


@published.get("/books/{book_id}/sync-preview", summary="Preview a publish", responses=errors(404))
def preview_sync(book_id: BookId, hornbook: Hornbook) -> SyncPreviewReply:
    """Tell what `sync-to-database` would make, change and remove now."""
    found = hornbook.publish.changes(book_id)
    return SyncPreviewReply(
        new=[_changed(one) for one in found.new],
        changed=[_changed(one) for one in found.changed],
        gone=[_changed(one) for one in found.gone],
        unchanged_count=found.unchanged_count,
        withheld_count=len(found.withheld),
    )


@published.post("/review/verdicts", summary="Judge several guidelines", responses=errors())
def judge_several(
    request: Annotated[VerdictsRequest, Body()], hornbook: Hornbook, user: UserName
) -> VerdictsReply:
    """Approve several published rows, or send them back to review; unknown ones are left out."""
    changed = hornbook.publish.approve_rows(
        request.guideline_ids, approved=request.approved, by=user
    )
    return VerdictsReply(changed=changed)


def _touched(one: TouchedSubtopic) -> TouchedReply:
    return TouchedReply(
        topic_key=one.topic_key,
        topic_title=one.topic_title,
        subtopic_key=one.key,
        subtopic_title=one.title,
        is_new=one.is_new,
        is_edited=one.is_edited,
        is_left_empty=one.is_left_empty,
        reasons=[TouchReply(why=why, pages=list(pages)) for why, pages in one.reasons],
    )


def _changed(one: PublishedChange) -> ChangeReply:
    return ChangeReply.model_validate(one)
