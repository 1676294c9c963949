"""The seat: whoever holds it runs the jobs and writes the bucket, alone."""

import fcntl
import os
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy import Connection, func
from sqlalchemy.exc import SQLAlchemyError

from hornbook.errors import DataFolderInUse
from hornbook.library.database import Database

LOCK_FILE = "hornbook.lock"
ADVISORY_KEY = 0x686F726E626F6F6B
"""The word "hornbook" as a number; one seat for each PostgreSQL database."""


class Seat(ABC):
    """Held by one process at a time; the system takes it back when that process dies."""

    @abstractmethod
    def take(self) -> Self:
        """Sit down; raises DataFolderInUse."""

    @abstractmethod
    def is_held(self) -> bool:
        """Whether this process still sits."""

    @abstractmethod
    def release(self) -> None:
        """Get up."""

    def __enter__(self) -> Self:
        return self.take()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


class FolderSeat(Seat):
    """The lock of a data folder, for SQLite."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK_FILE
        self._file: int | None = None

    def take(self) -> Self:
        """Sit down; raises DataFolderInUse."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Close-on-exec: a child process must not keep the seat when its parent is gone.
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            folder = self._path.parent
            raise DataFolderInUse(
                f"Another Hornbook server is already working on the data folder {folder}."
            ) from None
        self._file = file
        return self

    def is_held(self) -> bool:
        """Whether this process still sits."""
        return self._file is not None

    def release(self) -> None:
        """Get up."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class PostgresSeat(Seat):
    """An advisory lock, held by a connection of its own."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None
        self._is_wanted = False
        self._is_lost = False
        # Dispatcher and projector ask, each from a thread of its own: a connection bears only one.
        self._lock = threading.Lock()

    def take(self) -> Self:
        """Sit down; raises DataFolderInUse."""
        connection = self._engine.connect()
        if not connection.scalar(func.pg_try_advisory_lock(ADVISORY_KEY)):
            connection.close()
            raise DataFolderInUse("Another Hornbook server is already working on this database.")
        self._connection, self._is_wanted = connection, True
        return self

    def is_held(self) -> bool:
        """Whether this process still sits; a seat lost with its connection is taken again."""
        with self._lock:
            is_held = self._is_wanted and (self._is_connected() or self._is_back())
            if self._is_wanted and is_held is self._is_lost:
                self._is_lost = not is_held
                structlog.get_logger().warning("seat.lost" if self._is_lost else "seat.taken_again")
            return is_held

    def release(self) -> None:
        """Get up."""
        with self._lock:
            self._is_wanted = False
            self._let_go()

    def _is_connected(self) -> bool:
        try:
            return self._connection is not None and bool(self._connection.scalar(func.now()))
        except SQLAlchemyError:
            self._let_go()
            return False

    def _is_back(self) -> bool:
        try:
            self.take()
        except (SQLAlchemyError, DataFolderInUse):
            return False
        return True

    def _let_go(self) -> None:
        if self._connection is not None:
            # The lock belongs to the connection: it must not go back to the pool with it.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
