"""A small server that speaks OpenAI's chat completions, and faults on demand."""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

HEADER = "X-Hornbook-"


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def task(self) -> str:
        return self.headers.get(f"{HEADER}Task", "")

    @property
    def rules(self) -> str:
        return "\n".join(_text(one) for one in self._said_by("system"))

    @property
    def prompt(self) -> str:
        return "\n".join(_text(one) for one in self._said_by("user"))

    @property
    def images(self) -> list[str]:
        """Every image as a data URL."""
        parts = [part for one in self._said_by("user") for part in _parts(one)]
        return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]

    def _said_by(self, role: str) -> list[Any]:
        messages = self.body.get("messages", [])
        return [one["content"] for one in messages if one["role"] == role]


def _parts(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _text(content: Any) -> str:
    return "\n".join(part["text"] for part in _parts(content) if part["type"] == "text")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is sent back, and how badly."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    drip: float = 0.0
    """Seconds between two bytes, which are sent one by one."""
    breaks: bool = False
    """Send half, then reset the connection."""
    hangs: bool = False
    """Send nothing until the server stops."""


def refusal(status: int, code: str, *, kind: str = "error", param: str | None = None, **headers):
    """An error as the provider words it."""
    error = {"message": f"No: {code}", "type": kind, "code": code, "param": param}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body=json.dumps({"error": error}).encode(), headers=named)


def completion(said: str | None, *, finish: str = "stop", model: str = "tiny", **message) -> Reply:
    """A completion that says this."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": said, **message},
    }
    return Reply(body=_envelope([choice], model))


def _envelope(choices: list[Any], model: str) -> bytes:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    answer = {"id": "1", "object": "chat.completion", "created": 1, "model": model}
    return json.dumps({**answer, "choices": choices, "usage": usage}).encode()


def answers(data: Mapping[str, Any], **more) -> Reply:
    """A completion in the form that was asked for."""
    return completion(json.dumps(data), **more)


NO_CHOICES = Reply(body=_envelope([], "tiny"))
HTML = Reply(body=b"<html>Bad gateway</html>", kind="text/html")
NOT_JSON = Reply(body=b"<html>Bad gateway</html>")
HANGING = Reply(hangs=True)
Fault = Reply | Callable[[Asked], Reply]


@dataclass
class Shared:
    """What the server was asked, and what it answers."""

    answer: Callable[[Asked], Mapping[str, Any]] = lambda _asked: {}
    """What an answer contains, where no fault is scripted."""
    latency: float = 0.0
    """Seconds that every answer takes."""
    host: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    """What the next requests meet instead, each once."""
    always: Fault | None = None
    """What every request meets, once the scripted faults are used up."""
    requests: list[Asked] = field(default_factory=list)
    at_once: int = 0
    """Requests that are being answered now."""
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_over: threading.Event = field(default_factory=threading.Event)

    def script(self, *faults: Fault) -> None:
        """Let the next requests meet these."""
        self.faults.extend(faults)

    def reply(self, asked: Asked) -> Reply:
        with self.lock:
            self.requests.append(asked)
            fault = self.faults.popleft() if self.faults else self.always
        if fault is None:
            return _in_its_form(asked, self.answer(asked))
        return fault(asked) if callable(fault) else fault

    @contextmanager
    def counting(self) -> Iterator[None]:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self.lock:
                self.at_once -= 1


def _in_its_form(asked: Asked, data: Mapping[str, Any]) -> Reply:
    """The answer as a tool's arguments where a tool is offered, else as text."""
    tools = asked.body.get("tools")
    model = asked.body.get("model", "tiny")
    if not tools:
        return answers(data, model=model)
    function = {"name": tools[0]["function"]["name"], "arguments": json.dumps(data)}
    call = {"id": "1", "type": "function", "function": function}
    return completion(None, finish="tool_calls", model=model, tool_calls=[call])


class ModelHandler(BaseHTTPRequestHandler):
    shared: ClassVar[Shared]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        return

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.shared.counting(), suppress(ConnectionError):
            asked = Asked(self.path, self.headers, json.loads(body))
            reply = self.shared.reply(asked)
            self.shared.is_over.wait(self.shared.latency)
            self.send(reply)

    def send(self, reply: Reply) -> None:
        if reply.hangs:
            self.shared.is_over.wait()
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.breaks:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.reset()
        elif reply.drip:
            self.drip(reply.body, reply.drip)
        else:
            self.wfile.write(reply.body)

    def drip(self, body: bytes, seconds: float) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.shared.is_over.wait(seconds):
                return

    def reset(self) -> None:
        self.wfile.flush()
        # Closing without lingering sends a reset rather than an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close_connection = True


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def shutdown_request(self, request: Any) -> None:
        self.close_request(request)  # without an orderly end, which would keep a reset from coming

    def handle_error(self, *_args: object) -> None:
        """A client that goes away is what some tests are about."""


@contextmanager
def model_server(
    answer: Callable[[Asked], Mapping[str, Any]] | None = None, *, latency: float = 0.0
) -> Iterator[tuple[str, Shared]]:
    """Give the address of a running server and what it shares with the test."""
    shared = Shared(latency=latency, **({"answer": answer} if answer else {}))
    handler = type("BoundHandler", (ModelHandler,), {"shared": shared})
    server = Listener(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    shared.host = f"127.0.0.1:{server.server_port}"
    thread.start()
    try:
        yield f"http://{shared.host}/v1", shared
    finally:
        shared.is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()
