"""The renames and merges of finalization, in the order they were taken."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library.tables import DecisionRow
from hornbook.model.ids import new_id


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; what `target_id` and `value` mean depends on the kind."""

    id: str
    kind: str
    target_id: str
    value: str
    reason: str
    is_undone: bool
    created_at: datetime


def decisions(session: Session, book_id: str) -> list[Decision]:
    """Every decision of the book, undone ones too, in order."""
    rows = session.scalars(
        select(DecisionRow)
        .where(DecisionRow.book_id == book_id)
        .order_by(DecisionRow.ordinal)
        .execution_options(populate_existing=True)
    )
    return [_decision(row) for row in rows]


def add(
    session: Session,
    book_id: str,
    *,
    kind: str,
    target_id: str,
    value: str,
    reason: str,
    now: datetime,
) -> None:
    """Add a decision after all others; one already taken or undone is not added again."""
    same = (
        DecisionRow.book_id == book_id,
        DecisionRow.kind == kind,
        DecisionRow.target_id == target_id,
        DecisionRow.value == value,
    )
    if session.scalar(select(DecisionRow.id).where(*same)) is not None:
        return
    highest = select(func.max(DecisionRow.ordinal)).where(DecisionRow.book_id == book_id)
    session.add(
        DecisionRow(
            id=new_id(),
            book_id=book_id,
            ordinal=(session.scalar(highest) or 0) + 1,
            kind=kind,
            target_id=target_id,
            value=value,
            reason=reason,
            created_at=now,
        )
    )
    session.flush()


def set_undone(session: Session, book_id: str, decision_id: str, *, is_undone: bool) -> None:
    """Take a decision back, or apply it again; raises NotFound."""
    statement = (
        update(DecisionRow)
        .where(DecisionRow.book_id == book_id, DecisionRow.id == decision_id)
        .values(is_undone=is_undone)
    )
    if session.execute(statement.returning(DecisionRow.id)).scalar_one_or_none() is None:
        raise NotFound(f"There is no decision {decision_id!r} in this book.")


def set_all_undone(session: Session, book_id: str, *, is_undone: bool) -> int:
    """Take every decision back, or apply all again; gives how many that changed."""
    statement = (
        update(DecisionRow)
        .where(DecisionRow.book_id == book_id, DecisionRow.is_undone != is_undone)
        .values(is_undone=is_undone)
    )
    return len(session.execute(statement.returning(DecisionRow.id)).all())


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        row.id, row.kind, row.target_id, row.value, row.reason, row.is_undone, row.created_at
    )
