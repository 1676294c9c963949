import random
import subprocess
import sys
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from hornbook.errors import UnreadableImage
from hornbook.stages import image as images
from tests.drawing import drawn_page, encoded, photographed

SMALL = (240, 320)


def arrow(size=(40, 60)) -> Image.Image:
    """White, with a black corner at the upper left, so that any turn shows."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 3, size[1] // 3), fill="black")
    return picture


def darkest_corner(picture: Image.Image) -> str:
    grey = np.asarray(picture.convert("L"))
    corners = {
        "upper left": grey[2, 2], "upper right": grey[2, -3],
        "lower left": grey[-3, 2], "lower right": grey[-3, -3],
    }  # fmt: skip
    return min(corners, key=corners.__getitem__)


def as_noted_by_camera(picture: Image.Image, orientation: int, kind: str) -> bytes:
    """The file of a camera held otherwise: pixels turned, the upright way noted beside them."""
    inverse = {
        1: (), 2: (Image.Transpose.FLIP_LEFT_RIGHT,), 3: (Image.Transpose.ROTATE_180,),
        4: (Image.Transpose.FLIP_TOP_BOTTOM,), 5: (Image.Transpose.TRANSPOSE,),
        6: (Image.Transpose.ROTATE_90,), 7: (Image.Transpose.TRANSVERSE,), 8: (Image.Transpose.ROTATE_270,),
    }  # fmt: skip
    for step in inverse[orientation]:
        picture = picture.transpose(step)
    exif = Image.Exif()
    exif[274] = orientation
    return encoded(picture, kind, exif=exif.tobytes() if kind == "HEIF" else exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_a_camera_notes_comes_out_upright(orientation, kind):
    page = images.upright(as_noted_by_camera(arrow(), orientation, kind))

    assert page.size == (40, 60)
    assert darkest_corner(page) == "upper left"


@pytest.mark.parametrize(
    ("degrees", "corner"),
    [(0, "upper left"), (90, "upper right"), (180, "lower right"), (270, "lower left")],
)
def test_a_human_turns_pages_clockwise(degrees, corner):
    page = images.upright(encoded(arrow()), rotation=degrees)

    assert darkest_corner(page) == corner
    assert page.size == ((40, 60) if degrees % 180 == 0 else (60, 40))


def test_pages_turn_by_quarters_only():
    with pytest.raises(ValueError):
        images.turned(arrow(), 45)


def test_deep_grey_keeps_its_shades():
    values = np.full((60, 40), 40_000, dtype=np.uint16)
    values[:20] = 8_000

    page = images.upright(encoded(Image.fromarray(values)))

    assert page.mode == "L"
    assert page.getpixel((5, 50)) == 255
    assert 45 <= page.getpixel((5, 5)) <= 55


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "PA"])
def test_what_is_transparent_is_white(mode):
    clear = Image.new("RGBA", (40, 60), (0, 0, 0, 0))
    ImageDraw.Draw(clear).rectangle((10, 10, 20, 20), fill=(200, 0, 0, 255))
    kind = "TIFF" if mode == "PA" else "PNG"
    file = encoded(clear if mode == "PA" else clear.convert(mode), kind)

    page = images.upright(file)

    assert page.getpixel((35, 55)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "F", "I"])
def test_every_usual_mode_becomes_grey_or_rgb(mode):
    page = images.upright(
        encoded(
            arrow().convert("L").convert(mode) if mode != "LAB" else arrow().convert("RGB"), "TIFF"
        )
    )

    assert page.mode in {"L", "RGB"}
    assert darkest_corner(page) == "upper left"


def test_a_cmyk_jpeg_keeps_light_light_and_dark_dark():
    page = images.upright(encoded(arrow().convert("CMYK"), "JPEG"))

    assert darkest_corner(page) == "upper left"
    assert min(page.getpixel((38, 58))) > 240


def test_each_frame_of_a_tiff_is_a_page():
    frames = [Image.new("L", (30 + i, 40), 40 * i) for i in range(3)]
    file = encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])

    assert [images.upright(file, frame=i).width for i in range(3)] == [30, 31, 32]
    with pytest.raises(UnreadableImage, match="no page 4"):
        images.upright(file, frame=3)


def test_a_jpeg_has_one_page():
    file = encoded(arrow(), "JPEG")

    with pytest.raises(UnreadableImage, match="no page 2"):
        images.upright(file, frame=1)


def test_a_large_photo_is_bounded_and_keeps_its_shape():
    page = images.upright(encoded(Image.new("RGB", (6000, 4500), "white"), "JPEG"))

    assert page.size == (3000, 2250)


def test_the_same_picture_always_gives_the_same_bytes():
    file = encoded(photographed(drawn_page()), "JPEG", quality=80)
    program = (
        "import sys, hashlib; from hornbook.stages import image as images\n"
        "made = images.prepared(images.upright(sys.stdin.buffer.read()), is_blank=False)\n"
        "print(hashlib.sha256(made.png + made.compact + made.thumbnail).hexdigest())\n"
    )

    printed = {
        subprocess.run(
            [sys.executable, "-c", program], input=file, capture_output=True, check=True
        ).stdout
        for _ in range(2)
    }

    assert len(printed) == 1


def test_the_kept_images_carry_nothing_of_the_camera():
    exif = Image.Exif()
    exif[271] = "A camera"
    file = encoded(
        arrow(), "JPEG", exif=exif, comment=b"secret", dpi=(72, 72), icc_profile=b"x" * 200
    )

    made = images.prepared(images.upright(file), is_blank=False)

    for kept in (made.png, made.compact, made.thumbnail):
        info = Image.open(BytesIO(kept)).info
        assert not {"exif", "comment", "dpi", "icc_profile"} & set(info)


def test_a_page_gives_three_images_of_falling_size():
    made = images.prepared(
        images.upright(encoded(Image.new("RGB", (2400, 3200), "white"))), is_blank=False
    )

    sizes = [Image.open(BytesIO(kept)).size for kept in (made.png, made.compact, made.thumbnail)]
    assert sizes == [(2250, 3000), (1200, 1600), (180, 240)]
    assert (made.width, made.height) == (2250, 3000)


# -- hostile files ------------------------------------------------------------------------------


def png_header(width: int, height: int) -> bytes:
    """A PNG of one colour that unpacks to any size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        )

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    rows = zlib.compress(bytes((width + 1) * 16))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(13_000, 13_000), (20_001, 10), (10, 20_001), (60_000, 60_000), (9_000, 9_000)]
)
def test_a_bomb_is_refused_by_its_header(size):
    with pytest.raises(UnreadableImage, match="Scan it at a lower resolution"):
        images.upright(png_header(*size))


def test_a_later_frame_may_not_be_a_bomb_either():
    frames = [Image.new("1", (10, 10)), Image.new("1", (10_000, 9_000))]
    file = encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression="group4")

    with pytest.raises(UnreadableImage, match="lower resolution"):
        images.upright(file, frame=1)


@pytest.mark.parametrize(
    "raw", [b"", b"\x89PNG", b"GIF89a" + bytes(50), b"%PDF-1.7", b"<svg/>", bytes(4096)]
)
def test_what_is_no_page_image_is_refused_with_advice(raw):
    with pytest.raises(UnreadableImage, match=r"[Rr]eplace it"):
        images.upright(raw)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "PPM", "ICO", "PCX"])
def test_formats_nobody_asked_for_are_refused(kind):
    with pytest.raises(UnreadableImage):
        images.upright(encoded(arrow().convert("L"), kind))


def hostile(valid: bytes, seed: int) -> bytes:
    """A valid file cut off, or with a few bytes flipped, or with a piece doubled."""
    dice = random.Random(seed)
    damaged = bytearray(valid)
    if seed % 3 == 0:
        return bytes(damaged[: dice.randrange(len(damaged))])
    for _ in range(dice.randrange(1, 12)):
        damaged[dice.randrange(min(len(damaged), 400) if seed % 3 == 1 else len(damaged))] = (
            dice.randrange(256)
        )
    return bytes(damaged)


VALID = {
    "JPEG": {"quality": 70}, "PNG": {}, "WEBP": {"quality": 60}, "TIFF": {},
    "TIFF-lzw": {"compression": "tiff_lzw"}, "TIFF-jpeg": {"compression": "jpeg"},
    "PNG-16": {}, "PNG-P": {},
}  # fmt: skip


def valid_file(name: str) -> bytes:
    picture = drawn_page(size=SMALL, text_size=12).convert("RGB")
    if name == "PNG-16":
        return encoded(Image.fromarray(np.asarray(picture.convert("L"), dtype=np.uint16) * 257))
    if name == "PNG-P":
        picture = picture.quantize(16)
    return encoded(picture, name.partition("-")[0], **VALID[name])


@pytest.mark.parametrize("name", VALID)
def test_damaged_files_give_an_image_or_a_clear_refusal_and_nothing_else(name):
    valid = valid_file(name)

    for seed in range(60):
        raw = hostile(valid, seed)
        outcome = outcome_of(images.upright, raw)
        assert not isinstance(outcome, str) or outcome.endswith(".")


def outcome_of(attempt, raw: bytes):
    """The image or the number of frames, or the words of the refusal."""
    try:
        return attempt(raw)
    except UnreadableImage as error:
        return str(error)


# -- blank or not -------------------------------------------------------------------------------


def noisy(page: Image.Image, spread: float) -> Image.Image:
    values = np.asarray(page.convert("L"), dtype=np.float32)
    noise = np.random.default_rng(7).normal(0, spread, values.shape)
    return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))


def shaded(page: Image.Image) -> Image.Image:
    values = np.asarray(page.convert("L"), dtype=np.float32)
    return Image.fromarray(
        (values * np.linspace(1, 0.5, values.shape[1])[None, :]).astype(np.uint8)
    )


def with_scanner_borders(page: Image.Image) -> Image.Image:
    page = page.copy()
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 60, page.height), fill=10)
    pen.rectangle((0, page.height - 25, page.width, page.height), fill=30)
    return page


def showing_through(page: Image.Image) -> Image.Image:
    behind = (
        drawn_page().transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(ImageFilter.GaussianBlur(2))
    )
    return Image.blend(page.convert("L"), behind, 0.08)


EMPTY = Image.new("L", (1240, 1754), 250)


@pytest.mark.parametrize(
    "page",
    [
        EMPTY, Image.new("L", (1240, 1754), 190), Image.new("RGB", (1240, 1754), (240, 225, 190)), Image.new("L", (40, 50), 255),
        noisy(EMPTY, 12), shaded(EMPTY), noisy(shaded(EMPTY), 8), with_scanner_borders(noisy(EMPTY, 6)), showing_through(EMPTY),
    ],
    ids=["white", "grey", "yellowed", "tiny", "noisy", "shaded", "shaded noisy", "scanner borders", "shining through"],
)  # fmt: skip
def test_an_empty_sheet_is_blank_whatever_the_paper(page):
    assert images.is_blank(page)


@pytest.mark.parametrize(
    "page",
    [
        drawn_page(), drawn_page(["Chapter 3"]), drawn_page(["This page is short."], text_size=24),
        drawn_page(paper=180, ink=90), noisy(drawn_page(["One line of text."], text_size=28), 10), with_scanner_borders(drawn_page(["Fractions"])),
        Image.new("L", (1240, 1754), 12),
    ],
    ids=["full", "title", "one small line", "pale", "noisy", "scanner borders", "covered lens"],
)  # fmt: skip
def test_a_page_with_words_or_without_light_is_not_blank(page):
    assert not images.is_blank(page)
