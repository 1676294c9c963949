"""Guidelines read, edited, chosen between, rejected, and traced to their pages."""

from collections import Counter

import pytest

from hornbook.errors import Conflict, Invalid, JobAlreadyActive, NotFound, StaleRevision, Terminal
from hornbook.library import keys, pages, removals, scripts
from hornbook.model.contents import PageOutcome
from hornbook.model.finding import ItemKind
from hornbook.model.guideline import SubtopicStatus
from hornbook.model.page import Box
from tests.desk import ADDING, ANGLES, SUBTRACTING, TEXTS, TRIANGLES, Desk

OWN_WORDS = "Begin with paper strips."


@pytest.fixture
def desk(sqlite_database, clock) -> Desk:
    return Desk(sqlite_database, clock)


def edited(desk: Desk, *, key: tuple[str, str] = ADDING) -> str:
    """A book of whose guidelines a human edited one: a line of their own above all others."""
    book = desk.ready()
    before = desk.guidelines.subtopic(book, *key).guidelines
    desk.guidelines.edit(book, *key, f"{OWN_WORDS}\n{before}", by="eve")
    return book


# Reading


@pytest.mark.parametrize(
    "look", ["subtopics", "processed_pages", "topics", "page_assignments", "page_results", "reject"]
)
def test_a_book_that_does_not_exist_is_not_found(desk, look):
    with pytest.raises(NotFound):
        getattr(desk.guidelines, look)("nobody_math_4_2026")


def test_an_unknown_guideline_is_not_found(desk):
    with pytest.raises(NotFound, match="fractions/nothing"):
        desk.guidelines.subtopic(desk.ready(), "fractions", "nothing")


def test_a_book_before_generation_has_no_guidelines_and_open_pages(desk):
    book = desk.book(TEXTS[:2])

    assert desk.guidelines.subtopics(book) == []
    assert desk.guidelines.processed_pages(book) == []
    assert desk.outcomes(book) == ["open", "open"]


def test_the_index_lists_topics_and_subtopics_in_page_order(desk):
    book = desk.ready()

    topics = desk.guidelines.topics(book)

    assert [(one.topic_key, one.topic_title) for one in topics] == [
        ("fractions", "Fractions"), ("geometry", "Geometry"),
    ]  # fmt: skip
    assert [(one.subtopic_key, one.page_range, one.status) for one in topics[1].subtopics] == [
        ("angles", "5-6", SubtopicStatus.OPEN), ("triangles", "7-10", SubtopicStatus.OPEN),
    ]  # fmt: skip


def test_each_page_is_assigned_to_one_subtopic(desk):
    assignments = desk.guidelines.page_assignments(desk.ready())

    assert [one.page_num for one in assignments] == list(range(1, 11))
    assert (assignments[2].topic_key, assignments[2].subtopic_key) == SUBTRACTING
    assert not assignments[2].provisional
    assert 0 < assignments[2].confidence <= 1


def test_every_page_ends_as_one_thing_and_says_which(desk):
    book = desk.book([*TEXTS[:8], "A drawing", "", *TEXTS[8:]])
    desk.reject_page(book, 2)
    desk.blank(book, 4)
    desk.reader.failures["protractor"] = Terminal("The model refuses this page.")
    desk.generated(book, end_page=11)

    results = desk.guidelines.page_results(book)

    assert [one.outcome for one in results] == [
        PageOutcome.USED, PageOutcome.SKIPPED, PageOutcome.USED, PageOutcome.BLANK,
        PageOutcome.USED, PageOutcome.FAILED, PageOutcome.USED, PageOutcome.USED,
        PageOutcome.NO_CONTENT, PageOutcome.FAILED, PageOutcome.USED, PageOutcome.OPEN,
    ]  # fmt: skip
    assert (results[5].error, results[5].error_type) == ("The model refuses this page.", "terminal")
    assert (results[4].topic_key, results[4].subtopic_key) == ANGLES
    assert desk.guidelines.processed_pages(book) == [1, 3, 5, 7, 8, 9, 11]
    with desk.database.read() as session:
        counts = pages.counts(session, book)
    said = Counter(one.outcome.value for one in results)
    assert all(getattr(counts, outcome.value) == said[outcome.value] for outcome in PageOutcome)


def test_every_page_that_cannot_be_read_says_why(desk):
    book = desk.book([TEXTS[0], ""])

    failed = desk.guidelines.page_results(book)[1]

    assert (failed.outcome, failed.error) == (PageOutcome.FAILED, "No words found on this page.")


def test_every_statement_can_be_traced_to_its_page_its_words_and_their_box(desk):
    book = desk.ready()

    sources = desk.guidelines.sources(book, *ADDING)

    assert [(one.page_num, one.kind) for one in sources] == [
        (1, ItemKind.CONCEPT), (1, ItemKind.CONCEPT), (2, ItemKind.CONCEPT),
        (2, ItemKind.WORKED_EXAMPLE),
    ]  # fmt: skip
    assert sources[0].quote == "Like fractions have the same denominator."
    assert sources[0].boxes == (Box(10, 40, 500, 58),)


# Editing


def test_an_edit_is_shown_and_what_was_left_alone_keeps_its_sources(desk):
    book = edited(desk)

    one = desk.guidelines.subtopic(book, *ADDING)

    assert one.guidelines.startswith(OWN_WORDS)
    assert (one.is_edited, one.has_candidate) == (True, False)
    assert len(desk.guidelines.sources(book, *ADDING)) == 4


def test_an_edit_keeps_the_text_before_it(desk):
    book = desk.ready()
    one = desk.guidelines.subtopic(book, *ADDING)
    desk.guidelines.edit(book, *ADDING, OWN_WORDS, one.version, by="eve")

    with desk.database.read() as session:
        before = scripts.earlier(session, one.id)

    assert [len(scripts.items_in(blocks)) for blocks in before] == [4]
    assert desk.guidelines.subtopic(book, *ADDING).version == one.version + 1


def test_an_edit_from_a_stale_version_is_refused(desk):
    book = desk.ready()
    version = desk.guidelines.subtopic(book, *ADDING).version
    desk.guidelines.edit(book, *ADDING, OWN_WORDS, version, by="eve")

    with pytest.raises(StaleRevision):
        desk.guidelines.edit(book, *ADDING, "Mine.", version, by="bob")


def test_an_edit_that_changes_nothing_is_none(desk):
    book = desk.ready()
    before = desk.guidelines.subtopic(book, *ADDING)

    after = desk.guidelines.edit(book, *ADDING, before.guidelines + "\n", by="eve")

    assert after == before


def test_an_empty_text_is_refused(desk):
    with pytest.raises(Invalid):
        desk.guidelines.edit(desk.ready(), *ADDING, "  \n", by="eve")


def test_nothing_is_edited_chosen_or_rejected_while_a_job_is_active(desk):
    book = desk.ready()
    desk.generate.start(book)

    with pytest.raises(JobAlreadyActive):
        desk.guidelines.edit(book, *ADDING, OWN_WORDS, by="eve")
    with pytest.raises(JobAlreadyActive):
        desk.guidelines.choose(book, *ADDING, take_candidate=True, by="eve")
    with pytest.raises(JobAlreadyActive):
        desk.guidelines.reject(book)


def test_a_reference_to_a_page_follows_the_page(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Begin with the bar (p. 2).", by="eve")

    desk.move(book, 2, 9)

    assert desk.guidelines.subtopic(book, *ADDING).guidelines == "Begin with the bar (p. 9)."


# A run beside a human's text


def test_generating_again_never_overwrites_an_edit_and_offers_nothing_that_is_no_news(desk):
    book = edited(desk)
    before = desk.guidelines.subtopic(book, *ADDING)

    desk.generated(book, ask_again=True)

    after = desk.guidelines.subtopic(book, *ADDING)
    assert (after.guidelines, after.has_candidate) == (before.guidelines, False)
    assert desk.guidelines.candidate(book, *ADDING) is None


def test_statements_put_differently_stand_beside_the_edit_and_change_nothing_in_it(desk):
    book = edited(desk)
    before = desk.guidelines.subtopic(book, *ADDING)
    desk.reader.wording = lambda line: f"In short: {line}"

    desk.generated(book, ask_again=True)

    after = desk.guidelines.subtopic(book, *ADDING)
    assert after.guidelines == before.guidelines
    assert (after.has_candidate, after.status) == (True, SubtopicStatus.NEEDS_REVIEW)
    assert "In short: " in desk.guidelines.candidate(book, *ADDING)


def test_a_text_whose_statements_are_put_differently_is_another_version_of_it(desk):
    book = desk.ready()
    before = desk.guidelines.subtopic(book, *ADDING)
    desk.reader.wording = lambda line: f"In short: {line}"

    desk.generated(book, ask_again=True)

    assert desk.guidelines.subtopic(book, *ADDING).version > before.version
    with pytest.raises(StaleRevision):
        desk.guidelines.edit(book, *ADDING, "Mine.", before.version, by="eve")


def test_what_a_run_would_change_stands_beside_the_edit_and_the_human_chooses(desk):
    book = edited(desk)
    desk.correct(book, 2, "Adding means counting parts together.")

    desk.generated(book)

    one = desk.guidelines.subtopic(book, *ADDING)
    assert one.guidelines.startswith(OWN_WORDS)
    assert "three fifths of the whole bar. (p. 2)" in one.guidelines
    assert (one.has_candidate, one.status) == (True, SubtopicStatus.NEEDS_REVIEW)
    candidate = desk.guidelines.candidate(book, *ADDING)
    assert "Adding means counting parts together. (p. 2)" in candidate
    assert OWN_WORDS not in candidate

    taken = desk.guidelines.choose(book, *ADDING, take_candidate=True, by="eve")
    assert (taken.guidelines, taken.is_edited, taken.has_candidate) == (candidate, False, False)


def test_a_candidate_set_aside_is_not_offered_again(desk):
    book = edited(desk)
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.generated(book)

    kept = desk.guidelines.choose(book, *ADDING, take_candidate=False, by="eve")
    desk.generated(book)

    assert (kept.is_edited, kept.has_candidate) == (True, False)
    assert kept.status is SubtopicStatus.STABLE
    again = desk.guidelines.subtopic(book, *ADDING)
    assert (again.guidelines, again.has_candidate) == (kept.guidelines, False)


def test_there_is_nothing_to_choose_without_a_candidate(desk):
    with pytest.raises(Conflict):
        desk.guidelines.choose(desk.ready(), *ADDING, take_candidate=True, by="eve")


def test_deleting_a_page_takes_its_statements_out_of_an_edit_and_leaves_the_human_s_words(desk):
    book = edited(desk)

    desk.delete(book, 2)

    one = desk.guidelines.subtopic(book, *ADDING)
    assert one.guidelines.startswith(OWN_WORDS)
    assert "three fifths" not in one.guidelines
    assert (one.source_pages, one.has_candidate) == ((1,), False)


def test_an_edited_guideline_survives_the_loss_of_all_its_pages_and_waits_for_review(desk):
    book = edited(desk)

    desk.delete(book, 2)
    desk.delete(book, 1)

    one = desk.guidelines.subtopic(book, *ADDING)
    assert one.guidelines.startswith(OWN_WORDS)
    assert (one.source_pages, one.page_range) == ((), "")
    assert one.status is SubtopicStatus.NEEDS_REVIEW


# Rejecting


def test_rejecting_deletes_everything_that_was_generated(desk):
    book = desk.ready()
    desk.publish.sync(book)

    desk.guidelines.reject(book)

    assert desk.guidelines.subtopics(book) == []
    assert desk.guidelines.topics(book) == []
    assert desk.outcomes(book) == ["open"] * 10
    assert desk.publish.preview(book).gone == ()
    assert desk.finalize.decisions(book) == []


def test_rejecting_has_the_files_deleted(desk):
    book = desk.ready()

    desk.guidelines.reject(book)

    with desk.database.read() as session:
        noted = set(removals.take(session, book, desk.clock()).keys)
    assert noted >= {
        keys.subtopic(book, *ADDING), keys.subtopic(book, *TRIANGLES), keys.page_guideline(book, 1),
    }  # fmt: skip


def test_the_same_guidelines_can_be_generated_after_a_rejection(desk):
    book = desk.ready()
    before = desk.shown(book)
    desk.guidelines.reject(book)

    desk.generated(book)

    assert desk.shown(book) == before


def test_a_guideline_is_read_piece_by_piece_and_each_says_whose_it_is(desk):
    book = desk.ready()
    before = desk.guidelines.subtopic(book, *ADDING)
    desk.guidelines.edit(
        book, *ADDING, f"# Mine\n- A strip (p. 2)\n{before.guidelines}\n\nThe end.", by="eve"
    )

    found = desk.guidelines.passages(book)[before.id]

    assert [(one.kind.value, one.text.split("\n")[0][:24]) for one in found] == [
        ("human", "# Mine"),
        ("heading", "Key ideas"),
        ("item", "Like fractions have the "),
        ("item", "To add them, add the num"),
        ("item", "Like fractions are added"),
        ("heading", "Worked examples"),
        ("item", "Example: one fifth and t"),
        ("human", ""),
    ]
    assert found[0].text == "# Mine\n- A strip (p. 2)"
    sources = desk.guidelines.sources(book, *ADDING)
    assert [one.source for one in found if one.source] == sources
