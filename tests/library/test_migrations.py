"""The migrations lead to exactly the tables of the code, from anywhere, on both databases."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import IntegrityError

from hornbook.library import study_tables  # noqa: F401 - its table belongs to `Base` too
from hornbook.library.database import MIGRATIONS, Database
from hornbook.library.tables import Base, JobRow
from tests.library import rich_book
from tests.library.rich_book import BOOK, NOW

PROCESSES = 2


@pytest.fixture
def empty_database(empty_database_url: URL) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.close()


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_migrated_schema_is_the_schema_of_the_models(database: Database) -> None:
    assert differences(database) == []


def test_a_table_that_the_migrations_forgot_would_be_noticed(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE secrets"))

    assert differences(database) != []


def test_an_index_that_the_migrations_forgot_would_be_noticed(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_book_jobs_active"))

    assert differences(database) != []


def test_an_empty_database_is_migrated_and_again_changes_nothing(empty_database: Database) -> None:
    empty_database.migrate()
    with empty_database.begin() as session:
        session.add(rich_book.book())

    empty_database.migrate()

    assert differences(empty_database) == []
    with empty_database.read() as session:
        assert session.get_one(rich_book.BookRow, BOOK).title.startswith("Mathematics")


def test_at_most_one_job_of_a_book_is_active(database: Database) -> None:
    def job(name: str, status: str) -> JobRow:
        return JobRow(id=name, book_id=BOOK, job_type="ocr_batch", status=status, started_at=NOW)

    with database.begin() as session:
        rich_book.insert(session, [rich_book.book(), job("a", "failed"), job("b", "completed")])
        rich_book.insert(session, [job("c", "pending")])

    with pytest.raises(IntegrityError), database.begin() as session:
        session.add(job("d", "running"))


MIGRATE = """
import sys
from hornbook.library.database import Database
sys.stdin.readline()
database = Database(sys.argv[1])
database.migrate()
database.close()
"""


def test_processes_that_migrate_at_once_do_not_disturb_each_other(
    empty_database_url: URL,
) -> None:
    url = empty_database_url.render_as_string(hide_password=False)
    children = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, url], stdin=subprocess.PIPE, text=True)
        for _number in range(PROCESSES)
    ]
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.close()

    assert [child.wait(120) for child in children] == [0] * PROCESSES
    database = Database(empty_database_url)
    assert differences(database) == []
    database.close()


def test_the_way_back_leaves_nothing(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    assert inspect(database.engine).get_table_names() == ["alembic_version"]


def test_a_migration_that_fails_leaves_no_half_of_itself(empty_database: Database) -> None:
    with empty_database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (id INTEGER)"))

    with pytest.raises(Exception, match="users"):
        empty_database.migrate()

    assert inspect(empty_database.engine).get_table_names() == ["users"]
