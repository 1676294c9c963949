"""Close a subtopic: say what it teaches, and put its items in the order in which to teach them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hornbook.model.finding import Item
from hornbook.model.guideline import Arrangement, PlacedItem
from hornbook.model.text import covers


@dataclass(frozen=True, slots=True)
class Closing:
    """What a writer says of a subtopic; items are named by their place among those given, from 0.

    An empty `order` leaves the items in the order of their pages.
    """

    summary: str
    order: tuple[int, ...] = ()
    duplicates: tuple[tuple[int, int], ...] = ()
    """Dropped and kept."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What was taken of it."""

    summary: str
    arrangement: Arrangement | None
    """`None` when the writer leaves the items in the order of their pages."""
    refused: int
    """Duplicates that were none."""


class Writer(Protocol):
    """Writes summaries. Raises Retryable, Terminal or JobStopper, nothing else."""

    name: str

    def close(self, title: str, items: Sequence[Item]) -> Closing:
        """What the subtopic teaches, in 15 to 30 words, and in which order."""
        ...

    def subtopic_summary(self, title: str, items: Sequence[Item]) -> str:
        """What the subtopic teaches, in 15 to 30 words."""
        ...

    def topic_summary(self, title: str, subtopic_titles: Sequence[str]) -> str:
        """What the topic covers, in one sentence."""
        ...


def close(writer: Writer, title: str, items: Sequence[PlacedItem]) -> Closed:
    """The writer's answer as far as it holds: no item is lost, whatever it says.

    Items that it left out of the order follow in the order of their pages. A duplicate is taken
    only if both items exist and are of one kind, their words are alike, and the one kept is not
    dropped itself.
    """
    said = writer.close(title, [placed.item for placed in items])
    summary = " ".join(said.summary.split())
    if not said.order and not said.duplicates:
        return Closed(summary, None, 0)
    pairs, refused = _held(said.duplicates, items)
    arrangement = Arrangement(
        tuple(items[at].id for at in _whole(said.order, len(items))),
        tuple((items[dropped].id, items[kept].id) for dropped, kept in pairs),
    )
    return Closed(summary, arrangement, refused)


def _whole(order: Iterable[int], count: int) -> list[int]:
    """Every place once: those named first, in that order, then the others."""
    named = [at for at in dict.fromkeys(order) if 0 <= at < count]
    return [*named, *(at for at in range(count) if at not in set(named))]


def _held(
    pairs: Iterable[tuple[int, int]], items: Sequence[PlacedItem]
) -> tuple[list[tuple[int, int]], int]:
    """The pairs that hold, in the order given, and how many do not."""
    held: list[tuple[int, int]] = []
    dropped: set[int] = set()
    kept_for_others: set[int] = set()
    refused = 0
    for drop, keep in pairs:
        is_there = 0 <= drop < len(items) and 0 <= keep < len(items) and drop != keep
        is_free = drop not in dropped | kept_for_others and keep not in dropped
        if is_there and is_free and _stands_for(items[keep].item, items[drop].item):
            held.append((drop, keep))
            dropped.add(drop)
            kept_for_others.add(keep)
        else:
            refused += 1
    return held, refused


def _stands_for(kept: Item, dropped: Item) -> bool:
    return kept.kind is dropped.kind and covers(kept.text, dropped.text)
