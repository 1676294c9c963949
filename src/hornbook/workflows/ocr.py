"""Raw file → upright image → text: the job that reads pages."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

from sqlalchemy.orm import Session

from hornbook.errors import (
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
from hornbook.jobs.leg import Errand
from hornbook.jobs.runner import KILLS_TO_BLAME, Fenced
from hornbook.library import books, keys, pages, readings, uploads
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.model.book import Book
from hornbook.model.clock import Clock
from hornbook.model.job import Failure, Job, JobItem
from hornbook.model.language import Language
from hornbook.model.page import (
    Page,
    PageText,
    PreparedImage,
    Reader,
    ReviewStatus,
    TextSource,
)
from hornbook.stages.ocr import PageReading, RawPage
from hornbook.workflows.reveal import Reveal
from hornbook.workflows.thinking import FREE, OFFLINE, Occasion, Terms

NOBODY = Occasion(model=OFFLINE)
SILENCE = timedelta(seconds=30)
"""So long after the last arrival, the job no longer waits for the files that are missing."""


class PageReader(Protocol):
    """Reads uploaded files (`engines.workshop.Workshop`, `engines.vision.Vision`).

    Raises Retryable, Terminal or a JobStopper.
    """

    name: str
    workers: int

    def read_page(self, page: RawPage) -> PageReading:
        """Make the page's images and read them; blocks, and is safe to call from many threads."""
        ...


PageReaders = Callable[[Reader | None, Occasion], PageReader]
"""Who reads for an occasion: whom a human asked for, `None` for the one that was set."""


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
    deadline = 300.0
    """Local readers and models have deadlines of their own; this one bears waiting for either."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        readers: PageReaders,
        clock: Clock,
        *,
        terms: Terms = FREE,
    ) -> None:
        self._database = database
        self._objects = objects
        self._readers = readers
        self._clock = clock
        self._terms = terms
        self._books: dict[str, Book] = {}
        self._reveal = Reveal(database, objects, clock)
        self._began: dict[tuple[str, str], datetime] = {}
        self._wordless: dict[tuple[str, str], Read] = {}
        """Readings of ink without words, on their way from `prepare` to `fail`."""
        self._deaths: Counter[tuple[str, str]] = Counter()
        """How many readers died of a page since it was begun."""

    def at_once(self, job: Job) -> int:
        """As many pages as those can read who are asked for."""
        with self._database.read() as session:
            asked = readings.asked_readers(session, job.id)
        return max(self._readers(one, NOBODY).workers for one in {None, *asked})

    def begin(self, job: Job, fenced: Fenced) -> None:
        """Freeze the terms of models, and reveal what an interrupted upload left.

        Raises StoreUnavailable.
        """
        if job.plan is None:
            terms = self._terms.options()
            with fenced() as session:
                ledger.freeze_plan(session, job.id, terms)
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
            reader, book = self._reader(session, job, page), self._book(session, job)
        if page.review is ReviewStatus.REJECTED:
            return None
        try:
            read = self._read(reader, page, book.language, made)
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

    def beside(self, job: Job, item: JobItem) -> Sequence[Errand]:  # noqa: ARG002
        """Nothing: a page that was read is complete."""
        return ()

    def fail(self, session: Session, job: Job, item: JobItem, failure: Failure) -> None:
        """Note why the page could not be read, and keep its images if there are any."""
        page, now = pages.by_id(session, item.subject_id), self._clock()
        began = self._ended(job, page, now)
        read = self._wordless.pop((job.id, page.id), None)
        engine = self._reader(session, job, page).name
        readings.fail(session, page, failure, read.image_revision if read else None)
        readings.add_attempt(session, page.id, job.id, job.type, began, now, engine, failure)

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

    def finish(self, job: Job, fenced: Fenced) -> None:  # noqa: ARG002 - the signature
        """Forget what was read for this job alone."""
        self._books.pop(job.id, None)

    def _reader(self, session: Session, job: Job, page: Page) -> PageReader:
        """Who reads the page; a model that has answered about it before is asked anew."""
        plan = job.plan or self._terms.options()
        occasion = Occasion(
            model=plan["model"],
            book=self._book(session, job),
            job_id=job.id,
            max_cost=plan["max_cost"],
        ).about(page_num=page.page_num)
        reader = self._readers(page.asked_reader, occasion)
        answered = readings.times_answered(session, page, reader.name)
        return self._readers(page.asked_reader, replace(occasion, take=answered or None))

    def _book(self, session: Session, job: Job) -> Book:
        """Read once for each job: what is asked of it does not change."""
        if job.id not in self._books:
            self._books[job.id] = books.get(session, job.book_id)
        return self._books[job.id]

    def _ended(self, job: Job, page: Page, now: datetime) -> datetime:
        """Forget the attempt at the page; gives when it began."""
        self._deaths.pop((job.id, page.id), None)
        return self._began.pop((job.id, page.id), now)

    def _read(self, reader: PageReader, page: Page, language: Language, images_made: int) -> Read:
        raw = RawPage(self._raw(page), page.frame, page.rotation, language)
        try:
            reading = reader.read_page(raw)
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
