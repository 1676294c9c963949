"""Where a page may belong: what a model that decides about it is shown, and what it says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subtopic that a page may continue."""

    key: str
    """What the model calls it by; distinct among those it is shown."""
    subtopic_id: str
    topic_title: str
    subtopic_title: str


@dataclass(frozen=True, slots=True)
class Nearby:
    """A section that the outline expects near the page."""

    topic_title: str
    subtopic_title: str
    begins_in: int
    """Pages from this page to its first one; 0 is here, negative is before."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known when a page is placed; its size does not grow with the book.

    It holds no page number and no identity, so that an answer can be reused.
    """

    open: tuple[Candidate, ...]
    """Subtopics of the last pages."""
    earlier: tuple[Candidate, ...]
    """Others, from further back, that the page speaks of."""
    outline: tuple[Nearby, ...]
    recent: tuple[str, ...]
    """Summaries of the last pages, the latest last."""
    headings: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a model says about a page; nothing of it is trusted yet."""

    is_new: bool
    continues_key: str
    topic_title: str
    subtopic_title: str
    confidence: float
