"""A book's guidelines as they stand: topics, subtopics, and which page belongs where."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hornbook.errors import NotFound
from hornbook.library import codec, findings, pages, shapes
from hornbook.library.tables import FindingRow, PageRow, PlacementRow, SubtopicRow, TopicRow
from hornbook.model.contents import Wanting
from hornbook.model.guideline import Block, PlacedItem, Subtopic, SubtopicStatus
from hornbook.model.page import ReviewStatus

Render = Callable[[Sequence[Block], Mapping[str, PlacedItem], Mapping[str, int] | None], str]
"""Blocks, items by id, page numbers by page id: the text a teacher reads."""

AFTER_ALL_PAGES = 1 << 30


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """A topic as it is kept; `found_title` is what extraction called it."""

    id: str
    key: str
    title: str
    found_title: str
    summary: str
    shortfall: str | None = None
    """Why no model wrote the summary, if one was asked."""


@dataclass(frozen=True, slots=True)
class SubtopicRecord:
    """A subtopic as it is kept, without its blocks."""

    id: str
    topic_id: str
    key: str
    title: str
    found_title: str
    summary: str
    status: SubtopicStatus
    is_edited: bool
    merged_into: str | None
    is_withheld: bool
    version: int
    shortfall: str | None = None
    """What is wanting because a model gave no answer that could be used."""
    is_outdated: bool = False
    """The summary was written before statements came or went."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The subtopic that extraction put a page in; merges come on top."""

    page_id: str
    page_num: int
    subtopic_id: str
    confidence: float
    provisional: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A book's topics, subtopics and placements at one instant; pages in page order."""

    topics: Mapping[str, TopicRecord]
    subtopics: Mapping[str, SubtopicRecord]
    placements: tuple[Placement, ...]
    """Of pages that are neither rejected nor blank."""
    _kept: dict[str, str] = field(init=False, repr=False, compare=False)
    _pages: dict[str, list[Placement]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        kept = shapes.survivors({one.id: one.merged_into for one in self.subtopics.values()})
        sources: dict[str, list[Placement]] = defaultdict(list)
        for placement in self.placements:
            sources[kept[placement.subtopic_id]].append(placement)
        object.__setattr__(self, "_kept", kept)
        object.__setattr__(self, "_pages", dict(sources))

    def kept(self, subtopic_id: str) -> str:
        """Where a subtopic's pages are taught after all merges."""
        return self._kept[subtopic_id]

    def pages_of(self, subtopic_id: str) -> list[Placement]:
        """The pages of a subtopic, with those of the ones merged into it."""
        return self._pages.get(subtopic_id, [])

    def survivors(self) -> list[SubtopicRecord]:
        """The subtopics an admin sees: topic by topic, in page order; those without pages last.

        A subtopic without pages is seen only if a human edited it.
        """
        seen = [
            one
            for one in self.subtopics.values()
            if self.kept(one.id) == one.id and (self.pages_of(one.id) or one.is_edited)
        ]
        starts: dict[str, int] = {}
        for one in seen:
            start = min(starts.get(one.topic_id, AFTER_ALL_PAGES), self._start(one))
            starts[one.topic_id] = start
        return sorted(
            seen,
            key=lambda one: (
                starts[one.topic_id],
                self.topics[one.topic_id].key,
                self._start(one),
                one.key,
            ),
        )

    def _start(self, subtopic: SubtopicRecord) -> int:
        sources = self.pages_of(subtopic.id)
        return sources[0].page_num if sources else AFTER_ALL_PAGES

    def find(self, topic_key: str, subtopic_key: str) -> SubtopicRecord:
        """The subtopic under these keys; raises NotFound."""
        for one in self.survivors():
            if one.key == subtopic_key and self.topics[one.topic_id].key == topic_key:
                return one
        raise NotFound(f"There is no guideline {topic_key}/{subtopic_key} in this book.")


def contents(session: Session, book_id: str, about: Iterable[str] | None = None) -> Contents:
    """What the book's guidelines consist of now.

    With `about` only these subtopics, those that merges join to them, and their topics and pages:
    what a page costs must not grow with its book.
    """
    some = None if about is None else _joined(session, book_id, about)
    subtopics = _subtopics(session, book_id, some)
    homes = None if some is None else {one.topic_id for one in subtopics.values()}
    return Contents(
        _topics(session, book_id, homes), subtopics, _placements(session, book_id, some)
    )


def _joined(session: Session, book_id: str, about: Iterable[str]) -> set[str]:
    """These subtopics, and all whose pages are or may be taught with theirs."""
    merged = (SubtopicRow.book_id == book_id, SubtopicRow.merged_into.is_not(None))
    links = session.execute(select(SubtopicRow.id, SubtopicRow.merged_into).where(*merged))
    beside: dict[str, set[str]] = defaultdict(set)
    for one, other in links:
        if other is not None:
            beside[one].add(other)
            beside[other].add(one)
    joined: set[str] = set()
    coming = set(about)
    while coming:
        joined |= coming
        coming = {other for one in coming for other in beside[one]} - joined
    return joined


def _topics(session: Session, book_id: str, some: set[str] | None) -> dict[str, TopicRecord]:
    chosen = select(TopicRow).where(TopicRow.book_id == book_id, *_among(TopicRow.id, some))
    return {
        row.id: TopicRecord(row.id, row.key, row.title, row.found_title, row.summary, row.shortfall)
        for row in session.scalars(chosen)
    }


def _among(column: InstrumentedAttribute[str], some: set[str] | None) -> list[ColumnElement[bool]]:
    """The condition that keeps only these; `None` are all."""
    return [] if some is None else [column.in_(some)]


def _subtopics(
    session: Session, book_id: str, some: set[str] | None = None
) -> dict[str, SubtopicRecord]:
    columns = (
        SubtopicRow.id,
        SubtopicRow.topic_id,
        SubtopicRow.key,
        SubtopicRow.title,
        SubtopicRow.found_title,
        SubtopicRow.summary,
        SubtopicRow.status,
        SubtopicRow.edited_at,
        SubtopicRow.merged_into,
        SubtopicRow.is_withheld,
        SubtopicRow.version,
        SubtopicRow.shortfall,
        SubtopicRow.is_outdated,
    )
    of_book = (SubtopicRow.book_id == book_id, *_among(SubtopicRow.id, some))
    rows = session.execute(select(*columns).where(*of_book))
    return {
        row.id: SubtopicRecord(
            id=row.id,
            topic_id=row.topic_id,
            key=row.key,
            title=row.title,
            found_title=row.found_title,
            summary=row.summary,
            status=SubtopicStatus(row.status),
            is_edited=row.edited_at is not None,
            merged_into=row.merged_into,
            is_withheld=row.is_withheld,
            version=row.version,
            shortfall=row.shortfall,
            is_outdated=row.is_outdated,
        )
        for row in rows
    }


def _placements(session: Session, book_id: str, some: set[str] | None) -> tuple[Placement, ...]:
    rows = session.execute(
        select(
            PlacementRow.page_id,
            PageRow.place,
            PlacementRow.subtopic_id,
            PlacementRow.confidence,
            PlacementRow.provisional,
            PlacementRow.evidence,
        )
        .join(PageRow, PageRow.id == PlacementRow.page_id)
        .where(
            PageRow.book_id == book_id,
            PageRow.review != ReviewStatus.REJECTED,
            PageRow.is_blank.is_(False),
            *_among(PlacementRow.subtopic_id, some),
        )
        .order_by(PageRow.place)
    )
    return tuple(Placement(*row) for row in rows)


def number(session: Session, book_id: str) -> int:
    """How many subtopics the book has."""
    of_book = (SubtopicRow.book_id == book_id, SubtopicRow.merged_into.is_(None))
    return session.scalar(select(func.count()).select_from(SubtopicRow).where(*of_book)) or 0


def wanting(session: Session, book_id: str) -> Wanting:
    """Count what models did not give the guidelines of a book."""
    unwritten = select(func.count()).where(
        SubtopicRow.book_id == book_id,
        SubtopicRow.merged_into.is_(None),
        SubtopicRow.shortfall.is_not(None),
    )
    dropped = select(func.sum(FindingRow.dropped)).join(PageRow, PageRow.id == FindingRow.page_id)
    return Wanting(
        session.scalar(unwritten) or 0,
        session.scalar(dropped.where(PageRow.book_id == book_id)) or 0,
    )


def subtopics(session: Session, book_id: str, render: Render) -> list[Subtopic]:
    """Every subtopic an admin sees, in the order of `Contents.survivors`, with its text."""
    now = contents(session, book_id)
    rows = {row.id: row for row in _rows(session, book_id)}
    items = findings.items_of_book(session, book_id)
    numbers = pages.places(session, book_id)
    return [
        _shown(
            rows[one.id],
            now.topics[one.topic_id],
            [placement.page_num for placement in now.pages_of(one.id)],
            render(codec.blocks_from_json(rows[one.id].blocks), items, numbers),
        )
        for one in now.survivors()
    ]


def _rows(session: Session, book_id: str) -> Iterable[SubtopicRow]:
    return session.scalars(select(SubtopicRow).where(SubtopicRow.book_id == book_id))


def _shown(row: SubtopicRow, topic: TopicRecord, sources: list[int], text: str) -> Subtopic:
    return Subtopic(
        id=row.id,
        topic_key=topic.key,
        topic_title=topic.title,
        topic_summary=topic.summary,
        subtopic_key=row.key,
        subtopic_title=row.title,
        subtopic_summary=row.summary,
        status=SubtopicStatus(row.status),
        source_pages=tuple(sources),
        guidelines=text,
        is_edited=row.edited_at is not None,
        has_candidate=row.candidate is not None,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        edited_by=row.edited_by,
        edited_at=row.edited_at,
        shortfall=row.shortfall,
        is_outdated=row.is_outdated,
        topic_shortfall=topic.shortfall,
    )
