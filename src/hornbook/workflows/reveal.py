"""Received files become visible pages, in order, each exactly once, whatever crashes between."""

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count, groupby
from threading import Lock

from sqlalchemy.orm import Session

from hornbook.errors import KeyTaken, MissingObject
from hornbook.jobs import ledger
from hornbook.library import books, keys, order, pages, uploads
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.pages import NewPage
from hornbook.library.uploads import StoredFile
from hornbook.model.clock import Clock
from hornbook.model.job import Job, JobType, OnError, PlannedItem
from hornbook.model.page import Page
from hornbook.model.upload import FileState
from hornbook.stages.upload import frame_name

COPIES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file with its number, and its bytes where they stay."""

    file: StoredFile
    number: int
    raw_key: str

    @property
    def pages(self) -> list[NewPage]:
        """The pages it becomes: one for each frame."""
        return [
            NewPage(
                number=self.number + frame,
                file_name=frame_name(self.file.name, frame),
                media_type=self.file.media_type,
                sha256=self.file.sha256,
                size=self.file.size,
                raw_key=self.raw_key,
                frame=frame,
            )
            for frame in range(self.file.frames)
        ]


def have_read(
    session: Session,
    book_id: str,
    wanted: Sequence[Page],
    now: datetime,
    *,
    done: Sequence[Page] = (),
) -> Job:
    """Have the pages read by the book's OCR job, joined or opened, even if there are none yet.

    A job that is opened counts the `done` pages as completed: it resumes the work on all. The
    caller has touched the book, so that no job of it begins or ends meanwhile. Raises
    JobAlreadyActive while a job of another type is active.
    """
    items = [PlannedItem(page.id, page.page_num) for page in wanted]
    job = ledger.active_job(session, book_id)
    if job is None:
        items += [PlannedItem(page.id, page.page_num, is_done=True) for page in done]
        return ledger.open_job(
            session, book_id, JobType.OCR, items, now=now, on_error=OnError.CONTINUE
        )
    if job.type is not JobType.OCR:
        ledger.require_idle(session, book_id)
    if items:
        ledger.add_items(session, job.id, items)
    return ledger.get_job(session, book_id, job.id) if items else job


def keep_raw(
    objects: Objects, book_id: str, number: int, media_type: str, body: bytes, revision: int = 1
) -> str:
    """Keep a page's file under the first revision, from `revision` on, that no other bytes have."""
    for candidate in count(revision):
        key = keys.raw(book_id, number, media_type, candidate)
        try:
            objects.put_new(key, body)
        except KeyTaken:
            continue
        break
    return key


class Reveal:
    """Makes pages of received files: numbers, then copies, then rows.

    A number belongs to its file from the first transaction on, and the second one acts only on
    files that still wait. So all of it may be done again, by anyone, after a crash anywhere.
    """

    def __init__(self, database: Database, objects: Objects, clock: Clock) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._locks: dict[str, Lock] = {}

    @contextmanager
    def alone(self, book_id: str) -> Iterator[None]:
        """Let one thread of this process at a time make pages of a book."""
        # Two at once would do no harm, but they would copy the same files.
        with self._locks.setdefault(book_id, Lock()):
            yield

    def settle(self, book_id: str, *, over_gaps: bool = False) -> int:
        """Reveal the files of open manifests whose turn has come, and return how many pages.

        The turn of a file comes when all before it are settled; `over_gaps` at once. While a job
        of another type is active nothing is revealed. Raises StoreUnavailable.
        """
        with self.alone(book_id):
            with self._database.read() as session:
                waiting = [
                    manifest.id
                    for manifest in uploads.open_batches(session, book_id)
                    if uploads.in_turn(session, book_id, manifest.id, over_gaps=over_gaps)
                ]
            return sum(self._settle(book_id, each, over_gaps=over_gaps) for each in waiting)

    def settle_after(self, book_id: str, batch_id: str, note: Callable[[Session], None]) -> int:
        """Note an arrival and reveal what it brings about, as `settle` does, in one go."""
        with self.alone(book_id):
            return self._settle(book_id, batch_id, note)

    def make_pages(
        self, book_id: str, batch_id: str, files: Sequence[StoredFile]
    ) -> tuple[Job, list[Page]]:
        """Make pages of a request's numbered files in the order given, all of them or none.

        Raises JobAlreadyActive, StoreUnavailable.
        """
        arrivals = self._copy(files, self._arrive)
        with self._database.begin() as session:
            books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            made = self._insert(session, pages.total(session, book_id) + 1, arrivals)
            return self._have_read(session, book_id, batch_id, made)

    def _settle(
        self,
        book_id: str,
        batch_id: str,
        note: Callable[[Session], None] = lambda _session: None,
        *,
        over_gaps: bool = False,
    ) -> int:
        with self._database.begin() as session:
            books.touch(session, book_id)
            note(session)
            turn = self._allot(session, book_id, batch_id, over_gaps=over_gaps)
        if not turn:
            return 0
        arrivals = self._copy(turn, self._arrive_or_lose)
        with self._database.begin() as session:
            return self._publish(session, book_id, batch_id, arrivals)

    def _allot(
        self, session: Session, book_id: str, batch_id: str, *, over_gaps: bool
    ) -> list[StoredFile]:
        waiting = uploads.in_turn(session, book_id, batch_id, over_gaps=over_gaps)
        if not waiting or _is_held(session, book_id):
            return []
        turn = without_doubles(session, waiting)
        uploads.close_if_settled(session, book_id, batch_id)
        return uploads.allot(session, book_id, turn) if turn else []

    def _copy(
        self, files: Sequence[StoredFile], arrive: Callable[[StoredFile], Arrival | None]
    ) -> list[Arrival]:
        if len(files) == 1:  # as a rule: a thread would only cost
            return [arrival for arrival in map(arrive, files) if arrival]
        with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
            return [arrival for arrival in pool.map(arrive, files) if arrival]

    def _arrive(self, file: StoredFile) -> Arrival:
        body = self._objects.get(file.key)
        number = file.number or 0
        return Arrival(
            file, number, keep_raw(self._objects, file.book_id, number, file.media_type, body)
        )

    def _arrive_or_lose(self, file: StoredFile) -> Arrival | None:
        """Copy the file; one that the store has lost is missing again and can be sent again."""
        try:
            return self._arrive(file)
        except MissingObject:
            with self._database.begin() as session:
                books.touch(session, file.book_id)
                if uploads.waiting(session, file.batch_id, [file.position]):
                    uploads.set_file(session, file, FileState.MISSING)
            return None

    def _publish(
        self, session: Session, book_id: str, batch_id: str, arrivals: Sequence[Arrival]
    ) -> int:
        books.touch(session, book_id)
        if _is_held(session, book_id):
            return 0
        positions = [arrival.file.position for arrival in arrivals]
        waiting = uploads.waiting(session, batch_id, positions)
        new = [arrival for arrival in arrivals if arrival.file.position in waiting]
        made: list[str] = []
        for run in _runs(uploads.page_positions(session, batch_id), new):
            place = uploads.place_in_book(session, book_id, batch_id, run[0].file.position)
            made += self._insert(session, place, run)
            books.note_removal(session, book_id, *(arrival.file.key for arrival in run))
        if made:
            self._have_read(session, book_id, batch_id, made)
        return len(made)

    def _insert(self, session: Session, place: int, run: Sequence[Arrival]) -> list[str]:
        first = run[0].file
        new = [page for arrival in run for page in arrival.pages]
        made = order.insert_at(session, first.book_id, place, new, self._clock())
        positions = [arrival.file.position for arrival in run]
        uploads.set_pages(session, first.batch_id, positions)
        return made

    def _have_read(
        self, session: Session, book_id: str, batch_id: str, made: Sequence[str]
    ) -> tuple[Job, list[Page]]:
        new = pages.by_ids(session, made)
        job = have_read(session, book_id, new, self._clock())
        uploads.set_job(session, batch_id, job.id)
        uploads.close_if_settled(session, book_id, batch_id)
        return job, new


def without_doubles(session: Session, files: Sequence[StoredFile]) -> list[StoredFile]:
    """Leave out files that are pages of the book already (name and bytes), and say so of them."""
    kept: list[StoredFile] = []
    names = {(file.name, file.sha256) for file in files if file.number is not None}
    for file in files:
        same = (file.name, file.sha256)
        is_double = same in names or pages.is_there(session, file.book_id, *same)
        if file.number is None and is_double:
            uploads.set_file(session, file, FileState.ALREADY_THERE)
            books.note_removal(session, file.book_id, file.key)
        else:
            names.add(same)
            kept.append(file)
    return kept


def _is_held(session: Session, book_id: str) -> bool:
    """Tell whether a job of another type forbids new pages."""
    job = ledger.active_job(session, book_id)
    return job is not None and job.type is not JobType.OCR


def _runs(there: Sequence[int], arrivals: Sequence[Arrival]) -> list[list[Arrival]]:
    """Group arrivals between which no file of the batch (`there`: positions) is a page already."""
    grouped = groupby(arrivals, key=lambda arrival: bisect(there, arrival.file.position))
    return [list(run) for _before, run in grouped]
