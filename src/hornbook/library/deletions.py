"""A page taken out of its book with all that hangs on it, so that it can be put back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hornbook.library import books, order, pages
from hornbook.library.instant import UtcDateTime
from hornbook.library.tables import (
    Base,
    FindingRow,
    PageAttemptRow,
    PageDraftRow,
    PageRow,
    PageTextRow,
)
from hornbook.model.page import Page

Kept = Mapping[str, Any]
"""The rows of a page as a JSON column holds them, by table; those of `book_pages` first."""

HANGING: tuple[type[Base], ...] = (PageTextRow, PageAttemptRow, PageDraftRow, FindingRow)
"""What goes with a page. Its part of a guideline goes too, and is made anew."""


def take_out(session: Session, page: Page, until: datetime) -> Kept:
    """Delete the page, whose objects stay until then, and give what puts it back."""
    kept: dict[str, Any] = {"page": _plain(session.get_one(PageRow, page.id))}
    for table in HANGING:
        rows = session.scalars(select(table).where(table.__table__.c.page_id == page.id))
        kept[table.__tablename__] = [_plain(row) for row in rows]
    order.remove(session, page, due_at=until)
    return kept


def put_back(session: Session, kept: Kept) -> Page:
    """Have the page stand where it stood, or last if the book has become shorter."""
    values = _lively(PageRow, kept["page"])
    last = pages.total(session, values["book_id"]) + 1
    rev = books.touch(session, values["book_id"])
    session.add(PageRow(**values | {"place": last, "rev": rev, "projected_rev": 0}))
    session.flush()
    for table in HANGING:
        session.add_all(table(**_lively(table, row)) for row in kept[table.__tablename__])
    session.flush()
    page = pages.by_id(session, values["id"])
    order.keep_objects(session, page)
    return order.move(session, page, min(values["place"], last))


def _plain(row: Base) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        # Attempts are numbered anew: another may have taken the number.
        if (type(row), name) != (PageAttemptRow, "id")
    }


def _lively(table: type[Base], kept: Kept) -> dict[str, Any]:
    columns = table.__table__.columns
    return {
        name: datetime.fromisoformat(value)
        if isinstance(value, str) and isinstance(columns[name].type, UtcDateTime)
        else value
        for name, value in kept.items()
    }
