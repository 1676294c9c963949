"""Make a study plan of a guideline: planned, checked, reviewed, and revised at most once."""

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from hornbook.errors import Malformed
from hornbook.model.finding import ItemKind
from hornbook.model.study import (
    MadePlan,
    PlanReview,
    Statement,
    StudyPlan,
    StudyStep,
    Teachable,
)

LEAST_STEPS, MOST_STEPS = 3, 5
MOST_MINUTES = 600

_PAGE = re.compile(r"\s*\((?:p\. [1-9][0-9]*|page removed)\)")
_FIELDS = ("step_id", "title", "description", "teaching_approach", "success_criteria")


class Planner(Protocol):
    """Makes study plans. Raises Retryable, Terminal or JobStopper, nothing else."""

    name: str

    def plan(self, teachable: Teachable) -> StudyPlan:
        """Three to five steps, each resting on statements of the guideline."""
        ...

    def revise(self, teachable: Teachable, plan: StudyPlan, feedback: str) -> StudyPlan:
        """The plan again, with the reviewer's objections met."""
        ...


class PlanReviewer(Protocol):
    """Judges study plans. Raises Retryable, Terminal or JobStopper, nothing else."""

    name: str

    def review(self, teachable: Teachable, plan: StudyPlan) -> PlanReview:
        """Whether the plan is good as it is, and what should be different."""
        ...


def make_plan(planner: Planner, reviewer: PlanReviewer, teachable: Teachable) -> MadePlan:
    """A plan that may be kept; raises what the two raise, and Malformed for a plan of no use."""
    plan = _checked(planner.plan(teachable), teachable)
    review = reviewer.review(teachable, plan)
    if not review.is_approved:
        plan = _checked(planner.revise(teachable, plan, review.feedback), teachable)
    return MadePlan(
        plan=plan,
        planner=planner.name,
        reviewer=reviewer.name,
        feedback=review.feedback,
        was_revised=not review.is_approved,
    )


def _checked(plan: StudyPlan, teachable: Teachable) -> StudyPlan:
    fault = next(faults(plan, teachable), None)
    if fault is not None:
        raise Malformed(f"The study plan cannot be used: {fault}.")
    return plan


def faults(plan: StudyPlan, teachable: Teachable) -> Iterator[str]:
    """What is wrong with the form of a plan, the first thing first."""
    if not LEAST_STEPS <= len(plan.steps) <= MOST_STEPS:
        yield f"it has {len(plan.steps)} steps instead of {LEAST_STEPS} to {MOST_STEPS}"
    if len({step.step_id for step in plan.steps}) < len(plan.steps):
        yield "two of its steps have the same id"
    if not 0 < plan.minutes <= MOST_MINUTES:
        yield f"it would take {plan.minutes} minutes"
    if plan.is_generic != (not teachable.statements):
        yield "it is generic although the guideline says something, or the other way round"
    for number, step in enumerate(plan.steps, 1):
        yield from (f"step {number} {fault}" for fault in _faults_of(step, teachable))


def _faults_of(step: StudyStep, teachable: Teachable) -> Iterator[str]:
    empty = [name for name in _FIELDS if not getattr(step, name).strip()]
    if empty:
        yield f"has no {empty[0].replace('_', ' ')}"
    if teachable.statements and not step.rests_on:
        yield "rests on no statement of the guideline"
    if not set(step.rests_on) <= set(range(1, len(teachable.statements) + 1)):
        yield "rests on a statement that the guideline does not have"


def statements(guideline: str, kinds: Mapping[str, ItemKind]) -> tuple[Statement, ...]:
    """What a published text says, piece by piece, page numbers left out.

    `kinds` says what stands under a heading. Under any other one, and outside of lists, the words
    are a human's.
    """
    found = (Statement(kind, _PAGE.sub("", text)) for kind, text in _pieces(guideline, kinds))
    return tuple(one for one in found if any(map(str.isalnum, one.text)))


def _pieces(guideline: str, kinds: Mapping[str, ItemKind]) -> list[tuple[ItemKind | None, str]]:
    pieces: list[tuple[ItemKind | None, str]] = []
    heading: ItemKind | None = None
    is_in_item = False
    for line in guideline.split("\n"):
        text = line.strip()
        if line.startswith("#"):
            heading, is_in_item = kinds.get(text.lstrip("# ")), False
        elif line.startswith("- "):
            pieces.append((heading, text[2:].strip()))
            is_in_item = True
        elif is_in_item and text and line.startswith("  "):
            kind, before = pieces[-1]
            pieces[-1] = kind, f"{before}\n{text}"
        else:
            is_in_item = False
            if text:
                pieces.append((None, text))
    return pieces
