from hypothesis import given, settings
from hypothesis import strategies as st

from bench import books
from bench.quality import text_of
from hornbook.engines.offline import Offline
from hornbook.model.finding import Finding, Item, ItemKind, LineOnPage, PageToRead
from hornbook.model.page import Box
from hornbook.model.text import align
from hornbook.stages.read import read_page


class Quoting:
    """A reader that answers with the quotes it was given."""

    name = "quoting"

    def __init__(self, *quotes, dropped=0):
        self.finding = Finding(
            "s",
            tuple(Item(ItemKind.CONCEPT, "told", quote) for quote in quotes),
            (),
            dropped,
            "quoting",
        )

    def read(self, page):
        return self.finding


def test_an_item_whose_quote_is_not_on_the_page_is_dropped_and_counted():
    found = read_page(
        Quoting("two tens", "three tens", dropped=1), PageToRead("Twenty is two tens.")
    )

    assert [item.quote for item in found.items] == ["two tens"]
    assert found.dropped == 2


def test_a_quote_becomes_the_pages_own_words():
    page = PageToRead("It\u2019s a multi-\nplication  of “ones”.")

    found = read_page(Quoting('it\'s a multiplication of "ones"'), page)

    assert [item.quote for item in found.items] == ["It\u2019s a multi-\nplication  of “ones”"]


def test_a_quote_of_nothing_but_marks_is_no_evidence():
    assert read_page(Quoting("", " . "), PageToRead("Words.")).items == ()


def test_an_item_gets_the_boxes_of_exactly_the_lines_it_quotes():
    boxes = [Box(0, 10 * n, 50, 10 * n + 8) for n in range(3)]
    lines = tuple(
        LineOnPage(text, box)
        for text, box in zip(["one two", "three four", "one two"], boxes, strict=True)
    )

    found = read_page(Quoting("four one"), PageToRead("one two\nthree four\n\none two", lines))

    assert found.items[0].boxes == (boxes[1], boxes[2])


def test_a_text_typed_by_a_human_has_no_boxes():
    assert read_page(Quoting("two"), PageToRead("one two")).items[0].boxes == ()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 5), st.floats(0, 0.3))
def test_every_item_of_the_offline_reader_stands_on_its_page_whatever_was_misread(seed, share):
    book = books.noisy(books.numbered(chapters=1, per_chapter=2, seed=seed), share, seed)
    for page in book.pages:
        asked = PageToRead(text_of(page), page.lines)

        found = read_page(Offline(), asked)

        assert found.dropped == 0
        assert all(item.quote in asked.text for item in found.items)


def test_a_row_of_bare_numbers_under_a_label_is_no_item():
    assert read_page(Offline(), PageToRead("Solution\n2. 20 8 2 20 7\n1 2 3 4 5 6")).dropped == 0


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_can_be_read(text):
    found = read_page(Offline(), PageToRead(text))

    assert found.dropped == 0
    assert found.summary
    assert all(align(item.quote, text) for item in found.items)
