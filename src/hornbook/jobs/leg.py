"""What a job type has to bring along."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from hornbook.model.job import Failure, Job, JobItem

Fenced = Callable[[], AbstractContextManager[Session]]
"""Opens a write transaction whose first act is the fence check; it raises ClaimLost, and
Halted once the job is to end: whoever goes on with it begins the phase again."""


def look(fenced: Fenced) -> None:
    """Raise what ends the job, before something is done in vain."""
    with fenced():
        pass


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that may be done while the items go on; nothing is lost when it is not."""

    name: str
    """No two errands of a job have the same."""
    run: Callable[[], object]
    """In a thread, no session open. A Retryable leaves the rest to `finish`; what else it raises
    means what it would mean there."""


class Leg(Protocol):
    """What a job type does. Every method may be called again after a crash: it must bear that."""

    is_ordered: bool
    """Whether outcomes are saved strictly in order of position; work may run ahead."""
    is_chained: bool
    """Whether each item, in order, is decided once those before it are saved; see `decide`."""
    deadline: float
    """Seconds one attempt at an item may take before the job stops looking alive."""

    def at_once(self, job: Job) -> int:
        """How many items are prepared at once."""

    def begin(self, job: Job, fenced: Fenced) -> None:
        """Before the first item, also after a take-over: freeze the plan if there is none."""

    def start(self, session: Session, job: Job, item: JobItem) -> None:
        """In the transaction that marks the item as being worked on."""

    def prepare(self, job: Job, item: JobItem) -> Any:
        """The long work, in a thread, no session open; raises Retryable, Terminal, JobStopper."""

    def decide(self, job: Job, item: JobItem, prepared: Any) -> Any:
        """What to save, once every item before this one is saved; asked of a chained leg only.

        In a thread, no session open; raises Retryable, Terminal, JobStopper.
        """

    def save(
        self, session: Session, job: Job, item: JobItem, prepared: Any
    ) -> dict[str, Any] | None:
        """In the transaction that records the item as done; its result. May raise Terminal."""

    def beside(self, job: Job, item: JobItem) -> Sequence[Errand]:
        """What can be done from now on without waiting for `finish`, once the item is saved."""

    def fail(self, session: Session, job: Job, item: JobItem, failure: Failure) -> None:
        """In the transaction that records the failure."""

    def release(self, session: Session, job: Job, item: JobItem) -> None:
        """In the transaction that puts the item back to owed: undo `start`."""

    def expects_more(self, job: Job) -> bool:
        """Whether items may still join; asked when nothing is owed."""

    def finish(self, job: Job, fenced: Fenced) -> None:
        """After the last item: whatever completes the job."""
