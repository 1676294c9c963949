"""Study plans are made one at once or many in the background, and go when their guideline changes."""

import threading
import time
from collections import Counter

import pytest

from hornbook.engines.offline_plan import OfflinePlanner
from hornbook.errors import Conflict, Declined, KeyRefused, NotFound, ServerError
from hornbook.model.published import PublishedFilter
from hornbook.model.study import KeptPlan, WishState
from hornbook.workflows.plan_line import PlanLine
from hornbook.workflows.study_plans import StudyPlans
from tests.desk import ADDING, ANGLES, QUICK, SUBTRACTING, Desk


class Steered(OfflinePlanner):
    """Plans offline, unless it was told to fail at a title or to wait."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.failures: dict[str, Exception] = {}
        self.may_go = threading.Event()
        self.may_go.set()
        self.meanwhile = lambda: None

    def plan(self, teachable):
        self.asked[teachable.title] += 1
        self.may_go.wait(20)
        if teachable.title in self.failures:
            raise self.failures[teachable.title]
        self.meanwhile()
        return super().plan(teachable)


@pytest.fixture
def desk(sqlite_database, clock) -> Desk:
    return Desk(sqlite_database, clock)


@pytest.fixture
def engine() -> Steered:
    return Steered()


@pytest.fixture
def line(desk, engine):
    """What makes plans in the background, not yet started."""
    line = new_line(desk, engine)
    yield line
    engine.may_go.set()
    line.stop(grace=20)


def new_line(desk, engine) -> PlanLine:
    return PlanLine(
        desk.database, desk.clock, lambda *_about: engine, lambda *_about: engine, patience=QUICK
    )


@pytest.fixture
def plans(desk, engine, line) -> StudyPlans:
    return StudyPlans(
        desk.database, desk.clock, lambda *_about: engine, lambda *_about: engine, wake=line.wake
    )


@pytest.fixture
def book(desk) -> str:
    book = desk.ready()
    desk.publish.sync(book)
    return book


@pytest.fixture
def ids(desk, book) -> dict[tuple[str, str], str]:
    """The published guidelines by their keys."""
    rows = desk.publish.rows(PublishedFilter(book_id=book))
    return {(row.topic_key, row.subtopic_key): row.id for row in rows}


def settled(plans: StudyPlans):
    """The progress when nothing waits any more."""
    return until(plans, lambda now: not now.is_running)


def until(plans: StudyPlans, is_so):
    for _ in range(2000):
        now = plans.progress()
        if is_so(now):
            return now
        time.sleep(0.005)
    raise TimeoutError(now)


# One at once


def test_a_plan_is_made_of_the_published_guideline_and_then_given(plans, ids, engine):
    made = plans.generate(ids[ADDING])

    assert "Like fractions have the same denominator." in made.plan.steps[1].description
    assert "(p. " not in made.plan.steps[1].description
    assert plans.generate(ids[ADDING]) == plans.get(ids[ADDING]) == made
    assert engine.asked.total() == 1


def test_only_force_makes_it_again(plans, ids, engine):
    first = plans.generate(ids[ADDING])

    again = plans.generate(ids[ADDING], force=True)

    assert engine.asked.total() == 2
    assert (first.version, again.version) == (1, 2)


def test_what_does_not_exist_is_not_found(plans, ids):
    for act in (plans.get, plans.look, plans.generate):
        with pytest.raises(NotFound):
            act("nothing")
    with pytest.raises(NotFound, match="yet"):
        plans.get(ids[ADDING])


def test_an_invalid_plan_is_refused_and_not_kept(plans, ids, engine):
    class Lazy(Steered):
        def plan(self, teachable):
            whole = super().plan(teachable)
            return type(whole)(whole.steps[:2], whole.minutes, whole.difficulty, is_generic=False)

    engine.__class__ = Lazy

    with pytest.raises(Exception, match="it has 2 steps"):
        plans.generate(ids[ANGLES])
    with pytest.raises(NotFound):
        plans.get(ids[ANGLES])


def test_a_guideline_that_changed_meanwhile_keeps_no_plan_of_its_old_text(
    plans, ids, desk, book, engine
):
    def change():
        desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
        desk.publish.sync(book)

    engine.meanwhile = change

    with pytest.raises(Conflict, match="changed while"):
        plans.generate(ids[ADDING])
    with pytest.raises(NotFound):
        plans.get(ids[ADDING])


# With a sync


def test_a_sync_keeps_the_plan_of_an_unchanged_guideline_and_drops_that_of_a_changed_one(
    plans, ids, desk, book
):
    kept = plans.generate(ids[SUBTRACTING])
    plans.generate(ids[ADDING])
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")

    desk.publish.sync(book)

    assert plans.get(ids[SUBTRACTING]) == kept
    with pytest.raises(NotFound):
        plans.get(ids[ADDING])
    assert "Begin with paper strips." in plans.generate(ids[ADDING]).plan.steps[1].description


def test_a_plan_is_news_for_the_bucket(plans, ids, desk, book):
    with desk.database.read() as session:
        before = desk_rev(session, book)

    plans.generate(ids[ADDING])

    with desk.database.read() as session:
        assert desk_rev(session, book) == before + 1


def desk_rev(session, book: str) -> int:
    from hornbook.library import books

    return books.revision(session, book)


# Many


def test_all_that_were_asked_for_are_made_once_each(plans, ids, line, engine):
    line.start()

    begun = plans.generate_all([*ids.values(), *ids.values()])
    now = settled(plans)

    assert (begun.total, now.total, now.made, now.failures) == (4, 4, 4, ())
    assert plans.planned([*ids.values()]) == {*ids.values()}
    assert set(engine.asked.values()) == {1}


def test_those_that_have_a_plan_keep_it_unless_it_is_forced(plans, ids, line, engine):
    before = plans.generate(ids[ADDING])
    line.start()

    plans.generate_all([*ids.values()])
    settled(plans)
    assert plans.get(ids[ADDING]) == before

    plans.generate_all([ids[ADDING]], force=True)
    assert settled(plans).total == 1
    assert plans.get(ids[ADDING]).version == 2


def test_a_request_with_unknown_guidelines_names_them_and_begins_nothing(plans, ids):
    with pytest.raises(NotFound, match="'nobody', 'nothing'"):
        plans.generate_all([ids[ADDING], "nothing", "nobody"])

    assert plans.progress().total == 0


def test_it_needs_no_book_to_be_idle_and_holds_none(plans, ids, line, desk, book, engine):
    engine.may_go.clear()
    line.start()
    plans.generate_all([*ids.values()])
    until(plans, lambda _now: engine.asked.total() > 0)

    desk.generate.start(book)

    engine.may_go.set()
    assert settled(plans).made == 4


def test_one_that_fails_is_told_with_its_reason_and_the_others_are_made(plans, ids, line, engine):
    engine.failures["Adding like fractions"] = Declined()
    line.start()

    plans.generate_all([*ids.values()])
    now = settled(plans)

    assert (now.made, now.stopped_by) == (3, None)
    ((failed),) = now.failures
    assert (failed.guideline_id, failed.title) == (ids[ADDING], "Adding like fractions")
    assert failed.reason == str(Declined())

    engine.failures.clear()
    plans.try_again()
    assert settled(plans).made == 4


def test_a_bug_is_one_guidelines_failure_and_not_the_end(plans, ids, line, engine):
    engine.failures["Adding like fractions"] = ValueError("a bug")
    line.start()

    plans.generate_all([*ids.values()])
    now = settled(plans)

    assert now.made == 3
    assert "an unexpected fault (ValueError)" in now.failures[0].reason


def test_a_refused_key_ends_it_with_its_reason_instead_of_trying_every_guideline(
    plans, ids, line, engine, desk
):
    engine.failures = dict.fromkeys(TITLES, KeyRefused())
    line.start()

    plans.generate_all([*ids.values()])
    now = settled(plans)

    assert (now.made, now.failures, len(now.left)) == (0, (), 4)
    assert now.stopped_by == str(KeyRefused())
    assert plans.look(ids[ADDING])[2] == (WishState.STOPPED, str(KeyRefused()))


TITLES = ("Adding like fractions", "Subtracting fractions", "Angles", "Triangles")


def test_a_model_that_is_down_is_not_asked_for_every_guideline(plans, ids, line, engine):
    engine.failures = dict.fromkeys(TITLES, ServerError())
    line.start()

    plans.generate_all([*ids.values()])
    now = settled(plans)

    assert (now.made, now.waiting) == (0, 0)
    assert now.stopped_by or len(now.failures) >= 3
    assert all(one.reason == str(ServerError()) for one in (*now.failures, *now.left))


def test_a_refusal_is_tried_again_before_it_counts(plans, ids, line, engine):
    class Once(Steered):
        def plan(self, teachable):
            if self.asked[teachable.title] == 0:
                self.asked[teachable.title] += 1
                raise ServerError
            return super().plan(teachable)

    engine.__class__ = Once
    line.start()

    plans.generate_all([*ids.values()])

    assert settled(plans).made == 4


def test_what_was_asked_for_survives_a_restart_and_nothing_is_made_twice(
    plans, ids, line, desk, engine
):
    engine.may_go.clear()
    line.start()
    plans.generate_all([*ids.values()])
    until(plans, lambda _now: engine.asked.total() == 3)
    line.stop(grace=0.05)
    engine.may_go.set()
    time.sleep(0.1)

    assert plans.progress().made == 0

    second = new_line(desk, engine)
    second.start()
    now = settled(plans)
    second.stop(grace=20)

    assert now.made == 4
    assert {version(plans.get(one)) for one in ids.values()} == {1}


def version(kept: KeptPlan) -> int:
    return kept.version


def test_a_guideline_that_changed_meanwhile_is_planned_anew(plans, ids, line, desk, book, engine):
    def change():
        engine.meanwhile = lambda: None
        desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
        desk.publish.sync(book)

    engine.meanwhile = change
    line.start()

    plans.generate_all([ids[ADDING]])
    settled(plans)

    assert "Begin with paper strips." in plans.get(ids[ADDING]).plan.steps[1].description


def test_all_of_a_filter_are_counted_and_made(plans, ids, line, book):
    plans.generate(ids[ADDING])

    assert plans.coverage(PublishedFilter(words="fractions")) == (2, 1)
    line.start()
    plans.generate_matching(PublishedFilter(words="fractions"))

    assert settled(plans).made == 2


def test_nothing_is_made_where_another_process_has_the_seat(desk, engine, plans, ids):
    idle = PlanLine(
        desk.database,
        desk.clock,
        lambda *_about: engine,
        lambda *_about: engine,
        is_seated=lambda: False,
    )
    plans.generate_all([*ids.values()])

    idle.start()
    time.sleep(0.05)
    idle.stop(grace=20)

    assert (engine.asked.total(), plans.progress().waiting) == (0, 4)
