"""What every test may ask for: real databases, a real store, and a clock that obeys."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import URL, make_url

from hornbook.library.database import Database
from hornbook.library.objects import Objects
from tests import schoolmaster
from tests.model_server import Shared, model_server
from tests.nursery import Nursery
from tests.postgres import PostgresServer, postgres_server
from tests.seaweed import Seaweed, seaweed


class FakeClock:
    """A clock that stands still until it is told to advance."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Only started when a test asks for it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session", name="seaweed")
def s3_service() -> Iterator[Seaweed]:
    """A real S3 server, only started when a test asks for it."""
    with seaweed() as server:
        yield server


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """For servers that are started again and again."""
    with Nursery() as one:
        yield one


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with today's schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def sqlite_database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database."""
    path = tmp_path / "hornbook.db"
    path.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Iterator[Database]:
    """An empty, migrated PostgreSQL database."""
    url = postgres.create()
    database = Database(url)
    yield database
    database.close()
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database; the test runs once on each kind."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    return database


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """The address of a database in which nothing was ever done."""
    if request.param == "sqlite":
        yield make_url(f"sqlite:///{tmp_path}/new/hornbook.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create(template="template0")
    yield url
    server.drop(url)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """A command that ran inside a test has sent events elsewhere, and left out the lesser ones."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """An object store in a folder of its own."""
    return Objects((tmp_path / "store").as_uri())


@pytest.fixture
def memory_objects() -> Objects:
    """An object store in memory."""
    return Objects("memory://")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    """A model behind a real server, to which everything called OpenAI leads; answers by rule."""
    with model_server(schoolmaster.answer) as (address, shared):
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        monkeypatch.setenv("OPENAI_API_KEY", "a-key-of-tests")
        yield shared


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test advances."""
    return FakeClock()
