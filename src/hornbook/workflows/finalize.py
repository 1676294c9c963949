"""Refine & Consolidate: better titles, duplicates merged, every subtopic final; all undoable."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from hornbook.errors import Invalid
from hornbook.jobs import ledger
from hornbook.jobs.leg import Errand, Fenced
from hornbook.library import books, decisions, guidelines, pages, placing, scripts
from hornbook.library.database import Database
from hornbook.library.decisions import Decision
from hornbook.library.guidelines import Contents
from hornbook.library.objects import at_once
from hornbook.model.clock import Clock
from hornbook.model.contents import DecisionView, Duplicate
from hornbook.model.guideline import PlacedItem
from hornbook.model.job import (
    Failure,
    ItemState,
    Job,
    JobItem,
    JobStatus,
    JobType,
    OnError,
    PlannedItem,
)
from hornbook.stages.close import Writer
from hornbook.stages.finalize import Proposal, ProposalKind, Verdict, propose, validate
from hornbook.stages.merge import arrange, render
from hornbook.workflows import summaries
from hornbook.workflows.publish import sync_now
from hornbook.workflows.reapply import (
    as_proposal,
    found_topics,
    in_force,
    items_of,
    judged,
    reapply,
    taken_back,
)
from hornbook.workflows.refining import Asking
from hornbook.workflows.summaries import Written
from hornbook.workflows.thinking import FREE, OFFLINE, Occasion, Terms, Thinkers, occasion


class Finalize:
    """Opens finalization jobs, and takes decisions of theirs back.

    `at_once` writes, while somebody waits, the summaries that a decision taken back makes due: give
    one that calls no model. Without them the next Publish would empty what is published.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Callable[[], None],
        at_once: Writer,
        terms: Terms = FREE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._at_once = summaries.Desk(lambda _key: at_once, at_once)
        self._terms = terms

    def start(self, book_id: str, *, auto_sync: bool = False, max_cost: float | None = None) -> Job:
        """Open the job; raises NotFound, JobAlreadyActive, Invalid when there are no guidelines.

        After a failure it goes on with what the failed job decided, and does what that left.
        """
        terms = self._terms.options(max_cost)
        with self._database.begin() as session:
            books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            items = [
                PlannedItem(one.id, ordinal, str(one.version))
                for ordinal, one in enumerate(
                    guidelines.contents(session, book_id).survivors(), start=1
                )
            ]
            if not items:
                raise Invalid("There are no guidelines to refine: generate them first.")
            plan, items = _continued(session, book_id, items)
            job = ledger.open_job(
                session,
                book_id,
                JobType.FINALIZATION,
                items,
                now=self._clock(),
                on_error=OnError.STOP,
                options={"auto_sync_to_db": auto_sync, **terms},
                plan=plan,
            )
        self._wake()
        return job

    def decisions(self, book_id: str) -> list[DecisionView]:
        """Every rename and merge, in the order they were taken; raises NotFound."""
        with self._database.read() as session:
            books.require(session, book_id)
            return _views(session, book_id)

    def undo(self, book_id: str, decision_id: str) -> DecisionView:
        """Take one decision back, for good; raises NotFound, JobAlreadyActive."""
        return self._decide(book_id, decision_id, is_undone=True)

    def redo(self, book_id: str, decision_id: str) -> DecisionView:
        """Apply a decision again that was taken back; raises NotFound, JobAlreadyActive."""
        return self._decide(book_id, decision_id, is_undone=False)

    def undo_all(self, book_id: str) -> int:
        """Take every decision back; gives how many. Raises NotFound, JobAlreadyActive."""
        return self._decide_all(book_id, is_undone=True)

    def redo_all(self, book_id: str) -> int:
        """Apply every decision again that was taken back; gives how many they were."""
        return self._decide_all(book_id, is_undone=False)

    def duplicates(self, book_id: str) -> dict[str, Duplicate]:
        """What stood in both subtopics of each merge, by decision; raises NotFound."""
        with self._database.read() as session:
            books.require(session, book_id)
            contents = guidelines.contents(session, book_id)
            texts = _own_texts(session, book_id, contents)
            merges = [
                one
                for one in decisions.decisions(session, book_id)
                if one.kind == ProposalKind.MERGE
            ]
        return {
            one.id: Duplicate(
                _title(one.target_id, contents),
                texts.get(one.target_id, ""),
                _title(one.value, contents),
                texts.get(one.value, ""),
            )
            for one in merges
        }

    def _decide_all(self, book_id: str, *, is_undone: bool) -> int:
        with self._database.begin() as session:
            rev = books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            changed = decisions.set_all_undone(session, book_id, is_undone=is_undone)
            reapply(session, book_id, rev=rev, now=self._clock())
        summaries.write_due(self._database, self._database.begin, self._at_once, book_id)
        return changed

    def _decide(self, book_id: str, decision_id: str, *, is_undone: bool) -> DecisionView:
        with self._database.begin() as session:
            rev = books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            decisions.set_undone(session, book_id, decision_id, is_undone=is_undone)
            reapply(session, book_id, rev=rev, now=self._clock())
            views = {view.id: view for view in _views(session, book_id)}
        summaries.write_due(self._database, self._database.begin, self._at_once, book_id)
        return views[decision_id]


def _continued(
    session: Session, book_id: str, items: list[PlannedItem]
) -> tuple[dict[str, Any] | None, list[PlannedItem]]:
    """Plan and finished items of a failed job right before this one, if it knew these subtopics.

    What a human did to their texts meanwhile is no reason to decide anew: `reapply` heeds it.
    """
    last = ledger.latest_job(session, book_id)
    if last is None or last.type is not JobType.FINALIZATION:
        return None, items
    if last.status is not JobStatus.FAILED or last.plan is None:
        return None, items
    before = {item.subject_id: item for item in ledger.items_of(session, last.id)}
    if not all(one.subject_id in before for one in items):
        return None, items
    done = {one: item.result for one, item in before.items() if item.state is ItemState.DONE}
    return last.plan, [
        PlannedItem(
            one.subject_id,
            one.position,
            one.input,
            is_done=one.subject_id in done,
            result=done.get(one.subject_id),
        )
        for one in items
    ]


def _own_texts(session: Session, book_id: str, contents: Contents) -> dict[str, str]:
    """What each subtopic's own pages say, merges left aside."""
    items = items_of(session, contents)
    numbers = pages.places(session, book_id)
    own: dict[str, list[PlacedItem]] = {}
    for placement in contents.placements:
        own.setdefault(placement.subtopic_id, []).extend(items.get(placement.page_id, ()))
    return {
        one: render(arrange(said), {item.id: item for item in said}, numbers)
        for one, said in own.items()
    }


def _views(session: Session, book_id: str) -> list[DecisionView]:
    contents = guidelines.contents(session, book_id)
    taken = decisions.decisions(session, book_id)
    refused = {_what(one.proposal): one.reason for one in judged(contents, taken).refused}
    return [
        _view(one, contents, None if one.is_undone else refused.get(_what(as_proposal(one))))
        for one in taken
    ]


def _what(proposal: Proposal) -> tuple[ProposalKind, str, str]:
    return proposal.kind, proposal.target_id, proposal.value


def _view(decision: Decision, contents: Contents, objection: str | None) -> DecisionView:
    if decision.kind == ProposalKind.MERGE:
        before = _title(decision.value, contents)
        after = _title(decision.target_id, contents)
    else:
        before = _found_title(decision.target_id, contents)
        after = decision.value
    return DecisionView(
        id=decision.id,
        kind=decision.kind,
        before=before,
        after=after,
        reason=decision.reason,
        is_undone=decision.is_undone,
        created_at=decision.created_at,
        objection=objection,
    )


def _title(subtopic_id: str, contents: Contents) -> str:
    one = contents.subtopics.get(subtopic_id)
    return one.title if one else "(removed)"


def _found_title(target_id: str, contents: Contents) -> str:
    one = contents.subtopics.get(target_id) or contents.topics.get(target_id)
    return one.found_title if one else "(removed)"


class FinalizationLeg:
    """Takes the decisions once, then settles one subtopic after the other."""

    is_ordered = True
    is_chained = False
    deadline = 300.0

    def __init__(
        self, database: Database, clock: Clock, thinkers: Thinkers, *, concurrency: int = 8
    ) -> None:
        self._database = database
        self._clock = clock
        self._thinkers = thinkers
        self._concurrency = concurrency

    def at_once(self, job: Job) -> int:
        """As many summaries as a model bears."""
        return 1 if job.options.get("model", OFFLINE) == OFFLINE else self._concurrency

    def begin(self, job: Job, fenced: Fenced) -> None:
        """Freeze what is to be decided, unless an earlier run did; then apply all of it at once."""
        plan = job.plan
        if plan is None:
            plan = self._proposed(job, fenced)
            with fenced() as session:
                ledger.freeze_plan(session, job.id, plan)
        with fenced() as session:
            rev = books.touch(session, job.book_id)
            for one in plan["decisions"]:
                decisions.add(session, job.book_id, **one, now=self._clock())
            verdict = reapply(session, job.book_id, rev=rev, now=self._clock())
            so_far = {"subtopics_finalized": job.completed_items, **_wanting(plan)}
            ledger.set_stats(session, job.id, _stats(session, job.book_id, verdict) | so_far)

    def _proposed(self, job: Job, fenced: Fenced) -> dict[str, Any]:
        """New decisions on top of those in force, and how many questions got no answer."""
        book_id = job.book_id
        with self._database.read() as session:
            asking = Asking(self._thinkers(occasion(session, job).about()), fenced)
            contents = guidelines.contents(session, book_id)
            topics = found_topics(contents, items_of(session, contents))
            taken = decisions.decisions(session, book_id)
        old = in_force(taken)
        known = {_subject(one) for one in old}
        new = [
            one
            for one in propose(asking, topics, partial(at_once, workers=self.at_once(job)))
            if _subject(one) not in known
        ]
        verdict = validate(topics, [*old, *new], undone=taken_back(taken))
        recorded = {(one.kind, one.target_id, one.value) for one in old}
        accepted = [
            _to_json(one)
            for one in verdict.accepted
            if (one.kind, one.target_id, one.value) not in recorded and _subject(one) not in known
        ]
        return {"decisions": accepted, "unanswered": asking.unanswered}

    def start(self, session: Session, job: Job, item: JobItem) -> None:
        """Nothing: a subtopic does not look different while it is refined."""

    def prepare(self, job: Job, item: JobItem) -> Written | None:
        """The subtopic's summary and order, if they are due."""
        return summaries.write_one(self._database, self._desk(job), job.book_id, item.subject_id)

    def decide(self, job: Job, item: JobItem, prepared: Written | None) -> Written | None:  # noqa: ARG002
        """Nothing more: a subtopic is closed for itself."""
        return prepared

    def save(
        self, session: Session, job: Job, item: JobItem, prepared: Written | None
    ) -> dict[str, Any] | None:
        """Call the subtopic final, unless a human has to choose between two texts of it first.

        One merged away counts as done with the one that was kept.
        """
        rev = books.touch(session, job.book_id)
        if prepared is not None:
            summaries.keep(session, job.book_id, prepared)
        contents = guidelines.contents(session, job.book_id, [item.subject_id])
        if item.subject_id not in contents.subtopics:
            return {}
        kept = contents.subtopics[contents.kept(item.subject_id)]
        scripts.settle(session, [kept.id], rev=rev)
        done = ledger.get_job(session, job.book_id, job.id).completed_items + 1
        ledger.set_stats(session, job.id, {"subtopics_finalized": done})
        return {"topic": contents.topics[kept.topic_id].key, "subtopic": kept.key}

    def beside(self, job: Job, item: JobItem) -> Sequence[Errand]:  # noqa: ARG002
        """Nothing: a subtopic that is final needs nothing more."""
        return ()

    def fail(self, session: Session, job: Job, item: JobItem, failure: Failure) -> None:
        """Nothing: the subtopic stays as it was, and the ledger has the failure."""

    def release(self, session: Session, job: Job, item: JobItem) -> None:
        """Nothing: `start` did nothing."""

    def expects_more(self, job: Job) -> bool:  # noqa: ARG002 - the runner's signature
        """Never: the subtopics were counted when the job was opened."""
        return False

    def finish(self, job: Job, fenced: Fenced) -> None:
        """Write what summaries are due, say that the book is refined, sync when asked."""
        summaries.write_due(self._database, fenced, self._desk(job), job.book_id)
        with fenced() as session:
            placing.note_generated(session, job.book_id, "final", self._clock())
            if job.options.get("auto_sync_to_db"):
                sync_now(session, job.book_id, self._clock())

    def _desk(self, job: Job) -> summaries.Desk:
        with self._database.read() as session:
            asked = occasion(session, job)
        return summaries.Desk(
            writers=lambda key: self._thinkers(asked.about(subtopic=key)),
            otherwise=self._thinkers(Occasion(model=OFFLINE)),
            at_once=self.at_once(job),
        )


def _subject(proposal: Proposal) -> tuple[ProposalKind, str]:
    """What a decision is about: one rename a title, one merge for each subtopic merged away."""
    is_merge = proposal.kind is ProposalKind.MERGE
    return proposal.kind, proposal.value if is_merge else proposal.target_id


def _to_json(proposal: Proposal) -> dict[str, str]:
    return {
        "kind": proposal.kind.value,
        "target_id": proposal.target_id,
        "value": proposal.value,
        "reason": proposal.reason,
    }


def _wanting(plan: dict[str, Any]) -> dict[str, int]:
    """How many questions got no answer; nothing when all did."""
    unanswered = plan.get("unanswered", 0)
    return {"questions_unanswered": unanswered} if unanswered else {}


def _stats(session: Session, book_id: str, verdict: Verdict) -> dict[str, int]:
    """What the book's decisions amount to; the same however often it is refined."""
    contents = guidelines.contents(session, book_id)
    survivors = contents.survivors()
    kinds = [one.kind for one in verdict.accepted]
    return {
        "subtopics_created": len(contents.subtopics),
        "subtopics_merged": len(contents.placements) - len(contents.subtopics),
        "subtopics_renamed": kinds.count(ProposalKind.RENAME_SUBTOPIC),
        "duplicates_merged": kinds.count(ProposalKind.MERGE),
        "total_topics": len({one.topic_id for one in survivors}),
    }
