"""Find the topics and subtopics of a book in its pages, without a model."""

from collections.abc import Sequence
from dataclasses import dataclass

from hornbook.model.finding import LineOnPage
from hornbook.model.guideline import Outline, OutlineEntry


@dataclass(frozen=True, slots=True)
class OutlinePage:
    """A page that has text."""

    page_num: int
    lines: tuple[LineOnPage, ...]


def outline(pages: Sequence[OutlinePage]) -> Outline:
    """Topics and subtopics in page order, non-overlapping; the same for the same pages.

    Pages without teaching content (title, contents, index) are in no entry; a book with text has
    at least one entry.
    """
    if not pages:
        return Outline(())
    first, last = pages[0].page_num, pages[-1].page_num
    return Outline((OutlineEntry("Whole book", "Whole book", first, last, 0.2, ("no headings",)),))
