"""What it costs that a screen keeps itself current: bytes, and milliseconds of the application."""

import asyncio
import io
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image
from rich.table import Table

from hornbook.model.book import NewBook
from hornbook.model.page import Box, Line, PageText, PreparedImage
from hornbook.settings import Settings
from hornbook.stages.ocr import PageReading, RawPage
from hornbook.web.app import create_app
from hornbook.wiring import App, assemble
from tests.server import TOKEN

CHANGED = 3
TIMES = 40
ADMIN = {"Authorization": f"Bearer {TOKEN}"}


class Instant:
    """Reads a page in no time: what is measured is the screen."""

    name = "instant"
    workers = 2

    def pages_in(self, raw: bytes) -> int:
        """Count nothing: these books are made of images."""
        raise NotImplementedError(len(raw))

    def read_page(self, page: RawPage) -> PageReading:
        """Give any text."""
        line = Line("Add the numerators.", Box(0, 0, 9, 9), 95.0, 0)
        image = PreparedImage(page.raw, page.raw, page.raw, 30, 40, is_blank=False)
        return PageReading(image, PageText((line,), 95.0), self.name)

    def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class Cost:
    """Of one kind of request, the middle of many."""

    name: str
    status: int
    raw: int
    sent: int
    milliseconds: float
    cpu_milliseconds: float
    """Of processor time, which hardly depends on who else uses the machine."""


class Screen:
    """One tab on the screen of a book; requests go to the application itself, without a network."""

    def __init__(self, client: httpx.AsyncClient, path: str) -> None:
        self.client = client
        self.path = path
        self.live = ""

    async def load(self) -> httpx.Response:
        """The whole page."""
        return await self._get(self.path)

    async def poll(self) -> httpx.Response:
        """What is new."""
        return await self._get(self.live)

    async def _get(self, path: str) -> httpx.Response:
        reply = await self.client.get(path)
        if reply.content:
            self.live = reply.text.split(' hx-get="')[1].split('"', 1)[0].replace("&amp;", "&")
        return reply


def measure(pages: int) -> list[Cost]:
    """The costs on a book of so many pages."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), token=TOKEN)
        app = assemble(settings, workshop=Instant())
        app.prepare()
        app.start()
        try:
            return asyncio.run(_costs(app, _read_book(app, pages)))
        finally:
            app.stop(grace=5)


def _read_book(app: App, pages: int) -> str:
    """Take a book through upload and reading."""
    book = app.books.create(NewBook("Polled", grade=4, subject="Maths"), "bench").id
    batch = app.uploads.open_request(book)
    for number in range(1, pages + 1):
        app.uploads.accept(book, batch, f"page-{number:03}.png", _file(number))
    app.uploads.complete_request(book, batch)
    while app.books.get(book).has_active_job:
        time.sleep(0.1)
    return book


def _file(number: int) -> bytes:
    """A PNG unlike the others."""
    buffer = io.BytesIO()
    Image.new("L", (30, 40 + number), 255).save(buffer, "PNG")
    return buffer.getvalue()


async def _costs(app: App, book: str) -> list[Cost]:
    wire = httpx.ASGITransport(create_app(app))
    async with httpx.AsyncClient(transport=wire, base_url="http://bench", headers=ADMIN) as client:
        screen = Screen(client, f"/books/{book}")
        decisions = itertools.cycle((app.reviews.approve, app.reviews.reject))

        def change() -> None:
            decide = next(decisions)
            for number in range(1, CHANGED + 1):
                decide(book, number, "bench")
            app.projector.catch_up(book)  # so that its work is not measured

        return [
            await _cost("full page", screen.load),
            await _cost(f"poll, {CHANGED} rows changed", screen.poll, before=change),
            await _cost("idle poll", screen.poll),
        ]


async def _cost(
    name: str,
    ask: Callable[[], Awaitable[httpx.Response]],
    before: Callable[[], None] | None = None,
) -> Cost:
    walls, cpus = [], []
    for _ in range(TIMES):
        if before:
            before()
        wall, cpu = time.perf_counter(), time.process_time()
        reply = await ask()
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    middle = map(statistics.median, (walls, cpus))
    return Cost(name, reply.status_code, len(reply.content), reply.num_bytes_downloaded, *middle)


def table(pages: int) -> Table:
    """One row for each kind of request."""
    heads = ("status", "bytes", "bytes sent (gzip)", "ms, median", "ms of CPU, median")
    shown = Table(f"a book of {pages} pages", *heads)
    for cost in measure(pages):
        times = (f"{cost.milliseconds:.1f}", f"{cost.cpu_milliseconds:.1f}")
        shown.add_row(cost.name, str(cost.status), str(cost.raw), str(cost.sent), *times)
    return shown
