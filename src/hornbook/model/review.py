"""Review of pages: drafts, words in doubt, and decisions that can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hornbook.model.page import Box, Page
from hornbook.model.text import Span


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed into a page's text and has not saved."""

    text: str
    text_revision: int
    """The revision it was typed over."""
    stamp: str
    """Another one with every keeping, so that two tabs notice each other."""
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class DoubtfulWord:
    """A word that the engine is not sure of: where it stands in the text, and on the image."""

    text: str
    percent: int
    span: Span
    box: Box


class StepKind(StrEnum):
    """What a human did to pages in one go."""

    APPROVE = "approve"
    REJECT = "reject"
    UNREVIEW = "unreview"
    SAVE = "save"
    MOVE = "move"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a human did, and can take back."""

    id: int
    book_id: str
    kind: StepKind
    page_ids: tuple[str, ...]
    changes_use: bool
    """Whether pages came into use, went out of it, or changed their order."""
    taken_at: datetime
    place: int | None = None
    """Where the page stood that this step deleted."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it came from a human, and what they had looked at."""

    text: str
    revision: int
    stamp: str = ""
    """Of their draft; empty when they had none."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The page after a decision; `step` is what was done, `None` when nothing changed."""

    page: Page
    step: Step | None
