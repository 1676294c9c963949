"""Decide to which subtopic a page belongs, from the outline and from what the page gave."""

from dataclasses import dataclass

from hornbook.model.finding import Finding, ItemKind
from hornbook.model.guideline import Outline, OutlineEntry

SURE = 0.5
"""Below this confidence a placement is provisional."""
_TEACHES = frozenset({ItemKind.OBJECTIVE, ItemKind.WORKED_EXAMPLE, ItemKind.EXERCISE})


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a page belongs; `entry` counts in the outline, `None` is no teaching content."""

    entry: int | None
    confidence: float
    provisional: bool
    evidence: str


def place(outline: Outline, page_num: int, finding: Finding) -> Decision:
    """The outline's entry for this page, unless the reading contradicts it."""
    if not finding.items:
        return Decision(None, 0.9, provisional=False, evidence="nothing to teach on this page")
    for index, entry in enumerate(outline.entries):
        if entry.first_page <= page_num <= entry.last_page:
            is_open = entry.confidence < SURE
            return Decision(index, entry.confidence, is_open, "; ".join(entry.evidence))
    return _outside(outline, page_num, finding)


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
