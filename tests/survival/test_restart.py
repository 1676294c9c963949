"""A server that is asked to end says so to whoever asks, and the next one goes on."""

import json
import socket

import pytest

from tests.browser.guided import page_image
from tests.server import TOKEN, Server
from tests.waiting import wait_until

PAGES = [(f"{number}.png", page_image(number)) for number in range(1, 5)]
GRACE = 10


@pytest.fixture
def guide(tmp_path):
    """Says at which page to stand still, while reading or while thinking."""
    path = tmp_path / "guide.json"

    def say(**held):
        path.write_text(
            json.dumps({work: {str(page): {"hold": True}} for work, page in held.items()})
        )
        return path

    return say


@pytest.fixture
def server(tmp_path, guide):
    program = ("-m", "tests.browser.guided", str(guide(read=3, think=3)))
    server = Server(tmp_path / "data", program=program, ocr_workers="1", on_crash="fail").start()
    yield server
    server.stop()


def half_sent(server, path: str, body: bytes) -> socket.socket:
    """A PUT of which only the first half has been sent."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=GRACE)
    head = f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
    connection.sendall(body[: len(body) // 2])
    return connection


def received(connection: socket.socket) -> str:
    with connection:
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


def test_a_server_asked_to_end_says_that_it_is_restarting_and_the_next_one_goes_on(server, guide):
    def progress(book):
        return server.get(f"/admin/books/{book}/jobs/latest")["completed_items"]

    book, other = server.create_book(), server.create_book()
    server.upload(book, PAGES)
    announced = {"files": [{"name": name, "size": len(body)} for name, body in PAGES[:1]]}
    batch = server.http.post(f"/admin/books/{other}/uploads", json=announced).json()["batch_id"]
    file = f"/admin/books/{other}/uploads/{batch}/0"
    sending = half_sent(server, file, PAGES[0][1])
    wait_until(lambda: progress(book) == 2)

    server.process.terminate()
    wait_until(lambda: server.http.get(f"/admin/books/{book}").status_code == 503)
    refused = server.http.get(f"/admin/books/{book}")
    screen = server.http.get("/", headers={"Accept": "text/html"})
    reply = received(sending)
    assert server.wait_for_death(GRACE) == 0

    assert refused.json() == {"detail": "Hornbook is restarting. Try again in a few seconds."}
    assert int(refused.headers["Retry-After"]) > 0
    assert (screen.status_code, "Hornbook is restarting" in screen.text) == (503, True)
    assert reply.startswith("HTTP/1.1 503")
    assert "Hornbook is restarting" in reply
    # A job that was let go is no crash, which would have failed it here.
    guide(think=3)
    server.start()
    job = server.wait(book)
    assert (job["status"], job["completed_items"]) == ("completed", len(PAGES))
    [missing] = server.get(f"/admin/books/{other}/uploads")["batches"]
    assert (missing["received"], missing["files"][0]["state"]) == (0, "missing")
    assert server.http.put(file, content=PAGES[0][1]).status_code == 200

    server.generate(book)
    wait_until(lambda: progress(book) == 2)
    server.process.terminate()
    assert server.wait_for_death(GRACE) == 0
    guide()
    server.start()
    job = server.wait(book)
    assert (job["status"], job["completed_items"]) == ("completed", len(PAGES))
