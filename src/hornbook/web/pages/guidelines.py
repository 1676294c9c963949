"""A book's guidelines: read, taken along as a file, approved, rejected."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.published import BookApproval
from hornbook.web.api.common import Hornbook
from hornbook.web.api.previews import FORM_NAMES, guidelines_file
from hornbook.web.auth import UserName
from hornbook.web.language import _, ngettext
from hornbook.web.pages.asking import Question, ask, trail_to
from hornbook.web.pages.book_screen import show_job, subline
from hornbook.web.pages.guideline_screen import Link, tabs, topics_of
from hornbook.web.pages.journey import stage_bar
from hornbook.web.pages.screen import book_path, counted, render
from hornbook.web.pages.telling import act
from hornbook.workflows.export import Form

router = APIRouter(prefix="/books/{book_id}")

T = TypeVar("T")


@router.get("/guidelines")
def show(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Show every topic with its subtopics, each statement with its page; raises NotFound."""
    book = hornbook.books.get(book_id)
    subtopics = hornbook.guidelines.subtopics(book_id)
    path, topics = book_path(book_id), topics_of(hornbook, book_id, subtopics)
    return render(
        request,
        "guidelines.html",
        section="Books",
        book=book,
        subline=subline(book),
        path=path,
        stages=stage_bar(book, show_job(hornbook, book_id)),
        tabs=tabs(hornbook, book_id, "guidelines"),
        topics=topics,
        waiting=[
            shown for topic in topics for shown in topic.subtopics if shown.subtopic.has_candidate
        ],
        count=len(subtopics),
        models=", ".join(hornbook.guidelines.models(book_id)),
        files=[Link(_(name), f"{path}/guidelines.{form}") for form, name in FORM_NAMES.items()],
        withheld=hornbook.publish.withheld(book_id),
        read=len(hornbook.guidelines.processed_pages(book_id)),
        is_busy=book.has_active_job,
    )


@router.get("/guidelines.{form}")
def download(book_id: str, form: Form, hornbook: Hornbook) -> Response:
    """Give all guidelines as one file; raises NotFound."""
    return guidelines_file(book_id, form, hornbook.exports.written(book_id, form))


@router.post("/guidelines/approve")
def approve_all(request: Request, book_id: str, hornbook: Hornbook, user: UserName) -> Response:
    """Approve and publish all guidelines."""
    return _act(
        request,
        book_id,
        lambda: hornbook.publish.approve_all(book_id, user),
        _approved,
    )


def _approved(done: BookApproval) -> str:
    guidelines = counted(done.approved_count, "guideline")
    said = _("%(guidelines)s approved and published.", guidelines=guidelines)
    if not done.left_count:
        return said
    left = ngettext(
        "%(num)s waits for your choice.", "%(num)s wait for your choice.", done.left_count
    )
    return f"{said} {left}"


@router.get("/guidelines/reject")
def ask_to_reject(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Ask before all guidelines are deleted."""
    path = f"{book_path(book_id)}/guidelines"
    guidelines = counted(hornbook.guidelines.number(book_id), "guideline")
    question = Question(
        heading=_("Reject these guidelines?"),
        sentences=(
            _("%(guidelines)s will be deleted, also where published.", guidelines=guidelines),
            _("Your edits of them go too."),
            _("Pages and their texts stay: guidelines can be generated again."),
        ),
        address=f"{path}/reject",
        back=path,
        trail=trail_to(hornbook.books.get(book_id)),
        button=_("Reject %(guidelines)s", guidelines=guidelines),
        look="danger",
    )
    return ask(request, question)


@router.post("/guidelines/reject")
def reject(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Delete everything generated, or say why not."""
    return _act(
        request,
        book_id,
        lambda: hornbook.guidelines.reject(book_id),
        lambda _gone: _("The guidelines were rejected and are gone."),
    )


@router.post("/withheld/{subtopic_id}/offer")
def offer_again(request: Request, book_id: str, subtopic_id: str, hornbook: Hornbook) -> Response:
    """Let the next sync publish a guideline that was taken out."""
    return _act(
        request,
        book_id,
        lambda: hornbook.publish.offer_again(book_id, subtopic_id),
        lambda _done: _("The next Publish takes it along."),
    )


def _act(request: Request, book_id: str, do: Callable[[], T], tell: Callable[[T], str]) -> Response:
    return act(request, f"{book_path(book_id)}/guidelines", do, tell)
