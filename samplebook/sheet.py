"""One sheet of the primer: paper, ink, and text that flows from the top to the bottom."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1240, 1754
MARGIN: Final = 120
INK: Final = "#1f2430"
_FINE: Final = 2
"""Everything is drawn this much larger and then reduced, which smooths all edges."""
_LEADING: Final = 1.38

Point = tuple[float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Mark = Callable[[ImageDraw.ImageDraw], None]


class Sheet:
    """A sheet in the colour of its chapter; `y` is where the next thing goes."""

    def __init__(self, colour: str, tint: str) -> None:
        self.colour = colour
        self.tint = tint
        self.left, self.right = MARGIN, WIDTH - MARGIN
        self.y = 160.0
        self._marks: list[Mark] = []

    def printed(self) -> Image.Image:
        """The finished sheet. Raises ValueError when the text ran over its foot."""
        if self.y > HEIGHT - 110:
            message = f"the text is {self.y - HEIGHT + 110:.0f} too long for its sheet"
            raise ValueError(message)
        large = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), "#fffefb")
        pen = ImageDraw.Draw(large)
        for mark in self._marks:
            mark(pen)
        return large.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)

    # Text

    def furniture(self, left: str, right: str, number: int) -> None:
        """The running heads and the page number."""
        self.write(self.left, 85, left, size=23, colour="#5b6270")
        self.write(self.right, 85, right, size=23, colour="#5b6270", align=1)
        self.line([(self.left, 125), (self.right, 125)], self.colour, 2)
        self.write(WIDTH / 2, HEIGHT - 95, str(number), size=26, align=0.5)

    def section(self, number: str, title: str) -> None:
        """The heading of a numbered section."""
        self.text(f"**{number} {title}**", size=50, colour=self.colour, gap=6)
        self.line([(self.left, self.y), (self.right, self.y)], self.colour, 4)
        self.y += 28

    def heading(self, title: str) -> None:
        """A heading within a section."""
        self.y += 8
        self.text(f"**{title}**", size=36, colour=self.colour, gap=12)

    def text(
        self, words: str, *, size: float = 27, colour: str = INK, gap: float = 20, indent: float = 0
    ) -> None:
        """A paragraph; `**words**` are bold."""
        for line in _broken(words, size, self.right - self.left - indent):
            self._set(self.left + indent, line, size, colour)
            self.y += size * _LEADING
        self.y += gap

    def bullets(self, points: Sequence[str], *, size: float = 27) -> None:
        """A list with a dot before each point."""
        for point in points:
            self.circle((self.left + 12, self.y + size * 0.62), size * 0.16, fill=INK)
            self.text(point, size=size, indent=36, gap=6)
        self.y += 8

    def middle(self, words: str, *, size: float = 32, gap: float = 20, colour: str = INK) -> None:
        """One line in the middle of the column."""
        [line] = _broken(words, size, 10_000)
        self._set((self.left + self.right - _length(line, size)) / 2, line, size, colour)
        self.y += size * _LEADING + gap

    def task(self, number: int, words: str, parts: Sequence[str] = (), *, columns: int = 0) -> None:
        """A numbered exercise, its parts lettered and side by side."""
        self.write(self.left, self.y, f"{number}.", size=27)
        self.text(words, size=27, indent=46, gap=5)
        step = (self.right - self.left - 46) / (columns or len(parts) or 1)
        for at, part in enumerate(parts):
            column = at % (columns or len(parts))
            if at and not column:
                self.y += 44
            letter = "abcdefgh"[at]
            self.write(self.left + 46 + column * step, self.y, f"{letter}) {part}", size=27)
        self.y += 46 if parts else 4

    def write(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 27,
        colour: str = INK,
        align: float = 0,
    ) -> None:
        """Words at a place of their own: `align` 0 begins there, 0.5 is centred, 1 ends there."""
        [line] = _broken(words, size, 10_000)
        kept, self.y = self.y, y
        self._set(x - align * _length(line, size), line, size, colour)
        self.y = kept

    # Boxes

    @contextmanager
    def box(
        self,
        title: str,
        *,
        fill: str | None = None,
        edge: str | None = None,
        bar: str | None = None,
    ) -> Iterator[None]:
        """Whatever is put on the sheet inside stands in a box with this title."""
        at, top = len(self._marks), self.y
        self.y += 18
        self.left, self.right = self.left + 30, self.right - 26
        self.text(f"**{title}**", size=27, colour=bar or self.colour, gap=6)
        yield
        self.left, self.right = self.left - 30, self.right + 26
        self.y += 2
        drawn = len(self._marks)
        self.rectangle((self.left, top), (self.right, self.y), fill=fill, edge=edge)
        if bar:
            self.rectangle((self.left, top), (self.left + 9, self.y), fill=bar)
        behind = self._marks[drawn:]
        del self._marks[drawn:]
        self._marks[at:at] = behind
        self.y += 26

    # Shapes

    def rectangle(
        self,
        start: Point,
        end: Point,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 2,
    ) -> None:
        """A rectangle between two corners."""
        where = [_fine(*start), _fine(*end)]
        self._mark(lambda pen: pen.rectangle(where, fill, edge, round(width * _FINE)))

    def circle(
        self,
        centre: Point,
        radius: float,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 2,
    ) -> None:
        """A circle round a point."""
        (x, y), r = _fine(*centre), radius * _FINE
        self._mark(
            lambda pen: pen.ellipse([x - r, y - r, x + r, y + r], fill, edge, round(width * _FINE))
        )

    def slice(
        self, centre: Point, radius: float, start: float, end: float, *, fill: str, edge: str
    ) -> None:
        """A slice of a circle; degrees count clockwise from the top."""
        (x, y), r = _fine(*centre), radius * _FINE
        where = [x - r, y - r, x + r, y + r]
        self._mark(lambda pen: pen.pieslice(where, start - 90, end - 90, fill, edge, 2 * _FINE))

    def arc(self, start: Point, end: Point, colour: str) -> None:
        """The upper half of the ellipse inside two corners: a jump on a number line."""
        where = [_fine(*start), _fine(*end)]
        self._mark(lambda pen: pen.arc(where, 180, 360, colour, 3 * _FINE))

    def line(self, points: Sequence[Point], colour: str = INK, width: float = 2) -> None:
        """A line through points."""
        where = [_fine(*point) for point in points]
        self._mark(lambda pen: pen.line(where, colour, round(width * _FINE), joint="curve"))

    def polygon(self, points: Sequence[Point], fill: str, edge: str | None = None) -> None:
        """A filled shape."""
        where = [_fine(*point) for point in points]
        self._mark(lambda pen: pen.polygon(where, fill, edge, 2 * _FINE if edge else 1))

    def _mark(self, mark: Mark) -> None:
        self._marks.append(mark)

    def _set(self, x: float, line: "Line", size: float, colour: str) -> None:
        for word, is_bold in line:
            for piece in _pieces(word):
                if piece in _SIGNS:
                    self._sign(piece, x, size, colour, is_bold=is_bold)
                else:
                    self._letters(piece, x, size, colour, is_bold=is_bold)
                x += _advance(piece, size)
            x += _advance(" ", size)

    def _letters(self, letters: str, x: float, size: float, colour: str, *, is_bold: bool) -> None:
        where, face = _fine(x, self.y), _face(size)
        stroke = size * _FINE / 42 if is_bold else 0
        self._mark(lambda pen: pen.text(where, letters, colour, face, stroke_width=stroke))

    def _sign(self, sign: str, x: float, size: float, colour: str, *, is_bold: bool) -> None:
        """The signs of arithmetic, which the built-in typeface does not have."""
        middle, centre = self.y + size * 0.66, x + size * 0.31
        arm, width = size * 0.22, size * (0.1 if is_bold else 0.075)
        if sign == "×":
            arm *= 0.85
            self.line([(centre - arm, middle - arm), (centre + arm, middle + arm)], colour, width)
            self.line([(centre - arm, middle + arm), (centre + arm, middle - arm)], colour, width)
            return
        self.line([(centre - arm, middle), (centre + arm, middle)], colour, width)
        if sign == "÷":
            for dot in (-0.19, 0.19):
                self.circle((centre, middle + dot * size), size * 0.055, fill=colour)


_SIGNS: Final = "×÷−"
Line = list[tuple[str, bool]]


def _fine(x: float, y: float) -> tuple[int, int]:
    return round(x * _FINE), round(y * _FINE)


@cache
def _face(size: float) -> Font:
    return ImageFont.load_default(size * _FINE)


@cache
def _advance(piece: str, size: float) -> float:
    return size * 0.62 if piece in _SIGNS else _face(size).getlength(piece) / _FINE


def _pieces(word: str) -> list[str]:
    """The word cut at the signs that are drawn; a `~` ties words together."""
    word = word.replace("~", " ")
    for sign in _SIGNS:
        word = word.replace(sign, f"\0{sign}\0")
    return [piece for piece in word.split("\0") if piece]


def _length(line: Line, size: float) -> float:
    words = sum(_advance(piece, size) for word, _ in line for piece in _pieces(word))
    return words + _advance(" ", size) * (len(line) - 1)


def _broken(words: str, size: float, width: float) -> list[Line]:
    """The words in lines that fit into the width; what is tied by `~` stays on one line."""
    lines: list[Line] = [[]]
    for at, stretch in enumerate(words.split("**")):
        for word in stretch.split():
            # A comma or full stop after bold words belongs to the last of them.
            if at and lines[-1] and word in {".", ",", ":", ";", "?"}:
                lines[-1][-1] = (lines[-1][-1][0] + word, lines[-1][-1][1])
                continue
            longer = [*lines[-1], (word, at % 2 == 1)]
            if lines[-1] and _length(longer, size) > width:
                lines.append([(word, at % 2 == 1)])
            else:
                lines[-1] = longer
    return lines
