"""A book with a job, and legs that obey the test."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest

from hornbook.jobs import ledger
from hornbook.jobs.hold import Shutdown, Surroundings
from hornbook.jobs.leg import Errand
from hornbook.jobs.retry import Patience
from hornbook.jobs.runner import Run
from hornbook.library.database import Database
from hornbook.library.tables import BookRow
from hornbook.model.job import ItemState, Job, JobType, OnError, PlannedItem

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
BOOK = "ada_math_4_2026"
QUICK = Patience(waits=(0.002, 0.002, 0.002), longest_wish=0.2, outage=0.01, jitter=Random(1))


def add_book(database: Database, book_id: str = BOOK) -> str:
    with database.begin() as session:
        session.add(
            BookRow(
                id=book_id, title="Maths", country="IN", board="CBSE", grade=4, subject="math",
                s3_prefix=f"books/{book_id}/", created_at=NOW, updated_at=NOW, created_by="ada",
            )
        )  # fmt: skip
    return book_id


def pages(*numbers: int, **facts: object) -> list[PlannedItem]:
    return [PlannedItem(f"p{number}", number, **facts) for number in numbers]


@dataclass
class FakeLeg:
    """Does what `script` says for a page, else succeeds, and remembers what happened.

    `script` holds for each page what its attempts meet, one after the other: an error to raise,
    or something to call; `verdicts` holds the same for its decision, if the leg is chained.
    """

    parallel: int = 1
    is_ordered: bool = True
    is_chained: bool = False
    deadline: float = 60.0
    verdicts: dict[int, list[object]] = field(default_factory=dict)
    script: dict[int, list[object]] = field(default_factory=dict)
    errands: dict[int, list[Errand]] = field(default_factory=dict)
    """What may be done beside the pages once this one is saved."""
    events: list[str] = field(default_factory=list)
    more: Callable[[], bool] = lambda: False
    on_begin: Callable[[Callable], None] = lambda fenced: None
    on_save: Callable[[int], None] = lambda page: None
    on_finish: Callable[[Callable], None] = lambda fenced: None
    on_release: Callable[[int], None] = lambda page: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at_once(self, job):
        return self.parallel

    def begin(self, job, fenced):
        self.events.append("begin")
        self.on_begin(fenced)

    def start(self, session, job, item):
        self.events.append(f"start {item.position}")

    def prepare(self, job, item):
        self._meet("prepare", self.script, item.position)
        return item.position

    def decide(self, job, item, prepared):
        self._meet("decide", self.verdicts, item.position)
        return prepared

    def _meet(self, verb, script, page):
        with self._lock:
            self.events.append(f"{verb} {page}")
            steps = script.get(page)
            step = steps.pop(0) if steps else None
        if isinstance(step, BaseException):
            raise step
        if callable(step):
            step()

    def save(self, session, job, item, prepared):
        self.on_save(item.position)
        self.events.append(f"save {prepared}")
        return {"topic": "fractions", "subtopic": f"part-{prepared // 2}"}

    def beside(self, job, item):
        return self.errands.get(item.position, ())

    def fail(self, session, job, item, failure):
        self.events.append(f"fail {item.position}")

    def release(self, session, job, item):
        self.on_release(item.position)
        self.events.append(f"release {item.position}")

    def expects_more(self, job):
        return self.more()

    def finish(self, job, fenced):
        self.events.append("finish")
        self.on_finish(fenced)

    def of(self, verb: str) -> list[int]:
        return [int(event.split()[1]) for event in self.events if event.startswith(f"{verb} ")]


@dataclass
class Desk:
    """A database with one book, for tests about a single job."""

    database: Database
    clock: Callable[[], datetime]
    shutdown: Shutdown = field(default_factory=Shutdown)
    catch_up: Callable[[str], None] = lambda book: None
    patience: Patience = QUICK

    def open(
        self,
        items: Sequence[PlannedItem],
        *,
        on_error: OnError = OnError.STOP,
        job_type: JobType = JobType.EXTRACTION,
        book_id: str = BOOK,
    ) -> Job:
        with self.database.begin() as session:
            return ledger.open_job(
                session, book_id, job_type, items, now=self.clock(), on_error=on_error
            )

    def claim(self, job: Job) -> str:
        with self.database.begin() as session:
            token = ledger.claim(session, job.book_id, job.id, self.clock())
        assert token is not None
        return token

    def take_over(self, job: Job) -> str:
        with self.database.begin() as session:
            seen = next(one for one in ledger.active_jobs(session) if one.id == job.id)
            token = ledger.takeover(session, seen, self.clock())
        assert token is not None
        return token

    def run_of(self, job: Job, leg: FakeLeg, token: str, *, is_after_crash: bool = False) -> Run:
        return Run(self.around, leg, job, token, is_after_crash=is_after_crash)

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.database, self.clock, self.catch_up, self.patience, self.shutdown)

    def run(self, leg: FakeLeg, job: Job) -> Job:
        self.run_of(job, leg, self.claim(job)).go()
        return self.job(job)

    def start_items(self, job: Job, *subjects: str, times: int = 1) -> None:
        """As a worker does that is then killed, `times` times."""
        with self.database.begin() as session:
            for subject in subjects:
                for again in range(times):
                    if again:
                        ledger.release_item(session, job.id, subject, counts=True)
                    ledger.start_item(session, job.id, subject)

    def hurry(self, job: Job) -> None:
        with self.database.begin() as session:
            ledger.hurry(session, job.book_id, job.id)

    def request_stop(self, job: Job) -> None:
        with self.database.begin() as session:
            ledger.request_stop(session, job.book_id, job.id, self.clock())

    def job(self, job: Job) -> Job:
        with self.database.read() as session:
            return ledger.get_job(session, job.book_id, job.id)

    def states(self, job: Job) -> dict[int, ItemState]:
        with self.database.read() as session:
            return {item.position: item.state for item in ledger.items_of(session, job.id)}

    def positions(self, job: Job, state: ItemState) -> list[int]:
        return [position for position, its in self.states(job).items() if its is state]

    def detail(self, job: Job) -> dict:
        with self.database.read() as session:
            return ledger.progress_detail(session, self.job(job))


@pytest.fixture
def ledgers(database: Database, clock) -> Desk:
    """On each kind of database."""
    add_book(database)
    return Desk(database, clock)


@pytest.fixture
def desk(sqlite_database: Database, clock) -> Iterator[Desk]:
    """On SQLite, fast; whatever still runs at the end is asked to end."""
    add_book(sqlite_database)
    desk = Desk(sqlite_database, clock)
    yield desk
    desk.shutdown.begin(0)
