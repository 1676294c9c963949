"""Decide to which subtopic a page belongs, from the outline and from what the page gave."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rapidfuzz import fuzz

from hornbook.model.finding import Finding, ItemKind
from hornbook.model.guideline import Outline, OutlineEntry
from hornbook.model.placing import Candidate, Nearby, Suggestion, Whereabouts
from hornbook.model.slug import slug

SURE = 0.5
"""Below this confidence a placement is provisional."""
STRONG = 0.6
"""From this confidence on, an entry of the outline is followed without asking anybody."""
NEAR = 3
"""Entries of the outline so many pages away are shown to whoever decides."""
EARLIER = 3
"""So many subtopics from further back are shown to whoever decides."""
SPOKEN_OF = 70.0
"""How well a title must be found in what the page says, in percent, for a return to it."""
_TEACHES = frozenset({ItemKind.OBJECTIVE, ItemKind.WORKED_EXAMPLE, ItemKind.EXERCISE})
_NUMBER = re.compile(r"^\W*(?:section|lesson)?\s*(\d{1,2}\.\d{1,2})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a page belongs.

    At most one of `entry` (counted in the outline), `continues` (a subtopic's id) and `begins`
    (titles of a topic and a subtopic) is given; none of them is no teaching content.
    """

    entry: int | None
    confidence: float
    provisional: bool
    evidence: str
    continues: str | None = None
    begins: tuple[str, str] | None = None


class Placer(Protocol):
    """Decides about pages. Raises Retryable, Terminal or JobStopper, nothing else."""

    name: str
    decides: bool
    """Whether it is to be asked at all; without it the outline decides."""

    def place(self, where: Whereabouts) -> Suggestion:
        """The subtopic that the page continues, or the one that it begins."""
        ...


def place(outline: Outline, page_num: int, finding: Finding) -> Decision:
    """The outline's entry for this page, unless the reading contradicts it."""
    if not finding.items:
        return Decision(None, 0.9, provisional=False, evidence="nothing to teach on this page")
    index = entry_at(outline, page_num)
    if index is None:
        return _outside(outline, page_num, finding)
    entry = outline.entries[index]
    is_open = entry.confidence < SURE
    return Decision(index, entry.confidence, is_open, "; ".join(entry.evidence))


def entry_at(outline: Outline, page_num: int) -> int | None:
    """The entry that the page lies in, counted in the outline."""
    for index, entry in enumerate(outline.entries):
        if entry.first_page <= page_num <= entry.last_page:
            return index
    return None


def is_open(outline: Outline, page_num: int, finding: Finding) -> bool:
    """Whether somebody has to decide: the outline says nothing, little, or something else.

    A weak entry is a question where it begins and wherever the reading found a heading.
    """
    if not finding.items:
        return False
    index = entry_at(outline, page_num)
    if index is None or _is_contradicted(outline, index, finding):
        return True
    entry = outline.entries[index]
    return entry.confidence < STRONG and (bool(finding.headings) or entry.first_page == page_num)


def hangs_on_others(outline: Outline, page_num: int, finding: Finding) -> bool:
    """Whether the pages before it have a say in where the page belongs, where somebody decides."""
    index = entry_at(outline, page_num)
    is_weak = index is not None and outline.entries[index].confidence < STRONG
    return bool(finding.items) and (is_weak or is_open(outline, page_num, finding))


def settled(outline: Outline, decision: Decision, before: str | None) -> Decision:
    """For a page inside a weak entry: where the entry's earlier pages went, whoever said so."""
    index = decision.entry
    if index is None or before is None or outline.entries[index].confidence >= STRONG:
        return decision
    return replace(decision, entry=None, continues=before)


def undecided(otherwise: Decision, why: str) -> Decision:
    """The decision when whoever was asked gave no answer: provisional, with the reason."""
    return _instead(otherwise, why)


def nearby(outline: Outline, page_num: int) -> tuple[Nearby, ...]:
    """The sections that the outline expects around the page, in order."""
    return tuple(
        Nearby(entry.topic_title, entry.subtopic_title, entry.first_page - page_num)
        for entry in outline.entries
        if _distance(entry, page_num) <= NEAR
    )


def spoken_of(candidates: Sequence[Candidate], finding: Finding) -> tuple[Candidate, ...]:
    """The subtopics whose titles the page's headings and summary speak of, the best first."""
    said = " ".join((*finding.headings, finding.summary)).lower()
    scored = [
        (fuzz.token_set_ratio(one.subtopic_title.lower(), said), -at, one)
        for at, one in enumerate(candidates)
    ]
    best = sorted((one for one in scored if one[0] >= SPOKEN_OF), reverse=True)
    return tuple(one for _score, _at, one in best[:EARLIER])


def resolve(said: Suggestion, where: Whereabouts, otherwise: Decision) -> Decision:
    """The suggestion as a decision, if it names what exists or a title with words.

    Else the decision `otherwise`, provisional, with the reason in its evidence.
    """
    confidence = min(max(said.confidence, 0.0), 1.0)
    shown = (*where.open, *where.earlier)
    if said.is_new:
        titles = tuple(" ".join(one.split()) for one in (said.topic_title, said.subtopic_title))
        if not all(any(char.isalnum() for char in one) for one in titles):
            return _instead(otherwise, "the model began a subtopic without a title")
        same = [one for one in shown if _titles(one) == tuple(map(slug, titles))]
        if not same:
            begins = (titles[0], titles[1])
            return Decision(None, confidence, confidence < SURE, "the model", begins=begins)
    else:
        same = [one for one in shown if one.key == said.continues_key.strip()]
        if not same:
            return _instead(otherwise, "the model named a subtopic that is not there")
    return Decision(None, confidence, confidence < SURE, "the model", continues=same[0].subtopic_id)


def _titles(candidate: Candidate) -> tuple[str, ...]:
    return slug(candidate.topic_title), slug(candidate.subtopic_title)


def _instead(decision: Decision, why: str) -> Decision:
    evidence = "; ".join(filter(None, (why, decision.evidence)))
    confidence = min(decision.confidence, 0.3)
    return replace(decision, confidence=confidence, provisional=True, evidence=evidence)


def _is_contradicted(outline: Outline, index: int, finding: Finding) -> bool:
    """The reading found a numbered heading that no entry of the outline has."""
    found = [match[1] for heading in finding.headings if (match := _NUMBER.match(heading))]
    known = " ".join(word for entry in outline.entries for word in entry.evidence)
    own = " ".join(outline.entries[index].evidence)
    is_numbered = re.search(r"\d\.\d", own) is not None
    return is_numbered and any(not re.search(rf"\b{one}\b", known) for one in found)


def _outside(outline: Outline, page_num: int, finding: Finding) -> Decision:
    """A page between sections teaches nothing, unless its reading plainly says that it does."""
    kinds = [item.kind for item in finding.items]
    if len(kinds) < 3 or not _TEACHES & set(kinds) or not outline.entries:
        return Decision(None, 0.6, provisional=False, evidence="outside every section")
    nearest = min(
        range(len(outline.entries)),
        key=lambda index: (_distance(outline.entries[index], page_num), index),
    )
    return Decision(nearest, 0.3, provisional=True, evidence="nearest section")


def _distance(entry: OutlineEntry, page_num: int) -> int:
    return max(entry.first_page - page_num, page_num - entry.last_page)
