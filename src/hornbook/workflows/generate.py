"""Pages become guidelines: a job reads each page and places what it gave in its subtopic."""

from collections.abc import Callable
from dataclasses import dataclass

from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.job import OnError


@dataclass(frozen=True, slots=True)
class Started:
    """What Generate answers: `status` is `started` or `already_complete` (then without a job)."""

    job_id: str | None
    status: str
    start_page: int
    end_page: int
    total_pages: int
    message: str


class Generate:
    """Opens extraction jobs."""

    def __init__(self, database: Database, clock: Clock, wake: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake

    def start(
        self,
        book_id: str,
        *,
        start_page: int = 1,
        end_page: int | None = None,
        auto_sync: bool = False,
        resume: bool = False,
        on_error: OnError = OnError.STOP,
        ask_again: bool = False,
    ) -> Started:
        """Open the job that reads the pages; raises NotFound, JobAlreadyActive, Invalid.

        With `resume` the last job's range and what it got done are kept, and only what is owed is
        done: pages that failed, that were never read, or whose text changed.
        """
        raise NotImplementedError
