"""What subtopics and topics are about, as their pages come and go."""

import pytest

from hornbook.errors import Malformed
from tests.desk import ADDING, SUBTRACTING, TEXTS, TRIANGLES, Desk


@pytest.fixture
def desk(database, clock):
    return Desk(database, clock)


def summary(desk, book, key=ADDING):
    return desk.guidelines.subtopic(book, *key).subtopic_summary


def topic_summary(desk, book, key=ADDING):
    return desk.guidelines.subtopic(book, *key).topic_summary


def test_a_topic_that_gains_a_subtopic_is_summarized_anew(desk):
    book = desk.book()
    desk.generated(book, start_page=1, end_page=2)

    desk.generated(book)

    assert topic_summary(desk, book) == "Fractions: Adding like fractions, Subtracting fractions."


def test_a_topic_with_one_subtopic_says_what_that_says(desk):
    book = desk.book([*TEXTS[:4], *TEXTS[6:]])
    desk.generated(book, start_page=1, end_page=5)

    desk.generated(book)

    told, lonely = "Triangles in 8 statements.", ("chapter-2", TRIANGLES[1])
    assert topic_summary(desk, book, lonely) == summary(desk, book, lonely) == told


def test_a_summary_stays_when_a_page_goes_and_is_written_anew_by_the_next_run(desk):
    book = desk.ready()
    desk.reject_page(book, 8)

    behind = desk.guidelines.subtopic(book, *TRIANGLES)
    assert (behind.is_outdated, behind.subtopic_summary) == (True, "Triangles in 8 statements.")

    desk.generated(book)

    anew = desk.guidelines.subtopic(book, *TRIANGLES)
    assert (anew.is_outdated, anew.subtopic_summary) == (False, "Triangles in 6 statements.")


def test_refining_writes_a_summary_anew_that_is_behind(desk):
    book = desk.ready()
    desk.delete(book, 8)

    desk.refined(book)

    assert summary(desk, book, TRIANGLES) == "Triangles in 6 statements."


def test_a_text_taken_in_place_of_a_humans_is_summarized_by_the_next_run(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Mine.", by="eve")
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.generated(book)
    desk.guidelines.choose(book, *ADDING, take_candidate=True, by="eve")

    desk.generated(book)

    assert summary(desk, book) == "Adding like fractions in 3 statements."


def test_a_topic_says_that_no_model_summarized_it_until_one_does(desk):
    book = desk.book()
    desk.writer.topic_failures = {"Fractions": Malformed()}
    desk.generated(book)
    wanting = desk.guidelines.subtopic(book, *SUBTRACTING)
    assert wanting.topic_shortfall == str(Malformed())
    assert wanting.topic_summary

    desk.generated(book)

    written = desk.guidelines.subtopic(book, *SUBTRACTING)
    assert written.topic_shortfall is None
    assert written.topic_summary == "Fractions: Adding like fractions, Subtracting fractions."
