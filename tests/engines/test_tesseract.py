import pytest
from PIL import Image

from hornbook.engines.desk import read_page
from hornbook.engines.tesseract import Tesseract
from hornbook.errors import TimedOut
from hornbook.stages.ocr import RawPage
from tests.drawing import LINES, drawn_page, encoded, photographed


@pytest.fixture(scope="module")
def tesseract() -> Tesseract:
    return Tesseract()


def read(engine, picture, kind="PNG", **known):
    return read_page(engine, RawPage(encoded(picture, kind), **known))


def test_lines_come_in_reading_order_with_boxes_and_confidences(tesseract):
    reading = read(tesseract, drawn_page())

    assert [line.text for line in reading.text.lines] == list(LINES)
    assert reading.text.confidence > 85
    tops = [line.box.top for line in reading.text.lines]
    assert tops == sorted(tops)
    for number, line in enumerate(reading.text.lines):
        assert abs(line.box.left - 124) < 12
        assert abs(line.box.top - (175 + number * 92.4)) < 25
        assert " ".join(word.text for word in line.words) == line.text


def test_paragraphs_are_told_apart(tesseract):
    page = drawn_page([LINES[1], LINES[2], "shells.", "", "", *LINES[3:5], "Fine."], leading=1.4)

    text = read(tesseract, page).text

    assert text.lines[0].paragraph == text.lines[1].paragraph
    assert text.lines[2].paragraph != text.lines[3].paragraph
    assert "\n\n" in text.text


def test_a_photo_is_read_like_a_scan(tesseract):
    reading = read(tesseract, photographed(drawn_page()), "JPEG")

    assert [line.text for line in reading.text.lines] == list(LINES)
    assert (reading.image.width, reading.image.height) == (1550, 2192)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_the_wrong_way_up_is_turned_and_kept_upright(tesseract, degrees):
    upright = drawn_page()

    reading = read(tesseract, upright.rotate(degrees, expand=True))

    assert reading.text.lines[0].text == LINES[0]
    assert (reading.image.width, reading.image.height) == upright.size
    assert reading.text.lines[0].box.top < 220


def test_a_blank_page_is_blank_and_no_failure(tesseract):
    reading = read(tesseract, Image.new("L", (1000, 1400), 245))

    assert reading.text.is_blank
    assert reading.image.is_blank
    assert reading.text.text == ""


def test_ink_without_words_gives_no_lines_and_is_not_blank(tesseract):
    dark = Image.effect_noise((1000, 1400), 90)

    reading = read(tesseract, dark)

    assert reading.text.lines == ()
    assert not reading.text.is_blank


def test_reading_twice_gives_the_same(tesseract):
    page = photographed(drawn_page())

    assert read(tesseract, page) == read(tesseract, page)


def test_a_page_that_takes_too_long_is_given_up():
    hasty = Tesseract(seconds=0.001)

    with pytest.raises(TimedOut, match=r"^Time-out"):
        hasty.read(encoded(drawn_page()))


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 3)])
def test_slivers_are_survived(tesseract, size):
    assert tesseract.read(encoded(Image.new("L", size, 0))).lines == ()
