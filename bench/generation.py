"""What generation with a model costs and how long it takes: `python -m bench.generation`.

A local server in a process of its own plays the model and takes as long as it is told. Every run is
compared with the same calls made one after the other, against the same server.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import structlog
from rich.console import Console
from rich.table import Table

from bench.model import Apart, model_apart
from hornbook import wiring
from hornbook.model.job import JobStatus
from hornbook.settings import Settings
from tests.desk import Desk
from tests.model_server import Asked

SUBTOPIC, CHAPTER = 3, 12
"""Pages of each."""
LATENCY = 0.2
CHARACTERS_A_TOKEN = 4
WINDOW = 8
_NOUNS = ("bead", "ribbon", "jar", "coin", "tile", "rope", "basket", "clock", "shelf", "kite")
_CHAPTERS = (
    "Whole Numbers", "Shapes and Solids", "Time and Calendars", "Money Matters", "Weights",
    "Fractions of Things", "Patterns", "Handling Data", "Lengths and Distances", "Symmetry",
)  # fmt: skip
_VERBS = ("compare", "measure", "count", "share", "double", "halve", "order", "estimate")


def book(pages: int) -> list[str]:
    """So many pages, a numbered section on every third, no two sentences the same."""
    return [_page(number) for number in range(1, pages + 1)]


def _page(number: int) -> str:
    random = Random(number)
    section, chapter = (number - 1) // SUBTOPIC, (number - 1) // CHAPTER
    noun, verb = _NOUNS[section % len(_NOUNS)], _VERBS[section % len(_VERBS)]
    lines = []
    if (number - 1) % CHAPTER == 0:
        name = _CHAPTERS[chapter % len(_CHAPTERS)]
        again = f", Part {chapter // len(_CHAPTERS) + 1}" if chapter >= len(_CHAPTERS) else ""
        lines.append(f"Chapter {chapter + 1} {name}{again}")
    if (number - 1) % SUBTOPIC == 0:
        place = section % (CHAPTER // SUBTOPIC) + 1
        lines.append(f"{chapter + 1}.{place} How to {verb} each {noun} in set {section + 1}")
    for _ in range(8):
        one, other = random.sample(range(10, 1000), 2)
        lines.append(f"To {verb} the {noun} with {one} marks, begin at {other} and go on.")
    return "\n".join(lines)


@dataclass(frozen=True)
class Run:
    """One book from its texts to its guidelines."""

    pages: int
    latency: float
    seconds: float
    bare: float
    """Seconds that the same calls take, one after the other."""
    calls: Counter[str]
    first: float
    last: float
    """Tokens of the prompts of a page, near page 10 and at the end."""
    store_operations: float
    """For each page."""
    mended: Counter[str]
    """Calls to bring everything up to date when one heading of the finished book is corrected."""

    @property
    def calls_a_page(self) -> float:
        """Calls of every kind."""
        return self.calls.total() / self.pages


@contextmanager
def _application(folder: Path) -> Iterator[wiring.App]:
    app = wiring.assemble(Settings(data_dir=folder, model="openai:tiny"))
    app.prepare()
    app.start()
    try:
        yield app
    finally:
        app.stop(5)


def measure(pages: int, latency: float) -> Run:
    """Generate for a book of so many pages, on SQLite and a folder."""
    with model_apart(latency) as model:
        os.environ |= {"OPENAI_BASE_URL": model.address, "OPENAI_API_KEY": "none"}
        with tempfile.TemporaryDirectory() as folder, _application(Path(folder)) as app:
            book_id = Desk(app.database, app.clock).book(book(pages))
            app.projector.catch_up(book_id)
            before = _operations(app)
            began = time.perf_counter()
            app.generate.start(book_id)
            _wait(app, book_id)
            seconds = time.perf_counter() - began
            operations = _operations(app) - before
            asked = model.requests()
            app.finalize.start(book_id)
            _wait(app, book_id)
            mended = _calls_to_mend(app, book_id, model)
        return Run(
            pages=pages,
            latency=latency,
            seconds=seconds,
            bare=_one_after_the_other(model, asked, latency),
            calls=Counter(one.task for one in asked),
            first=_tokens(asked, range(6, 6 + WINDOW)),
            last=_tokens(asked, range(pages - WINDOW + 1, pages + 1)),
            store_operations=operations / pages,
            mended=mended,
        )


def _wait(app: wiring.App, book_id: str) -> None:
    while (job := app.jobs.latest(book_id)) is None or job.status.is_active:
        time.sleep(0.02)
    if job.status is not JobStatus.COMPLETED:
        raise RuntimeError(job.error_message)


def _calls_to_mend(app: wiring.App, book_id: str, model: Apart) -> Counter[str]:
    """Correct the heading of the section in the middle, and bring everything up to date."""
    known = len(model.requests())
    middle = len(app.reviews.pages(book_id)) // 2
    begins = next(page for page in range(middle, middle + SUBTOPIC) if (page - 1) % SUBTOPIC == 0)
    text = app.reviews.text(book_id, begins)
    if text is None:
        raise RuntimeError("the page has no text")
    mended = text.text.replace("How to", "How Best to", 1)
    app.reviews.correct(book_id, begins, mended, text.revision, "bench")
    app.generate.start(book_id, resume=True)
    _wait(app, book_id)
    app.finalize.start(book_id)
    _wait(app, book_id)
    return Counter(one.task for one in model.requests()[known:])


def _operations(app: wiring.App) -> float:
    return sum(
        sample.value
        for metric in app.metrics.collect()
        for sample in metric.samples
        if sample.name == "hornbook_store_operations_total"
    )


def _tokens(asked: Sequence[Asked], pages: range) -> float:
    """Tokens that were sent for each of these pages."""
    wanted = {str(page) for page in pages}
    sent = [one for one in asked if one.headers.get("X-Hornbook-Page") in wanted]
    return sum(len(one.rules) + len(one.prompt) for one in sent) / CHARACTERS_A_TOKEN / len(pages)


def _one_after_the_other(model: Apart, asked: Sequence[Asked], latency: float) -> float:
    """Make the same calls again, each when the one before it has been answered.

    Of a long series a part is made, and its time taken for the whole.
    """
    some = asked if latency == 0 else asked[:40]
    with httpx.Client(timeout=60) as client:
        began = time.perf_counter()
        for one in some:
            headers = {
                name: one.headers[name] for name in one.headers if name.lower().startswith("x-h")
            }
            client.post(f"{model.address}/chat/completions", json=one.body, headers=headers)
        return (time.perf_counter() - began) * len(asked) / len(some)


def table(runs: Sequence[Run]) -> Table:
    """The figures, one run a line."""
    shown = Table(title="Generation with a model (SQLite, a folder, 8 calls in flight)")
    for name in (
        "pages", "latency ms", "seconds", "calls one by one s", "times faster", "calls a page",
        "tokens a page at 10", "at the end", "store operations a page", "overhead ms a page",
        "calls to mend a heading",
    ):  # fmt: skip
        shown.add_column(name, justify="right")
    for run in runs:
        overhead = (run.seconds - run.bare) * 1000 / run.pages if run.latency == 0 else None
        shown.add_row(
            str(run.pages), f"{run.latency * 1000:.0f}", f"{run.seconds:.1f}", f"{run.bare:.1f}",
            f"{run.bare / run.seconds:.1f}", f"{run.calls_a_page:.2f}", f"{run.first:.0f}",
            f"{run.last:.0f}", f"{run.store_operations:.1f}",
            "" if overhead is None else f"{overhead:.0f}", str(run.mended.total()),
        )  # fmt: skip
    return shown


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[30, 120, 500])
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    runs = [measure(pages, latency) for pages in asked.pages for latency in (0.0, LATENCY)]
    console = Console(width=160)
    console.print(table(runs))
    for run in runs:
        told = f"{run.pages} pages, {run.latency * 1000:.0f} ms:"
        console.print(told, dict(run.calls), "to mend a heading:", dict(run.mended))


if __name__ == "__main__":
    main()
