"""The machine has no room left, on its disk or for open files: the server stays, and goes on after."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.outages.conftest import HELD, Guide, Site, files, guided
from tests.server import Server
from tests.waiting import wait_until

MEGABYTES = 24


@pytest.fixture(scope="module")
def site(guide: Guide, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """SQLite and a folder on a small disk of their own, which only root can mount."""
    disk = tmp_path_factory.mktemp("machine") / "data"
    disk.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)], check=True
    )
    server = Server(disk, program=guided(guide)).start()
    yield Site(server, guide)
    server.stop()
    subprocess.run(["umount", str(disk)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    try:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(65_536)):
                pass
        yield
    finally:
        filler.unlink()


@contextmanager
def out_of_handles(server: Server) -> Iterator[None]:
    """No file, socket or process can be opened any more."""
    process = server.process.pid
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    used = sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
    resource.prlimit(process, resource.RLIMIT_NOFILE, (used, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)


def stored(site: Site) -> set[str]:
    folder = site.server.data_dir / "store" / "books" / site.book
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_a_full_disk_refuses_uploads_with_a_sentence_and_keeps_what_was_acknowledged(site):
    site.guide.say()
    site.new_book(2)
    assert site.ends()["failed_items"] == 0

    with full(site.server.data_dir):
        before = stored(site)
        refused = site.server.http.post(
            f"/admin/books/{site.book}/pages/bulk",
            files=[("images", file) for file in files(2, first=3)],
        )
        states, image = site.states(), site.status_of_image(1)
        after = stored(site)
    site.server.upload(site.book, files(2, first=3))
    job = site.ends()

    assert refused.status_code == 503
    assert refused.json()["detail"].startswith("The disk of the ")
    assert " is full. Make room, then " in refused.json()["detail"]
    assert (states, image, after) == (["completed"] * 2, 200, before)
    assert (job["status"], site.states()) == ("completed", ["completed"] * 4)


def test_a_job_waits_for_room_on_the_disk_says_so_and_goes_on(site):
    site.guide.say(read=HELD)
    site.new_book(3)
    wait_until(lambda: "processing" in site.states())

    with full(site.server.data_dir):
        site.guide.say()
        wait_until(lambda: "Waiting for room on the disk" in (site.job()["note"] or ""))
        states = site.states()
    job = site.ends()

    assert "failed" not in states
    assert (job["status"], job["failed_items"], job["note"]) == ("completed", 0, None)
    assert site.states() == ["completed"] * 3


def test_a_server_without_file_handles_blames_no_page_and_goes_on_when_it_has_some(site):
    site.guide.say()
    read = site.new_book(1)
    site.ends()
    site.guide.say(read={"*": {"seconds": 1.0}})
    site.new_book(3)
    wait_until(lambda: "processing" in site.states())

    with out_of_handles(site.server):
        wait_until(lambda: (site.job()["note"] or "").startswith("Waiting for "))
        image = site.server.http.get(f"/admin/books/{read}/pages/1/image")
        states = site.states()
    job = site.ends()

    assert job["error_message"] is None
    assert "failed" not in states
    assert image.status_code == 503
    assert site.server.process.poll() is None
    assert (job["status"], job["failed_items"]) == ("completed", 0)
    assert site.states() == ["completed"] * 3
