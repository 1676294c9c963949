"""Reads, places, writes and refines by asking a model; what it says is checked by the stages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from hornbook.engines import answers, prompting
from hornbook.engines.likeness import Member, groups_worth_asking
from hornbook.engines.parting import halves
from hornbook.errors import TooLong
from hornbook.model.book import Book
from hornbook.model.finding import Finding, Item, ItemKind, PageToRead
from hornbook.model.placing import Suggestion, Whereabouts
from hornbook.model.question import Question, Task
from hornbook.model.slug import slug
from hornbook.stages.close import Closing
from hornbook.stages.finalize import (
    Candidate,
    CandidateTopic,
    Proposal,
    ProposalKind,
    may_be_one,
)

Ask = Callable[[Question], Mapping[str, Any]]
"""Asks, and gives an answer that fits the question's form, as plain JSON."""
MOST_DIGITS = 6
"""Of a statement's number; what has more numbers nothing, and Python refuses to read very many."""


class ModelThinker:
    """Asks a model everything that a book needs; raises what asking raises."""

    decides = True
    """It is asked where a page belongs, wherever the outline leaves that open."""

    def __init__(self, model: str, ask: Ask, book: Book | None) -> None:
        self.name = f"{model} ({prompting.version(Task.READ)})"
        """With the version of the rules for reading: other rules are another reader."""
        self._ask = ask
        self._book = book

    def read(self, page: PageToRead) -> Finding:
        """Have a page read into items; each still has to be found on the page.

        One that is too long for the model is read in parts, and no word of it is left out.
        """
        return self._read(page.text)

    def _read(self, text: str) -> Finding:
        """The finding; one too long for the model is read in halves, and these in theirs."""
        try:
            return self._found(text)
        except TooLong:
            parts = halves(text)
            if parts is None:
                raise
        return _joined(*map(self._read, parts))

    def _found(self, text: str) -> Finding:
        prompt = prompting.page(self._book, text)
        said = self._ask(_question(Task.READ, prompt, answers.ReadForm, max_tokens=4000))
        items = [Item(ItemKind(one["kind"]), one["text"], one["quote"]) for one in said["items"]]
        headings = tuple(" ".join(one.split()) for one in said["headings"] if one.strip())
        return Finding(" ".join(said["summary"].split()), tuple(items), headings, 0, self.name)

    def place(self, where: Whereabouts) -> Suggestion:
        """Ask to which subtopic a page belongs."""
        prompt = prompting.where(self._book, where)
        said = self._ask(_question(Task.PLACE, prompt, answers.PlaceForm, max_tokens=400))
        return Suggestion(
            is_new=said["is_new"],
            continues_key=said["continues_key"] or "",
            topic_title=said["topic_title"] or "",
            subtopic_title=said["subtopic_title"] or "",
            confidence=said["confidence"],
        )

    def close(self, title: str, items: Sequence[Item]) -> Closing:
        """Ask for a summary, an order, and what is said twice."""
        prompt = prompting.statements(title, items)
        said = self._ask(
            _question(Task.MERGE, prompt, answers.MergeForm, max_tokens=3000, deadline=120.0)
        )
        pairs = [(_place(one["drop_key"]), _place(one["keep_key"])) for one in said["duplicates"]]
        order = tuple(number - 1 for number in said["order"])
        return Closing(said["summary"], order, tuple(pairs))

    def subtopic_summary(self, title: str, items: Sequence[Item]) -> str:
        """Ask for 15 to 30 words about a subtopic."""
        return self._summary(prompting.statements(title, items))

    def topic_summary(self, title: str, subtopic_titles: Sequence[str]) -> str:
        """Ask for a sentence about a topic."""
        keys = [slug(one) for one in subtopic_titles]
        return self._summary(prompting.members(title, keys, subtopic_titles))

    def rename(self, topic: CandidateTopic) -> Sequence[Proposal]:
        """Ask for better titles; one that is not changed is no proposal."""
        keys = _distinct([slug(one.title) for one in topic.subtopics])
        prompt = prompting.members(topic.title, keys, [one.title for one in topic.subtopics])
        said = self._ask(
            _question(Task.REFINE, prompt, answers.RefineForm, max_tokens=2000, deadline=120.0)
        )
        by_key = dict(zip(keys, topic.subtopics, strict=True))
        known = [one for one in said["subtopics"] if one["subtopic_key"] in by_key]
        titles = [(by_key[one["subtopic_key"]], one["subtopic_title"], one) for one in known]
        return [
            *_renamed(ProposalKind.RENAME_TOPIC, topic, said["topic_title"], said),
            *(p for one in titles for p in _renamed(ProposalKind.RENAME_SUBTOPIC, *one)),
        ]

    def merges(self, topics: Sequence[CandidateTopic]) -> Sequence[Proposal]:
        """Ask about subtopics that may be the same; nothing is asked when none are.

        What it says of two that cannot be is left out: some models call everything a duplicate.
        Raises what asking raises, also for a book with so many that it takes several questions;
        the answers until then are kept by whoever asks.
        """
        found = chain.from_iterable(map(self._merges, groups_worth_asking(topics)))
        return list(dict.fromkeys(found))

    def _merges(self, some: Sequence[Member]) -> Sequence[Proposal]:
        keys = _distinct([f"{slug(topic.title)}--{slug(one.title)}" for topic, one in some])
        told = [
            (key, topic.title, one.title, one.statements)
            for key, (topic, one) in zip(keys, some, strict=True)
        ]
        prompt = prompting.alike(told)
        said = self._ask(
            _question(Task.DEDUPE, prompt, answers.DedupeForm, max_tokens=1500, deadline=120.0)
        )
        known = {key: one for key, (_topic, one) in zip(keys, some, strict=True)}
        return [
            Proposal(
                ProposalKind.MERGE,
                known[pair["keep_key"]].id,
                known[pair["drop_key"]].id,
                pair["reason"] or "the model found that they teach the same",
            )
            for pair in said["duplicates"]
            if {pair["keep_key"], pair["drop_key"]} <= known.keys()
            and may_be_one(known[pair["keep_key"]], known[pair["drop_key"]])
        ]

    def _summary(self, prompt: str) -> str:
        said = self._ask(_question(Task.SUMMARIZE, prompt, answers.SummaryForm, max_tokens=300))
        return " ".join(said["summary"].split())


def _joined(one: Finding, other: Finding) -> Finding:
    return replace(
        one,
        summary=f"{one.summary} {other.summary}".strip(),
        items=one.items + other.items,
        headings=one.headings + other.headings,
        dropped=one.dropped + other.dropped,
    )


def _question(
    task: Task, prompt: str, form: type[Any], *, max_tokens: int, deadline: float = 60.0
) -> Question:
    return Question(
        task=task,
        rules=prompting.rules(task),
        prompt=prompt,
        form=form,
        max_tokens=max_tokens,
        deadline=deadline,
    )


def _place(number: str) -> int:
    """The place of a statement that is named by its number; -1 for what is no number."""
    digits = number.strip().strip(".#")
    return int(digits) - 1 if digits.isdecimal() and len(digits) <= MOST_DIGITS else -1


def _renamed(
    kind: ProposalKind,
    target: CandidateTopic | Candidate,
    title: str,
    said: Mapping[str, Any],
) -> list[Proposal]:
    asked = " ".join(title.split())
    if not asked or asked == target.title:
        return []
    return [Proposal(kind, target.id, asked, said["reason"] or "a clearer title")]


def _distinct(keys: Sequence[str]) -> list[str]:
    """The keys in their order, those that repeat with a number."""
    taken: dict[str, int] = {}
    named = []
    for key in keys:
        taken[key] = taken.get(key, 0) + 1
        named.append(key if taken[key] == 1 else f"{key}-{taken[key]}")
    return named
