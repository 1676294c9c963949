"""Which subtopic lives on, however strangely merges are chained."""

from hornbook.library.shapes import survivors


def test_a_chain_of_merges_ends_in_one_survivor() -> None:
    assert survivors({"a": "b", "b": "c", "c": None}) == {"a": "c", "b": "c", "c": "c"}


def test_a_circle_and_a_merge_into_nothing_lose_nobody() -> None:
    assert survivors({"a": "b", "b": "a", "c": "gone"}) == {"a": "a", "b": "b", "c": "c"}


def test_a_chain_that_leads_into_a_circle_loses_nobody() -> None:
    assert survivors({"a": "b", "b": "c", "c": "b"})["a"] == "a"
