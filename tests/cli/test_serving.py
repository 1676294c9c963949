"""A server that is asked to end."""

import threading
import time

import pytest

from hornbook.sample import pages
from tests.server import Server

PAGES = pages()[1:5]


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data", ocr_workers="1", on_crash="fail").start()
    yield server
    server.stop()


def test_a_server_asked_to_end_lets_go_of_its_jobs_and_the_next_one_goes_on(server):
    book = server.create_book()
    server.upload(book, PAGES)
    other = server.create_book()
    replies = []
    single = threading.Thread(
        target=lambda: replies.append(
            server.http.post(f"/admin/books/{other}/pages", files={"image": PAGES[0]})
        )
    )
    single.start()
    while not server.get(f"/admin/books/{book}/jobs/latest")["completed_items"]:
        time.sleep(0.05)

    server.process.terminate()
    assert server.wait_for_death(12) == 0
    single.join()
    assert replies[0].status_code == 200
    server.start()

    # A job that was let go is no crash, which would have failed it here.
    job = server.wait(book)
    assert (job["status"], job["completed_items"]) == ("completed", len(PAGES))
    assert server.wait(other)["status"] == "completed"
