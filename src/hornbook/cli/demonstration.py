"""The sample book's journey, with a worker that is killed half-way and a second that carries on."""

import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from rich.console import Console

from hornbook.cli.headless import Journey, Report
from hornbook.cli.progress import ProgressBars
from hornbook.errors import HornbookError
from hornbook.model.job import Job, JobType
from hornbook.sample import BOOK, pages
from hornbook.settings import Settings
from hornbook.wiring import App, assemble

PAGES_BEFORE_THE_KILL = 5


def run(settings: Settings, console: Console) -> None:
    """Show the journey; raises HornbookError when it does not arrive."""
    app = assemble(settings)
    app.prepare()
    files = pages()
    console.print(f"\n[bold]{BOOK.title}[/bold]: {len(files)} page images become guidelines.\n")
    bars = ProgressBars(console)
    with bars, Worker(settings) as worker:
        journey = InterruptedJourney(app, bars, worker, console)
        report = journey.run(BOOK, iter(files), total=len(files))
    if report.status == "failed":
        raise HornbookError(f"The journey stopped: {report.error}")
    _tell(report, console)


class Worker:
    """`hornbook work` in a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, "HORNBOOK_DATA_DIR": str(settings.data_dir)}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave no process behind."""
        self._process.terminate()
        self._process.wait()

    def start(self) -> None:
        """Begin working on the data folder."""
        command = [sys.executable, "-m", "hornbook", "work"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command, env=self._environment, stdout=quiet, stderr=quiet
        )

    def kill(self) -> int:
        """End it by SIGKILL, with no time to tidy up; gives the number the process had."""
        self._process.kill()
        self._process.wait()
        return self._process.pid


class InterruptedJourney(Journey):
    """A journey whose worker dies while it reads the pages."""

    def __init__(self, app: App, bars: ProgressBars, worker: Worker, console: Console) -> None:
        super().__init__(app, bars)
        self._worker = worker
        self._console = console

    def watch(self, job: Job) -> Job:
        """Wait for the job, killing the worker once when it reads."""
        if job.type is not JobType.OCR:
            return super().watch(job)
        job = self.wait(job, until=lambda now: now.completed_items >= PAGES_BEFORE_THE_KILL)
        self._say(
            f"kill -9 {self._worker.kill()}: the worker is gone after page {job.completed_items}."
        )
        self._say("A new worker starts; it finds what is owed and goes on.")
        self._worker.start()
        return super().watch(job)

    def _say(self, sentence: str) -> None:
        self._console.print(f"  [yellow]{sentence}[/yellow]", highlight=False)


def _tell(report: Report, console: Console) -> None:
    console.print(
        f"\n{report.pages} pages gave {report.topics} topics and {report.subtopics} subtopics; "
        f"{report.synced} guidelines are published for review, in {report.seconds} s.",
        highlight=False,
    )
    for page in report.failed_pages:
        console.print(
            f"  [yellow]Page {page.page_num} needs you:[/yellow] {page.error}", highlight=False
        )
    console.print(f"\n  hornbook export {report.book_id} --format md\n", highlight=False)
