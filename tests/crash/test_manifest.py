"""A manifest upload whose server dies half-way: the same files picked again send what is missing."""

import pytest

from hornbook.sample import pages
from tests.server import Server

FILES = pages()[1:7]


@pytest.fixture
def server(tmp_path, nursery):
    server = Server(tmp_path / "data", spawn=nursery.spawn, ocr="nothing").start()
    yield server
    server.stop()


def announce(server: Server, book: str) -> dict:
    files = [{"name": name, "size": len(body)} for name, body in reversed(FILES)]
    reply = server.http.post(f"/admin/books/{book}/uploads", json={"files": files})
    assert reply.status_code == 200, reply.text
    return reply.json()


def send(server: Server, book: str, batch: dict, entry: dict) -> None:
    body = dict(FILES)[entry["name"]]
    path = f"/admin/books/{book}/uploads/{batch['batch_id']}/{entry['position']}"
    assert server.http.put(path, content=body).status_code == 200


def test_what_was_acknowledged_is_not_sent_again_and_nothing_is_there_twice(server):
    book = server.create_book()
    batch = announce(server, book)
    for entry in batch["files"][:4]:
        send(server, book, batch, entry)

    server.kill()
    server.start()
    again = announce(server, book)
    missing = [entry for entry in again["files"] if entry["state"] == "missing"]
    for entry in missing:
        send(server, book, again, entry)
    job = server.wait(book)

    assert again["batch_id"] == batch["batch_id"]
    assert len(missing) == 2
    assert job["status"] == "completed"
    pages_now = server.get(f"/admin/books/{book}")["pages"]
    assert [page["file_name"] for page in pages_now] == [name for name, _ in FILES]
    assert [page["raw_image_s3_key"].rsplit("/", 1)[1].split(".")[0] for page in pages_now] == list(
        "123456"
    )


def test_files_that_arrive_out_of_order_become_pages_in_order(server):
    book = server.create_book()
    batch = announce(server, book)

    for entry in reversed(batch["files"]):
        send(server, book, batch, entry)
    server.wait(book)

    names = [page["file_name"] for page in server.get(f"/admin/books/{book}")["pages"]]
    assert names == [name for name, _ in FILES]
