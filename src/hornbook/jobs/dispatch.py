"""Who runs job X now: the one question a job engine answers."""

from typing import Protocol


class Dispatcher(Protocol):
    """Runs the jobs that the ledger holds. A job is opened by its row; `wake` only saves time."""

    def start(self) -> None:
        """Take over what dead workers left, and look for jobs from now on."""

    def wake(self) -> None:
        """Look now: a job was opened, items have joined, or a stop was asked for."""

    def awaited(self, book_id: str) -> str | None:
        """What keeps the book's job waiting, if that is why it cannot write it into its row."""

    def stop(self, grace: float) -> None:
        """Begin nothing more, and leave every job resumable within `grace` seconds."""
