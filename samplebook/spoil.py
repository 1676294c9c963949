"""What happens to pages between a book and a computer: cameras, tables, shade, and haste."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Corner = tuple[float, float]


def png(page: Image.Image) -> bytes:
    """A clean scan in few colours."""
    few = page.quantize(48, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return _saved(few, "PNG", optimize=True)


def jpeg(page: Image.Image, quality: int = 72) -> bytes:
    """A clean scan as a JPEG."""
    return _saved(page, "JPEG", quality=quality, optimize=True)


def photographed(page: Image.Image, *, seed: int, lean: float, dark_side: float) -> Image.Image:
    """The page on a wooden table: perspective, uneven light, a soft lens and some noise.

    `lean` tilts the sheet; `dark_side` is where the lamp is not: -1 left to 1 right.
    """
    dice = np.random.default_rng(seed)
    size = (1340, 1800)
    corners = [
        (x * size[0] + dice.uniform(-14, 14), y * size[1] + dice.uniform(-14, 14))
        for x, y in (
            (0.07 + lean, 0.05),
            (0.94, 0.05 + lean),
            (0.94 - lean, 0.95),
            (0.06, 0.95 - lean),
        )
    ]
    photo = _table(size, dice)
    photo.paste(_seen_from(page, corners, size), mask=_outline(corners, size))
    lit = np.asarray(photo.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float32)
    lit = lit * _light(size, dark_side)[:, :, None] + dice.normal(0, 3.0, (size[1], size[0], 1))
    warm = lit * np.array([1.0, 0.965, 0.9], dtype=np.float32)
    return Image.fromarray(np.clip(warm, 0, 255).astype(np.uint8))


def hurried(page: Image.Image, *, seed: int) -> Image.Image:
    """A photo taken while walking past, in the dark: nobody can read it."""
    photo = photographed(page, seed=seed, lean=0.02, dark_side=0.6)
    moved = np.asarray(photo.filter(ImageFilter.GaussianBlur(9)), dtype=np.float32)
    smeared = sum(np.roll(moved, step * 5, axis=1) for step in range(-4, 5)) / 9
    noise = np.random.default_rng(seed).normal(0, 9, moved.shape)
    return Image.fromarray(np.clip(smeared * 0.42 + noise, 0, 255).astype(np.uint8))


def scanned_blank(page: Image.Image, *, seed: int) -> Image.Image:
    """The empty back of a page: paper that is a little yellow and a little uneven."""
    dice = np.random.default_rng(seed)
    width, height = page.size
    paper = np.array([248, 244, 234], dtype=np.float32) * _light(page.size, 0.15)[:, :, None]
    grain = dice.normal(0, 1.6, (height, width, 1))
    return Image.fromarray(np.clip(paper + grain, 0, 255).astype(np.uint8))


def _table(size: tuple[int, int], dice: np.random.Generator) -> Image.Image:
    """Dark wood with a grain along the width."""
    grain = dice.normal(0, 1, (size[1] // 6, 8)).cumsum(axis=1) * 3
    small = np.clip(62 + grain, 30, 95).astype(np.uint8)
    wood = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
    red, green, blue = (wood.point(lambda v, f=f: int(v * f)) for f in (1.25, 0.95, 0.7))
    return Image.merge("RGB", (red, green, blue))


def _light(size: tuple[int, int], dark_side: float) -> Any:
    """A lamp on one side and from above."""
    across = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :] * dark_side
    down = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None]
    return 0.88 - 0.2 * across - 0.1 * down**2 - 0.06 * down


def _outline(corners: list[Corner], size: tuple[int, int]) -> Image.Image:
    inside = Image.new("L", size, 0)
    ImageDraw.Draw(inside).polygon(corners, fill=255)
    return inside.filter(ImageFilter.GaussianBlur(1))


def _seen_from(page: Image.Image, corners: list[Corner], size: tuple[int, int]) -> Image.Image:
    """The page with its corners moved to where the camera sees them."""
    width, height = page.size
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solved = np.linalg.solve(np.array(rows), np.array(right))
    way = [float(value) for value in solved]
    return page.transform(size, Image.Transform.PERSPECTIVE, way, Image.Resampling.BICUBIC)


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
