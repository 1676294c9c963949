"""The review of published guidelines, across all books."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from hornbook.model.guideline import PublishedReview
from hornbook.model.published import PublishedGuideline
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _
from hornbook.web.pages.asking import Question, ask
from hornbook.web.pages.forms import Fields, Lists
from hornbook.web.pages.published_screen import (
    FACETS,
    choice_of,
    shown_facets,
    shown_row,
    state_chips,
    titles_of,
)
from hornbook.web.pages.screen import counted, render
from hornbook.web.pages.study_plan_screen import plan_card
from hornbook.web.pages.study_plans import told_many
from hornbook.web.pages.telling import Flash, act, go

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/review")

ON_A_SCREEN = 25
SAMPLE = 3


@router.get("")
def show(request: Request, hornbook: Hornbook, offset: int = 0) -> Response:
    """Show one screen of the published guidelines of a filter."""
    choice = choice_of(request, offset)
    rows, facets = hornbook.publish.listed(choice.wanted, limit=ON_A_SCREEN, offset=choice.offset)
    titles = titles_of(hornbook, rows, facets)
    last = choice.offset + len(rows)
    waiting = dict(facets.status).get(PublishedReview.TO_BE_REVIEWED.value, 0)
    is_for_approved = choice["status"] == PublishedReview.APPROVED
    return render(
        request,
        "published.html",
        section="Review",
        rows=[shown_row(row, titles) for row in rows],
        choice=choice,
        here=choice.address(offset=choice.offset),
        facets=shown_facets(choice, facets, titles),
        chips=state_chips(choice, facets),
        total=facets.total,
        waiting=0 if is_for_approved else waiting,
        approve_path=choice.address("/review/approve"),
        plans_path=choice.address("/review/study-plans"),
        card=plan_card(hornbook.study_plans.progress()),
        ids=[row.id for row in rows],
        planned=hornbook.study_plans.planned([row.id for row in rows]),
        span=(choice.offset + 1, last),
        before=None
        if not choice.offset
        else choice.address(offset=max(0, choice.offset - ON_A_SCREEN)),
        after=choice.address(offset=last) if last < facets.total else None,
        now=hornbook.clock(),
    )


@router.post("/chosen")
def decide_chosen(
    request: Request, fields: Fields, lists: Lists, hornbook: Hornbook, user: UserName
) -> Response:
    """Approve the rows that were ticked, send them back to review, or plan them."""
    is_approved = fields.get("do") != "reopen"
    chosen = lists.get("id", [])[:ON_A_SCREEN]
    if fields.get("do") == "plans":
        return _plan_chosen(request, hornbook, chosen, _back(fields))
    return act(
        request,
        _back(fields),
        lambda: hornbook.publish.approve_rows(chosen, approved=is_approved, by=user),
        lambda changed: _told(hornbook, changed, _back(fields), is_approved=is_approved),
    )


def _plan_chosen(request: Request, app: "App", chosen: Sequence[str], back: str) -> Response:
    if not chosen:
        return go(request, back, Flash("warn", _("Nothing was made: tick guidelines first.")))
    return act(request, back, lambda: app.study_plans.generate_all(chosen), told_many)


@router.get("/approve")
def ask_to_approve(request: Request, hornbook: Hornbook) -> Response:
    """Show what approving all rows of a filter means, with a few of them."""
    choice = choice_of(request, 0, status=PublishedReview.TO_BE_REVIEWED.value)
    rows, facets = hornbook.publish.listed(choice.wanted, limit=SAMPLE, offset=0)
    return render(
        request,
        "approve_published.html",
        section="Review",
        rows=rows,
        total=facets.total,
        narrowed=[
            (_(FACETS[name]), choice[name]) for name in FACETS if choice[name] and name != "book"
        ],
        action=choice.address("/review/approve"),
        back=choice.address(),
    )


@router.post("/approve")
def approve_matching(
    request: Request, fields: Fields, hornbook: Hornbook, user: UserName
) -> Response:
    """Approve every row of a filter, however many screens they take."""
    choice = choice_of(request, 0, status=PublishedReview.TO_BE_REVIEWED.value)
    return act(
        request,
        _back(fields),
        lambda: hornbook.publish.approve_matching(choice.wanted, by=user),
        lambda changed: _told(hornbook, changed, _back(fields), is_approved=True),
    )


@router.post("/undo")
def undo(
    request: Request,
    hornbook: Hornbook,
    user: UserName,
    at: str = "",
    ids: Annotated[Sequence[str], Query(alias="id")] = (),
    back: str = "",
) -> Response:
    """Take back what this human approved at one instant, or approve again what was sent back."""
    when, to = _instant(at), _back({"back": back})
    if when is None:
        return act(
            request,
            to,
            lambda: hornbook.publish.approve_rows(ids[:ON_A_SCREEN], approved=True, by=user),
            lambda changed: _("%(guidelines)s approved again.", guidelines=_counted(changed)),
        )
    return act(
        request,
        to,
        lambda: hornbook.publish.undo_approval(at=when, by=user),
        lambda changed: _("%(guidelines)s back to review.", guidelines=_counted(changed)),
    )


@router.get("/{guideline_id}/delete")
def ask_to_delete(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Ask before a row is taken out of what is published; raises NotFound."""
    row = hornbook.publish.row(guideline_id)
    question = Question(
        heading=_("Take out “%(title)s”?", title=row.subtopic),
        sentences=(
            _("The tutor no longer sees it, and later syncs leave it out."),
            _("The guideline stays with its book, where it can be offered again."),
        ),
        address=f"/review/{quote(guideline_id)}/delete",
        back="/review",
        trail=((_("Review"), "/review"),),
        button=_("Take out"),
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
        lambda _gone: _("Taken out. Later syncs leave it out too."),
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
        lambda row: _told_one(row, _back(fields), is_approved=is_approved),
    )


def _told_one(row: PublishedGuideline, back: str, *, is_approved: bool) -> Flash:
    if is_approved:
        return Flash("good", _("“%(title)s” approved.", title=row.subtopic), _way_back(row, back))
    sentence = _("“%(title)s” goes back to review.", title=row.subtopic)
    return Flash("good", sentence, _way_forth([row.id], back))


def _told(app: "App", changed: Sequence[str], back: str, *, is_approved: bool) -> Flash:
    if not changed:
        return Flash("warn", _("Nothing was changed: tick guidelines of the other state first."))
    if not is_approved:
        sentence = _("%(guidelines)s back to review.", guidelines=_counted(changed))
        return Flash("good", sentence, _way_forth(changed, back))
    sentence = _("%(guidelines)s approved.", guidelines=_counted(changed))
    return Flash("good", sentence, _way_back(app.publish.row(changed[0]), back))


def _counted(changed: Sequence[str]) -> str:
    return counted(len(changed), "guideline")


def _way_back(row: PublishedGuideline, back: str) -> str:
    """Name everything that was approved together with this row."""
    if row.reviewed_at is None:
        return ""
    return f"/review/undo?{urlencode({'at': row.reviewed_at.isoformat(), 'back': back})}"


def _way_forth(changed: Sequence[str], back: str) -> str:
    """Name rows that were sent back to review."""
    return f"/review/undo?{urlencode({'id': changed, 'back': back}, doseq=True)}"


def _instant(written: str) -> datetime | None:
    """Read an instant as `_way_back` writes it."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _back(fields: Mapping[str, str]) -> str:
    """Go back to the screen the form stood on; any other address is not believed."""
    given = fields.get("back", "")
    return given if given.startswith("/review") and given.isprintable() else "/review"
