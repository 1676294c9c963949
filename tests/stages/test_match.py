from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.stages.match import match


def pages(*numbers):
    return frozenset(f"book/{number}" for number in numbers)


def test_more_than_half_of_the_larger_set_makes_two_subtopics_the_same():
    assert match([pages(1, 2, 3), pages(4, 5)], {"old": pages(1, 2), "other": pages(9)}) == [
        "old",
        None,
    ]


def test_half_is_not_enough():
    assert match([pages(1, 2)], {"old": pages(1)}) == [None]


def test_empty_sets_match_nothing():
    assert match([frozenset()], {"old": frozenset()}) == [None]


sets = st.frozensets(st.integers(1, 6).map(lambda n: f"book/{n}"), max_size=6)


@settings(deadline=None)
@given(st.lists(sets, max_size=4), st.dictionaries(st.sampled_from("abcd"), sets, max_size=4))
def test_an_old_subtopic_is_given_out_at_most_once_and_only_to_its_like(entries, existing):
    matched = match(entries, existing)

    given_out = [one for one in matched if one is not None]
    assert len(given_out) == len(set(given_out))
    assert all(
        2 * len(entry & existing[one]) > max(len(entry), len(existing[one]))
        for entry, one in zip(entries, matched, strict=True)
        if one is not None
    )
