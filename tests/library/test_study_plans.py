"""Study plans and the wishes for them, as they are kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hornbook.errors import NotFound
from hornbook.library import published, study_plans
from hornbook.model.published import PublishedFilter
from hornbook.model.study import (
    Difficulty,
    MadePlan,
    StudyPlan,
    StudyStep,
    Unmade,
    WishState,
)
from tests.desk import Desk
from tests.library.test_published import subtopic

PLAN = StudyPlan(
    steps=tuple(
        StudyStep(f"s{n}", "Begin ½", "Ask.", "Talk.", "They do.", (n,)) for n in (1, 2, 3)
    ),
    minutes=30,
    difficulty=Difficulty.HARD,
    is_generic=False,
    creative_theme="Pizza",
    reasoning="Short.",
)
MADE = MadePlan(PLAN, "planner", "reviewer", "Fine.", was_revised=True)


@pytest.fixture
def desk(database, clock) -> Desk:
    return Desk(database, clock)


@pytest.fixture
def ids(desk) -> list[str]:
    """The published guidelines of a book."""
    book, now = desk.book([]), desk.clock()
    with desk.database.begin() as session:
        shown = [subtopic(f"part-{n}", n, clock=desk.clock) for n in (1, 2, 3, 4)]
        published.create(session, book, shown, now)
    return [row.id for row in desk.publish.rows(PublishedFilter(book_id=book))]


def wish(desk, ids, *, is_forced=False):
    with desk.database.begin() as session:
        study_plans.wish(session, ids, is_forced=is_forced, now=desk.clock())


def settle(desk, guideline_id, state, reason=None):
    with desk.database.begin() as session:
        study_plans.settle(session, guideline_id, state, desk.clock(), reason)


def waiting(desk) -> list[str]:
    with desk.database.read() as session:
        return study_plans.waiting(session)


def progress(desk):
    with desk.database.read() as session:
        return study_plans.progress(session)


def test_a_plan_is_kept_as_it_was_made_and_replaced_by_the_next(desk, ids):
    with desk.database.begin() as session:
        first = study_plans.keep(session, ids[0], MADE, desk.clock())
    desk.clock.advance(60)
    with desk.database.begin() as session:
        study_plans.keep(session, ids[0], MADE, desk.clock())

    with desk.database.read() as session:
        kept = study_plans.get(session, ids[0])
        assert study_plans.planned(session, ids) == {ids[0]}
        assert study_plans.find(session, ids[1]) is None
        with pytest.raises(NotFound):
            study_plans.get(session, ids[1])
    assert (first.version, kept.version) == (1, 2)
    assert (kept.plan, kept.feedback, kept.was_revised) == (PLAN, "Fine.", True)
    assert (kept.planner, kept.reviewer) == ("planner", "reviewer")
    assert (kept.created_at, kept.updated_at) == (first.created_at, desk.clock())


def test_plans_go_with_their_guidelines_and_so_do_wishes(desk, ids):
    wish(desk, ids[:2])
    with desk.database.begin() as session:
        study_plans.keep(session, ids[0], MADE, desk.clock())
        published.take(session, ids[0])

    with desk.database.read() as session:
        assert study_plans.planned(session, ids) == set()
    assert waiting(desk) == [ids[1]]


def test_wishes_wait_in_the_order_they_were_asked_for_and_join_those_that_wait(desk, ids):
    wish(desk, [ids[2], ids[0]])
    wish(desk, [ids[0], ids[1]])

    assert waiting(desk) == [ids[2], ids[0], ids[1]]
    assert (progress(desk).total, progress(desk).waiting, progress(desk).made) == (3, 3, 0)


def test_two_who_ask_at_once_for_the_same_plans_do_not_disturb_each_other(desk, ids):
    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(wish, desk, ids) for _number in range(8)]

    assert [one.exception() for one in asking] == [None] * 8
    assert waiting(desk) == ids


def test_where_there_is_a_plan_nothing_is_made_unless_it_is_forced(desk, ids):
    with desk.database.begin() as session:
        study_plans.keep(session, ids[0], MADE, desk.clock())

    wish(desk, ids[:2])
    assert waiting(desk) == [ids[1]]
    assert progress(desk).made == 1
    wish(desk, ids[:2], is_forced=True)
    assert waiting(desk) == ids[:2]


def test_what_was_asked_for_anew_replaces_what_is_settled(desk, ids):
    wish(desk, ids[:2])
    settle(desk, ids[0], WishState.MADE)
    settle(desk, ids[1], WishState.FAILED, "Too short.")
    (failed,) = progress(desk).failures
    assert (failed.guideline_id, failed.reason) == (ids[1], "Too short.")

    wish(desk, [ids[3]])

    assert (progress(desk).total, progress(desk).failures) == (1, ())


def test_what_was_left_has_its_reason_and_is_taken_up_again(desk, ids):
    wish(desk, ids[:3])
    settle(desk, ids[0], WishState.FAILED, "Declined.")
    with desk.database.begin() as session:
        study_plans.give_up(session, "Key refused: no.", desk.clock())

    now = progress(desk)
    assert (now.waiting, now.stopped_by, len(now.left)) == (0, "Key refused: no.", 2)
    assert isinstance(now.left[0], Unmade)

    with desk.database.begin() as session:
        study_plans.wish_again(session)
    assert waiting(desk) == ids[:3]
    assert progress(desk).stopped_by is None


def test_only_published_guidelines_are_known(desk, ids):
    with desk.database.begin() as session:
        assert study_plans.known(session, [*ids, "nothing"]) == set(ids)
        assert study_plans.hold(session, ids[0]) == 1
        with pytest.raises(NotFound):
            study_plans.hold(session, "nothing")
