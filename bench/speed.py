"""How fast, how large, how responsive: `python -m bench.speed` on a real server.

Machines differ and are shared: compare the ratios of one run, not the seconds of two.
"""

import argparse
import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from bench import polls
from hornbook.sample import pages
from tests.server import TOKEN, Server

POLL_EVERY = 0.1
POLLED_PAGES = 200


@dataclass
class Polls:
    """What a second client and the process table saw while something went on."""

    seconds: list[float] = field(default_factory=list)
    server_mb: float = 0
    children_mb: float = 0


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(line.split()[1]) / 1024


def _children(pid: int) -> list[int]:
    """Child processes belong to the thread that started them; threads come and go meanwhile."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += map(int, task.read_text(encoding="ascii").split())
    return children


@contextmanager
def polling(server: Server, book: str) -> Iterator[Polls]:
    """Ask for the book and its job ten times a second, and weigh the processes."""
    polls = Polls()
    done = threading.Event()

    def poll() -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
            while not done.wait(POLL_EVERY):
                for path in (f"/admin/books/{book}", f"/admin/books/{book}/jobs/latest"):
                    started = time.perf_counter()
                    client.get(path).raise_for_status()
                    polls.seconds.append(time.perf_counter() - started)
                _weigh(server, polls)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield polls
    finally:
        done.set()
        thread.join()


def _weigh(server: Server, polls: Polls) -> None:
    pid = server.process.pid if server.process else 0
    polls.server_mb = max(polls.server_mb, _resident_mb(pid))
    polls.children_mb = max(polls.children_mb, sum(map(_resident_mb, _children(pid))))


def measure(count: int, workers: int) -> dict[str, float]:
    """One book of `count` sample pages through the whole journey."""
    sample = [body for name, body in pages()]
    files = [(f"page{n}.png", sample[n % len(sample)]) for n in range(1, count + 1)]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data").start(ocr_workers=str(workers))
        try:
            return _journey(server, files)
        finally:
            server.stop()


def _journey(server: Server, files: list[tuple[str, bytes]]) -> dict[str, float]:
    book = server.create_book()
    with polling(server, book) as polls:
        figures = {
            "upload s": _timed(lambda: server.upload(book, files)),
            "ocr s": _timed(lambda: server.wait(book, seconds=1800)),
        }
        server.generate(book, on_error="continue")
        figures["generate s"] = _timed(lambda: server.wait(book, seconds=600))
        server.finalize(book)
        figures["finalize s"] = _timed(lambda: server.wait(book, seconds=600))
    ordered = sorted(polls.seconds)
    return figures | {
        "polls": len(ordered),
        "poll p99 ms": 1000 * ordered[int(len(ordered) * 0.99)],
        "poll max ms": 1000 * ordered[-1],
        "server MB": polls.server_mb,
        "server + children MB": polls.server_mb + polls.children_mb,
    }


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def main() -> None:
    """Print one column for each number of OCR workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    chosen = parser.parse_args()
    columns = [measure(chosen.pages, workers) for workers in chosen.workers]
    table = Table("", *(f"{workers} workers" for workers in chosen.workers))
    for name in columns[0]:
        table.add_row(name, *(f"{column[name]:.1f}" for column in columns))
    console = Console()
    console.print(f"{chosen.pages} pages")
    console.print(table)
    console.print(polls.table(POLLED_PAGES))
    if len(columns) > 1:
        console.print(f"OCR ratio: {columns[0]['ocr s'] / columns[-1]['ocr s']:.2f}")


if __name__ == "__main__":
    main()
