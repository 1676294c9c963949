"""Decide to which subtopic a page belongs, from the outline and from what the page gave."""

from dataclasses import dataclass

from hornbook.model.finding import Finding
from hornbook.model.guideline import Outline, OutlineEntry

SURE = 0.5
"""Below this confidence a placement is provisional."""
_STRAY_CONFIDENCE = 0.3


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a page belongs; `entry` counts in the outline, `None` is no teaching content."""

    entry: int | None
    confidence: float
    provisional: bool
    evidence: str


def place(outline: Outline, page_num: int, finding: Finding) -> Decision:
    """The outline's entry for this page, unless the page gave nothing to teach."""
    index = _entry_of(outline, page_num)
    if not finding.items:
        return Decision(None, 0.9, provisional=False, evidence="nothing to teach on this page")
    if index is None:
        return _stray(outline, page_num)
    entry = outline.entries[index]
    return Decision(index, entry.confidence, entry.confidence < SURE, _reasons(entry))


def _entry_of(outline: Outline, page_num: int) -> int | None:
    for index, entry in enumerate(outline.entries):
        if entry.first_page <= page_num <= entry.last_page:
            return index
    return None


def _stray(outline: Outline, page_num: int) -> Decision:
    """A page between the entries carries no teaching content, by the outline's judgement."""
    return Decision(None, 0.6, provisional=False, evidence="outside every section")


def _reasons(entry: OutlineEntry) -> str:
    return "; ".join(entry.evidence) or "the outline"
