"""What is kept of a book, and which doubles are found in it: `python -m bench.keeping`.

A book of ours, of which some sections come twice, is read, written and refined: offline, by a model
that does as it is told, and by a careless one that invents quotes, leaves statements out of its
order and calls everything a duplicate. `--model provider:name` asks a real one.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from bench.model import model_apart
from hornbook import wiring
from hornbook.library import codec, decisions, findings, guidelines
from hornbook.library.tables import SubtopicRow
from hornbook.model.text import align, squeeze
from hornbook.settings import Settings
from hornbook.stages.finalize import ProposalKind
from tests import schoolmaster
from tests.desk import Desk
from tests.model_server import Asked

SECTIONS, TWIN_EVERY, PAGES = 32, 4, 3
"""Sections, every fourth of which comes again at the end of the book, on three pages each."""
FALSE_QUOTE_EVERY = 4


VERBS = (
    "Counting", "Sharing", "Ordering", "Comparing", "Doubling", "Drawing", "Weighing", "Guessing",
)  # fmt: skip
NOUNS = ("Beads", "Ribbons", "Jars", "Coins", "Tiles", "Ropes")


@dataclass(frozen=True)
class Section:
    """A section of the book: its title and what it says, page by page."""

    title: str
    pages: tuple[str, ...]
    twin_of: int | None = None


def sections() -> list[Section]:
    """The sections; a twin says the same as an earlier one, under nearly the same title."""
    plain = [
        Section(f"{VERBS[n % 8]} {NOUNS[n // 8 + n % 3]} in Sets of {n + 3}", _pages(n))
        for n in range(SECTIONS)
    ]
    twins = [
        Section(f"{plain[at].title} Again", plain[at].pages, at)
        for at in range(0, SECTIONS, TWIN_EVERY)
    ]
    return plain + twins


def _pages(number: int) -> tuple[str, ...]:
    return tuple(
        "\n".join(_sentences(NOUNS[number // 8 + number % 3].lower(), Random(f"{number} {page}")))
        for page in range(PAGES)
    )


def _sentences(noun: str, random: Random) -> Iterator[str]:
    """What a page says: definition, rule, example and exercise, with figures of its own."""
    for _ in range(2):
        one, other = random.sample(range(10, 1000), 2)
        yield f"A row of {one} {noun} is called a line of {one} when {other} more may follow."
        yield f"To share {one + other} {noun}, first put {one} of them aside and then the rest."
        yield f"Example: {one} {noun} and {other} {noun} make {one + other} {noun} together."
        yield f"Practise: draw {other} {noun}, take {one % 9 + 1} away, and count what is left."


def texts(book: list[Section]) -> list[str]:
    """The book as its pages say it, numbered by chapters of eight sections."""
    pages: list[str] = []
    for at, section in enumerate(book):
        heads = [f"Chapter {at // 8 + 1} Part {at // 8 + 1} of the Course"] if at % 8 == 0 else []
        heads.append(f"{at // 8 + 1}.{at % 8 + 1} {section.title}")
        first, *others = section.pages
        pages += ["\n".join([*heads, first]), *others]
    return pages


def careless(asked: Asked) -> Mapping[str, Any]:
    """The worst that fits the form."""
    said = dict(schoolmaster.answer(asked))
    if asked.task == "read":
        said["items"] = [
            {**one, "quote": f"As everybody knows, {one['quote']}"}
            if at % FALSE_QUOTE_EVERY == 0
            else one
            for at, one in enumerate(said["items"])
        ]
    if asked.task == "merge":
        said["duplicates"] = [
            {"drop_key": str(at), "keep_key": "1", "reason": "all the same"} for at in said["order"]
        ]
        said["order"] = [at for at in reversed(said["order"]) if at % 3]
    return said | ({"duplicates": _all_pairs(asked)} if asked.task == "dedupe" else {})


def knowing(asked: Asked) -> Mapping[str, Any]:
    """One that tells twins by their titles, and else does as it is told."""
    if asked.task != "dedupe":
        return schoolmaster.answer(asked)
    keys = schoolmaster.keys(asked.prompt)
    twins = [(key, key.removesuffix("-again")) for key in keys if key.endswith("-again")]
    by_end = {key.partition("--")[2]: key for key in keys}
    return {
        "duplicates": [
            {"keep_key": by_end[end], "drop_key": key, "reason": "the same"}
            for key, first in twins
            if (end := first.partition("--")[2]) in by_end
        ]
    }


def _all_pairs(asked: Asked) -> list[Mapping[str, str]]:
    keys = schoolmaster.keys(asked.prompt)
    return [
        {"keep_key": one, "drop_key": other, "reason": "all the same"}
        for one, other in pairwise(keys)
    ]


@dataclass(frozen=True)
class Kept:
    """What became of the book."""

    items: int
    evidence: float
    """Share of stored items whose quote stands on their page."""
    recall: float
    """Share of the book's sentences that some item quotes."""
    duplicates: int
    after_merge: float
    """Share of the stored statements that guidelines show, logged duplicates left aside."""
    after_finalize: float
    """Share of those that are shown after refining."""
    merges: int
    precision: float
    """Share of the merges that are of twins."""
    found: float
    """Share of the twins that were merged."""


@contextmanager
def application(model: str) -> Iterator[wiring.App]:
    """An application on SQLite and a folder, with its jobs running."""
    with tempfile.TemporaryDirectory() as folder:
        app = wiring.assemble(Settings(data_dir=Path(folder), model=model))
        app.prepare()
        app.start()
        try:
            yield app
        finally:
            app.stop(5)


def measure(model: str) -> Kept:
    """Take the book from its texts to refined guidelines."""
    book = sections()
    with application(model) as app:
        book_id = Desk(app.database, app.clock).book(texts(book))
        app.generate.start(book_id)
        _wait(app, book_id)
        before = _shown(app, book_id)
        with app.database.read() as session:
            items = findings.items_of_book(session, book_id)
            pages = findings.lines_of(session, findings.read_revisions(session, book_id))
            rows = session.scalars(select(SubtopicRow.arrangement)).all()
        logged = {
            dropped
            for kept in rows
            if kept
            for dropped, _same in codec.arrangement_from_json(kept).duplicates
        }
        stored = {squeeze(one.item.text) for at, one in items.items() if at not in logged}
        app.finalize.start(book_id)
        _wait(app, book_id)
        page_texts = {page: "\n".join(line.text for line in lines) for page, lines in pages.items()}
        merges = _merges(app, book_id)
        twins = sum(section.twin_of is not None for section in book)
        right = sum(_is_twin(pair) for pair in merges)
        return Kept(
            items=len(items),
            evidence=_share(
                [bool(align(one.item.quote, page_texts[one.page_id])) for one in items.values()]
            ),
            recall=_recall(book, [one.item.quote for one in items.values()]),
            duplicates=len(logged),
            after_merge=len(before & stored) / max(1, len(stored)),
            after_finalize=len(before & _shown(app, book_id)) / max(1, len(before)),
            merges=len(merges),
            precision=right / len(merges) if merges else 1.0,
            found=right / twins,
        )


def _wait(app: wiring.App, book_id: str) -> None:
    while (job := app.jobs.latest(book_id)) is None or job.status.is_active:
        time.sleep(0.05)
    if job.error_message:
        raise RuntimeError(job.error_message)


def _shown(app: wiring.App, book_id: str) -> set[str]:
    """The statements that guidelines show; what is said twice in the same words counts once."""
    return {
        squeeze(source.text)
        for one in app.guidelines.subtopics(book_id)
        for source in app.guidelines.sources(book_id, one.topic_key, one.subtopic_key)
    }


def _recall(book: list[Section], quotes: list[str]) -> float:
    sentences = {squeeze(line) for one in book for page in one.pages for line in page.split("\n")}
    said = " ".join(map(squeeze, quotes))
    return _share([sentence in said for sentence in sentences])


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / max(1, len(flags))


def _merges(app: wiring.App, book_id: str) -> list[tuple[str, str]]:
    """The titles that extraction gave to what was merged, and to what it was merged into."""
    with app.database.read() as session:
        known = guidelines.contents(session, book_id).subtopics
        taken = decisions.decisions(session, book_id)
    return [
        (known[one.value].found_title, known[one.target_id].found_title)
        for one in taken
        if one.kind == ProposalKind.MERGE
    ]


def _is_twin(pair: tuple[str, str]) -> bool:
    one, other = sorted(pair, key=len)
    return other == f"{one} Again"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="provider:name of a real model to be measured too")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    rows = {"offline": measure("offline")}
    if asked.model:
        rows[asked.model] = measure(asked.model)
    for answer in (knowing, careless):
        with model_apart(0.0, answer) as model:
            os.environ |= {"OPENAI_BASE_URL": model.address, "OPENAI_API_KEY": "none"}
            rows[f"a {answer.__name__} model"] = measure("openai:tiny")
    table = Table(title=f"{SECTIONS} sections, every {TWIN_EVERY}th of them twice")
    table.add_column("")
    for name in rows:
        table.add_column(name, justify="right")
    for name in Kept.__annotations__:
        shares = (getattr(kept, name) for kept in rows.values())
        table.add_row(
            name.replace("_", " "),
            *(f"{s:.3f}" if isinstance(s, float) else str(s) for s in shares),
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
