"""The journal: every answer of a model under the hash of what was asked, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hornbook.library.books import ACTIVE
from hornbook.library.tables import JobRow, ModelCallRow
from hornbook.model.question import Spent, Usage

ROUND = 1000
"""More than the takes of any book; a take that would not be the latest is kept in a later round."""
RECENT = 4000
"""So many of the latest answers make the averages, however many there are."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call to be noted; `answer` is None when nothing that could be used came back."""

    question_hash: str
    take: int
    """Counted by its book."""
    task: str
    model: str
    book_id: str | None
    job_id: str | None
    answer: Mapping[str, Any] | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was forgotten."""

    answers: int
    others: int
    """Calls that gave no answer."""


def answer(
    session: Session, question_hash: str, book_id: str | None, take: int | None
) -> Mapping[str, Any] | None:
    """The answer kept for a question: that take of the book's, or the latest of all for `None`."""
    kept = _answered(question_hash, ModelCallRow.answer)
    if take is not None:
        kept = kept.where(ModelCallRow.book_id == book_id, ModelCallRow.take % ROUND == take)
    return session.scalars(kept.order_by(ModelCallRow.take.desc())).first()


def add(session: Session, call: Call, now: datetime) -> None:
    """Note a call; an answer to the same question that came meanwhile stays, as one without."""
    take = _last_take(session, call) if call.take else 0
    try:
        with session.begin_nested():
            session.add(_row(call, take, call.answer, now))
    except IntegrityError:
        session.add(_row(call, take, None, now))
    session.flush()


def _last_take(session: Session, call: Call) -> int:
    """The call's take, in the first round in which that is later than all that are kept.

    Takes are counted by each book, and a question may be one of several books.
    """
    kept = _answered(call.question_hash, func.max(ModelCallRow.take))
    last: int = session.execute(kept).scalar_one() or 0
    return call.take if call.take > last else (last // ROUND + 1) * ROUND + call.take


def _answered(question_hash: str, what: Any) -> Select[Any]:
    return select(what).where(
        ModelCallRow.question_hash == question_hash, ModelCallRow.answer.is_not(None)
    )


def _row(call: Call, take: int, answer: Mapping[str, Any] | None, now: datetime) -> ModelCallRow:
    return ModelCallRow(
        question_hash=call.question_hash,
        take=take,
        task=call.task,
        model=call.model,
        book_id=call.book_id,
        job_id=call.job_id,
        answer=None if answer is None else dict(answer),
        input_tokens=call.usage.input_tokens,
        output_tokens=call.usage.output_tokens,
        cost=call.usage.cost,
        seconds=call.usage.seconds,
        created_at=now,
    )


def spent(
    session: Session,
    *,
    book_id: str | None = None,
    job_id: str | None = None,
) -> dict[str, Spent]:
    """What calls for a book or by a job came to, by task."""
    unpriced = func.count() - func.count(ModelCallRow.cost)
    totals = select(
        ModelCallRow.task,
        func.count(),
        func.sum(ModelCallRow.input_tokens),
        func.sum(ModelCallRow.output_tokens),
        func.sum(ModelCallRow.cost),
        unpriced,
    ).group_by(ModelCallRow.task)
    if book_id is not None:
        totals = totals.where(ModelCallRow.book_id == book_id)
    if job_id is not None:
        totals = totals.where(ModelCallRow.job_id == job_id)
    rows = session.execute(totals.order_by(ModelCallRow.task))
    return {
        task: Spent(calls, input_tokens, output_tokens, cost or 0.0, unknown)
        for task, calls, input_tokens, output_tokens, cost, unknown in rows
    }


def answered(session: Session, model: str) -> dict[str, Spent]:
    """The latest calls of a model that gave an answer and told its length, by task."""
    recent = (
        select(ModelCallRow.task, ModelCallRow.input_tokens, ModelCallRow.output_tokens)
        .where(
            ModelCallRow.model == model,
            ModelCallRow.answer.is_not(None),
            ModelCallRow.input_tokens > 0,
        )
        .order_by(ModelCallRow.id.desc())
        .limit(RECENT)
        .subquery()
    )
    sent, received = func.sum(recent.c.input_tokens), func.sum(recent.c.output_tokens)
    totals = select(recent.c.task, func.count(), sent, received).group_by(recent.c.task)
    return {task: Spent(*told) for task, *told in session.execute(totals)}


def prune(session: Session, before: datetime) -> Pruned:
    """Forget what was asked before, except by jobs that are under way: their caps count it."""
    active = select(JobRow.id).where(JobRow.status.in_(ACTIVE))
    is_free = or_(ModelCallRow.job_id.is_(None), ModelCallRow.job_id.not_in(active))
    old = (ModelCallRow.created_at < before, is_free)
    calls, answers = session.execute(
        select(func.count(), func.count(ModelCallRow.answer)).where(*old)
    ).one()
    gone = delete(ModelCallRow).where(*old)
    session.execute(gone, execution_options={"synchronize_session": False})
    return Pruned(answers, calls - answers)
