"""What one page gave: a summary and typed items, each with the words it came from."""

from dataclasses import dataclass
from enum import StrEnum

from hornbook.model.page import Box


class ItemKind(StrEnum):
    """What a statement of a textbook is good for in teaching."""

    OBJECTIVE = "objective"
    DEFINITION = "definition"
    CONCEPT = "concept"
    WORKED_EXAMPLE = "worked_example"
    MISCONCEPTION = "misconception"
    EXERCISE = "exercise"
    TEACHING_NOTE = "teaching_note"


@dataclass(frozen=True, slots=True)
class Item:
    """One statement; `quote` stands verbatim (white space aside) on the page."""

    kind: ItemKind
    text: str
    quote: str
    boxes: tuple[Box, ...] = ()
    """Where the quoted lines stand on the page image; empty for a text typed by a human."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything read from one page."""

    summary: str
    items: tuple[Item, ...]
    headings: tuple[str, ...]
    dropped: int
    """Items refused because their quote does not stand on the page."""
    engine: str


@dataclass(frozen=True, slots=True)
class PageToRead:
    """What a reader is given: no page number and no identity, so that answers can be reused."""

    text: str
    lines: tuple["LineOnPage", ...] = ()


@dataclass(frozen=True, slots=True)
class LineOnPage:
    """A line with its place, for engines and stages that look at layout."""

    text: str
    box: Box | None = None
    paragraph: int = 0
