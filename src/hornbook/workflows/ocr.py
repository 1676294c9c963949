"""Raw file → upright image → text: the job that reads pages, and reading them again."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

from sqlalchemy.orm import Session

from hornbook.errors import (
    Conflict,
    EmptyText,
    KeyTaken,
    KilledWorker,
    MachineExhausted,
    MissingObject,
    ReaderDied,
    StoreUnavailable,
    UnreadableImage,
)
from hornbook.jobs import ledger
from hornbook.jobs.runner import KILLS_TO_BLAME, Fenced
from hornbook.library import books, keys, pages, readings, uploads
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.model.clock import Clock
from hornbook.model.job import Failure, ItemState, Job, JobItem, JobType, Owed
from hornbook.model.page import (
    OcrStatus,
    Page,
    PageText,
    PreparedImage,
    ReviewStatus,
    TextSource,
)
from hornbook.stages.ocr import PageReading
from hornbook.workflows.reveal import Reveal, have_read

SILENCE = timedelta(seconds=30)
"""So long after the last arrival, the job no longer waits for the files that are missing."""
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_FOR_THE_JOB = 5.0
"""So long after its last page, a job is waited for: its files are written then."""


class PageReader(Protocol):
    """Reads one uploaded file (`engines.workshop.Workshop`). Raises Retryable or Terminal."""

    name: str
    workers: int

    def read_page(self, raw: bytes, *, frame: int = 0, rotation: int = 0) -> PageReading:
        """Make the page's images and read them; blocks, and is safe to call from many threads."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """A page that was read; its images are in the store under this revision."""

    text: PageText
    engine: str
    image_revision: int


class OcrLeg:
    """The OCR job: several pages at a time, each in its own transactions."""

    is_ordered = False
    is_chained = False
    deadline = 90.0

    def __init__(
        self, database: Database, objects: Objects, workshop: PageReader, clock: Clock
    ) -> None:
        self.parallel = workshop.workers
        self._database = database
        self._objects = objects
        self._workshop = workshop
        self._clock = clock
        self._reveal = Reveal(database, objects, clock)
        self._began: dict[tuple[str, str], datetime] = {}
        self._wordless: dict[tuple[str, str], Read] = {}
        """Readings of ink without words, on their way from `prepare` to `fail`."""
        self._deaths: Counter[tuple[str, str]] = Counter()
        """How many readers died of a page since it was begun."""

    def at_once(self, job: Job) -> int:  # noqa: ARG002 - the runner's signature
        """As many pages as there are readers."""
        return self.parallel

    def begin(self, job: Job, fenced: Fenced) -> None:  # noqa: ARG002 - nothing to freeze
        """Reveal what an interrupted upload left; raises StoreUnavailable."""
        self._reveal.settle(job.book_id)

    def start(self, session: Session, job: Job, item: JobItem) -> None:  # noqa: ARG002
        """Note that the page is being read, unless a human has skipped it meanwhile."""
        page = pages.by_id(session, item.subject_id)
        if page.review is not ReviewStatus.REJECTED:
            readings.start(session, page)

    def prepare(self, job: Job, item: JobItem) -> Read | None:
        """Read the page and keep its images; None for a skipped page. Raises Retryable, Terminal.

        Raises EmptyText for ink without words, unless a human has typed the text, and KilledWorker
        when the third reader in a row has died of the page.
        """
        self._began.setdefault((job.id, item.subject_id), self._clock())
        with self._database.read() as session:
            page = pages.by_id(session, item.subject_id)
            made = readings.images_made(session, page)
            text = readings.text(session, page)
        if page.review is ReviewStatus.REJECTED:
            return None
        try:
            read = self._read(page, made)
        except ReaderDied as error:
            self._deaths[job.id, page.id] += 1
            if self._deaths[job.id, page.id] >= KILLS_TO_BLAME:
                raise KilledWorker from error
            raise
        is_typed = text is not None and text.source is TextSource.HUMAN
        if read.text.lines or read.text.is_blank or is_typed:
            return read
        self._wordless[job.id, page.id] = read
        raise EmptyText

    def decide(self, job: Job, item: JobItem, prepared: Read | None) -> Read | None:  # noqa: ARG002
        """Nothing more: a page is read for itself."""
        return prepared

    def save(
        self, session: Session, job: Job, item: JobItem, prepared: Read | None
    ) -> dict[str, Any]:
        """Keep the text and point the page at its images; a skipped page counts as done."""
        if prepared is None:
            self.release(session, job, item)
            return {}
        page, now = pages.by_id(session, item.subject_id), self._clock()
        began = self._ended(job, page, now)
        readings.save(session, page, prepared.text, prepared.engine, prepared.image_revision, now)
        readings.add_attempt(session, page.id, job.id, job.type, began, now, prepared.engine)
        confidence = pages.by_id(session, page.id).confidence
        return {} if confidence is None else {"confidence": round(confidence, 1)}

    def fail(self, session: Session, job: Job, item: JobItem, failure: Failure) -> None:
        """Note why the page could not be read, and keep its images if there are any."""
        page, now = pages.by_id(session, item.subject_id), self._clock()
        began = self._ended(job, page, now)
        read = self._wordless.pop((job.id, page.id), None)
        readings.fail(session, page, failure, read.image_revision if read else None)
        readings.add_attempt(
            session, page.id, job.id, job.type, began, now, self._workshop.name, failure
        )

    def release(self, session: Session, job: Job, item: JobItem) -> None:
        """Put a page that was being read back to pending."""
        page = pages.by_id(session, item.subject_id)
        self._ended(job, page, self._clock())
        readings.release(session, page)

    def expects_more(self, job: Job) -> bool:
        """Tell whether files are still coming, or have just become pages of this job.

        Once no more are expected, files held back by a missing one are revealed.
        """
        with self._database.read() as session:
            manifests = uploads.open_batches(session, job.book_id)
        now = self._clock()
        # By the difference: a clock set back by an hour must not make the job wait for an hour.
        if any(abs(now - manifest.last_arrival_at) < SILENCE for manifest in manifests):
            return True
        try:
            return self._reveal.settle(job.book_id, over_gaps=True) > 0
        except StoreUnavailable:
            return True  # files were acknowledged: the job does not end before they are pages

    def finish(self, job: Job, fenced: Fenced) -> None:
        """Nothing is left to do after the last page."""

    def _ended(self, job: Job, page: Page, now: datetime) -> datetime:
        """Forget the attempt at the page; gives when it began."""
        self._deaths.pop((job.id, page.id), None)
        return self._began.pop((job.id, page.id), now)

    def _read(self, page: Page, images_made: int) -> Read:
        raw = self._raw(page)
        try:
            reading = self._workshop.read_page(raw, frame=page.frame, rotation=page.rotation)
        except OSError as error:  # no child could be started; what one meets is told otherwise
            raise MachineExhausted from error
        revision = self._keep(page, reading.image, images_made)
        return Read(reading.text, reading.engine, revision)

    def _raw(self, page: Page) -> bytes:
        try:
            return self._objects.get(page.raw_key)
        except MissingObject as error:
            message = "The uploaded file is missing from the store. Replace the image."
            raise UnreadableImage(message) from error

    def _keep(self, page: Page, image: PreparedImage, images_made: int) -> int:
        """Keep the images under the current revision if they are the same, else under a new one."""
        first = page.image_revision or images_made + 1
        for revision in count(first):
            where = (page.book_id, page.number, revision)
            try:
                self._objects.put_new(keys.image(*where), image.png)
                self._objects.put_new(keys.compact(*where), image.compact)
                self._objects.put_new(keys.thumbnail(*where), image.thumbnail)
            except KeyTaken:
                continue
            break
        return revision


class Reading:
    """Has pages read again: OCR's retry and resume."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Callable[[], None],
        sleep: Callable[[float], bool | None] = time.sleep,
    ) -> None:
        """`sleep` gives whether to wait no longer, because the server is to end."""
        self._database = database
        self._clock = clock
        self._wake = wake
        self._sleep = sleep

    def retry_page(self, book_id: str, page_num: int) -> Page:
        """Put the page back to pending, in the book's OCR job, opened or joined.

        Raises NotFound, Conflict (it is being read, waits for it, or is skipped),
        JobAlreadyActive (of another type).
        """
        with self._database.begin() as session:
            books.touch(session, book_id)
            page = pages.get(session, book_id, page_num)
            self._again(session, book_id, [page])
            page = pages.by_id(session, page.id)
        self._wake()
        return page

    def retry(self, book_id: str, pages: Sequence[int] | None = None) -> tuple[Job, list[int]]:
        """Read these pages again, or all that are owed, and return the job and which.

        All that are owed: a job so opened resumes the book, and starts with what is done.
        Raises NotFound, Conflict (none of them can be read again now), JobAlreadyActive.
        """
        with self._database.begin() as session:
            books.touch(session, book_id)
            if pages is None:
                owed, done = _divided(session, book_id)
                job, taken = self._again(session, book_id, owed, done=done)
            else:
                job, taken = self._again(session, book_id, _chosen(session, book_id, pages))
        self._wake()
        return job, [page.page_num for page in taken]

    def owed(self, book_id: str) -> Owed:
        """What `retry` would read again if no pages are named; raises NotFound."""
        with self._database.read() as session:
            owed, done = _divided(session, book_id)
        return Owed({page.id: page.page_num for page in owed}, kept=len(done))

    def wait(self, page_id: str, timeout: float) -> Page:
        """Return the page once it was read, or as it is after `timeout` seconds.

        Its job is given a little time to end too, so that the book is free for the next page.
        Raises NotFound.
        """
        looks_at_job = round(SECONDS_FOR_THE_JOB / SECONDS_BETWEEN_LOOKS)
        for _look in range(max(1, round(timeout / SECONDS_BETWEEN_LOOKS))):
            page, is_busy = self._look(page_id)
            if page.ocr_status in {OcrStatus.COMPLETED, OcrStatus.FAILED}:
                if not is_busy or not looks_at_job:
                    return page
                looks_at_job -= 1
            if self._sleep(SECONDS_BETWEEN_LOOKS):
                break
        return self._look(page_id)[0]

    def _look(self, page_id: str) -> tuple[Page, bool]:
        """Give the page, and whether a job holds its book."""
        with self._database.read() as session:
            page = pages.by_id(session, page_id)
            return page, ledger.active_job(session, page.book_id) is not None

    def _again(
        self,
        session: Session,
        book_id: str,
        wanted: Sequence[Page],
        *,
        done: Sequence[Page] = (),
    ) -> tuple[Job, list[Page]]:
        """Ask for the pages that no running job is about to read, and that are not skipped."""
        job = ledger.active_job(session, book_id)
        if job is not None and job.type is not JobType.OCR:
            ledger.require_idle(session, book_id)
        waiting = _waiting(session, job) if job else set()
        taken = [
            page
            for page in wanted
            if page.id not in waiting and page.review is not ReviewStatus.REJECTED
        ]
        if not taken:
            raise Conflict(_why_none(wanted, waiting))
        for page in taken:
            readings.ask(session, page)
        return have_read(session, book_id, taken, self._clock(), done=done), taken


def _chosen(session: Session, book_id: str, page_nums: Sequence[int]) -> list[Page]:
    return [pages.get(session, book_id, page_num) for page_num in sorted({*page_nums})]


def _divided(session: Session, book_id: str) -> tuple[list[Page], list[Page]]:
    """The pages that are owed, and the others."""
    book = pages.find(session, book_id)
    return [page for page in book if _is_owed(page)], [page for page in book if not _is_owed(page)]


def _is_owed(page: Page) -> bool:
    return page.ocr_status is not OcrStatus.COMPLETED and page.review is not ReviewStatus.REJECTED


def _waiting(session: Session, job: Job) -> set[str]:
    return {
        item.subject_id
        for item in ledger.items_of(session, job.id)
        if item.state in {ItemState.OWED, ItemState.WORKING}
    }


def _why_none(wanted: Sequence[Page], waiting: set[str]) -> str:
    if not wanted:
        return "Every page of this book has been read."
    if len(wanted) > 1:
        return "These pages are being read already, or are skipped."
    page = wanted[0]
    if page.id in waiting:
        return f"Page {page.page_num} is being read already, or will be in a moment."
    return f"Page {page.page_num} is skipped. Take the rejection back first."
