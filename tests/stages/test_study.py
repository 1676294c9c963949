"""A study plan is planned, checked, reviewed, and revised at most once."""

from dataclasses import replace

import pytest

from hornbook.errors import Malformed
from hornbook.model.finding import ItemKind
from hornbook.model.study import (
    Difficulty,
    PlanReview,
    Statement,
    StudyPlan,
    StudyStep,
    Teachable,
)
from hornbook.stages.study import make_plan, statements

KINDS = {"Definitions": ItemKind.DEFINITION, "Worked examples": ItemKind.WORKED_EXAMPLE}
TEACHABLE = Teachable(
    "Fractions", "Adding", 4, "math", "", (Statement(None, "One."), Statement(None, "Two."))
)


def step(number: int, **other) -> StudyStep:
    return replace(
        StudyStep(f"step-{number}", "Begin", "Ask.", "Talk.", "They answer.", (1,)), **other
    )


def plan(*steps: StudyStep, **other) -> StudyPlan:
    whole = StudyPlan(steps or (step(1), step(2), step(3)), 30, Difficulty.EASY, is_generic=False)
    return replace(whole, **other)


class Plans:
    """Plans, revises and judges as it was told, and remembers what it was asked."""

    name = "plans"

    def __init__(self, first: StudyPlan, revised: StudyPlan | None = None, says: str = "") -> None:
        self.first, self.revised, self.says = first, revised or first, says
        self.asked: list[str] = []

    def plan(self, _teachable):
        self.asked.append("plan")
        return self.first

    def revise(self, _teachable, _plan, feedback):
        self.asked.append(f"revise: {feedback}")
        return self.revised

    def review(self, _teachable, _plan):
        self.asked.append("review")
        return PlanReview(is_approved=not self.says, feedback=self.says or "Good.")


def test_a_plan_that_is_approved_is_kept_as_it_is():
    engine = Plans(plan())

    made = make_plan(engine, engine, TEACHABLE)

    assert engine.asked == ["plan", "review"]
    assert (made.plan, made.was_revised, made.feedback) == (plan(), False, "Good.")
    assert (made.planner, made.reviewer) == ("plans", "plans")


def test_a_plan_that_is_refused_is_revised_once_and_never_again():
    better = plan(step(1), step(2), step(3, title="Practise"))
    engine = Plans(plan(), better, says="Nobody practises.")

    made = make_plan(engine, engine, TEACHABLE)

    assert engine.asked == ["plan", "review", "revise: Nobody practises."]
    assert (made.plan, made.was_revised, made.feedback) == (better, True, "Nobody practises.")


WRONG = {
    "it has 2 steps instead of 3 to 5": plan(step(1), step(2)),
    "it has 6 steps instead of 3 to 5": plan(*map(step, range(6))),
    "two of its steps have the same id": plan(step(1), step(2), step(2)),
    "it would take 0 minutes": plan(minutes=0),
    "it is generic although the guideline says something, or the other way round": plan(
        is_generic=True
    ),
    "step 2 has no success criteria": plan(step(1), step(2, success_criteria=" \n"), step(3)),
    "step 3 rests on no statement of the guideline": plan(step(1), step(2), step(3, rests_on=())),
    "step 1 rests on a statement that the guideline does not have": plan(
        step(1, rests_on=(1, 3)), step(2), step(3)
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_plan_of_no_use_is_refused_before_and_after_the_review(fault):
    at_once, after_all = Plans(WRONG[fault]), Plans(plan(), WRONG[fault], says="No.")

    for engine in (at_once, after_all):
        with pytest.raises(Malformed) as refused:
            make_plan(engine, engine, TEACHABLE)
        assert str(refused.value) == f"The study plan cannot be used: {fault}."
    assert "review" not in at_once.asked


def test_a_guideline_that_says_nothing_takes_a_generic_plan_only():
    nothing = replace(TEACHABLE, statements=())
    bare = [step(number, rests_on=()) for number in range(3)]
    engine = Plans(plan(*bare, is_generic=True))

    assert make_plan(engine, engine, nothing).plan.is_generic
    with pytest.raises(Malformed):
        make_plan(Plans(plan(*bare)), engine, nothing)


def test_a_published_text_is_read_statement_by_statement_without_page_numbers():
    text = (
        "## Definitions\n\n- A ray has one end. (p. 3)\n\n## Worked examples\n\n"
        "- 1/5 + 2/5  \n  = 3/5 (p. 4)\n- Two. (page removed)\nFold paper (p. 4) first.\n\n"
        "## Of my own\n\n- Mine.\n- …"
    )

    assert statements(text, KINDS) == (
        Statement(ItemKind.DEFINITION, "A ray has one end."),
        Statement(ItemKind.WORKED_EXAMPLE, "1/5 + 2/5\n= 3/5"),
        Statement(ItemKind.WORKED_EXAMPLE, "Two."),
        Statement(None, "Fold paper first."),
        Statement(None, "Mine."),
    )
