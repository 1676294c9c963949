"""What a run would touch is told first, and is what it then touches."""

import pytest

from hornbook.errors import Invalid, NotFound, ServerError
from hornbook.model.forecast import Forecast, Touch
from hornbook.stages.finalize import Proposal, ProposalKind
from hornbook.workflows.forecast import Forecasts
from tests.desk import ADDING, ANGLES, SUBTRACTING, TEXTS, TRIANGLES, Desk

NEW_SECTION = "2.3 Circles\nA circle is round.\nIts radius reaches from the middle to the rim."


@pytest.fixture
def desk(database, clock) -> Desk:
    return Desk(database, clock)


@pytest.fixture
def forecasts(desk) -> Forecasts:
    return Forecasts(desk.database, lambda: desk.reader.name)


def touched(forecast: Forecast) -> dict[tuple[str, str], dict[Touch, tuple[int, ...]]]:
    return {(one.topic_key, one.key): dict(one.reasons) for one in forecast.touched}


def written_anew(desk: Desk, book: str, before: dict) -> set[tuple[str, str]]:
    """The guidelines whose text or pages are others than before, new and vanished ones too."""
    after = desk.shown(book)
    said = {key: (after.get(key, ())[5:], before.get(key, ())[5:]) for key in after | before}
    return {key for key, (new, old) in said.items() if new != old}


def test_nothing_is_touched_when_nothing_changed(desk, forecasts):
    book = desk.ready()

    forecast = forecasts.of_restart(book)

    assert (forecast.is_empty, forecast.untouched_count) == (True, 4)
    assert (forecast.pages_to_read, forecast.pages_reused) == ((), 10)


def test_a_corrected_text_touches_the_guideline_of_its_page_and_no_other(desk, forecasts):
    book = desk.ready()
    before = desk.shown(book)
    desk.correct(book, 2, "Adding means counting parts together.")

    forecast = forecasts.of_restart(book)
    desk.generated(book)

    assert touched(forecast) == {ADDING: {Touch.CHANGED: (2,)}}
    assert (forecast.pages_to_read, forecast.untouched_count) == ((2,), 3)
    assert written_anew(desk, book, before) == {ADDING}


def test_a_new_page_in_the_midst_touches_the_section_it_falls_in(desk, forecasts):
    book = desk.ready()
    desk.add_page(book, "Take away equal parts.\nCount what is left.", place=4)
    before = desk.shown(book)

    forecast = forecasts.of_restart(book)
    desk.generated(book)

    assert touched(forecast) == {SUBTRACTING: {Touch.FRESH: (4,)}}
    assert written_anew(desk, book, before) == {SUBTRACTING}


def test_a_new_section_is_named_before_it_exists(desk, forecasts):
    book = desk.ready()
    desk.add_page(book, NEW_SECTION)

    forecast = forecasts.of_restart(book)
    desk.generated(book)

    (new,) = [one for one in forecast.touched if one.is_new]
    assert (new.topic_title, new.title) == ("Geometry", "Circles")
    assert new.reasons == ((Touch.FRESH, (11,)),)
    assert (new.topic_key, new.key) in desk.sources(book)


def test_a_page_that_would_go_elsewhere_touches_both_sides(desk, forecasts):
    book = desk.ready()
    before = desk.shown(book)
    desk.correct(book, 4, f"2.1 Angles\n{TEXTS[4]}")
    desk.correct(book, 5, TEXTS[5])

    forecast = forecasts.of_restart(book)
    desk.generated(book)

    assert written_anew(desk, book, before) <= touched(forecast).keys()
    assert Touch.CHANGED in touched(forecast)[SUBTRACTING]


def test_a_guideline_that_loses_all_its_pages_is_said_to_go(desk, forecasts):
    book = desk.ready()
    for number in (5, 6):
        desk.correct(book, number, f"2.2 Triangles\n{TEXTS[6]}")

    forecast = forecasts.of_restart(book)
    desk.generated(book)

    assert [one.title for one in forecast.touched if one.is_left_empty] == ["Angles"]
    assert ANGLES not in desk.sources(book)
    assert touched(forecast)[TRIANGLES] == {Touch.CHANGED: (5, 6)}


def test_an_edited_guideline_that_is_touched_says_that_the_human_s_text_stays(desk, forecasts):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
    desk.correct(book, 2, "Adding means counting parts together.")

    forecast = forecasts.of_restart(book)
    desk.generated(book)

    (one,) = forecast.touched
    assert one.is_edited
    assert forecast.human_work.edited == (one.title,)
    assert desk.guidelines.subtopic(book, *ADDING).guidelines == "Begin with paper strips."
    assert desk.guidelines.subtopic(book, *ADDING).has_candidate


def test_merges_are_followed_to_the_guideline_that_was_kept(desk, forecasts):
    book = desk.ready()
    desk.refiner.propose = lambda ids: [
        Proposal(
            ProposalKind.MERGE, ids["Adding like fractions"], ids["Subtracting fractions"], "same"
        )
    ]
    desk.refined(book)
    desk.correct(book, 3, "Subtracting means taking equal parts away.")

    assert touched(forecasts.of_restart(book)) == {ADDING: {Touch.CHANGED: (3,)}}


def test_going_on_names_what_is_owed_only(desk, forecasts):
    book = desk.book()
    desk.reader.failures["protractor"] = ServerError("The server faltered.")
    desk.generated(book)
    desk.reader.failures.clear()

    forecast = forecasts.of_resume(book)
    before = desk.shown(book)
    desk.generated(book, resume=True)

    assert touched(forecast)[ANGLES] == {Touch.FAILED: (6,)}
    assert forecast.pages_to_read == (6, 7, 8, 9, 10)
    assert written_anew(desk, book, before) <= touched(forecast).keys()
    assert ADDING not in touched(forecast)


def test_human_work_is_counted(desk, forecasts):
    book = desk.ready()
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.publish.approve_all(book, "eve")

    work = forecasts.human_work(book)

    assert (work.corrected_texts, work.approved_rows, work.withheld) == (1, 4, 0)
    assert work.edited == ()


def test_what_cannot_be_foretold_says_why(desk, forecasts):
    with pytest.raises(NotFound):
        forecasts.of_restart("nobody_math_4_2026")
    assert forecasts.of_resume(desk.book()) is None
    book = desk.book(author="bob")
    desk.generated(book)
    for number in range(len(TEXTS), 0, -1):
        desk.reject_page(book, number)
    with pytest.raises(Invalid):
        forecasts.of_resume(book)
