"""What Publish will do is shown row by row; what is published is found, and judged in numbers."""

import pytest

from hornbook.errors import NotFound
from hornbook.model.guideline import PublishedReview
from hornbook.model.published import PublishedFilter
from tests.desk import ADDING, ANGLES, SUBTRACTING, TRIANGLES, Desk


@pytest.fixture
def desk(database, clock) -> Desk:
    return Desk(database, clock)


def rows(desk: Desk, **wanted) -> dict:
    found = desk.publish.rows(PublishedFilter(**wanted))
    return {(one.topic_key, one.subtopic_key): one for one in found}


def synced(desk: Desk, **facts) -> str:
    book = desk.book(**facts)
    desk.generated(book)
    desk.publish.sync(book)
    return book


def test_what_a_sync_would_do_is_shown_with_every_text_before_and_after(desk):
    book = synced(desk)
    for row in rows(desk).values():
        desk.publish.approve_row(row.id, approved=True, by="eve")
    before = rows(desk)
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
    for number in (4, 3):
        desk.delete(book, number)
    desk.publish.delete_row(before[TRIANGLES].id)

    changes = desk.publish.changes(book)

    (changed,) = changes.changed
    assert (changed.topic_key, changed.subtopic_key) == ADDING
    assert changed.before.guideline == before[ADDING].guideline
    assert changed.after.guideline == "Begin with paper strips."
    assert (changed.was_approved, changes.back_to_review) == (True, 1)
    (gone,) = changes.gone
    assert (gone.title, gone.after) == ("Fractions: Subtracting fractions", None)
    assert gone.before.guideline == before[SUBTRACTING].guideline
    assert [one.subtopic_title for one in changes.withheld] == ["Triangles"]
    assert (changes.new, changes.unchanged_count, changes.is_nothing) == ((), 1, False)


def test_it_is_what_the_sync_then_does(desk):
    book = synced(desk)
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
    changes = desk.publish.changes(book)

    stats = desk.publish.sync(book)

    assert stats.updated_count == len(changes.changed) == 1
    assert rows(desk)[ADDING].guideline == changes.changed[0].after.guideline
    assert desk.publish.changes(book).is_nothing


def test_a_book_that_does_not_exist_has_no_changes(desk):
    with pytest.raises(NotFound):
        desk.publish.changes("nobody_math_4_2026")


def test_several_rows_are_judged_at_once_and_only_news_is_told(desk):
    synced(desk)
    ids = [row.id for row in rows(desk).values()]
    desk.publish.approve_row(ids[0], approved=True, by="eve")

    approved = desk.publish.approve_rows([*ids[:3], "gone"], approved=True, by="bob")

    assert sorted(approved) == sorted(ids[1:3])
    judged = [row for row in rows(desk).values() if row.review_status is PublishedReview.APPROVED]
    assert sorted(row.reviewed_by for row in judged) == ["bob", "bob", "eve"]

    back = desk.publish.approve_rows(approved, approved=False, by="bob")
    assert sorted(back) == sorted(approved)
    assert sum(row.reviewed_by is None for row in rows(desk).values()) == 3


def test_all_that_a_filter_shows_is_approved_and_nothing_else(desk):
    first, second = synced(desk), synced(desk, author="bob")

    approved = desk.publish.approve_matching(PublishedFilter(book_id=first), by="eve")

    assert len(approved) == 4
    assert {row.review_status.value for row in rows(desk, book_id=first).values()} == {"APPROVED"}
    assert {row.reviewed_by for row in rows(desk, book_id=second).values()} == {None}


def test_rows_are_found_by_their_words_and_listed_screen_by_screen(desk):
    book = synced(desk)
    wanted = PublishedFilter(words="PROTRACTOR turn")

    found, facets = desk.publish.listed(wanted, limit=10, offset=0)
    first, _ = desk.publish.listed(PublishedFilter(), limit=3, offset=0)
    rest, _ = desk.publish.listed(PublishedFilter(), limit=3, offset=3)

    assert [one.subtopic_key for one in found] == [ANGLES[1]]
    assert facets.total == 1
    assert [one.subtopic_key for one in (*first, *rest)] == [key for _, key in rows(desk)]
    assert desk.publish.listed(PublishedFilter(words="100%"), limit=3, offset=0)[0] == []
    assert facets.book_id == ((book, 1),)


def test_each_filter_counts_what_it_would_show_beside_the_others(desk):
    synced(desk)
    desk.publish.approve_row(rows(desk)[ADDING].id, approved=True, by="eve")

    _, facets = desk.publish.listed(
        PublishedFilter(status=PublishedReview.APPROVED), limit=9, offset=0
    )

    assert facets.status == (("APPROVED", 1), ("TO_BE_REVIEWED", 3))
    assert (facets.country, facets.grade, facets.total) == ((("IN", 1),), (("4", 1),), 1)
