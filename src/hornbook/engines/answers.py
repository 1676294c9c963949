"""The forms of a model's answers; every field that a thoughtless answer may lack has a default."""

from dataclasses import dataclass, field

from hornbook.model.finding import ItemKind
from hornbook.model.study import Difficulty


@dataclass(frozen=True, slots=True)
class OcrForm:
    """What stands on a page."""

    text: str


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One statement of a page."""

    kind: ItemKind
    text: str
    quote: str


@dataclass(frozen=True, slots=True)
class ReadForm:
    """What a page gives."""

    summary: str
    items: list[ReadItem]
    headings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlaceForm:
    """Where a page belongs."""

    is_new: bool
    continues_key: str | None = None
    topic_title: str | None = None
    subtopic_title: str | None = None
    confidence: float = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things that are the same."""

    keep_key: str
    drop_key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MergeForm:
    """A subtopic put in order."""

    summary: str
    order: list[int] = field(default_factory=list)
    duplicates: list[Pair] = field(default_factory=list)

    def __post_init__(self) -> None:
        _require_words(self.summary)


@dataclass(frozen=True, slots=True)
class SummaryForm:
    """One sentence."""

    summary: str

    def __post_init__(self) -> None:
        _require_words(self.summary)


@dataclass(frozen=True, slots=True)
class RefinedSubtopic:
    """The title of one subtopic."""

    subtopic_key: str
    subtopic_title: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefineForm:
    """The titles of a topic and its subtopics."""

    topic_title: str
    subtopics: list[RefinedSubtopic] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DedupeForm:
    """Subtopics that are the same."""

    duplicates: list[Pair] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a study plan."""

    title: str
    description: str
    teaching_approach: str
    success_criteria: str
    rests_on: list[int]


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A study plan."""

    steps: list[PlanStep]
    minutes: int
    difficulty: Difficulty = Difficulty.MEDIUM
    creative_theme: str | None = None
    reasoning: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """A verdict on a study plan."""

    is_approved: bool
    feedback: str = ""


def _require_words(summary: str) -> None:
    """What is shown of a guideline before it is opened must say something; raises ValueError."""
    if not any(map(str.isalpha, summary)):
        raise ValueError("summary: it has no words")
