"""An admin at work: the real workflows over a real database and store; only the reading is fake."""

import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO

from PIL import Image

from hornbook.errors import RejectedUpload, StoreUnavailable
from hornbook.jobs import ledger
from hornbook.jobs.hold import Shutdown, Surroundings
from hornbook.jobs.retry import Patience
from hornbook.jobs.runner import Run
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.model.book import Book, NewBook
from hornbook.model.job import Job, JobType, OnError
from hornbook.model.page import Box, Line, Page, PageText, PreparedImage
from hornbook.model.upload import Batch, BatchFile
from hornbook.stages.ocr import PageReading, RawPage, Rendering
from hornbook.stages.upload import Limits
from hornbook.workflows.books import Books
from hornbook.workflows.drafts import Drafts
from hornbook.workflows.images import Images
from hornbook.workflows.ocr import OcrLeg
from hornbook.workflows.reading import Reading
from hornbook.workflows.review import Reviews
from hornbook.workflows.upload import Uploads

QUICK = Patience(waits=(0.002, 0.002, 0.002), longest_wish=0.2, outage=0.01)
WORDS = "Two and two make four."


def png(words: str = WORDS) -> bytes:
    """A file that begins as a PNG does; the fake workshop reads `words` on it."""
    return b"\x89PNG\r\n\x1a\n" + words.encode().ljust(16)


def tiff(frames: int, *, end: str = "<", loops: bool = False) -> bytes:
    """A TIFF of which only the chain of directories is real."""
    body = (b"II*\0" if end == "<" else b"MM\0*") + struct.pack(f"{end}I", 8)
    for frame in range(frames):
        is_last = frame == frames - 1
        following = (8 if loops else 0) if is_last else len(body) + 2 + 12 + 4
        body += struct.pack(f"{end}H", 1) + bytes(12) + struct.pack(f"{end}I", following)
    return body.ljust(32, b"\0")


def text_of(words: str, confidence: float = 93.1) -> PageText:
    if words == "blank":
        return PageText((), 0.0, is_blank=True)
    if words == "wordless":
        return PageText((), 0.0)
    return PageText((Line(words, Box(10, 20, 300, 40), confidence, 0),), confidence)


class FakeWorkshop:
    """Reads the words behind the first eight bytes; `faults` come first, one a reading."""

    name = "fake"
    workers = 2

    def __init__(self) -> None:
        self.faults: list[Exception] = []
        self.read: list[tuple[bytes, int, int]] = []
        self.on_read: Callable[[bytes], None] = lambda raw: None
        self.confidence = 93.1

    def read_page(self, page: RawPage) -> PageReading:
        self.read.append((page.raw, page.frame, page.rotation))
        self.on_read(page.raw)
        if self.faults:
            raise self.faults.pop(0)
        turned = f" turned {page.rotation}" if page.rotation else ""
        words = page.raw[8:].decode("latin-1").strip() + turned
        mark = sha256(page.raw + bytes([page.frame]) + str(page.rotation).encode()).digest()
        text = text_of(words, self.confidence)
        image = PreparedImage(
            b"png" + mark, b"webp" + mark, b"small" + mark, 800, 1100, text.is_blank
        )
        return PageReading(image, text, self.name)

    def render_page(self, page: RawPage) -> Rendering:
        reading = self.read_page(page)
        picture = BytesIO()
        Image.new("L", (40, 60)).save(picture, "JPEG", comment=reading.text.text)
        return Rendering(reading.image, picture.getvalue())

    def pages_in(self, raw: bytes) -> int:
        """As many as the PDF's last byte says; none of an encrypted one."""
        if raw.endswith(b"locked"):
            raise RejectedUpload("The PDF is protected by a password.")
        return raw[-1]


class FlakyObjects(Objects):
    """A store that fails, or stops the process, at the operations it is told to fail at."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.fails_at: Callable[[str, str], bool] = lambda operation, key: False
        self.error: type[Exception] = StoreUnavailable

    def put_new(self, key: str, data: bytes) -> None:
        if self.fails_at("put before", key):
            raise self.error
        super().put_new(key, data)
        if self.fails_at("put after", key):
            raise self.error

    def get(self, key: str) -> bytes:
        if self.fails_at("get", key):
            raise self.error
        return super().get(key)


class Crash(Exception):
    """Stands for a process that dies here: nothing of ours catches it."""


@dataclass
class Admin:
    """One book and everything that is done with its pages."""

    database: Database
    objects: Objects
    clock: Callable
    limits: Limits = field(default_factory=Limits)
    workshop: FakeWorkshop = field(default_factory=FakeWorkshop)
    wakes: int = 0
    changed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.books = Books(self.database, self.clock)
        self.book: Book = self.books.create(NewBook("Maths", 4, "math", author="Ada"), "ada")
        self.restart()

    def restart(self) -> None:
        """Begin anew with what is kept, as a new process does."""
        kept = (self.database, self.objects, self.clock)
        self.uploads = Uploads(*kept, self._wake, self.limits, self.workshop.pages_in)
        self.reading = Reading(self.database, self.clock, self._wake, sleep=lambda _: None)
        self.reviews = Reviews(
            *kept, self._wake, self.limits, lambda _session, book_id: self.changed.append(book_id)
        )
        self.images = Images(self.database, self.objects)
        self.drafts = Drafts(self.database, self.clock)
        self.leg = OcrLeg(self.database, self.objects, lambda *_: self.workshop, self.clock)

    # Uploads

    def announce(self, *names: str, size: int | None = None) -> Batch:
        return self.uploads.announce(
            self.book.id, [(name, size or len(png(name))) for name in names]
        )

    def send(self, batch: Batch, name: str, body: bytes | None = None) -> BatchFile:
        position = next(file.position for file in batch.files if file.name == name)
        return self.uploads.receive(self.book.id, batch.id, position, body or png(name))

    def upload(self, *names: str):
        """A whole multipart request, each file with its name as its words."""
        return self.request({name: png(name) for name in names})

    def request(self, files: dict[str, bytes]):
        batch_id = self.uploads.open_request(self.book.id)
        for name, body in files.items():
            self.uploads.accept(self.book.id, batch_id, name, body)
        return self.uploads.complete_request(self.book.id, batch_id)

    def upload_and_read(self, *names: str) -> None:
        self.upload(*names)
        self.run()

    # Jobs

    def run(self, *, is_after_crash: bool = False) -> Job:
        """Work on the active job until it ends, as a worker does."""
        job = self.active()
        with self.database.begin() as session:
            token = ledger.claim(session, job.book_id, job.id, self.clock())
            if token is None:
                seen = next(one for one in ledger.active_jobs(session) if one.id == job.id)
                token = ledger.takeover(session, seen, self.clock())
        around = Surroundings(self.database, self.clock, lambda _: None, QUICK, Shutdown())
        Run(around, self.leg, job, token, is_after_crash=is_after_crash).go()
        return self.job(job.id)

    def active(self) -> Job:
        with self.database.read() as session:
            job = ledger.active_job(session, self.book.id)
        assert job is not None
        return job

    def is_idle(self) -> bool:
        with self.database.read() as session:
            return ledger.active_job(session, self.book.id) is None

    def job(self, job_id: str) -> Job:
        with self.database.read() as session:
            return ledger.get_job(session, self.book.id, job_id)

    def planned(self) -> dict[str, int]:
        """The active job's pages and the places its ledger gives them."""
        with self.database.read() as session:
            return {
                item.subject_id: item.position
                for item in ledger.items_of(session, self.active().id)
            }

    def open_job(self, job_type: JobType) -> Job:
        """A job that nobody works on."""
        with self.database.begin() as session:
            return ledger.open_job(
                session, self.book.id, job_type, [], now=self.clock(), on_error=OnError.STOP
            )

    def end(self, job: Job) -> None:
        with self.database.begin() as session:
            ledger.finish_job(session, job, self.clock())

    # Looking

    def pages(self) -> list[Page]:
        return self.reviews.pages(self.book.id)

    def names(self) -> list[str]:
        """File names in the order of the book; the places must be 1 to N."""
        pages = self.pages()
        assert [page.page_num for page in pages] == list(range(1, len(pages) + 1))
        return [page.file_name for page in pages]

    def numbers(self) -> list[int]:
        return [page.number for page in self.pages()]

    def raws(self) -> list[bytes]:
        return [self.objects.get(page.raw_key) for page in self.pages()]

    def texts(self) -> list[str | None]:
        found = [self.reviews.text(self.book.id, page.page_num) for page in self.pages()]
        return [text and text.text for text in found]

    def _wake(self) -> None:
        self.wakes += 1


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What the calls give or raise when they start at the same instant."""
    results: list[object] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def call(index: int) -> None:
        start.wait()
        try:
            results[index] = calls[index]()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[index] = error

    threads = [threading.Thread(target=call, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
