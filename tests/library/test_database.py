"""Transactions: committed or not at all, one instant to a reader, in a queue on SQLite."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session

from hornbook.library import books
from hornbook.library.database import Database
from hornbook.library.tables import BookRow, SubtopicRow
from tests.library import rich_book
from tests.library.rich_book import BOOK, NOW

WRITERS = 8
ROUNDS = 10


@pytest.fixture
def book(database: Database) -> Database:
    with database.begin() as session:
        session.add(rich_book.book(rev=0))
    return database


def rev(database: Database) -> int:
    with database.read() as session:
        return session.get_one(BookRow, BOOK).rev


def test_a_block_that_ends_well_is_committed(book: Database) -> None:
    with book.begin() as session:
        books.touch(session, BOOK)

    assert rev(book) == 1


def test_a_block_that_raises_changes_nothing(book: Database) -> None:
    def fail(session: Session) -> None:
        books.touch(session, BOOK)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), book.begin() as session:
        fail(session)

    assert rev(book) == 0


def test_nothing_done_while_reading_is_kept(book: Database) -> None:
    try:
        with book.read() as session:
            session.execute(update(BookRow).values(rev=5))
    except DBAPIError:
        assert not book.is_sqlite

    assert rev(book) == 0


def test_a_reader_sees_one_instant(book: Database) -> None:
    with book.read() as session:
        before = session.scalar(select(BookRow.rev))
        with book.begin() as other:
            books.touch(other, BOOK)
        after = session.scalar(select(BookRow.rev))

    assert (before, after) == (0, 0)
    assert rev(book) == 1


def test_many_writers_that_read_first_all_succeed(book: Database) -> None:
    def write(_number: int) -> None:
        for _round in range(ROUNDS):
            with book.begin() as session:
                row = session.scalars(select(BookRow).with_for_update()).one()
                row.rev += 1

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    assert rev(book) == WRITERS * ROUNDS


def test_a_transaction_inside_another_one_fails_and_does_not_hang(
    sqlite_database: Database,
) -> None:
    impatient = Database(sqlite_database.url, patience=0.1)

    with (
        pytest.raises(PoolExhausted, match="does not end"),
        impatient.begin(),
        impatient.begin(),
    ):
        pass
    with impatient.begin() as session:
        session.add(rich_book.book())
    impatient.close()


def test_references_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as session:
        session.add(rich_book.page(1))


def test_what_hangs_on_a_book_goes_with_it(database: Database) -> None:
    with database.begin() as session:
        rich_book.insert(session, rich_book.rich_book())

    with database.begin() as session:
        books.remove(session, BOOK)

    with database.read() as session:
        for table in ("book_pages", "subtopics", "teaching_guidelines", "study_plans", "findings"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_an_instant_comes_back_in_utc(book: Database) -> None:
    local = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with book.begin() as session:
        session.get_one(BookRow, BOOK).updated_at = local

    with book.read() as session:
        read = session.get_one(BookRow, BOOK).updated_at

    assert read == local
    assert read.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(book: Database) -> None:
    with pytest.raises(StatementError, match="needs its zone"), book.begin() as session:
        session.get_one(BookRow, BOOK).updated_at = NOW.replace(tzinfo=None)


def test_no_candidate_is_null_to_the_database_too(database: Database) -> None:
    with database.begin() as session:
        topic = rich_book.topic("t")
        rich_book.insert(
            session, [rich_book.book(), topic, rich_book.subtopic(topic, "s", [], candidate=None)]
        )

    with database.read() as session:
        found = session.scalars(select(SubtopicRow).where(SubtopicRow.candidate.is_(None)))
        assert len(found.all()) == 1


def test_sqlite_survives_a_power_cut_and_lets_readers_in(sqlite_database: Database) -> None:
    with sqlite_database.read() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_new_data_folder_belongs_to_us_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/hornbook.db")
    database.migrate()
    database.close()

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_address_uses_one_driver(scheme: str) -> None:
    database = Database(make_url(f"{scheme}://user@/name?host=/run/pg"))

    assert database.url.drivername == "postgresql+psycopg"
    assert not database.is_sqlite
    assert database.url.query == {"host": "/run/pg"}
    database.close()


def test_a_database_in_memory_needs_no_folder() -> None:
    database = Database("sqlite://")

    assert database.is_sqlite
    database.close()
