"""A book's guidelines: read, edited by hand, chosen between, rejected, traced to their pages."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from hornbook.errors import Conflict, Invalid, NotFound, StaleRevision
from hornbook.jobs import ledger
from hornbook.library import books, findings, guidelines, pages, placing, scripts
from hornbook.library.database import Database
from hornbook.library.guidelines import SubtopicRecord
from hornbook.library.scripts import Words
from hornbook.model.clock import Clock
from hornbook.model.contents import (
    PageAssignment,
    PageOutcome,
    PageResult,
    Passage,
    Source,
    SubtopicEntry,
    TopicEntry,
    Wanting,
)
from hornbook.model.guideline import (
    Block,
    BlockKind,
    EditAct,
    PlacedItem,
    Subtopic,
    SubtopicStatus,
)
from hornbook.model.history import Version
from hornbook.stages.merge import by_identity, by_number, edit, passages, render, source
from hornbook.workflows.history import Kept, find, timeline
from hornbook.workflows.outcomes import page_results
from hornbook.workflows.thinking import OFFLINE


class Guidelines:
    """What a book's guidelines say and where it comes from."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def subtopics(self, book_id: str) -> list[Subtopic]:
        """Every subtopic, topic by topic in page order; raises NotFound."""
        with self._reading(book_id) as session:
            return guidelines.subtopics(session, book_id, render)

    def subtopic(self, book_id: str, topic_key: str, subtopic_key: str) -> Subtopic:
        """One subtopic; raises NotFound."""
        with self._reading(book_id) as session:
            return _one(session, book_id, topic_key, subtopic_key)

    def candidate(self, book_id: str, topic_key: str, subtopic_key: str) -> str | None:
        """What the last run would say in place of a human's text, if that differs."""
        with self._reading(book_id) as session:
            found = guidelines.contents(session, book_id).find(topic_key, subtopic_key)
            blocks = scripts.scripts(session, [found.id])[found.id].candidate
            if blocks is None:
                return None
            items = findings.items_of_book(session, book_id)
            return render(blocks, items, pages.places(session, book_id))

    def processed_pages(self, book_id: str) -> list[int]:
        """The pages that were read, used or found without teaching content; raises NotFound."""
        read = {PageOutcome.USED, PageOutcome.NO_CONTENT}
        return [one.page_num for one in self.page_results(book_id) if one.outcome in read]

    def models(self, book_id: str) -> list[str]:
        """The models that read pages of the book; the offline extractor is none."""
        with self._database.read() as session:
            read_by = findings.readers(session, book_id)
        return list(dict.fromkeys(one.split()[0] for one in read_by if one != OFFLINE))

    def topics(self, book_id: str) -> list[TopicEntry]:
        """The index: topics and their subtopics in page order; raises NotFound."""
        topics: dict[str, TopicEntry] = {}
        for one in self.subtopics(book_id):
            empty = TopicEntry(one.topic_key, one.topic_title, one.topic_summary, ())
            topic = topics.get(one.topic_key, empty)
            members = (*topic.subtopics, _entry(one))
            topics[one.topic_key] = TopicEntry(
                topic.topic_key, topic.topic_title, topic.topic_summary, members
            )
        return list(topics.values())

    def number(self, book_id: str) -> int:
        """How many subtopics there are; raises NotFound."""
        with self._reading(book_id) as session:
            return guidelines.number(session, book_id)

    def wanting(self, book_id: str) -> Wanting:
        """Count what models did not give; nothing of a book that is not there."""
        with self._database.read() as session:
            return guidelines.wanting(session, book_id)

    def page_assignments(self, book_id: str) -> list[PageAssignment]:
        """Which subtopic each used page belongs to, in page order; raises NotFound."""
        with self._reading(book_id) as session:
            contents = guidelines.contents(session, book_id)
        assignments = []
        for placement in contents.placements:
            kept = contents.subtopics[contents.kept(placement.subtopic_id)]
            topic = contents.topics[kept.topic_id]
            assignments.append(
                PageAssignment(
                    page_num=placement.page_num,
                    topic_key=topic.key,
                    topic_title=topic.title,
                    subtopic_key=kept.key,
                    subtopic_title=kept.title,
                    confidence=placement.confidence,
                    provisional=placement.provisional,
                )
            )
        return assignments

    def page_results(self, book_id: str) -> list[PageResult]:
        """What came of every page of the book, in page order; raises NotFound."""
        with self._reading(book_id) as session:
            return page_results(session, book_id)

    def sources(self, book_id: str, topic_key: str, subtopic_key: str) -> list[Source]:
        """The statements of a guideline in its order, each with page, words and boxes."""
        with self._reading(book_id) as session:
            found = guidelines.contents(session, book_id).find(topic_key, subtopic_key)
            blocks = scripts.scripts(session, [found.id])[found.id].blocks
            items = findings.items_of_book(session, book_id)
            numbers = pages.places(session, book_id)
        wanted = [one.value for one in blocks if one.kind is BlockKind.ITEM]
        shown = [items[one] for one in wanted if one in items]
        return [source(placed, numbers[placed.page_id]) for placed in shown]

    def passages(self, book_id: str) -> dict[str, tuple[Passage, ...]]:
        """Every guideline piece by piece, by the subtopic's identity; raises NotFound."""
        with self._reading(book_id) as session:
            seen = [one.id for one in guidelines.contents(session, book_id).survivors()]
            found = scripts.scripts(session, seen)
            look = _Look.at(session, book_id)
        return {one: passages(found[one].blocks, look.items, look.numbers) for one in seen}

    def edit(
        self,
        book_id: str,
        topic_key: str,
        subtopic_key: str,
        text: str,
        version: int | None = None,
        *,
        by: str,
    ) -> Subtopic:
        """Replace the text by a human's; lines left alone keep their sources.

        Raises NotFound, StaleRevision when `version` is not the present one, JobAlreadyActive,
        Invalid when nothing is left.
        """
        if not text.strip():
            raise Invalid("A guideline cannot be empty: delete its published row instead.")
        with self._changing(book_id, topic_key, subtopic_key) as (session, found, rev):
            if version is not None and version != found.version:
                raise StaleRevision
            old = scripts.scripts(session, [found.id])[found.id].blocks
            look = _Look.at(session, book_id)
            new = edit(old, look.items, look.numbers, text)
            if new != old:
                words = look.words(EditAct.EDITED, old, new)
                now = self._clock()
                scripts.write_edit(session, found.id, new, by=by, rev=rev, now=now, words=words)
            return _one(session, book_id, topic_key, subtopic_key)

    def history(self, book_id: str, topic_key: str, subtopic_key: str) -> list[Version]:
        """Every version of a guideline's text since a human first changed it, newest first."""
        with self._reading(book_id) as session:
            found = guidelines.contents(session, book_id).find(topic_key, subtopic_key)
            look = _Look.at(session, book_id)
            kept = _timeline(session, found.id, look)
        return [look.numbered(one.version) for one in reversed(kept)]

    def edit_counts(self, book_id: str) -> dict[str, int]:
        """How often humans acted on each text, by the subtopic's identity; raises NotFound."""
        with self._reading(book_id) as session:
            return scripts.edit_counts(session, book_id)

    def restore(
        self,
        book_id: str,
        topic_key: str,
        subtopic_key: str,
        number: int,
        version: int | None = None,
        *,
        by: str,
    ) -> Subtopic:
        """Put an older version in place of the present text, as a new one; a human's from now on.

        It reads as it did then: words whose source is gone are kept as the human's. Raises
        NotFound, StaleRevision when `version` is not the present one, Conflict, JobAlreadyActive.
        """
        with self._changing(book_id, topic_key, subtopic_key) as (session, found, rev):
            if version is not None and version != found.version:
                raise StaleRevision
            look = _Look.at(session, book_id)
            old = scripts.scripts(session, [found.id])[found.id].blocks
            wanted = find(_timeline(session, found.id, look), number)
            text = by_number(wanted.version.text, look.numbers)
            new = edit(wanted.blocks, look.items, look.numbers, text)
            if look.told(new) == look.told(old):
                raise Conflict("This version is the present text: there is nothing to restore.")
            words = look.words(EditAct.RESTORED, old, new)
            now = self._clock()
            scripts.write_edit(session, found.id, new, by=by, rev=rev, now=now, words=words)
            return _one(session, book_id, topic_key, subtopic_key)

    def choose(
        self, book_id: str, topic_key: str, subtopic_key: str, *, take_candidate: bool, by: str
    ) -> Subtopic:
        """Take the candidate, or keep the human's text; raises NotFound, Conflict."""
        with self._changing(book_id, topic_key, subtopic_key) as (session, found, rev):
            script = scripts.scripts(session, [found.id])[found.id]
            if script.candidate is None:
                raise Conflict("There is nothing to choose between: no run wrote another text.")
            look = _Look.at(session, book_id)
            if take_candidate:
                words = look.words(EditAct.TAKEN, script.blocks, script.candidate)
                decide = scripts.take_candidate
            else:
                words = look.words(EditAct.KEPT, script.candidate, script.blocks)
                decide = scripts.set_candidate_aside
            decide(session, found.id, by=by, rev=rev, now=self._clock(), words=words)
            scripts.set_status(session, [found.id], SubtopicStatus.STABLE, rev=rev)
            return _one(session, book_id, topic_key, subtopic_key)

    def reject(self, book_id: str) -> None:
        """Delete everything generated, published rows too; raises NotFound, JobAlreadyActive."""
        with self._database.begin() as session:
            rev = books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            placing.remove_all(session, book_id)
            placing.stamp_pages(session, book_id, rev)

    @contextmanager
    def _reading(self, book_id: str) -> Iterator[Session]:
        with self._database.read() as session:
            books.require(session, book_id)
            yield session

    @contextmanager
    def _changing(
        self, book_id: str, topic_key: str, subtopic_key: str
    ) -> Iterator[tuple[Session, SubtopicRecord, int]]:
        """A transaction on one subtopic of a book without an active job."""
        with self._database.begin() as session:
            rev = books.touch(session, book_id)
            found = guidelines.contents(session, book_id).find(topic_key, subtopic_key)
            ledger.require_idle(session, book_id)
            yield session, found, rev


@dataclass(frozen=True, slots=True)
class _Look:
    """What the blocks of a book read as at one instant."""

    items: Mapping[str, PlacedItem]
    numbers: Mapping[str, int]

    @staticmethod
    def at(session: Session, book_id: str) -> "_Look":
        return _Look(findings.items_of_book(session, book_id), pages.places(session, book_id))

    def told(self, blocks: Sequence[Block]) -> str:
        """What blocks read as, pages by identity."""
        return by_identity(render(blocks, self.items, self.numbers), self.numbers)

    def words(self, act: EditAct, before: Sequence[Block], after: Sequence[Block]) -> Words:
        return Words(act, self.told(before), self.told(after))

    def numbered(self, version: Version) -> Version:
        before = None if version.before is None else by_number(version.before, self.numbers)
        return replace(version, text=by_number(version.text, self.numbers), before=before)


def _timeline(session: Session, subtopic_id: str, look: _Look) -> list[Kept]:
    present = scripts.scripts(session, [subtopic_id])[subtopic_id].blocks
    return timeline(scripts.edits(session, subtopic_id), present, look.told)


def _one(session: Session, book_id: str, topic_key: str, subtopic_key: str) -> Subtopic:
    for one in guidelines.subtopics(session, book_id, render):
        if (one.topic_key, one.subtopic_key) == (topic_key, subtopic_key):
            return one
    raise NotFound(f"There is no guideline {topic_key}/{subtopic_key} in this book.")


def _entry(subtopic: Subtopic) -> SubtopicEntry:
    return SubtopicEntry(
        subtopic_key=subtopic.subtopic_key,
        subtopic_title=subtopic.subtopic_title,
        subtopic_summary=subtopic.subtopic_summary,
        status=subtopic.status,
        page_range=subtopic.page_range,
    )
