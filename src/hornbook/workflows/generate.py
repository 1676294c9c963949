"""Pages become guidelines: a job reads each page and places what it gave in its subtopic."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from hornbook.errors import Conflict, Invalid
from hornbook.jobs import ledger
from hornbook.library import books, findings, guidelines, pages
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.job import (
    ItemState,
    Job,
    JobItem,
    JobStatus,
    JobType,
    OnError,
    Owed,
    PlannedItem,
)
from hornbook.model.page import Page, ReviewStatus
from hornbook.workflows.extraction import ExtractionLeg
from hornbook.workflows.thinking import FREE, Terms

__all__ = ["ExtractionLeg", "Generate", "Started"]


@dataclass(frozen=True, slots=True)
class Started:
    """What Generate answers: `status` is `started` or `already_complete` (then without a job)."""

    job_id: str | None
    status: str
    start_page: int
    end_page: int
    total_pages: int
    message: str


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for, as a job's options keep it."""

    start_page: int
    end_page: int
    auto_sync: bool
    ask_again: bool
    on_error: OnError
    is_to_the_end: bool
    """No end was named: pages added later belong to the range."""
    takes: int = 0
    """How often any job of the book has asked again."""
    terms: Mapping[str, object] = field(default_factory=dict)
    """The model, and what the job may cost."""

    def options(self) -> dict[str, object]:
        return {
            "start_page": self.start_page,
            "end_page": self.end_page,
            "auto_sync_to_db": self.auto_sync,
            "ask_again": self.ask_again,
            "on_error": self.on_error.value,
            "is_to_the_end": self.is_to_the_end,
            "takes": self.takes,
            "take": self.takes if self.ask_again else None,
            **self.terms,
        }


class Generate:
    """Opens extraction jobs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Callable[[], None],
        terms: Terms = FREE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._terms = terms

    def start(  # noqa: PLR0913 - what a request may ask for
        self,
        book_id: str,
        *,
        start_page: int = 1,
        end_page: int | None = None,
        auto_sync: bool = False,
        resume: bool = False,
        on_error: OnError = OnError.STOP,
        ask_again: bool = False,
        only: Collection[int] | None = None,
        max_cost: float | None = None,
    ) -> Started:
        """Open the job that reads the pages; raises NotFound, JobAlreadyActive, Invalid.

        With `resume` the last job's range and what it got done are kept, and only what is owed is
        done: pages that failed, that were never read, or whose text changed; with `only`, those
        among these pages, and the others stay owed. Raises Conflict when none of them is.
        With `max_cost` the job stops, resumably, when it has cost so many US dollars.
        """
        terms = self._terms.options(max_cost)
        with self._database.begin() as session:
            # Whoever touches first keeps the pages as they are until the job is open.
            books.touch(session, book_id)
            book = pages.find(session, book_id)
            ledger.require_idle(session, book_id)
            before = ledger.latest_job(session, book_id, JobType.EXTRACTION)
            last = before if resume else None
            request = _Request(
                start_page=start_page,
                end_page=len(book) if end_page is None else end_page,
                auto_sync=auto_sync,
                ask_again=ask_again,
                on_error=on_error,
                is_to_the_end=end_page is None,
                takes=_takes(before) + (ask_again and not resume),
                terms=terms,
            )
            if last is None:
                started = self._start(session, book_id, request, book)
            else:
                started = self._resume(session, last, request, book, only)
        if started.job_id is not None:
            self._wake()
        return started

    def owed(self, book_id: str) -> Owed:
        """What `start` with `resume` would do now; raises NotFound."""
        try:
            with self._database.read() as session:
                resumed = owed_by_resume(session, book_id)
        except Invalid:
            resumed = None
        items = resumed[0] if resumed else []
        left = {item.subject_id: item.position for item in items if not item.is_done}
        return Owed(left, kept=len(items) - len(left))

    def _start(
        self, session: Session, book_id: str, request: _Request, book: Sequence[Page]
    ) -> Started:
        wanted = _range(request, book)
        items = [_planned(page) for page in wanted]
        job_id = self._open(session, book_id, request, items)
        left = sum(not item.is_done for item in items)
        message = f"Reading {_pages(left)}: {request.start_page} to {request.end_page}."
        return _started(job_id, request, items, message)

    def _resume(
        self,
        session: Session,
        last: Job,
        asked: _Request,
        book: Sequence[Page],
        only: Collection[int] | None,
    ) -> Started:
        request, items, plan = _resumed(session, last, asked, book)
        if only is not None:
            items = _among(items, only)
        left = sum(not item.is_done for item in items)
        if not left and last.status is JobStatus.COMPLETED:
            message = f"Nothing is owed: all {_pages(len(items))} are done."
            return replace(_started(None, request, items, message), status="already_complete")
        job_id = self._open(session, last.book_id, request, items, plan)
        return _started(job_id, request, items, _resuming(items))

    def _open(
        self,
        session: Session,
        book_id: str,
        request: _Request,
        items: Sequence[PlannedItem],
        plan: dict[str, Any] | None = None,
    ) -> str:
        job = ledger.open_job(
            session,
            book_id,
            JobType.EXTRACTION,
            items,
            now=self._clock(),
            on_error=request.on_error,
            options=request.options(),
            plan=plan,
        )
        return job.id


def owed_by_resume(
    session: Session, book_id: str
) -> tuple[list[PlannedItem], dict[str, Any] | None] | None:
    """The items and the plan that going on with the last extraction would begin with.

    `None` when there was no extraction; a plan of `None` would be made anew. Raises NotFound,
    Invalid when no page of the range can be used.
    """
    book = pages.find(session, book_id)
    last = ledger.latest_job(session, book_id, JobType.EXTRACTION)
    if last is None:
        return None
    asked = _Request(
        start_page=1,
        end_page=len(book),
        auto_sync=False,
        ask_again=False,
        on_error=OnError.STOP,
        is_to_the_end=True,
    )
    _, items, plan = _resumed(session, last, asked, book)
    return items, plan


def _resumed(
    session: Session, last: Job, asked: _Request, book: Sequence[Page]
) -> tuple[_Request, list[PlannedItem], dict[str, Any] | None]:
    """What a job that goes on with the last one asks for, its items, and the plan it inherits."""
    before = {item.subject_id: item for item in ledger.items_of(session, last.id)}
    request = _inherited(last, asked, before, book)
    is_kept = _Kept.now(session, last.book_id)
    items = [is_kept.resumed(page, before.get(page.id)) for page in _range(request, book)]
    return request, items, last.plan if _is_same_book(last, book) else None


def _range(request: _Request, book: Sequence[Page]) -> list[Page]:
    """The pages asked for; raises Invalid when there are none, or none that can be used."""
    if not book:
        raise Invalid("The book has no pages yet: upload some first.")
    if not 1 <= request.start_page <= request.end_page <= len(book):
        asked = f"{request.start_page} to {request.end_page}"
        raise Invalid(f"There is no range {asked}: the book has pages 1 to {len(book)}.")
    wanted = list(book[request.start_page - 1 : request.end_page])
    if not any(page.is_usable for page in wanted):
        raise Invalid("No page of this range has text: read the pages first, or type their text.")
    return wanted


def _planned(page: Page) -> PlannedItem:
    """A page in a job's plan; one that is skipped or blank is completed at once.

    The input of those is no revision: taken back, the page is owed.
    """
    if page.review is ReviewStatus.REJECTED:
        return PlannedItem(page.id, page.page_num, "rejected", is_done=True, result={})
    if page.is_blank:
        return PlannedItem(page.id, page.page_num, "blank", is_done=True, result={})
    return PlannedItem(page.id, page.page_num, str(page.text_revision))


def _among(items: Sequence[PlannedItem], only: Collection[int]) -> list[PlannedItem]:
    """What is done, and what is owed of these pages; raises Conflict when nothing is."""
    chosen = [item for item in items if item.is_done or item.position in only]
    if all(item.is_done for item in chosen):
        raise Conflict("None of these pages is owed any more.")
    return chosen


@dataclass(frozen=True, slots=True)
class _Kept:
    """What earlier jobs left of each page."""

    revisions: dict[str, int]
    placed: frozenset[str]

    @staticmethod
    def now(session: Session, book_id: str) -> "_Kept":
        placements = guidelines.contents(session, book_id).placements
        return _Kept(
            findings.read_revisions(session, book_id),
            frozenset(placement.page_id for placement in placements),
        )

    def resumed(self, page: Page, before: JobItem | None) -> PlannedItem:
        """The page in a resumed plan: done if it was for this text, and the result is there."""
        planned = _planned(page)
        if planned.is_done or before is None or before.state is not ItemState.DONE:
            return planned
        is_there = self.revisions.get(page.id) == page.text_revision and (
            page.id in self.placed or not before.result
        )
        if before.input != planned.input or not is_there:
            return planned
        return replace(planned, is_done=True, result=before.result)


def _inherited(
    last: Job, asked: _Request, items: dict[str, JobItem], book: Sequence[Page]
) -> _Request:
    """The last job's request, its range where its pages now stand; what is asked anew is added."""
    options = last.options
    is_to_the_end = bool(options.get("is_to_the_end"))
    start, end = int(options["start_page"]), int(options["end_page"])
    now = {page.id: page.page_num for page in book}
    left = [now[one] for one in sorted(items, key=lambda i: items[i].position) if one in now]
    if left and start > 1:
        start = left[0]
    if left:
        end = left[-1]
    if is_to_the_end or not left:
        end = len(book)
    start, end = sorted((min(start, len(book)), end))
    is_asked_to_go_on = asked.on_error is OnError.CONTINUE
    return _Request(
        start_page=start,
        end_page=end,
        auto_sync=asked.auto_sync or bool(options.get("auto_sync_to_db")),
        ask_again=asked.ask_again or bool(options.get("ask_again")),
        on_error=OnError.CONTINUE if is_asked_to_go_on else last.on_error,
        is_to_the_end=is_to_the_end,
        takes=asked.takes,
        terms=asked.terms,
    )


def _takes(last: Job | None) -> int:
    return int(last.options.get("takes", 0)) if last else 0


def _is_same_book(last: Job, book: Sequence[Page]) -> bool:
    """Whether the last job's plan still fits: the same pages at the same places, all of them known.

    A page that had no text, or was skipped, when the outline was made stands in no entry of it.
    """
    if last.plan is None:
        return False
    usable = {page.id for page in book if page.is_usable}
    places = {page.id: page.page_num for page in book}
    return bool(last.plan["places"] == places) and usable <= last.plan["texts"].keys()


def _resuming(items: Sequence[PlannedItem]) -> str:
    left = [item.position for item in items if not item.is_done]
    if not left:
        return f"Resuming after the last page: all {_pages(len(items))} kept."
    kept = len(items) - len(left)
    return f"Resuming at page {min(left)}: {_pages(len(left))} left, {kept} kept."


def _started(
    job_id: str | None, request: _Request, items: Sequence[PlannedItem], message: str
) -> Started:
    return Started(job_id, "started", request.start_page, request.end_page, len(items), message)


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"
