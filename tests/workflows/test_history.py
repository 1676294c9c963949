"""Every text that a human wrote or replaced is kept, told in words, and can be put back."""

import pytest

from hornbook.errors import Conflict, JobAlreadyActive, NotFound, StaleRevision
from hornbook.model.guideline import EditAct
from tests.desk import ADDING, Desk

STRIPS = "Begin with paper strips."
BARS = "Begin with chocolate bars."


@pytest.fixture
def desk(database, clock) -> Desk:
    return Desk(database, clock)


def text(desk: Desk, book: str) -> str:
    return desk.guidelines.subtopic(book, *ADDING).guidelines


def write(desk: Desk, book: str, line: str, *, by: str = "eve") -> str:
    """Put a line of one's own above the text; gives the whole text."""
    desk.clock.advance(60)
    before = text(desk, book)
    return desk.guidelines.edit(book, *ADDING, f"{line}\n{before}", by=by).guidelines


def told(desk: Desk, book: str) -> list[tuple]:
    versions = desk.guidelines.history(book, *ADDING)
    return [(one.number, one.act, one.by, one.is_present) for one in versions]


def test_a_text_that_no_human_touched_has_one_version(desk):
    book = desk.ready()

    (only,) = desk.guidelines.history(book, *ADDING)

    assert (only.number, only.act, only.before, only.is_present) == (1, None, None, True)
    assert only.text == text(desk, book)
    assert desk.guidelines.edit_counts(book) == {}


def test_every_version_says_who_wrote_it_when_and_what_stood_there_before(desk):
    book = desk.ready()
    generated = text(desk, book)
    first = write(desk, book, STRIPS)
    second = write(desk, book, BARS, by="bob")

    newest, middle, oldest = desk.guidelines.history(book, *ADDING)

    assert (newest.text, newest.before, newest.by) == (second, first, "bob")
    assert (middle.text, middle.before, middle.by) == (first, generated, "eve")
    assert (oldest.text, oldest.by) == (generated, None)
    assert (newest.at - middle.at).total_seconds() == 60
    assert told(desk, book) == [
        (3, EditAct.EDITED, "bob", True), (2, EditAct.EDITED, "eve", False), (1, None, None, False),
    ]  # fmt: skip
    assert list(desk.guidelines.edit_counts(book).values()) == [2]


def test_an_older_version_is_put_back_as_a_new_one_with_its_sources(desk):
    book = desk.ready()
    generated = text(desk, book)
    desk.guidelines.edit(book, *ADDING, "Only mine.", by="eve")
    assert desk.guidelines.sources(book, *ADDING) == []

    restored = desk.guidelines.restore(book, *ADDING, 1, by="bob")

    assert restored.guidelines == generated
    assert (restored.is_edited, restored.edited_by) == (True, "bob")
    assert len(desk.guidelines.sources(book, *ADDING)) == 4
    assert next(row[:3] for row in told(desk, book)) == (3, EditAct.RESTORED, "bob")
    assert desk.guidelines.history(book, *ADDING)[1].text == "Only mine."


def test_what_was_restored_is_a_human_s_and_no_run_overwrites_it(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Only mine.", by="eve")
    restored = desk.guidelines.restore(book, *ADDING, 1, by="eve").guidelines
    desk.correct(book, 2, "Adding means counting parts together.")

    desk.generated(book)

    assert text(desk, book) == restored
    assert desk.guidelines.subtopic(book, *ADDING).has_candidate


def test_a_version_reads_as_it_did_when_its_statements_are_gone(desk):
    book = desk.ready()
    generated = text(desk, book)
    desk.guidelines.edit(book, *ADDING, "Only mine.", by="eve")
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.generated(book, ask_again=True)

    oldest = desk.guidelines.history(book, *ADDING)[-1]
    restored = desk.guidelines.restore(book, *ADDING, 1, by="eve")

    assert oldest.text == generated
    assert restored.guidelines == generated
    assert {one.page_num for one in desk.guidelines.sources(book, *ADDING)} == {1}


def test_pages_in_old_versions_follow_their_pages(desk):
    book = desk.ready()
    write(desk, book, "Begin with the bar (p. 2).")
    write(desk, book, STRIPS)

    desk.move(book, 2, 9)

    assert "Begin with the bar (p. 9)." in desk.guidelines.history(book, *ADDING)[1].text


def test_what_changes_without_a_human_is_a_version_of_its_own(desk):
    book = desk.ready()
    write(desk, book, STRIPS)
    desk.delete(book, 2)

    newest, edit, _generated = desk.guidelines.history(book, *ADDING)

    assert (newest.act, newest.by, newest.is_present) == (None, None, True)
    assert newest.before == edit.text
    assert "three fifths" not in newest.text
    assert "three fifths of the whole bar. (page removed)" in edit.text


def test_choosing_between_two_texts_is_told(desk):
    book = desk.ready()
    mine = write(desk, book, STRIPS)
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.generated(book)
    candidate = desk.guidelines.candidate(book, *ADDING)

    desk.guidelines.choose(book, *ADDING, take_candidate=False, by="eve")

    kept = desk.guidelines.history(book, *ADDING)[0]
    assert (kept.act, kept.text, kept.before) == (EditAct.KEPT, mine, candidate)


def test_a_text_given_up_for_a_run_s_can_be_had_back(desk):
    book = desk.ready()
    mine = write(desk, book, STRIPS)
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.generated(book)
    taken = desk.guidelines.choose(book, *ADDING, take_candidate=True, by="eve")
    assert desk.guidelines.history(book, *ADDING)[0].text == taken.guidelines

    back = desk.guidelines.restore(book, *ADDING, 2, by="eve")

    assert (back.guidelines, back.is_edited) == (mine, True)


def test_only_what_there_is_can_be_restored_and_only_from_the_present_version(desk):
    book = desk.ready()
    write(desk, book, STRIPS)
    version = desk.guidelines.subtopic(book, *ADDING).version

    with pytest.raises(NotFound):
        desk.guidelines.restore(book, *ADDING, 7, by="eve")
    with pytest.raises(Conflict):
        desk.guidelines.restore(book, *ADDING, 2, by="eve")
    with pytest.raises(StaleRevision):
        desk.guidelines.restore(book, *ADDING, 1, version - 1, by="eve")
    desk.generate.start(book)
    with pytest.raises(JobAlreadyActive):
        desk.guidelines.restore(book, *ADDING, 1, version, by="eve")
