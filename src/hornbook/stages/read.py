"""Read one page into items, and keep only what the page really says."""

from dataclasses import replace
from typing import Protocol

from hornbook.model.finding import Finding, Item, PageToRead
from hornbook.model.page import Box
from hornbook.model.text import Span, align


class Reader(Protocol):
    """Reads what a page teaches. Raises Retryable, Terminal or JobStopper, nothing else."""

    name: str

    def read(self, page: PageToRead) -> Finding:
        """The engine's answer, not yet trusted."""
        ...


def read_page(reader: Reader, page: PageToRead) -> Finding:
    """What the page gave, with the page's own words as quotes and their boxes.

    Items whose quote does not stand on the page are dropped and counted.
    """
    answer = reader.read(page)
    places = _places_of_lines(page)
    aligned = [_aligned(item, page.text, places) for item in answer.items]
    kept = tuple(item for item in aligned if item is not None)
    dropped = answer.dropped + len(aligned) - len(kept)
    return replace(answer, items=kept, dropped=dropped)


def _aligned(item: Item, text: str, places: list[tuple[Span, Box]]) -> Item | None:
    span = align(item.quote, text)
    if span is None or not item.text.strip():
        return None
    boxes = tuple(box for place, box in places if place.start < span.end and span.start < place.end)
    return replace(item, quote=text[span.start : span.end], boxes=boxes)


def _places_of_lines(page: PageToRead) -> list[tuple[Span, Box]]:
    places: list[tuple[Span, Box]] = []
    cursor = 0
    for line in page.lines:
        start = page.text.find(line.text, cursor)
        if start < 0:
            continue
        cursor = start + len(line.text)
        if line.box is not None:
            places.append((Span(start, cursor), line.box))
    return places
