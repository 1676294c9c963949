"""What each page gave: its finding, and the text it was read from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, select, tuple_
from sqlalchemy.orm import Session

from hornbook.errors import NotFound
from hornbook.library import codec
from hornbook.library.tables import FindingRow, PageRow, PageTextRow
from hornbook.model.finding import Finding, LineOnPage, PageToRead
from hornbook.model.guideline import PlacedItem
from hornbook.model.page import ReviewStatus

AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding with the revision of the text it was read from."""

    text_revision: int
    finding: Finding


def page_to_read(session: Session, page_id: str, text_revision: int) -> PageToRead:
    """One revision of a page's text as readers are given it; raises NotFound."""
    row = session.get(PageTextRow, (page_id, text_revision))
    if row is None:
        raise NotFound(f"There is no text revision {text_revision} of page {page_id!r}.")
    return PageToRead(row.text, _lines_on_page(row.text, row.lines))


def lines_of(session: Session, revisions: Mapping[str, int]) -> dict[str, tuple[LineOnPage, ...]]:
    """The lines of each page in the revision asked for; a text typed by a human has no boxes."""
    wanted = list(revisions.items())
    found: dict[str, tuple[LineOnPage, ...]] = {}
    for first in range(0, len(wanted), AT_ONCE):
        key = tuple_(PageTextRow.page_id, PageTextRow.revision)
        some = wanted[first : first + AT_ONCE]
        for row in session.scalars(select(PageTextRow).where(key.in_(some))):
            found[row.page_id] = _lines_on_page(row.text, row.lines)
    return found


def _lines_on_page(text: str, lines: Iterable[Mapping[str, Any]]) -> tuple[LineOnPage, ...]:
    read = codec.lines_from_json(lines)
    if read:
        return tuple(LineOnPage(line.text, line.box, line.paragraph) for line in read)
    typed = []
    paragraph = 0
    for line in text.splitlines():
        if line.strip():
            typed.append(LineOnPage(line.strip(), None, paragraph))
        else:
            paragraph += 1
    return tuple(typed)


def save(
    session: Session,
    page_id: str,
    text_revision: int,
    finding: Finding,
    keep: Collection[str] = (),
) -> None:
    """Put the finding in place of an earlier one.

    An earlier item in `keep` that the page no longer gives is retired, not lost: a text that a
    human edited still shows it.
    """
    row = session.get(FindingRow, page_id)
    items = codec.items_to_json(page_id, finding.items)
    fresh = {item["id"] for item in items}
    before = row.items if row is not None else []
    items += [
        {**item, "is_retired": True}
        for item in before
        if item["id"] in keep and item["id"] not in fresh
    ]
    if row is None:
        row = FindingRow(page_id=page_id)
        session.add(row)
    row.text_revision = text_revision
    row.summary = finding.summary
    row.items = items
    row.headings = list(finding.headings)
    row.dropped = finding.dropped
    row.engine = finding.engine
    session.flush()


def get(session: Session, page_id: str) -> StoredFinding | None:
    """What the page gave, if it was read; retired items left out."""
    row = session.get(FindingRow, page_id)
    return None if row is None else _stored(row)


def known(session: Session, book_id: str) -> dict[str, StoredFinding]:
    """What every page of the book gave that was read; retired items left out."""
    joined = select(FindingRow).join(PageRow, PageRow.id == FindingRow.page_id)
    rows = session.scalars(joined.where(PageRow.book_id == book_id))
    return {row.page_id: _stored(row) for row in rows}


def _stored(row: FindingRow) -> StoredFinding:
    live = codec.items_from_json(row.page_id, _live(row.items))
    finding = Finding(
        summary=row.summary,
        items=tuple(placed.item for placed in live),
        headings=tuple(row.headings),
        dropped=row.dropped,
        engine=row.engine,
    )
    return StoredFinding(row.text_revision, finding)


def summaries_before(session: Session, book_id: str, page_num: int, count: int) -> list[str]:
    """What the last so many pages before a page say in a sentence, the latest last."""
    near = (PageRow.place < page_num, PageRow.place >= page_num - count)
    return list(session.scalars(_of_book(book_id, FindingRow.summary).where(*near)))


def unread_by(session: Session, book_id: str, engine: str) -> tuple[int, int]:
    """How many usable pages this engine has not read as they are now, and their characters."""
    current = and_(PageTextRow.page_id == PageRow.id, PageTextRow.revision == PageRow.text_revision)
    is_read = and_(
        FindingRow.page_id == PageRow.id,
        FindingRow.text_revision == PageRow.text_revision,
        FindingRow.engine == engine,
    )
    unread = (
        select(func.count(), func.sum(func.length(PageTextRow.text)))
        .select_from(PageRow)
        .join(PageTextRow, current)
        .where(
            PageRow.book_id == book_id,
            PageRow.is_blank.is_(False),
            PageRow.review != ReviewStatus.REJECTED,
            ~exists().where(is_read),
        )
    )
    pages, characters = session.execute(unread).one()
    return pages, characters or 0


def readers(session: Session, book_id: str) -> list[str]:
    """Who read the pages of a book."""
    read = select(FindingRow.engine).join(PageRow, PageRow.id == FindingRow.page_id)
    names = read.where(PageRow.book_id == book_id).distinct().order_by(FindingRow.engine)
    return list(session.scalars(names))


def read_revisions(session: Session, book_id: str) -> dict[str, int]:
    """The pages that were read, each with the revision of the text it was read from."""
    rows = session.execute(_of_book(book_id, FindingRow.page_id, FindingRow.text_revision))
    return {row.page_id: row.text_revision for row in rows}


def items_of_pages(session: Session, page_ids: Iterable[str]) -> dict[str, tuple[PlacedItem, ...]]:
    """The items each of these pages gave, retired ones left out."""
    ids = list(page_ids)
    found: dict[str, tuple[PlacedItem, ...]] = {}
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        statement = select(FindingRow.page_id, FindingRow.items)
        for row in session.execute(statement.where(FindingRow.page_id.in_(some))):
            found[row.page_id] = codec.items_from_json(row.page_id, _live(row.items))
    return found


def items_of_book(session: Session, book_id: str) -> dict[str, PlacedItem]:
    """Every item of the book by its identity, retired ones too: what blocks may refer to."""
    rows = session.execute(_of_book(book_id, FindingRow.page_id, FindingRow.items))
    return {
        placed.id: placed
        for row in rows
        for placed in codec.items_from_json(row.page_id, row.items)
    }


def _of_book(book_id: str, *columns: Any) -> Select[Any]:
    joined = select(*columns).join(PageRow, PageRow.id == FindingRow.page_id)
    return joined.where(PageRow.book_id == book_id).order_by(PageRow.place)


def _live(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [item for item in items if not item.get("is_retired")]


def delete_all(session: Session, book_id: str) -> None:
    """Forget what the pages of a book gave."""
    of_book = select(PageRow.id).where(PageRow.book_id == book_id)
    session.execute(delete(FindingRow).where(FindingRow.page_id.in_(of_book)))
