"""Reads pages by showing them to a model: layout, fractions and tables, and any language."""

from typing import Protocol

from hornbook.engines import answers, prompting
from hornbook.engines.thinker import Ask
from hornbook.errors import NoModel
from hornbook.model.language import Language
from hornbook.model.page import PageText
from hornbook.model.question import Question, Task
from hornbook.stages.ocr import PageReading, RawPage, Rendering, transcript

MOST_TOKENS = 4000
"""Of a page's text; the densest pages take about half of them."""


class Renderer(Protocol):
    """Makes the images of a page (`engines.workshop.Workshop`). Raises Retryable or Terminal."""

    def render_page(self, page: RawPage) -> Rendering:
        """Blocks until they are made; safe to call from many threads."""
        ...


class Vision:
    """Has a model read pages, `workers` at a time."""

    def __init__(
        self,
        model: str | None,
        ask: Ask,
        renderer: Renderer,
        *,
        workers: int,
    ) -> None:
        """Without a model every page raises NoModel."""
        self.name = f"{model} ({prompting.version(Task.OCR)})" if model else "vision"
        self.workers = workers
        self._model = model
        self._ask = ask
        self._renderer = renderer

    def read_page(self, page: RawPage) -> PageReading:
        """Blocks until the page is read; raises what rendering and asking raise, and NoModel.

        A blank page is not asked about.
        """
        if self._model is None:
            raise NoModel
        shown = self._renderer.render_page(page)
        if shown.image.is_blank:
            text = PageText(lines=(), confidence=0.0, is_blank=True)
        else:
            text = transcript(self._ask(_question(shown.jpeg, page.language))["text"])
        return PageReading(shown.image, text, self.name)


def _question(jpeg: bytes, language: Language) -> Question:
    """About the image and nothing else, so that the same page in another book costs nothing."""
    return Question(
        task=Task.OCR,
        rules=prompting.rules(Task.OCR),
        prompt=f"The page is printed in {language.english}.",
        form=answers.OcrForm,
        image=jpeg,
        max_tokens=MOST_TOKENS,
    )
