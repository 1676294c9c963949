import numpy as np
import pytest
from PIL import Image, ImageDraw

from hornbook.model.page import Box
from hornbook.stages.photo import even_light, find_page, flatten, sheet, skew
from tests.drawing import drawn_page, photographed


def leaning(page: Image.Image, degrees: float) -> Image.Image:
    """The page turned clockwise by a few degrees on the glass of a scanner."""
    return page.rotate(-degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)


def test_a_clean_page_is_left_as_it_is():
    page = drawn_page(size=(1700, 2400))

    flat = flatten(page)

    assert not flat.is_photo
    assert np.array_equal(np.asarray(flat.image), np.asarray(page))
    assert flat.back(Box(10, 20, 30, 40)) == Box(10, 20, 30, 40)


def test_a_narrow_clean_page_is_enlarged_and_its_boxes_are_not():
    flat = flatten(drawn_page(size=(1000, 1400)))

    assert flat.image.size == (1500, 2100)
    assert flat.back(Box(150, 300, 450, 600)) == Box(100, 200, 300, 400)


def test_a_sheet_on_a_table_is_found():
    photo = photographed(drawn_page())

    corners = find_page(photo)

    expected = np.array([(0.13, 0.10), (0.90, 0.06), (0.93, 0.92), (0.07, 0.94)]) * photo.size
    assert corners is not None
    assert np.abs(corners - expected).max() < 0.012 * max(photo.size)


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_a_sheet_cut_off_on_one_side_loses_nothing(edge):
    photo = photographed(drawn_page())
    width, height = photo.size
    box = {
        "left": (width // 7, 0, width, height), "right": (0, 0, width * 6 // 7, height),
        "top": (0, height // 7, width, height), "bottom": (0, 0, width, height * 6 // 7),
    }[edge]  # fmt: skip
    cut = photo.crop(box)

    corners = find_page(cut)

    if corners is not None:
        beyond = {"left": corners[[0, 3], 0].max(), "right": cut.width - corners[[1, 2], 0].min(),
                  "top": corners[[0, 1], 1].max(), "bottom": cut.height - corners[[2, 3], 1].min()}  # fmt: skip
        assert beyond[edge] <= 4


def framed() -> Image.Image:
    page = Image.new("L", (1240, 1754), 90)
    page.paste(drawn_page(size=(1100, 1600)), (70, 77))
    return page


def bannered() -> Image.Image:
    page = drawn_page()
    ImageDraw.Draw(page).rectangle((0, 0, 1240, 150), fill=60)
    return page


def pictured() -> Image.Image:
    page = drawn_page()
    ImageDraw.Draw(page).polygon([(100, 900), (1100, 950), (1000, 1500), (200, 1600)], fill=70)
    return page


@pytest.mark.parametrize(
    "page", [drawn_page(), framed(), bannered(), pictured(), Image.new("L", (800, 800), 255)]
)
def test_a_printed_frame_banner_or_picture_is_no_sheet(page):
    assert find_page(page) is None


def test_shade_is_taken_away_and_words_stay():
    shaded = np.asarray(drawn_page(), dtype=np.float32) * np.linspace(1, 0.4, 1240)[None, :]

    evened, was_uneven = even_light(Image.fromarray(shaded.astype(np.uint8)))

    values = np.asarray(evened)
    assert was_uneven
    assert values[1500:, 100:1100].min() > 215
    assert values.min() < 60


@pytest.mark.parametrize("degrees", [-6.0, -2.3, -0.8, 0.8, 1.5, 4.0, 7.0])
def test_a_leaning_page_is_straightened(degrees):
    page = leaning(drawn_page([f"Line {n} of a page of plain words" for n in range(15)]), degrees)

    assert skew(page) == pytest.approx(degrees, abs=0.25)
    assert skew(flatten(page).image) == 0.0


@pytest.mark.parametrize(
    "page",
    [
        Image.new("L", (900, 1200), 255),
        Image.new("L", (900, 1200), 0),
        drawn_page(),
        Image.new("L", (3, 2), 9),
    ],
)
def test_what_does_not_lean_is_not_turned(page):
    assert skew(page) == 0.0


@pytest.mark.parametrize(
    "page", [photographed(drawn_page()), leaning(drawn_page(), 3.0)], ids=["photo", "leaning"]
)
def test_boxes_come_back_to_where_the_words_stand_on_the_page(page):
    flat = flatten(page)
    dark = np.asarray(flat.image) < 110
    rows = np.flatnonzero(dark[:, flat.image.width // 5 : flat.image.width * 4 // 5].any(axis=1))
    columns = np.flatnonzero(dark[rows[0] : rows[0] + 40].any(axis=0))

    box = flat.back(Box(int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[0]) + 40))

    inside = np.asarray(page.convert("L"))[box.top : box.bottom, box.left : box.right]
    assert (inside < 80).mean() > 0.04
    assert 0 <= box.left < box.right <= page.width
    assert 0 <= box.top < box.bottom <= page.height


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (20, 20), (50, 2900)])
def test_pages_of_any_shape_survive(size):
    dice = np.random.default_rng(3)
    page = Image.fromarray(dice.integers(0, 256, size[::-1], dtype=np.uint8))

    assert flatten(page).image.width >= 1


def test_somebody_who_bears_shadows_is_given_the_sheet_alone():
    page, photo = drawn_page(), photographed(drawn_page())

    alone = sheet(photo)

    assert alone.width < 0.95 * photo.width
    assert np.asarray(alone.convert("L"))[:40, :40].mean() > 128
    assert sheet(page) is page
