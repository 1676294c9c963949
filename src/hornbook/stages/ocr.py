"""What makes a reading of a page a reading: an engine's answer is judged, not believed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Final, Protocol, runtime_checkable

from hornbook.model.language import Language
from hornbook.model.page import Box, Line, PageText, PreparedImage, Word

DOUBTFUL: Final = 55.0
"""Mean confidence below which the page may lie on its side or upside down."""
SURE: Final = 75.0
"""Mean confidence above which no other way up is tried any more."""
CREDIBLE: Final = 35.0
"""Mean confidence below which a page's words are noise."""
ILLEGIBLE: Final = "[?]"
"""What stands for a word that a model could not read."""

_DOUBTFUL_SIGN: Final = 45.0
_DOUBTFUL_SUM: Final = 10.0
_DOUBTFUL_LINE: Final = 45.0
_READABLE_WORD: Final = 60.0
_DOTS: Final = frozenset(("e", "o", "¢", "e¢", "¢e", "*", "+", "©", "®", "@", "°", "«", "»"))
_ARITHMETIC: Final = frozenset("+-–—=<>×÷*/")  # noqa: RUF001  dashes and times as they are read


class OcrEngine(Protocol):
    """Reads one page image. Raises Retryable or Terminal, nothing else."""

    name: str

    def read(self, image: bytes) -> PageText:
        """The lines in reading order, boxes in pixels of `image`."""
        ...


@runtime_checkable
class Polyglot(Protocol):
    """An engine that has to know in which language a page is printed."""

    def in_language(self, language: Language) -> OcrEngine:
        """The engine for this language. Raises LanguageMissing."""
        ...


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it was uploaded, with what has to be known to read it."""

    raw: bytes
    frame: int = 0
    """Which page of a file that holds several, from 0."""
    rotation: int = 0
    """Degrees clockwise by which a human has turned it."""
    language: Language = Language.ENGLISH
    """The one it is printed in."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """A page's images and what was read on it; boxes are in pixels of `image.png`.

    No lines on a page that is not blank means: there is ink, but there are no words.
    """

    image: PreparedImage
    text: PageText
    engine: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """A page's images, and the one that a model is shown."""

    image: PreparedImage
    jpeg: bytes


def transcript(text: str) -> PageText:
    """What a model wrote down of a page, with `ILLEGIBLE` for each word that it could not read.

    Its confidence is the share of words that it could, in percent: models have no other.
    """
    lines, paragraph, is_new = list[Line](), 0, False
    for line in map(str.strip, text.splitlines()):
        if not line:
            is_new = bool(lines)
            continue
        paragraph, is_new = paragraph + is_new, False
        lines.append(Line(line, None, _legible([line]), paragraph))
    confidence = _legible(line.text for line in lines)
    return PageText(lines=tuple(lines), confidence=confidence)


def _legible(lines: Iterable[str]) -> float:
    words = [word for line in lines for word in line.split()]
    illegible = sum(ILLEGIBLE in word for word in words)
    return round(100.0 * (1 - illegible / len(words)), 2) if words else 0.0


def read_any_way_up(read: Callable[[int], PageText]) -> tuple[int, PageText]:
    """The quarter turn (degrees clockwise) that makes the page readable, and its text.

    `read` reads the page turned so. A page that reads well as it is, is read once.
    """
    best, text = 0, read(0)
    if text.confidence >= DOUBTFUL and not is_sideways(text):
        return best, text
    for degrees in (180, 90, 270):
        other = read(degrees)
        if readable_letters(other) > readable_letters(text):
            best, text = degrees, other
        if text.confidence >= SURE and not is_sideways(text):
            break
    return best, text


def is_sideways(text: PageText) -> bool:
    """Whether most lines run up or down: some engines read these too, the human cannot."""
    upright = sum(_letters(line.text) for line in text.lines if _is_wide(line.box))
    return 2 * upright < sum(_letters(line.text) for line in text.lines)


def readable_letters(text: PageText) -> int:
    """How many letters and digits stand upright in words that were read with confidence."""
    return sum(
        _letters(word.text)
        for line in text.lines
        if _is_wide(line.box)
        for word in line.words
        if word.confidence >= _READABLE_WORD and _letters(word.text) > 1
    )


def _is_wide(box: Box | None) -> bool:
    return box is None or box.right - box.left >= box.bottom - box.top


def credible(text: PageText) -> PageText:
    """The reading without noise; without any lines when all of it is noise."""
    bulleted = map(_with_bullet, text.lines)
    lines = [kept for line in bulleted if (kept := _without_noise(line)) is not None]
    confidence = mean_confidence(lines)
    if confidence < CREDIBLE or not any(_letters(line.text) for line in lines):
        return PageText(lines=(), confidence=0.0, is_blank=text.is_blank)
    return PageText(lines=_renumbered(lines), confidence=confidence, is_blank=text.is_blank)


def mean_confidence(lines: Iterable[Line]) -> float:
    """The mean over all words (over the lines of an engine without words), 0 when empty."""
    confidences = [part.confidence for line in lines for part in line.words or (line,)]
    return round(fmean(confidences), 2) if confidences else 0.0


def placed(text: PageText, back: Callable[[Box], Box]) -> PageText:
    """The reading with every box taken through `back`."""
    return replace(text, lines=tuple(_line_placed(line, back) for line in text.lines))


def _line_placed(line: Line, back: Callable[[Box], Box]) -> Line:
    words = tuple(replace(word, box=back(word.box)) for word in line.words)
    return replace(line, box=None if line.box is None else back(line.box), words=words)


def _with_bullet(line: Line) -> Line:
    """The line with its bullet as a bullet: engines take the dot for a small letter or sign."""
    first, *others = line.words or (None,)
    if first is None or not others or first.text not in _DOTS or not _is_dot(first.box, line.box):
        return line
    # Its shape was not what the engine looked for, so its doubt says nothing.
    sure = round(fmean(word.confidence for word in others), 2)
    words = (replace(first, text="•", confidence=sure), *others)
    return replace(line, text=" ".join(word.text for word in words), words=words, confidence=sure)


def _is_dot(box: Box, line: Box | None) -> bool:
    if line is None:
        return False
    width, height = box.right - box.left, box.bottom - box.top
    return height < 0.46 * (line.bottom - line.top) and 0.6 * width < height < 1.6 * width


def _without_noise(line: Line) -> Line | None:
    if not line.words:  # an engine without words answers for its lines
        return line if line.text.strip() else None
    words = tuple(word for word in line.words if not _is_speck(word))
    if not words or _is_picture(words):
        return None
    if len(words) == len(line.words):
        return line
    return replace(
        line,
        text=" ".join(word.text for word in words),
        box=_around(words),
        words=words,
        confidence=round(fmean(word.confidence for word in words), 2),
    )


def _is_speck(word: Word) -> bool:
    """Dirt, folds and the edges of pictures come out as signs of low confidence."""
    if _letters(word.text):
        return False
    return word.confidence < (_DOUBTFUL_SUM if word.text in _ARITHMETIC else _DOUBTFUL_SIGN)


def _is_picture(words: tuple[Word, ...]) -> bool:
    """Dots, ticks and hatching come out as lines of nonsense; sums are doubtful too, but count."""
    if any(word.confidence >= _READABLE_WORD and _letters(word.text) > 1 for word in words):
        return False
    text = "".join(word.text for word in words)
    if 2 * sum(character.isdigit() for character in text) >= _letters(text) > 0:
        return False
    is_scattered = all(_letters(word.text) < 2 for word in words) and len(words) > 3
    return is_scattered or fmean(word.confidence for word in words) < _DOUBTFUL_LINE


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _around(words: tuple[Word, ...]) -> Box:
    boxes = [word.box for word in words]
    return Box(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )


def _renumbered(lines: list[Line]) -> tuple[Line, ...]:
    """Paragraphs counted from 0 without gaps."""
    numbers = {old: new for new, old in enumerate(dict.fromkeys(line.paragraph for line in lines))}
    return tuple(replace(line, paragraph=numbers[line.paragraph]) for line in lines)
