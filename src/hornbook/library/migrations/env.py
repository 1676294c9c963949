"""What Alembic runs: our tables, on the connection that `Database.migrate` hands over."""

# ruff: noqa: INP001 - Alembic runs this file, nobody imports it

from typing import Any, Literal

from alembic import context
from sqlalchemy.sql.schema import SchemaItem

from hornbook.library import study_tables  # noqa: F401 - its table belongs to `Base` too
from hornbook.library.instant import UtcDateTime
from hornbook.library.tables import Base

MIGRATION_LOCK = 0x686F726E
"""Names the advisory lock; the letters of "horn"."""


def is_ours(
    _item: SchemaItem,
    name: str | None,
    kind: str,
    _reflected: bool,  # noqa: FBT001 - Alembic's signature
    _compared: SchemaItem | None,
) -> bool:
    """Leave the tables of the fleet's queue, which lives in the same database, alone."""
    return not (kind == "table" and (name or "").startswith("procrastinate"))


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our instants as plain columns, so that old migrations need no code of today."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Two processes that start at once: the second waits, then finds everything done.
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=is_ours,
    render_item=render,
    compare_type=True,
    # We say BEGIN ourselves, and then SQLite's DDL is transactional too.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
