"""Pages that harm whoever reads them: recorded and passed, and everything else goes on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import Server
from tests.survival.poison import ENGINE, UNHARMED, Poison, page
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory, nursery):
    folder = tmp_path_factory.mktemp("poison") / "data"
    program = ("-m", "tests.survival.hasty")
    server = Server(folder, program=program, spawn=nursery.spawn, ocr=ENGINE).start()
    yield server
    server.stop()


def upload(server: Server, *poisons: Poison) -> str:
    book = server.create_book()
    server.upload(book, [page(number, poison) for number, poison in enumerate(poisons, 1)])
    return book


def states(server: Server, book: str) -> list[str]:
    return [one["ocr_status"] for one in server.get(f"/admin/books/{book}")["pages"]]


def readers_of(process: int) -> list[int]:
    """The children of a process that read pages."""
    found = subprocess.run(
        ["pgrep", "-P", str(process), "-f", "hornbook.engines.desk"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [int(line) for line in found.stdout.split()]


def is_running(process: int) -> bool:
    status = Path(f"/proc/{process}/status")
    return status.exists() and "zombie" not in status.read_text()


def test_poisonous_pages_are_recorded_after_a_few_tries_and_the_others_are_read(server):
    before = server.process.pid
    book = upload(
        server, Poison.NONE, Poison.KILLS_ITS_READER, Poison.NONE, Poison.HANGS, Poison.NONE,
        Poison.DEVOURS_MEMORY, Poison.NONE,
    )  # fmt: skip

    job = server.wait(book)

    assert (job["status"], job["completed_items"], job["failed_items"]) == ("completed", 4, 3)
    assert states(server, book) == ["completed", "failed"] * 3 + ["completed"]
    errors = json.loads(job["progress_detail"])["page_errors"]
    killed = "The page ended its worker three times. Replace the image, or skip the page."
    assert errors["2"] == errors["6"] == {"error": killed, "error_type": "terminal"}
    assert errors["4"]["error"].startswith("Time-out")
    assert server.process.pid == before
    assert server.process.poll() is None


def test_a_page_that_kills_the_whole_server_is_passed_after_the_third_time(server):
    book = upload(server, Poison.NONE, Poison.KILLS_THE_SERVER, Poison.NONE)

    for _death in range(3):
        server.wait_for_death()
        server.start()

    job = server.wait(book)
    assert (job["status"], states(server, book)) == (
        "completed",
        ["completed", "failed", "completed"],
    )
    assert json.loads(job["progress_detail"])["page_errors"]["2"]["error_type"] == "terminal"


def test_a_second_server_on_the_same_folder_says_so_and_leaves(server):
    command = [sys.executable, "-m", "hornbook", "serve", "--port", "0"]

    second = subprocess.run(
        [*command, "--data-dir", str(server.data_dir)], capture_output=True, text=True, check=False
    )

    assert second.returncode != 0
    said = " ".join(second.stderr.split())
    assert said.endswith(f"already working on the data folder {server.data_dir}.")
    assert "Traceback" not in said


def test_nothing_of_a_killed_server_lives_on_or_keeps_the_next_one_from_starting(server):
    book = upload(server, Poison.NONE, Poison.HANGS_DEAF, Poison.NONE)
    wait_until(lambda: states(server, book)[::2] == ["completed"] * 2)
    readers = readers_of(server.process.pid)
    assert readers

    server.kill()
    server.start(ocr=UNHARMED)

    assert server.process.poll() is None
    wait_until(lambda: not any(map(is_running, readers)), 5)
    assert server.wait(book)["completed_items"] == 3
    server.kill()
    server.start()  # for the other tests, with the reader that can be harmed
