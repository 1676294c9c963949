"""The projection: the bucket's files follow the database, written by one hand."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from hornbook.errors import NotFound, StoreUnavailable
from hornbook.library import books, removals, snapshot
from hornbook.library.database import Database
from hornbook.library.guidelines import Render
from hornbook.library.objects import Objects
from hornbook.library.shelf import Shelf
from hornbook.library.snapshot import Snapshot, TextName
from hornbook.library.tables import BookRow, JobRow, PageRow, SubtopicRow
from hornbook.model.clock import Clock

PAUSES_FOR_STORE = (0.5, 1.0, 2.0)
"""Seconds between the attempts at a store that is down, before it is left for later."""
LONGEST_BACKOFF = 30
SHARE_DURING_JOB = 10
"""While a job runs, projecting a book takes at most one part in so many of the time."""
LONGEST_REST = timedelta(minutes=5)
"""A clock that is set forward while a book is written makes the writing seem long."""
ROUNDS_PER_INTERVAL = 4
TEXTS_AT_ONCE = 50
SHELVES_KEPT = 50
STALE = -1
ATTEMPTS = 5
"""Snapshots tried while another process writes the same book."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rest:
    """A time in which a book is not written; a clock that is set back ends it."""

    since: datetime
    length: timedelta

    def holds(self, now: datetime) -> bool:
        """Whether it is not over yet."""
        return timedelta() <= now - self.since < self.length


@dataclass(slots=True)
class Pace:
    """When a book may be written again."""

    failures: int = 0
    after_failure: Rest | None = None
    during_job: Rest | None = None


class Projector:
    """Writes a book's files whenever they are behind; `start` does so in the background.

    `render` writes a guideline's blocks as text. While a job runs the files of its book are
    written at most once in `interval` seconds, at all other times within that time. Nothing is
    written in the background while `is_seated` says that this is the task of another process.
    """

    def __init__(
        self,
        database: Database,
        objects: Objects,
        clock: Clock,
        render: Render,
        *,
        interval: float = 2.0,
        sleep: Callable[[float], None] = time.sleep,
        is_seated: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._render = render
        self._interval = interval
        self._sleep = sleep
        self._is_seated = is_seated
        self._shelves: dict[str, Shelf] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)
        self._nudge = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to follow the database."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="projector", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop following; the file being written is finished first."""
        self._stopping.set()
        self._nudge.set()
        if self._thread:
            self._thread.join()

    def wake(self) -> None:
        """Look now for books that are behind."""
        self._nudge.set()

    def catch_up(self, book_id: str) -> bool:
        """Write everything of a book that is behind now; whether the bucket has caught up.

        When the store stays down the book says so (`projection_error`) until a later attempt.
        """
        refusal = self._refusal(book_id)
        for pause in PAUSES_FOR_STORE:
            if refusal is None:
                return True
            self._sleep(pause)
            refusal = self._refusal(book_id)
        if refusal is not None:
            self._note_error(book_id, str(refusal))
        return refusal is None

    def project_due(self) -> None:
        """Write every book that is behind and whose turn has come."""
        for book_id, has_job in self._behind().items():
            if self._stopping.is_set():
                return
            if self._may_write(book_id, has_job=has_job):
                self._attempt(book_id)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._is_seated():
                    self.project_due()
            except Exception:  # the thread outlives whatever one round meets
                log.exception("projection.failed")
            self._nudge.wait(self._interval / ROUNDS_PER_INTERVAL)
            self._nudge.clear()

    def _behind(self) -> dict[str, bool]:
        """Books to be written, and whether a job is at work on them."""
        has_job = exists().where(JobRow.book_id == BookRow.id, JobRow.status.in_(books.ACTIVE))
        with self._database.read() as session:
            waiting = removals.books(session, self._clock())
            is_due = (BookRow.rev > BookRow.projected_rev) | BookRow.id.in_(waiting)
            found = session.execute(select(BookRow.id, has_job).where(is_due).order_by(BookRow.id))
            return dict.fromkeys(waiting, False) | {row.id: row[1] for row in found}

    def _may_write(self, book_id: str, *, has_job: bool) -> bool:
        pace, now = self._paces[book_id], self._clock()
        if pace.after_failure and pace.after_failure.holds(now):
            return False
        return not (has_job and pace.during_job and pace.during_job.holds(now))

    def _attempt(self, book_id: str) -> None:
        pace, began = self._paces[book_id], self._clock()
        refusal = self._refusal(book_id)
        if refusal is None:
            now = self._clock()
            rest = max(timedelta(seconds=self._interval), (now - began) * SHARE_DURING_JOB)
            self._paces[book_id] = Pace(during_job=Rest(now, min(rest, LONGEST_REST)))
            return
        pace.failures += 1
        backoff = min(2**pace.failures, LONGEST_BACKOFF)
        pace.after_failure = Rest(self._clock(), timedelta(seconds=backoff))
        if pace.failures > 1:  # a single refusal is not worth a word
            self._note_error(book_id, str(refusal))

    def _refusal(self, book_id: str) -> StoreUnavailable | None:
        """Project the book, and give what the store said against it, if it did."""
        try:
            self._project(book_id)
        except StoreUnavailable as error:
            return error
        return None

    def _project(self, book_id: str) -> None:
        """Write until the files show a revision no older than now; raises StoreUnavailable."""
        with self._locks.setdefault(book_id, threading.Lock()):
            for _attempt in range(ATTEMPTS):
                if self._write(book_id):
                    return
        raise StoreUnavailable("Another process keeps writing the same files of the bucket.")

    def _write(self, book_id: str) -> bool:
        """Write what one instant shows; false when it has to be done again."""
        shelf = self._shelf(book_id)
        with self._database.read() as session:
            shown = self._look(session, book_id, shelf)
            doomed = removals.take(session, book_id, self._clock())
        if shown and shelf:
            self._write_texts(shelf, shown.texts)
            shelf.write(shown, self._clock())
            if not self._settle(shelf, shown):
                return False
        wanted = shown.parts.keys() | shown.indexes.keys() if shown else ()
        removals.carry_out(self._objects, doomed, wanted)
        with self._database.begin() as session:
            removals.forget(session, doomed)
        return True

    def _look(self, session: Session, book_id: str, shelf: Shelf | None) -> Snapshot | None:
        """Take a snapshot; `None` when there is no such book (any more)."""
        if shelf is None:
            return None
        try:
            return snapshot.take(session, book_id, self._render, shelf.present())
        except NotFound:
            return None

    def _shelf(self, book_id: str) -> Shelf | None:
        """The book's shelf; what is known of it is forgotten when another hand wrote."""
        with self._database.read() as session:
            rev = session.scalar(select(BookRow.projected_rev).where(BookRow.id == book_id))
        known = self._shelves.pop(book_id, None)
        if rev is None:
            return None
        shelf = known if known and known.rev == rev else Shelf(self._objects, book_id, rev)
        self._shelves[book_id] = shelf
        if len(self._shelves) > SHELVES_KEPT:
            self._shelves.pop(next(iter(self._shelves)))
        return shelf

    def _write_texts(self, shelf: Shelf, names: Sequence[TextName]) -> None:
        for first in range(0, len(names), TEXTS_AT_ONCE):
            with self._database.read() as session:
                files = snapshot.read_texts(session, names[first : first + TEXTS_AT_ONCE])
            shelf.write_texts(files)

    def _settle(self, shelf: Shelf, shown: Snapshot) -> bool:
        """Record what the files show; false when another hand wrote files in the meantime."""
        with self._database.begin() as session:
            is_ours = _record(session, shown)
        shelf.rev = shown.rev if is_ours else STALE
        return is_ours

    def _note_error(self, book_id: str, message: str) -> None:
        with self._database.begin() as session:
            if _change_error(session, book_id, message):
                books.touch(session, book_id)


def distrust(session: Session) -> None:
    """Count every file of every book as behind, so that all are written anew."""
    for table in (BookRow, PageRow, SubtopicRow):
        session.execute(update(table).values(projected_rev=0))


def _record(session: Session, shown: Snapshot) -> bool:
    of_book = update(BookRow).where(BookRow.id == shown.book_id)
    as_seen = of_book.where(BookRow.projected_rev == shown.projected_rev)
    settled = session.scalar(as_seen.values(projected_rev=shown.rev).returning(BookRow.id))
    if settled is None:
        # Two hands at once (`hornbook project` beside a server): nobody knows whose files are
        # there, so that they are all written again.
        session.execute(of_book.values(projected_rev=0))
        return False
    for table in (PageRow, SubtopicRow):
        rows = update(table).where(table.book_id == shown.book_id, table.rev <= shown.rev)
        session.execute(rows.where(table.projected_rev < table.rev).values(projected_rev=table.rev))
    if _change_error(session, shown.book_id, None):
        books.touch(session, shown.book_id)
    return True


def _change_error(session: Session, book_id: str, message: str | None) -> bool:
    """Set or clear the book's note; whether there was none before, or is none any more."""
    book = session.get(BookRow, book_id)
    if book is None:
        return False
    is_news = (book.projection_error is None) != (message is None)
    book.projection_error = message
    session.flush()
    return is_news
