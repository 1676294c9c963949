"""Study plans: what a tutor does, step by step, with one published guideline."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hornbook.model.finding import ItemKind


class Difficulty(StrEnum):
    """How much a plan asks of students."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class StepStatus(StrEnum):
    """How far a tutor is with a step; new plans are pending throughout."""

    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a guideline: an item of the book, or a human's words when `kind` is None."""

    kind: ItemKind | None
    text: str


@dataclass(frozen=True, slots=True)
class Teachable:
    """What a plan is made from; steps name the statements by their place in it, from 1."""

    topic: str
    title: str
    grade: int
    subject: str
    summary: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class StudyStep:
    """One step of a plan, and the numbers of the statements that it rests on."""

    step_id: str
    title: str
    description: str
    teaching_approach: str
    success_criteria: str
    rests_on: tuple[int, ...]
    status: StepStatus = StepStatus.PENDING


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The steps of a plan, in the order in which they are taught."""

    steps: tuple[StudyStep, ...]
    minutes: int
    difficulty: Difficulty
    is_generic: bool
    """The guideline has no statement to rest on: the plan knows its title only."""
    creative_theme: str | None = None
    reasoning: str | None = None
    """Why the planner made it so, in its own words."""


@dataclass(frozen=True, slots=True)
class PlanReview:
    """A reviewer's verdict, and what it says for it or against it."""

    is_approved: bool
    feedback: str


@dataclass(frozen=True, slots=True)
class MadePlan:
    """A plan that may be kept, and how it came about."""

    plan: StudyPlan
    planner: str
    reviewer: str
    feedback: str
    was_revised: bool


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan as it is kept beside its guideline."""

    guideline_id: str
    plan: StudyPlan
    planner: str
    reviewer: str
    feedback: str
    was_revised: bool
    version: int
    created_at: datetime
    updated_at: datetime


class WishState(StrEnum):
    """What became of a plan that was asked for together with others."""

    WAITING = "waiting"
    MADE = "made"
    FAILED = "failed"
    STOPPED = "stopped"
    """Not tried, because the model does not answer at all."""


@dataclass(frozen=True, slots=True)
class Unmade:
    """A guideline that has no plan although one was asked for, and why."""

    guideline_id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """How far the plans are that were last asked for together."""

    total: int
    made: int
    waiting: int
    failures: tuple[Unmade, ...]
    left: tuple[Unmade, ...]
    """Not tried any more; they all have one reason."""

    @property
    def is_running(self) -> bool:
        """Whether some are still to be made."""
        return self.waiting > 0

    @property
    def stopped_by(self) -> str | None:
        """Why the rest was not tried."""
        return self.left[0].reason if self.left else None
