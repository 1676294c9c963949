"""Which pages are looked at one after the other: a queue is a filter, in the order of the book."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import Query

from hornbook.model.page import OcrStatus, PageGlance, ReviewStatus
from hornbook.web.language import _, noted
from hornbook.web.pages.screen import book_path
from hornbook.web.views import NEEDS_REVIEW_BELOW

if TYPE_CHECKING:
    from hornbook.wiring import App

QueueName = Annotated[str, Query(alias="queue")]


def _is_low(page: PageGlance) -> bool:
    # Compared as it is shown: a page that says 80% is not below 80%.
    return page.waits and round(page.confidence or 0) < NEEDS_REVIEW_BELOW


def _is_failed(page: PageGlance) -> bool:
    return page.ocr_status is OcrStatus.FAILED and page.review is not ReviewStatus.REJECTED


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of page that one can go through."""

    words: str
    holds: Callable[[PageGlance], bool]


EVERY_PAGE, UNREVIEWED = "", "unreviewed"
KINDS = {
    EVERY_PAGE: Kind(noted("All pages"), lambda _page: True),
    UNREVIEWED: Kind(noted("To review"), lambda page: page.waits),
    "low": Kind(noted("Low confidence"), _is_low),
    "failed": Kind(noted("Failed"), _is_failed),
    "approved": Kind(noted("Approved"), lambda page: page.review is ReviewStatus.APPROVED),
    "rejected": Kind(noted("Rejected"), lambda page: page.review is ReviewStatus.REJECTED),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A queue to change to, with how many pages it holds."""

    name: str
    words: str
    count: int
    href: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The pages of a book that are gone through, and where each of them is looked at."""

    book_id: str
    name: str
    pages: Sequence[PageGlance]
    """Every page of the book."""

    @property
    def query(self) -> str:
        """What stands behind the address of a page of this queue."""
        return f"?{urlencode({'queue': self.name})}" if self.name else ""

    def path(self, page_num: int) -> str:
        """Where a page is looked at, as one of this queue."""
        return f"{book_path(self.book_id)}/pages/{page_num}/review{self.query}"

    @property
    def end(self) -> str:
        """Where the queue begins, and where it says that nothing is left."""
        return f"{book_path(self.book_id)}/review{self.query or f'?queue={UNREVIEWED}'}"

    def held(self, name: str | None = None) -> list[int]:
        """Give the numbers of the pages of this queue, or another one, in order."""
        holds = KINDS[self.name if name is None else name].holds
        return [page.page_num for page in self.pages if holds(page)]

    def before(self, page_num: int) -> int | None:
        """Give the page of the queue that comes before this place."""
        return next((num for num in reversed(self.held()) if num < page_num), None)

    def after(self, page_num: int) -> int | None:
        """Give the page of the queue that comes after this place."""
        return next((num for num in self.held() if num > page_num), None)

    def due(self, page_num: int) -> int | None:
        """Give the page to decide about next: after this place."""
        return next((num for num in self.held(self._due) if num > page_num), None)

    def due_anywhere(self, page_num: int) -> int | None:
        """Give the page to decide about next: after this place, else from the front."""
        from_front = (num for num in self.held(self._due) if num != page_num)
        return self.due(page_num) or next(from_front, None)

    def next_path(self, page_num: int) -> str:
        """Where to go after a decision about this page: the next one due, or the end."""
        due = self.due_anywhere(page_num)
        return self.end if due is None else self.path(due)

    def version(self, page_num: int) -> int:
        """Name the state of a page: it rises with every change of it."""
        return self.pages[page_num - 1].rev

    def choices(self, page_num: int) -> tuple[Choice, ...]:
        """Give every queue that holds something, entered at this place or soon after it."""
        found = []
        for name, kind in KINDS.items():
            held = self.held(name)
            if held or name in {self.name, EVERY_PAGE, UNREVIEWED}:
                queue = Queue(self.book_id, name, self.pages)
                soon = (num for num in held if num >= page_num)
                to = queue.path(next(soon, held[0])) if held else queue.end
                found.append(Choice(name, _(kind.words), len(held), to, name == self.name))
        return tuple(found)

    def counts(self) -> dict[str, int]:
        """How many pages each queue of the book holds."""
        return {name: len(self.held(name)) for name in KINDS}

    @property
    def _due(self) -> str:
        return self.name or UNREVIEWED


def queue_in(app: "App", book_id: str, name: str) -> Queue:
    """Give the queue of this name; an unknown one is every page. Raises NotFound."""
    known = name if name in KINDS else EVERY_PAGE
    return Queue(book_id, known, app.reviews.glances(book_id))
