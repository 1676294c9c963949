"""Propose better names and merges of duplicates, and let through only what is safe to apply."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from typing import Protocol

from rapidfuzz import fuzz

from hornbook.model.slug import slug
from hornbook.model.text import covers, figures

LIKE_TITLES = 70.0
"""Titles with so much in common, in percent (rapidfuzz's token sort ratio), may be of one thing."""
MOST_OF_IT = 0.6
"""The share of a subtopic's statements that the other one must hold as well."""


class ProposalKind(StrEnum):
    """What a proposal would change."""

    RENAME_TOPIC = "rename_topic"
    RENAME_SUBTOPIC = "rename_subtopic"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change: rename `target_id` to `value`, or merge the subtopic `value` into it."""

    kind: ProposalKind
    target_id: str
    """The topic or subtopic renamed, or the subtopic kept."""
    value: str
    """The new title, or the id of the subtopic merged away."""
    reason: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subtopic as finalization sees it; `statements` are the texts of its items."""

    id: str
    title: str
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateTopic:
    """A topic with its subtopics, in page order."""

    id: str
    title: str
    subtopics: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """The texts that a human edited: none is merged away, and none gets more merged into it.

    `homes` says where each subtopic is taught now: what a human edited after a merge holds what
    was merged into it, so that merge goes on.
    """

    ids: frozenset[str] = frozenset()
    homes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A proposal that is not applied, and why."""

    proposal: Proposal
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be applied, in this order, and what not."""

    accepted: tuple[Proposal, ...]
    refused: tuple[Refused, ...]


class Refiner(Protocol):
    """Proposes names and merges. Raises Retryable, Terminal or JobStopper, nothing else."""

    name: str

    def rename(self, topic: CandidateTopic) -> Sequence[Proposal]:
        """Better titles for a topic and its subtopics; nothing where they are good."""
        ...

    def merges(self, topics: Sequence[CandidateTopic]) -> Sequence[Proposal]:
        """Subtopics that teach the same thing; the one kept is the target."""
        ...


Rename = Callable[[CandidateTopic], Sequence[Proposal]]


def have_like_titles(one: str, other: str) -> bool:
    """Whether two titles may be of the same thing: nearly the same words, the same figures."""
    is_near = fuzz.token_sort_ratio(one.lower(), other.lower()) >= LIKE_TITLES
    return is_near and figures(one) == figures(other)


def may_be_one(one: Candidate, other: Candidate) -> bool:
    """Whether two subtopics may be one: by their titles, or by most of what the shorter says."""
    if have_like_titles(one.title, other.title):
        return True
    less, more = sorted((one.statements, other.statements), key=len)
    known = sum(any(covers(have, said) for have in more) for said in less)
    return bool(less) and known >= MOST_OF_IT * len(less)


def propose(
    refiner: Refiner,
    topics: Sequence[CandidateTopic],
    each: Callable[[Rename, Sequence[CandidateTopic]], Iterable[Sequence[Proposal]]] = map,
) -> tuple[Proposal, ...]:
    """Everything the refiner suggests, merges first, then names; not yet validated.

    What it says of a topic's names depends on that topic alone: `each` may ask about several at
    once, and gives the answers in the order of the topics.
    """
    merges = refiner.merges(topics)
    # A title is free for the one that is kept only when its duplicate has gone.
    kept = apply_accepted(topics, validate(topics, merges).accepted)
    return (*merges, *chain.from_iterable(each(refiner.rename, kept)))


def validate(
    topics: Sequence[CandidateTopic],
    proposals: Sequence[Proposal],
    *,
    undone: Sequence[Proposal] = (),
    edited: Edited | None = None,
) -> Verdict:
    """Which proposals may be applied to these topics, one after the other.

    Refused: what names something unknown, merges a thing with itself or in a circle, changes
    nothing, collides with another title or key, was undone by a human, or merges what a human
    `edited`. The kept side of a chain of merges is the end of the chain.
    """
    taken_back = {(old.kind, old.target_id, old.value) for old in undone}
    state = _State(topics, edited or Edited())
    accepted: list[Proposal] = []
    refused: list[Refused] = []
    for proposal in proposals:
        if (proposal.kind, proposal.target_id, proposal.value) in taken_back:
            refused.append(Refused(proposal, "A human has undone this."))
            continue
        objection = state.objection(proposal)
        if objection:
            refused.append(Refused(proposal, objection))
        else:
            state.accept(proposal)
            accepted.append(proposal)
    return Verdict(tuple(state.resolved(one) for one in accepted), tuple(refused))


def apply_accepted(
    topics: Sequence[CandidateTopic], accepted: Sequence[Proposal]
) -> tuple[CandidateTopic, ...]:
    """The topics after these changes; no statement is lost, a topic left empty goes."""
    state = _State(topics, Edited())
    for proposal in accepted:
        state.accept(proposal)
    return state.topics()


class _State:
    """Titles and merges as they stand while proposals are taken in one by one."""

    def __init__(self, topics: Sequence[CandidateTopic], edited: Edited) -> None:
        self._found = tuple(topics)
        self._edited = edited
        self._titles = {topic.id: topic.title for topic in topics}
        self._members = {one.id: one for topic in topics for one in topic.subtopics}
        self._titles |= {one.id: one.title for one in self._members.values()}
        self._parent = {one.id: topic.id for topic in topics for one in topic.subtopics}
        self._into: dict[str, str] = {}

    def objection(self, proposal: Proposal) -> str | None:
        """Why the proposal cannot be applied now, if so."""
        if proposal.kind is ProposalKind.MERGE:
            return self._objection_to_merge(proposal.target_id, proposal.value)
        return self._objection_to_rename(proposal)

    def accept(self, proposal: Proposal) -> None:
        """Take in a proposal that has no objection."""
        if proposal.kind is ProposalKind.MERGE:
            self._into[proposal.value] = self.end_of(proposal.target_id)
        else:
            self._titles[proposal.target_id] = proposal.value.strip()

    def resolved(self, proposal: Proposal) -> Proposal:
        """The proposal with what is kept in the end as its target."""
        if proposal.kind is not ProposalKind.MERGE:
            return replace(proposal, value=proposal.value.strip())
        return replace(proposal, target_id=self.end_of(proposal.target_id))

    def end_of(self, subtopic_id: str) -> str:
        """Where a subtopic's statements are, after all merges."""
        while subtopic_id in self._into:
            subtopic_id = self._into[subtopic_id]
        return subtopic_id

    def topics(self) -> tuple[CandidateTopic, ...]:
        """The topics as they now are."""
        topics = [
            CandidateTopic(topic.id, self._titles[topic.id], self._kept_of(topic))
            for topic in self._found
        ]
        return tuple(topic for topic in topics if topic.subtopics)

    def _kept_of(self, topic: CandidateTopic) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(one.id, self._titles[one.id], self._statements_of(one.id))
            for one in topic.subtopics
            if one.id not in self._into
        )

    def _statements_of(self, kept_id: str) -> tuple[str, ...]:
        merged = (one for one in self._members.values() if self.end_of(one.id) == kept_id)
        return tuple(statement for one in merged for statement in one.statements)

    def _objection_to_merge(self, kept: str, dropped: str) -> str | None:
        if kept not in self._members or dropped not in self._members:
            return "There is no such subtopic."
        if kept == dropped:
            return "A subtopic cannot be merged with itself."
        if dropped in self._into:
            return "The subtopic has already been merged away."
        if self.end_of(kept) == dropped:
            return "The merges would go in a circle."
        return self._objection_of_a_human(self.end_of(kept), dropped)

    def _objection_of_a_human(self, kept: str, dropped: str) -> str | None:
        if dropped in self._edited.ids:
            return "A human has edited the text that would go."
        coming = (one for one in self._members if self.end_of(one) == dropped)
        if kept in self._edited.ids and any(self._edited.homes.get(one) != kept for one in coming):
            return "A human has edited the text that it would go into."
        return None

    def _objection_to_rename(self, proposal: Proposal) -> str | None:
        is_topic = proposal.kind is ProposalKind.RENAME_TOPIC
        target, title = proposal.target_id, proposal.value.strip()
        if target not in self._titles or is_topic is (target in self._members):
            return f"There is no such {'topic' if is_topic else 'subtopic'}."
        if target in self._into:
            return "The subtopic has been merged away."
        if not any(char.isalnum() for char in title):
            return "A title needs words."
        if title == self._titles[target]:
            return "This changes nothing."
        if slug(title) in {slug(self._titles[one]) for one in self._beside(target)}:
            return "Another one beside it has this name."
        return None

    def _beside(self, target: str) -> list[str]:
        if target in self._parent:
            siblings = [one for one, topic in self._parent.items() if topic == self._parent[target]]
        else:
            siblings = [topic.id for topic in self._found]
        return [one for one in siblings if one != target and one not in self._into]
