"""What Refine & Consolidate changed is a list a human goes through: undone singly, or all at once."""

import pytest

from hornbook.errors import JobAlreadyActive, NotFound, ServerError
from hornbook.model.job import JobStatus
from hornbook.stages.finalize import Proposal, ProposalKind
from tests.desk import ADDING, SUBTRACTING, TRIANGLES, Desk

RENAMED = "All about triangles"


def improve(ids: dict[str, str]) -> list[Proposal]:
    """Subtracting goes into Adding, and Triangles gets a longer name."""
    adding, subtracting = ids["Adding like fractions"], ids["Subtracting fractions"]
    return [
        Proposal(ProposalKind.MERGE, adding, subtracting, "both are about fractions"),
        Proposal(ProposalKind.RENAME_SUBTOPIC, ids["Triangles"], RENAMED, "says more"),
    ]


@pytest.fixture
def desk(database, clock) -> Desk:
    desk = Desk(database, clock)
    desk.refiner.propose = improve
    return desk


def refined(desk: Desk) -> str:
    book = desk.ready()
    desk.refined(book)
    return book


def titles(desk: Desk, book: str) -> list[str]:
    return [one.subtopic_title for one in desk.guidelines.subtopics(book)]


def test_undoing_all_gives_every_title_and_every_page_back(desk):
    book = desk.ready()
    before = {key: (row[2], row[5], row[6]) for key, row in desk.shown(book).items()}
    desk.refined(book)
    assert SUBTRACTING not in desk.sources(book)

    assert desk.finalize.undo_all(book) == 2

    after = {key: (row[2], row[5], row[6]) for key, row in desk.shown(book).items()}
    assert after == before
    assert all(one.is_undone for one in desk.finalize.decisions(book))
    assert all(row[3] for row in desk.shown(book).values())


def test_undoing_all_again_changes_nothing(desk):
    book = refined(desk)
    desk.finalize.undo_all(book)
    before = desk.shown(book)

    assert desk.finalize.undo_all(book) == 0

    assert desk.shown(book) == before


def test_what_was_undone_all_at_once_stays_so_when_refined_and_generated_again(desk):
    book = refined(desk)
    desk.finalize.undo_all(book)

    desk.generated(book)
    desk.refined(book)

    assert RENAMED not in titles(desk, book)
    assert SUBTRACTING in desk.sources(book)


def test_all_that_was_undone_can_be_applied_again(desk):
    book = refined(desk)
    before = desk.shown(book)
    rename = next(one for one in desk.finalize.decisions(book) if one.kind != "merge")
    desk.finalize.undo(book, rename.id)

    assert desk.finalize.redo_all(book) == 1

    assert desk.shown(book) == before


def test_applying_all_again_leaves_a_text_that_a_human_edited_meanwhile(desk):
    book = refined(desk)
    desk.finalize.undo_all(book)
    desk.guidelines.edit(book, *SUBTRACTING, "My own words.", by="eve")

    desk.finalize.redo_all(book)

    own = desk.guidelines.subtopic(book, *SUBTRACTING)
    assert (own.guidelines, own.is_edited) == ("My own words.", True)
    assert RENAMED in titles(desk, book)
    merge = next(one for one in desk.finalize.decisions(book) if one.kind == "merge")
    assert (merge.is_applied, merge.is_undone) == (False, False)
    assert merge.objection == "A human has edited the text that would go."


def test_a_plan_gone_on_with_leaves_a_text_that_a_human_edited_meanwhile(desk):
    book = desk.ready()
    desk.writer.failure = ServerError("The model is down.")
    failed = desk.refined(book)
    assert failed.status is JobStatus.FAILED
    desk.writer.failure = None
    desk.finalize.undo_all(book)
    desk.guidelines.edit(book, *SUBTRACTING, "My own words.", by="eve")
    desk.finalize.redo_all(book)

    desk.refined(book)

    assert desk.guidelines.subtopic(book, *SUBTRACTING).guidelines == "My own words."


def test_nothing_is_undone_while_a_job_is_active(desk):
    book = refined(desk)
    desk.generate.start(book)

    for act in (desk.finalize.undo_all, desk.finalize.redo_all):
        with pytest.raises(JobAlreadyActive):
            act(book)


def test_both_texts_of_a_duplicate_can_be_read_also_when_they_are_one(desk):
    book = desk.ready()
    texts = [desk.guidelines.subtopic(book, *key).guidelines for key in (ADDING, SUBTRACTING)]
    desk.refined(book)
    merge = next(one for one in desk.finalize.decisions(book) if one.kind == "merge")

    duplicate = desk.finalize.duplicates(book)[merge.id]

    assert [duplicate.kept_text, duplicate.dropped_text] == texts
    assert (duplicate.kept_title, duplicate.dropped_title) == (
        "Adding like fractions", "Subtracting fractions",
    )  # fmt: skip


def test_a_decision_that_no_longer_fits_says_why(desk):
    book = refined(desk)
    assert all(one.is_applied for one in desk.finalize.decisions(book))
    for number in (4, 3):
        desk.delete(book, number)
    desk.generated(book)

    merge = next(one for one in desk.finalize.decisions(book) if one.kind == "merge")

    assert (merge.is_applied, merge.is_undone) == (False, False)
    assert merge.objection == "There is no such subtopic."
    assert TRIANGLES in desk.sources(book)


def test_a_book_that_does_not_exist_is_not_found(desk):
    for act in (desk.finalize.undo_all, desk.finalize.duplicates):
        with pytest.raises(NotFound):
            act("nobody_math_4_2026")
