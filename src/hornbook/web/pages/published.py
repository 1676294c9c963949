"""The review of published guidelines, across all books."""

from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.guideline import PublishedReview
from hornbook.model.published import PublishedFilter
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.pages.asking import Question, ask
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.rows import Chip
from hornbook.web.pages.screen import render
from hornbook.web.pages.telling import act

router = APIRouter(prefix="/review")

NAMES = ("country", "board", "grade", "subject", "status")


@router.get("")
def show(
    request: Request,
    hornbook: Hornbook,
    country: str = "",
    board: str = "",
    grade: str = "",
    subject: str = "",
    status: str = "",
) -> Response:
    """Show the published guidelines of a filter."""
    chosen = dict(zip(NAMES, (country, board, grade, subject, status), strict=True))
    filters = hornbook.publish.row_filters()
    numbers = {
        "": filters.total,
        PublishedReview.TO_BE_REVIEWED.value: filters.pending,
        PublishedReview.APPROVED.value: filters.approved,
    }
    return render(
        request,
        "published.html",
        section="Review",
        rows=hornbook.publish.rows(_filter(chosen)),
        filters=filters,
        chosen=chosen,
        query=_address(chosen),
        chips=[
            Chip(f"{words} {numbers[name]}", _address(chosen | {"status": name}), name == status)
            for words, name in zip(("All", "To review", "Approved"), numbers, strict=True)
        ],
        now=hornbook.clock(),
    )


@router.post("/{guideline_id}")
def decide(
    request: Request, guideline_id: str, fields: Fields, hornbook: Hornbook, user: UserName
) -> Response:
    """Approve a row, or send it back to review."""
    is_approved = fields.get("do") == "approve"
    return act(
        request,
        _back(fields),
        lambda: hornbook.publish.approve_row(guideline_id, approved=is_approved, by=user),
        lambda row: f"“{row.subtopic}” {'approved' if is_approved else 'goes back to review'}.",
    )


@router.get("/{guideline_id}/delete")
def ask_to_delete(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Ask before a row is taken out of what is published; raises NotFound."""
    row = hornbook.publish.row(guideline_id)
    question = Question(
        heading=f"Take out “{row.subtopic}”?",
        sentences=(
            "The tutor no longer sees it, and later syncs leave it out.",
            "The guideline stays with its book, where it can be offered again.",
        ),
        address=f"/review/{quote(guideline_id)}/delete",
        back="/review",
        trail=(("Review", "/review"),),
        button="Take out",
        look="danger",
    )
    return ask(request, question, "Review")


@router.post("/{guideline_id}/delete")
def delete(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Take a row out of what is published."""
    return act(
        request,
        "/review",
        lambda: hornbook.publish.delete_row(guideline_id),
        lambda _: "Taken out. Later syncs leave it out too.",
    )


def _filter(chosen: dict[str, str]) -> PublishedFilter:
    grade = chosen["grade"]
    is_status = chosen["status"] in set(PublishedReview)
    return PublishedFilter(
        country=chosen["country"] or None,
        board=chosen["board"] or None,
        grade=int(grade) if grade.isdecimal() and len(grade) < 4 else None,
        subject=chosen["subject"] or None,
        status=PublishedReview(chosen["status"]) if is_status else None,
    )


def _address(chosen: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/review?{query}" if query else "/review"


def _back(fields: dict[str, str]) -> str:
    """Go back to the screen the form stood on; any other address is not believed."""
    given = fields.get("back", "")
    return given if given.startswith("/review") and given.isprintable() else "/review"
