"""Reading pages again: OCR's retry and resume, by whom a human asks for."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from hornbook.errors import Conflict
from hornbook.jobs import ledger
from hornbook.library import books, pages, readings
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.job import ItemState, Job, JobType, Owed
from hornbook.model.page import OcrStatus, Page, Reader, ReviewStatus
from hornbook.workflows.reveal import have_read

SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_FOR_THE_JOB = 5.0
"""So long after its last page, a job is waited for: its files are written then."""


class Reading:
    """Has pages read again: OCR's retry and resume."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Callable[[], None],
        sleep: Callable[[float], bool | None] = time.sleep,
        *,
        has_model: Callable[[], bool] = lambda: False,
    ) -> None:
        """`sleep` gives whether to wait no longer, because the server is to end.

        `has_model` tells whether a model is chosen that can be asked to read.
        """
        self._database = database
        self._clock = clock
        self._wake = wake
        self._sleep = sleep
        self._has_model = has_model

    def retry_page(self, book_id: str, page_num: int, reader: Reader | None = None) -> Page:
        """Put the page back to pending, in the book's OCR job, opened or joined.

        `reader` is to read it; without one whoever was asked for before, or the one that is set.
        Raises NotFound, Conflict (it is being read, waits for it, or is skipped; or no model is
        chosen that could read it),
        JobAlreadyActive (of another type).
        """
        self._require(reader)
        with self._database.begin() as session:
            books.touch(session, book_id)
            page = pages.get(session, book_id, page_num)
            self._again(session, book_id, [page], reader=reader)
            page = pages.by_id(session, page.id)
        self._wake()
        return page

    def retry(
        self, book_id: str, pages: Sequence[int] | None = None, reader: Reader | None = None
    ) -> tuple[Job, list[int]]:
        """Read these pages again, or all that are owed, and return the job and which.

        All that are owed: a job so opened resumes the book, and starts with what is done.
        Raises NotFound, Conflict (none of them can be read again now, or no model is chosen that
        could), JobAlreadyActive.
        """
        self._require(reader)
        with self._database.begin() as session:
            books.touch(session, book_id)
            if pages is None:
                owed, done = _divided(session, book_id)
                job, taken = self._again(session, book_id, owed, done=done, reader=reader)
            else:
                chosen = _chosen(session, book_id, pages)
                job, taken = self._again(session, book_id, chosen, reader=reader)
        self._wake()
        return job, [page.page_num for page in taken]

    def owed(self, book_id: str) -> Owed:
        """What `retry` would read again if no pages are named; raises NotFound."""
        with self._database.read() as session:
            owed, done = _divided(session, book_id)
        return Owed({page.id: page.page_num for page in owed}, kept=len(done))

    def wait(self, page_id: str, timeout: float) -> Page:
        """Return the page once it was read, or as it is after `timeout` seconds.

        Its job is given a little time to end too, so that the book is free for the next page.
        Raises NotFound.
        """
        looks_at_job = round(SECONDS_FOR_THE_JOB / SECONDS_BETWEEN_LOOKS)
        for _look in range(max(1, round(timeout / SECONDS_BETWEEN_LOOKS))):
            page, is_busy = self._look(page_id)
            if page.ocr_status in {OcrStatus.COMPLETED, OcrStatus.FAILED}:
                if not is_busy or not looks_at_job:
                    return page
                looks_at_job -= 1
            if self._sleep(SECONDS_BETWEEN_LOOKS):
                break
        return self._look(page_id)[0]

    def _require(self, reader: Reader | None) -> None:
        if reader is Reader.VISION and not self._has_model():
            raise Conflict(
                "No model is chosen that could look at pages. Choose one under Settings."
            )

    def _look(self, page_id: str) -> tuple[Page, bool]:
        """Give the page, and whether a job holds its book."""
        with self._database.read() as session:
            page = pages.by_id(session, page_id)
            return page, ledger.active_job(session, page.book_id) is not None

    def _again(
        self,
        session: Session,
        book_id: str,
        wanted: Sequence[Page],
        *,
        done: Sequence[Page] = (),
        reader: Reader | None = None,
    ) -> tuple[Job, list[Page]]:
        """Ask for the pages that no running job is about to read, and that are not skipped."""
        job = ledger.active_job(session, book_id)
        if job is not None and job.type is not JobType.OCR:
            ledger.require_idle(session, book_id)
        waiting = _waiting(session, job) if job else set()
        taken = [
            page
            for page in wanted
            if page.id not in waiting and page.review is not ReviewStatus.REJECTED
        ]
        if not taken:
            raise Conflict(_why_none(wanted, waiting))
        for page in taken:
            readings.ask(session, page, reader)
        return have_read(session, book_id, taken, self._clock(), done=done), taken


def _chosen(session: Session, book_id: str, page_nums: Sequence[int]) -> list[Page]:
    return [pages.get(session, book_id, page_num) for page_num in sorted({*page_nums})]


def _divided(session: Session, book_id: str) -> tuple[list[Page], list[Page]]:
    """The pages that are owed, and the others."""
    book = pages.find(session, book_id)
    return [page for page in book if _is_owed(page)], [page for page in book if not _is_owed(page)]


def _is_owed(page: Page) -> bool:
    return page.ocr_status is not OcrStatus.COMPLETED and page.review is not ReviewStatus.REJECTED


def _waiting(session: Session, job: Job) -> set[str]:
    return {
        item.subject_id
        for item in ledger.items_of(session, job.id)
        if item.state in {ItemState.OWED, ItemState.WORKING}
    }


def _why_none(wanted: Sequence[Page], waiting: set[str]) -> str:
    if not wanted:
        return "Every page of this book has been read."
    if len(wanted) > 1:
        return "These pages are being read already, or are skipped."
    page = wanted[0]
    if page.id in waiting:
        return f"Page {page.page_num} is being read already, or will be in a moment."
    return f"Page {page.page_num} is skipped. Take the rejection back first."
