"""The versions of a guideline's text, from what was noted at each of a human's acts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hornbook.errors import NotFound
from hornbook.library.scripts import Edit
from hornbook.model.guideline import Block, EditAct
from hornbook.model.history import Version

Blocks = Sequence[Block]
Told = Callable[[Blocks], str]
"""What blocks read as today, pages by identity."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A version with the blocks that it consisted of."""

    version: Version
    blocks: tuple[Block, ...]


def timeline(edits: Sequence[Edit], present: tuple[Block, ...], told: Told) -> list[Kept]:
    """Every version, oldest first; the last one is the present text.

    Where a run or a deleted page changed the text between two acts of humans, that is a version
    of its own.
    """
    texts: list[Kept] = []
    for index, one in enumerate(edits):
        later = _own_blocks(edits[index + 1 :]) or present
        before, after, act = _words(one, later, told)
        if act is not EditAct.KEPT:
            _catch_up(texts, before, one.blocks)
        elif not texts:
            _catch_up(texts, after, one.blocks_after or later)
        number = len(texts) + 1
        version = Version(number, after, before, act, one.by, one.at)
        texts.append(Kept(version, one.blocks_after or later))
    _catch_up(texts, told(present), present)
    texts[-1] = replace(texts[-1], version=replace(texts[-1].version, is_present=True))
    return texts


def find(texts: Sequence[Kept], number: int) -> Kept:
    """The version of this number; raises NotFound."""
    for one in texts:
        if one.version.number == number:
            return one
    raise NotFound(f"This guideline has no version {number}.")


def _own_blocks(later: Sequence[Edit]) -> tuple[Block, ...] | None:
    """What the text consisted of at the next act that replaced it."""
    return next((one.blocks for one in later if _act(one) is not EditAct.KEPT), None)


def _words(edit: Edit, later: tuple[Block, ...], told: Told) -> tuple[str, str, EditAct]:
    if edit.words is not None:
        return edit.words.before, edit.words.after, edit.words.act
    after = edit.blocks_after if edit.blocks_after is not None else later
    return told(edit.blocks), told(after), EditAct.EDITED


def _act(edit: Edit) -> EditAct:
    return edit.words.act if edit.words else EditAct.EDITED


def _catch_up(texts: list[Kept], text: str, blocks: tuple[Block, ...]) -> None:
    """Add a text that no human wrote, unless it stands there already."""
    last = texts[-1].version.text if texts else None
    if last != text:
        version = Version(len(texts) + 1, text, last, None, None, None)
        texts.append(Kept(version, blocks))
