"""The migrations lead to exactly the tables of the code, from anywhere, on both databases."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, insert, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex

from hornbook.library.database import Database
from hornbook.library.tables import Base


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_migrated_schema_is_the_schema_of_the_models(database: Database) -> None:
    assert differences(database) == []
