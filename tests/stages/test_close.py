"""A subtopic is closed: whatever a writer says, no statement is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.model.finding import Item, ItemKind
from hornbook.model.guideline import Arrangement, BlockKind, PlacedItem
from hornbook.stages.close import Closing, close
from hornbook.stages.merge import arrange

TEXTS = (
    "Like fractions have the same denominator.",
    "Fractions with the same denominator are like fractions.",
    "Add the numerators and keep the denominator.",
    "Add 2/7 and 3/7.",
    "Add 4/9 and 1/9.",
)
ITEMS = tuple(
    PlacedItem(f"i{at}", "book/1", Item(ItemKind.CONCEPT, text, text))
    for at, text in enumerate(TEXTS)
)


class Says:
    """A writer that says what it was told to."""

    name = "says"

    def __init__(self, closing):
        self.closing = closing

    def close(self, title, items):
        return self.closing


def closed(**said):
    return close(Says(Closing(**({"summary": "s"} | said))), "Like fractions", ITEMS)


def shown(arrangement):
    blocks = arrange(ITEMS, arrangement)
    return [block.value for block in blocks if block.kind is BlockKind.ITEM]


def test_the_order_given_is_the_order_taught_and_what_was_left_out_of_it_follows():
    assert shown(closed(order=(2, 0)).arrangement) == ["i2", "i0", "i1", "i3", "i4"]


def test_places_that_are_not_there_or_named_twice_do_no_harm():
    assert shown(closed(order=(9, 1, -3, 1, 0)).arrangement) == ["i1", "i0", "i2", "i3", "i4"]


def test_a_duplicate_is_left_out_and_said_to_be_one():
    arrangement = closed(duplicates=((1, 0),)).arrangement

    assert shown(arrangement) == ["i0", "i2", "i3", "i4"]
    assert arrangement.duplicates == (("i1", "i0"),)


def test_what_is_no_duplicate_stays_whatever_a_model_says():
    refused = closed(duplicates=((2, 0), (4, 3), (3, 3), (0, 17), (-1, 0)))

    assert shown(refused.arrangement) == ["i0", "i1", "i2", "i3", "i4"]
    assert refused.refused == 5


@pytest.mark.parametrize(
    ("kept", "dropped"),
    [
        ("A square is not a rectangle.", "A square is a rectangle."),
        ("A square is a rectangle.", "A square isn\u2019t a rectangle."),
        ("Un carré n'est pas un rectangle.", "Un carré est un rectangle."),
        ("वर्ग आयत नहीं है।", "वर्ग आयत है।"),
    ],
)
def test_a_statement_is_no_duplicate_of_its_opposite(kept, dropped):
    both = [
        PlacedItem(str(at), "book/1", Item(ItemKind.CONCEPT, text, text))
        for at, text in enumerate((kept, dropped))
    ]

    assert close(Says(Closing("s", (), ((1, 0),))), "Squares", both).refused == 1


def test_a_definition_is_no_duplicate_of_a_misconception():
    kinds = (ItemKind.MISCONCEPTION, ItemKind.DEFINITION)
    text = "A prime number has exactly two factors."
    both = [PlacedItem(str(at), "book/1", Item(kind, text, text)) for at, kind in enumerate(kinds)]

    assert close(Says(Closing("s", (), ((1, 0),))), "Primes", both).refused == 1


def test_of_two_that_are_said_to_be_the_same_one_stays():
    assert shown(closed(duplicates=((0, 1), (1, 0))).arrangement) == ["i1", "i2", "i3", "i4"]


def test_a_summary_alone_leaves_the_order_of_the_pages():
    assert closed(summary=" Two\nwords ").arrangement is None
    assert closed(summary=" Two\nwords ").summary == "Two words"


def test_an_arrangement_holds_when_items_have_come_and_gone():
    arrangement = Arrangement(("i4", "gone", "i0"), (("i1", "gone"), ("gone", "i0"), ("i2", "i4")))

    assert shown(arrangement) == ["i4", "i0", "i1", "i3"]


places = st.integers(-2, len(ITEMS) + 1)


@settings(deadline=None)
@given(st.lists(places).map(tuple), st.lists(st.tuples(places, places)).map(tuple))
def test_every_statement_stands_or_is_named_with_one_that_stands(order, duplicates):
    arrangement = closed(order=order, duplicates=duplicates).arrangement

    standing = shown(arrangement)
    left_out = dict(arrangement.duplicates) if arrangement else {}
    assert sorted([*standing, *left_out]) == [one.id for one in ITEMS]
    assert set(left_out.values()) <= set(standing)
