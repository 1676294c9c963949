"""How well outlines and readings are: `python -m bench.quality [FOLDER [OCR_FOLDER…]]`.

FOLDER holds `structure.json` and `gt/page_NNN.txt`; each OCR_FOLDER holds `page_NNN.json` with
`lines` of `text`, `box` and `paragraph`. Prints ratios; asserts nothing.
A second table reads synthetic books as from photos, at several rates of misread characters and with
several seeds each.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import fmean

from rapidfuzz import fuzz

from bench.books import SyntheticBook, TrueSection, all_books, books_of_each_style
from bench.noise import photographed
from hornbook.engines.offline import Offline
from hornbook.model.finding import LineOnPage, PageToRead
from hornbook.model.guideline import Outline, OutlineEntry
from hornbook.model.page import Box
from hornbook.model.text import align
from hornbook.stages.outline import OutlinePage, outline
from hornbook.stages.read import read_page

RATES = (0.0, 0.05, 0.10, 0.15, 0.20)
SEEDS = range(1, 6)
SURE = 0.6
"""Confidence from which nobody is asked about an entry."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well one outline, or the mean of several, meets the truth."""

    exact: float
    near: float
    named: float
    """Share of the starts found whose title is more like the section's own than any other's."""
    window: float
    entries: float
    sure: float
    """Entries that nobody would be asked about, for each true section."""
    sure_wrong: float
    """Those of them that begin on a page where no section does."""


def f1(found: Sequence[int], true: Sequence[int], within: int = 0) -> float:
    """Harmonic mean of precision and recall of starts, a start counting once."""
    left = list(true)
    hits = 0
    for start in found:
        near = [page for page in left if abs(page - start) <= within]
        if near:
            left.remove(min((abs(page - start), page) for page in near)[1])
            hits += 1
    return 2 * hits / (len(found) + len(true)) if found or true else 1.0


def window_diff(found: Sequence[int], true: Sequence[int], pages: Sequence[int]) -> float:
    """Share of windows, half a section wide, with another number of starts in them; 0 is best."""
    width = max(1, round(len(pages) / max(1, len(true)) / 2))
    windows = [pages[at : at + width] for at in range(1, len(pages) - width + 1)]
    wrong = [len(set(one) & set(found)) != len(set(one) & set(true)) for one in windows]
    return sum(wrong) / len(wrong) if wrong else 0.0


def named(entries: Sequence[OutlineEntry], sections: Sequence[TrueSection]) -> float:
    """Share of the starts found whose title is more like the section's own than any other's."""
    true = {section.first_page: section.title for section in sections}
    found = [entry for entry in entries if entry.first_page in true]

    def is_right(entry: OutlineEntry) -> bool:
        own = true[entry.first_page]
        like = {title: fuzz.ratio(entry.subtopic_title, title) for title in true.values()}
        return all(like[own] > value for title, value in like.items() if title != own)

    return sum(map(is_right, found)) / len(found) if found else 1.0


def scored(book: SyntheticBook) -> Score:
    """How well the outline of a book's pages meets what is true of it."""
    entries = outline(book.pages).entries
    starts = [entry.first_page for entry in entries]
    true = [section.first_page for section in book.sections]
    sure = [entry.first_page for entry in entries if entry.confidence >= SURE]
    return Score(
        exact=f1(starts, true),
        near=f1(starts, true, 1),
        named=named(entries, book.sections),
        window=window_diff(starts, true, [page.page_num for page in book.pages]),
        entries=len(entries) / len(true),
        sure=len(sure) / len(true),
        sure_wrong=len(set(sure) - set(true)) / len(true),
    )


def mean(scores: Sequence[Score]) -> Score:
    """The mean of each figure."""
    return Score(*(fmean(column) for column in zip(*map(astuple, scores), strict=True)))


def evidence_rate(pages: Sequence[OutlinePage]) -> tuple[int, float, float]:
    """Items read, the share that stands on its page, and the share of pages that gave some."""
    reader, items, aligned, with_items = Offline(), 0, 0, 0
    for page in pages:
        asked = PageToRead(text_of(page), page.lines)
        raw, kept = reader.read(asked), read_page(reader, asked)
        items += len(raw.items)
        aligned += sum(align(item.quote, asked.text) is not None for item in kept.items)
        with_items += bool(kept.items)
    return items, aligned / items if items else 1.0, with_items / max(1, len(pages))


def text_of(page: OutlinePage) -> str:
    """The page's lines, an empty line between paragraphs."""
    parts: list[str] = []
    for before, line in zip((None, *page.lines), page.lines, strict=False):
        if before is not None and before.paragraph != line.paragraph:
            parts.append("")
        parts.append(line.text)
    return "\n".join(parts)


def row(book: SyntheticBook) -> str:
    """One line of the table."""
    began = time.perf_counter()
    found: Outline = outline(book.pages)
    seconds = time.perf_counter() - began
    starts = [entry.first_page for entry in found.entries]
    true = [section.first_page for section in book.sections]
    items, rate, read = evidence_rate(book.pages)
    hit = len(set(starts) & set(true))
    return (
        f"{book.name:42.42} {len(book.pages):5} {f1(starts, true):6.2f} {f1(starts, true, 1):6.2f} "
        f"{hit:4}/{len(true):<4} {len(found.entries):5} {items:6} {rate:8.3f} {read:6.2f} "
        f"{seconds:7.2f}"
    )


def score_row(name: str, score: Score) -> str:
    """One line of the table of noise."""
    return (
        f"{name:42.42} {score.exact:6.2f} {score.near:6.2f} {score.named:6.2f} {score.window:6.2f} "
        f"{score.entries:8.2f} {score.sure:6.2f} {score.sure_wrong:6.2f}"
    )


def _print_noise(given: Sequence[SyntheticBook]) -> None:
    print(f"\n{'photographed':42}     F1     ±1  named   WinD  entries   sure  wrong")
    for rate in RATES:
        found = {
            name: [scored(photographed(style(seed), rate, seed)) for seed in SEEDS]
            for name, style in books_of_each_style().items()
        }
        found["all styles"] = [score for scores in found.values() for score in scores]
        for book in given:
            found[book.name] = [scored(photographed(book, rate, seed)) for seed in SEEDS]
        for name, scores in found.items():
            print(score_row(f"{name}, {rate:.0%}", mean(scores)))


def _given(folder: Path, ocr: Sequence[Path]) -> list[SyntheticBook]:
    structure = json.loads((folder / "structure.json").read_text(encoding="utf-8"))
    true = [
        TrueSection(str(start["chapter"]), start["title"], page["page"], 0)
        for page in structure["pages"]
        for start in page["starts"]
    ]
    texts = [_text_page(path) for path in sorted((folder / "gt").glob("*.txt"))]
    books = [SyntheticBook(f"{folder.name}, true text", tuple(texts), tuple(true))]
    for one in ocr:
        read = tuple(_ocr_page(path) for path in sorted(one.glob("*.json")))
        books.append(SyntheticBook(f"{folder.name}, {one.name}", read, tuple(true)))
    return books


def _number(path: Path) -> int:
    return int(path.stem.rsplit("_", 1)[1])


def _text_page(path: Path) -> OutlinePage:
    lines = path.read_text(encoding="utf-8").split("\n")
    return OutlinePage(_number(path), tuple(LineOnPage(line) for line in lines if line.strip()))


def _ocr_page(path: Path) -> OutlinePage:
    lines = json.loads(path.read_text(encoding="utf-8"))["lines"]
    return OutlinePage(
        _number(path),
        tuple(LineOnPage(one["text"], Box(*one["box"]), one.get("paragraph", 0)) for one in lines),
    )


def main() -> None:
    """Print the table."""
    folders = [Path(argument) for argument in sys.argv[1:]]
    given = _given(folders[0], folders[1:]) if folders else []
    print(f"{'book':42} pages     F1   ±1  starts     entries  items  aligned   read seconds")
    for book in [*all_books(), *given]:
        print(row(book))
    _print_noise(given)


if __name__ == "__main__":
    main()
