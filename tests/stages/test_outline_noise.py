import pytest

from bench.books import books_of_each_style
from bench.noise import photographed
from bench.quality import f1, mean, scored, window_diff
from hornbook.model.finding import LineOnPage
from hornbook.stages.outline import OutlinePage, outline

STYLES = books_of_each_style()
SMALL = [style for style in STYLES if not style.startswith(("whole", "long"))]
TOLD = ["We look at the beads on the string and count them slowly, one after the other."] * 5


def page(number, *lines):
    return OutlinePage(number, tuple(LineOnPage(line) for line in lines))


def begun(pages):
    return {entry.first_page: entry for entry in outline(pages).entries}


def photos(style, rate, seeds=(21, 22)):
    return [photographed(STYLES[style](seed), rate, seed) for seed in seeds]


@pytest.mark.parametrize(
    ("style", "least"),
    [
        ("facing heads", 0.88),
        ("no running heads", 0.82),
        ("unnumbered, running heads", 0.85),
        ("unnumbered, titles", 0.85),
    ],
)
def test_sections_are_found_where_one_character_in_ten_is_misread(style, least):
    score = mean([scored(book) for book in photos(style, 0.1)])

    assert score.exact >= least


def test_entries_nobody_is_asked_about_begin_where_a_section_does():
    books = [photos(style, 0.15, (23,))[0] for style in SMALL]

    score = mean([scored(book) for book in books])

    assert score.sure_wrong <= 0.01
    assert score.sure >= 0.3


def test_a_number_nobody_can_read_is_told_by_its_neighbours():
    pages = [
        page(1, "3.1 Round Numbers", *TOLD),
        page(2, *TOLD),
        page(3, "3.b Compare Fractions", *TOLD),
        page(4, *TOLD),
        page(5, "3.3 Divide Decimals", *TOLD),
    ]

    found = begun(pages)

    assert list(found) == [1, 3, 5]
    assert found[3].subtopic_title == "Compare Fractions"
    assert found[3].confidence < 0.6


def test_a_section_whose_heading_is_lost_begins_where_its_opener_stands():
    opener = "By the end of this section, you will be able to:"
    pages = [
        page(1, "3.1 Round Numbers", opener, *TOLD),
        page(2, *TOLD, "Exercises"),
        page(3, opener, *TOLD),
        page(4, *TOLD, "Exercises"),
        page(5, "3.3 Divide Decimals", opener, *TOLD),
        page(6, *TOLD),
    ]

    found = begun(pages)

    assert list(found) == [1, 3, 5]
    assert found[3].confidence < 0.6


def test_a_gap_in_the_numbers_alone_begins_nothing():
    pages = [
        page(1, "3.1 Round Numbers", *TOLD),
        *(page(n, *TOLD) for n in (2, 3, 4)),
        page(5, "3.4 Divide Decimals", *TOLD),
    ]

    assert list(begun(pages)) == [1, 5]


def test_a_damaged_word_for_lesson_is_believed_beside_undamaged_ones():
    headings = ["Lesson 1: Beads", "Lorson 2: Strings", "Le sson 3: Boxes", "Lesson 4: Baskets"]
    pages = [
        page(2 * at + half, *([heading] if half == 1 else []), *TOLD)
        for at, heading in enumerate(headings)
        for half in (1, 2)
    ]

    assert [entry.subtopic_title for entry in outline(pages).entries] == [
        "Beads",
        "Strings",
        "Boxes",
        "Baskets",
    ]


def test_what_is_merely_like_the_word_lesson_is_none():
    pages = [
        page(1, "2.1 Why We Count", *TOLD),
        page(2, "Reason 2: Counting Saves Time", *TOLD),
        page(3, "Reason 3: Counting Is Fun", *TOLD),
        page(4, "2.2 Who Counts", *TOLD),
    ]

    assert list(begun(pages)) == [1, 4]


def test_a_damaged_label_at_the_foot_of_pages_is_no_running_head():
    asked = "Which of the two is longer, and by how much do they differ?"
    pages = [
        page(1, "1.1 Big Animals", *TOLD),
        page(2, *TOLD, f"Exanple 1.2 {asked}"),
        page(3, *TOLD, f"Examplc 1.2 {asked}"),
        page(4, *TOLD),
        page(5, "1.3 Small Animals", *TOLD),
    ]

    assert list(begun(pages)) == [1, 5]


def test_chapters_in_facing_running_heads_are_not_taken_for_sections():
    titles = ["Telling the Time", "Money in the Shop", "Equal Groups", "Sharing Fairly"]
    pages = [
        page(
            6 * at + n,
            ("Shapes and Measures" if at < 2 else "Groups and Shares") if n % 2 == 0 else title,
            *TOLD,
        )
        for at, title in enumerate(titles)
        for n in range(1, 7)
    ]

    found = outline(pages)

    assert [entry.subtopic_title for entry in found.entries] == titles
    assert [entry.first_page for entry in found.entries] == [1, 7, 13, 19]


def test_a_running_head_first_read_late_in_its_section_is_not_sure_of_its_page():
    pages = [
        *(page(n, f"4.1 Visualize Fractions    {n}", *TOLD) for n in range(1, 5)),
        *(page(n, *TOLD) for n in range(5, 10)),
        *(page(n, f"4.2 Multiply Fractions    {n}", *TOLD) for n in range(10, 14)),
    ]

    late = [entry for entry in outline(pages).entries if "Multiply" in entry.subtopic_title]

    assert [entry.confidence < 0.6 for entry in late] == [True]


def test_in_a_book_of_few_pages_a_steady_choice_of_words_makes_no_heading_unsure():
    pages = [
        page(1, "1.1 Adding Like Fractions", *TOLD),
        page(2, "A pizza is cut into eight equal slices and three of them are eaten by noon."),
        page(3, "1.2 Subtracting Fractions", *TOLD),
        page(4, *TOLD),
    ]

    assert all(entry.confidence >= 0.6 for entry in outline(pages).entries)


def test_windows_with_another_number_of_starts_are_what_is_counted():
    pages = list(range(1, 13))

    assert window_diff([1, 5, 9], [1, 5, 9], pages) == 0
    assert 0 < window_diff([1, 6, 9], [1, 5, 9], pages) < window_diff([1], [1, 5, 9], pages)
    assert f1([1, 6, 9], [1, 5, 9], within=1) == 1
