"""A small S3 server over HTTP: what our store uses of the protocol, and faults on demand."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
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
    requests: int = 0


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

    def answer(self, status: int, body: bytes = b"", part: str | None = None) -> None:
        self.send_response(status)
        if part:
            self.send_header("Content-Range", part)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"e"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def is_at_fault(self) -> bool:
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
        if wanted is None:
            self.answer(200, body)
            return
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


@contextmanager
def s3_server() -> Iterator[tuple[str, Shared]]:
    """Give the endpoint of a running server and what it shares with the test."""
    shared = Shared()
    handler = type("BoundHandler", (S3Handler,), {"shared": shared})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", shared
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
