"""One reader's desk: the child process of the workshop that decodes and reads pages.

Started as `python -m hornbook.engines.desk ENGINE FD LIFELINE`. It touches neither database nor
store, and is gone the moment its parent's end of the connection closes, even in the middle of a
page.
"""

import fcntl
import importlib
import os
import pickle
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from multiprocessing.connection import Connection
from typing import Final

from PIL import Image

from hornbook.engines.nothing import Nothing
from hornbook.engines.tesseract import Tesseract
from hornbook.errors import HornbookError
from hornbook.model.page import PageText
from hornbook.stages import image as images
from hornbook.stages import pdf
from hornbook.stages.ocr import (
    OcrEngine,
    PageReading,
    Polyglot,
    RawPage,
    Rendering,
    credible,
    placed,
    read_any_way_up,
)
from hornbook.stages.photo import FlatPage, flatten, sheet

ENGINES: Final[dict[str, Callable[[], OcrEngine]]] = {"tesseract": Tesseract, "nothing": Nothing}

MEMORY: Final = 3 * 1024**3
"""Bytes of address space; 80 megapixels decoded and read stay below."""


@dataclass(frozen=True, slots=True)
class Read:
    """A page that is to be read."""

    page: RawPage


@dataclass(frozen=True, slots=True)
class Render:
    """A page of which images are to be made, for somebody else to read."""

    page: RawPage


@dataclass(frozen=True, slots=True)
class Count:
    """A PDF whose pages are to be counted."""

    raw: bytes


Asked = Read | Render | Count
Answer = PageReading | Rendering | int | HornbookError


def upright(page: RawPage, longest_side: int = images.PAGE_SIDE) -> Image.Image:
    """The page as a human would hold it, from an image or a PDF; raises UnreadableImage."""
    if pdf.is_pdf(page.raw):
        image = pdf.page_image(page.raw, page.frame, longest_side)
        return images.turned(image, page.rotation)
    return images.upright(
        page.raw, frame=page.frame, rotation=page.rotation, longest_side=longest_side
    )


def read_page(engine: OcrEngine, page: RawPage) -> PageReading:
    """Raw bytes in, images and text out. Raises UnreadableImage, or what the engine raises."""
    picture = upright(page)

    @cache
    def flat(degrees: int) -> FlatPage:
        return flatten(images.turned(picture, degrees))

    if images.is_blank(flat(0).image):
        text = PageText(lines=(), confidence=0.0, is_blank=True)
        return PageReading(images.prepared(picture, is_blank=True), text, engine.name)

    def read(degrees: int) -> PageText:
        return credible(engine.read(_png(flat(degrees).image)))

    degrees, text = read_any_way_up(read)
    image = images.prepared(images.turned(picture, degrees), is_blank=text.is_blank)
    return PageReading(image, placed(text, flat(degrees).back), engine.name)


def render_page(page: RawPage) -> Rendering:
    """Raw bytes in, images out; of a photo a model is shown the sheet alone."""
    picture = upright(page)
    shown = sheet(picture)
    image = images.prepared(picture, is_blank=images.is_blank(shown))
    return Rendering(image, images.shown_to_models(shown))


def glance(page: RawPage) -> PageReading:
    """What `nothing` makes of a page: small images and no text, as quickly as possible."""
    picture = upright(page, longest_side=800)
    text = Nothing().read(b"")
    return PageReading(images.prepared(picture, is_blank=True), text, Nothing.name)


def engine_named(name: str) -> OcrEngine:
    """One of ours, or `package.module:Class` of somebody else. Raises KeyError, ImportError."""
    if ":" not in name:
        return ENGINES[name]()
    module, _, attribute = name.partition(":")
    made: OcrEngine = getattr(importlib.import_module(module), attribute)()
    return made


def main(engine_name: str, descriptor: int, lifeline: int) -> None:
    """Reads pages until the parent goes away."""
    _hang_on(lifeline)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection = Connection(descriptor)
    requests: queue.SimpleQueue[Asked] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True).start()
    engine = engine_named(engine_name)
    _limit_memory()
    while True:
        connection.send_bytes(pickle.dumps(_answer(engine, requests.get())))


def _hang_on(lifeline: int) -> None:
    """Have the system end this process when the parent's end closes, whatever it is doing.

    A library may be deep in a call that lets no thread of ours run. Where such a signal is ignored
    (macOS), what `_receive` notices has to do.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)


def _receive(connection: Connection, requests: "queue.SimpleQueue[Asked]") -> None:
    """Listens all the time, so that the parent's death is noticed in the middle of a page."""
    try:
        while True:
            requests.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)


def _answer(engine: OcrEngine, request: Asked) -> Answer:
    try:
        if isinstance(request, Count):
            return pdf.page_count(request.raw)
        if isinstance(request, Render):
            return render_page(request.page)
        if isinstance(engine, Nothing):
            return glance(request.page)
        if isinstance(engine, Polyglot):
            engine = engine.in_language(request.page.language)
        return read_page(engine, request.page)
    except HornbookError as error:
        return error


def _limit_memory() -> None:
    """A hostile image must not take the machine's memory; macOS knows no such limit."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


if __name__ == "__main__":
    # Under its own name: a request is of the class that its sender knows, not of one of `__main__`.
    importlib.import_module("hornbook.engines.desk").main(
        sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    )
