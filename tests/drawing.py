"""Pages drawn for tests: words that can be read, and the things that happen to paper."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LINES = (
    "Adding Numbers up to One Hundred",
    "When we add two numbers we find how many",
    "there are altogether. The answer is called the sum.",
    "Maria has 24 shells and Tom has 13 shells.",
    "Together they have 37 shells on the beach.",
    "Count the tens first and then count the ones.",
)


def drawn_page(
    lines=LINES, *, size=(1240, 1754), paper=255, ink=20, text_size=42, leading=2.2
) -> Image.Image:
    """A clean page with large, plain lines."""
    page = Image.new("L", size, paper)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(text_size)
    for number, line in enumerate(lines):
        pen.text(
            (size[0] * 0.1, size[1] * 0.1 + number * text_size * leading), line, fill=ink, font=font
        )
    return page


def photographed(page: Image.Image, *, seed=1) -> Image.Image:
    """The page on a dark table, askew, unevenly lit and a little noisy."""
    width, height = page.size
    table = (width * 5 // 4, height * 5 // 4)
    corners = np.array([(0.13, 0.10), (0.90, 0.06), (0.93, 0.92), (0.07, 0.94)]) * table
    photo = Image.new("L", table, 45)
    inside = Image.new("L", table, 0)
    ImageDraw.Draw(inside).polygon([tuple(corner) for corner in corners], fill=255)
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    photo.paste(
        page.convert("L").transform(
            table,
            Image.Transform.PERSPECTIVE,
            _coefficients(corners, source),
            Image.Resampling.BICUBIC,
        ),
        mask=inside,
    )
    shade = np.linspace(1.0, 0.55, table[0])[None, :] * np.linspace(0.8, 1.0, table[1])[:, None]
    noise = np.random.default_rng(seed).normal(0, 5, (table[1], table[0]))
    return Image.fromarray(np.clip(np.asarray(photo) * shade + noise, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind="PNG", **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _coefficients(target, source):
    """What Pillow needs to take every target point to its source point."""
    rows, right = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(right))]
