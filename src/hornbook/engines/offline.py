"""Read and write without a model: deterministic, free, and every word taken from the page."""

import re
from collections import Counter
from collections.abc import Sequence

from rapidfuzz import fuzz

from hornbook.engines.offline_items import items_of
from hornbook.engines.offline_page import Part, Stretch, lines_of, reads_as_words, stretches
from hornbook.model.finding import Finding, Item, ItemKind, LineOnPage, PageToRead
from hornbook.model.placing import Suggestion, Whereabouts
from hornbook.model.text import DASHES, clipped, sentences, squeeze, words_of
from hornbook.stages.close import Closing
from hornbook.stages.finalize import Candidate, CandidateTopic, Proposal, ProposalKind
from hornbook.stages.outline import OutlinePage, teaches_nothing

_NOUNS = {
    ItemKind.OBJECTIVE: ("objective", "objectives"),
    ItemKind.DEFINITION: ("definition", "definitions"),
    ItemKind.CONCEPT: ("key idea", "key ideas"),
    ItemKind.WORKED_EXAMPLE: ("worked example", "worked examples"),
    ItemKind.MISCONCEPTION: ("warning", "warnings"),
    ItemKind.EXERCISE: ("set of exercises", "sets of exercises"),
    ItemKind.TEACHING_NOTE: ("teaching note", "teaching notes"),
}
_LEAST, _MOST = 15, 30
_DIGITS = re.compile(r"\d+")
_NUMBER_INSIDE = re.compile(r"\S\s+\d{1,2}\.\d{1,2}\s+[^\W\d_]")
_SMALL = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from",
     "in", "of", "on", "or", "the", "to", "with")
)  # fmt: skip


class Offline:
    """Reads, writes and refines; it needs no key and no network, and raises nothing."""

    name = "offline"
    decides = False
    """The outline decides where a page belongs."""

    def read(self, page: PageToRead) -> Finding:
        """Find typed items with verbatim quotes, and one sentence of summary."""
        lines = lines_of(page.text)
        shown = tuple(LineOnPage(line.text, None, line.paragraph) for line in lines)
        if teaches_nothing(OutlinePage(1, shown)):
            return Finding("This page has no teaching content.", (), (), 0, self.name)
        parts = stretches(lines)
        headings = _headings(parts)
        items = tuple(items_of(page.text, parts))
        return Finding(_summary(headings, items), items, headings, 0, self.name)

    def place(self, where: Whereabouts) -> Suggestion:
        """Go on with the latest subtopic, or begin one that the page's first heading names."""
        if where.open:
            return Suggestion(
                is_new=False,
                continues_key=where.open[-1].key,
                topic_title="",
                subtopic_title="",
                confidence=0.3,
            )
        title = tidy(next(iter(where.headings), where.summary))
        return Suggestion(
            is_new=True, continues_key="", topic_title=title, subtopic_title=title, confidence=0.3
        )

    def close(self, title: str, items: Sequence[Item]) -> Closing:
        """Say what the subtopic teaches; the items stay in the order of their pages."""
        return Closing(self.subtopic_summary(title, items))

    def subtopic_summary(self, title: str, items: Sequence[Item]) -> str:
        """Say what the subtopic teaches, in 15 to 30 words."""
        aims = [item.text for item in items if item.kind is ItemKind.OBJECTIVE]
        if aims:
            words = f"Students learn to {'; '.join(_lowered(aim) for aim in aims)}".split()
        else:
            said = [s for item in items if item.kind in _TELLING for s in sentences(item.text)]
            words = f"{title}: {next(iter(said), '')}".split()
        return _of_length(words, _supply(title, items))

    def topic_summary(self, title: str, subtopic_titles: Sequence[str]) -> str:
        """Say what the topic covers, in one sentence."""
        if not subtopic_titles:
            return f"{title}."
        *most, last = (clipped(one, 80) for one in subtopic_titles)
        return f"{title} covers {', '.join(most) + ' and ' if most else ''}{last}."

    def rename(self, topic: CandidateTopic) -> Sequence[Proposal]:
        """Propose titles without numbers, noise and capitals throughout."""
        kinds = [(ProposalKind.RENAME_TOPIC, topic.id, topic.title)]
        kinds += [(ProposalKind.RENAME_SUBTOPIC, one.id, one.title) for one in topic.subtopics]
        return [
            Proposal(kind, target, tidy(title), "the title carried a number, noise or capitals")
            for kind, target, title in kinds
            if tidy(title) != title
        ]

    def merges(self, topics: Sequence[CandidateTopic]) -> Sequence[Proposal]:
        """Propose to merge near-duplicates within a topic, alike in title and in content."""
        return [
            Proposal(ProposalKind.MERGE, one.id, other.id, "the same title and the same content")
            for topic in topics
            for at, one in enumerate(topic.subtopics)
            for other in topic.subtopics[at + 1 :]
            if _is_duplicate(one, other)
        ]


_TELLING = (ItemKind.CONCEPT, ItemKind.DEFINITION)


def tidy(title: str) -> str:
    """A title as a teacher would write it; the same title when nothing is wrong with it."""
    bare = re.sub(
        r"^\W*(?:(?:section|lesson)\s+)?\d{1,2}(?:[.\-]\d{1,2})+[.:)]?\s+",
        "",
        title,
        flags=re.IGNORECASE,
    )
    bare = re.sub(r"(?:\s?[.·…_]){2,}\s*\d{0,4}$", "", bare)
    bare = squeeze(bare).strip(" .:;,|•*_~=" + DASHES)
    if not any(char.isalpha() for char in bare):
        return title
    letters = [char for char in bare if char.isalpha()]
    if len(letters) > 3 and all(char.isupper() for char in letters):
        bare = _title_case(bare)
    return bare[:1].upper() + bare[1:]


def _title_case(text: str) -> str:
    words = text.lower().split()
    return " ".join(
        w if at and w in _SMALL else w[:1].upper() + w[1:] for at, w in enumerate(words)
    )


def _is_duplicate(one: Candidate, other: Candidate) -> bool:
    first, second = tidy(one.title).lower(), tidy(other.title).lower()
    if fuzz.ratio(first, second) < 88 or _DIGITS.findall(first) != _DIGITS.findall(second):
        return False
    words = [Counter(" ".join(c.statements).lower().split()) for c in (one, other)]
    shared = (words[0] & words[1]).total()
    return shared >= 0.5 * max(1, min(words[0].total(), words[1].total()))


def _headings(parts: Sequence[Stretch]) -> tuple[str, ...]:
    """The headings of a page, its running head left out where that can be told."""
    found = [line for part in parts if part.part is Part.HEADING for line in part.lines]
    texts = [squeeze(line.text) for line in found]
    if found and found[0].start == 0 and _NUMBER_INSIDE.search(texts[0]):
        texts = texts[1:]
    return tuple(dict.fromkeys(texts))


def _summary(headings: Sequence[str], items: Sequence[Item]) -> str:
    """One readable sentence: what the page says first, or what it holds."""
    aims = [item.text for item in items if item.kind is ItemKind.OBJECTIVE]
    if aims:
        return (
            clipped(f"Sets out to {'; '.join(_lowered(aim) for aim in aims)}", 198).rstrip(".")
            + "."
        )
    for kind in (ItemKind.CONCEPT, ItemKind.DEFINITION):
        said = [s for i in items if i.kind is kind for s in sentences(squeeze(i.text))]
        whole = [s for s in said if _is_readable(s)][:8]
        if whole:
            about = set(words_of(" ".join(headings)))
            return clipped(max(whole, key=lambda s: len(about & set(words_of(s)))), 220)
    return _holds(headings, items)


def _is_readable(sentence: str) -> bool:
    return (
        sentence[:1].isupper()
        and sentence.endswith((".", "!", "?"))
        and 6 <= len(sentence.split()) <= 40
        and reads_as_words(sentence)
    )


def _holds(headings: Sequence[str], items: Sequence[Item]) -> str:
    if not items:
        return "This page has no teaching content."
    on = f" on {clipped(tidy(headings[-1]), 80)}" if headings else ""
    return f"This page gives {_counted(items)}{on}."


def _counted(items: Sequence[Item]) -> str:
    counts = Counter(item.kind for item in items)
    told = [f"{counts[kind]} {_NOUNS[kind][counts[kind] > 1]}" for kind in _NOUNS if counts[kind]]
    return " and ".join([*([", ".join(told[:-1])] if told[1:] else []), *told[-1:]])


def _lowered(text: str) -> str:
    bare = squeeze(text).rstrip(" .;:,")
    return bare if bare[1:2].isupper() else bare[:1].lower() + bare[1:]


def _supply(title: str, items: Sequence[Item]) -> list[str]:
    """Words to go on with when a summary is too short."""
    held = _counted(items) if items else "the pages of this section"
    told = f"The guideline on {title} draws on {held} from the book, in the order of its pages."
    return told.split()


def _of_length(words: list[str], supply: list[str]) -> str:
    """At least 15 and at most 30 words, ended as a sentence."""
    text = " ".join(words[:_MOST]).rstrip(" ,;:.…")
    ending = "…" if len(words) > _MOST else "."
    words = (text + ending).split()
    while len(words) < _LEAST:
        words = [*words, *supply]
    if len(words) > _MOST:
        words = [*words[: _MOST - 1], words[_MOST - 1].rstrip(" ,;:.…") + "…"]
    return " ".join(words)
