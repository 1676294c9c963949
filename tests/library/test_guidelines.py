"""Topics, subtopics and placements, as they are kept."""

import pytest

from hornbook.errors import NotFound
from hornbook.library import books, decisions, guidelines, keys, pages, placing, removals, scripts
from hornbook.library.placing import Seat
from hornbook.library.tables import BookGuidelineRow
from hornbook.model.guideline import Block, BlockKind, SubtopicStatus
from tests.desk import TEXTS, Desk

BARS = Seat("t1", "fractions", "Fractions", "s1", "bars", "Bars")
STRIPS = Seat("t1", "fractions", "Fractions", "s2", "strips", "Strips")
ANGLES = Seat("t2", "shapes", "Shapes", "s3", "angles", "Angles")
HUMAN = Block(BlockKind.HUMAN, "Mine.")
ITEM = Block(BlockKind.ITEM, "i1")


def no_text(blocks, items, page_nums) -> str:
    return f"{len(blocks)} blocks"


@pytest.fixture
def desk(database, clock) -> Desk:
    return Desk(database, clock)


@pytest.fixture
def book(desk) -> str:
    """Page 1 and 4 under Angles, 2 under Bars, 3 under Strips."""
    book_id = desk.book(TEXTS[:5])
    with desk.database.begin() as session:
        for number, seat in ((1, ANGLES), (2, BARS), (3, STRIPS), (4, ANGLES)):
            put(session, book_id, number, seat, desk.clock())
    return book_id


def put(session, book_id, number, seat, now) -> None:
    placing.ensure(session, book_id, seat, now=now, rev=1)
    placing.put(
        session, f"{book_id}/{number}", seat.subtopic_id,
        confidence=0.8, provisional=False, evidence="heading",
    )  # fmt: skip


def look(desk, book) -> guidelines.Contents:
    with desk.database.read() as session:
        return guidelines.contents(session, book)


def names(desk, book) -> list[str]:
    return [one.key for one in look(desk, book).survivors()]


def test_subtopics_stand_topic_by_topic_in_page_order(desk, book):
    assert names(desk, book) == ["angles", "bars", "strips"]


def test_a_subtopic_is_found_by_its_keys(desk, book):
    contents = look(desk, book)

    assert contents.find("fractions", "strips").id == "s2"
    with pytest.raises(NotFound):
        contents.find("shapes", "strips")


def test_a_subtopic_is_shown_with_its_text_and_its_exact_pages(desk, book):
    with desk.database.read() as session:
        angles, *_ = guidelines.subtopics(session, book, no_text)

    assert (angles.topic_key, angles.subtopic_key) == ("shapes", "angles")
    assert (angles.source_pages, angles.page_range, angles.guidelines) == (
        (1, 4),
        "1-4",
        "0 blocks",
    )


def test_a_page_is_the_source_of_one_subtopic_only(desk, book):
    with desk.database.begin() as session:
        put(session, book, 4, BARS, desk.clock())

    pages_of_bars = [one.page_num for one in look(desk, book).pages_of("s1")]

    assert pages_of_bars == [2, 4]
    assert [one.page_num for one in look(desk, book).pages_of("s3")] == [1]


def test_a_rejected_page_is_the_source_of_nothing(desk, book):
    with desk.database.begin() as session:
        pages.reject(session, pages.get(session, book, 1))
        assert placing.unusable_placed(session, book) == [f"{book}/1"]

    assert names(desk, book) == ["bars", "strips", "angles"]


def test_a_merged_subtopic_gives_its_pages_to_the_end_of_the_chain(desk, book):
    with desk.database.begin() as session:
        placing.retitle(session, "s3", "Angles", "s2", rev=2)
        placing.retitle(session, "s2", "Strips", "s1", rev=2)

    contents = look(desk, book)

    assert names(desk, book) == ["bars"]
    assert [one.page_num for one in contents.pages_of("s1")] == [1, 2, 3, 4]
    assert contents.kept("s3") == "s1"


def test_a_circle_of_merges_loses_nothing(desk, book):
    with desk.database.begin() as session:
        placing.retitle(session, "s1", "Bars", "s2", rev=2)
        placing.retitle(session, "s2", "Strips", "s1", rev=2)

    assert names(desk, book) == ["angles", "bars", "strips"]


def test_a_seat_keeps_the_title_shown_and_remembers_what_was_found(desk, book):
    renamed = Seat("t1", "fractions", "Parts", "s1", "bars", "Chocolate")
    with desk.database.begin() as session:
        placing.ensure(session, book, renamed, now=desk.clock(), rev=2)

    contents = look(desk, book)

    assert (contents.topics["t1"].title, contents.topics["t1"].found_title) == (
        "Fractions",
        "Parts",
    )
    bars = contents.subtopics["s1"]
    assert (bars.title, bars.found_title, bars.key) == ("Bars", "Chocolate", "bars")


def test_a_subtopic_that_moves_to_another_topic_leaves_no_file_behind(desk, book):
    moved = Seat("t2", "shapes", "Shapes", "s1", "bars", "Bars")
    with desk.database.begin() as session:
        placing.ensure(session, book, moved, now=desk.clock(), rev=2)

    assert look(desk, book).subtopics["s1"].topic_id == "t2"
    assert keys.subtopic(book, "fractions", "bars") in noted(desk, book)


def noted(desk, book) -> tuple[str, ...]:
    with desk.database.read() as session:
        return removals.take(session, book, desk.clock()).keys


def test_a_new_title_makes_the_summaries_due_again(desk, book):
    with desk.database.begin() as session:
        scripts.set_summary(session, "s1", "About bars.", rev=2)
        placing.set_topic_summary(session, "t1", "About fractions.")
        placing.retitle(session, "s1", "Bars", None, rev=3)
    assert look(desk, book).subtopics["s1"].summary == "About bars."

    with desk.database.begin() as session:
        placing.retitle(session, "s1", "Chocolate bars", None, rev=4)

    contents = look(desk, book)
    assert (contents.subtopics["s1"].summary, contents.topics["t1"].summary) == ("", "")


def test_a_topic_s_new_title_makes_its_summary_due_again(desk, book):
    with desk.database.begin() as session:
        placing.set_topic_summary(session, "t1", "About fractions.")
        placing.retitle_topic(session, "t1", "Parts")

    topic = look(desk, book).topics["t1"]

    assert (topic.title, topic.summary, topic.key) == ("Parts", "", "fractions")


def test_removing_the_last_subtopic_removes_its_topic_and_its_file(desk, book):
    with desk.database.begin() as session:
        placing.remove_subtopics(session, book, ["s3"])

    contents = look(desk, book)
    assert (set(contents.topics), set(contents.subtopics)) == ({"t1"}, {"s1", "s2"})
    assert [one.page_num for one in contents.placements] == [2, 3]
    assert keys.subtopic(book, "shapes", "angles") in noted(desk, book)


def test_a_text_keeps_every_version_that_a_human_replaced(desk, book, clock):
    with desk.database.begin() as session:
        scripts.write(session, "s1", [ITEM], rev=2, now=clock())
        scripts.write_edit(session, "s1", [HUMAN, ITEM], by="eve", rev=3, now=clock())
        scripts.offer(session, "s1", [ITEM, ITEM], rev=4)
        scripts.set_candidate_aside(session, "s1", by="eve", rev=5, now=clock())
        scripts.offer(session, "s1", [ITEM], rev=6)
        scripts.take_candidate(session, "s1", by="eve", rev=7, now=clock())

    with desk.database.read() as session:
        kept = scripts.earlier(session, "s1")
        script = scripts.scripts(session, ["s1"])["s1"]

    assert kept == [(ITEM,), (ITEM, ITEM), (HUMAN, ITEM)]
    assert script == scripts.Script((ITEM,), None, is_edited=False)


def test_items_shown_by_edits_are_those_of_text_and_candidate(desk, book, clock):
    other = Block(BlockKind.ITEM, "i2")
    with desk.database.begin() as session:
        scripts.write(session, "s2", [Block(BlockKind.ITEM, "i3")], rev=2)
        scripts.write_edit(session, "s1", [HUMAN, ITEM], by="eve", rev=3, now=clock())
        scripts.offer(session, "s1", [other], rev=4)

        assert scripts.shown_in_edits(session, book) == {"i1", "i2"}


def test_an_offer_that_changes_nothing_is_no_change(desk, book):
    with desk.database.begin() as session:
        scripts.offer(session, "s1", [ITEM], rev=5)
        scripts.offer(session, "s1", [ITEM], rev=6)
        scripts.offer(session, "s2", None, rev=6)

        revs = {one.id: one for one in guidelines.contents(session, book).survivors()}
        assert revs.keys() == {"s1", "s2", "s3"}
        assert scripts.scripts(session, ["s1"])["s1"].candidate == (ITEM,)


def test_a_status_stamps_only_what_changes(desk, book):
    with desk.database.begin() as session:
        scripts.set_status(session, ["s1", "s2"], SubtopicStatus.STABLE, rev=9)
        scripts.reopen(session, "s2")

    statuses = {one.key: one.status.value for one in look(desk, book).survivors()}

    assert statuses == {"bars": "stable", "strips": "open", "angles": "open"}


def test_withholding_tells_the_book_or_that_there_is_none(desk, book):
    with desk.database.begin() as session:
        assert scripts.withhold(session, "s1", is_withheld=True) == book
        assert scripts.withhold(session, "nothing", is_withheld=True) is None

    assert look(desk, book).subtopics["s1"].is_withheld


def test_the_book_s_guidelines_as_a_whole_are_generated_then_reviewed(desk, book, clock):
    with desk.database.begin() as session:
        placing.note_generated(session, book, "generated", clock())
        placing.note_reviewed(session, book, "eve", clock())
        placing.note_generated(session, book, "final", clock())

    with desk.database.read() as session:
        (row,) = session.query(BookGuidelineRow)
        assert (row.status, row.review_status, row.reviewed_by) == ("final", "TO_BE_REVIEWED", None)
        assert (row.version, row.guideline_s3_key) == (2, keys.guideline_index(book))


def test_decisions_are_kept_in_order_and_none_twice(desk, book, clock):
    with desk.database.begin() as session:
        for title in ("Parts", "Pieces", "Parts"):
            decisions.add(
                session, book, kind="rename_topic", target_id="t1", value=title,
                reason="clearer", now=clock(),
            )  # fmt: skip
        first = decisions.decisions(session, book)[0]
        decisions.set_undone(session, book, first.id, is_undone=True)

        taken = [(one.value, one.is_undone) for one in decisions.decisions(session, book)]

    assert taken == [("Parts", True), ("Pieces", False)]


def test_a_decision_of_another_book_is_not_found(desk, book):
    with desk.database.begin() as session, pytest.raises(NotFound):
        decisions.set_undone(session, book, "nothing", is_undone=True)


def test_pages_are_stamped_when_what_is_shown_of_them_changed(desk, book):
    with desk.database.begin() as session:
        rev = books.touch(session, book)
        placing.stamp_page(session, f"{book}/2", rev)
        assert [page.page_num for page in pages.find(session, book, since_rev=rev - 1)] == [2]

        placing.stamp_pages(session, book, rev + 1)
        assert len(pages.find(session, book, since_rev=rev)) == 5


def test_where_a_page_was_put_can_be_asked_and_taken_back(desk, book):
    with desk.database.begin() as session:
        assert placing.place_of(session, f"{book}/2") == "s1"
        placing.take_out(session, [f"{book}/2"])
        assert placing.place_of(session, f"{book}/2") is None


def test_contents_about_some_subtopics_hold_what_merges_join_to_them_and_nothing_else(desk, book):
    with desk.database.begin() as session:
        placing.retitle(session, BARS.subtopic_id, "Bars", STRIPS.subtopic_id, rev=1)
    everything = look(desk, book)

    with desk.database.read() as session:
        bars = guidelines.contents(session, book, [BARS.subtopic_id])
        angles = guidelines.contents(session, book, [ANGLES.subtopic_id, "gone"])

    assert bars.subtopics.keys() == {BARS.subtopic_id, STRIPS.subtopic_id}
    assert bars.kept(BARS.subtopic_id) == STRIPS.subtopic_id
    for one, contents in ((STRIPS.subtopic_id, bars), (ANGLES.subtopic_id, angles)):
        assert contents.pages_of(one) == everything.pages_of(one)
    assert angles.subtopics.keys() == {ANGLES.subtopic_id}
    assert angles.topics.keys() == {ANGLES.topic_id}
