"""Refine & Consolidate: started, and what it changed taken back or made again."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel

from hornbook.web.api.common import BookId, Hornbook, Reply, errors
from hornbook.web.api.models import Instant

router = APIRouter(prefix="/admin/books/{book_id}/finalize", tags=["Guidelines"])


class FinalizeRequest(BaseModel):
    """Whether to publish when done."""

    auto_sync_to_db: bool = False


class FinalizeReply(Reply):
    """The job that refines and consolidates."""

    job_id: str
    status: Literal["started"]
    message: str


class DecisionReply(Reply):
    """One rename or merge of Refine & Consolidate."""

    id: str
    kind: str
    before: str
    after: str
    reason: str
    is_undone: bool
    created_at: Instant


class DecisionListReply(Reply):
    """Every rename and merge, in the order they were taken."""

    decisions: list[DecisionReply]


class ChangedReply(Reply):
    """How many changes were taken back or made again."""

    changed: int


@router.post("", summary="Refine & consolidate", responses=errors(400, 404, 409))
def finalize_guidelines(
    book_id: BookId,
    hornbook: Hornbook,
    request: Annotated[FinalizeRequest | None, Body()] = None,
) -> FinalizeReply:
    """Open the job that refines names and merges duplicates; after a failure it goes on."""
    wanted = request or FinalizeRequest()
    job = hornbook.finalize.start(book_id, auto_sync=wanted.auto_sync_to_db)
    message = f"Refining and consolidating {job.total_items} subtopics."
    return FinalizeReply(job_id=job.id, status="started", message=message)


@router.get("/decisions", summary="List renames and merges", responses=errors(404))
def list_decisions(book_id: BookId, hornbook: Hornbook) -> DecisionListReply:
    """List what Refine & Consolidate changed, in its order."""
    found = hornbook.finalize.decisions(book_id)
    return DecisionListReply(decisions=[DecisionReply.model_validate(each) for each in found])


@router.post(
    "/decisions/{decision_id}/undo",
    summary="Undo a rename or merge",
    responses=errors(404, 409),
)
def undo_decision(book_id: BookId, decision_id: str, hornbook: Hornbook) -> DecisionReply:
    """Take one decision back, for good: no later run takes it again."""
    return DecisionReply.model_validate(hornbook.finalize.undo(book_id, decision_id))


@router.post(
    "/decisions/{decision_id}/redo",
    summary="Redo a rename or merge",
    responses=errors(404, 409),
)
def redo_decision(book_id: BookId, decision_id: str, hornbook: Hornbook) -> DecisionReply:
    """Apply a decision again that was taken back."""
    return DecisionReply.model_validate(hornbook.finalize.redo(book_id, decision_id))


@router.post("/undo", summary="Undo every rename and merge", responses=errors(404, 409))
def undo_every_decision(book_id: BookId, hornbook: Hornbook) -> ChangedReply:
    """Take every decision back; no later run takes them again."""
    return ChangedReply(changed=hornbook.finalize.undo_all(book_id))


@router.post("/redo", summary="Redo every rename and merge", responses=errors(404, 409))
def redo_every_decision(book_id: BookId, hornbook: Hornbook) -> ChangedReply:
    """Apply every decision again that was taken back."""
    return ChangedReply(changed=hornbook.finalize.redo_all(book_id))
