"""What a model is asked, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Task(StrEnum):
    """What a model is asked for, as requests name it in `X-Hornbook-Task`."""

    OCR = "ocr"
    READ = "read"
    PLACE = "place"
    MERGE = "merge"
    SUMMARIZE = "summarize"
    REFINE = "refine"
    DEDUPE = "dedupe"
    STUDY_PLAN = "study_plan"
    REVIEW_PLAN = "review_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to a model; neither the rules nor the prompt name a page or a book's identity.

    The rules come first and are the same for every question of a task, so that providers can keep
    them; only `prompt` and `image` change.
    """

    task: Task
    rules: str
    prompt: str
    form: type[Any]
    """The dataclass that an answer has to fit."""
    max_tokens: int
    """Of the answer; one that is cut there is asked for once more, with twice as many."""
    image: bytes | None = None
    """A JPEG to look at."""
    deadline: float = 60.0
    """Seconds until an answer must be there."""
    is_usable: Callable[[Mapping[str, Any]], bool] = lambda _answer: True
    """Whether an answer in this form says something of use; one that does not is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a question is about: told to a gateway that accounts for costs, never to the model."""

    book_id: str | None = None
    page_num: int | None = None
    subtopic: str | None = None
    """A subtopic's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was spent to get an answer, re-asked ones included."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    """In US dollars; `None` when the price of the model is unknown."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What some calls came to."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    """US dollars, as far as prices are known."""
    unpriced: int = 0
    """Calls whose price is unknown."""

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost + other.cost,
            self.unpriced + other.unpriced,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that fits the form it was asked for in."""

    data: Mapping[str, Any]
    usage: Usage
