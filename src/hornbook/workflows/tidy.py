"""Keeps the guidelines in step with the pages: blocks, statuses, and what is left empty."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hornbook.library import books, findings, guidelines, placing, scripts
from hornbook.library.guidelines import Contents
from hornbook.library.scripts import Script
from hornbook.model.guideline import Block, SubtopicStatus
from hornbook.stages import merge

PAGES_UNTIL_STABLE = 5


def tidy(session: Session, book_id: str) -> None:
    """Bring the guidelines in step with pages that were deleted, moved, rejected or found blank.

    Statements of pages that are gone go, those that stay follow their pages, a subtopic without
    pages goes; a human's words stay. A page taken back from rejection gives its statements again.
    Called in the transaction that changed the pages.
    """
    rev = books.touch(session, book_id)
    everything = guidelines.contents(session, book_id).subtopics
    rearrange(session, book_id, everything, rev=rev, outdates=True)
    remove_empty(session, book_id, rev=rev)


def rearrange(
    session: Session,
    book_id: str,
    subtopic_ids: Iterable[str],
    *,
    rev: int,
    now: datetime | None = None,
    reopens: bool = False,
    outdates: bool = False,
) -> Contents:
    """Write the blocks of these subtopics anew from the items of their pages.

    One that a human edited keeps its text and gets the new one as its candidate. With `reopens`
    a changed subtopic is open again and its summary due; with `outdates` a summary stays until the
    next run. Gives the contents around them.
    """
    subtopic_ids = list(subtopic_ids)
    contents = guidelines.contents(session, book_id, subtopic_ids)
    kept = {contents.kept(one) for one in subtopic_ids if one in contents.subtopics}
    present = scripts.scripts(session, kept)
    items = findings.items_of_pages(
        session, [page.page_id for one in kept for page in contents.pages_of(one)]
    )
    for one in sorted(kept):
        pages = contents.pages_of(one)
        here = [item for page in pages for item in items.get(page.page_id, ())]
        arranged = merge.arrange(here, present[one].arrangement)
        if present[one].is_edited:
            _offer(session, book_id, one, present[one], arranged, rev=rev)
        elif arranged != present[one].blocks:
            scripts.write(session, one, arranged, rev=rev, now=now)
            if reopens:
                scripts.reopen(session, one)
            elif outdates:
                scripts.outdate(session, one)
    return contents


def _offer(
    session: Session,
    book_id: str,
    subtopic_id: str,
    script: Script,
    arranged: Sequence[Block],
    *,
    rev: int,
) -> None:
    """Show a human who edited this text what a run would write, if that is news to them."""
    live = findings.items_of_book(session, book_id)
    blocks = merge.without(script.blocks, scripts.items_in(script.blocks) - live.keys())
    if blocks != script.blocks:
        scripts.write(session, subtopic_id, blocks, rev=rev)
    known = [blocks, *scripts.earlier(session, subtopic_id)]
    said = [scripts.items_in(one) & live.keys() for one in known]
    is_news = scripts.items_in(arranged) not in said
    scripts.offer(session, subtopic_id, arranged if is_news else None, rev=rev)
    if is_news:
        scripts.set_status(session, [subtopic_id], SubtopicStatus.NEEDS_REVIEW, rev=rev)


def remove_empty(session: Session, book_id: str, *, rev: int) -> None:
    """Remove subtopics and topics without pages; one that a human edited waits for review."""
    contents = guidelines.contents(session, book_id)
    with_pages = {page.subtopic_id for page in contents.placements}
    with_pages |= {contents.kept(one) for one in with_pages}
    empty = [one for one in contents.subtopics.values() if one.id not in with_pages]
    edited = [one.id for one in empty if one.is_edited]
    scripts.set_status(session, edited, SubtopicStatus.NEEDS_REVIEW, rev=rev)
    placing.remove_subtopics(session, book_id, [one.id for one in empty if not one.is_edited])


def mark_stable(session: Session, book_id: str, page_num: int, *, rev: int) -> None:
    """Call stable what got nothing from the last five pages up to this one."""
    contents = guidelines.contents(session, book_id, scripts.open_ones(session, book_id))
    settled = [
        one.id
        for one in contents.survivors()
        if one.status is SubtopicStatus.OPEN
        and (pages := contents.pages_of(one.id))
        and pages[-1].page_num <= page_num - PAGES_UNTIL_STABLE
    ]
    scripts.set_status(session, settled, SubtopicStatus.STABLE, rev=rev)
