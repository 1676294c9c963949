from concurrent.futures import ThreadPoolExecutor

import pytest

from hornbook.engines.offline import Offline
from hornbook.engines.offline_plan import OfflinePlanner
from hornbook.engines.workshop import Workshop
from hornbook.model.finding import PageToRead
from hornbook.model.study import Statement, Teachable
from hornbook.model.text import clipped, squeeze
from hornbook.sample import BOOK, pages
from hornbook.stages.ocr import PageReading, RawPage
from hornbook.stages.study import make_plan

BLANK, UNREADABLE, UPSIDE_DOWN = 13, 12, 6
PHOTOS = (4, 8, 11, 16)
SECTIONS = {
    3: "1.1 Hundreds, Tens, and Ones", 5: "1.2 Comparing Numbers", 8: "2.1 Equal Groups",
    10: "2.2 Sharing Equally", 15: "3.1 Telling the Time", 17: "3.2 Parts of a Whole",
}  # fmt: skip


@pytest.fixture(scope="module")
def readings() -> dict[int, PageReading]:
    """Every page of the sample, read by the engine that ships."""
    workshop = Workshop("tesseract", workers=2, deadline=240.0)
    with ThreadPoolExecutor(2) as threads:
        read = threads.map(workshop.read_page, [RawPage(raw) for _, raw in pages()])
        numbered = dict(enumerate(read, start=1))
    workshop.close()
    return numbered


def test_the_sample_comes_in_the_order_of_the_book():
    names = [name for name, _ in pages()]

    assert [name.partition(".")[0] for name in names] == [f"page{n}" for n in range(1, 19)]
    assert sum(len(raw) for _, raw in pages()) < 3_000_000
    assert BOOK.grade == 3


def test_the_empty_back_of_a_page_is_blank(readings):
    assert [n for n, reading in readings.items() if reading.text.is_blank] == [BLANK]


def test_the_hurried_photo_has_no_words_and_every_other_page_has(readings):
    wordless = [
        n for n, reading in readings.items() if not reading.text.lines and not reading.text.is_blank
    ]

    assert wordless == [UNREADABLE]


def test_readable_pages_are_read_with_confidence(readings):
    doubtful = [
        n for n, reading in readings.items() if reading.text.lines and reading.text.confidence < 80
    ]

    assert doubtful == []


@pytest.mark.parametrize(("page", "title"), SECTIONS.items())
def test_each_section_announces_itself(readings, page, title):
    assert title in [line.text for line in readings[page].text.lines]


@pytest.mark.parametrize("page", [*PHOTOS, UPSIDE_DOWN])
def test_spoiled_pages_are_read_and_kept_upright(readings, page):
    lines = readings[page].text.lines

    assert lines[0].text.startswith("Chapter ")
    assert lines[0].box.top < readings[page].image.height * 0.15


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (3, "• explain what the digit zero does in a number"), (4, "Write 608 in expanded form."), (6, "The order is 185, 518, 581."),
        (8, "We read: four times three is twelve."), (11, "The baker needs 3 bags."), (16, "The lesson takes 45 minutes."),
        (18, "So 1/4 is less than 1/3."),
    ],
)  # fmt: skip
def test_what_a_teacher_would_look_for_is_there(readings, page, words):
    assert words in readings[page].text.text


def test_the_images_of_a_page_fit_to_its_boxes(readings):
    def inside(image, box):
        return (
            0 <= box.left < box.right <= image.width and 0 <= box.top < box.bottom <= image.height
        )

    assert all(
        inside(reading.image, line.box)
        for reading in readings.values()
        for line in reading.text.lines
    )


def test_every_page_that_teaches_gives_a_study_plan_of_its_own_words(readings):
    planner = OfflinePlanner()
    for reading in readings.values():
        text = "\n".join(line.text for line in reading.text.lines)
        items = Offline().read(PageToRead(text)).items
        said = tuple(Statement(item.kind, item.text) for item in items)
        subject = Teachable(BOOK.title, "Numbers", BOOK.grade, BOOK.subject, "", said)

        plan = make_plan(planner, planner, subject).plan

        assert plan.is_generic == (not items)
        for step in plan.steps:
            quoted = [clipped(squeeze(said[n - 1].text), 240) for n in step.rests_on]
            assert all(words in step.description for words in quoted)
