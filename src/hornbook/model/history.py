"""What became of a guideline's text, version by version."""

from dataclasses import dataclass
from datetime import datetime

from hornbook.model.guideline import EditAct


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a guideline, and how it came to stand there.

    The numbers count up from the first text that a human replaced; they never change.
    """

    number: int
    text: str
    before: str | None
    """The text it replaced, or the one that was set aside for it; `None` for the first."""
    act: EditAct | None
    """`None` when no human wrote it: a run did, or pages went."""
    by: str | None
    at: datetime | None
    is_present: bool = False
