"""Everything the reading page of a book's guidelines shows, gathered once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from hornbook.model.contents import Passage
from hornbook.model.guideline import BlockKind, Subtopic, SubtopicStatus
from hornbook.web.language import _, noted
from hornbook.web.pages.rows import Mark, Pill
from hornbook.web.pages.screen import book_path
from hornbook.web.sentences import told
from hornbook.web.units import ranges

if TYPE_CHECKING:
    from hornbook.wiring import App

MARKS = {
    SubtopicStatus.OPEN: Mark("pending", noted("Open")),
    SubtopicStatus.STABLE: Mark("processing", noted("Stable")),
    SubtopicStatus.FINAL: Mark("completed", noted("Final")),
    SubtopicStatus.NEEDS_REVIEW: Mark("failed", noted("Needs review")),
}
TONES = {
    SubtopicStatus.OPEN: "",
    SubtopicStatus.STABLE: "run",
    SubtopicStatus.FINAL: "good",
    SubtopicStatus.NEEDS_REVIEW: "warn",
}


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and where its words are shown."""

    text: str
    page_num: int
    href: str
    item_id: str


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, the statements under it, or a human's words: one of the three."""

    heading: str = ""
    statements: tuple[Statement, ...] = ()
    human: str = ""
    """Markdown."""


@dataclass(frozen=True, slots=True)
class ShownSubtopic:
    """One subtopic as it is read."""

    subtopic: Subtopic
    anchor: str
    path: str
    mark: Mark
    status: Pill
    runs: tuple[Link, ...]
    """Its pages, each run of them leading to its first."""
    parts: tuple[Part, ...]
    edits: int
    shortfall: str
    """Why a model gave no answer that could be used, if it gave none."""

    @property
    def pages(self) -> str:
        """Its pages in a few signs, such as "1-3, 7"."""
        return ", ".join(run.words for run in self.runs)


@dataclass(frozen=True, slots=True)
class ShownTopic:
    """A topic with its subtopics."""

    title: str
    summary: str
    shortfall: str
    """Why no model wrote the summary, if one was asked and gave none that could be used."""
    anchor: str
    subtopics: tuple[ShownSubtopic, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the screens about the guidelines of a book."""

    words: str
    href: str
    is_on: bool


def topics_of(app: "App", book_id: str, subtopics: Sequence[Subtopic]) -> list[ShownTopic]:
    """Gather the guidelines topic by topic."""
    passages, edits = app.guidelines.passages(book_id), app.guidelines.edit_counts(book_id)
    topics = []
    for topic_key, group in groupby(subtopics, key=lambda subtopic: subtopic.topic_key):
        members = list(group)
        shown = tuple(_subtopic(book_id, one, passages, edits.get(one.id, 0)) for one in members)
        first, where = members[0], f"topic-{topic_key}"
        shortfall = told(first.topic_shortfall or "")
        topics.append(ShownTopic(first.topic_title, first.topic_summary, shortfall, where, shown))
    return topics


def guideline_path(subtopic: Subtopic, book_id: str) -> str:
    """Give the address below which a guideline is edited, traced and compared."""
    keys = f"{quote(subtopic.topic_key)}/{quote(subtopic.subtopic_key)}"
    return f"{book_path(book_id)}/guidelines/{keys}"


def anchor(topic_key: str, subtopic_key: str) -> str:
    """Name the place of a guideline on the reading page."""
    return f"{topic_key}.{subtopic_key}"


def tabs(app: "App", book_id: str, here: str) -> tuple[Tab, ...]:
    """Lead from each of the screens about guidelines to the others; `here` ends the address."""
    changed = len(app.finalize.decisions(book_id))
    entries = (
        ("guidelines", _("Guidelines")),
        ("changes", _("Refinements %(number)s", number=changed)),
        ("results", _("What each page gave")),
        ("publish", _("What Publish will change")),
    )
    path = book_path(book_id)
    return tuple(Tab(words, f"{path}/{ending}", ending == here) for ending, words in entries)


def page_runs(pages: Sequence[int], book_id: str) -> tuple[Link, ...]:
    """Write 1, 2, 3, 7 as "1-3" and "7", each leading to its first page."""
    return tuple(
        Link(
            str(first) if first == last else f"{first}-{last}",
            f"{book_path(book_id)}/pages/{first}/review",
        )
        for first, last in ranges(tuple(sorted(pages)))
    )


def _subtopic(
    book_id: str, subtopic: Subtopic, passages: Mapping[str, Sequence[Passage]], edits: int
) -> ShownSubtopic:
    path, mark = guideline_path(subtopic, book_id), MARKS[subtopic.status]
    word = _(mark.word)
    return ShownSubtopic(
        subtopic=subtopic,
        anchor=anchor(subtopic.topic_key, subtopic.subtopic_key),
        path=path,
        mark=Mark(mark.icon, word),
        status=Pill(TONES[subtopic.status], word),
        runs=page_runs(subtopic.source_pages, book_id),
        parts=_parts(passages.get(subtopic.id, ()), path),
        edits=edits,
        shortfall=told(subtopic.shortfall or ""),
    )


def _parts(passages: Sequence[Passage], path: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for kind, group in groupby(passages, key=lambda passage: passage.kind):
        found = list(group)
        if kind is BlockKind.ITEM:
            parts.append(Part(statements=tuple(_statements(found, path))))
        elif kind is BlockKind.HEADING:
            parts += [Part(heading=one.text) for one in found]
        else:
            parts += [Part(human=one.text) for one in found]
    return tuple(parts)


def _statements(passages: Sequence[Passage], path: str) -> list[Statement]:
    return [
        Statement(
            one.text,
            one.source.page_num,
            f"{path}/sources?item={quote(one.source.item_id)}",
            one.source.item_id,
        )
        for one in passages
        if one.source
    ]
