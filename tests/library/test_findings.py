"""What each page gave, as it is kept."""

import pytest

from hornbook.errors import NotFound
from hornbook.library import codec, findings, pages, readings
from hornbook.model.finding import Finding, Item, ItemKind, LineOnPage
from hornbook.model.job import ErrorType, Failure, JobType
from hornbook.model.page import Box
from tests.desk import TEXTS, Desk

BAR = Item(ItemKind.CONCEPT, "The bar has five parts.", "The bar has five parts.")
STRIP = Item(ItemKind.EXERCISE, "Fold a strip.", "Fold a strip.", (Box(1, 2, 3, 4),))


@pytest.fixture
def desk(database, clock) -> Desk:
    return Desk(database, clock)


def finding(*items: Item) -> Finding:
    return Finding("A page.", items, ("1.1 Bars",), 2, "sentences")


def save(desk: Desk, page_id: str, *items: Item, revision: int = 1, keep=()) -> None:
    with desk.database.begin() as session:
        findings.save(session, page_id, revision, finding(*items), keep)


def test_a_finding_is_given_back_as_it_was_kept(desk):
    page = f"{desk.book(TEXTS[:1])}/1"
    save(desk, page, BAR, STRIP)

    with desk.database.read() as session:
        kept = findings.get(session, page)

    assert kept == findings.StoredFinding(1, finding(BAR, STRIP))


def test_a_page_that_was_not_read_has_no_finding(desk):
    page = f"{desk.book(TEXTS[:1])}/1"

    with desk.database.read() as session:
        assert findings.get(session, page) is None


def test_a_new_finding_replaces_the_old_one(desk):
    book = desk.book(TEXTS[:1])
    save(desk, f"{book}/1", BAR, STRIP)

    save(desk, f"{book}/1", STRIP, revision=2)

    with desk.database.read() as session:
        assert findings.get(session, f"{book}/1").finding.items == (STRIP,)
        assert findings.read_revisions(session, book) == {f"{book}/1": 2}
        assert len(findings.items_of_book(session, book)) == 1


def test_an_item_that_an_edit_still_shows_is_retired_and_not_lost(desk):
    book = desk.book(TEXTS[:1])
    page = f"{book}/1"
    save(desk, page, BAR, STRIP)
    (bar_id,) = codec.item_ids(page, [BAR])

    save(desk, page, STRIP, keep={bar_id})

    with desk.database.read() as session:
        assert findings.get(session, page).finding.items == (STRIP,)
        assert [one.item for one in findings.items_of_pages(session, [page])[page]] == [STRIP]
        assert findings.items_of_book(session, book)[bar_id].item == BAR


def test_a_retired_item_that_the_page_gives_again_is_live_again(desk):
    book = desk.book(TEXTS[:1])
    page = f"{book}/1"
    (bar_id,) = codec.item_ids(page, [BAR])
    save(desk, page, BAR)
    save(desk, page, STRIP, keep={bar_id})

    save(desk, page, BAR, keep={bar_id})

    with desk.database.read() as session:
        assert [one.item for one in findings.items_of_pages(session, [page])[page]] == [BAR]
        assert len(findings.items_of_book(session, book)) == 1


def test_items_of_a_page_without_any_are_none(desk):
    book = desk.book(TEXTS[:1])

    with desk.database.read() as session:
        assert findings.items_of_pages(session, [f"{book}/1"]) == {}
        assert findings.items_of_pages(session, []) == {}


def test_everything_of_a_book_can_be_forgotten_and_nothing_of_another(desk):
    ours, theirs = desk.book(TEXTS[:1]), desk.book(TEXTS[:1], author="bob")
    save(desk, f"{ours}/1", BAR)
    save(desk, f"{theirs}/1", BAR)

    with desk.database.begin() as session:
        findings.delete_all(session, ours)

    with desk.database.read() as session:
        assert findings.read_revisions(session, ours) == {}
        assert findings.read_revisions(session, theirs) == {f"{theirs}/1": 1}


def test_readers_are_given_the_text_of_one_revision_with_its_lines(desk):
    book = desk.book(["One.\nTwo."])
    desk.correct(book, 1, "Typed.")

    with desk.database.read() as session:
        page = findings.page_to_read(session, f"{book}/1", 1)

    assert page.text == "One.\nTwo."
    assert page.lines[1] == LineOnPage("Two.", Box(10, 20, 500, 38), 1)


def test_a_text_typed_by_a_human_has_lines_without_boxes_and_its_paragraphs(desk):
    book = desk.book(["One."])
    desk.correct(book, 1, "Alpha\n beta \n\n\nGamma")

    with desk.database.read() as session:
        lines = findings.lines_of(session, {f"{book}/1": 2})

    assert lines == {
        f"{book}/1": (LineOnPage("Alpha"), LineOnPage("beta"), LineOnPage("Gamma", None, 2))
    }


def test_lines_of_more_pages_than_one_question_holds_come_all(desk):
    book = desk.book(TEXTS[:2])
    gone = dict.fromkeys((f"{book}/{number}" for number in range(1000, 1900)), 1)

    with desk.database.read() as session:
        found = findings.lines_of(session, {f"{book}/1": 1, **gone, f"{book}/2": 1})

    assert sorted(found) == [f"{book}/1", f"{book}/2"]


def test_a_revision_that_does_not_exist_is_not_found(desk):
    book = desk.book(TEXTS[:1])

    with desk.database.read() as session, pytest.raises(NotFound):
        findings.page_to_read(session, f"{book}/1", 7)


def test_attempts_are_counted_over_all_jobs_of_a_type(desk, clock):
    book = desk.book(TEXTS[:1])
    page = f"{book}/1"
    failure = Failure("Refused.", ErrorType.TERMINAL, "Terminal")
    now = clock()
    with desk.database.begin() as session:
        for job, what in (("first", failure), ("second", None)):
            readings.add_attempt(
                session, page, job, JobType.EXTRACTION, now, now, "sentences", what
            )

    with desk.database.read() as session:
        tries = readings.attempts(session, pages.by_id(session, page))

    assert [(one.attempt, one.outcome, one.error) for one in tries] == [
        (1, "failed", "Refused."), (2, "done", None),
    ]  # fmt: skip
