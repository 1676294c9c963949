"""What humans did to pages, kept for a while so that it can be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from hornbook.errors import Conflict
from hornbook.library import books, deletions, order, pages
from hornbook.library.deletions import Kept
from hornbook.library.tables import PageRow, ReviewStepRow
from hornbook.model.page import Page, ReviewStatus
from hornbook.model.review import Step, StepKind

COLUMNS = (
    "place",
    "review",
    "approved_at",
    "approved_by",
    "text_revision",
    "is_blank",
    "ocr_status",
    "ocr_error",
    "ocr_error_type",
)
"""What a step may change and an undo restores; `place` by moving, the others as they were."""

Standing = Mapping[str, Any]


def standings(session: Session, page_ids: Iterable[str]) -> dict[str, Standing]:
    """Return how these pages stand, as a JSON column holds it."""
    rows = select(PageRow).where(PageRow.id.in_(list(page_ids)))
    found = session.scalars(rows.execution_options(populate_existing=True))
    return {row.id: {name: _plain(getattr(row, name)) for name in COLUMNS} for row in found}


def keep(
    session: Session,
    book_id: str,
    by: str,
    kind: StepKind,
    before: Mapping[str, Standing],
    now: datetime,
    *,
    draft: str | None = None,
) -> Step | None:
    """Keep what has changed since `before`; None when nothing has."""
    after = standings(session, before)
    changes = [
        change
        for page_id in after
        if (change := _change(page_id, before[page_id], after[page_id]))["after"]
    ]
    if not changes:
        return None
    row = ReviewStepRow(
        book_id=book_id, taken_by=by, kind=kind, changes=changes, draft=draft, taken_at=now
    )
    session.add(row)
    session.flush()
    return _step(row)


def keep_deletion(session: Session, page: Page, by: str, kept: Kept, now: datetime) -> Step:
    """Keep what puts a deleted page back."""
    change = {"page_id": page.id, "before": {"place": page.page_num}, "after": {}, "kept": kept}
    row = ReviewStepRow(
        book_id=page.book_id, taken_by=by, kind=StepKind.DELETE, changes=[change], taken_at=now
    )
    session.add(row)
    session.flush()
    return _step(row)


def latest(session: Session, book_id: str, by: str, since: datetime) -> Step | None:
    """Return the last step of this human in the book that was not taken back."""
    row = session.scalar(
        _mine(book_id, by)
        .where(ReviewStepRow.is_undone.is_(False), ReviewStepRow.taken_at >= since)
        .order_by(ReviewStepRow.id.desc())
        .limit(1)
    )
    return _step(row) if row else None


def find(session: Session, book_id: str, by: str, step_id: int, since: datetime) -> Step:
    """Return a step of this human that can be taken back; raises Conflict."""
    row = session.scalar(
        _mine(book_id, by).where(ReviewStepRow.id == step_id, ReviewStepRow.taken_at >= since)
    )
    if row is None:
        raise Conflict("There is nothing to undo any more.")
    if row.is_undone:
        raise Conflict("This was undone already.")
    return _step(row)


def forget(session: Session, book_id: str, before: datetime) -> None:
    """Forget what is too old to be taken back."""
    old = delete(ReviewStepRow).where(
        ReviewStepRow.book_id == book_id, ReviewStepRow.taken_at < before
    )
    session.execute(old, execution_options={"synchronize_session": False})


def take_back(session: Session, step: Step) -> tuple[list[Page], str | None]:
    """Have the pages stand as before the step; gives them, and the draft that it had saved.

    Raises Conflict, and changes nothing, when one of them no longer is as the step left it.
    """
    row = session.get_one(ReviewStepRow, step.id)
    if step.kind is StepKind.DELETE:
        row.is_undone = True
        return [deletions.put_back(session, row.changes[0]["kept"])], None
    now = standings(session, step.page_ids)
    for change in row.changes:
        _require_untouched(change, now.get(change["page_id"]))
    rev = books.touch(session, step.book_id)
    for change in row.changes:
        _restore(session, change, rev)
    row.is_undone = True
    session.flush()
    return pages.by_ids(session, step.page_ids), row.draft


def _require_untouched(change: Mapping[str, Any], now: Standing | None) -> None:
    if now is None:
        raise Conflict("The page was deleted since. This can no longer be undone.")
    if any(now[name] != value for name, value in change["after"].items()):
        raise Conflict(
            f"Page {now['place']} was changed again since. This can no longer be undone."
        )


def _restore(session: Session, change: Mapping[str, Any], rev: int) -> None:
    before = dict(change["before"])
    place = before.pop("place", None)
    if place is not None:
        order.move(session, pages.by_id(session, change["page_id"]), place)
    if before:
        values = {name: _lively(name, value) for name, value in before.items()}
        session.execute(
            update(PageRow).where(PageRow.id == change["page_id"]).values(rev=rev, **values),
            execution_options={"synchronize_session": False},
        )


def _change(page_id: str, before: Standing, after: Standing) -> dict[str, Any]:
    changed = [name for name in COLUMNS if before[name] != after[name]]
    return {
        "page_id": page_id,
        "before": {name: before[name] for name in changed},
        "after": {name: after[name] for name in changed},
    }


def _mine(book_id: str, by: str) -> Any:
    mine: Sequence[ColumnElement[bool]] = (
        ReviewStepRow.book_id == book_id,
        ReviewStepRow.taken_by == by,
    )
    return select(ReviewStepRow).where(*mine).execution_options(populate_existing=True)


def _step(row: ReviewStepRow) -> Step:
    return Step(
        id=row.id,
        book_id=row.book_id,
        kind=StepKind(row.kind),
        page_ids=tuple(change["page_id"] for change in row.changes),
        changes_use=any(_changes_use(change) for change in row.changes),
        taken_at=row.taken_at,
        place=row.changes[0]["before"]["place"] if row.kind == StepKind.DELETE else None,
    )


def _changes_use(change: Mapping[str, Any]) -> bool:
    before, after = change["before"], change["after"]
    return "place" in before or ReviewStatus.REJECTED in {before.get("review"), after.get("review")}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _lively(name: str, value: Any) -> Any:
    is_instant = name.endswith("_at") and value is not None
    return datetime.fromisoformat(value) if is_instant else value
