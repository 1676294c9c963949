"""How lines, items and blocks lie in the JSON columns; both directions, nothing lost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from hornbook.model.finding import Item, ItemKind
from hornbook.model.guideline import Arrangement, Block, BlockKind, PlacedItem
from hornbook.model.page import Box, Line, Word


def lines_to_json(lines: Iterable[Line]) -> list[Any]:
    """Lines as `page_texts.lines` and `{n}.layout.json` hold them."""
    return [_line_to_json(line) for line in lines]


def lines_from_json(entries: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    """The lines that `lines_to_json` wrote."""
    return tuple(_line_from_json(entry) for entry in entries)


def item_ids(page_id: str, items: Iterable[Item]) -> list[str]:
    """An identity for each item that depends on its page, kind, words and quote only.

    A page read again gives the statements that it gave before the same identities, so that a
    human's edit keeps them. One that is put differently is another: texts that show it change.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    ids = []
    for item in items:
        said = (item.kind.value, item.text, item.quote)
        parts = "\0".join((page_id, *said, str(seen[said])))
        seen[said] += 1
        ids.append(sha256(parts.encode()).hexdigest()[:16])
    return ids


def items_to_json(page_id: str, items: Sequence[Item]) -> list[Any]:
    """Items as `findings.items` holds them, each with its identity."""
    return [
        {
            "id": item_id,
            "kind": item.kind.value,
            "text": item.text,
            "quote": item.quote,
            "boxes": [_box_to_json(box) for box in item.boxes],
        }
        for item_id, item in zip(item_ids(page_id, items), items, strict=True)
    ]


def items_from_json(page_id: str, entries: Iterable[Mapping[str, Any]]) -> tuple[PlacedItem, ...]:
    """The items that `items_to_json` wrote, with their identities and their page."""
    return tuple(PlacedItem(entry["id"], page_id, _item_from_json(entry)) for entry in entries)


def blocks_to_json(blocks: Iterable[Block]) -> list[Any]:
    """Blocks as `subtopics.blocks` holds them."""
    return [{"kind": block.kind.value, "value": block.value} for block in blocks]


def blocks_from_json(entries: Iterable[Mapping[str, Any]]) -> tuple[Block, ...]:
    """The blocks that `blocks_to_json` wrote."""
    return tuple(Block(BlockKind(entry["kind"]), entry["value"]) for entry in entries)


def arrangement_to_json(arrangement: Arrangement) -> dict[str, Any]:
    """An arrangement as `subtopics.arrangement` holds it."""
    same = dict(arrangement.duplicates)
    return {"items": [{"item_id": one, "same_as_id": same.get(one)} for one in arrangement.order]}


def arrangement_from_json(kept: Mapping[str, Any]) -> Arrangement:
    """The arrangement that `arrangement_to_json` wrote."""
    items = kept["items"]
    same = ((item["item_id"], item["same_as_id"]) for item in items if item["same_as_id"])
    return Arrangement(tuple(item["item_id"] for item in items), tuple(same))


def _box_to_json(box: Box) -> list[int]:
    return [box.left, box.top, box.right, box.bottom]


def _line_to_json(line: Line) -> dict[str, Any]:
    return {
        "text": line.text,
        "box": None if line.box is None else _box_to_json(line.box),
        "confidence": line.confidence,
        "paragraph": line.paragraph,
        "words": [_word_to_json(word) for word in line.words],
    }


def _word_to_json(word: Word) -> dict[str, Any]:
    return {"text": word.text, "box": _box_to_json(word.box), "confidence": word.confidence}


def _line_from_json(entry: Mapping[str, Any]) -> Line:
    return Line(
        text=entry["text"],
        box=None if entry["box"] is None else Box(*entry["box"]),
        confidence=entry["confidence"],
        paragraph=entry["paragraph"],
        words=tuple(
            Word(word["text"], Box(*word["box"]), word["confidence"]) for word in entry["words"]
        ),
    )


def _item_from_json(entry: Mapping[str, Any]) -> Item:
    return Item(
        kind=ItemKind(entry["kind"]),
        text=entry["text"],
        quote=entry["quote"],
        boxes=tuple(Box(*box) for box in entry["boxes"]),
    )
