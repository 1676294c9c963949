"""Guidelines go out to the tutor, and come back to be reviewed when they change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hornbook.errors import Conflict, NotFound
from hornbook.jobs import ledger
from hornbook.library import books, guidelines, placing, published, scripts, study_plans
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.guideline import Block, PlacedItem, PublishedReview, Subtopic
from hornbook.model.published import (
    BookApproval,
    Facets,
    PublishedChange,
    PublishedFilter,
    PublishedFilters,
    PublishedGuideline,
    SyncChanges,
    SyncPreview,
    SyncStats,
    TaughtText,
)
from hornbook.stages.merge import render
from hornbook.stages.publish import SyncPlan, content_hash, plan_sync


class Publish:
    """Syncs a book's guidelines with the published rows, and reviews those."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def sync(self, book_id: str) -> SyncStats:
        """Bring the published rows up to date; raises NotFound, JobAlreadyActive."""
        with self._database.begin() as session:
            books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            return sync_now(session, book_id, self._clock())

    def preview(self, book_id: str) -> SyncPreview:
        """What `sync` would do now; raises NotFound."""
        with self._database.read() as session:
            books.require(session, book_id)
            due = _due(session, book_id)
            titles = published.titles(session, book_id) | {
                one.id: f"{one.topic_title}: {one.subtopic_title}" for one in due.wanted.values()
            }
        return SyncPreview(
            new=tuple(titles[one] for one in due.plan.created),
            changed=tuple(titles[one] for one in due.plan.updated),
            gone=tuple(titles[one] for one in due.plan.gone),
            unchanged_count=len(due.plan.unchanged),
            withheld_count=due.withheld_count,
        )

    def changes(self, book_id: str) -> SyncChanges:
        """What `sync` would do now, with every text before and after; raises NotFound."""
        with self._database.read() as session:
            books.require(session, book_id)
            due = _due(session, book_id)
            there = published.of_subtopics(session, book_id)
            withheld = _withheld(session, book_id)
            left_out = [one for one in _shown(session, book_id) if one.id in withheld]
            changed = [there[one].id for one in due.plan.updated]
            plans_lost = len(study_plans.planned(session, changed))

        def of(subtopic_ids: Sequence[str]) -> tuple[PublishedChange, ...]:
            return tuple(_change(due.wanted.get(one), there.get(one)) for one in subtopic_ids)

        return SyncChanges(
            new=of(due.plan.created),
            changed=of(due.plan.updated),
            gone=of(due.plan.gone),
            unchanged_count=len(due.plan.unchanged),
            withheld=tuple(left_out),
            plans_lost=plans_lost,
        )

    def approve_all(self, book_id: str, by: str) -> BookApproval:
        """All guidelines final, published and approved; raises NotFound, Conflict.

        Of two texts between which a human has yet to choose, neither is approved.
        """
        now = self._clock()
        with self._database.begin() as session:
            rev = books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            everything = [one.id for one in guidelines.contents(session, book_id).survivors()]
            if not everything:
                raise Conflict("There are no guidelines to approve: generate them first.")
            waiting = scripts.settle(session, everything, rev=rev)
            stats = sync_now(session, book_id, now)
            approved, left = published.approve_book(session, book_id, by, now, but=waiting)
            if not left:
                placing.note_reviewed(session, book_id, by, now)
        return BookApproval(approved, stats.synced_count, left)

    def rows(self, wanted: PublishedFilter) -> list[PublishedGuideline]:
        """The published rows, in book and page order; raises NotFound for an unknown book."""
        with self._database.read() as session:
            if wanted.book_id is not None:
                books.require(session, wanted.book_id)
            return published.rows(session, wanted)

    def listed(
        self, wanted: PublishedFilter, *, limit: int, offset: int
    ) -> tuple[list[PublishedGuideline], Facets]:
        """One screen of the rows that fit, and what else could be chosen."""
        with self._database.read() as session:
            rows = published.rows(session, wanted, limit=limit, offset=offset)
            return rows, published.facets(session, wanted)

    def row_filters(self) -> PublishedFilters:
        """What the published rows can be filtered by, with counts."""
        with self._database.read() as session:
            return published.filters(session)

    def row(self, guideline_id: str) -> PublishedGuideline:
        """One published row; raises NotFound."""
        with self._database.read() as session:
            return published.get(session, guideline_id)

    def approve_row(self, guideline_id: str, *, approved: bool, by: str) -> PublishedGuideline:
        """Record a human's verdict on a row; raises NotFound."""
        with self._database.begin() as session:
            _touch_book_of(session, guideline_id)
            return published.review(
                session, guideline_id, approved=approved, by=by, now=self._clock()
            )

    def approve_rows(self, guideline_ids: Collection[str], *, approved: bool, by: str) -> list[str]:
        """Record a human's verdict on several rows at once; gives those it was news for."""
        with self._database.begin() as session:
            return self._review_all(session, guideline_ids, approved=approved, by=by)

    def approve_matching(self, wanted: PublishedFilter, *, by: str) -> list[str]:
        """Approve every row that fits; gives those it was news for."""
        with self._database.begin() as session:
            found = published.ids(session, wanted)
            return self._review_all(session, found, approved=True, by=by)

    def undo_approval(self, *, at: datetime, by: str) -> list[str]:
        """Take back what this human approved at one instant; gives the rows that wait again.

        What somebody decided about since, and what was published anew, stays as it is.
        """
        with self._database.begin() as session:
            found = published.approved_at(session, at, by)
            return self._review_all(session, found, approved=False, by=by)

    def _review_all(
        self, session: Session, guideline_ids: Collection[str], *, approved: bool, by: str
    ) -> list[str]:
        now = self._clock()
        changed, of_books = published.review_all(
            session, guideline_ids, approved=approved, by=by, now=now
        )
        for book_id in sorted(of_books):
            books.touch(session, book_id)
        return changed

    def delete_row(self, guideline_id: str) -> None:
        """Take a row out; later syncs leave it out too, until `offer_again`. Raises NotFound."""
        with self._database.begin() as session:
            _touch_book_of(session, guideline_id)
            _book_id, subtopic_id = published.take(session, guideline_id)
            if subtopic_id is not None:
                scripts.withhold(session, subtopic_id, is_withheld=True)

    def withheld(self, book_id: str) -> list[Subtopic]:
        """The subtopics that syncs leave out because a human deleted their rows."""
        with self._database.read() as session:
            books.require(session, book_id)
            withheld = _withheld(session, book_id)
            return [one for one in _shown(session, book_id) if one.id in withheld]

    def offer_again(self, book_id: str, subtopic_id: str) -> None:
        """Let the next sync publish a subtopic again; raises NotFound."""
        with self._database.begin() as session:
            books.touch(session, book_id)
            if scripts.withhold(session, subtopic_id, is_withheld=False) != book_id:
                raise NotFound(f"There is no guideline {subtopic_id!r} in this book.")


def _change(after: Subtopic | None, before: PublishedGuideline | None) -> PublishedChange:
    known = after or before
    return PublishedChange(
        topic_key=(known.topic_key if known else None) or "",
        subtopic_key=(known.subtopic_key if known else None) or "",
        before=None if before is None else _was_taught(before),
        after=None if after is None else _taught(after),
        was_approved=before is not None and before.review_status is PublishedReview.APPROVED,
    )


def _taught(one: Subtopic) -> TaughtText:
    return TaughtText(
        one.topic_title,
        one.topic_summary,
        one.subtopic_title,
        one.subtopic_summary,
        one.guidelines,
    )


def _was_taught(row: PublishedGuideline) -> TaughtText:
    return TaughtText(
        row.topic, row.topic_summary or "", row.subtopic, row.subtopic_summary or "", row.guideline
    )


def _touch_book_of(session: Session, guideline_id: str) -> None:
    book_id = published.get(session, guideline_id).book_id
    if book_id is not None:
        books.touch(session, book_id)


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be published, and what that means for the rows there are."""

    wanted: Mapping[str, Subtopic]
    digests: Mapping[str, str]
    plan: SyncPlan
    withheld_count: int


def sync_now(session: Session, book_id: str, now: datetime) -> SyncStats:
    """Bring the published rows up to date, in the caller's transaction; raises NotFound.

    Unchanged rows keep review and study plan, changed ones lose both, vanished ones go.
    """
    books.touch(session, book_id)
    due = _due(session, book_id)
    published.create(session, book_id, [due.wanted[one] for one in due.plan.created], now)
    published.refresh(session, book_id, due.wanted, due.digests, due.plan.updated, now)
    study_plans.forget(session, book_id, due.plan.updated)
    published.remove(session, book_id, due.plan.gone)
    return SyncStats(
        synced_count=len(due.wanted),
        created_count=len(due.plan.created),
        updated_count=len(due.plan.updated),
        removed_count=len(due.plan.gone),
    )


def _due(session: Session, book_id: str) -> _Due:
    withheld = _withheld(session, book_id)
    wanted = {one.id: one for one in _shown(session, book_id) if one.id not in withheld}
    plain = {one.id: one.guidelines for one in guidelines.subtopics(session, book_id, _plain)}
    digests = {
        one.id: content_hash(
            topic_title=one.topic_title,
            subtopic_title=one.subtopic_title,
            topic_summary=one.topic_summary,
            subtopic_summary=one.subtopic_summary,
            guideline=plain[one.id],
        )
        for one in wanted.values()
    }
    plan = plan_sync(digests, published.hashes(session, book_id))
    return _Due(wanted, digests, plan, len(withheld))


def _withheld(session: Session, book_id: str) -> set[str]:
    survivors = guidelines.contents(session, book_id).survivors()
    return {one.id for one in survivors if one.is_withheld}


def _shown(session: Session, book_id: str) -> list[Subtopic]:
    return guidelines.subtopics(session, book_id, render)


def _plain(
    blocks: Sequence[Block],
    items: Mapping[str, PlacedItem],
    _page_nums: Mapping[str, int] | None,
) -> str:
    """The text without page numbers: a move of pages is no change."""
    return render(blocks, items, None)
