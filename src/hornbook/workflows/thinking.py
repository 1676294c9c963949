"""Who thinks for a job, and about what: engines are handed in by name, and asked for one thing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy.orm import Session

from hornbook.library import books
from hornbook.model.book import Book
from hornbook.model.job import Job
from hornbook.model.question import Subject
from hornbook.stages.close import Writer
from hornbook.stages.finalize import Refiner
from hornbook.stages.place import Placer
from hornbook.stages.read import Reader

OFFLINE = "offline"
NOTHING = Subject()


class Thinker(Reader, Placer, Writer, Refiner, Protocol):
    """An engine for everything that a book needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """For whom a model is asked, and how much that may cost."""

    model: str
    """`offline`, or `provider:model`."""
    book: Book | None = None
    job_id: str | None = None
    take: int | None = None
    """The take asked for, as the book counts them; `None` is content with any answer kept."""
    max_cost: float | None = None
    """US dollars that the job may cost."""
    subject: Subject = NOTHING

    @property
    def book_id(self) -> str | None:
        """The book that it is for."""
        return self.book.id if self.book else self.subject.book_id

    def about(self, *, page_num: int | None = None, subtopic: str | None = None) -> "Occasion":
        """The same for one page or one subtopic."""
        book_id = self.book.id if self.book else None
        return replace(self, subject=Subject(book_id=book_id, page_num=page_num, subtopic=subtopic))


Thinkers = Callable[[Occasion], Thinker]


def occasion(session: Session, job: Job) -> Occasion:
    """For a job, as it was opened; one of long ago was offline."""
    return Occasion(
        model=job.options.get("model", OFFLINE),
        book=books.get(session, job.book_id),
        job_id=job.id,
        take=job.options.get("take"),
        max_cost=job.options.get("max_cost"),
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """What a job that is opened now is to be done with."""

    chosen: Callable[[], str] = lambda: OFFLINE
    """The model that is set at this instant."""
    max_cost: float | None = None

    def options(self, max_cost: float | None = None) -> dict[str, Any]:
        """The terms as a job's options keep them."""
        cap = max_cost if max_cost is not None else self.max_cost
        return {"model": self.chosen(), "max_cost": cap}


FREE = Terms()
"""Offline, which costs nothing."""
