"""The blocks of subtopics: what their texts consist of, and what stood there before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hornbook.library import codec
from hornbook.library.tables import SubtopicEditRow, SubtopicRow
from hornbook.model.guideline import Arrangement, Block, BlockKind, EditAct, SubtopicStatus


@dataclass(frozen=True, slots=True)
class Script:
    """The blocks of one subtopic; `candidate` is what a run wrote beside a human's text."""

    blocks: tuple[Block, ...]
    candidate: tuple[Block, ...] | None
    is_edited: bool
    arrangement: Arrangement | None = None
    """How a model ordered the items when the text was closed."""

    @property
    def item_ids(self) -> frozenset[str]:
        """The items that the text or its candidate shows."""
        return items_in(self.blocks) | items_in(self.candidate or ())


@dataclass(frozen=True, slots=True)
class Words:
    """A human's act on a text in words: what they saw before and after, pages by identity."""

    act: EditAct
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One act of a human on a text; `words` is missing in those of long ago."""

    version: int
    blocks: tuple[Block, ...]
    """The text replaced, or the one that was set aside."""
    blocks_after: tuple[Block, ...] | None
    words: Words | None
    at: datetime
    by: str


def items_in(blocks: Sequence[Block]) -> frozenset[str]:
    """The items that these blocks show."""
    return frozenset(block.value for block in blocks if block.kind is BlockKind.ITEM)


def scripts(session: Session, subtopic_ids: Collection[str]) -> dict[str, Script]:
    """The blocks of these subtopics."""
    found = select(SubtopicRow).where(SubtopicRow.id.in_(subtopic_ids))
    return {row.id: _script(row) for row in session.scalars(found)}


def shown_in_edits(session: Session, book_id: str) -> frozenset[str]:
    """The items that texts edited by a human show."""
    edited = select(SubtopicRow).where(
        SubtopicRow.book_id == book_id, SubtopicRow.edited_at.is_not(None)
    )
    return frozenset[str]().union(*(_script(row).item_ids for row in session.scalars(edited)))


def _script(row: SubtopicRow) -> Script:
    candidate = None if row.candidate is None else codec.blocks_from_json(row.candidate)
    arrangement = row.arrangement and codec.arrangement_from_json(row.arrangement)
    return Script(
        codec.blocks_from_json(row.blocks),
        candidate,
        row.edited_at is not None,
        arrangement or None,
    )


def earlier(session: Session, subtopic_id: str) -> list[tuple[Block, ...]]:
    """Every text of the subtopic that a human replaced or set aside, oldest first."""
    return [one.blocks for one in edits(session, subtopic_id)]


def edits(session: Session, subtopic_id: str) -> list[Edit]:
    """Everything that humans did to the text, oldest first."""
    rows = session.scalars(
        select(SubtopicEditRow)
        .where(SubtopicEditRow.subtopic_id == subtopic_id)
        .order_by(SubtopicEditRow.version)
    )
    return [_edit(row) for row in rows]


def edit_counts(session: Session, book_id: str) -> dict[str, int]:
    """How often humans acted on each text of the book; those they never touched are left out."""
    counted = (
        select(SubtopicEditRow.subtopic_id, func.count())
        .join(SubtopicRow, SubtopicRow.id == SubtopicEditRow.subtopic_id)
        .where(SubtopicRow.book_id == book_id)
        .group_by(SubtopicEditRow.subtopic_id)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def _edit(row: SubtopicEditRow) -> Edit:
    words, after = None, None
    if row.act and row.text_before is not None and row.text_after is not None:
        words = Words(EditAct(row.act), row.text_before, row.text_after)
    if row.blocks_after is not None:
        after = codec.blocks_from_json(row.blocks_after)
    blocks = codec.blocks_from_json(row.blocks)
    return Edit(row.version, blocks, after, words, row.replaced_at, row.replaced_by)


def write(
    session: Session,
    subtopic_id: str,
    blocks: Sequence[Block],
    *,
    rev: int,
    now: datetime | None = None,
) -> None:
    """Give the subtopic other blocks, as a new version; without `now` its date stays."""
    row = session.get_one(SubtopicRow, subtopic_id)
    row.blocks = codec.blocks_to_json(blocks)
    row.version += 1
    row.updated_at = now or row.updated_at
    row.rev = rev
    session.flush()


def reopen(session: Session, subtopic_id: str) -> None:
    """Say that the text is being written: it is not settled, and its summary is due anew."""
    row = session.get_one(SubtopicRow, subtopic_id)
    row.status = SubtopicStatus.OPEN
    row.summary = ""
    session.flush()


def outdate(session: Session, subtopic_id: str) -> None:
    """Say that the summary is about other statements than the text; it stays until the next run."""
    session.get_one(SubtopicRow, subtopic_id).is_outdated = True
    session.flush()


def write_edit(
    session: Session,
    subtopic_id: str,
    blocks: Sequence[Block],
    *,
    by: str,
    rev: int,
    now: datetime,
    words: Words | None = None,
) -> None:
    """Put a human's text in place of the present one, which is kept."""
    row = session.get_one(SubtopicRow, subtopic_id)
    _keep(session, row, codec.blocks_from_json(row.blocks), blocks, by, now, words)
    row.edited_at = now
    row.edited_by = by
    write(session, subtopic_id, blocks, rev=rev, now=now)


def take_candidate(
    session: Session,
    subtopic_id: str,
    *,
    by: str,
    rev: int,
    now: datetime,
    words: Words | None = None,
) -> None:
    """Put the candidate in place of a human's text, which is kept."""
    row = session.get_one(SubtopicRow, subtopic_id)
    candidate = codec.blocks_from_json(row.candidate or [])
    _keep(session, row, codec.blocks_from_json(row.blocks), candidate, by, now, words)
    row.candidate = row.edited_at = row.edited_by = None
    row.is_outdated = True
    write(session, subtopic_id, candidate, rev=rev, now=now)


def set_candidate_aside(
    session: Session,
    subtopic_id: str,
    *,
    by: str,
    rev: int,
    now: datetime,
    words: Words | None = None,
) -> None:
    """Keep a human's text; the same candidate is not offered again."""
    row = session.get_one(SubtopicRow, subtopic_id)
    own = codec.blocks_from_json(row.blocks)
    _keep(session, row, codec.blocks_from_json(row.candidate or []), own, by, now, words)
    row.candidate = None
    write(session, subtopic_id, own, rev=rev, now=now)


def _keep(
    session: Session,
    row: SubtopicRow,
    blocks: Sequence[Block],
    after: Sequence[Block],
    by: str,
    now: datetime,
    words: Words | None,
) -> None:
    session.add(
        SubtopicEditRow(
            subtopic_id=row.id,
            version=row.version,
            blocks=codec.blocks_to_json(blocks),
            replaced_at=now,
            replaced_by=by,
            act=words.act if words else None,
            text_before=words.before if words else None,
            text_after=words.after if words else None,
            blocks_after=codec.blocks_to_json(after),
        )
    )


def offer(
    session: Session, subtopic_id: str, candidate: Sequence[Block] | None, *, rev: int
) -> None:
    """Put what a run wrote beside a human's text, or take that away; the same changes nothing."""
    row = session.get_one(SubtopicRow, subtopic_id)
    kept = None if candidate is None else codec.blocks_to_json(candidate)
    if row.candidate != kept:
        row.candidate = kept
        row.rev = rev
        session.flush()


def open_ones(session: Session, book_id: str) -> list[str]:
    """The subtopics that are being written."""
    is_open = (SubtopicRow.book_id == book_id, SubtopicRow.status == SubtopicStatus.OPEN)
    return list(session.scalars(select(SubtopicRow.id).where(*is_open)))


def set_status(
    session: Session, subtopic_ids: Collection[str], status: SubtopicStatus, *, rev: int
) -> None:
    """Say how settled these texts are; only rows that change are stamped."""
    session.execute(
        update(SubtopicRow)
        .where(SubtopicRow.id.in_(subtopic_ids), SubtopicRow.status != status)
        .values(status=status, rev=rev)
    )


def settle(session: Session, subtopic_ids: Collection[str], *, rev: int) -> set[str]:
    """Call these texts final; those with a candidate need review until a choice, and are given."""
    waits = select(SubtopicRow.id).where(
        SubtopicRow.id.in_(subtopic_ids), SubtopicRow.candidate.is_not(None)
    )
    waiting = set(session.scalars(waits))
    set_status(session, set(subtopic_ids) - waiting, SubtopicStatus.FINAL, rev=rev)
    set_status(session, waiting, SubtopicStatus.NEEDS_REVIEW, rev=rev)
    return waiting


def set_summary(session: Session, subtopic_id: str, summary: str, *, rev: int) -> None:
    """Keep what the subtopic teaches, in a sentence."""
    row = session.get_one(SubtopicRow, subtopic_id)
    row.summary = summary
    row.rev = rev
    session.flush()


def close(
    session: Session,
    subtopic_id: str,
    summary: str,
    arrangement: Arrangement | None,
    shortfall: str | None,
    *,
    rev: int,
) -> None:
    """Keep what a writer said of the subtopic; without an arrangement the one before stays."""
    set_summary(session, subtopic_id, summary, rev=rev)
    row = session.get_one(SubtopicRow, subtopic_id)
    row.shortfall = shortfall
    row.is_outdated = False
    if arrangement is not None:
        row.arrangement = codec.arrangement_to_json(arrangement)
    session.flush()


def withhold(session: Session, subtopic_id: str, *, is_withheld: bool) -> str | None:
    """Leave a subtopic out of every sync, or no longer; gives its book, None when it is gone."""
    statement = update(SubtopicRow).where(SubtopicRow.id == subtopic_id)
    values = statement.values(is_withheld=is_withheld).returning(SubtopicRow.book_id)
    return session.execute(values).scalar_one_or_none()
