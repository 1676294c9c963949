"""Settings in, assembled application out: the only place where real things meet."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from prometheus_client import CollectorRegistry, Counter

from hornbook import sample
from hornbook.engine_room import VISION, EngineRoom
from hornbook.engines import word
from hornbook.engines.model_client import ModelClient
from hornbook.engines.workshop import Workshop
from hornbook.errors import DataFolderInUse, NoModel
from hornbook.jobs.dispatch import Dispatcher
from hornbook.jobs.leg import Leg
from hornbook.jobs.seat import FolderSeat, PostgresSeat, Seat
from hornbook.jobs.threads import Threads
from hornbook.library.backup import BackupReport, backup
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.projection import Projector, distrust
from hornbook.library.rebuild import RebuildReport, rebuild
from hornbook.model.clock import Clock
from hornbook.model.components import Component
from hornbook.model.job import JobType
from hornbook.settings import Settings
from hornbook.stages.merge import render
from hornbook.stages.ocr import RawPage
from hornbook.stages.upload import Limits
from hornbook.workflows.accounts import Accounts, OneTimeLinks
from hornbook.workflows.books import Books
from hornbook.workflows.drafts import Drafts
from hornbook.workflows.estimate import Estimates
from hornbook.workflows.export import Exports
from hornbook.workflows.finalize import FinalizationLeg, Finalize
from hornbook.workflows.forecast import Forecasts
from hornbook.workflows.generate import ExtractionLeg, Generate
from hornbook.workflows.guidelines import Guidelines
from hornbook.workflows.images import Images
from hornbook.workflows.jobs import Jobs
from hornbook.workflows.journal import Journal
from hornbook.workflows.models import Models
from hornbook.workflows.ocr import OcrLeg
from hornbook.workflows.plan_line import PlanLine
from hornbook.workflows.publish import Publish
from hornbook.workflows.reading import Reading
from hornbook.workflows.review import Reviews
from hornbook.workflows.study_plans import StudyPlans
from hornbook.workflows.thinking import OFFLINE
from hornbook.workflows.tidy import tidy
from hornbook.workflows.upload import Uploads


def now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def has_heic() -> bool:
    """Whether the extra `heic` is installed."""
    return find_spec("pillow_heif") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything an entry point may call."""

    settings: Settings
    clock: Clock
    database: Database
    objects: Objects
    workshop: Workshop
    limits: Limits
    seat: Seat
    dispatcher: Dispatcher
    projector: Projector
    metrics: CollectorRegistry
    accounts: Accounts
    links: OneTimeLinks
    books: Books
    uploads: Uploads
    reading: Reading
    reviews: Reviews
    images: Images
    drafts: Drafts
    generate: Generate
    finalize: Finalize
    guidelines: Guidelines
    forecasts: Forecasts
    estimates: Estimates
    exports: Exports
    publish: Publish
    study_plans: StudyPlans
    plan_line: PlanLine
    jobs: Jobs
    journal: Journal
    client: ModelClient
    models: Models
    stopped: threading.Event
    """Set when the process is to end: nobody waits for anything any more."""

    def prepare(self) -> None:
        """Make an empty folder usable, or bring an older schema up to date."""
        self.database.migrate()

    def start(self) -> None:
        """Take the seat, repair what a crash left, and run jobs; raises DataFolderInUse."""
        self.seat.take()
        self.objects.sweep()
        self.uploads.sweep()
        self.projector.start()
        self.dispatcher.start()
        self.plan_line.start()

    def try_start(self) -> bool:
        """Run jobs here unless another process already does; gives whether this one works."""
        try:
            self.start()
        except DataFolderInUse:
            return False
        return True

    def stop(self, grace: float) -> None:
        """Leave every job resumable within `grace` seconds, and give up the seat."""
        self.stopped.set()
        until = monotonic() + grace
        self.dispatcher.stop(grace)
        self.plan_line.stop(max(until - monotonic(), 0))
        self.client.close()
        self.projector.stop()
        self.workshop.close()
        self.seat.release()
        self.database.close()

    def rebuild(self) -> RebuildReport:
        """Make an empty database again from the bucket; raises Conflict when it is not empty."""
        self.seat.take()
        try:
            return rebuild(self.database, self.objects, self.clock)
        finally:
            self.seat.release()

    def distrust_files(self) -> None:
        """Count every file of the bucket as behind, so that the projector writes all anew."""
        with self.database.begin() as session:
            distrust(session)

    def backup(self, folder: Path, tell: Callable[[int, int], None]) -> BackupReport:
        """Copy everything into a new folder, also beside a running server; see `library.backup`."""
        return backup(self.database, self.objects, folder, tell)

    def checks(self) -> dict[str, Callable[[], str]]:
        """What the doctor examines: each gives a detail or raises what is wrong."""
        return {
            "database": self._check_database,
            "store": self._check_store,
            "ocr": self._check_ocr,
            "worker": self._check_worker,
        }

    def _check_database(self) -> str:
        with self.database.read() as session:
            session.connection()
        return self.database.url.render_as_string(hide_password=True)

    def _check_store(self) -> str:
        self.objects.check()
        return self.objects.url

    def _check_ocr(self) -> str:
        _, page = sample.pages()[2]
        text = self.workshop.read_page(RawPage(page)).text
        self.workshop.close()
        words = sum(len(line.text.split()) for line in text.lines)
        local = f"{self.workshop.name}, {self.workshop.workers} at once; read {words} words"
        return (
            f"{self._looking()} looks at pages; {local}" if self.settings.ocr == VISION else local
        )

    def _looking(self) -> str:
        model = self.models.chosen(Component.BOOK_INGESTION)
        if model == OFFLINE:
            raise NoModel
        return model

    def _check_worker(self) -> str:
        try:
            self.seat.take()
        except DataFolderInUse:
            return "a server is running"
        self.seat.release()
        return "no server is running; jobs wait until one starts"


def assemble(settings: Settings, clock: Clock = now, workshop: Workshop | None = None) -> App:
    """The application that the settings describe; opens nothing but a connection pool.

    Tests bring a workshop of their own: the one thing that is slow.
    """
    metrics = CollectorRegistry()
    operations = Counter(
        "hornbook_store_operations",
        "Operations on the object store",
        ["operation"],
        registry=metrics,
    )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.resolved_database_url)
    objects = Objects(
        settings.resolved_store_url, lambda name: operations.labels(operation=name).inc()
    )
    engines = EngineRoom(settings, database, clock, workshop)
    seat: Seat = FolderSeat(settings.data_dir) if database.is_sqlite else PostgresSeat(database)
    projector = Projector(database, objects, clock, render, is_seated=seat.is_held)
    legs: dict[JobType, Leg] = {
        JobType.OCR: OcrLeg(database, objects, engines.page_reader, clock, terms=engines.terms),
        JobType.EXTRACTION: ExtractionLeg(
            database, clock, engines.thinker, concurrency=settings.model_concurrency
        ),
        JobType.FINALIZATION: FinalizationLeg(
            database, clock, engines.thinker, concurrency=settings.model_concurrency
        ),
    }
    dispatcher = Threads(
        database,
        legs,
        clock,
        catch_up=projector.catch_up,
        on_crash=settings.on_crash,
        is_seated=seat.is_held,
    )
    plan_line = PlanLine(database, clock, engines.planner, engines.reviewer, is_seated=seat.is_held)
    limits = Limits(
        max_file_bytes=settings.max_file_bytes,
        max_pdf_bytes=settings.max_pdf_bytes,
        max_files=settings.max_files,
        max_pages=settings.max_pages,
        has_heic=has_heic(),
    )
    wake = dispatcher.wake
    stopped = threading.Event()
    return App(
        settings=settings,
        clock=clock,
        database=database,
        objects=objects,
        workshop=engines.workshop,
        limits=limits,
        seat=seat,
        dispatcher=dispatcher,
        projector=projector,
        metrics=metrics,
        accounts=Accounts(database, clock),
        links=OneTimeLinks(clock),
        books=Books(database, clock),
        uploads=Uploads(database, objects, clock, wake, limits, engines.workshop.pages_in),
        reading=Reading(database, clock, wake, sleep=stopped.wait, has_model=engines.has_model),
        reviews=Reviews(database, objects, clock, wake, limits, on_pages_changed=tidy),
        images=Images(database, objects),
        drafts=Drafts(database, clock),
        generate=Generate(database, clock, wake, engines.terms),
        finalize=Finalize(database, clock, wake, at_once=engines.offline, terms=engines.terms),
        guidelines=Guidelines(database, clock),
        forecasts=Forecasts(database, engines.reader_name),
        estimates=Estimates(
            database,
            chosen=engines.terms.chosen,
            reader_name=engines.reader_name,
            price=engines.client.cost,
        ),
        exports=Exports(database, word.document),
        publish=Publish(database, clock),
        study_plans=StudyPlans(
            database, clock, engines.planner, engines.reviewer, wake=plan_line.wake
        ),
        plan_line=plan_line,
        jobs=Jobs(database, clock, wake, dispatcher.awaited),
        journal=engines.journal,
        client=engines.client,
        models=engines.models,
        stopped=stopped,
    )
