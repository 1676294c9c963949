"""Progress in the terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from hornbook.model.job import Job, JobType

TITLES = {
    JobType.OCR: "Reading pages",
    JobType.EXTRACTION: "Generating Guidelines",
    JobType.FINALIZATION: "Refine & Consolidate",
    JobType.SYNC: "Publishing",
}


class Quiet:
    """Says nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing was opened."""

    def sending(self, sent: int, total: int) -> None:
        """Say nothing."""

    def refused(self, name: str, reason: str) -> None:
        """Say nothing."""

    def working(self, job: Job) -> None:
        """Say nothing."""


class ProgressBars(Quiet):
    """One bar for each leg of the journey."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bars on the screen as they are."""
        self._progress.stop()

    def sending(self, sent: int, total: int) -> None:
        """Move the upload's bar."""
        self._show("upload", "Uploading pages", sent, total)

    def refused(self, name: str, reason: str) -> None:
        """Say which file is no page, above the bars."""
        self._progress.console.print(f"  {name}: {reason}", highlight=False, markup=False)

    def working(self, job: Job) -> None:
        """Move the bar of the job's leg."""
        failed = f"{job.failed_items} failed" if job.failed_items else ""
        note = job.error_message or job.note or failed
        done = job.completed_items + job.failed_items
        self._show(job.id, TITLES[job.type], done, job.total_items, note)

    def _show(self, key: str, title: str, done: int, total: int, note: str = "") -> None:
        if key not in self._bars:
            self._bars[key] = self._progress.add_task(title, total=total, note="")
        self._progress.update(self._bars[key], completed=done, total=total, note=note)
