import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.engines.offline import Offline, tidy
from hornbook.model.finding import Item, ItemKind, PageToRead

LESSON = """\
1.1 Counting to twenty    7
Learning Objectives
By the end of this section, you will be able to:
• Count things up to twenty
• Write the numbers from one
  to twenty in words
Counting in Order
When we count, we say the numbers in their order and touch each thing once. The last
number that we say tells how many things there are.
An even number is a number that can be shared between two without a rest.
A group of ten ones is called a ten.
Be careful: do not count the same thing twice when the things stand in a ring.
Example 1.2
Count the beads on the string.
Solution
Touch each bead and say 1, 2, 3, 4, 5.
There are 5 beads.
Try It 1.3
Count the shells in the basket.
Teacher's note: Let the children move each shell to the other side as they count.
Exercises
1. How many legs has a cat?
2. How many legs have two cats?
3. Write 12 in words.
7
"""


def read(text):
    return Offline().read(PageToRead(text))


def texts(finding, kind):
    return [item.text for item in finding.items if item.kind is kind]


def test_a_page_is_read_into_what_a_teacher_can_use():
    found = read(LESSON)

    assert texts(found, ItemKind.OBJECTIVE) == [
        "Count things up to twenty",
        "Write the numbers from one to twenty in words",
    ]
    assert texts(found, ItemKind.DEFINITION) == [
        "An even number is a number that can be shared between two without a rest.",
        "A group of ten ones is called a ten.",
    ]
    assert texts(found, ItemKind.CONCEPT) == [
        (
            "When we count, we say the numbers in their order and touch each thing once. "
            "The last number that we say tells how many things there are."
        )
    ]
    assert texts(found, ItemKind.MISCONCEPTION) == [
        "Be careful: do not count the same thing twice when the things stand in a ring."
    ]
    assert texts(found, ItemKind.WORKED_EXAMPLE) == [
        (
            "Example 1.2\nCount the beads on the string.\nSolution\n"
            "Touch each bead and say 1, 2, 3, 4, 5.\nThere are 5 beads."
        )
    ]
    assert texts(found, ItemKind.EXERCISE) == [
        "Try It 1.3\nCount the shells in the basket.",
        "Exercises\n1. How many legs has a cat?\n2. How many legs have two cats?\n3. Write 12 in words.",
    ]
    assert texts(found, ItemKind.TEACHING_NOTE) == [
        "Teacher's note: Let the children move each shell to the other side as they count."
    ]


def test_headings_running_heads_and_page_numbers_are_no_items():
    found = read(LESSON)

    assert "Counting in Order" in found.headings
    assert not any(
        "1.1 Counting to twenty" in item.text or item.text == "7" for item in found.items
    )


def test_the_summary_of_a_page_is_one_sentence():
    assert read(LESSON).summary == (
        "Sets out to count things up to twenty; write the numbers from one to twenty in words."
    )


def test_a_page_of_exercises_alone_is_content():
    found = read("In the following exercises, multiply.\n1. 3 x 4\n2. 5 x 6\n3. 7 x 8\n12")

    assert texts(found, ItemKind.EXERCISE) == [
        "In the following exercises, multiply.\n1. 3 x 4\n2. 5 x 6\n3. 7 x 8"
    ]
    assert found.summary == "This page gives 1 set of exercises."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "My First Book of Numbers\nby A. Author",
        "Contents\n1.1 Counting ..... 3\n1.2 Adding ..... 7\n1.3 Taking Away ..... 9\n2.1 Shapes .... 12",
        "Copyright 2024 by the publisher.\nAll rights reserved. No part may be copied.\nISBN 0-00-000000-0",
        "Index\naddition, 3, 7\nbeads, 4\ncircle, 12, 15\nsquare, 13",
    ],
    ids=["empty", "title", "contents", "copyright", "index"],
)
def test_pages_that_teach_nothing_give_no_items(text):
    assert read(text).items == ()


def item(kind=ItemKind.CONCEPT, text="Ten ones make a ten."):
    return Item(kind, text, text)


@settings(deadline=None)
@given(
    st.text(alphabet="abc XYZ.,", min_size=1, max_size=60),
    st.lists(
        st.builds(item, st.sampled_from(list(ItemKind)), st.text(alphabet="ab. \n…", max_size=300)),
        max_size=6,
    ),
)
def test_a_subtopics_summary_always_has_15_to_30_words(title, items):
    assert 15 <= len(Offline().subtopic_summary(title, items).split()) <= 30


def test_a_subtopics_summary_says_what_students_learn():
    aims = [
        item(ItemKind.OBJECTIVE, "Count to twenty."),
        item(ItemKind.OBJECTIVE, "Compare two numbers"),
    ]

    summary = Offline().subtopic_summary("Counting", aims)

    assert summary.startswith(
        "Students learn to count to twenty; compare two numbers. The guideline on Counting"
    )


def test_a_topics_summary_names_its_subtopics():
    assert Offline().topic_summary("Numbers", ["Counting", "Adding", "Sharing"]) == (
        "Numbers covers Counting, Adding and Sharing."
    )
    assert Offline().topic_summary("Numbers", []) == "Numbers."


@pytest.mark.parametrize(
    ("title", "better"),
    [
        ("3.4 Multiply and Divide", "Multiply and Divide"),
        ("Section 3-4: Sums", "Sums"),
        ("ADDING AND TAKING AWAY", "Adding and Taking Away"),
        ("~ Counting to twenty ..... 12", "Counting to twenty"),
        ("integers", "Integers"),
        ("Pages 3 to 8", "Pages 3 to 8"),
        ("123", "123"),
    ],
)
def test_titles_are_tidied_once_and_for_all(title, better):
    assert tidy(title) == better
    assert tidy(better) == better
