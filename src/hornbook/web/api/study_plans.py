"""Study plans: what a tutor does, step by step, with one published guideline."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hornbook.model.study import Difficulty, KeptPlan, PlanProgress, StepStatus
from hornbook.web.api.common import GuidelineId, Hornbook, Reply, Text, errors
from hornbook.web.language import _, ngettext

router = APIRouter(prefix="/admin/guidelines", tags=["Study plans"])

MOST_AT_ONCE = 10_000

Force = Annotated[bool, Query(description="Make the plan again when there is one.")]


class StepReply(Reply):
    """One step of a study plan."""

    step_id: str = Field(examples=["explain"])
    title: str
    description: str
    teaching_approach: str
    success_criteria: str
    status: StepStatus


class PlanFactsReply(Reply):
    """What there is to know of a plan as a whole."""

    plan_version: int
    estimated_duration_minutes: int
    difficulty_level: Difficulty
    is_generic: bool = Field(description="The guideline says nothing that a step could rest on.")
    creative_theme: str | None


class StudyPlanReply(Reply):
    """A study plan, its steps in the order in which they are taught."""

    todo_list: list[StepReply] = Field(min_length=3, max_length=5)
    metadata: PlanFactsReply


class BulkRequest(BaseModel):
    """Guidelines whose study plans are to be made."""

    guideline_ids: Annotated[list[Text], Field(min_length=1, max_length=MOST_AT_ONCE)]
    force_regenerate: bool = Field(default=False, description="Also where there is a plan.")


class UnmadeReply(Reply):
    """A guideline whose plan was not made."""

    guideline_id: str
    title: str
    reason: str


class PlanProgressReply(Reply):
    """How far the plans are that were last asked for together."""

    total: int
    made: int
    waiting: int
    failures: list[UnmadeReply]
    left: list[UnmadeReply] = Field(description="Not tried, because no model answers.")


class BulkReply(PlanProgressReply):
    """The plans that are made in the background from now on."""

    status: Literal["started", "already_complete"]
    message: str


@router.post("/bulk-generate-study-plans", summary="Make many study plans", responses=errors(404))
def bulk_generate_study_plans(request: BulkRequest, hornbook: Hornbook) -> BulkReply:
    """Have plans made in the background; it is no job of a book and blocks none."""
    done = hornbook.study_plans.generate_all(request.guideline_ids, force=request.force_regenerate)
    message = (
        ngettext(
            "%(num)s study plan is being made.",
            "%(num)s study plans are being made.",
            done.waiting,
        )
        if done.is_running
        else _("Every one of these guidelines has its study plan.")
    )
    return BulkReply(
        **_facts(done),
        status="started" if done.is_running else "already_complete",
        message=message,
    )


@router.get("/bulk-generate-study-plans", summary="Follow many study plans", responses=errors())
def get_study_plan_progress(hornbook: Hornbook) -> PlanProgressReply:
    """Tell how many of the plans that were last asked for together are made, and what failed."""
    return PlanProgressReply(**_facts(hornbook.study_plans.progress()))


@router.post(
    "/{guideline_id}/generate-study-plan",
    summary="Make a study plan",
    responses=errors(404, 409, 502),
)
def generate_study_plan(
    guideline_id: GuidelineId, hornbook: Hornbook, *, force_regenerate: Force = False
) -> StudyPlanReply:
    """Make the plan of a published guideline, or give the one there is."""
    return _reply(hornbook.study_plans.generate(guideline_id, force=force_regenerate))


@router.get("/{guideline_id}/study-plan", summary="Read a study plan", responses=errors(404))
def get_study_plan(guideline_id: GuidelineId, hornbook: Hornbook) -> StudyPlanReply:
    """Give the plan of a published guideline."""
    return _reply(hornbook.study_plans.get(guideline_id))


def _reply(kept: KeptPlan) -> StudyPlanReply:
    plan = kept.plan
    return StudyPlanReply(
        todo_list=[StepReply.model_validate(step) for step in plan.steps],
        metadata=PlanFactsReply(
            plan_version=kept.version,
            estimated_duration_minutes=plan.minutes,
            difficulty_level=plan.difficulty,
            is_generic=plan.is_generic,
            creative_theme=plan.creative_theme,
        ),
    )


def _facts(progress: PlanProgress) -> dict[str, Any]:
    def replies(unmade: Any) -> list[UnmadeReply]:
        return [UnmadeReply.model_validate(one) for one in unmade]

    return {
        "total": progress.total,
        "made": progress.made,
        "waiting": progress.waiting,
        "failures": replies(progress.failures),
        "left": replies(progress.left),
    }
