"""Kill -9 at a named point, start again: the outcome is that of a run nobody interrupted."""

import contextlib
import time
from pathlib import Path

import httpx
import pytest

from hornbook.sample import pages
from tests.comparing import bucket, without_run
from tests.server import ACTIVE, Server

DOOMED = str(Path(__file__).parent / "doomed.py")
PAGES = pages()[1:6]
IN_UPLOAD = [
    ("upload-object", 3),
    ("upload-raw", 1),
    ("upload-raw", 3),
    ("upload-rows", 1),
    ("upload-complete", 1),
]
IN_JOBS = [
    ("ocr-read", 3),
    ("ocr-save", 4),
    ("ocr-finish", 1),
    ("extraction-read", 1),
    ("extraction-save", 4),
    ("extraction-finish", 1),
    ("finalization-save", 1),
    ("finalization-finish", 1),
    ("projection", 1),
]


def outcome(server: Server, book: str) -> dict:
    """Everything an admin or a tutor can see of the book when all is done."""
    return {
        "book": without_run(server.get(f"/admin/books/{book}")),
        "guidelines": without_run(server.get(f"/admin/books/{book}/guidelines")),
        "topics": server.get(f"/admin/guidelines/books/{book}/topics"),
        "bucket": bucket(server.data_dir / "store"),
    }


def survive(server: Server) -> None:
    """Start again when the process has died; every route agrees within ten seconds."""
    if server.process.poll() is not None or _dies_soon(server):
        server.start(program=())


def _dies_soon(server: Server) -> bool:
    try:
        server.wait_for_death(0.3)
    except Exception:  # noqa: BLE001 - it lives
        return False
    return True


def do(server: Server, act) -> None:
    """Do what an admin does; when the server dies under it, start it again and repeat."""
    try:
        act()
    except (httpx.TransportError, AssertionError):
        survive(server)
        with contextlib.suppress(AssertionError):
            # The reply was lost, not the click: then the second one is refused.
            act()


def wait_through_death(server: Server, book: str) -> dict:
    for _ in range(600):
        try:
            job = server.get(f"/admin/books/{book}/jobs/latest")
        except httpx.TransportError:
            survive(server)
            continue
        if job and job["status"] not in ACTIVE:
            return job
        time.sleep(0.1)
    raise TimeoutError(server.log)


def journey(server: Server) -> dict:
    book = server.create_book()
    for act in (
        lambda: server.upload(book, PAGES),
        lambda: server.generate(book),
        lambda: server.finalize(book),
    ):
        do(server, act)
        job = wait_through_death(server, book)
        assert job["status"] == "completed", job
    return outcome(server, book)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("calm") / "data").start()
    yield journey(server)
    server.stop()


@pytest.mark.parametrize(("point", "at"), IN_UPLOAD + IN_JOBS, ids=str)
def test_a_kill_leaves_the_outcome_of_an_uninterrupted_run(tmp_path, uninterrupted, point, at):
    server = Server(tmp_path / "data", program=(DOOMED, point, str(at))).start()

    interrupted = journey(server)
    log = server.log
    server.stop()

    assert log.count("serves http") == 2, "the server was to die once"
    assert interrupted == uninterrupted
