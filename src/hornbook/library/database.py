"""The database: one engine, short transactions, one schema for SQLite and PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from hornbook.errors import Invalid

MIGRATIONS = Path(__file__).parent / "migrations"
SECONDS_FOR_LOCK = 30
SECONDS_IDLE = 60
"""A process that stands still in the middle of a transaction lets go of its locks then."""
SECONDS_TO_CONNECT = 5
POSTGRES_FULL = "53100"
ONE_VIEW = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""What makes several statements on PostgreSQL see the same instant, as on SQLite they do."""


class Database:
    """Hands out sessions: `begin` for a write transaction, `read` for a look.

    Made with the address of anything but SQLite or PostgreSQL it raises Invalid.
    """

    def __init__(self, url: str | URL, *, patience: float = SECONDS_FOR_LOCK) -> None:
        self._patience = patience
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = (
            _sqlite_engine(self.url, patience) if self.is_sqlite else _postgres_engine(self.url)
        )
        self._write_engine = self.engine.execution_options(writes=True)
        self._read_engine = self.engine.execution_options(**({} if self.is_sqlite else ONE_VIEW))
        # SQLite's writers starve each other while they poll for its lock; ours stand in a queue.
        self._queue = threading.Lock() if self.is_sqlite else None

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One write transaction: committed when the block ends, rolled back when it raises."""
        with self._turn(), Session(self._write_engine) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view of the database; nothing done here is kept."""
        with Session(self._read_engine) as session:
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest version, creating it in an empty database."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._turn(), self._write_engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def copy_to(self, path: Path) -> None:
        """Copy a SQLite database as it is at one instant; its writers are not held up."""
        with closing(sqlite3.connect(path)) as copy, self.engine.connect() as connection:
            source = connection.connection.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise TypeError("only SQLite can be copied")
            source.backup(copy)

    def close(self) -> None:
        """Release every connection."""
        self.engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the writer before us; a transaction inside another one fails, not hangs."""
        if self._queue is None:
            yield
            return
        if not self._queue.acquire(timeout=self._patience):
            # To whoever waits it is the same as a connection pool that has none left.
            raise PoolExhausted("Another write transaction of this process does not end.")
        try:
            yield
        finally:
            self._queue.release()


def is_full(error: Exception) -> bool:
    """Whether the database refused because the disk it lies on has no room left."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    is_sqlite_full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return is_sqlite_full or getattr(cause, "sqlstate", None) == POSTGRES_FULL


def _parsed(address: str | URL) -> URL:
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise _refused(str(address)) from error
    backend = url.get_backend_name()
    if backend not in {"sqlite", "postgres", "postgresql"}:
        raise _refused(url.render_as_string(hide_password=True))
    return url if backend == "sqlite" else url.set(drivername="postgresql+psycopg")


def _refused(address: str) -> Invalid:
    return Invalid(
        f"The database address {address} starts with neither sqlite:/// nor postgresql://."
    )


def _postgres_engine(url: URL) -> Engine:
    # A server that takes a connection and says nothing is as bad as one that is gone.
    connecting = {"connect_timeout": SECONDS_TO_CONNECT}
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=10, max_overflow=20, connect_args=connecting
    )
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_postgres(connection: psycopg.Connection, _entry: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{SECONDS_IDLE}s'")
    connection.commit()  # or the setting would go with the first rollback


def _sqlite_engine(url: URL, patience: float) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": patience}, pool_size=20)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # "page 77 is done" must survive a power cut
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that reads and then writes ends "database is locked", whatever the time-out.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
