"""A copy of everything, taken beside a working server, that is a data folder of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import select

from hornbook.errors import Conflict, Invalid, MissingObject
from hornbook.library import projection, removals
from hornbook.library.database import Database
from hornbook.library.objects import Objects, at_once, sync
from hornbook.library.tables import BookRow

DATABASE_FILE, STORE_FOLDER = "hornbook.db", "store"
"""Where a data folder has them when no setting says otherwise."""
ROUNDS = 5
"""Copies of the database tried while objects come and go."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What was copied."""

    objects: int
    size: int
    """Of the objects, in bytes."""
    missing: list[str]
    """Objects that rows point at and the store does not have."""


def backup(
    database: Database,
    objects: Objects,
    folder: Path,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> BackupReport:
    """Copy database and objects into a new folder, which is there when it is whole, not before.

    An object is there before its row and may go after it. So objects are copied before the
    database and again after it, until no copied row points at an upload or image that was not
    copied. Every projected file counts as behind: those copied may be of different instants.
    `tell` is told how many of how many objects have been looked at.

    Raises Conflict when there is something under that name, Invalid for PostgreSQL,
    StoreUnavailable, and OSError when the copy cannot be written.
    """
    if not database.is_sqlite:
        raise Invalid(
            "Only a SQLite database is copied by Hornbook. Copy the bucket, take a copy of "
            "PostgreSQL with pg_dump, then copy what is new in the bucket."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is there already. A backup goes into a new folder.")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    report = _copy(database, objects, unfinished, tell)
    _give_name(unfinished, folder)
    return report


def _copy(
    database: Database, objects: Objects, to: Path, tell: Callable[[int, int], None]
) -> BackupReport:
    to.mkdir(parents=True, mode=0o700)
    store = _Copy(objects, Objects((to / STORE_FOLDER).resolve().as_uri()))
    store.bring(tell)
    for _ in range(ROUNDS):
        database.copy_to(to / DATABASE_FILE)
        store.bring(tell)
        missing = _originals(to) - store.sizes.keys()
        if not missing:
            break
    _distrust_files(to)
    return BackupReport(len(store.sizes), sum(store.sizes.values()), sorted(missing))


class _Copy:
    """A store that is brought up to date with another one."""

    def __init__(self, source: Objects, target: Objects) -> None:
        self._source = source
        self._target = target
        self._lock = Lock()
        self.sizes: dict[str, int] = {}
        """Of every object copied, in bytes."""

    def bring(self, tell: Callable[[int, int], None]) -> None:
        """Copy what was not copied yet."""
        new = [key for key in self._source.list("") if key not in self.sizes]
        looked_at = 0

        def copy(key: str) -> None:
            nonlocal looked_at
            self._copy(key)
            with self._lock:
                looked_at += 1
                tell(looked_at, len(new))

        at_once(copy, new)

    def _copy(self, key: str) -> None:
        try:
            body = self._source.get(key)
        except MissingObject:  # deleted since it was listed
            return
        self._target.put(key, body)
        self.sizes[key] = len(body)


@contextmanager
def _opened(folder: Path) -> Iterator[Database]:
    copy = Database(f"sqlite:///{folder.resolve()}/{DATABASE_FILE}")
    try:
        yield copy
    finally:
        copy.close()


def _originals(folder: Path) -> set[str]:
    with _opened(folder) as copy, copy.read() as session:
        books = session.scalars(select(BookRow.id)).all()
        return {key for book in books for key in removals.originals(session, book)}


def _distrust_files(folder: Path) -> None:
    with _opened(folder) as copy, copy.begin() as session:
        projection.distrust(session)


def _give_name(unfinished: Path, folder: Path) -> None:
    """Make the copy durable, then visible."""
    sync(unfinished / DATABASE_FILE)
    sync(unfinished)
    unfinished.replace(folder)
    sync(folder.parent)
