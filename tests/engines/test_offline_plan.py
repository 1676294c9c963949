"""The offline planner makes three to five steps of what a guideline says, and of nothing else."""

from dataclasses import replace

import pytest

from hornbook.engines.offline_plan import OfflinePlanner
from hornbook.model.finding import ItemKind
from hornbook.model.study import Difficulty, Statement, Teachable
from hornbook.stages.study import make_plan

PLANNER = OfflinePlanner()
AIM = Statement(ItemKind.OBJECTIVE, "Add fractions")
IDEA = Statement(ItemKind.CONCEPT, "Like fractions have the same denominator.")
WORD = Statement(ItemKind.DEFINITION, "The numerator stands above the line.")
SUM = Statement(ItemKind.WORKED_EXAMPLE, "1/5 + 2/5\n= 3/5")
TASK = Statement(ItemKind.EXERCISE, "Add 1/7 and 3/7.")
TRAP = Statement(ItemKind.MISCONCEPTION, "Never add the denominators.")
MINE = Statement(None, "Fold a strip of paper.")
EVERYTHING = (AIM, IDEA, WORD, SUM, TASK, TRAP, MINE)


def teachable(*statements: Statement) -> Teachable:
    return Teachable("Fractions", "Adding {like} fractions", 4, "math", "", statements)


def planned(*statements: Statement):
    return make_plan(PLANNER, PLANNER, teachable(*statements))


def test_a_full_guideline_gives_five_steps_in_teaching_order():
    made = planned(*EVERYTHING)

    assert [(step.step_id, step.rests_on) for step in made.plan.steps] == [
        ("start", (1,)), ("explain", (2, 3, 7)), ("example", (4,)), ("practise", (5,)), ("check", (6,)),
    ]  # fmt: skip
    assert made.plan.difficulty is Difficulty.MEDIUM
    assert (made.was_revised, made.feedback) == (False, "7 of 7 statements are used.")


def test_every_step_says_what_it_rests_on_in_the_words_of_the_guideline():
    for step in planned(*EVERYTHING).plan.steps:
        for number in step.rests_on:
            words = " ".join(EVERYTHING[number - 1].text.split())
            assert words in step.description
        assert "Adding {like} fractions" in step.title or step.step_id == "start"


@pytest.mark.parametrize("statement", EVERYTHING)
def test_one_statement_is_enough_for_a_plan_that_rests_on_it(statement):
    steps = planned(statement).plan.steps

    assert 3 <= len(steps) <= 4
    assert {step.rests_on for step in steps} == {(1,)}


def test_a_guideline_that_says_nothing_gives_a_generic_plan():
    made = planned()

    assert made.plan.is_generic
    assert [step.step_id for step in made.plan.steps] == ["start", "explain", "check"]
    assert all(step.description.endswith(".") for step in made.plan.steps)


def test_the_same_guideline_gives_the_same_plan():
    assert planned(*EVERYTHING) == planned(*EVERYTHING)


def test_long_guidelines_are_quoted_in_part_and_take_no_whole_day():
    made = planned(*EVERYTHING * 20, Statement(ItemKind.CONCEPT, "word " * 500))

    assert made.plan.difficulty is Difficulty.HARD
    assert made.plan.minutes <= 150
    assert max(len(step.description) for step in made.plan.steps) < 900


def test_a_plan_that_leaves_the_exercises_out_is_refused():
    plan = PLANNER.plan(teachable(*EVERYTHING))
    without = replace(plan, steps=tuple(s for s in plan.steps if s.step_id != "practise"))

    review = PLANNER.review(teachable(*EVERYTHING), without)

    assert (review.is_approved, review.feedback) == (False, "No step uses the exercises.")
    assert PLANNER.revise(teachable(*EVERYTHING), without, review.feedback) == plan
