"""A real server whose surroundings fail, and the file that tells it how fast to read and think."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.guided import page_image
from tests.contracts.s3_server import BUCKET, S3Server
from tests.seaweed import pointed_at
from tests.server import Server
from tests.waiting import wait_until

SECONDS = 60.0
HELD = {"*": {"hold": True}}
"""Stand still at every page."""


class Guide:
    """Says what the server's engines do; every wait of a job is short here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.say()

    def say(self, *, outage: float = 60.0, **work: dict[str, dict[str, Any]]) -> None:
        """Such as `say(read={"*": {"hold": True}})`."""
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"waits": [0.2] * 3, "outage": outage, **work}))
        draft.replace(self.path)


@dataclass
class Site:
    """A server with one admin, and the book that is being worked on."""

    server: Server
    guide: Guide
    book: str = ""

    def new_book(self, pages: int) -> str:
        """A book with so many pages, which are being read."""
        self.book = self.server.create_book()
        self.server.upload(self.book, files(pages))
        return self.book

    def job(self) -> dict[str, Any]:
        return self.server.get(f"/admin/books/{self.book}/jobs/latest")

    def ends(self) -> dict[str, Any]:
        return self.server.wait(self.book, SECONDS)

    def pages(self) -> list[dict[str, Any]]:
        return self.server.get(f"/admin/books/{self.book}")["pages"]

    def states(self) -> list[str]:
        return [page["ocr_status"] for page in self.pages()]

    def status_of_image(self, page: int) -> int:
        return self.server.http.get(f"/admin/books/{self.book}/pages/{page}/image").status_code

    def wait_for_note(self, note: str) -> None:
        wait_until(
            lambda: self.job()["note"] == note, why=lambda: f"{self.job()}\n{self.server.log}"
        )

    def resume(self) -> dict[str, Any]:
        """OCR's Resume, to its end."""
        reply = self.server.http.post(f"/admin/books/{self.book}/pages/retry-ocr", json={})
        assert reply.status_code == 200, reply.text
        return self.ends()


def files(pages: int, *, first: int = 1) -> list[tuple[str, bytes]]:
    return [(f"{n}.png", page_image(n)) for n in range(first, first + pages)]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.shared.behave()
    server.stop()


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Guide:
    return Guide(tmp_path_factory.mktemp("guide") / "guide.json")


def guided(guide: Guide) -> tuple[str, ...]:
    return ("-m", "tests.browser.guided", str(guide.path))


@pytest.fixture(scope="module")
def on_s3(s3: S3Server, guide: Guide, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """SQLite, and a bucket that misbehaves when it is told to."""
    credentials = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    folder = tmp_path_factory.mktemp("outages") / "data"
    server = Server(folder, program=guided(guide), store_url=f"s3://{BUCKET}/books")
    with pointed_at({"AWS_ENDPOINT_URL": s3.endpoint, "AWS_REGION": "us-east-1"} | credentials):
        server.start()
    yield Site(server, guide)
    server.stop()
