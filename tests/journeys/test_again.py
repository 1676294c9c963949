"""Doing it again changes nothing; moving and deleting pages takes everything along."""

import json
import re
import shutil
from pathlib import Path

import pytest

from hornbook.sample import pages
from tests.comparing import bucket, without_run
from tests.server import Server
from tests.waiting import wait_until

FILES = pages()[2:10]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, str]:
    """A data folder with a book that was refined once, and the book's id."""
    server = Server(tmp_path_factory.mktemp("again") / "data").start()
    book = server.create_book()
    server.upload(book, FILES)
    server.wait(book)
    refine(server, book)
    wait_until(lambda: not server.is_bucket_behind())
    assert server.stop() == 0
    return server.data_dir, book


@pytest.fixture
def server(made, tmp_path, nursery):
    """A server with a copy of that folder."""
    shutil.copytree(made[0], tmp_path / "data")
    server = Server(tmp_path / "data", spawn=nursery.spawn).start()
    yield server
    server.stop()


@pytest.fixture
def book(made):
    return made[1]


def refine(server: Server, book: str) -> None:
    for start in (server.generate, server.finalize):
        start(book)
        assert server.wait(book)["status"] == "completed"


def guidelines(server: Server, book: str) -> list[dict]:
    return server.get(f"/admin/books/{book}/guidelines")["guidelines"]


def sync(server: Server, book: str) -> dict:
    return server.http.post(f"/admin/guidelines/books/{book}/sync-to-database").json()["stats"]


def rows(server: Server, book: str) -> list[dict]:
    return server.get(f"/admin/guidelines/books/{book}/review")


def test_generate_and_finalize_twice_give_the_same_book(server, book):
    folder = server.data_dir / "store" / "books" / book
    before = bucket(folder)

    refine(server, book)

    assert bucket(folder) == before


def test_approvals_and_hand_edits_stay_through_everything_done_again(server, book):
    sync(server, book)
    first, second = guidelines(server, book)[:2]
    path = f"/admin/guidelines/books/{book}/subtopics/{first['subtopic_key']}?topic_key={first['topic_key']}"
    mine = first["guidelines"] + "\nBring real coins to this lesson."
    assert server.http.put(path, json={"guidelines": mine}).status_code == 200
    sync(server, book)
    for row in rows(server, book):
        server.http.post(f"/admin/guidelines/{row['id']}/approve", json={"approved": True})
    server.http.put(f"/admin/books/{book}/pages/1/approve")

    refine(server, book)
    stats = sync(server, book)

    assert (stats["created_count"], stats["updated_count"], stats["removed_count"]) == (0, 0, 0)
    assert {row["review_status"] for row in rows(server, book)} == {"APPROVED"}
    assert guidelines(server, book)[0]["guidelines"] == mine
    assert guidelines(server, book)[1]["guidelines"] == second["guidelines"]
    assert server.get(f"/admin/books/{book}/pages/1")["status"] == "approved"


def test_deleting_and_moving_pages_takes_texts_indexes_ranges_and_references_along(server, book):
    texts = [server.get(f"/admin/books/{book}/pages/{n}")["ocr_text"] for n in range(1, 9)]
    expected = [*texts[:2], *texts[3:]]  # page 3 goes
    expected.insert(1, expected.pop(6))  # and what is then page 7 becomes page 2

    assert server.http.delete(f"/admin/books/{book}/pages/3").status_code == 204
    assert server.http.post(f"/admin/books/{book}/pages/7/move", json={"to": 2}).status_code == 200

    assert [
        server.get(f"/admin/books/{book}/pages/{n}")["ocr_text"] for n in range(1, 8)
    ] == expected
    assignments = server.get(f"/admin/guidelines/books/{book}/page-assignments")["pages"]
    for one in guidelines(server, book):
        mine = [
            int(page)
            for page, place in assignments.items()
            if place["subtopic_key"] == one["subtopic_key"]
        ]
        assert one["source_pages"] == sorted(mine)
        referred = {int(page) for page in re.findall(r"\(p\. (\d+)\)", one["guidelines"])}
        assert referred <= set(mine)


def test_the_bucket_follows_a_deleted_page(server, book):
    server.http.delete(f"/admin/books/{book}/pages/3")
    refine(server, book)
    folder = server.data_dir / "store" / "books" / book

    metadata = json.loads((folder / "metadata.json").read_text())
    index = json.loads((folder / "guidelines" / "page_index.json").read_text())

    assert [page["page_num"] for page in metadata["pages"]] == list(range(1, 8))
    assert max(map(int, index["pages"])) <= 7
    assert not (folder / "3.png").exists()
    assert not (folder / "pages" / "008.page_guideline.json").exists()
    assert without_run(metadata)["total_pages"] == 7
