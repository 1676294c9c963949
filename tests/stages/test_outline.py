from dataclasses import replace
from itertools import pairwise

import pytest

from bench import books
from bench.quality import f1
from hornbook.model.finding import LineOnPage
from hornbook.model.guideline import Outline
from hornbook.model.page import Box
from hornbook.stages.outline import OutlinePage, outline


def page(number, *lines):
    return OutlinePage(number, tuple(LineOnPage(line) for line in lines))


def starts(found):
    return [entry.first_page for entry in found.entries]


def true_starts(book):
    return [section.first_page for section in book.sections]


NUMBERED = [
    books.numbered(),
    books.numbered(name="facing heads", openers=False, head="facing", seed=11),
    books.numbered(name="heads at the foot", head="foot", seed=12),
    books.numbered(name="no running heads", head="none", openers=False, seed=13),
    books.numbered(name="contents page", contents=True, seed=14),
    books.numbered(name="opener pages", opener_pages=True, seed=15),
    books.numbered(name="begins at 2.3", first=(2, 3), seed=16),
    books.lessons(),
    *(books.alike(seed, heads) for seed, heads in ((17, "none"), (18, "section"), (19, "facing"))),
]


@pytest.mark.parametrize("book", NUMBERED, ids=lambda book: book.name)
def test_every_numbered_section_is_found_on_its_page_with_its_title_and_chapter(book):
    found = outline(book.pages)

    assert starts(found) == true_starts(book)
    assert [(entry.topic_title, entry.subtopic_title) for entry in found.entries] == [
        (section.topic, section.title) for section in book.sections
    ]


@pytest.mark.parametrize("book", NUMBERED, ids=lambda book: book.name)
def test_numbered_sections_survive_five_percent_of_misread_characters(book):
    found = outline(books.noisy(book).pages)

    assert f1(starts(found), true_starts(book), within=1) >= 0.7


@pytest.mark.parametrize(
    ("book", "least"),
    [
        (books.unnumbered(), 0.95),
        (books.noisy(books.unnumbered()), 0.9),
        (books.unnumbered(openers=False, heads=True), 0.9),
        (books.unnumbered(openers=False), 0.6),
        (books.unmarked(), 0.6),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_book_without_numbers_is_cut_at_the_same_grain(book, least):
    found = outline(book.pages)

    assert f1(starts(found), true_starts(book), within=1) >= least


@pytest.mark.parametrize("book", books.all_books(), ids=lambda book: book.name)
def test_entries_are_in_page_order_do_not_overlap_and_repeat_exactly(book):
    found = outline(book.pages)

    spans = [(entry.first_page, entry.last_page) for entry in found.entries]
    assert spans
    assert all(first <= last for first, last in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert all(
        0 <= entry.confidence <= 1 and entry.subtopic_title and entry.topic_title
        for entry in found.entries
    )
    assert outline(book.pages) == found


@pytest.mark.parametrize("book", books.all_books(), ids=lambda book: book.name)
def test_every_page_that_teaches_is_in_an_entry_and_no_other_is(book):
    found = outline(book.pages)

    covered = {n for entry in found.entries for n in range(entry.first_page, entry.last_page + 1)}
    assert covered == {page.page_num for page in book.pages} - set(book.empty)


def test_no_page_gives_no_entry():
    assert outline([]) == Outline(())
    assert outline([page(1, "", "  ")]) == Outline(())


def test_one_page_of_plain_words_still_gives_one_uncertain_entry():
    found = outline([page(3, "we went to the market and bought rice and beans for the whole week")])

    assert starts(found) == [3]
    assert found.entries[0].confidence < 0.5


def test_gaps_in_the_page_numbers_are_kept():
    book = books.numbered()
    moved = [replace(one, page_num=one.page_num * 3) for one in book.pages]

    assert starts(outline(moved)) == [3 * start for start in true_starts(book)]


def test_a_decimal_in_prose_and_a_cross_reference_are_no_sections():
    pages = [
        page(1, "3.4 Comparing Lengths", "Take the ruler and measure the table in the classroom,"),
        page(
            2,
            "The ribbon is",
            "3.5 cm long and the table, as you have seen in Section",
            "3.7 Adding Lengths",
        ),
        page(
            3,
            "is longer.",
            "The string is about",
            "3.6 Metres long when it lies on the floor of a big room.",
        ),
        page(
            4,
            "3.5 Weighing Things",
            "Put the apples on the scales and see which side goes down first.",
        ),
    ]

    assert starts(outline(pages)) == [1, 4]


def test_the_list_of_sections_on_a_chapters_first_page_starts_none_of_them():
    outlined = ["Chapter Outline", "4.1 Fractions", "4.2 Equal Fractions", "4.3 Adding Fractions"]
    told = ["In this chapter we cut cakes and pies into parts and give the parts their names."] * 4
    pages = [
        page(1, "Chapter 4", "Parts of Things", *told, *outlined),
        page(2, "4.1 Fractions", *told),
        page(3, *told),
        page(4, "4.2 Equal Fractions", *told),
        page(5, "4.3 Adding Fractions", *told),
    ]

    found = outline(pages)

    assert starts(found) == [1, 2, 4, 5]
    assert {entry.topic_title for entry in found.entries} == {"Parts of Things"}


def test_a_title_on_two_large_lines_is_one_title():
    def line(text, top, height):
        return LineOnPage(text, Box(100, top, 700, top + height))

    body = [
        line("Some words that stand below the title in the usual size", 300 + 30 * n, 20)
        for n in range(9)
    ]
    first = (
        line("2.1 Solve Equations Using Integers; The Division Property of", 100, 34),
        line("Equality", 140, 34),
    )
    second = (line("2.2 Divide Fractions", 100, 34),)
    pages = [
        OutlinePage(1, (*first, *body)),
        OutlinePage(2, tuple(body)),
        OutlinePage(3, (*second, *body)),
    ]

    found = outline(pages)

    assert (
        found.entries[0].subtopic_title
        == "Solve Equations Using Integers; The Division Property of Equality"
    )


def test_a_section_whose_heading_was_lost_begins_where_the_running_head_changes():
    def told(theme):
        return [
            f"Here the {theme} is put beside another {theme} and both are compared by the class."
        ] * 5

    pages = [
        page(1, "5.1 Big Animals", *told("horse")),
        *(page(n, f"5.1 Big Animals    {n}", *told("horse")) for n in (2, 3, 4)),
        *(page(n, f"5.2 Small Animals    {n}", *told("mouse")) for n in (5, 6, 7)),
    ]

    assert starts(outline(pages)) == [1, 5]


def test_a_running_head_with_a_misread_number_is_known_by_its_words():
    told = ["Multiply the numbers and look at the signs of all of them before you begin."] * 5
    pages = [
        page(1, "3.4 Multiply and Divide Integers", *told),
        page(2, "3.4 Multiply and Divide Integers   2", *told),
        page(3, "2.4 Mutiply and Dlvide lntegers   3", *told),
        page(4, "8.4 Multipty and Divide Integers   4", *told),
        page(5, "3.5 Solve Equations", *told),
    ]

    assert starts(outline(pages)) == [1, 5]


def test_titles_that_differ_by_a_figure_alone_are_of_sections_of_their_own():
    told = ["Put the beads on a string and write down what you see before you go on."] * 5
    pages = [
        page(2 * at + half, *([f"5.{at} Counting Beads in Sets of {at + 9}"] * (half == 1)), *told)
        for at in range(1, 7)
        for half in (1, 2)
    ]

    found = outline(pages).entries

    assert [(entry.first_page, entry.subtopic_title) for entry in found] == [
        (2 * at + 1, f"Counting Beads in Sets of {at + 9}") for at in range(1, 7)
    ]


def test_titles_that_differ_by_a_word_the_book_uses_are_of_sections_of_their_own():
    verbs = ("Comparing", "Counting", "Guessing", "Weighing", "Drawing", "Sharing")
    pages = [
        page(
            2 * at + half,
            *([f"5.{at} {verb} Beads and Ribbons in Jars"] if half == 1 else []),
            *[f"We are {verb.lower()} beads here and say what happens when they are many."] * 5,
        )
        for at, verb in enumerate(verbs, 1)
        for half in (1, 2)
    ]

    found = outline(pages).entries

    assert [entry.subtopic_title.split()[0] for entry in found] == list(verbs)
    assert all(entry.confidence >= 0.6 for entry in found)


def test_a_misread_word_in_a_running_head_is_no_title_of_its_own():
    told = ["Multiply the integers and look at the signs of all of them before you divide."] * 5
    heads = ["Multiply and Divide", "Muitiply and Divide", "Multiply and Dlvide"]
    pages = [page(at, f"3.4 {head} Integers    {at}", *told) for at, head in enumerate(heads, 1)]

    assert starts(outline([*pages, page(4, "3.5 Solve Equations", *told)])) == [1, 4]


def test_alike_titles_over_pages_without_numbers_are_told_apart():
    book = books.unnumbered(openers=False, heads=True, themes=books.alike_themes(9, 20))

    found = outline(book.pages)

    assert starts(found) == true_starts(book)
    assert [entry.subtopic_title for entry in found.entries] == [
        section.title for section in book.sections
    ]


def test_a_number_that_a_title_needs_is_no_page_number():
    titles = ["Numbers to 100", "Numbers to 1000", "Multiplying by 2", "Multiplying by 10"]
    pages = [
        page(
            2 * at + half,
            *([f"1.{at} {title}"] if half == 1 else [f"1.{at} {title}   {2 * at + half}"]),
            f"We look at {title.lower()} with many things and count them slowly, one by one.",
            "There are several of them here, and we write them down in a long row.",
            str(2 * at + half),
        )
        for at, title in enumerate(titles, 1)
        for half in (1, 2)
    ]

    assert [entry.subtopic_title for entry in outline(pages).entries] == titles


def test_a_chapter_nobody_names_is_called_by_its_number():
    told = ["Count the beads on the string and write down how many there are in each colour."] * 5
    pages = [
        page(1, "3.4 Strings of Beads", *told),
        page(2, *told),
        page(3, "3.5 Boxes of Beads", *told),
    ]

    assert {entry.topic_title for entry in outline(pages).entries} == {"Chapter 3"}


def test_chapters_without_numbered_sections_are_topics_of_their_own():
    told = ["There were three bears in the house and each of them had a bowl and a chair."] * 8
    pages = [
        page(1, "Chapter 1: The House", *told),
        page(2, *told),
        page(3, "Chapter 2: The Garden", *told),
        page(4, *told),
        page(5, "Chapter 3: The River", *told),
    ]

    found = outline(pages)

    assert starts(found) == [1, 3, 5]
    assert [entry.topic_title for entry in found.entries] == [
        "The House",
        "The Garden",
        "The River",
    ]
