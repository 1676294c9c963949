"""How many letters and words are read wrongly: `python -m bench.letters [TRUE IMAGES…]`.

TRUE holds `page_NNN.txt`, each folder of IMAGES an image of each; without folders pages of ours,
clean and photographed. `--model provider:name` has a model look at the same pages.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean

from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from hornbook.engines.model_client import ModelClient
from hornbook.engines.vision import Vision
from hornbook.engines.workshop import Workshop
from hornbook.errors import HornbookError
from hornbook.model.question import Question, Subject
from hornbook.stages.ocr import RawPage
from hornbook.workflows.ocr import PageReader
from tests.drawing import drawn_page, encoded, photographed

OURS = (
    "3.4 Adding Like Fractions",
    "Like fractions have the same denominator.",
    "To add them, add their numerators: 1/5 + 3/5 = 4/5.",
    "Example 2 Maria eats 2/8 of a cake and Tom eats 3/8.",
    "Together they eat 5/8 of it, and 3/8 are left over.",
    "Practise: 1/9 + 4/9, 2/7 + 3/7, 3/10 + 6/10.",
    "A mixed number such as 2 3/4 has a whole part.",
)


@dataclass(frozen=True)
class Score:
    """What was read on one page, against what stands there."""

    letters: float
    """Character error rate: edits for each character that is printed."""
    words: float
    """Word error rate."""
    found: float
    """F1 of the words, whatever their order."""


def score(true: str, read: str) -> Score:
    """The rates, white space evened out; above 1 where more was read than is there."""
    true_words, read_words = true.split(), read.split()
    edits = Levenshtein.distance(" ".join(true_words), " ".join(read_words))
    both = (Counter(true_words) & Counter(read_words)).total()
    return Score(
        letters=edits / max(1, len(" ".join(true_words))),
        words=Levenshtein.distance(true_words, read_words) / max(1, len(true_words)),
        found=2 * both / max(1, len(true_words) + len(read_words)),
    )


def read(reader: PageReader, pages: Sequence[tuple[str, bytes]]) -> tuple[list[Score], int]:
    """The scores of all pages, and how many of them could not be read: nothing was read there."""

    def one(page: tuple[str, bytes]) -> tuple[str, str | None]:
        try:
            return page[0], reader.read_page(RawPage(page[1])).text.text
        except HornbookError:
            return page[0], None

    with ThreadPoolExecutor(reader.workers) as threads:
        texts = list(threads.map(one, pages))
    return [score(true, found or "") for true, found in texts], sum(t is None for _, t in texts)


def ours() -> dict[str, list[tuple[str, bytes]]]:
    """Pages drawn here, at three sizes, clean and as photographed."""
    sheets = [drawn_page(OURS, text_size=size) for size in (22, 30, 40)]
    true = "\n".join(OURS)
    return {
        "ours, clean": [(true, encoded(sheet)) for sheet in sheets],
        "ours, photographed": [(true, encoded(photographed(sheet))) for sheet in sheets],
    }


def given(true: Path, folders: Sequence[Path]) -> dict[str, list[tuple[str, bytes]]]:
    """The pages of each folder with what stands on them."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(true.glob("*.txt"))}
    return {
        folder.name: [
            (texts[path.stem], path.read_bytes())
            for path in sorted(folder.iterdir())
            if path.stem in texts
        ]
        for folder in folders
    }


def local(show: Callable[[PageReader], None]) -> None:
    """Hand over the reader that comes along."""
    workshop = Workshop("tesseract", workers=2)
    show(workshop)
    workshop.close()


def by_model(model: str, show: Callable[[PageReader], None]) -> None:
    """Hand over a model that looks at pages."""
    workshop, client = Workshop("nothing", workers=2), ModelClient()

    def ask(question: Question) -> object:
        return client.ask(model, question, Subject()).data

    show(Vision(model, ask, workshop, workers=8))  # type: ignore[arg-type]
    client.close()
    workshop.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="*", help="TRUE and folders of images")
    parser.add_argument("--model", help="provider:name of a model that looks at the pages too")
    asked = parser.parse_args()
    books = given(asked.folders[0], asked.folders[1:]) if asked.folders else ours()
    table = Table(title="Reading errors, means over pages")
    for name in ("pages", "reader", "number", "unread", "letters (CER)", "words (WER)", "found F1"):
        table.add_column(name)

    def show(reader: PageReader) -> None:
        for name, pages in books.items():
            scores, unread = read(reader, pages)
            means = (fmean(getattr(one, rate) for one in scores) for rate in Score.__annotations__)
            row = (name, reader.name, str(len(pages)), str(unread))
            table.add_row(*row, *(f"{mean:.3f}" for mean in means))

    for hand_over in (local, *([partial(by_model, asked.model)] if asked.model else [])):
        hand_over(show)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
