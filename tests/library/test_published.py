"""The published rows, as they are kept."""

from dataclasses import replace

import pytest

from hornbook.errors import NotFound
from hornbook.library import published
from hornbook.model.guideline import PublishedReview, Subtopic, SubtopicStatus
from hornbook.model.published import PublishedFilter
from tests.desk import Desk


@pytest.fixture
def desk(database, clock) -> Desk:
    return Desk(database, clock)


def subtopic(key: str, *pages: int, clock) -> Subtopic:
    return Subtopic(
        id=f"id of {key}", topic_key="fractions", topic_title="Fractions", topic_summary="All.",
        subtopic_key=key, subtopic_title=key.title(), subtopic_summary="Some.",
        status=SubtopicStatus.OPEN, source_pages=pages, guidelines="Text.", is_edited=False,
        has_candidate=False, version=1, created_at=clock(), updated_at=clock(),
    )  # fmt: skip


@pytest.fixture
def book(desk, clock) -> str:
    book_id = desk.book([])
    with desk.database.begin() as session:
        shown = [subtopic("strips", 3, 4, clock=clock), subtopic("bars", 1, clock=clock)]
        published.create(session, book_id, shown, clock())
    return book_id


def rows(desk, **wanted):
    with desk.database.read() as session:
        return published.rows(session, PublishedFilter(**wanted))


def test_rows_stand_in_page_order_with_the_facts_of_their_book(desk, book):
    found = rows(desk, book_id=book)

    assert [row.subtopic_key for row in found] == ["bars", "strips"]
    assert (found[1].source_page_start, found[1].source_page_end, found[1].grade) == (3, 4, 4)
    assert found[0].review_status is PublishedReview.TO_BE_REVIEWED


def test_a_row_without_pages_stands_last(desk, book, clock):
    with desk.database.begin() as session:
        published.create(session, book, [subtopic("lost", clock=clock)], clock())

    assert [row.subtopic_key for row in rows(desk)] == ["bars", "strips", "lost"]
    assert rows(desk)[2].source_page_start is None


def test_only_changed_rows_go_back_to_review(desk, book, clock):
    with desk.database.begin() as session:
        assert published.approve_book(session, book, "eve", clock()) == (2, 0)
    shown = {
        one.id: one
        for one in (subtopic("bars", 2, clock=clock), subtopic("strips", 5, clock=clock))
    }
    digests = dict.fromkeys(shown, "digest")

    with desk.database.begin() as session:
        published.refresh(session, book, shown, digests, ["id of bars"], clock())

    bars, strips = rows(desk)
    assert (bars.review_status, bars.version) == (PublishedReview.TO_BE_REVIEWED, 2)
    assert (strips.review_status, strips.version, strips.source_page_start) == (
        PublishedReview.APPROVED, 1, 5,
    )  # fmt: skip
    with desk.database.read() as session:
        assert published.hashes(session, book) == {"id of bars": "digest", "id of strips": "digest"}
        assert published.titles(session, book)["id of bars"] == "Fractions: Bars"


def test_rows_are_removed_by_subtopic_and_only_of_their_book(desk, book, clock):
    other = desk.book([], author="bob")
    with desk.database.begin() as session:
        published.remove(session, other, ["id of bars"])
        assert len(published.rows(session, PublishedFilter())) == 2
        published.remove(session, book, ["id of bars"])

    assert [row.subtopic_key for row in rows(desk)] == ["strips"]


def test_a_verdict_is_kept_with_who_and_when_and_given_once(desk, book, clock):
    one = rows(desk)[0]
    with desk.database.begin() as session:
        published.review(session, one.id, approved=True, by="eve", now=clock())
        again = published.review(session, one.id, approved=True, by="bob", now=clock())

    assert again == replace(
        one, review_status=PublishedReview.APPROVED, reviewed_by="eve", reviewed_at=clock()
    )
    assert rows(desk, status=PublishedReview.APPROVED) == [again]


def test_a_row_taken_away_tells_where_it_came_from(desk, book):
    one = rows(desk)[0]
    with desk.database.begin() as session:
        assert published.take(session, one.id) == (book, "id of bars")

    with desk.database.read() as session, pytest.raises(NotFound):
        published.get(session, one.id)


def test_filters_count_what_waits_and_what_is_approved(desk, book, clock):
    with desk.database.begin() as session:
        published.review(session, rows(desk)[0].id, approved=True, by="eve", now=clock())
        found = published.filters(session)

    assert (found.total, found.pending, found.approved) == (2, 1, 1)
    assert (found.countries, found.boards, found.grades, found.subjects) == (
        ("IN",), ("CBSE",), (4,), ("math",),
    )  # fmt: skip


def test_nothing_published_gives_empty_filters(desk):
    with desk.database.read() as session:
        found = published.filters(session)

    assert (found.countries, found.total) == ((), 0)
