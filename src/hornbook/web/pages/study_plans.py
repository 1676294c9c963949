"""Study plans of published guidelines: made, looked at, made again, one or many at once."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.study import PlanProgress
from hornbook.web.api.common import Hornbook
from hornbook.web.language import _, ngettext
from hornbook.web.pages.asking import Box, Question, ask
from hornbook.web.pages.follow import no_news
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.published_screen import choice_of
from hornbook.web.pages.screen import render
from hornbook.web.pages.study_plan_screen import ShownPlan, plan_card, shown_plan
from hornbook.web.pages.telling import act, take_flash

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/review")

MOST_SHOWN = 100
SECONDS_FOR_ONE = 1.0
"""How long a press on "Make study plan" waits for it before the screen takes over."""
LOOK_EVERY = 0.02


@router.get("/study-plans")
def ask_for_many(request: Request, hornbook: Hornbook) -> Response:
    """Show what making the plans of all guidelines of a filter means."""
    choice = choice_of(request, 0)
    total, planned = hornbook.study_plans.coverage(choice.wanted)
    there = ngettext(
        "%(num)s of them has a study plan, and keeps it.",
        "%(num)s of them have a study plan, and keep it.",
        planned,
    )
    question = Question(
        heading=ngettext(
            "Make the study plan of %(num)s guideline?",
            "Make the study plans of %(num)s guidelines?",
            total,
        ),
        sentences=(
            *((there,) if planned else ()),
            _("They are made in the background; no book is blocked, and you can leave."),
        ),
        address=choice.address("/review/study-plans"),
        back=choice.address(),
        trail=((_("Review"), "/review"),),
        button=_("Make study plans"),
        box=Box("again", _("Make those again that have one; the new ones replace the old"))
        if planned
        else None,
    )
    return ask(request, question, "Review")


@router.post("/study-plans")
def make_many(request: Request, fields: Fields, hornbook: Hornbook) -> Response:
    """Have the plans of all guidelines of a filter made."""
    choice = choice_of(request, 0)
    force = fields.get("again") == "1"
    return act(
        request,
        choice.address(),
        lambda: hornbook.study_plans.generate_matching(choice.wanted, force=force),
        told_many,
    )


@router.get("/study-plans/progress")
def follow_many(request: Request, hornbook: Hornbook, since: str = "", ids: str = "") -> Response:
    """Show how far the plans are, and which rows have theirs; nothing when there is no news."""
    card = plan_card(hornbook.study_plans.progress())
    if card is None or (card.tag == since and take_flash(request) is None):
        return no_news()
    shown = ids.split(".")[:MOST_SHOWN] if ids else []
    return render(
        request,
        "_plan_news.html",
        card=card,
        ids=shown,
        planned=hornbook.study_plans.planned(shown),
    )


@router.post("/study-plans/retry")
def retry(request: Request, hornbook: Hornbook) -> Response:
    """Have those made that failed or were left."""
    return act(request, "/review", hornbook.study_plans.try_again, told_many)


@router.get("/{guideline_id}/study-plan")
def show_one(request: Request, guideline_id: str, hornbook: Hornbook, since: str = "") -> Response:
    """Show the plan of a guideline, or that there is none; raises NotFound."""
    shown = _shown(hornbook, guideline_id)
    if since and since == shown.tag:
        return no_news()
    template = "_study_plan.html" if since else "study_plan.html"
    return render(request, template, section="Review", shown=shown, now=hornbook.clock())


@router.get("/{guideline_id}/study-plan/again")
def ask_again(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Ask before a plan is replaced; raises NotFound."""
    row = hornbook.publish.row(guideline_id)
    here = f"/review/{quote(guideline_id)}/study-plan"
    question = Question(
        heading=_("Make the study plan of “%(title)s” again?", title=row.subtopic),
        sentences=(_("The new plan replaces the present one, which is not kept."),),
        address=f"{here}/again",
        back=here,
        trail=((_("Review"), "/review"), (_("Study plan"), here)),
        button=_("Make it again"),
    )
    return ask(request, question, "Review")


@router.post("/{guideline_id}/study-plan")
def make_one(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Have the plan of one guideline made, unless there is one, and show it."""
    return _make(request, hornbook, guideline_id, force=False)


@router.post("/{guideline_id}/study-plan/again")
def make_again(request: Request, guideline_id: str, hornbook: Hornbook) -> Response:
    """Have the plan of one guideline made in place of the present one, and show it."""
    return _make(request, hornbook, guideline_id, force=True)


def told_many(progress: PlanProgress) -> str:
    """Say how many plans are being made."""
    if not progress.is_running:
        return _("Nothing to make: each of these guidelines has its study plan.")
    return ngettext(
        "%(num)s study plan is being made.",
        "%(num)s study plans are being made.",
        progress.waiting,
    )


def _make(request: Request, app: "App", guideline_id: str, *, force: bool) -> Response:
    return act(
        request,
        f"/review/{quote(guideline_id)}/study-plan",
        lambda: _is_made(app, guideline_id, force=force),
        lambda is_made: _("Study plan made.") if is_made else None,
    )


def _is_made(app: "App", guideline_id: str, *, force: bool) -> bool:
    """Ask for a plan and wait a moment for it; whether it is there.

    The rest of the wait is the screen's: no request is held for as long as a model thinks.
    """
    progress = app.study_plans.generate_all([guideline_id], force=force)
    for _look in range(int(SECONDS_FOR_ONE / LOOK_EVERY)):
        if not progress.is_running or app.stopped.wait(LOOK_EVERY):
            break
        progress = app.study_plans.progress()
    return not (progress.is_running or progress.failures or progress.left)


def _shown(app: "App", guideline_id: str) -> ShownPlan:
    row, kept, wish = app.study_plans.look(guideline_id)
    return shown_plan(row, kept, wish, app.study_plans.statements(row))
