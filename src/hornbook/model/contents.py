"""What stands where: the index of a book's guidelines, and what came of each of its pages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hornbook.model.finding import ItemKind
from hornbook.model.guideline import BlockKind, SubtopicStatus
from hornbook.model.page import Box


@dataclass(frozen=True, slots=True)
class SubtopicEntry:
    """A subtopic in the index; `page_range` is "a-b", or empty when no page is left."""

    subtopic_key: str
    subtopic_title: str
    subtopic_summary: str
    status: SubtopicStatus
    page_range: str


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A topic in the index, its subtopics in page order."""

    topic_key: str
    topic_title: str
    topic_summary: str
    subtopics: tuple[SubtopicEntry, ...]


@dataclass(frozen=True, slots=True)
class PageAssignment:
    """Which subtopic a page is the source of."""

    page_num: int
    topic_key: str
    topic_title: str
    subtopic_key: str
    subtopic_title: str
    confidence: float
    provisional: bool


class PageOutcome(StrEnum):
    """How a page ended; `open` is what is still owed."""

    USED = "used"
    NO_CONTENT = "no_content"
    BLANK = "blank"
    FAILED = "failed"
    SKIPPED = "skipped"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class PageResult:
    """What came of one page: keys and titles when it is used, the error when it failed."""

    page_id: str
    page_num: int
    outcome: PageOutcome
    topic_key: str | None = None
    topic_title: str | None = None
    subtopic_key: str | None = None
    subtopic_title: str | None = None
    error: str | None = None
    error_type: str | None = None
    """`retryable` or `terminal`."""
    error_class: str | None = None
    is_outdated: bool = False
    """The page's text changed after it was read; it counts from the next run."""


@dataclass(frozen=True, slots=True)
class Wanting:
    """What a model did not give the guidelines of a book."""

    unwritten: int
    """Subtopics whose summary was made without it."""
    dropped: int
    """Statements left out, since the words they quote are not on their pages."""


@dataclass(frozen=True, slots=True)
class Source:
    """One statement of a guideline, with the words it came from and where they stand."""

    item_id: str
    page_num: int
    kind: ItemKind
    text: str
    quote: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a guideline as a reader meets it: a heading, a statement, or a human's words.

    A statement has its source; a human's words are Markdown, all that stand together in one.
    """

    kind: BlockKind
    text: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One rename or merge of Refine & Consolidate, in words for the screen."""

    id: str
    kind: str
    """`rename_topic`, `rename_subtopic` or `merge`."""
    before: str
    """The old title, or the title of the subtopic merged away."""
    after: str
    """The new title, or the title of the subtopic kept."""
    reason: str
    is_undone: bool
    created_at: datetime
    objection: str | None = None
    """Why it is not applied although nobody took it back; `None` when it is."""

    @property
    def is_applied(self) -> bool:
        """Whether what is shown follows it."""
        return not self.is_undone and self.objection is None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two subtopics that teach the same, each with the text of its own pages."""

    kept_title: str
    kept_text: str
    dropped_title: str
    dropped_text: str
