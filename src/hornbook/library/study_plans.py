"""Study plans, each beside its published guideline, and those that are still to be made."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library.study_tables import StudyPlanWishRow as Wish
from hornbook.library.tables import StudyPlanRow, TeachingGuidelineRow
from hornbook.model.ids import new_id
from hornbook.model.study import (
    Difficulty,
    KeptPlan,
    MadePlan,
    PlanProgress,
    StepStatus,
    StudyPlan,
    StudyStep,
    Unmade,
    WishState,
)

GENERATED = "generated"
OPEN = (WishState.WAITING, WishState.STOPPED)
"""What was begun before the rest was left may still come to a good end."""
WISHES_LOCK = 0x77697368
"""Names the advisory lock; the letters of "wish"."""
AT_ONCE = 500
"""Identities in one statement."""


def find(session: Session, guideline_id: str) -> KeptPlan | None:
    """The plan of a published guideline, if there is one."""
    row = _row(session, guideline_id)
    return None if row is None else _kept(row)


def get(session: Session, guideline_id: str) -> KeptPlan:
    """The plan of a published guideline; raises NotFound."""
    found = find(session, guideline_id)
    if found is None:
        raise NotFound(f"There is no study plan of the guideline {guideline_id!r} yet.")
    return found


def planned(session: Session, guideline_ids: Collection[str]) -> set[str]:
    """Those of these guidelines that have a plan."""
    ids = list(guideline_ids)
    found: set[str] = set()
    for first in range(0, len(ids), AT_ONCE):
        some = StudyPlanRow.guideline_id.in_(ids[first : first + AT_ONCE])
        found |= set(session.scalars(select(StudyPlanRow.guideline_id).where(some)))
    return found


def keep(session: Session, guideline_id: str, made: MadePlan, now: datetime) -> KeptPlan:
    """Put a plan in the place of the one before it, if there is one."""
    row = _row(session, guideline_id)
    if row is None:
        row = StudyPlanRow(id=new_id(), guideline_id=guideline_id, version=0, created_at=now)
        session.add(row)
    row.version += 1
    row.plan_json = json.dumps(shape(made.plan, row.version), ensure_ascii=False)
    row.generator_model, row.reviewer_model = made.planner, made.reviewer
    row.generation_reasoning, row.reviewer_feedback = made.plan.reasoning, made.feedback
    row.was_revised = made.was_revised
    row.status = GENERATED
    row.updated_at = now
    session.flush()
    return _kept(row)


def forget(session: Session, book_id: str, subtopic_ids: Collection[str]) -> None:
    """Delete the plans of a book's guidelines that say something else now."""
    changed = select(TeachingGuidelineRow.id).where(
        TeachingGuidelineRow.book_id == book_id,
        TeachingGuidelineRow.subtopic_id.in_(subtopic_ids),
    )
    session.execute(delete(StudyPlanRow).where(StudyPlanRow.guideline_id.in_(changed)))


def hold(session: Session, guideline_id: str) -> int:
    """The version of a guideline, which nobody changes before the transaction ends.

    Raises NotFound.
    """
    version = session.scalar(
        select(TeachingGuidelineRow.version)
        .where(TeachingGuidelineRow.id == guideline_id)
        .with_for_update()
    )
    if version is None:
        raise NotFound(f"There is no published guideline {guideline_id!r}.")
    return version


def shape(plan: StudyPlan, version: int) -> dict[str, Any]:
    """A plan as `plan_json` holds it."""
    return {
        "todo_list": [asdict(step) for step in plan.steps],
        "metadata": {
            "plan_version": version,
            "estimated_duration_minutes": plan.minutes,
            "difficulty_level": plan.difficulty,
            "is_generic": plan.is_generic,
            "creative_theme": plan.creative_theme,
        },
    }


def _row(session: Session, guideline_id: str) -> StudyPlanRow | None:
    return session.scalar(select(StudyPlanRow).where(StudyPlanRow.guideline_id == guideline_id))


def _kept(row: StudyPlanRow) -> KeptPlan:
    kept = json.loads(row.plan_json)
    facts = kept.get("metadata", {})
    return KeptPlan(
        guideline_id=row.guideline_id,
        plan=StudyPlan(
            steps=tuple(_step(entry) for entry in kept.get("todo_list", ())),
            minutes=facts.get("estimated_duration_minutes", 0),
            difficulty=Difficulty(facts.get("difficulty_level", Difficulty.MEDIUM)),
            is_generic=facts.get("is_generic", False),
            creative_theme=facts.get("creative_theme"),
            reasoning=row.generation_reasoning,
        ),
        planner=row.generator_model or "",
        reviewer=row.reviewer_model or "",
        feedback=row.reviewer_feedback or "",
        was_revised=row.was_revised,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _step(entry: dict[str, Any]) -> StudyStep:
    return StudyStep(
        step_id=entry["step_id"],
        title=entry["title"],
        description=entry["description"],
        teaching_approach=entry["teaching_approach"],
        success_criteria=entry["success_criteria"],
        rests_on=tuple(entry.get("rests_on", ())),
        status=StepStatus(entry.get("status", StepStatus.PENDING)),
    )


# Those that are still to be made


def known(session: Session, guideline_ids: Sequence[str]) -> set[str]:
    """Those of these that are published guidelines."""
    found: set[str] = set()
    for first in range(0, len(guideline_ids), AT_ONCE):
        some = TeachingGuidelineRow.id.in_(guideline_ids[first : first + AT_ONCE])
        found |= set(session.scalars(select(TeachingGuidelineRow.id).where(some)))
    return found


def wish(session: Session, guideline_ids: Sequence[str], *, is_forced: bool, now: datetime) -> None:
    """Ask for plans; they join those that wait, and replace what was asked for before that."""
    if session.get_bind().dialect.name == "postgresql":
        # Two who ask at once for the same plan: the second finds the wish of the first.
        session.execute(select(func.pg_advisory_xact_lock(WISHES_LOCK)))
    if not waiting(session):
        session.execute(delete(Wish))
    rows = {row.guideline_id: row for row in session.scalars(select(Wish))}
    there = set() if is_forced else planned(session, guideline_ids)
    last = max((row.position for row in rows.values()), default=0)
    for position, guideline_id in enumerate(guideline_ids, last + 1):
        row = rows.get(guideline_id)
        if row is None:
            row = Wish(guideline_id=guideline_id, position=position, is_forced=False)
            session.add(row)
        elif row.state == WishState.WAITING:
            row.is_forced = row.is_forced or is_forced
            continue
        row.is_forced = is_forced
        row.state = WishState.MADE if guideline_id in there else WishState.WAITING
        row.asked_at, row.settled_at, row.reason = now, None, None
    session.flush()


def wish_again(session: Session) -> None:
    """Have those made that failed or were left."""
    session.execute(
        update(Wish)
        .where(Wish.state.in_((WishState.FAILED, WishState.STOPPED)))
        .values(state=WishState.WAITING, reason=None, settled_at=None)
    )


def waiting(session: Session) -> list[str]:
    """The guidelines whose plans are still to be made, in the order they were asked for."""
    of_these = select(Wish.guideline_id).where(Wish.state == WishState.WAITING)
    return list(session.scalars(of_these.order_by(Wish.position)))


def is_wanted(session: Session, guideline_id: str) -> bool:
    """Whether a plan is still to be made, rather than settled or there already."""
    row = session.get(Wish, guideline_id)
    if row is None or row.state not in OPEN:
        return False
    return row.is_forced or _row(session, guideline_id) is None


def take(session: Session, guideline_id: str) -> int | None:
    """Which take of a model's answers the wanted plan is made of; None when any will do.

    The same until that plan is kept, so that whoever goes on with it pays for nothing again.
    """
    wanted, kept = session.get(Wish, guideline_id), _row(session, guideline_id)
    if wanted is None or kept is None or not wanted.is_forced:
        return None
    return kept.version + 1


def settle(
    session: Session,
    guideline_id: str,
    state: WishState,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Record what became of a plan that was still to be made."""
    session.execute(
        update(Wish)
        .where(Wish.guideline_id == guideline_id, Wish.state.in_(OPEN))
        .values(state=state, reason=reason, settled_at=now)
    )


def give_up(session: Session, reason: str, now: datetime) -> None:
    """Leave everything that is still to be made, for this reason."""
    session.execute(
        update(Wish)
        .where(Wish.state == WishState.WAITING)
        .values(state=WishState.STOPPED, reason=reason, settled_at=now)
    )


def wish_of(session: Session, guideline_id: str) -> tuple[WishState, str | None] | None:
    """What became of the plan of one guideline, and why; None when none was asked for."""
    row = session.get(Wish, guideline_id)
    return None if row is None else (WishState(row.state), row.reason)


def progress(session: Session) -> PlanProgress:
    """How far the plans are that were last asked for together."""
    counted = select(Wish.state, func.count()).group_by(Wish.state)
    counts = {row[0]: row[1] for row in session.execute(counted)}
    return PlanProgress(
        total=sum(counts.values()),
        made=counts.get(WishState.MADE, 0),
        waiting=counts.get(WishState.WAITING, 0),
        failures=_unmade(session, WishState.FAILED),
        left=_unmade(session, WishState.STOPPED),
    )


def _unmade(session: Session, state: WishState) -> tuple[Unmade, ...]:
    found = session.execute(
        select(Wish.guideline_id, TeachingGuidelineRow.subtopic, Wish.reason)
        .join(TeachingGuidelineRow, TeachingGuidelineRow.id == Wish.guideline_id)
        .where(Wish.state == state)
        .order_by(Wish.position)
    )
    return tuple(Unmade(row[0], row[1], row[2] or "") for row in found)
