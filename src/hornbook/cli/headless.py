"""The whole journey without a browser: one call, told of its progress as it goes."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from natsort import natsorted, ns

from hornbook.errors import HornbookError, Invalid
from hornbook.model.book import NewBook
from hornbook.model.contents import PageOutcome
from hornbook.model.job import Job, JobStatus, JobType, OnError
from hornbook.model.upload import Refusal
from hornbook.stages.upload import OUR_KINDS
from hornbook.wiring import App

SECONDS_BETWEEN_LOOKS = 0.2
PAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".heic", ".heif", ".pdf"}
)


class Watcher(Protocol):
    """Is told what happens; every method may do nothing."""

    def sending(self, sent: int, total: int) -> None:
        """`sent` of `total` files are in the book or refused."""

    def refused(self, name: str, reason: str) -> None:
        """A file is no page; the others go on."""

    def working(self, job: Job) -> None:
        """How a job stands now; called several times a second, last with a terminal job."""


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A page that could not be read, or gave no guidelines, and why."""

    page_num: int
    file_name: str
    error: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a book. `status` is `completed`, `completed_with_failures` or `failed`."""

    book_id: str | None
    """None when it failed before there was a book."""
    status: str
    pages: int = 0
    ocr: dict[str, int] = field(default_factory=dict)
    extraction: dict[str, int] = field(default_factory=dict)
    topics: int = 0
    subtopics: int = 0
    synced: int = 0
    seconds: float = 0.0
    model_calls: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: {"input": 0, "output": 0})
    refused: tuple[Refusal, ...] = ()
    failed_pages: tuple[FailedPage, ...] = ()
    error: str | None = None

    @property
    def exit_code(self) -> int:
        """0 all good, 1 failed, 3 completed with failed pages."""
        return {"completed": 0, "completed_with_failures": 3}.get(self.status, 1)


def find_pages(paths: Sequence[Path]) -> list[Path]:
    """The page files among files and folders, in natural order; raises Invalid.

    A folder gives the images directly inside it; a file that was named is kept whatever its suffix,
    so that its refusal is said aloud.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise Invalid(f"There is no file or folder {str(path)!r}.")
        found.extend(_images_in(path) if path.is_dir() else [path])
    if not found:
        raise Invalid(
            "There are no page images (PNG, JPG, TIFF, WebP) and no PDF in what you named."
        )
    return found


def _images_in(folder: Path) -> list[Path]:
    images = (path for path in folder.iterdir() if path.suffix.lower() in PAGE_SUFFIXES)
    return natsorted(images, key=lambda path: path.name, alg=ns.IGNORECASE)


def read_files(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, one at a time."""
    for path in paths:
        yield path.name, path.read_bytes()


@contextmanager
def working_app(app: App) -> Iterator[bool]:
    """Run jobs here when nobody else does; gives whether this process is the one that works."""
    works_here = app.try_start()
    try:
        yield works_here
    finally:
        if works_here:
            app.stop(grace=10)


class Journey:
    """Takes one book from files to published guidelines; the jobs may run here or elsewhere."""

    def __init__(self, app: App, watcher: Watcher) -> None:
        self._app = app
        self._watcher = watcher

    def run(self, new: NewBook, files: Iterable[tuple[str, bytes]], *, total: int) -> Report:
        """The whole journey; an admin's approval is not given here, pages stay to be reviewed."""
        started = time.monotonic()
        book_id = self._app.books.create(new, created_by="hornbook ingest").id
        try:
            jobs, refused, synced = self._legs(book_id, files, total)
        except HornbookError as error:
            seconds = time.monotonic() - started
            return Report(book_id, "failed", seconds=round(seconds, 1), error=str(error))
        return self._report(book_id, jobs, refused, synced, time.monotonic() - started)

    def _legs(
        self, book_id: str, files: Iterable[tuple[str, bytes]], total: int
    ) -> tuple[list[Job], tuple[Refusal, ...], int]:
        ocr, refused = self.upload(book_id, files, total=total)
        jobs = [self.watch(ocr)]
        for start in (self._generate, self._finalize):
            if jobs[-1].status is JobStatus.FAILED:
                return jobs, refused, 0
            jobs.append(self.watch(start(book_id)))
        synced = 0
        if jobs[-1].status is JobStatus.COMPLETED:
            synced = self._app.publish.sync(book_id).synced_count
        return jobs, refused, synced

    def upload(
        self, book_id: str, files: Iterable[tuple[str, bytes]], *, total: int
    ) -> tuple[Job, tuple[Refusal, ...]]:
        """Put the files into the book; gives the OCR job that reads them."""
        batch = self._app.uploads.open_request(book_id)
        for sent, (name, body) in enumerate(files, 1):
            self._app.uploads.accept(book_id, batch, name, body, OUR_KINDS)
            self._watcher.sending(sent, total)
        receipt = self._app.uploads.complete_request(book_id, batch)
        for refusal in receipt.rejected:
            self._watcher.refused(refusal.name, refusal.error)
        return self._app.jobs.get(book_id, receipt.job_id), receipt.rejected

    def _generate(self, book_id: str) -> Job:
        started = self._app.generate.start(book_id, on_error=OnError.CONTINUE)
        if started.job_id is None:
            raise Invalid(started.message)
        return self._app.jobs.get(book_id, started.job_id)

    def _finalize(self, book_id: str) -> Job:
        return self._app.finalize.start(book_id)

    def watch(self, job: Job) -> Job:
        """Wait for the job to end, telling the watcher how it stands."""
        return self.wait(job, until=lambda now: not now.status.is_active)

    def wait(self, job: Job, *, until: Callable[[Job], bool]) -> Job:
        """Wait until the job has come so far; gives the job as it is then."""
        while job.status.is_active and not until(job):
            self._watcher.working(job)
            time.sleep(SECONDS_BETWEEN_LOOKS)
            job = self._app.jobs.get(job.book_id, job.id)
        self._watcher.working(job)
        return job

    def _report(
        self,
        book_id: str,
        jobs: list[Job],
        refused: tuple[Refusal, ...],
        synced: int,
        seconds: float,
    ) -> Report:
        by_type = {job.type: job for job in jobs}
        spent = self._app.jobs.spent_on(book_id)
        subtopics = self._app.guidelines.subtopics(book_id)
        return Report(
            book_id=book_id,
            status=_status(jobs, refused),
            pages=len(self._app.reviews.pages(book_id)),
            ocr=_counts(by_type.get(JobType.OCR)),
            extraction=_counts(by_type.get(JobType.EXTRACTION)),
            topics=len({subtopic.topic_key for subtopic in subtopics}),
            subtopics=len(subtopics),
            synced=synced,
            seconds=round(seconds, 1),
            refused=refused,
            failed_pages=self._failed_pages(book_id),
            error=jobs[-1].error_message,
            model_calls=spent.calls,
            tokens={"input": spent.input_tokens, "output": spent.output_tokens},
        )

    def _failed_pages(self, book_id: str) -> tuple[FailedPage, ...]:
        names = {page.id: page.file_name for page in self._app.reviews.pages(book_id)}
        return tuple(
            FailedPage(one.page_num, names[one.page_id], one.error or "")
            for one in self._app.guidelines.page_results(book_id)
            if one.outcome is PageOutcome.FAILED
        )


def _counts(job: Job | None) -> dict[str, int]:
    if job is None:
        return {"completed": 0, "failed": 0}
    return {"completed": job.completed_items, "failed": job.failed_items}


def _status(jobs: list[Job], refused: tuple[Refusal, ...]) -> str:
    if jobs[-1].status is not JobStatus.COMPLETED or jobs[-1].type is not JobType.FINALIZATION:
        return "failed"
    has_losses = bool(refused) or any(job.failed_items for job in jobs)
    return "completed_with_failures" if has_losses else "completed"
