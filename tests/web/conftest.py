"""The real application behind a client, with a workshop that reads what the test wrote on a page."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image

from hornbook.errors import LanguageMissing, RateLimited, UnreadableImage
from hornbook.model.language import Language
from hornbook.model.page import Box, Line, PageText, PreparedImage, Word
from hornbook.settings import Settings
from hornbook.stages.ocr import PageReading, RawPage, Rendering
from hornbook.web.app import create_app
from hornbook.wiring import App, assemble
from tests.web.making import LESSONS, TOKEN, make_image

ACTIVE = {"pending", "running"}


class FakeWorkshop:
    """Reads the text that `make_image` hid in a page; waits while it is held."""

    name = "fake"
    workers = 2

    def __init__(self) -> None:
        self.is_free = threading.Event()
        self.is_free.set()
        self.confidence = 96.0
        self.knows_language = True
        self.languages: list[Language] = []
        """In which it was asked to read, page by page."""

    def pages_in(self, raw: bytes) -> int:
        raise AssertionError("these books are made of images")

    def read_page(self, page: RawPage) -> PageReading:
        if not self.knows_language:
            raise LanguageMissing
        self.languages.append(page.language)
        text, image = self._made(page.raw, page.rotation)
        lines = tuple(
            _line(number, line, self.confidence)
            for number, line in enumerate(text.splitlines())
            if line
        )
        return PageReading(image, PageText(lines, self.confidence, is_blank=not text), "fake")

    def render_page(self, page: RawPage) -> Rendering:
        """The picture's comment holds its text."""
        text, image = self._made(page.raw, page.rotation)
        picture = BytesIO()
        Image.new("L", (40, 60)).save(picture, "JPEG", comment=text)
        return Rendering(image, picture.getvalue())

    def _made(self, raw: bytes, rotation: int) -> tuple[str, PreparedImage]:
        self.is_free.wait(60)
        try:
            text = Image.open(BytesIO(raw)).info.get("page", "")
        except OSError as error:
            raise UnreadableImage from error
        if text == "rate limit":
            raise RateLimited
        png = make_image(f"{text} turned by {rotation}")
        return text, PreparedImage(png, b"compact", b"thumbnail", 40, 60, is_blank=not text)

    def close(self) -> None:
        self.is_free.set()


def _line(number: int, text: str, confidence: float) -> Line:
    box = Box(0, number * 10, 40, number * 10 + 10)
    words = tuple(Word(word, box, confidence) for word in text.split())
    return Line(text, box, confidence, number, words)


class Wire(httpx.HTTPTransport):
    """A wire to the test's server, whatever address a client believes it talks to."""

    def __init__(self, app: Any, port: int) -> None:
        super().__init__()
        self.app = app
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # As a proxy in front would: the host as it was asked for, and the scheme told aside.
        told = [*request.headers.raw, (b"x-forwarded-proto", request.url.scheme.encode())]
        there = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        carried = httpx.Request(
            request.method,
            there,
            headers=told,
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(carried)


class Admin:
    """What an admin's program does, over HTTP."""

    def __init__(self, http: httpx.Client, hornbook: App, workshop: FakeWorkshop) -> None:
        self.http = http
        self.hornbook = hornbook
        self.workshop = workshop

    def get(self, path: str, **params: Any) -> Any:
        return self._good(self.http.get(path, params=params))

    def post(self, path: str, body: Any = None) -> Any:
        return self._good(self.http.post(path, json=body))

    def put(self, path: str, body: Any = None) -> Any:
        return self._good(self.http.put(path, json=body))

    def create_book(self, **facts: Any) -> str:
        book = {"title": "Mathematics", "country": "India", "board": "CBSE", "grade": 4}
        return self.post("/admin/books", book | {"subject": "Mathematics"} | facts)["id"]

    def bulk(self, book: str, *texts: str, names: Any = None) -> httpx.Response:
        names = names or [f"page-{number}.png" for number in range(1, len(texts) + 1)]
        files = [
            ("images", (name, make_image(text), "image/png"))
            for name, text in zip(names, texts, strict=True)
        ]
        return self.http.post(f"/admin/books/{book}/pages/bulk", files=files)

    def read_book(self, *texts: str) -> str:
        """A book whose pages were read."""
        book = self.create_book()
        self._good(self.bulk(book, *(texts or LESSONS)))
        self.wait(book)
        return book

    def generated_book(self) -> str:
        """A book with guidelines."""
        book = self.read_book()
        self.post(f"/admin/books/{book}/generate-guidelines")
        assert self.wait(book)["status"] == "completed"
        return book

    def published_book(self) -> str:
        """A book whose guidelines are published and wait for a review."""
        return self.published(self.generated_book())

    def published(self, book: str) -> str:
        """The same book, its guidelines published."""
        self.post(f"/admin/guidelines/books/{book}/sync-to-database")
        return book

    def wait(self, book: str) -> dict[str, Any]:
        """The book's latest job once it has ended."""
        for _ in range(600):
            job: dict[str, Any] = self.get(f"/admin/books/{book}/jobs/latest")
            if job["status"] not in ACTIVE:
                return job
            time.sleep(0.05)
        raise TimeoutError(json.dumps(job))

    def _good(self, reply: httpx.Response) -> Any:
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None


@pytest.fixture
def workshop() -> FakeWorkshop:
    return FakeWorkshop()


def settings_in(data_dir: Path, migrated_file: Path) -> Settings:
    """Those of an installation in which nothing was done yet."""
    data_dir.mkdir()
    (data_dir / "hornbook.db").write_bytes(migrated_file.read_bytes())
    return Settings(data_dir=data_dir, token=TOKEN)


@pytest.fixture
def settings(tmp_path: Path, migrated_file: Path) -> Settings:
    return settings_in(tmp_path / "data", migrated_file)


@pytest.fixture
def hornbook(settings: Settings, workshop: FakeWorkshop) -> Iterator[App]:
    """The application assembled, its jobs not running."""
    app = assemble(settings, workshop=workshop)
    yield app
    app.database.close()


@contextmanager
def working(hornbook: App, workshop: FakeWorkshop) -> Iterator[App]:
    """The application with its jobs running."""
    hornbook.start()
    yield hornbook
    workshop.is_free.set()
    hornbook.stop(grace=5)


@pytest.fixture
def running(hornbook: App, workshop: FakeWorkshop) -> Iterator[App]:
    """The application with its jobs running."""
    with working(hornbook, workshop) as app:
        yield app


Connect = Callable[..., httpx.Client]
LEAVING: list[threading.Thread] = []
"""Servers that were told to end. Each takes a fifth of a second for it, and nobody asks it any more."""


@pytest.fixture(scope="session", autouse=True)
def _farewell() -> Iterator[None]:
    yield
    for thread in LEAVING:
        thread.join()


@contextmanager
def serving(app: Any) -> Iterator[int]:
    """A real server of the application on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))  # the server closes it when it ends
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield listening.getsockname()[1]
    server.should_exit = True
    LEAVING.append(thread)


@contextmanager
def opening(hornbook: App) -> Iterator[Connect]:
    """Opens clients of one server, without credentials unless given."""
    app = create_app(hornbook)
    with serving(app) as port, ExitStack() as clients:

        def opened(**options: Any) -> httpx.Client:
            client = httpx.Client(
                transport=Wire(app, port), base_url="http://hornbook.test", timeout=60, **options
            )
            return clients.enter_context(client)

        yield opened


@pytest.fixture
def connect(hornbook: App) -> Iterator[Connect]:
    """Opens clients of one server, without credentials unless given."""
    with opening(hornbook) as opened:
        yield opened


def logged_in(connect: Connect, hornbook: App, workshop: FakeWorkshop) -> Admin:
    http = connect(headers={"Authorization": f"Bearer {TOKEN}"})
    return Admin(http, hornbook, workshop)


@pytest.fixture
def admin(connect: Connect, hornbook: App, workshop: FakeWorkshop) -> Admin:
    """Somebody who is logged in; jobs that are opened wait for ever."""
    return logged_in(connect, hornbook, workshop)


@pytest.fixture
def busy_admin(running: App, admin: Admin) -> Admin:
    """Somebody who is logged in, with jobs running."""
    return admin


@contextmanager
def standing(settings: Settings, *, is_busy: bool) -> Iterator[Admin]:
    """Somebody who is logged in to a server that outlives a test."""
    workshop = FakeWorkshop()
    hornbook = assemble(settings, workshop=workshop)
    with closing(hornbook.database), ExitStack() as open_ones:
        if is_busy:
            open_ones.enter_context(working(hornbook, workshop))
        connect = open_ones.enter_context(opening(hornbook))
        yield logged_in(connect, hornbook, workshop)


@pytest.fixture(scope="module")
def shared_admin(tmp_path_factory, migrated_file: Path) -> Iterator[Admin]:
    """One for all tests of a module that are refused, or look at nothing but books of their own."""
    settings = settings_in(tmp_path_factory.mktemp("shared") / "data", migrated_file)
    with standing(settings, is_busy=False) as one:
        yield one


@pytest.fixture(scope="session")
def shelf(tmp_path_factory, migrated_file: Path) -> tuple[Path, str]:
    """A data folder, to be copied, with one book that has guidelines; and that book."""
    settings = settings_in(tmp_path_factory.mktemp("shelf") / "data", migrated_file)
    with standing(settings, is_busy=True) as admin:
        book = admin.generated_book()
    return settings.data_dir, book


def with_the_book_of(shelf: tuple[Path, str], settings: Settings) -> Settings:
    """Settings of an installation that has that book, as if it had been made there."""
    shutil.copytree(shelf[0], settings.data_dir, dirs_exist_ok=True)
    return settings
