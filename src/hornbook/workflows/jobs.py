"""Looking at jobs, and stopping them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hornbook.jobs import history, ledger
from hornbook.library import books, journal, readings
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.job import Job, JobItem, JobStatus, JobType
from hornbook.model.question import Spent


class Jobs:
    """What every screen asks about work under way and work done."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Callable[[], None],
        awaited: Callable[[str], str | None] = lambda _book_id: None,
    ) -> None:
        """`awaited` gives what keeps a book's job waiting and from writing so into its row."""
        self._database = database
        self._clock = clock
        self._wake = wake
        self._awaited = awaited

    def awaited(self, book_id: str) -> str | None:
        """What keeps the book's job waiting, if that is why it cannot write it into its row."""
        return self._awaited(book_id)

    def get(self, book_id: str, job_id: str) -> Job:
        """The job; raises NotFound."""
        with self._database.read() as session:
            return self._as_it_is(ledger.get_job(session, book_id, job_id))

    def latest(self, book_id: str, job_type: JobType | None = None) -> Job | None:
        """The active job, else the one started last; raises NotFound for the book."""
        with self._database.read() as session:
            books.require(session, book_id)
            job = ledger.latest_job(session, book_id, job_type)
        return job and self._as_it_is(job)

    def items(self, job_id: str) -> list[JobItem]:
        """The job's ledger in order."""
        with self._database.read() as session:
            return ledger.items_of(session, job_id)

    def detail(self, job: Job) -> dict[str, Any]:
        """Per-page errors and results, and statistics (CONTRACT 2.5)."""
        with self._database.read() as session:
            return ledger.progress_detail(session, job)

    def spent(self, job: Job) -> Mapping[str, Spent]:
        """What the job's calls of a model came to, by task; those answered before are not there."""
        with self._database.read() as session:
            return journal.spent(session, job_id=job.id)

    def spent_on(self, book_id: str) -> Spent:
        """What all calls of a model for a book came to."""
        with self._database.read() as session:
            return sum(journal.spent(session, book_id=book_id).values(), Spent())

    def kept(self, job: Job) -> Mapping[str, datetime]:
        """When an earlier job of the type did each page that this one found done."""
        with self._database.read() as session:
            return readings.done_by(session, job.book_id, job.type, job.started_at)

    def stop(self, book_id: str, job_id: str) -> Job:
        """Ask the job to stop after what it is doing; a job that has ended stays as it is."""
        with self._database.begin() as session:
            job = ledger.request_stop(session, book_id, job_id, self._clock())
        self._wake()
        return job

    def hurry(self, book_id: str, job_id: str) -> Job:
        """Have the attempt made now that the job waits for; one that does not wait stays as it is.

        Raises NotFound.
        """
        with self._database.begin() as session:
            job = ledger.hurry(session, book_id, job_id)
        self._wake()
        return job

    def recent(
        self,
        *,
        limit: int = 100,
        offset: int = 0,
        statuses: Collection[JobStatus] = (),
        job_type: JobType | None = None,
    ) -> list[Job]:
        """Jobs of all books, newest first; of these states and this type, if any are named."""
        with self._database.read() as session:
            return ledger.list_jobs(
                session, limit=limit, offset=offset, statuses=statuses, job_type=job_type
            )

    def _as_it_is(self, job: Job) -> Job:
        awaited = self.awaited(job.book_id) if job.status is JobStatus.RUNNING else None
        return replace(job, note=awaited) if awaited else job

    def counts(self) -> Mapping[tuple[JobType, JobStatus], int]:
        """How many jobs of each type and state there are."""
        with self._database.read() as session:
            return history.count_jobs(session)

    def latest_of_each(self, book_id: str) -> list[Job]:
        """The latest job of each type that the book had, in the order of its journey."""
        with self._database.read() as session:
            found = [ledger.latest_job(session, book_id, job_type) for job_type in JobType]
        return [job for job in found if job is not None]
