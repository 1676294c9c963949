"""Refine & Consolidate: better titles, duplicates merged, every subtopic final; all undoable."""

from collections.abc import Callable

from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.contents import DecisionView
from hornbook.model.job import Job


class Finalize:
    """Opens finalization jobs, and takes decisions of theirs back."""

    def __init__(self, database: Database, clock: Clock, wake: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake

    def start(self, book_id: str, *, auto_sync: bool = False) -> Job:
        """Open the job; raises NotFound, JobAlreadyActive, Invalid when there are no guidelines."""
        raise NotImplementedError

    def decisions(self, book_id: str) -> list[DecisionView]:
        """Every rename and merge, in the order they were taken; raises NotFound."""
        raise NotImplementedError

    def undo(self, book_id: str, decision_id: str) -> DecisionView:
        """Take one decision back, for good; raises NotFound, JobAlreadyActive."""
        raise NotImplementedError

    def redo(self, book_id: str, decision_id: str) -> DecisionView:
        """Apply a decision again that was taken back; raises NotFound, JobAlreadyActive."""
        raise NotImplementedError
