"""A backup taken while pages are being read: a folder that a server goes on with."""

import os
import subprocess
import sys

import pytest

from hornbook.sample import pages
from tests.comparing import bucket, shown
from tests.server import Server
from tests.waiting import wait_until

PAGES = pages()[2:8]


@pytest.fixture
def server(tmp_path, nursery):
    server = Server(tmp_path / "data", spawn=nursery.spawn).start()
    yield server
    server.stop()


def backup(server: Server, folder) -> subprocess.CompletedProcess:
    """`hornbook backup`, beside the server."""
    return subprocess.run(
        [sys.executable, "-m", "hornbook", "backup", str(folder)],
        env=os.environ | {"HORNBOOK_DATA_DIR": str(server.data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )


def outcome(server: Server, book: str) -> dict:
    server.wait(book)
    server.generate(book)
    assert server.wait(book)["status"] == "completed"
    wait_until(lambda: not server.is_bucket_behind())
    return shown(server, book) | {"bucket": bucket(server.data_dir / "store")}


def test_a_server_goes_on_with_a_copy_that_was_taken_while_pages_were_read(
    server, tmp_path, nursery
):
    book = server.create_book()
    server.upload(book, PAGES)
    copies = []
    while server.get(f"/admin/books/{book}/jobs/latest")["status"] != "completed":
        copies.append(tmp_path / f"copy{len(copies)}")
        done = backup(server, copies[-1])
        assert done.returncode == 0, done.stderr
        assert f"are in {copies[-1]}" in " ".join(done.stdout.split())
    expected = outcome(server, book)

    assert len(copies) >= 2, "the server was to be busy meanwhile"
    restored = Server(copies[0], spawn=nursery.spawn).start()
    there = restored.get(f"/admin/books/{book}")["pages"]
    assert [page["file_name"] for page in there] == [name for name, _ in PAGES]
    assert outcome(restored, book) == expected
    assert restored.stop() == 0


def test_a_folder_with_something_in_it_is_not_overwritten(server, tmp_path):
    kept = tmp_path / "photographs" / "beach.jpg"
    kept.parent.mkdir()
    kept.write_bytes(b"sand")

    refused = backup(server, kept.parent)

    assert refused.returncode == 1
    assert "A backup goes into a new folder." in " ".join(refused.stderr.split())
    assert kept.read_bytes() == b"sand"
    assert [*kept.parent.iterdir()] == [kept]


def test_an_object_that_the_store_has_lost_is_named(server, tmp_path):
    book = server.create_book()
    server.upload(book, PAGES[:1])
    server.wait(book)
    lost = next((server.data_dir / "store").rglob("raw/*"))
    lost.unlink()

    done = backup(server, tmp_path / "copy")

    assert done.returncode == 1
    assert f"raw/{lost.name}" in "".join(done.stderr.split())
    assert (tmp_path / "copy" / "hornbook.db").exists()
