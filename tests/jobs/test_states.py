"""Whatever happens in whatever order, the ledger and the pages stay what a small model says.

The model knows the rules and nothing of SQL. The program under test is the real one: jobs opened as
an admin opens them, and written to by workers of which only the last may still write.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hornbook.errors import ClaimLost, Conflict, EmptyText, TimedOut
from hornbook.jobs import ledger
from hornbook.jobs.history import ActiveJob
from hornbook.jobs.hold import Hold
from hornbook.library import books
from hornbook.library import pages as library
from hornbook.library.objects import Objects
from hornbook.library.tables import PageRow
from hornbook.model.ids import page_id
from hornbook.model.job import ItemState, JobStatus
from hornbook.model.page import Box, Line, OcrStatus, PageText, ReviewStatus
from hornbook.workflows.ocr import OcrLeg, Read
from hornbook.workflows.reading import Reading
from tests.jobs.conftest import Desk, add_book

PAGES = (1, 2, 3, 4)
STEPS = 30
READ = Read(PageText((Line("One word", Box(0, 0, 9, 9), 99.0, 0),), 99.0), "pen", 1)

a_page = st.sampled_from(PAGES)
some_pages = st.sets(a_page, min_size=1)
at_page = st.sampled_from([None, None, None, None, *PAGES])
"""None for the first page with which this makes sense."""
a_worker = st.sampled_from([0, 0, 0, 1, 2, 3])
"""0 for the last one that got the job, 1 for the one before it, and so on."""


class Outcome(Enum):
    """What may come of a page at work."""

    DONE = auto()
    REFUSED = auto()
    HOPELESS = auto()
    KILLED = auto()
    GIVEN_BACK = auto()
    NONE_YET = auto()


Work = tuple[int | None, bool, Outcome]
"""A page, whether it is begun first, and what comes of it."""
a_work = st.tuples(at_page, st.sampled_from([True, True, True, False]), st.sampled_from(Outcome))


@dataclass
class Item:
    """What the model knows of one page in a job."""

    state: ItemState = ItemState.OWED
    starts: int = 0
    is_terminal: bool = False

    @property
    def is_over(self) -> bool:
        return self.state is ItemState.DONE or (self.state is ItemState.FAILED and self.is_terminal)


@dataclass
class Model:
    """What the model knows of a job."""

    id: str
    items: dict[int, Item]
    status: JobStatus = JobStatus.PENDING
    holder: Hold | None = None
    watermark: int | None = None
    refusals: int = 0
    is_stop_requested: bool = False

    def __post_init__(self) -> None:
        self.settle()

    def settle(self) -> None:
        """The watermark follows the pages that are over, and never goes back."""
        for position in sorted(self.items):
            if not self.items[position].is_over:
                return
            self.watermark = max(self.watermark or 0, position)

    def positions(self, *states: ItemState) -> list[int]:
        return [at for at in sorted(self.items) if self.items[at].state in states]


@dataclass
class Idle:
    """Reads nothing: the pages are read by the test."""

    name: str = "pen"
    workers: int = 1


class States(RuleBasedStateMachine):
    """An admin, workers that come and go, and zombies, all at one book."""

    number = 0

    def __init__(self, ledgers) -> None:
        super().__init__()
        States.number += 1
        self.ledgers = ledgers
        self.book = add_book(ledgers.database, f"book-{States.number}")
        self.reading = Reading(ledgers.database, ledgers.clock, lambda: None)
        self.objects = Objects("memory://")
        self.pages = dict.fromkeys(PAGES, OcrStatus.PENDING)
        self.job: Model | None = None
        self.ended: dict[str, object] = {}
        self.holds: list[Hold] = []
        self.sightings: list[ActiveJob] = []
        with ledgers.database.begin() as session:
            session.add_all(self._row(number) for number in PAGES)

    def _row(self, number: int) -> PageRow:
        return PageRow(
            id=self.id_of(number), book_id=self.book, place=number, number=number,
            file_name=f"{number}.png", sha256=str(number), size=1, media_type="image/png",
            raw_key=f"raw/{number}.png", ocr_status=OcrStatus.PENDING,
            review=ReviewStatus.PENDING_REVIEW, uploaded_at=self.ledgers.clock(), rev=1,
        )  # fmt: skip

    def id_of(self, position: int) -> str:
        return page_id(self.book, position)

    @initialize()
    def begin_the_day(self) -> None:
        self.ask(None)
        self.look_round(1, 1)

    # The admin

    @rule(wanted=st.none() | some_pages)
    def ask(self, wanted: set[int] | None) -> None:
        """Read some pages again (restart), or all that are owed (resume)."""
        owed = {at for at, state in self.pages.items() if state is not OcrStatus.COMPLETED}
        waiting = set(self.job.positions(ItemState.OWED, ItemState.WORKING)) if self.job else set()
        taken = (owed if wanted is None else wanted) - waiting
        if not taken:
            self.changes_nothing(Conflict, lambda: self.reading.retry(self.book, wanted))
            return

        job, said = self.reading.retry(self.book, wanted)

        assert said == sorted(taken)
        self.pages |= dict.fromkeys(taken, OcrStatus.PENDING)
        if self.job is None:
            kept = self.pages.keys() - owed if wanted is None else set()
            items = {at: Item() for at in taken} | {at: Item(ItemState.DONE) for at in kept}
            self.job = Model(job.id, items)
        self.job.items |= {at: Item() for at in taken}

    @precondition(lambda self: self.job)
    @rule()
    def ask_to_stop(self) -> None:
        with self.ledgers.database.begin() as session:
            ledger.request_stop(session, self.book, self.job.id, self.ledgers.clock())
        self.job.is_stop_requested = True

    # The clock, and dispatchers

    @rule(seconds=st.sampled_from([1, 600, -3600]), acts_on=st.sampled_from([1, 1, 1, 2, 3, None]))
    def look_round(self, seconds: int, acts_on: int | None) -> None:
        """A dispatcher sees a job and acts on it, at once, much later or never, by any clock."""
        self.ledgers.clock.advance(seconds)
        with self.ledgers.database.read() as session:
            seen = [job for job in ledger.active_jobs(session) if job.book_id == self.book]
        self.sightings = [*self.sightings, *seen][-3:]
        if acts_on and self.sightings:
            self.get(self.sightings[-min(acts_on, len(self.sightings))])

    def get(self, seen: ActiveJob) -> None:
        with self.ledgers.database.begin() as session:
            now = self.ledgers.clock()
            if seen.is_running:
                token = ledger.takeover(session, seen, now)
            else:
                token = ledger.claim(session, self.book, seen.id, now)
        is_the_same = bool(self.job) and seen.id == self.job.id
        holder = self.job and self.job.holder
        assert (token is not None) == (is_the_same and seen.token == (holder and holder._token))
        if token:
            self.hold(token)

    def hold(self, token: str) -> None:
        leg = OcrLeg(self.ledgers.database, self.objects, lambda *_: Idle(), self.ledgers.clock)
        job, _items, _detail = self.facts(self.job.id)
        self.job.holder = Hold(self.ledgers.around, leg, job, token)
        self.job.status = JobStatus.RUNNING
        self.holds.append(self.job.holder)

    # Workers, living and dead

    def hold_of(self, worker: int) -> Hold:
        return self.holds[-1 - worker % len(self.holds)]

    def write(self, worker: int, act: Callable[[Hold], object]) -> bool:
        """Let a worker do something; whether it may. One that may not changes nothing."""
        hold = self.hold_of(worker)
        if self.job and hold is self.job.holder:
            act(hold)
            return True
        self.changes_nothing(ClaimLost, lambda: act(hold))
        return False

    def first(self, state: ItemState) -> int:
        return next(iter(self.job.positions(state) if self.job else ()), PAGES[0])

    def on_page(self, worker: int, page: int, act: Callable[[Hold, object], object]) -> Item | None:
        """Let a worker do something with a page; the page as the model has it, if it is at work."""
        hold = self.hold_of(worker)
        with self.ledgers.database.read() as session:
            items = {item.position: item for item in ledger.items_of(session, hold.job.id)}
        if page not in items or not self.write(worker, lambda hold: act(hold, items[page])):
            return None
        item = self.job.items[page]
        return item if item.state is ItemState.WORKING else None

    @precondition(lambda self: self.holds)
    @rule(worker=a_worker)
    def beat(self, worker: int) -> None:
        hold, before = self.hold_of(worker), self.everything()

        hold.beat()

        is_live = bool(self.job) and hold is self.job.holder
        now = self.everything()
        assert now == before or (is_live and now["rev"] == before["rev"])

    @precondition(lambda self: self.holds)
    @rule(worker=a_worker, works=st.lists(a_work, min_size=1, max_size=4))
    def work(self, worker: int, works: list[Work]) -> None:
        """Begin pages, or say what came of them, or both."""
        for work in works:
            self.work_on(worker, work)

    def work_on(self, worker: int, work: Work) -> None:
        page, begins, outcome = work
        if begins:
            page = page or self.first(ItemState.OWED)
            self.begin(worker, page)
        page = page or self.first(ItemState.WORKING)
        match outcome:
            case Outcome.DONE:
                self.succeed(worker, page)
            case Outcome.REFUSED | Outcome.HOPELESS:
                self.fail(worker, page, is_terminal=outcome is Outcome.HOPELESS)
            case Outcome.KILLED | Outcome.GIVEN_BACK:
                self.give_back(worker, page, was_killed=outcome is Outcome.KILLED)

    def begin(self, worker: int, page: int) -> None:
        was_owed = bool(self.job) and page in self.job.positions(ItemState.OWED)
        hold = self.hold_of(worker)
        self.on_page(worker, page, lambda hold, item: hold.start(item))
        if was_owed and hold is self.job.holder:
            item = self.job.items[page]
            item.state, item.starts = ItemState.WORKING, item.starts + 1
            self.pages[page] = OcrStatus.PROCESSING

    def succeed(self, worker: int, page: int) -> None:
        item = self.on_page(worker, page, lambda hold, item: hold.save(item, READ))
        if item:
            item.state = ItemState.DONE
            self.pages[page], self.job.refusals = OcrStatus.COMPLETED, 0
            self.job.settle()

    def fail(self, worker: int, page: int, *, is_terminal: bool) -> None:
        error, said = EmptyText() if is_terminal else TimedOut(), []
        item = self.on_page(
            worker, page, lambda hold, item: said.append(hold.record_failure(item, error))
        )
        if item:
            item.state, item.is_terminal = ItemState.FAILED, is_terminal
            self.pages[page] = OcrStatus.FAILED
            self.job.refusals += not is_terminal
            self.job.settle()
        assert not said or said == [self.job.refusals]

    def give_back(self, worker: int, page: int, *, was_killed: bool) -> None:
        item = self.on_page(
            worker, page, lambda hold, item: hold.give_back(item, counts=was_killed)
        )
        if item:
            item.state, item.starts = ItemState.OWED, item.starts - (not was_killed)
            self.pages[page] = OcrStatus.PENDING

    @precondition(lambda self: self.holds)
    @rule(worker=a_worker, how=st.sampled_from(["complete", "let_go", "stop"]))
    def leave(self, worker: int, how: str) -> None:
        """A run ends: all is done, the server stops, or somebody has asked for it."""
        getattr(self, how)(worker)

    def complete(self, worker: int) -> None:
        said = []
        if self.write(worker, lambda hold: said.append(hold.complete())):
            is_over = not self.job.positions(ItemState.OWED, ItemState.WORKING)
            assert said == [is_over]
            if is_over:
                self.end(JobStatus.COMPLETED)

    def let_go(self, worker: int) -> None:
        if self.write(worker, Hold.let_go):
            self.job.status, self.job.holder = JobStatus.PENDING, None

    def stop(self, worker: int) -> None:
        """First it gives back what it was at."""

        def act(hold: Hold) -> None:
            for item in hold.left_over():
                hold.give_back(item)
            hold.fail("Stopped by you{at}", "Stopped", None)

        before = self.job and self.job.positions(ItemState.WORKING)
        if self.write(worker, act):
            for page in before:
                item = self.job.items[page]
                item.state, item.starts = ItemState.OWED, item.starts - 1
                self.pages[page] = OcrStatus.PENDING
            self.end(JobStatus.FAILED)

    def end(self, status: JobStatus) -> None:
        job, _items, _detail = self.facts(self.job.id)
        assert job.status is status
        assert (job.error_message is None) == (status is JobStatus.COMPLETED)
        assert job.completed_items == len(self.job.positions(ItemState.DONE))
        assert job.failed_items == len(self.job.positions(ItemState.FAILED))
        self.ended[job.id] = self.facts(job.id)
        self.job = None

    # What holds after each step

    def facts(self, job_id: str) -> tuple[object, ...]:
        with self.ledgers.database.read() as session:
            job = ledger.get_job(session, self.book, job_id)
            items = ledger.items_of(session, job_id)
            return job, items, ledger.progress_detail(session, job)

    def everything(self) -> dict[str, object]:
        ids = {hold.job.id for hold in self.holds} | ({self.job.id} if self.job else set())
        with self.ledgers.database.read() as session:
            return {
                "jobs": {job_id: self.facts(job_id) for job_id in ids},
                "pages": library.find(session, self.book),
                "rev": books.revision(session, self.book),
            }

    def changes_nothing(self, error: type[Exception], act: Callable[[], object]) -> None:
        before = self.everything()
        with pytest.raises(error):
            act()
        assert self.everything() == before

    @invariant()
    def at_most_one_job_is_active_and_it_is_as_the_model_says(self) -> None:
        with self.ledgers.database.read() as session:
            active = [job for job in ledger.active_jobs(session) if job.book_id == self.book]
        assert [job.id for job in active] == ([self.job.id] if self.job else [])
        if self.job is None:
            return
        job, items, _detail = self.facts(self.job.id)
        assert job.status is self.job.status
        assert active[0].token == (self.job.holder and self.job.holder._token)
        assert {item.position: (item.state, item.starts) for item in items} == {
            at: (item.state, item.starts) for at, item in self.job.items.items()
        }
        assert (job.completed_items, job.failed_items, job.total_items) == (
            len(self.job.positions(ItemState.DONE)),
            len(self.job.positions(ItemState.FAILED)),
            len(self.job.items),
        )
        assert job.last_completed_item == self.job.watermark
        assert job.current_item == next(iter(self.job.positions(ItemState.WORKING)), None)
        assert (job.error_message, job.is_stop_requested) == (None, self.job.is_stop_requested)

    @invariant()
    def a_job_that_has_ended_never_changes_again(self) -> None:
        for job_id, facts in self.ended.items():
            assert self.facts(job_id) == facts

    @invariant()
    def each_page_is_as_the_model_says_and_what_is_owed_follows_in_page_order(self) -> None:
        with self.ledgers.database.read() as session:
            found = {page.page_num: page.ocr_status for page in library.find(session, self.book)}
        assert found == self.pages
        owed = [at for at in PAGES if self.pages[at] is not OcrStatus.COMPLETED]
        assert list(self.reading.owed(self.book).places.values()) == owed


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 40), ("postgres", 10)])
def test_jobs_and_pages_go_only_where_the_drawings_lead(kind, examples, request, clock):
    ledgers = Desk(request.getfixturevalue(f"{kind}_database"), clock)
    run_state_machine_as_test(
        lambda: States(ledgers),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            derandomize=True,
            phases=[Phase.generate],  # a shorter story would take minutes to find
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
