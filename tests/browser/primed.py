"""Servers, books and browsers for tests of the review: `primer` reads, so texts come at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import USER, Admin, add_user
from tests.browser.primer import ENGINE, bars
from tests.server import Server, Spawn


@contextmanager
def primed_server(folder: Path, spawn: Spawn) -> Iterator[Server]:
    """A server that reads such books."""
    data_dir = folder / "data"
    add_user(data_dir, USER)
    running = Server(data_dir, spawn=spawn, ocr=ENGINE).start()
    yield running
    running.stop()


@contextmanager
def reviewer(browser: Browser, server: Server, user: str = USER, **looks) -> Iterator[Admin]:
    """Somebody at a browser of their own, 1280 by 720, the smallest that shows all at once."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}} | looks)
    context.set_default_timeout(10_000)
    yield Admin(context, server.url).let_in(user)
    context.close()


def primed_book(server: Server, pages: int, title: str) -> str:
    """A book of so many pages that were read."""
    book = server.create_book(title=title, author=title)
    server.upload(book, [(f"page{number}.png", bars(number)) for number in range(1, pages + 1)])
    assert server.wait(book)["status"] == "completed"
    return book
