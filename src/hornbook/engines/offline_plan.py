"""Study plans without a model: deterministic, free, and made of what the guideline says."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from hornbook.model.finding import ItemKind
from hornbook.model.study import (
    Difficulty,
    PlanReview,
    Statement,
    StudyPlan,
    StudyStep,
    Teachable,
)
from hornbook.model.text import clipped, squeeze

_MOST_QUOTED = 3
_LONGEST_QUOTE = 240
_LONGEST_TITLE = 80
_TELLING = (ItemKind.CONCEPT, ItemKind.DEFINITION, ItemKind.TEACHING_NOTE, None)
_TO_COVER = {
    ItemKind.WORKED_EXAMPLE: "the worked examples",
    ItemKind.EXERCISE: "the exercises",
    ItemKind.MISCONCEPTION: "what students get wrong",
}
_EASY, _MEDIUM = 4, 14
_SHORTEST, _LONGEST = 10, 150


@dataclass(frozen=True, slots=True)
class _Shape:
    """One of the steps there are: how it is taught, for how long, and what it rests on."""

    step_id: str
    title: str
    lead: str
    approach: str
    success: str
    minutes: int
    minutes_each: int
    wants: tuple[Collection[ItemKind | None], ...]
    """The kinds of statement it may rest on; the first that the guideline has are taken."""
    is_always: bool = True
    """It stands in every plan, and rests on the first statement when there is none it wants."""


_START = _Shape(
    "start",
    "Begin with what students know about {title}",
    "Ask what students know of this already, and say what they will be able to do:",
    "Talk with the whole class; let students answer in their own words before you correct them.",
    "Students can say in their own words what the lesson is about.",
    5,
    1,
    ((ItemKind.OBJECTIVE,),),
)
_EXPLAIN = _Shape(
    "explain",
    "Explain the key ideas of {title}",
    "Explain these ideas one at a time, each with something students can see or touch:",
    "Say it, show it, and have a student say it again before the next idea comes.",
    "Students can explain each idea and use its words correctly.",
    5,
    3,
    (_TELLING,),
)
_EXAMPLE = _Shape(
    "example",
    "Work through an example of {title} together",
    "Work through it on the board, line by line:",
    "Stop before each line and ask what comes next and why; write down what students say.",
    "Students can give the next line of the example and the reason for it.",
    3,
    5,
    ((ItemKind.WORKED_EXAMPLE,),),
    is_always=False,
)
_PRACTISE = _Shape(
    "practise",
    "Practise {title}",
    "Let students try these, alone first and then in pairs:",
    "Walk around, look at how they work rather than at the result, and help with a question.",
    "Students solve most of the tasks without help and can show how.",
    5,
    5,
    ((ItemKind.EXERCISE,),),
    is_always=False,
)
_CHECK = _Shape(
    "check",
    "Check what was understood of {title}",
    "Ask each student to decide and to give a reason:",
    "Collect short answers from everybody, and come back to what many got wrong.",
    "Students give the right answer with its reason, also where it is easily got wrong.",
    5,
    1,
    ((ItemKind.MISCONCEPTION,), (ItemKind.OBJECTIVE,), (ItemKind.DEFINITION,), _TELLING),
)
_SHAPES = (_START, _EXPLAIN, _EXAMPLE, _PRACTISE, _CHECK)


class OfflinePlanner:
    """A Planner and a PlanReviewer that needs no key and no network; it raises nothing."""

    name = "offline"

    def plan(self, teachable: Teachable) -> StudyPlan:
        """Begin, explain, show an example, practise, check: as far as there is something."""
        numbers = {shape.step_id: _chosen(shape, teachable.statements) for shape in _SHAPES}
        shapes = [shape for shape in _SHAPES if numbers[shape.step_id] or shape.is_always]
        spent = sum(one.minutes + one.minutes_each * len(numbers[one.step_id]) for one in shapes)
        return StudyPlan(
            steps=tuple(_step(shape, numbers[shape.step_id], teachable) for shape in shapes),
            minutes=min(max(spent, _SHORTEST), _LONGEST),
            difficulty=_difficulty(teachable),
            is_generic=not teachable.statements,
        )

    def revise(self, teachable: Teachable, _plan: StudyPlan, _feedback: str) -> StudyPlan:
        """Make the plan anew: it covers whatever there is, so that nothing better is known."""
        return self.plan(teachable)

    def review(self, teachable: Teachable, plan: StudyPlan) -> PlanReview:
        """Refuse a plan that leaves out a kind of statement the guideline has."""
        used = {n for step in plan.steps for n in step.rests_on}
        missing = [
            words
            for kind, words in _TO_COVER.items()
            if (there := set(_of_kind(teachable.statements, [kind]))) and not there & used
        ]
        if missing:
            return PlanReview(is_approved=False, feedback=f"No step uses {' or '.join(missing)}.")
        if not teachable.statements:
            return PlanReview(is_approved=True, feedback="The guideline says nothing to go by.")
        words = f"{len(used)} of {len(teachable.statements)} statements are used."
        return PlanReview(is_approved=True, feedback=words)


def _of_kind(statements: Sequence[Statement], kinds: Collection[ItemKind | None]) -> Iterator[int]:
    return (number for number, one in enumerate(statements, 1) if one.kind in kinds)


def _chosen(shape: _Shape, statements: Sequence[Statement]) -> tuple[int, ...]:
    """The numbers of the statements that a step rests on."""
    found = (tuple(_of_kind(statements, kinds)) for kinds in shape.wants)
    first = (1,) if statements and shape.is_always else ()
    return next(filter(None, found), first)[:_MOST_QUOTED]


def _step(shape: _Shape, numbers: tuple[int, ...], teachable: Teachable) -> StudyStep:
    said = [_quoted(teachable.statements[number - 1].text) for number in numbers]
    return StudyStep(
        step_id=shape.step_id,
        title=shape.title.format(title=clipped(squeeze(teachable.title), _LONGEST_TITLE)),
        description=f"{shape.lead} {' '.join(said)}" if said else shape.lead.rstrip(":") + ".",
        teaching_approach=shape.approach,
        success_criteria=shape.success,
        rests_on=numbers,
    )


def _quoted(text: str) -> str:
    words = clipped(squeeze(text), _LONGEST_QUOTE)
    return words if words.endswith((".", "!", "?", "…", ":")) else f"{words}."


def _difficulty(teachable: Teachable) -> Difficulty:
    number = len(teachable.statements)
    if number <= _EASY:
        return Difficulty.EASY
    return Difficulty.MEDIUM if number <= _MEDIUM else Difficulty.HARD
