"""Makes and judges study plans by asking a model; what it says is checked by the stage."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hornbook.engines import answers, prompting
from hornbook.model.question import Question, Task
from hornbook.model.study import Difficulty, PlanReview, StudyPlan, StudyStep, Teachable
from hornbook.stages.study import faults

Ask = Callable[[Question], Mapping[str, Any]]
"""Asks, and gives an answer that fits the question's form."""
DEADLINE = 120.0


class ModelPlanner:
    """Asks a model for plans; raises what asking raises."""

    def __init__(self, model: str, ask: Ask) -> None:
        self.name = model
        self._ask = ask

    def plan(self, teachable: Teachable) -> StudyPlan:
        """Ask for a plan."""
        return self._planned(teachable, prompting.guideline(teachable))

    def revise(self, teachable: Teachable, plan: StudyPlan, feedback: str) -> StudyPlan:
        """Ask for the plan again, with the objections met."""
        told = (prompting.guideline(teachable), prompting.plan(plan), f"Objections:\n{feedback}")
        return self._planned(teachable, "\n\n".join(told))

    def _planned(self, teachable: Teachable, prompt: str) -> StudyPlan:
        question = _question(Task.STUDY_PLAN, prompt, answers.PlanForm, max_tokens=4000)
        of_use = replace(
            question, is_usable=lambda said: not any(faults(_plan(said, teachable), teachable))
        )
        return _plan(self._ask(of_use), teachable)


class ModelReviewer:
    """Asks a model about plans; raises what asking raises."""

    def __init__(self, model: str, ask: Ask) -> None:
        self.name = model
        self._ask = ask

    def review(self, teachable: Teachable, plan: StudyPlan) -> PlanReview:
        """Ask whether the plan is good as it is."""
        prompt = f"{prompting.guideline(teachable)}\n\n{prompting.plan(plan)}"
        question = _question(Task.REVIEW_PLAN, prompt, answers.ReviewForm, max_tokens=1500)
        said = self._ask(question)
        return PlanReview(said["is_approved"], said["feedback"].strip())


def _question(task: Task, prompt: str, form: type[Any], *, max_tokens: int) -> Question:
    return Question(
        task=task,
        rules=prompting.rules(task),
        prompt=prompt,
        form=form,
        max_tokens=max_tokens,
        deadline=DEADLINE,
    )


def _plan(said: Mapping[str, Any], teachable: Teachable) -> StudyPlan:
    return StudyPlan(
        steps=tuple(_step(number, step) for number, step in enumerate(said["steps"], 1)),
        minutes=said["minutes"],
        difficulty=Difficulty(said["difficulty"]),
        is_generic=not teachable.statements,
        creative_theme=said["creative_theme"] or None,
        reasoning=said["reasoning"] or None,
    )


def _step(number: int, said: Mapping[str, Any]) -> StudyStep:
    return StudyStep(
        step_id=f"step-{number}",
        title=said["title"],
        description=said["description"],
        teaching_approach=said["teaching_approach"],
        success_criteria=said["success_criteria"],
        rests_on=tuple(dict.fromkeys(said["rests_on"])),
    )
