import pytest
from sqlalchemy import select

from hornbook.errors import NotFound
from hornbook.library import books
from hornbook.library.tables import RemovalRow
from hornbook.model.book import NewBook


@pytest.fixture
def book_id(database, clock) -> str:
    with database.begin() as session:
        return books.add(session, NewBook("Maths", 4, "math"), "ada", clock())


def test_every_touch_raises_the_revision_by_one(database, book_id):
    with database.begin() as session:
        before = books.get(session, book_id).rev

        assert [books.touch(session, book_id) for _ in range(2)] == [before + 1, before + 2]
        assert books.get(session, book_id).rev == before + 2


def test_there_is_no_touching_a_book_that_is_not_there(database):
    for look in (books.touch, books.require, books.remove):
        with database.begin() as session, pytest.raises(NotFound, match="no book 'nobody'"):
            look(session, "nobody")


def test_a_removal_noted_twice_is_noted_once(database, book_id):
    with database.begin() as session:
        books.note_removal(session, book_id, "a", "b")
        books.note_removal(session, book_id, "b", "c", "c")
        books.note_removal(session, book_id)

        assert sorted(session.scalars(select(RemovalRow.key))) == ["a", "b", "c"]


def test_an_id_taken_by_a_transaction_that_just_ended_is_passed_over(postgres_database, clock):
    new = NewBook("Maths", 4, "math")
    with postgres_database.begin() as first:
        books._insert(first, "unknown_math_4_2026", new, "ada", clock())
    with postgres_database.begin() as second:
        assert not books._insert(second, "unknown_math_4_2026", new, "bob", clock())
        assert books.add(second, new, "bob", clock()) == "unknown_math_4_2026_1"


def test_a_touch_says_when_the_book_last_changed(database, clock):
    with database.begin() as session:
        book_id = books.add(session, NewBook("Sums", 2, "Maths"), "ada", clock())
    with database.begin() as session:
        books.touch(session, book_id)

    with database.read() as session:
        book = books.get(session, book_id)

    assert book.updated_at > book.created_at
