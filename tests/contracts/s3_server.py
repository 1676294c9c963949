"""A small S3 server over HTTP: what our store uses of the protocol, and faults on demand."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "bucket"
EMPTY_LIST = "<ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>"
ENTRY = (
    "<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    '<ETag>"e"</ETag><Size>{}</Size></Contents>'
)


@dataclass
class Shared:
    """What the server keeps, and how it misbehaves."""

    kept: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    fault: int | None = None
    """Answer everything with this status."""
    refusals: int = 0
    """Answer so many requests with 503 first."""
    forgets_answer: bool = False
    """Do what a put asks for, then answer 503 once."""
    is_overwriting: bool = False
    """Ignore that a put is create-only, as some servers silently do."""
    refuses_deletes: bool = False
    """Say 200 to a deletion as a whole and no to each of its objects."""
    delay: float = 0.0
    """Take so many seconds over everything."""
    is_hanging: bool = False
    """Answer nothing for as long as it is set."""
    is_cutting: bool = False
    """Announce an object whole and send half of it."""
    requests: int = 0

    def behave(self) -> None:
        """Be without any fault that lasts."""
        self.fault, self.delay, self.refusals = None, 0.0, 0
        self.is_hanging = self.is_cutting = False


def deleted(outcome: str, keys: list[str], more: str = "") -> bytes:
    each = "".join(f"<{outcome}><Key>{escape(key)}</Key>{more}</{outcome}>" for key in keys)
    return f"<DeleteResult>{each}</DeleteResult>".encode()


class S3Handler(BaseHTTPRequestHandler):
    shared: ClassVar[Shared]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        return

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}").lstrip("/")

    def begin(self, status: int, length: int, part: str | None = None) -> None:
        self.send_response(status)
        if part:
            self.send_header("Content-Range", part)
        self.send_header("Content-Length", str(length))
        self.send_header("ETag", '"e"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()

    def answer(self, status: int, body: bytes = b"", part: str | None = None) -> None:
        self.begin(status, len(body), part)
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_half(self, body: bytes) -> None:
        self.begin(200, len(body))
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def is_at_fault(self) -> bool:
        time.sleep(self.shared.delay)
        while self.shared.is_hanging:
            time.sleep(0.02)
        with self.shared.lock:
            self.shared.requests += 1
            refused = self.shared.refusals > 0
            self.shared.refusals -= refused
        status = self.shared.fault or (503 if refused else None)
        if status:
            self.answer(status)
        return status is not None

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_at_fault():
            return
        is_create = self.headers.get("If-None-Match") == "*" and not self.shared.is_overwriting
        with self.shared.lock:
            if is_create and self.key in self.shared.kept:
                self.answer(412)
                return
            self.shared.kept[self.key] = body
            forgets, self.shared.forgets_answer = self.shared.forgets_answer, False
        self.answer(503 if forgets else 200)

    def do_GET(self) -> None:
        if self.is_at_fault():
            return
        if not self.key:
            self.list_keys()
        elif self.key in self.shared.kept:
            self.answer_with(self.shared.kept[self.key])
        else:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def answer_with(self, body: bytes) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if self.shared.is_cutting:
            self.answer_half(body)
        elif wanted is None:
            self.answer(200, body)
        else:
            first, last = int(wanted[1]), min(int(wanted[2]), len(body) - 1)
            self.answer(206, body[first : last + 1], f"bytes {first}-{last}/{len(body)}")

    def do_DELETE(self) -> None:
        if not self.is_at_fault():
            self.shared.kept.pop(self.key, None)
            self.answer(204)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.is_at_fault():
            return
        keys = [part.split("</Key>")[0] for part in body.split("<Key>")[1:]]
        if self.shared.refuses_deletes:
            self.answer(
                200, deleted("Error", keys, "<Code>AccessDenied</Code><Message>No</Message>")
            )
            return
        for key in keys:
            self.shared.kept.pop(key, None)
        self.answer(200, deleted("Deleted", keys))

    def list_keys(self) -> None:
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        found = sorted(key for key in self.shared.kept if key.startswith(prefix))
        entries = "".join(ENTRY.format(escape(k), len(self.shared.kept[k])) for k in found)
        self.answer(200, EMPTY_LIST.format(entries).encode())


class Listener(ThreadingHTTPServer):
    """Ends its connections with itself: clients keep theirs open otherwise."""

    daemon_threads = True

    def __init__(self, port: int, handler: type[S3Handler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self._connections: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.append(connection)
        return connection, address

    def server_close(self) -> None:
        super().server_close()
        for connection in self._connections:
            with suppress(OSError):  # it has ended already
                connection.shutdown(socket.SHUT_RDWR)


class S3Server:
    """A server at one address for good, where `stop` has every connection refused."""

    def __init__(self) -> None:
        self.shared = Shared()
        self._handler = type("BoundHandler", (S3Handler,), {"shared": self.shared})
        self._port = 0
        self.start()
        self.endpoint = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = Listener(self._port, self._handler)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def s3_server() -> Iterator[tuple[str, Shared]]:
    """Give the endpoint of a running server and what it shares with the test."""
    server = S3Server()
    try:
        yield server.endpoint, server.shared
    finally:
        server.stop()
