"""A book of bars, and the engine that reads it: `HORNBOOK_OCR=tests.browser.primer:Primer`.

A page shows as many bars as its number says. What the engine "reads" follows from that, at once,
with doubtful words whose boxes are known.
"""

import io
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from hornbook.model.page import Box, Line, PageText, Word

ENGINE = "tests.browser.primer:Primer"
SIZE = (600, 800)
BAR, GAP = 8, 22
LINES = (
    "Lesson {number}: Adding like fractions",
    "Riya ate 1/8 of a rnango and her brother ate 3/8.",
    "• Add the numerators, keep the denorninator.",
)
DOUBTS = {"rnango": 41.0, "denorninator.": 55.0, "•": 12.0, "3/8.": 58.0}
LOW = {5, 12}
"""Pages that were read with little confidence."""


def bars(number: int) -> bytes:
    """The file of page `number`."""
    page = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(page)
    for bar in range(number):
        top = 60 + bar * GAP
        pen.rectangle((60, top, 540, top + BAR), fill=10)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


class Primer:
    """Counts the bars."""

    name = "primer"

    def read(self, image: bytes) -> PageText:
        page = Image.open(io.BytesIO(image)).convert("L")
        if page.width > page.height:
            return text_of(("Turned on its side", *LINES[1:]))
        ink = np.asarray(page)[:, page.width // 2] < 128
        number = int(np.count_nonzero(np.diff(ink.astype(int)) == 1))
        lines = (LINES[0].format(number=number), *LINES[1:])
        return text_of(lines, 70.0 if number in LOW else 99.0)


def text_of(lines: tuple[str, ...], sure: float = 99.0) -> PageText:
    read = tuple(_line(at, line, sure) for at, line in enumerate(lines))
    return PageText(read, sure)


def _line(at: int, text: str, sure: float) -> Line:
    top, left, words = 60 + at * 100, 60, []
    for word in text.split():
        box = Box(left, top, left + 9 * len(word), top + 30)
        words.append(Word(word, box, DOUBTS.get(word, sure)))
        left = box.right + 9
    whole = replace(words[0].box, right=words[-1].box.right)
    return Line(text, whole, sure, at, tuple(words))
