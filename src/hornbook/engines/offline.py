"""Read and write without a model: deterministic, free, and every word taken from the page."""

from collections.abc import Sequence

from hornbook.model.finding import Finding, Item, ItemKind, PageToRead
from hornbook.model.text import clipped, rejoin, sentences
from hornbook.stages.finalize import CandidateTopic, Proposal


class Offline:
    """A Reader, a Writer and a Refiner that needs no key and no network; it raises nothing."""

    name = "offline"

    def read(self, page: PageToRead) -> Finding:
        """Typed items with verbatim quotes, and one sentence of summary."""
        blocks = [block for block in page.text.split("\n\n") if len(block.split()) >= 5]
        items = tuple(
            Item(ItemKind.CONCEPT, clipped(rejoin(block.split("\n")), 600), block)
            for block in blocks
        )
        first = sentences(rejoin(page.text.split("\n")))[:1]
        return Finding(clipped("".join(first), 200), items, (), 0, self.name)

    def subtopic_summary(self, title: str, items: Sequence[Item]) -> str:
        """What the subtopic teaches, in 15 to 30 words."""
        return (
            f"Explains {title} with key ideas, worked examples and {len(items)} statements taken "
            "from the pages of the book, in their order."
        )

    def topic_summary(self, title: str, subtopic_titles: Sequence[str]) -> str:
        """What the topic covers, in one sentence."""
        return f"{title} covers {', '.join(subtopic_titles)}."

    def rename(self, topic: CandidateTopic) -> Sequence[Proposal]:
        """Titles without numbers, noise and capitals throughout."""
        return ()

    def merges(self, topics: Sequence[CandidateTopic]) -> Sequence[Proposal]:
        """Near-duplicates within a topic, by title and by content."""
        return ()
