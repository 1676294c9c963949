"""What an extraction decides first and keeps: the outline, and where each entry's pages will go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from hornbook.library import findings, guidelines, pages
from hornbook.library.guidelines import Contents
from hornbook.library.placing import Seat
from hornbook.model.finding import LineOnPage
from hornbook.model.guideline import Outline, OutlineEntry
from hornbook.model.ids import new_id
from hornbook.model.page import Page
from hornbook.model.slug import slug
from hornbook.stages.match import Part, match
from hornbook.stages.outline import OutlinePage, outline


@dataclass(frozen=True, slots=True)
class Plan:
    """An outline, a seat for each of its entries, and the pages as they stood."""

    outline: Outline
    seats: tuple[Seat, ...]
    places: Mapping[str, int]
    """Every page of the book, by identity, with its number."""
    texts: Mapping[str, int]
    """The revision of every text that the outline was made from."""

    def to_json(self) -> dict[str, Any]:
        """The plan as a job keeps it."""
        return {
            "outline": [asdict(entry) for entry in self.outline.entries],
            "seats": [asdict(seat) for seat in self.seats],
            "places": dict(self.places),
            "texts": dict(self.texts),
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> "Plan":
        """The plan that `to_json` gave."""
        entries = (
            OutlineEntry(**{**entry, "evidence": tuple(entry["evidence"])})
            for entry in kept["outline"]
        )
        seats = tuple(Seat(**seat) for seat in kept["seats"])
        return Plan(Outline(tuple(entries)), seats, kept["places"], kept["texts"])


@dataclass(frozen=True, slots=True)
class Survey:
    """What a plan is drawn from: the pages as they stand, their lines, and the guidelines."""

    book: tuple[Page, ...]
    texts: Mapping[str, int]
    lines: Mapping[str, tuple[LineOnPage, ...]]
    contents: Contents


def survey(session: Session, book_id: str, asked: Mapping[str, str]) -> Survey:
    """Gather it, in the text revisions asked for where there are any; raises NotFound."""
    book = pages.find(session, book_id)
    texts = {
        page.id: revision_in(asked.get(page.id, "")) or page.text_revision
        for page in book
        if page.is_usable
    }
    contents = guidelines.contents(session, book_id)
    return Survey(tuple(book), texts, findings.lines_of(session, texts), contents)


def draw(seen: Survey) -> Plan:
    """Make the outline and allot the seats; takes a while, so hold no session."""
    found = outline(
        [
            OutlinePage(page.page_num, seen.lines[page.id])
            for page in seen.book
            if page.id in seen.lines
        ]
    )
    page_ids = {page.page_num: page.id for page in seen.book if page.id in seen.lines}
    seats = allot(found, page_ids, seen.contents)
    return Plan(found, seats, {page.id: page.page_num for page in seen.book}, seen.texts)


def revision_in(given: str) -> int:
    """The text revision in an item's input; 0 for none."""
    return int(given) if given.isdigit() else 0


def allot(outline: Outline, page_ids: Mapping[int, str], contents: Contents) -> tuple[Seat, ...]:
    """A seat for each entry: the old subtopic that it continues, or a new one with keys of its own.

    Old and new are the same when they have the same titles and share a page, else when they share
    most pages. Keys of old ones never change, and none is given to another thing.
    """
    pages = [_pages_of(entry, page_ids) for entry in outline.entries]
    topics = _topics(outline, pages, contents)
    matched = _matched_subtopics(outline, pages, topics, contents)
    taken = _addresses(outline, topics, matched, contents)
    seats = []
    for entry, old in zip(outline.entries, matched, strict=True):
        topic_id, topic_key = topics[entry.topic_title]
        if old is None:
            beside = {key for topic, key in taken if topic == topic_id}
            subtopic_id, key = new_id(), _unused(slug(entry.subtopic_title), beside)
        else:
            subtopic_id, key = old, contents.subtopics[old].key
        taken.add((topic_id, key))
        seats.append(
            Seat(topic_id, topic_key, entry.topic_title, subtopic_id, key, entry.subtopic_title)
        )
    return tuple(seats)


def _addresses(
    outline: Outline,
    topics: Mapping[str, tuple[str, str]],
    matched: Sequence[str | None],
    contents: Contents,
) -> set[tuple[str, str]]:
    """Topics and keys of the old subtopics, where they are and where they will move."""
    moved = {
        (topics[entry.topic_title][0], contents.subtopics[old].key)
        for entry, old in zip(outline.entries, matched, strict=True)
        if old is not None
    }
    return moved | {(one.topic_id, one.key) for one in contents.subtopics.values()}


def seat_of_new(titles: tuple[str, str], plan: Plan, contents: Contents, page: Page) -> Seat:
    """A seat for a subtopic that somebody begins on this page.

    An entry of the outline with these titles gives its own; else an old subtopic with these titles
    goes on, or the one that began on this page before and nothing else has taken; else it is new.
    """
    topic_title, title = titles
    for entry, seat in zip(plan.outline.entries, plan.seats, strict=True):
        if (slug(entry.topic_title), slug(entry.subtopic_title)) == (
            slug(topic_title),
            slug(title),
        ):
            return seat
    topic_id, topic_key, topic_title = _topic_of(topic_title, plan, contents)
    beside = [one for one in contents.subtopics.values() if one.topic_id == topic_id]
    for one in beside:
        if slug(one.found_title) == slug(title):
            return Seat(topic_id, topic_key, topic_title, one.id, one.key, title)
    keys = {one.key for one in beside} | {
        s.subtopic_key for s in plan.seats if s.topic_id == topic_id
    }
    old = _began_on(page, contents)
    if old is not None and old not in {seat.subtopic_id for seat in plan.seats}:
        key = contents.subtopics[old].key
        if contents.subtopics[old].topic_id == topic_id or key not in keys:
            return Seat(topic_id, topic_key, topic_title, old, key, title)
    return Seat(topic_id, topic_key, topic_title, new_id(), _unused(slug(title), keys), title)


def _topic_of(title: str, plan: Plan, contents: Contents) -> tuple[str, str, str]:
    """Identity, key and title of the topic with this title: a seat's, an old one, or a new one."""
    for seat in plan.seats:
        if slug(seat.topic_title) == slug(title):
            return seat.topic_id, seat.topic_key, seat.topic_title
    for topic in contents.topics.values():
        if slug(topic.found_title) == slug(title):
            return topic.id, topic.key, topic.found_title
    taken = {one.key for one in contents.topics.values()} | {one.topic_key for one in plan.seats}
    return new_id(), _unused(slug(title), taken), title


def _began_on(page: Page, contents: Contents) -> str | None:
    """The subtopic whose first page this is."""
    for placement in contents.placements:
        if placement.page_id == page.id:
            pages = contents.pages_of(placement.subtopic_id)
            is_first = bool(pages) and pages[0].page_id == page.id
            return placement.subtopic_id if is_first else None
    return None


def _pages_of(entry: OutlineEntry, page_ids: Mapping[int, str]) -> tuple[str, ...]:
    numbers = range(entry.first_page, entry.last_page + 1)
    return tuple(page_ids[number] for number in numbers if number in page_ids)


def _topics(
    outline: Outline, pages: Sequence[tuple[str, ...]], contents: Contents
) -> dict[str, tuple[str, str]]:
    """Identity and key of the topic under each title; one title is one topic."""
    wanted: dict[str, tuple[str, ...]] = {}
    for entry, some in zip(outline.entries, pages, strict=True):
        wanted[entry.topic_title] = wanted.get(entry.topic_title, ()) + some
    matched = match([Part(title, some) for title, some in wanted.items()], _old_topics(contents))
    taken = {one.key for one in contents.topics.values()}
    seated = {}
    for title, old in zip(wanted, matched, strict=True):
        key = _unused(slug(title), taken) if old is None else contents.topics[old].key
        taken.add(key)
        seated[title] = (old or new_id(), key)
    return seated


def _old_topics(contents: Contents) -> dict[str, Part]:
    """Topics as extraction found them, by their ids; merges are left aside."""
    pages: dict[str, list[str]] = {one: [] for one in contents.topics}
    for placement in contents.placements:
        pages[contents.subtopics[placement.subtopic_id].topic_id].append(placement.page_id)
    return {one.id: Part(one.found_title, tuple(pages[one.id])) for one in contents.topics.values()}


def _old_subtopics(contents: Contents) -> dict[str, Part]:
    """Subtopics as extraction found them, by their ids; merges are left aside."""
    pages: dict[str, list[str]] = {one: [] for one in contents.subtopics}
    for placement in contents.placements:
        pages[placement.subtopic_id].append(placement.page_id)
    return {
        one.id: Part((one.topic_id, one.found_title), tuple(pages[one.id]))
        for one in contents.subtopics.values()
    }


def _matched_subtopics(
    outline: Outline,
    pages: Sequence[tuple[str, ...]],
    topics: Mapping[str, tuple[str, str]],
    contents: Contents,
) -> list[str | None]:
    homes = [topics[entry.topic_title][0] for entry in outline.entries]
    wanted = [
        Part((home, entry.subtopic_title), some)
        for home, entry, some in zip(homes, outline.entries, pages, strict=True)
    ]
    existing = _old_subtopics(contents)
    ruled_out: set[tuple[int, str]] = set()
    while True:
        matched = match(wanted, existing, without=ruled_out)
        clashes = _clashes(matched, homes, contents)
        if not clashes:
            return matched
        ruled_out |= clashes


def _clashes(
    matched: Sequence[str | None], homes: Sequence[str], contents: Contents
) -> set[tuple[int, str]]:
    """Entries and old subtopics that cannot move to their topics, because their keys are taken.

    Of two that would move to one topic with the same key the first goes.
    """
    taken = {(one.topic_id, one.key) for one in contents.subtopics.values()}
    clashes = set()
    for index, (old, home) in enumerate(zip(matched, homes, strict=True)):
        if old is None or contents.subtopics[old].topic_id == home:
            continue
        address = home, contents.subtopics[old].key
        if address in taken:
            clashes.add((index, old))
        taken.add(address)
    return clashes


def _unused(key: str, taken: Iterable[str]) -> str:
    known = set(taken)
    unused, suffix = key, 2
    while unused in known:
        unused, suffix = f"{key}-{suffix}", suffix + 1
    return unused
