"""How much faster pages are read at once than one by one: `python -m bench.reading`.

On this machine with one worker and with two; and by a model, one call in flight and eight. Rounds
of both alternate, so that what else the machine does meets both; the median ratio counts.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from statistics import median

import structlog
from PIL import Image
from rich.console import Console
from rich.table import Table

from bench.model import model_apart
from hornbook import wiring
from hornbook.model.book import NewBook
from hornbook.sample import pages
from hornbook.settings import Settings

AT_ONCE = 8


def unlike(count: int) -> list[bytes]:
    """So many scans of the sample book, no two the same: an answer is not paid for twice."""
    sample = [body for name, body in pages() if name.endswith("png")]
    return [_marked(sample[number % len(sample)], number) for number in range(count)]


def _marked(body: bytes, number: int) -> bytes:
    image = Image.open(BytesIO(body)).convert("L")
    image.paste(number % 200, (0, 0, 24, 24 + number // 200))
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def seconds(scans: Sequence[bytes], **settings: object) -> float:
    """How long an OCR job over these pages takes; its engine is warm."""
    with tempfile.TemporaryDirectory() as folder:
        app = wiring.assemble(Settings(data_dir=Path(folder), **settings))  # type: ignore[arg-type]
        app.prepare()
        app.start()
        try:
            _read(app, scans[: app.workshop.workers])
            return _read(app, scans[app.workshop.workers :])
        finally:
            app.stop(5)


def _read(app: wiring.App, scans: Sequence[bytes]) -> float:
    book = app.books.create(NewBook("Scans", 4, "Mathematics"), "bench").id
    batch = app.uploads.open_request(book)
    for number, body in enumerate(scans, 1):
        app.uploads.accept(book, batch, f"page{number}.png", body)
    began = time.perf_counter()
    job_id = app.uploads.complete_request(book, batch).job_id
    while (now := app.jobs.get(book, job_id)).status.is_active:
        time.sleep(0.02)
    if now.failed_items or now.completed_items != len(scans):
        raise RuntimeError(now.error_message or "pages failed")
    return time.perf_counter() - began


def compare(
    rounds: int, one: Callable[[], float], many: Callable[[], float]
) -> tuple[float, float, float]:
    """The medians of both, and of their ratios."""
    both = [(one(), many()) for _ in range(rounds)]
    singles, multiples = zip(*both, strict=True)
    ratio = median(single / multiple for single, multiple in both)
    return median(singles), median(multiples), ratio


def local(count: int, rounds: int) -> tuple[float, float, float]:
    """Tesseract with one worker, and with two."""
    scans = unlike(count)
    return compare(
        rounds, lambda: seconds(scans, ocr_workers=1), lambda: seconds(scans, ocr_workers=2)
    )


def vision(count: int, rounds: int, latency: float) -> tuple[float, float, float]:
    """A model that takes so long for each page, asked one by one, and eight at a time."""
    scans = unlike(count)
    with model_apart(latency) as model:
        os.environ |= {"OPENAI_BASE_URL": model.address, "OPENAI_API_KEY": "none"}
        chosen = {"ocr": "vision", "model": "openai:tiny"}
        return compare(
            rounds,
            lambda: seconds(scans, model_concurrency=1, **chosen),
            lambda: seconds(scans, model_concurrency=AT_ONCE, **chosen),
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=26)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, nargs="+", default=[1.0, 4.0])
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    table = Table(title=f"Reading {asked.pages} scans; medians of {asked.rounds} rounds")
    for name in ("reader", "one by one s", "at once s", "times faster"):
        table.add_column(name, justify="right")
    rows = [("this machine, 2 workers", local(asked.pages, asked.rounds))]
    rows += [
        (f"a model of {latency:g} s, {AT_ONCE} calls", vision(asked.pages, asked.rounds, latency))
        for latency in asked.latency
    ]
    for name, (one, many, ratio) in rows:
        table.add_row(name, f"{one:.1f}", f"{many:.1f}", f"{ratio:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
