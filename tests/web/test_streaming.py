"""Uploads over real sockets, by clients that stall, vanish, and send in crumbs."""

import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server import TOKEN, Server
from tests.web.making import make_image

IMPATIENT = """
import hornbook.web.api.bodies as bodies
bodies.SECONDS_BETWEEN_CHUNKS = 1.5
from hornbook.cli import main
main()
"""
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(
        tmp_path_factory.mktemp("streaming") / "data",
        program=("-c", IMPATIENT, "serve"),
        ocr="nothing",
        max_files="5",
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def book(server):
    return server.create_book()


@pytest.fixture
def address(server, book):
    """Where the one file of a manifest goes."""
    body = {"files": [{"name": "page.png", "size": len(make_image())}]}
    batch = server.http.post(f"/admin/books/{book}/uploads", json=body).json()["batch_id"]
    return f"/admin/books/{book}/uploads/{batch}/0"


class Client:
    """A request written by hand."""

    def __init__(self, server, method, path, *headers, token=TOKEN):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", *headers]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, data):
        self.socket.sendall(data)

    def reply(self):
        """Status, body, and whether the server hung up."""
        with self.socket:
            reply = http.client.HTTPResponse(self.socket)
            reply.begin()
            body = json.loads(reply.read())
            is_over = reply.will_close and self._is_hung_up()
        reply.close()
        return reply.status, body, is_over

    def _is_hung_up(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:  # what was sent and not read
            return True

    def vanish(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()


def length(body):
    return f"Content-Length: {body if isinstance(body, int) else len(body)}"


def form(*files):
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="images"; filename="{name}"\r\n\r\n'.encode()
        + body
        for name, body in files
    ]
    return b"\r\n".join([*parts, b"--x--\r\n"])


FORM = "Content-Type: multipart/form-data; boundary=x"


def kept_files(server, book):
    """What the store keeps of uploads."""
    folder = server.data_dir / "store" / "books" / book
    return [
        file.relative_to(folder).as_posix()
        for kind in ("raw", "uploads")
        for file in (folder / kind).rglob("*")
        if file.is_file()
    ]


def eventually(condition):
    for _ in range(100):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_file_that_comes_in_crumbs_is_the_same_file(server, book, address):
    image = make_image()
    client = Client(server, "PUT", address, length(image))

    for start, end in ((0, 3), (3, 4), (4, 20), (20, len(image))):
        client.send(image[start:end])
        time.sleep(0.05)

    status, receipt, _ = client.reply()
    assert (status, receipt["error"]) == (200, None)


def test_a_client_that_vanishes_in_the_middle_leaves_nothing(server, book, address):
    image = make_image()
    client = Client(server, "PUT", address, length(image))
    client.send(image[:40])
    time.sleep(0.1)

    client.vanish()

    time.sleep(0.2)
    assert kept_files(server, book) == []
    assert server.get(f"/admin/books/{book}/jobs/latest") is None
    (batch,) = server.get(f"/admin/books/{book}/uploads")["batches"]
    assert batch["files"][0]["state"] == "missing"
    assert server.http.put(address, content=image).status_code == 200


def test_a_form_whose_client_vanishes_makes_no_page(server, book):
    image = make_image()
    whole = form(("a.png", image), ("b.png", image + b"x"), ("c.png", image))
    client = Client(server, "POST", f"/admin/books/{book}/pages/bulk", FORM, length(whole))
    client.send(whole[:-60])
    assert eventually(lambda: len(kept_files(server, book)) == 2)

    client.vanish()

    assert eventually(lambda: kept_files(server, book) == [])
    assert server.get(f"/admin/books/{book}")["pages"] == []
    assert server.get(f"/admin/books/{book}/jobs/latest") is None
    assert server.upload(book, [("a.png", image)])["pages_uploaded"] == [1]


def test_a_stalled_upload_is_told_so_and_hung_up(server, book, address):
    client = Client(server, "PUT", address, length(1000))
    client.send(b"\x89PNG")

    status, reply, is_over = client.reply()

    assert (status, is_over) == (408, True)
    assert reply == {"detail": "The upload stalled: nothing arrived for too long."}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("PUT", "{address}", []),
        ("PUT", "/admin/books/{book}/pages/1/image", []),
        ("POST", "/admin/books/{book}/pages", [FORM]),
    ],
)
def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    server, book, address, method, path, headers
):
    client = Client(
        server, method, path.format(book=book, address=address), length(20 * MEGABYTE), *headers
    )

    status, reply, is_over = client.reply()

    assert (status, is_over) == (413, True)
    assert reply == {"detail": "The file is too large: the limit is 10 MB a file."}


def test_an_upload_by_nobody_is_refused_before_it_is_sent(server, address):
    client = Client(server, "PUT", address, length(5 * MEGABYTE), token="somebody-else")

    status, _, is_over = client.reply()

    assert (status, is_over) == (401, True)


def test_a_file_of_unknown_length_is_refused_when_it_has_grown_too_large(server, book, address):
    client = Client(server, "PUT", address, "Transfer-Encoding: chunked")
    chunk = b"%x\r\n" % MEGABYTE + bytes(MEGABYTE) + b"\r\n"

    try:
        for _ in range(12):
            client.send(chunk)
    except OSError:
        client.vanish()
        assert server.get("/health") == {"status": "ok"}
    else:
        assert client.reply()[0] == 413
    assert kept_files(server, book) == []


def test_more_files_than_allowed_are_refused(server, book):
    files = [("images", (f"{n}.png", make_image(str(n)))) for n in range(40)]

    reply = server.http.post(f"/admin/books/{book}/pages/bulk", files=files)

    assert reply.status_code == 413
    assert reply.json()["detail"].endswith(".")
    assert server.get(f"/admin/books/{book}")["pages"] == []


def test_stalled_uploads_keep_nobody_from_working(server, book, address):
    stalled = [Client(server, "PUT", address, length(1000)) for _ in range(60)]
    for client in stalled:
        client.send(b"\x89PNG")

    started = time.monotonic()
    assert server.get(f"/admin/books/{book}/jobs/latest") is None
    waited = time.monotonic() - started

    assert waited < 1
    assert server.http.put(address, content=make_image()).status_code == 200
    for client in stalled:
        client.vanish()


def test_polls_are_answered_while_files_are_sent(server, book):
    image = make_image() + bytes(8 * MEGABYTE)
    with ThreadPoolExecutor(4) as pool:
        uploads = [
            pool.submit(
                server.http.post,
                f"/admin/books/{server.create_book()}/pages/bulk",
                files=[("images", (f"{n}.png", image + bytes([n]))) for n in range(3)],
            )
            for _ in range(4)
        ]
        slowest = 0.0
        while not all(upload.done() for upload in uploads):
            started = time.monotonic()
            server.get(f"/admin/books/{book}/jobs/latest")
            slowest = max(slowest, time.monotonic() - started)
        statuses = [upload.result().status_code for upload in uploads]

    assert statuses == [200] * 4
    assert slowest < 1.5
