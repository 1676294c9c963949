"""What a run would touch, told before it is started."""

from dataclasses import dataclass
from enum import StrEnum


class Touch(StrEnum):
    """Why a run would touch a subtopic."""

    CHANGED = "changed"
    """The text of these pages changed since they were read for guidelines."""
    FRESH = "fresh"
    """These pages were never read for guidelines."""
    FAILED = "failed"
    """These pages failed in the last run and are tried again."""
    OTHER_READER = "other_reader"
    """These pages were read by another engine or model, and are asked about anew."""
    JOINS = "joins"
    """These pages belonged elsewhere until now."""
    LEAVES = "leaves"
    """These pages would belong elsewhere."""


@dataclass(frozen=True, slots=True)
class TouchedSubtopic:
    """A subtopic that a run would write anew, begin, or let go."""

    topic_title: str
    title: str
    topic_key: str
    key: str
    reasons: tuple[tuple[Touch, tuple[int, ...]], ...]
    """Each with its pages, in page order."""
    is_new: bool
    is_edited: bool
    """A human's text stays; the new one is offered beside it."""
    is_left_empty: bool
    """No page would be left; it goes, unless a human edited it."""


@dataclass(frozen=True, slots=True)
class HumanWork:
    """What humans did to the guidelines of a book, which no run takes away."""

    edited: tuple[str, ...]
    """The titles of edited guidelines."""
    corrected_texts: int
    approved_pages: int
    approved_rows: int
    undone_decisions: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would do, worked out from what is recorded; asks no model."""

    touched: tuple[TouchedSubtopic, ...]
    untouched_count: int
    pages_to_read: tuple[int, ...]
    """Pages that a reader has to be asked about."""
    pages_reused: int
    """Pages whose answer is there already."""
    adrift: tuple[int, ...]
    """Pages to be read that stand outside every section: they may end up anywhere, or nowhere."""
    human_work: HumanWork

    @property
    def is_empty(self) -> bool:
        """Whether the run would leave every guideline as it is."""
        return not self.touched and not self.adrift
