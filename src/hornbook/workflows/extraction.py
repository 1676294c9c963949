"""The work of an extraction: plan once, read each page, place it, and close what was written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hornbook.errors import NoAnswer, Terminal
from hornbook.jobs import ledger
from hornbook.jobs.leg import Errand, Fenced
from hornbook.library import books, findings, guidelines, pages, placing, readings, scripts
from hornbook.library.database import Database
from hornbook.library.guidelines import Contents
from hornbook.model.clock import Clock
from hornbook.model.finding import Finding
from hornbook.model.guideline import Outline
from hornbook.model.job import Failure, ItemState, Job, JobItem, PlannedItem
from hornbook.model.page import ReviewStatus
from hornbook.stages.place import (
    Decision,
    hangs_on_others,
    is_open,
    place,
    resolve,
    settled,
    undecided,
)
from hornbook.stages.read import read_page
from hornbook.workflows import summaries, tidy
from hornbook.workflows.ahead import Ahead
from hornbook.workflows.plan import Plan, draw, revision_in, seat_of_new, survey
from hornbook.workflows.publish import sync_now
from hornbook.workflows.reapply import reapply
from hornbook.workflows.thinking import OFFLINE, Occasion, Thinker, Thinkers, occasion
from hornbook.workflows.whereabouts import last_place, whereabouts

OFFLINE_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class PageReading:
    """What preparing a page gives; `is_new` when the reader was asked."""

    finding: Finding
    started_at: datetime
    is_new: bool
    engine: str
    decision: Decision | None = None
    """Where the page belongs, once its turn has come."""


@dataclass(slots=True)
class _Frame:
    """What does not change while a job runs, read once; and what was asked beside its pages."""

    asked: Occasion
    desk: summaries.Desk
    plan: Plan | None = None
    """None until it was drawn."""
    ahead: Ahead | None = None


class ExtractionLeg:
    """Reads the pages of a job and places them in page order; readings run ahead."""

    is_ordered = True
    is_chained = True
    deadline = 300.0
    """A call has a deadline of its own; this one bears waiting for a free place, and asking again
    for what did not fit its form."""

    def __init__(
        self, database: Database, clock: Clock, thinkers: Thinkers, *, concurrency: int = 8
    ) -> None:
        self._database = database
        self._clock = clock
        self._thinkers = thinkers
        self._concurrency = concurrency
        self._frames: dict[str, _Frame] = {}
        """By job; those of jobs that failed stay until their book has another one."""

    def at_once(self, job: Job) -> int:
        """As many calls as a model bears; the offline extractor has but these cores."""
        return OFFLINE_AT_ONCE if _model(job) == OFFLINE else self._concurrency

    def begin(self, job: Job, fenced: Fenced) -> None:
        """Freeze the plan, unless an earlier run of this job did or it was inherited."""
        self._forget_book(job.book_id)
        plan = self._plan(job) if job.plan is None else self._drawn(job)
        with fenced() as session:
            self._owe_behind(session, job, plan.outline)
            if job.plan is None:
                ledger.freeze_plan(session, job.id, plan.to_json())
                self._place_again(session, job, plan)

    def _owe_behind(self, session: Session, job: Job, outline: Outline) -> None:
        """Owe again what hangs on the first page owed, so that it is placed as in a straight run.

        It is not read again, and what was answered about it counts as long as the question is the
        same. Asking for this twice changes nothing: pages are done in their order.
        """
        first = ledger.next_owed(session, job.id)
        if first is None:
            return
        again = [
            PlannedItem(item.subject_id, item.position, item.input)
            for item in ledger.items_in(session, job.id, ItemState.DONE)
            if item.position > first and self._hangs_on_others(session, job, item, outline)
        ]
        if again:
            ledger.add_items(session, job.id, again)

    def _hangs_on_others(self, session: Session, job: Job, item: JobItem, outline: Outline) -> bool:
        """Whether somebody decides about the page by those before it, and has read it as it is."""
        thinker = self._thinker(job, item)
        if not thinker.decides:
            return False
        known = findings.get(session, item.subject_id)
        return (
            known is not None
            and known.text_revision == revision_in(item.input)
            and known.finding.engine == thinker.name
            and hangs_on_others(outline, item.position, known.finding)
        )

    def _plan(self, job: Job) -> Plan:
        with self._database.read() as session:
            asked = {item.subject_id: item.input for item in ledger.items_of(session, job.id)}
            seen = survey(session, job.book_id, asked)
        return draw(seen)

    def _place_again(self, session: Session, job: Job, plan: Plan) -> None:
        """Place by a new plan what earlier jobs read and this one takes over as done."""
        for item in ledger.items_in(session, job.id, ItemState.DONE):
            known = findings.get(session, item.subject_id)
            if known and revision_in(item.input):
                rev = books.touch(session, job.book_id)
                decision = self._again(session, job, item, plan.outline, known.finding)
                self._place(session, job, item, plan, decision, rev=rev)

    def _again(
        self, session: Session, job: Job, item: JobItem, outline: Outline, finding: Finding
    ) -> Decision:
        """Where a new outline has the page; what a model was asked about stays where it is."""
        decision = place(outline, item.position, finding)
        if not self._thinker(job, item).decides:
            return decision
        if not is_open(outline, item.position, finding):
            return _followed(session, job, item, outline, decision)
        before = placing.place_of(session, item.subject_id)
        return replace(decision, entry=None, continues=before) if before else decision

    def start(self, session: Session, job: Job, item: JobItem) -> None:
        """Nothing: a page does not look different while it is read for guidelines."""

    def prepare(self, job: Job, item: JobItem) -> PageReading:
        """What the page gives, from the reader or as it answered before."""
        started_at = self._clock()
        revision = revision_in(item.input)
        if revision == 0:
            message = "has no text: read it again, type its text, or skip it."
            raise Terminal(f"Page {item.position} {message}")
        with self._database.read() as session:
            page = findings.page_to_read(session, item.subject_id, revision)
            known = findings.get(session, item.subject_id)
        reader = self._thinker(job, item)
        if known and not job.options.get("ask_again"):
            is_for_this_text = known.text_revision == revision
            if is_for_this_text and known.finding.engine == reader.name:
                return PageReading(known.finding, started_at, is_new=False, engine=reader.name)
        finding = read_page(reader, page)
        return PageReading(finding, started_at, is_new=True, engine=reader.name)

    def decide(self, job: Job, item: JobItem, prepared: PageReading) -> PageReading:
        """Where the page belongs: as the outline has it, or as somebody says who is asked."""
        outline, finding = self._drawn(job).outline, prepared.finding
        otherwise = place(outline, item.position, finding)
        placer = self._thinker(job, item)
        if not placer.decides:
            return replace(prepared, decision=otherwise)
        with self._database.read() as session:
            if not is_open(outline, item.position, finding):
                followed = _followed(session, job, item, outline, otherwise)
                return replace(prepared, decision=followed)
            where = whereabouts(session, job.book_id, outline, item.position, finding)
        try:
            decision = resolve(placer.place(where), where, otherwise)
        except NoAnswer as error:
            decision = undecided(otherwise, str(error))
        return replace(prepared, decision=decision)

    def save(
        self, session: Session, job: Job, item: JobItem, prepared: PageReading
    ) -> dict[str, Any] | None:
        """Keep what the page gave under its page, and rewrite the subtopics that it touches."""
        rev = books.touch(session, job.book_id)
        self._note(session, job, item, prepared.started_at, prepared.engine)
        if prepared.is_new:
            shown = scripts.shown_in_edits(session, job.book_id)
            revision = revision_in(item.input)
            findings.save(session, item.subject_id, revision, prepared.finding, keep=shown)
        placing.stamp_page(session, item.subject_id, rev)
        before = placing.place_of(session, item.subject_id)
        plan = self._drawn(job)
        decision = prepared.decision
        if decision is None or not _is_there(session, decision):
            decision = place(plan.outline, item.position, prepared.finding)
        after = self._place(session, job, item, plan, decision, rev=rev)
        contents = tidy.rearrange(
            session,
            job.book_id,
            [one for one in (before, after) if one is not None],
            rev=rev,
            now=self._clock(),
            reopens=True,
        )
        tidy.mark_stable(session, job.book_id, item.position, rev=rev)
        return _result(contents, after)

    def _place(
        self,
        session: Session,
        job: Job,
        item: JobItem,
        plan: Plan,
        decision: Decision,
        *,
        rev: int,
    ) -> str | None:
        """Put the page in the subtopic that is decided for it; gives it, None for none."""
        page = pages.by_id(session, item.subject_id)
        subtopic_id, seat = decision.continues, None
        if decision.entry is not None:
            seat = plan.seats[decision.entry]
        elif decision.begins is not None:
            contents = guidelines.contents(session, job.book_id)
            seat = seat_of_new(decision.begins, plan, contents, page)
        if seat is not None:
            subtopic_id = seat.subtopic_id
            placing.ensure(session, job.book_id, seat, now=self._clock(), rev=rev)
        if subtopic_id is None or page.review is ReviewStatus.REJECTED:
            placing.take_out(session, [item.subject_id])
            return None
        _put(session, item.subject_id, subtopic_id, decision)
        return subtopic_id

    def beside(self, job: Job, item: JobItem) -> Sequence[Errand]:
        """Have a model close what the pages have left behind, while it is shown later ones.

        The offline extractor would only take the cores from the pages.
        """
        if _model(job) == OFFLINE:
            return ()
        frame = self._frame(job)
        if frame.ahead is None:
            plan = self._drawn(job)
            frame.ahead = Ahead(self._database, job.book_id, plan, frame.desk)
        return frame.ahead.errands(item.position)

    def fail(self, session: Session, job: Job, item: JobItem, failure: Failure) -> None:
        """Add the failure to the page's history; what it gave before stays."""
        engine = self._thinker(job, item).name
        self._note(session, job, item, self._clock(), engine, failure)
        placing.stamp_page(session, item.subject_id, books.touch(session, job.book_id))

    def _note(
        self,
        session: Session,
        job: Job,
        item: JobItem,
        started_at: datetime,
        engine: str,
        failure: Failure | None = None,
    ) -> None:
        readings.add_attempt(
            session,
            item.subject_id,
            job.id,
            job.type,
            started_at,
            self._clock(),
            engine,
            failure,
        )

    def release(self, session: Session, job: Job, item: JobItem) -> None:
        """Nothing: `start` did nothing."""

    def expects_more(self, job: Job) -> bool:  # noqa: ARG002 - the runner's signature
        """Never: the range was fixed when the job was opened."""
        return False

    def finish(self, job: Job, fenced: Fenced) -> None:
        """Close what was written: decisions applied again, statuses, summaries, sync when asked."""
        with fenced() as session:
            self._close(session, job)
        summaries.write_due(self._database, fenced, self._frame(job).desk, job.book_id)
        with fenced() as session:
            placing.note_generated(session, job.book_id, "generated", self._clock())
            if job.options.get("auto_sync_to_db"):
                sync_now(session, job.book_id, self._clock())
        self._frames.pop(job.id, None)

    def _close(self, session: Session, job: Job) -> None:
        rev = books.touch(session, job.book_id)
        ledger.set_note(session, job.id, "writing summaries")
        placing.take_out(session, placing.unusable_placed(session, job.book_id))
        everything = guidelines.contents(session, job.book_id).subtopics
        tidy.rearrange(session, job.book_id, everything, rev=rev, now=self._clock(), reopens=True)
        tidy.remove_empty(session, job.book_id, rev=rev)
        reapply(session, job.book_id, rev=rev, now=self._clock())
        last = max(item.position for item in ledger.items_of(session, job.id))
        tidy.mark_stable(session, job.book_id, last, rev=rev)

    def _thinker(self, job: Job, item: JobItem) -> Thinker:
        return self._thinkers(self._frame(job).asked.about(page_num=item.position))

    def _forget_book(self, book_id: str) -> None:
        for job_id, frame in tuple(self._frames.items()):
            if frame.asked.book is not None and frame.asked.book.id == book_id:
                self._frames.pop(job_id, None)

    def _drawn(self, job: Job) -> Plan:
        frame = self._frame(job)
        if frame.plan is None:
            frame.plan = Plan.from_json(job.plan or {})
        return frame.plan

    def _frame(self, job: Job) -> _Frame:
        known = self._frames.get(job.id)
        if known is None:
            with self._database.read() as session:
                asked = occasion(session, job)
            known = self._frames.setdefault(job.id, _Frame(asked, self._desk(job, asked)))
        return known

    def _desk(self, job: Job, asked: Occasion) -> summaries.Desk:
        return summaries.Desk(
            writers=lambda key: self._thinkers(asked.about(subtopic=key)),
            otherwise=self._thinkers(Occasion(model=OFFLINE)),
            at_once=self.at_once(job),
        )


def _followed(
    session: Session, job: Job, item: JobItem, outline: Outline, decision: Decision
) -> Decision:
    """The outline's decision, or that about the pages before this one in a weak entry."""
    before = last_place(session, job.book_id, outline, item.position)
    return settled(outline, decision, before)


def _is_there(session: Session, decision: Decision) -> bool:
    """Whether the subtopic still exists: a human may have skipped its pages meanwhile."""
    return decision.continues is None or placing.exists(session, decision.continues)


def _model(job: Job) -> str:
    return str(job.options.get("model", OFFLINE))


def _put(session: Session, page_id: str, subtopic_id: str, decision: Decision) -> None:
    placing.put(
        session,
        page_id,
        subtopic_id,
        confidence=decision.confidence,
        provisional=decision.provisional,
        evidence=decision.evidence,
    )


def _result(contents: Contents, subtopic_id: str | None) -> dict[str, Any]:
    """The keys of the subtopic as the page's row shows them; nothing without teaching content."""
    if subtopic_id is None:
        return {}
    kept = contents.subtopics[contents.kept(subtopic_id)]
    return {"topic": contents.topics[kept.topic_id].key, "subtopic": kept.key}
