"""What the screens show of study plans: how far many are, and one in all its steps."""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from hornbook.model.published import PublishedGuideline
from hornbook.model.study import (
    Difficulty,
    KeptPlan,
    PlanProgress,
    StudyStep,
    Unmade,
    WishState,
)
from hornbook.web.language import _, ngettext, noted
from hornbook.web.sentences import told

MOST_NAMED = 10
"""Failures that are named; of more the number is said."""
QUARTERS = 4
DIFFICULTIES = {
    Difficulty.EASY: noted("Easy"),
    Difficulty.MEDIUM: noted("Medium"),
    Difficulty.HARD: noted("Hard"),
}


@dataclass(frozen=True, slots=True)
class PlanCard:
    """How far the plans are that were last asked for together."""

    tone: str
    state: str
    headline: str
    say: str
    total: int
    settled: int
    is_running: bool
    failures: tuple[Unmade, ...]
    unnamed: int
    stopped: str
    """Why the rest was not tried; empty when nothing stopped it."""
    tag: str
    """Tells a poll whether there is news."""


def plan_card(progress: PlanProgress) -> PlanCard | None:
    """Show the progress; nothing when nothing was ever asked for."""
    if not progress.total:
        return None
    failed = len(progress.failures)
    headline = _(
        "Study plans: %(made)s of %(total)s made", made=progress.made, total=progress.total
    )
    if failed:
        headline = f"{headline}, {_('%(number)s failed', number=failed)}"
    tone, state = _state(progress)
    return PlanCard(
        tone=tone,
        state=state,
        headline=headline,
        say=_spoken(progress, headline),
        total=progress.total,
        settled=progress.total - progress.waiting,
        is_running=progress.is_running,
        failures=tuple(_shown(one) for one in progress.failures[:MOST_NAMED]),
        unnamed=max(0, failed - MOST_NAMED),
        stopped=_stopped(progress),
        tag=hashlib.sha256(repr(astuple(progress)).encode()).hexdigest()[:8],
    )


def _state(progress: PlanProgress) -> tuple[str, str]:
    if progress.is_running:
        return "run", _("Running")
    if progress.left:
        return "bad", _("Stopped")
    return ("warn", _("Done, not all")) if progress.failures else ("good", _("Completed"))


def _stopped(progress: PlanProgress) -> str:
    if progress.stopped_by is None:
        return ""
    left = ngettext(
        "%(num)s study plan was not tried.",
        "%(num)s study plans were not tried.",
        len(progress.left),
    )
    return f"{told(progress.stopped_by)} {left}"


def _spoken(progress: PlanProgress, headline: str) -> str:
    """Say quarters while it runs, so that a screen reader is not interrupted at each plan."""
    if not progress.is_running:
        return headline
    quarter = (progress.total - progress.waiting) * QUARTERS // progress.total
    return _("Study plans: %(share)s %% done", share=quarter * 100 // QUARTERS)


def _shown(one: Unmade) -> Unmade:
    return Unmade(one.guideline_id, one.title, told(one.reason))


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step, and the statements of the guideline that it rests on."""

    step: StudyStep
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """The screen of one guideline's plan."""

    row: PublishedGuideline
    kept: KeptPlan | None
    steps: tuple[ShownStep, ...]
    difficulty: str
    is_waiting: bool
    trouble: str
    """Why there is none, or none anew."""
    tag: str


def shown_plan(
    row: PublishedGuideline,
    kept: KeptPlan | None,
    wish: tuple[WishState, str | None] | None,
    said: Sequence[str],
) -> ShownPlan:
    """Show a plan; `said` are the statements of its guideline."""
    state, reason = wish or (None, None)
    plan = kept.plan if kept else None
    return ShownPlan(
        row=row,
        kept=kept,
        steps=tuple(ShownStep(step, _named(step, said)) for step in plan.steps) if plan else (),
        difficulty=_(DIFFICULTIES[plan.difficulty]) if plan else "",
        is_waiting=state is WishState.WAITING,
        trouble=told(reason) if reason else "",
        tag=f"{kept.version if kept else 0}-{state or 'none'}",
    )


def _named(step: StudyStep, said: Sequence[str]) -> tuple[str, ...]:
    return tuple(said[number - 1] for number in step.rests_on if number <= len(said))
