"""Servers that work as they are told, and what a tab is watched for while it keeps itself current."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request

from tests.browser.conftest import USER, add_user
from tests.browser.guided import page_image
from tests.server import Server, Spawn

POLL = "/live?"
HOLD = {"hold": True}
WATCH = """() => {
  const seen = window.seen = {shifts: 0, lost: 0, changes: 0};
  const add = (list) => { for (const entry of list.getEntries()) seen.shifts += entry.value; };
  new PerformanceObserver(add).observe({type: 'layout-shift'});
  new MutationObserver((list) => { seen.changes += list.length; }).observe(
    document, {subtree: true, childList: true, characterData: true, attributes: true});
  const look = () => {
    seen.lost += document.activeElement === document.body;
    requestAnimationFrame(look);
  };
  look();
}"""
HIDE = """(isHidden) => {
  Object.defineProperty(document, 'hidden', {value: isHidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""

HURRY = "setInterval(() => document.body.dispatchEvent(new CustomEvent('refresh')), 250)"
"""Polls ten times as often as usual, in the way an action does that wants news at once."""


class Instructions:
    """What the server does at each page, changed at a stroke while it runs; see `guided`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.give()

    def give(self, **works: Any) -> None:
        """Say what reading and thinking come to from now on; what is not named goes well, at once."""
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(works))
        written.replace(self.path)

    def read_up_to(self, last: int, **others: Any) -> None:
        """Read pages up to `last` at once, and hold the others until told more."""
        free = {str(number): {"hold": False} for number in range(1, last + 1)}
        self.give(read={"*": HOLD, **free, **others})


@contextmanager
def guided_server(folder: Path, spawn: Spawn) -> Iterator[tuple[Server, Instructions]]:
    """A server, and the instructions it follows."""
    data_dir = folder / "data"
    add_user(data_dir, USER)
    told = Instructions(folder / "guide.json")
    program = ("-m", "tests.browser.guided", str(told.path))
    server = Server(data_dir, program=program, spawn=spawn).start()
    yield server, told
    told.give()
    server.stop()


drawn = cache(page_image)


def upload(server: Server, title: str, pages: int) -> str:
    """Begin a book of so many pages."""
    book = server.create_book(title=title, author=title)
    server.upload(book, [(f"page{number}.png", drawn(number)) for number in range(1, pages + 1)])
    return book


class Polls:
    """The polls of a tab."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.sent = 0
        self.lost = 0
        self.sizes: list[int] = []
        """Bytes of every reply that came, of polls and of all else."""
        self._open: set[Request] = set()
        tab.on("request", self._begin)
        tab.on("requestfinished", self._end)
        tab.on("requestfailed", self._fail)

    def settle(self) -> None:
        """Wait until every request is answered."""
        while self._open:
            self.tab.wait_for_timeout(5)

    def within(self, seconds: int) -> int:
        """How many are sent while the tab's clock, which is ours, goes on by so much."""
        before = self.sent
        for _ in range(seconds):
            self.tab.clock.run_for(1000)
            self.settle()
        return self.sent - before

    def _begin(self, request: Request) -> None:
        self._open.add(request)
        self.sent += POLL in request.url

    def _end(self, request: Request) -> None:
        self._open.discard(request)
        self.sizes.append(request.sizes()["responseBodySize"])

    def _fail(self, request: Request) -> None:
        self._open.discard(request)
        self.lost += POLL in request.url
