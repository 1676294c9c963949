"""An admin who takes a book from images to published guidelines on a server that may die at any time.

Every act may be begun again after a death: what was acknowledged is never asked for twice, and what
was not is looked up before it is repeated. What was acknowledged is kept as a fact, and all facts are
checked whenever a server has come back.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from hornbook.sample import pages
from tests.comparing import bucket, shown
from tests.server import ACTIVE, Server

FIRST, LATER = pages()[2:8], pages()[8:10]
SECONDS_TO_DIE = 10
SECONDS_TO_COME_BACK = 60
SECONDS_FOR_AN_ACT = 120
CORRECTION = "Corrected by a human: tens and ones make a number."
WORKING = "SELECT count(*) FROM job_items WHERE state = 'working'"
EDIT = "Let the pupils bundle ten sticks before any number is written."


class Broken(AssertionError):
    """A promise that did not hold."""


@dataclass
class Tally:
    """What came of all the deaths of one journey."""

    seconds: list[float] = field(default_factory=list)
    """From each new start until every route agreed."""
    in_flight: int = 0
    """Pages and subtopics being worked on at the moments of death."""
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


class Look:
    """What the server answers at one time; each question is asked once."""

    def __init__(self, server: Server, book: str) -> None:
        self._server = server
        self._book = book
        self._known: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        if path not in self._known:
            self._known[path] = self._server.get(path)
        return self._known[path]

    @property
    def pages(self) -> list[dict[str, Any]]:
        return self.get(f"/admin/books/{self._book}")["pages"]

    @property
    def names(self) -> list[str]:
        return [page["file_name"] for page in self.pages]

    def page(self, name: str) -> dict[str, Any]:
        return next(page for page in self.pages if page["file_name"] == name)

    @property
    def received(self) -> set[str]:
        """Files that are not pages yet."""
        batches = self.get(f"/admin/books/{self._book}/uploads")["batches"]
        files = [file for batch in batches for file in batch["files"]]
        return {file["name"] for file in files if file["state"] == "received"}

    def text(self, name: str) -> str:
        place = self.names.index(name) + 1
        return self.get(f"/admin/books/{self._book}/pages/{place}")["ocr_text"]

    @property
    def guidelines(self) -> list[dict[str, Any]]:
        return self.get(f"/admin/books/{self._book}/guidelines")["guidelines"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.get(f"/admin/guidelines/books/{self._book}/review")

    def job(self, key: str) -> dict[str, Any]:
        return self.get(f"/admin/books/{self._book}/jobs/{key}")


Fact = Callable[[Look], bool]


class Admin:
    """Does the acts of `ACTS` one after the other; `on_death` is told of each death."""

    def __init__(self, server: Server, on_death: Callable[[], None] = lambda: None) -> None:
        self.server = server
        self.tally = Tally()
        self._on_death = on_death
        self._facts: dict[str, Fact] = {}
        self._before: dict[str, str | None] = {}
        self.book = ""
        self._batch: dict[str, Any] = {}

    def do(self, act: str, *, is_settled: bool = True) -> None:
        """Bring the act about, however often the server dies meanwhile, and let the bucket follow."""
        for _ in range(20):
            try:
                ACTS[act](self)
                if is_settled:
                    self._settle()
                self._check()
            except httpx.TransportError:
                self._revive()
            else:
                return
        raise Broken(f"{act} never ends\n{self.server.log[-3000:]}")

    # What comes after a death

    def _revive(self) -> None:
        for _ in range(5):
            self._bury()
            began = time.monotonic()
            self.server.start()
            try:
                self._wait_until_true(began)
                self._check()
            except httpx.TransportError:
                continue
            return
        raise Broken(f"the server does not come back\n{self.server.log[-3000:]}")

    def _bury(self) -> None:
        self.server.wait_for_death(SECONDS_TO_DIE)
        self.tally.in_flight += self.server.count(WORKING)
        self._on_death()

    def _wait_until_true(self, began: float) -> None:
        while not self._agree():
            if time.monotonic() - began > SECONDS_TO_COME_BACK:
                raise Broken(f"the routes do not agree\n{self.server.log[-3000:]}")
            time.sleep(0.05)
        self.tally.seconds.append(time.monotonic() - began)

    def _agree(self) -> bool:
        """Whether the job's routes, the book and its screen say the same, and nobody claims a dead job."""
        if not self.book:
            return True
        job = self._latest()
        book = self.server.get(f"/admin/books/{self.book}")
        listed = self.server.get("/admin/jobs")["jobs"]
        screen = self.server.http.get(f"/books/{self.book}").text
        if job is None:
            return not book["has_active_job"] and not listed
        again = self._latest()
        if again != job:
            return False
        is_active = job["status"] in ACTIVE
        same = next(each for each in listed if each["job_id"] == job["job_id"])
        figures = f"{job['completed_items']}/{job['total_items']}"
        return (
            book["has_active_job"] == is_active
            and same["status"] == job["status"]
            and (figures in re.sub(r"\s+", "", screen) or not is_active)
        )

    def _check(self) -> None:
        """What was acknowledged is there, once."""
        if not self.book:
            return
        now = self._look()
        names = now.names
        self.tally.lost += [what for what, holds in self._facts.items() if not holds(now)]
        self.tally.twice += [name for name in names if names.count(name) > 1]
        if self.tally.lost or self.tally.twice:
            raise Broken(f"lost: {self.tally.lost}, twice: {self.tally.twice}\n{self.server.log}")

    # Small things that acts are made of

    def _look(self) -> Look:
        return Look(self.server, self.book)

    def _latest(self, kind: str | None = None) -> dict[str, Any] | None:
        only = {"job_type": kind} if kind else {}
        return self.server.get(f"/admin/books/{self.book}/jobs/latest", **only)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        reply = self.server.http.request(method, f"/admin/{path}", **more)
        if reply.is_success:
            return reply
        raise Broken(
            f"{method} {path}: {reply.status_code} {reply.text}\n{self.server.log[-3000:]}"
        )

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + SECONDS_FOR_AN_ACT
        while not is_so():
            if time.monotonic() > until:
                raise Broken(f"waited in vain\n{self._latest()}\n{self.server.log[-3000:]}")
            time.sleep(0.05)

    def _wait(self, kind: str) -> None:
        """Wait until the latest job of the kind has ended, which has to be well."""
        self._wait_until(
            lambda: (self._latest(kind) or {"status": "pending"})["status"] not in ACTIVE
        )
        job = self._latest(kind)
        if job["status"] != "completed" or job["failed_items"]:
            raise Broken(f"{job}\n{self.server.log[-3000:]}")
        key = job["job_id"]
        self._facts[f"{kind} {key} is completed"] = lambda now: now.job(key) == job

    def _settle(self) -> None:
        """Wait until the bucket shows it all."""
        self._wait_until(lambda: not self._is_behind())

    def _is_behind(self) -> bool:
        self.server.get("/health")  # of a dead server that would never change
        return self.server.is_bucket_behind()

    def _run(self, act: str, kind: str, path: str) -> None:
        """Have a job done, unless the one asked for is there already."""
        latest = self._latest(kind)
        known = latest["job_id"] if latest else None
        if known == self._before.setdefault(act, known):
            self._ask("POST", f"books/{self.book}/{path}", json={})
        self._wait(kind)

    # The acts

    def create(self) -> None:
        """Add the book, unless the reply alone was lost."""
        there = self.server.get("/admin/books")["books"]
        self.book = there[0]["id"] if there else self.server.create_book()

    def upload(self) -> None:
        """Announce six files, send them, the last first, and approve one while others are read."""
        files = [{"name": name, "size": len(body)} for name, body in FIRST]
        if not self._batch:
            self._batch = self._ask(
                "POST", f"books/{self.book}/uploads", json={"files": files}
            ).json()
        for entry in reversed(self._batch["files"]):
            fact = f"{entry['name']} is received"
            if fact in self._facts:
                continue
            path = f"books/{self.book}/uploads/{self._batch['batch_id']}/{entry['position']}"
            self._ask("PUT", path, content=dict(FIRST)[entry["name"]])
            self._facts[fact] = received(entry["name"])
        self._wait_until(lambda: self._look().pages[0]["ocr_status"] == "completed")
        self._approve(1)
        self._wait("ocr_batch")

    def review(self) -> None:
        """Approve two more pages and correct the text of one."""
        names = self._look().names
        self._approve(2)
        self._approve(3)
        page = self.server.get(f"/admin/books/{self.book}/pages/2")
        if page["ocr_text"] != CORRECTION:
            corrected = {"text": CORRECTION, "revision": page["revision"]}
            self._ask("PUT", f"books/{self.book}/pages/2/text", json=corrected)
        self._facts["the corrected text"] = lambda now: now.text(names[1]) == CORRECTION

    def _approve(self, number: int) -> None:
        name = self._look().names[number - 1]
        self._ask("PUT", f"books/{self.book}/pages/{number}/approve")
        self._facts[f"{name} is approved"] = approved(name)

    def generate(self) -> None:
        """Have the guidelines written."""
        self._run("generate", "extraction", "generate-guidelines")

    def edit(self) -> None:
        """Write the first guideline by hand."""
        first = self._look().guidelines[0]
        keys = first["topic_key"], first["subtopic_key"]
        path = f"guidelines/books/{self.book}/subtopics/{keys[1]}"
        if first["guidelines"] != EDIT:
            body = {"guidelines": EDIT, "version": first["version"]}
            self._ask("PUT", path, params={"topic_key": keys[0]}, json=body)
        self._facts["the edited guideline"] = lambda now: (
            EDIT in {each["guidelines"] for each in now.guidelines}
        )

    def finalize(self) -> None:
        """Refine and consolidate."""
        self._run("finalize", "finalization", "finalize")

    def publish(self) -> None:
        """Publish, and approve a row."""
        self._ask("POST", f"guidelines/books/{self.book}/sync-to-database")
        rows = self._look().rows
        self._facts["the published rows"] = lambda now: len(now.rows) == len(rows)
        row_id = rows[-1]["id"]
        self._ask("POST", f"guidelines/{row_id}/approve", json={"approved": True})
        self._facts["the approved row"] = lambda now: (
            (row_id, "APPROVED") in {(row["id"], row["review_status"]) for row in now.rows}
        )

    def delete(self) -> None:
        """Delete a page in the middle."""
        name = FIRST[4][0]
        self._facts.pop(f"{name} is received", None)
        names = self._look().names
        if name in names:
            self._ask("DELETE", f"books/{self.book}/pages/{names.index(name) + 1}")
        self._facts[f"{name} is gone"] = lambda now: name not in now.names

    def reorder(self) -> None:
        """Move the last page to the second place."""
        name = FIRST[5][0]
        place = self._look().names.index(name) + 1
        if place != 2:
            self._ask("POST", f"books/{self.book}/pages/{place}/move", json={"to": 2})
        self._facts["the moved page"] = lambda now: now.names.index(name) == 1

    def add(self) -> None:
        """Add two pages by a form."""
        if LATER[-1][0] not in self._look().names:
            parts = [("images", (name, body, "application/octet-stream")) for name, body in LATER]
            self._ask("POST", f"books/{self.book}/pages/bulk", files=parts)
        for name, _ in LATER:
            self._facts[f"{name} is received"] = received(name)
        self._wait("ocr_batch")

    def generate_again(self) -> None:
        """Generate once more, over the changed book."""
        self._run("generate again", "extraction", "generate-guidelines")

    def finalize_again(self) -> None:
        """Refine once more."""
        self._run("finalize again", "finalization", "finalize")

    def publish_again(self) -> None:
        """Publish what has become of it; changed rows go back to review."""
        self._facts.pop("the published rows", None)
        self._facts.pop("the approved row", None)
        self._ask("POST", f"guidelines/books/{self.book}/sync-to-database")


def received(name: str) -> Fact:
    """That the file is a page, or is going to be one."""
    return lambda now: name in now.names or name in now.received


def approved(name: str) -> Fact:
    """That the page is approved."""
    return lambda now: now.page(name)["status"] == "approved"


ACTS: dict[str, Callable[[Admin], None]] = {
    "create": Admin.create,
    "upload": Admin.upload,
    "review": Admin.review,
    "generate": Admin.generate,
    "edit": Admin.edit,
    "finalize": Admin.finalize,
    "publish": Admin.publish,
    "delete": Admin.delete,
    "reorder": Admin.reorder,
    "add": Admin.add,
    "generate again": Admin.generate_again,
    "finalize again": Admin.finalize_again,
    "publish again": Admin.publish_again,
}


def outcome(admin: Admin) -> dict[str, Any]:
    """What came of the book, on the screens and in the bucket."""
    server = admin.server
    return shown(server, admin.book) | {"bucket": bucket(server.data_dir / "store")}
