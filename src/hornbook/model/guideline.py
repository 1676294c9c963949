"""Topics, subtopics, and the guideline text a teacher reads."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hornbook.model.finding import Item


class SubtopicStatus(StrEnum):
    """How settled a subtopic's guideline is."""

    OPEN = "open"
    STABLE = "stable"
    FINAL = "final"
    NEEDS_REVIEW = "needs_review"


class PublishedReview(StrEnum):
    """What a human decided about a published row."""

    TO_BE_REVIEWED = "TO_BE_REVIEWED"
    APPROVED = "APPROVED"


class EditAct(StrEnum):
    """What a human did to a guideline's text."""

    EDITED = "edited"
    RESTORED = "restored"
    """An older version was put in place of the present one."""
    TAKEN = "taken"
    """The text of a run was taken in place of their own."""
    KEPT = "kept"
    """Their own text was kept, and the text of a run set aside."""


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """One subtopic the outline expects, with the pages it probably covers.

    Pages are `page_num`s, `first_page <= last_page`; entries are in page order and do not overlap.
    """

    topic_title: str
    subtopic_title: str
    first_page: int
    last_page: int
    confidence: float
    """0 to 1; below 0.5 the place stage marks the placement provisional."""
    evidence: tuple[str, ...] = ()
    """Why, in words: "numbered heading 3.4", "running head"."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The book as its text presents it; pages outside every entry carry no teaching content."""

    entries: tuple[OutlineEntry, ...]


class BlockKind(StrEnum):
    """What a line of a guideline is made of."""

    HEADING = "heading"
    ITEM = "item"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a guideline: a heading's words, an item's id, or a human's words.

    A human's words keep page references as `{page:<page id>}`, so that no deletion shifts them.
    """

    kind: BlockKind
    value: str


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item with its identity and the page it stands on."""

    id: str
    page_id: str
    item: Item


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a model wants a subtopic's items: in which order, and which of them say the same.

    It holds for any items: those it does not know keep their places in page order behind it.
    """

    order: tuple[str, ...] = ()
    """Ids of all items that it was made of."""
    duplicates: tuple[tuple[str, str], ...] = ()
    """Id of an item that is left out, and of the one that says the same and stands."""


@dataclass(frozen=True, slots=True)
class Subtopic:
    """One subtopic's guideline as replies and files show it."""

    id: str
    topic_key: str
    topic_title: str
    topic_summary: str
    subtopic_key: str
    subtopic_title: str
    subtopic_summary: str
    status: SubtopicStatus
    source_pages: tuple[int, ...]
    guidelines: str
    is_edited: bool
    has_candidate: bool
    version: int
    created_at: datetime
    updated_at: datetime
    edited_by: str | None = None
    edited_at: datetime | None = None
    shortfall: str | None = None
    """What is wanting because a model gave no answer that could be used."""
    is_outdated: bool = False
    """The summary was written before statements came or went."""
    topic_shortfall: str | None = None
    """Why no model wrote the topic's summary, if one was asked."""

    @property
    def page_range(self) -> str:
        """First to last page as "a-b"; empty when no page is left."""
        return f"{self.source_pages[0]}-{self.source_pages[-1]}" if self.source_pages else ""
