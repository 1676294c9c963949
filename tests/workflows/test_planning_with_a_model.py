"""A model plans and reviews over a real connection: what it has said is not paid for again."""

from collections import Counter

import pytest

from hornbook.engine_room import EngineRoom
from hornbook.engines.workshop import Workshop
from hornbook.library import journal
from hornbook.model.published import PublishedFilter
from hornbook.settings import Settings
from hornbook.workflows.plan_line import PlanLine
from hornbook.workflows.study_plans import StudyPlans
from tests.desk import ADDING, QUICK, Desk
from tests.model_server import answers, refusal
from tests.workflows.test_study_plans import settled

MODEL = "openai:tiny"
STEP = {
    "title": "Begin",
    "description": "Look.",
    "teaching_approach": "Together.",
    "success_criteria": "It is seen.",
    "rests_on": [1],
}
PLAN = {
    "steps": [STEP] * 3,
    "minutes": 20,
    "difficulty": "easy",
    "creative_theme": None,
    "reasoning": None,
}
REVIEW = {"is_approved": True, "feedback": ""}


class Tutor:
    """Plans in other words each time, and reviews unless it is down."""

    def __init__(self):
        self.plan = PLAN
        self.reviews_down = 0
        self.plans = 0

    def __call__(self, asked):
        if asked.task == "study_plan":
            self.plans += 1
            return answers({**self.plan, "reasoning": f"plan {self.plans}"})
        self.reviews_down -= 1
        return refusal(500, "down") if self.reviews_down >= 0 else answers(REVIEW)


@pytest.fixture
def tutor(model):
    model.always = Tutor()
    return model.always


@pytest.fixture
def desk(sqlite_database, clock):
    return Desk(sqlite_database, clock)


@pytest.fixture
def room(desk, tmp_path):
    workshop = Workshop("nothing", workers=1)
    settings = Settings(model=MODEL, data_dir=tmp_path)
    room = EngineRoom(settings, desk.database, desk.clock, workshop)
    yield room
    room.client.close()
    workshop.close()


@pytest.fixture
def plans(desk, room):
    engines = room.planner, room.reviewer
    line = PlanLine(desk.database, desk.clock, *engines, patience=QUICK)
    line.start()
    yield StudyPlans(desk.database, desk.clock, *engines, wake=line.wake)
    line.stop(grace=20)


@pytest.fixture
def book(desk):
    book = desk.ready()
    desk.publish.sync(book)
    return book


@pytest.fixture
def adding(desk, book):
    rows = desk.publish.rows(PublishedFilter(book_id=book))
    return next(row.id for row in rows if (row.topic_key, row.subtopic_key) == ADDING)


def tasks(model):
    return Counter(one.task for one in model.requests)


def test_a_plan_that_had_arrived_is_not_paid_for_again_when_its_review_fails(
    plans, adding, model, tutor
):
    tutor.reviews_down = 3

    plans.generate_all([adding])

    assert settled(plans).made == 1
    assert tasks(model) == {"study_plan": 1, "review_plan": 4}


def test_nor_when_the_same_plan_is_tried_for_again(plans, adding, model, tutor):
    tutor.reviews_down = 1000
    plans.generate_all([adding])
    assert settled(plans).made == 0

    tutor.reviews_down = 0
    plans.try_again()

    assert settled(plans).made == 1
    assert tasks(model)["study_plan"] == 1


def test_a_plan_that_is_to_be_made_again_is_asked_for_anew_and_once(plans, adding, model, tutor):
    first = plans.generate(adding)
    tutor.reviews_down = 2

    plans.generate_all([adding], force=True)
    assert settled(plans).made == 1
    third = plans.generate(adding, force=True)

    told = [first.plan.reasoning, third.plan.reasoning]
    assert told == ["plan 1", "plan 3"]
    assert third.version == 3
    assert tasks(model)["study_plan"] == 3


def test_a_plan_that_cannot_be_used_is_no_answer_and_is_asked_for_again(
    plans, adding, model, tutor
):
    tutor.plan = {**PLAN, "steps": [STEP] * 2}
    plans.generate_all([adding])
    assert "it has 2 steps" in settled(plans).failures[0].reason

    tutor.plan = PLAN
    plans.try_again()

    assert settled(plans).made == 1
    assert tasks(model)["study_plan"] == 2


def test_a_gateway_and_the_book_learn_what_plans_cost(plans, adding, model, tutor, desk, book):
    plans.generate(adding)

    for one in model.requests:
        assert one.headers["X-Hornbook-Book"] == book
        assert one.headers["X-Hornbook-Subtopic"] == ADDING[1]
    with desk.database.read() as session:
        spent = journal.spent(session, book_id=book)
    assert {task: one.calls for task, one in spent.items()} == {"study_plan": 1, "review_plan": 1}
