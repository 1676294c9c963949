"""Write a subtopic's guideline from its items, and take a human's edits without losing either."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from hornbook.model.contents import Passage, Source
from hornbook.model.finding import Item, ItemKind
from hornbook.model.guideline import Arrangement, Block, BlockKind, PlacedItem
from hornbook.model.text import normal

HEADINGS = {
    ItemKind.OBJECTIVE: "Objectives",
    ItemKind.DEFINITION: "Definitions",
    ItemKind.CONCEPT: "Key ideas",
    ItemKind.WORKED_EXAMPLE: "Worked examples",
    ItemKind.MISCONCEPTION: "Watch out for",
    ItemKind.EXERCISE: "Practice",
    ItemKind.TEACHING_NOTE: "Notes for the teacher",
}
"""The headings of a guideline, in teaching order."""

_PAGE = re.compile(r"\(p\. ([1-9][0-9]*)\)")
_REMOVED = "(page removed)"
# Braces before "page:" that a human typed are doubled, so that an odd number marks a reference.
_BRACES = re.compile(r"(\{+)(?=page:)")
_REFERENCE = re.compile(r"(?P<braces>\{+)page:(?P<id>[^{}\s]*)(?P<end>\}?)")


def arrange(
    items: Sequence[PlacedItem], arrangement: Arrangement | None = None
) -> tuple[Block, ...]:
    """A guideline of all items (given in page order): grouped by kind, page order inside.

    An arrangement gives another order inside. Nothing is lost: an item is left out only if
    `duplicates` or the arrangement names one that says the same and stands.
    """
    asked = arrangement or Arrangement()
    left_out = _left_out(items, asked)
    rank = {item_id: at for at, item_id in enumerate(asked.order)}
    ordered = sorted(items, key=lambda placed: rank.get(placed.id, len(rank)))
    blocks: list[Block] = []
    for kind, heading in HEADINGS.items():
        group = [i for i in ordered if i.item.kind is kind and i.id not in left_out]
        if group:
            blocks.append(Block(BlockKind.HEADING, heading))
            blocks.extend(Block(BlockKind.ITEM, placed.id) for placed in group)
    return tuple(blocks)


def _left_out(items: Sequence[PlacedItem], arrangement: Arrangement) -> set[str]:
    """Items whose like stands: never both sides of a pair, whatever has come or gone since."""
    left_out = set(duplicates(items))
    standing = {placed.id for placed in items} - left_out
    for dropped, kept in arrangement.duplicates:
        if kept in standing and dropped in standing and dropped != kept:
            standing.discard(dropped)
            left_out.add(dropped)
    return left_out


def duplicates(items: Sequence[PlacedItem]) -> dict[str, str]:
    """The items that say what an earlier one of their kind says, each with that one's id."""
    first: dict[tuple[ItemKind, str], str] = {}
    repeated: dict[str, str] = {}
    for placed in items:
        kept = first.setdefault((placed.item.kind, _said(placed.item)), placed.id)
        if kept != placed.id:
            repeated[placed.id] = kept
    return repeated


def _said(item: Item) -> str:
    return normal(item.text) or item.text


def render(
    blocks: Sequence[Block],
    items: Mapping[str, PlacedItem],
    page_nums: Mapping[str, int] | None,
) -> str:
    """The guideline as Markdown, each item with its page; `None` leaves page numbers out.

    A page that is gone reads "(page removed)"; a block whose item is gone is left out.
    """
    pieces = _pieces(blocks, items, page_nums)
    text = "".join(piece.separator + piece.text for piece in pieces)
    return text.rstrip()


def without(blocks: Sequence[Block], item_ids: frozenset[str]) -> tuple[Block, ...]:
    """The blocks without these items; a heading left with nothing under it goes too."""
    kept = [b for b in blocks if b.kind is not BlockKind.ITEM or b.value not in item_ids]
    if len(kept) == len(blocks):
        return tuple(blocks)
    emptied = _empty_headings(kept) - _empty_headings(blocks)
    return tuple(block for block in kept if id(block) not in emptied)


def _empty_headings(blocks: Sequence[Block]) -> set[int]:
    """Identities of headings that are followed by another heading, or by nothing."""
    after = [*blocks[1:], None]
    return {
        id(block)
        for block, follower in zip(blocks, after, strict=True)
        if block.kind is BlockKind.HEADING
        and (follower is None or follower.kind is BlockKind.HEADING)
    }


def edit(
    blocks: Sequence[Block],
    items: Mapping[str, PlacedItem],
    page_nums: Mapping[str, int],
    text: str,
) -> tuple[Block, ...]:
    """A human's whole new text as blocks: what was left alone keeps its blocks.

    Rendering the result gives the text again, white space at its end aside.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    if lines == [""]:
        return ()
    page_ids = {number: page_id for page_id, number in page_nums.items()}
    kept = _kept_blocks(_pieces(blocks, items, page_nums), lines)
    return tuple(_blocks_of(_stretches(lines, kept), page_ids))


def passages(
    blocks: Sequence[Block], items: Mapping[str, PlacedItem], page_nums: Mapping[str, int]
) -> tuple[Passage, ...]:
    """The guideline piece by piece, for a reader who asks of each where it comes from."""
    found: list[Passage] = []
    for is_human, group in groupby(blocks, key=lambda block: block.kind is BlockKind.HUMAN):
        if is_human:
            words = "\n".join(_with_numbers(block.value, page_nums) for block in group)
            found.append(Passage(BlockKind.HUMAN, words))
        else:
            found += _generated(group, items, page_nums)
    return tuple(found)


def _generated(
    blocks: Iterable[Block], items: Mapping[str, PlacedItem], page_nums: Mapping[str, int]
) -> Iterator[Passage]:
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            yield Passage(BlockKind.HEADING, block.value)
        elif (placed := items.get(block.value)) is not None:
            text = placed.item.text.strip()
            yield Passage(BlockKind.ITEM, text, source(placed, page_nums[placed.page_id]))


def source(placed: PlacedItem, page_num: int) -> Source:
    """Where a statement comes from, on the page that now has this number."""
    return Source(
        item_id=placed.id,
        page_num=page_num,
        kind=placed.item.kind,
        text=placed.item.text,
        quote=placed.item.quote,
        boxes=placed.item.boxes,
    )


def by_number(text: str, page_nums: Mapping[str, int]) -> str:
    """A text whose pages are named by identity, with their present numbers."""
    return _with_numbers(text, page_nums)


def by_identity(text: str, page_nums: Mapping[str, int]) -> str:
    """A text whose pages are named by number, with their identities, which never change."""
    return _with_ids(text, {number: page_id for page_id, number in page_nums.items()})


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block as it is rendered after the one before it."""

    block: Block
    separator: str
    text: str


def _pieces(
    blocks: Sequence[Block],
    items: Mapping[str, PlacedItem],
    page_nums: Mapping[str, int] | None,
) -> list[_Piece]:
    pieces: list[_Piece] = []
    for block in blocks:
        rendered = _rendered(block, items, page_nums)
        if rendered is not None:
            separator = _separator(pieces[-1].block, block) if pieces else ""
            pieces.append(_Piece(block, separator, rendered))
    return pieces


def _separator(before: Block, after: Block) -> str:
    """Headings stand free, unless a human decides about the lines around them."""
    kinds = {before.kind, after.kind}
    return "\n\n" if BlockKind.HEADING in kinds and BlockKind.HUMAN not in kinds else "\n"


def _rendered(
    block: Block, items: Mapping[str, PlacedItem], page_nums: Mapping[str, int] | None
) -> str | None:
    match block.kind:
        case BlockKind.HEADING:
            return f"## {block.value}"
        case BlockKind.HUMAN:
            return _with_numbers(block.value, page_nums)
        case BlockKind.ITEM:
            placed = items.get(block.value)
            return None if placed is None else _bullet(placed, page_nums)


def _bullet(placed: PlacedItem, page_nums: Mapping[str, int] | None) -> str:
    lines = [line.strip() for line in placed.item.text.strip().split("\n") if line.strip()]
    if page_nums is not None:
        lines[-1] = f"{lines[-1]} {_reference(placed.page_id, page_nums)}"
    # Two spaces end a line within a bullet, so that a worked example keeps its steps.
    return "- " + "  \n  ".join(lines)


def _reference(page_id: str, page_nums: Mapping[str, int]) -> str:
    return f"(p. {page_nums[page_id]})" if page_id in page_nums else _REMOVED


def _with_numbers(text: str, page_nums: Mapping[str, int] | None) -> str:
    def shown(found: re.Match[str]) -> str:
        braces = len(found["braces"])
        literal = "{" * (braces // 2)
        if braces % 2 == 0:
            return f"{literal}page:{found['id']}{found['end']}"
        return literal + ("" if page_nums is None else _reference(found["id"], page_nums))

    return _REFERENCE.sub(shown, text)


def _with_ids(text: str, page_ids: Mapping[int, str]) -> str:
    parts: list[str] = []
    cursor = 0
    for found in _PAGE.finditer(text):
        if int(found[1]) in page_ids:
            before = _escaped(text[cursor : found.start()], is_before_reference=True)
            parts.append(f"{before}{{page:{page_ids[int(found[1])]}}}")
            cursor = found.end()
    return "".join([*parts, _escaped(text[cursor:], is_before_reference=False)])


def _escaped(text: str, *, is_before_reference: bool) -> str:
    doubled = _BRACES.sub(lambda found: found[1] * 2, text)
    if not is_before_reference:
        return doubled
    bare = doubled.rstrip("{")
    return bare + "{" * 2 * (len(doubled) - len(bare))


def _kept_blocks(pieces: Sequence[_Piece], lines: Sequence[str]) -> dict[int, tuple[Block, int]]:
    """First new line of each block that was left alone, with the block and its lines."""
    old: list[str] = []
    spans: list[tuple[int, int, Block]] = []
    for piece in pieces:
        old.extend([""] * (piece.separator.count("\n") - 1))
        own = piece.text.split("\n")
        spans.append((len(old), len(own), piece.block))
        old.extend(own)
    moved = _unchanged_lines(old, lines)
    return {
        moved[start]: (block, count)
        for start, count, block in spans
        if all(moved.get(start + k) == moved.get(start, -1) + k for k in range(count))
        and start in moved
    }


def _unchanged_lines(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    same = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {run.a + k: run.b + k for run in same for k in range(run.size)}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Lines of the new text: a block left alone, or one line that is a human's."""

    block: Block | None
    lines: tuple[str, ...]


def _stretches(lines: Sequence[str], kept: Mapping[int, tuple[Block, int]]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    at = 0
    while at < len(lines):
        block, count = kept.get(at, (None, 1))
        stretches.append(_Stretch(block, tuple(lines[at : at + count])))
        at += count
    return _settled(stretches)


def _settled(stretches: list[_Stretch]) -> list[_Stretch]:
    """A heading that a human glued to its neighbour can only be kept as a human's words."""
    settled = list(stretches)
    for index in range(len(stretches) - 1):
        pair = settled[index].block, settled[index + 1].block
        if pair[0] and pair[1] and _separator(pair[0], pair[1]) == "\n\n":
            glued = index if pair[0].kind is BlockKind.HEADING else index + 1
            settled[glued] = _Stretch(None, settled[glued].lines)
    return settled


def _blocks_of(stretches: Sequence[_Stretch], page_ids: Mapping[int, str]) -> Iterator[Block]:
    for index, stretch in enumerate(stretches):
        if stretch.block is not None:
            yield stretch.block
        elif not _is_implied(stretches, index):
            for line in stretch.lines:
                yield Block(BlockKind.HUMAN, _with_ids(line, page_ids))


def _is_implied(stretches: Sequence[_Stretch], index: int) -> bool:
    """Whether this is the one empty line that a heading brings with it."""
    if stretches[index].lines != ("",) or not 0 < index < len(stretches) - 1:
        return False
    before, after = stretches[index - 1].block, stretches[index + 1].block
    return bool(before and after and _separator(before, after) == "\n\n")
