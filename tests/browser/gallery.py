"""Books in every state, on a server that reads and thinks at once, or waits where it is told to.

`python -m tests.browser.gallery FOLDER` puts a picture of every screen in every state into a folder,
to be looked at: light, dark, and as on a phone.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.guided import lines_of, page_image
from tests.server import TOKEN, Server, Spawn, unmeasured

LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 860}},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
}
HOLD = {"hold": True}
LIMITED = {"error": "rate limit", "after": 280}
GUIDE = {
    "read": {
        **dict.fromkeys(map(str, range(40, 45)), HOLD),
        **{str(number): {"seconds": 0.4} for number in range(45, 53)},
        **dict.fromkeys(map(str, range(57, 63)), LIMITED),
        "66": {"error": "unreadable"},
        "68": {"error": "no words"},
        "70": {"error": "time-out"},
        "71": {"error": "time-out"},
    },
    "think": {"78": {"error": "rate limit"}, "90": HOLD},
}
"""What happens to which page: every book of the gallery has page numbers of its own."""

CORRECTED = "Example 2. Amar eats 1/9 of a cake."
"""What a human puts on a page in place of what was read."""


@dataclass(frozen=True)
class Gallery:
    """A server with a book in each state, by the name of the state."""

    server: Server
    books: dict[str, str]

    @property
    def screens(self) -> dict[str, str]:
        """The address of every screen in every state worth looking at."""
        of = self.books
        book = {f"book, {state}": f"/books/{book_id}" for state, book_id in of.items()}
        return (
            book
            | {
                "books": "/",
                "books, found": "/?q=refined",
                "books, none found": "/?q=nothing+of+this+name",
                "new book": "/books/new",
                "jobs": "/jobs",
                "settings": "/settings",
                "review of guidelines": "/review",
                "no such screen": "/books/none",
                "pages, failed": f"/books/{of['attention']}?status=failed",
                "pages, found": f"/books/{of['read']}?q=page1",
                "review, page to go": f"/books/{of['read']}/pages/1/delete",
                "review, nothing left": f"/books/{of['empty']}/review?queue=unreviewed",
                "review, to do": f"/books/{of['read']}/pages/1/review",
                "review, beside reading": f"/books/{of['reading']}/pages/1/review",
                "review, failed page": f"/books/{of['attention']}/pages/2/review",
                "review, page not yet read": f"/books/{of['reading']}/pages/8/review",
                "approve many": f"/books/{of['read']}/approve",
                "guidelines": f"/books/{of['refined']}/guidelines",
                "guidelines, none": f"/books/{of['read']}/guidelines",
                "guidelines, published": f"/books/{of['published']}/guidelines",
                "guidelines, of a hand": f"/books/{of['edited']}/guidelines",
                "guidelines, to reject": f"/books/{of['refined']}/guidelines/reject",
                "guideline, its words": f"{self._guideline('refined')}/sources",
                "guideline, to edit": f"{self._guideline('edited')}/edit",
                "guideline, its versions": f"{self._guideline('edited')}/history",
                "guideline, to choose": f"{self._guideline('edited')}/choose",
                "changes by refining": f"/books/{of['refined']}/changes",
                "changes to undo": f"/books/{of['refined']}/changes/undo",
                "results": f"/books/{of['stopped']}/results",
                "results by topic": f"/books/{of['refined']}/results?by=topic",
                "results by error": f"/books/{of['attention']}/results?by=error",
                "publish, new": f"/books/{of['refined']}/publish",
                "publish, done": f"/books/{of['published']}/publish",
                "publish, none": f"/books/{of['read']}/publish",
                "approve published": "/review/approve",
                "study plan": f"/review/{self._published(0)}/study-plan",
                "study plan, none": f"/review/{self._published(-1)}/study-plan",
                "study plans, to make": "/review/study-plans",
                "results, none": f"/books/{of['empty']}/results",
                "restart": f"/books/{of['stopped']}/restart",
                "restart, after edits": f"/books/{of['edited']}/restart",
                "delete": f"/books/{of['read']}/delete",
            }
            | {f"log, {state}": f"/books/{of[state]}/jobs/{self._job(state)}" for state in LOGGED}
        )

    def _guideline(self, state: str) -> str:
        book = self.books[state]
        first = self.server.get(f"/admin/books/{book}/guidelines")["guidelines"][0]
        return f"/books/{book}/guidelines/{first['topic_key']}/{first['subtopic_key']}"

    def _published(self, at: int) -> str:
        return str(self.server.get("/admin/guidelines/review")[at]["id"])

    def _job(self, state: str) -> str:
        return self.server.get(f"/admin/books/{self.books[state]}/jobs/latest")["job_id"]


LOGGED = ("attention", "stopped", "writing")


class _Builder:
    def __init__(self, server: Server) -> None:
        self._server = server
        self.books: dict[str, str] = {}

    def new(self, state: str) -> str:
        title = f"Fractions, {state}"
        self.books[state] = self._server.create_book(title=title, author=state)
        return self.books[state]

    def upload(self, state: str, numbers: Iterable[int]) -> str:
        book = self.new(state)
        self._server.upload(book, [(f"page{n}.png", page_image(n)) for n in numbers])
        return book

    def read(self, state: str, numbers: Iterable[int]) -> str:
        book = self.upload(state, numbers)
        self._server.wait(book)
        return book

    def written(self, state: str, numbers: Iterable[int]) -> str:
        book = self.read(state, numbers)
        self._server.generate(book)
        self._server.wait(book)
        return book

    def refined(self, state: str) -> str:
        """Two sections of the book have the same title, and are found to be one."""
        book = self.written(state, (*range(1, 9), *range(29, 33)))
        self._server.finalize(book)
        self._server.wait(book)
        return book

    def published(self) -> None:
        book = self.refined("published")
        self._server.http.post(f"/admin/guidelines/books/{book}/sync-to-database")
        rows = self._server.get(f"/admin/guidelines/books/{book}/review")
        self._server.http.post(
            f"/admin/guidelines/{rows[0]['id']}/approve", json={"approved": True}
        )
        self._server.http.post(
            "/admin/guidelines/bulk-generate-study-plans", json={"guideline_ids": [rows[0]["id"]]}
        )

    def edited(self) -> None:
        """A human's words, and a page corrected under them: the next run offers a candidate."""
        book = self.written("edited", range(1, 13))
        one = self._server.get(f"/admin/books/{book}/guidelines")["guidelines"][0]
        address = f"/admin/guidelines/books/{book}/subtopics/{one['subtopic_key']}"
        typed = f"{one['guidelines']}\n\nLet the children fold a strip of paper first."
        sent = {"guidelines": typed, "version": one["version"]}
        self._server.http.put(address, params={"topic_key": one["topic_key"]}, json=sent)
        corrected = "\n".join((lines_of(2)[0], CORRECTED, *lines_of(3)[2:]))
        page = f"/admin/books/{book}/pages/2/text"
        self._server.http.put(page, json={"text": corrected, "revision": 1})
        self._server.generate(book)
        self._server.wait(book)

    def stopped_by_hand(self) -> None:
        book = self.upload("stopped by you", range(45, 53))
        job = self._until(book, lambda job: job["completed_items"] >= 3)
        self._server.http.post(f"/admin/books/{book}/jobs/{job['job_id']}/stop")
        self._server.wait(book)

    def held(self, state: str, numbers: Iterable[int], done: int) -> None:
        book = self.upload(state, numbers)
        self._until(book, lambda job: job["completed_items"] >= done)

    def writing(self) -> None:
        book = self.read("writing", range(85, 95))
        self._server.generate(book)
        self._until(book, lambda job: job["completed_items"] >= 4)

    def uploading(self) -> None:
        book = self.new("uploading")
        files = [(f"page{n}.png", page_image(n)) for n in range(1, 9)]
        manifest = {"files": [{"name": name, "size": len(body)} for name, body in files]}
        address = f"/admin/books/{book}/uploads"
        batch = self._server.http.post(address, json=manifest).json()["batch_id"]
        for position, (_name, body) in enumerate(files[:3]):
            self._server.http.put(f"{address}/{batch}/{position}", content=body)

    def _until(self, book: str, happened: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(300):
            job = self._server.get(f"/admin/books/{book}/jobs/latest")
            if happened(job):
                return job
            time.sleep(0.05)
        raise TimeoutError(json.dumps(job))


def program() -> str | None:
    """Where Chromium is."""
    return shutil.which(os.environ.get("CHROMIUM") or "chromium")


def guided_server(folder: Path, spawn: Spawn = unmeasured) -> Server:
    """A server that does what GUIDE says, on an empty data folder."""
    guide = folder / "guide.json"
    guide.write_text(json.dumps(GUIDE))
    program = ("-m", "tests.browser.guided", str(guide))
    return Server(folder / "data", program=program, spawn=spawn).start()


def hang(server: Server) -> Gallery:
    """Bring a book into each state. What waits is asked for last: four jobs run at once."""
    build = _Builder(server)
    build.new("empty")
    build.read("read", range(1, 11))
    build.read("attention", range(65, 73))
    build.written("stopped", range(73, 83))
    build.written("generated", range(1, 13))
    build.refined("refined")
    build.published()
    build.edited()
    build.stopped_by_hand()
    build.writing()
    build.held("reading", range(33, 45), done=7)
    build.held("rate limited", range(53, 63), done=3)
    build.uploading()
    return Gallery(server, build.books)


def picture(context: BrowserContext, gallery: Gallery, folder: Path) -> None:
    """Take a picture of each screen, from its top to its end."""
    tab = context.new_page()
    for name, path in gallery.screens.items():
        tab.goto(gallery.server.url + path)
        tab.screenshot(
            path=folder / f"{name.replace(', ', '-').replace(' ', '_')}.png", full_page=True
        )


def main(folder: Path) -> None:
    """Take a picture of every screen in every state, in every look."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        server = guided_server(Path(place))
        gallery = hang(server)
        chromium = playwright.chromium.launch(executable_path=program(), args=[*LAUNCH])
        for look, options in LOOKS.items():
            context = chromium.new_context(
                **options, extra_http_headers={"Authorization": f"Bearer {TOKEN}"}
            )
            (folder / look).mkdir(parents=True, exist_ok=True)
            picture(context, gallery, folder / look)
            context.close()
        server.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
