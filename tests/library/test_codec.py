"""What goes into a JSON column comes out as it was."""

from hypothesis import given
from hypothesis import strategies as st

from hornbook.library import codec
from hornbook.model.finding import Item, ItemKind
from hornbook.model.guideline import Block, BlockKind
from hornbook.model.page import Box, Line, Word

numbers = st.integers(0, 20_000)
boxes = st.builds(Box, numbers, numbers, numbers, numbers)
confidences = st.floats(0, 100)
words = st.builds(Word, st.text(), boxes, confidences)
lines = st.builds(
    Line, st.text(), boxes, confidences, st.integers(0, 99), st.lists(words).map(tuple)
)
items = st.builds(
    Item, st.sampled_from(ItemKind), st.text(), st.text(max_size=2), st.lists(boxes).map(tuple)
)
blocks = st.builds(Block, st.sampled_from(BlockKind), st.text())


@given(st.lists(lines, max_size=5))
def test_lines_come_back(given_lines: list[Line]) -> None:
    assert codec.lines_from_json(codec.lines_to_json(given_lines)) == tuple(given_lines)


@given(st.lists(blocks))
def test_blocks_come_back(given_blocks: list[Block]) -> None:
    assert codec.blocks_from_json(codec.blocks_to_json(given_blocks)) == tuple(given_blocks)


@given(st.lists(items, max_size=9))
def test_items_come_back_each_with_an_identity_of_its_own(given_items: list[Item]) -> None:
    placed = codec.items_from_json("b/1", codec.items_to_json("b/1", given_items))

    assert [each.item for each in placed] == given_items
    assert {each.page_id for each in placed} <= {"b/1"}
    assert len({each.id for each in placed}) == len(given_items)


def test_an_item_keeps_its_identity_wherever_it_stands_and_loses_it_with_its_words() -> None:
    def said(text: str, quote: str = "a half") -> Item:
        return Item(ItemKind.CONCEPT, text, quote)

    first = codec.item_ids("b/1", [said("Halves"), said("Other", "two")])
    again = codec.item_ids("b/1", [said("Other", "two"), said("Halves")])
    reworded = codec.item_ids("b/1", [said("What a half is"), said("Other", "two")])

    assert set(first) == set(again)
    assert (reworded[0] == first[0], reworded[1] == first[1]) == (False, True)
    assert codec.item_ids("b/2", [said("Halves")]) != first[:1]
    assert len(first[0]) == 16
