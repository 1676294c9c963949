from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.model.finding import Item, ItemKind
from hornbook.model.guideline import Block, BlockKind, PlacedItem
from hornbook.stages.merge import HEADINGS, arrange, duplicates, edit, render, without

PAGES = {"book/1": 1, "book/2": 2, "book/3": 3}


def placed(item_id, text, kind=ItemKind.CONCEPT, page_id="book/1"):
    return PlacedItem(item_id, page_id, Item(kind, text, text))


def by_id(items):
    return {one.id: one for one in items}


SAMPLE = [
    placed("a", "Count to twenty", ItemKind.OBJECTIVE),
    placed("b", "Twenty is two tens.", ItemKind.CONCEPT),
    placed("c", "Example 1\nCount the beads.\nThere are 12.", ItemKind.WORKED_EXAMPLE, "book/2"),
    placed("d", "Ten ones make one ten.", ItemKind.CONCEPT, "book/3"),
]
SAMPLE_TEXT = """\
## Objectives

- Count to twenty (p. 1)

## Key ideas

- Twenty is two tens. (p. 1)
- Ten ones make one ten. (p. 3)

## Worked examples

- Example 1  
  Count the beads.  
  There are 12. (p. 2)"""  # noqa: W291 - two spaces end a line in Markdown

kinds = st.sampled_from(list(ItemKind))
words = st.text(alphabet="ab1 .\n", min_size=1, max_size=12).filter(str.strip)
item_lists = st.lists(st.tuples(kinds, words, st.sampled_from([*PAGES, "book/9"])), max_size=8).map(
    lambda rows: [placed(f"i{n}", text, kind, page) for n, (kind, text, page) in enumerate(rows)]
)
typed = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab #-{}:()p. 123\n\r"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=60,
)
fragments = st.sampled_from(
    [
        "## Objectives",
        "## Key ideas",
        "- a (p. 1)",
        "",
        "(p. 2)",
        "{page:book/1}",
        "{{page:",
        "{(p. 3)",
        "page:",
        "(p. 77)",
        "my words",
    ]
)


def test_a_guideline_groups_items_in_teaching_order_and_cites_their_pages():
    assert render(arrange(SAMPLE), by_id(SAMPLE), PAGES) == SAMPLE_TEXT


def test_without_page_numbers_a_move_of_pages_changes_nothing():
    items, blocks = by_id(SAMPLE), arrange(SAMPLE)

    assert "(p." not in render(blocks, items, None)
    assert "- Twenty is two tens.\n" in render(blocks, items, None)


@settings(deadline=None)
@given(item_lists)
def test_every_item_appears_once_or_is_named_as_the_duplicate_of_one_that_does(items):
    shown = [block.value for block in arrange(items) if block.kind is BlockKind.ITEM]
    repeated = duplicates(items)

    assert len(shown) == len(set(shown))
    assert set(shown) | set(repeated) == {one.id for one in items}
    assert set(shown).isdisjoint(repeated)
    assert set(repeated.values()) <= set(shown)


@settings(deadline=None)
@given(item_lists)
def test_items_stand_under_their_heading_in_the_order_of_the_pages(items):
    position = {one.id: n for n, one in enumerate(items)}
    heading = None
    last = -1
    for block in arrange(items):
        if block.kind is BlockKind.HEADING:
            heading, last = block.value, -1
        else:
            assert HEADINGS[by_id(items)[block.value].item.kind] == heading
            assert position[block.value] > last
            last = position[block.value]


def test_the_same_words_of_the_same_kind_are_shown_once():
    items = [
        placed("a", "Ten ones make a ten."),
        placed("b", "Ten  ones make a TEN"),
        placed("c", "Ten ones make a ten.", ItemKind.DEFINITION),
    ]

    assert duplicates(items) == {"b": "a"}


def saved(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()


@settings(deadline=None)
@given(item_lists, typed)
def test_any_text_a_human_types_is_rendered_as_it_was_typed(items, text):
    blocks = edit(arrange(items), by_id(items), PAGES, text)

    assert render(blocks, by_id(items), PAGES) == saved(text)


@settings(deadline=None)
@given(
    item_lists,
    st.lists(st.tuples(st.integers(0, 30), st.one_of(fragments, typed), st.booleans()), max_size=5),
)
def test_any_edit_of_the_lines_of_a_guideline_is_rendered_as_it_was_typed(items, changes):
    known = by_id(items)
    lines = render(arrange(items), known, PAGES).split("\n")
    for at, fragment, is_cut in changes:
        lines[at % (len(lines) + 1) : at % (len(lines) + 1) + is_cut] = [fragment]
    text = "\n".join(lines)

    once = edit(arrange(items), known, PAGES, text)
    twice = edit(once, known, PAGES, text)

    assert render(once, known, PAGES) == saved(text)
    assert render(twice, known, PAGES) == saved(text)


@settings(deadline=None)
@given(item_lists)
def test_a_text_left_alone_keeps_all_its_blocks(items):
    blocks = arrange(items)

    assert edit(blocks, by_id(items), PAGES, render(blocks, by_id(items), PAGES)) == blocks


def test_a_changed_line_becomes_the_humans_and_the_others_keep_their_items():
    text = SAMPLE_TEXT.replace("Twenty is two tens.", "Twenty is TWO tens.").replace("\n", "\r\n")

    blocks = edit(arrange(SAMPLE), by_id(SAMPLE), PAGES, text)

    assert Block(BlockKind.HUMAN, "- Twenty is TWO tens. {page:book/1}") in blocks
    assert [b.value for b in blocks if b.kind is BlockKind.ITEM] == ["a", "d", "c"]


def test_one_changed_line_of_an_example_makes_all_of_it_the_humans():
    blocks = edit(
        arrange(SAMPLE), by_id(SAMPLE), PAGES, SAMPLE_TEXT.replace("the beads", "the shells")
    )

    assert [b.value for b in blocks if b.kind is BlockKind.ITEM] == ["a", "b", "d"]


def test_a_page_reference_of_a_human_follows_its_page():
    blocks = edit((), {}, PAGES, "Begin here (p. 2), then (p. 99).")

    assert blocks == (Block(BlockKind.HUMAN, "Begin here {page:book/2}, then (p. 99)."),)
    assert render(blocks, {}, {"book/2": 7}) == "Begin here (p. 7), then (p. 99)."
    assert render(blocks, {}, {}) == "Begin here (page removed), then (p. 99)."
    assert render(blocks, {}, None) == "Begin here , then (p. 99)."


@settings(deadline=None)
@given(item_lists, typed)
def test_a_page_that_goes_leaves_no_token_behind(items, text):
    blocks = edit(arrange(items), by_id(items), PAGES, f"{text} (p. 1)")

    assert (
        "{page:book/1}" not in render(blocks, by_id(items), {"book/2": 1})
        or "{page:book/1}" in text
    )


def test_items_taken_out_take_their_empty_heading_along():
    kept = without(arrange(SAMPLE), frozenset({"a", "d"}))

    assert [block.value for block in kept] == ["Key ideas", "b", "Worked examples", "c"]


def test_a_heading_that_a_human_wrote_under_stays_when_its_items_go():
    blocks = (
        Block(BlockKind.HEADING, "Objectives"),
        Block(BlockKind.HUMAN, "mine"),
        Block(BlockKind.ITEM, "a"),
    )

    assert without(blocks, frozenset({"a"})) == blocks[:2]


def test_taking_nothing_out_changes_nothing():
    blocks = (Block(BlockKind.HEADING, "Objectives"),)

    assert without(blocks, frozenset({"x"})) == blocks
