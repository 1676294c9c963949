from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.stages.match import Part, match


def part(title, *numbers):
    return Part(title, tuple(f"book/{number}" for number in numbers))


def test_more_than_half_of_the_larger_set_makes_two_subtopics_the_same():
    wanted = [part("A", 1, 2, 3), part("B", 4, 5)]

    assert match(wanted, {"old": part("C", 1, 2), "other": part("D", 9)}) == ["old", None]


def test_half_is_not_enough():
    assert match([part("A", 1, 2)], {"old": part("B", 1)}) == [None]


def test_without_pages_nothing_is_the_same_but_what_has_the_same_title():
    assert match([part("A"), part("B")], {"old": part("C"), "other": part("B")}) == [None, "other"]


def test_a_title_that_stays_on_one_of_its_pages_counts_more_than_most_pages():
    wanted = [part("Alpha", 1, 2), part("Beta", 3, 4, 5, 6)]

    assert match(wanted, {"old": part("Alpha", 1, 2, 3, 4, 5, 6)}) == ["old", None]


def test_of_two_with_the_same_title_the_one_that_begins_there_is_the_same():
    wanted = [part("Review", 3), part("Review", 6, 7)]

    assert match(wanted, {"old": part("Review", 3, 6, 7)}) == ["old", None]


def test_a_pair_that_is_ruled_out_leaves_both_to_others():
    wanted = [part("A", 1, 2), part("B", 3)]
    existing = {"old": part("C", 1, 2), "other": part("A", 9)}

    assert match(wanted, existing) == ["old", None]
    assert match(wanted, existing, without=[(0, "old")]) == ["other", None]


parts = st.builds(
    lambda title, numbers: part(title, *sorted(numbers)),
    st.sampled_from("ABC"),
    st.frozensets(st.integers(1, 6), max_size=6),
)


@settings(deadline=None)
@given(st.lists(parts, max_size=4), st.dictionaries(st.sampled_from("abcd"), parts, max_size=4))
def test_an_old_subtopic_is_given_out_at_most_once_and_only_to_its_like(wanted, existing):
    matched = match(wanted, existing)

    given_out = [one for one in matched if one is not None]
    assert len(given_out) == len(set(given_out))
    assert all(
        new.title == existing[one].title
        or 2 * len({*new.pages} & {*existing[one].pages})
        > max(len(new.pages), len(existing[one].pages))
        for new, one in zip(wanted, matched, strict=True)
        if one is not None
    )
