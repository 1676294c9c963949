"""Drafts of page texts: what each human typed and has not saved."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hornbook.errors import StaleRevision
from hornbook.library.tables import PageDraftRow
from hornbook.model.ids import new_id
from hornbook.model.page import Page
from hornbook.model.review import Draft


def find(session: Session, page: Page, by: str) -> Draft | None:
    """Return what this human typed and has not saved, if anything."""
    row = session.scalar(
        select(PageDraftRow)
        .where(PageDraftRow.page_id == page.id, PageDraftRow.typed_by == by)
        .execution_options(populate_existing=True)
    )
    return Draft(row.text, row.text_revision, row.stamp, row.saved_at) if row else None


def require_latest(session: Session, page: Page, by: str, stamp: str, text: str) -> None:
    """Raise StaleRevision when another tab has kept other words since the draft `stamp`."""
    kept = find(session, page, by)
    if kept is not None and kept.stamp != stamp and kept.text != text:
        raise StaleRevision(
            "Another window of yours has other words for this page that were not saved."
        )


def keep(
    session: Session, page: Page, by: str, text: str, text_revision: int, now: datetime
) -> Draft:
    """Keep what was typed over this revision, in place of what was kept before."""
    discard(session, page, by)
    row = PageDraftRow(
        page_id=page.id,
        typed_by=by,
        text=text,
        text_revision=text_revision,
        stamp=new_id(),
        saved_at=now,
    )
    session.add(row)
    session.flush()
    return Draft(row.text, row.text_revision, row.stamp, row.saved_at)


def discard(session: Session, page: Page, by: str) -> None:
    """Forget what this human typed, if anything."""
    mine = delete(PageDraftRow).where(PageDraftRow.page_id == page.id, PageDraftRow.typed_by == by)
    session.execute(mine, execution_options={"synchronize_session": "fetch"})
