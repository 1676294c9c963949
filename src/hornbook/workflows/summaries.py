"""Closes what was written: the summaries that are due, and the order in which items are taught."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from hornbook.errors import NoAnswer
from hornbook.jobs.leg import Fenced, look
from hornbook.library import books, findings, guidelines, placing, scripts
from hornbook.library.database import Database
from hornbook.library.guidelines import Contents, SubtopicRecord
from hornbook.library.objects import at_once
from hornbook.model.guideline import PlacedItem
from hornbook.stages.close import Closed, Writer, close
from hornbook.workflows import tidy

Writers = Callable[[str | None], Writer]
"""Who writes, given the key of the subtopic or topic that it is about."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A subtopic whose summary is due."""

    id: str
    key: str
    title: str
    items: tuple[PlacedItem, ...]
    needs_only_summary: bool
    """There is no order to be found: it is a human's, or was made of just these items, or there
    are none."""


@dataclass(frozen=True, slots=True)
class _DueTopic:
    """A topic whose summary is due; `only` is the summary of its subtopic, if it has but one."""

    id: str
    key: str
    title: str
    subtopic_titles: tuple[str, ...]
    only: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of a subtopic, not yet kept; `shortfall` says what is wanting, if it is."""

    subtopic_id: str
    closed: Closed
    shortfall: str | None


@dataclass(frozen=True, slots=True)
class WrittenTopic:
    """What was written of a topic, not yet kept; `shortfall` as of a subtopic."""

    summary: str
    shortfall: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes, and how many things at once; `otherwise` writes where a model gives nothing."""

    writers: Writers
    otherwise: Writer
    at_once: int = 1
    drafts: dict[_Due, Written] = field(default_factory=dict)
    """What was written before it was to be kept, by all that it depends on."""
    topic_drafts: dict[_DueTopic, WrittenTopic] = field(default_factory=dict)


def write_due(database: Database, fenced: Fenced, desk: Desk, book_id: str) -> None:
    """Write what is due, each in a transaction of its own; raises the writer's errors.

    Where the writer has no answer the other one's stands in, and the subtopic or topic says so. A
    job that is to end ends before the next question.
    """
    with database.read() as session:
        due = _subtopics_due(session, book_id)

    def write(one: _Due) -> None:
        look(fenced)
        written = _written(one, desk)
        with fenced() as session:
            keep(session, book_id, written)

    at_once(write, due, desk.at_once)
    with database.read() as session:
        topics = _topics_due(session, book_id)

    def write_topic(one: _DueTopic) -> None:
        look(fenced)
        written = WrittenTopic(one.only) if one.only else _written_topic(one, desk)
        with fenced() as session:
            placing.set_topic_summary(session, one.id, written.summary, written.shortfall)

    at_once(write_topic, topics, desk.at_once)


def write_one(database: Database, desk: Desk, book_id: str, subtopic_id: str) -> Written | None:
    """What is to be kept of one subtopic, if it is due; raises the writer's errors."""
    due = _one_due(database, book_id, subtopic_id)
    return None if due is None else _written(due, desk)


def draft(database: Database, desk: Desk, book_id: str, subtopic_id: str) -> None:
    """Write of a subtopic what `write_due` keeps, if nothing changes until then; raises as it."""
    due = _one_due(database, book_id, subtopic_id)
    if due is not None:
        desk.drafts[due] = _written(due, desk)


def draft_topic(database: Database, desk: Desk, book_id: str, topic_id: str) -> None:
    """The same of a topic; one whose only subtopic speaks for it needs no words of its own."""
    with database.read() as session:
        due = [one for one in _topics_due(session, book_id) if one.id == topic_id]
    for one in due:
        if len(one.subtopic_titles) > 1:
            desk.topic_drafts[one] = _written_topic(one, desk)


def keep(session: Session, book_id: str, written: Written) -> None:
    """Keep it, and have the items follow their order."""
    rev, arrangement = books.touch(session, book_id), written.closed.arrangement
    scripts.close(
        session,
        written.subtopic_id,
        written.closed.summary,
        arrangement,
        written.shortfall,
        rev=rev,
    )
    if arrangement is not None:
        tidy.rearrange(session, book_id, [written.subtopic_id], rev=rev)


def _written(one: _Due, desk: Desk) -> Written:
    if one in desk.drafts:
        return desk.drafts[one]
    try:
        return Written(one.id, _close(desk.writers(one.key), one), None)
    except NoAnswer as error:
        return Written(one.id, _close(desk.otherwise, one), str(error))


def _close(writer: Writer, one: _Due) -> Closed:
    if not one.needs_only_summary:
        return close(writer, one.title, one.items)
    summary = writer.subtopic_summary(one.title, [placed.item for placed in one.items])
    return Closed(summary, None, 0)


def _written_topic(one: _DueTopic, desk: Desk) -> WrittenTopic:
    if one in desk.topic_drafts:
        return desk.topic_drafts[one]
    about = one.title, one.subtopic_titles
    try:
        return WrittenTopic(desk.writers(one.key).topic_summary(*about))
    except NoAnswer as error:
        return WrittenTopic(desk.otherwise.topic_summary(*about), str(error))


def _subtopics_due(session: Session, book_id: str) -> list[_Due]:
    contents = guidelines.contents(session, book_id)
    return [_due(session, contents, one) for one in contents.survivors() if _is_due(one)]


def _one_due(database: Database, book_id: str, subtopic_id: str) -> _Due | None:
    with database.read() as session:
        contents = guidelines.contents(session, book_id, [subtopic_id])
        due = [one for one in contents.survivors() if one.id == subtopic_id and _is_due(one)]
        return _due(session, contents, due[0]) if due else None


def _is_due(one: SubtopicRecord) -> bool:
    return not one.summary or one.shortfall is not None or one.is_outdated


def _due(session: Session, contents: Contents, one: SubtopicRecord) -> _Due:
    pages = [page.page_id for page in contents.pages_of(one.id)]
    found = findings.items_of_pages(session, pages)
    items = tuple(item for page in pages for item in found.get(page, ()))
    arrangement = scripts.scripts(session, [one.id])[one.id].arrangement
    is_known = arrangement is not None and set(arrangement.order) == {item.id for item in items}
    return _Due(one.id, one.key, one.title, items, one.is_edited or is_known or not items)


def _topics_due(session: Session, book_id: str) -> list[_DueTopic]:
    contents = guidelines.contents(session, book_id)
    members: dict[str, list[SubtopicRecord]] = {}
    for one in contents.survivors():
        members.setdefault(one.topic_id, []).append(one)
    due = []
    for topic_id, subtopics in members.items():
        topic = contents.topics[topic_id]
        only = subtopics[0].summary if len(subtopics) == 1 else ""
        if not topic.summary or topic.shortfall is not None or (only and topic.summary != only):
            titles = tuple(one.title for one in subtopics)
            due.append(_DueTopic(topic_id, topic.key, topic.title, titles, only))
    return due
