"""What every request passes first: limits, safe headers, and an answer whatever happens."""

import asyncio
import time
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hornbook.web.language import _
from hornbook.web.problems import SENTENCES, problem

log = structlog.get_logger()

LARGEST_BODY = 4_000_000
"""Of anything but an upload; a hand-edited guideline is far below."""
LONGEST_LINGER = 10.0
LONGEST_SILENCE = 1.0
"""Seconds a refused client may go on sending, and may pause while it does."""
MOST_DROPPED = 64 * 1024 * 1024
SETS_OWN_LIMIT = "hornbook.sets_own_limit"
"""In the scope of a request whose route streams its body and limits it by itself."""
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with that, our own forms would be sent with "Origin: null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Rim:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: CollectorRegistry) -> None:
        self._app = app
        self._seconds = Histogram(
            "hornbook_request_duration_seconds",
            "Time from a request's head to the end of its reply",
            ["method", "route", "status"],
            registry=metrics,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what nobody caught becomes a 500 with safe headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        started = time.perf_counter()
        try:
            await self._answer(exchange)
        finally:
            self._seconds.labels(
                scope["method"], _route_of(scope), str(exchange.status or "gone")
            ).observe(time.perf_counter() - started)

    async def _answer(self, exchange: "Exchange") -> None:
        try:
            if "\x00" in exchange.scope["path"]:
                await exchange.say(404)
                return
            await self._app(exchange.scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            log.info("client.gone", path=exchange.scope["path"])
        except Exception:
            # The last place before the server: here a bug becomes one sentence and one log entry.
            log.exception("request.failed", path=exchange.scope["path"])
            if exchange.status is not None:
                raise
            await exchange.say(500)


class Exchange:
    """One request and its reply, watched on their way."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.status: int | None = None
        self._receive = receive
        self._send = send
        self._headers = Headers(scope=scope)
        self._is_read = not self._has_body()
        self._is_closing = False
        self._size = 0

    async def say(self, status: int) -> None:
        """Answer with the sentence of a status."""
        reply = problem(Request(self.scope), status, _(SENTENCES[status]))
        await reply(self.scope, self.receive, self.send)

    async def receive(self) -> Message:
        """Hand on a part of the body; raises HTTPException 413 when it grows too large."""
        if self._declared() > self._limit():
            raise HTTPException(413)
        message = await self._receive()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            self._is_read = not message.get("more_body", False)
        if self._size > self._limit():
            raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        """Hand on a part of the reply, with the headers that every reply has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._add_headers(message)
        is_end = message["type"] == "http.response.body" and not message.get("more_body", False)
        if is_end and self._is_closing:
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def _linger(self) -> None:
        """Drop what the client still sends, for a while, before the connection closes.

        Closed at once, the system would answer the rest with a reset, and many a client would
        lose the reply that says why.
        """
        dropped = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_LINGER):
                while not self._is_read and dropped < MOST_DROPPED:
                    async with asyncio.timeout(LONGEST_SILENCE):
                        message = await self._receive()
                    dropped += len(message.get("body", b""))
                    self._is_read = not message.get("more_body", False)

    def _add_headers(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in SAFE_HEADERS.items():
            headers[name] = value
        if self.scope["scheme"] == "https":
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if not self.scope["path"].startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
        if not self._is_read:
            # Otherwise the server would swallow the whole rest of a body that nobody wants.
            headers["Connection"] = "close"
            self._is_closing = True

    def _has_body(self) -> bool:
        return self._declared() > 0 or "transfer-encoding" in self._headers

    def _declared(self) -> int:
        length = self._headers.get("content-length", "0")
        return int(length) if length.isdecimal() else 0

    def _limit(self) -> float:
        return float("inf") if self.scope.get(SETS_OWN_LIMIT) else LARGEST_BODY


def _route_of(scope: Scope) -> str:
    """Name the route as declared: addresses themselves would make endless series."""
    return str(getattr(scope.get("route"), "path", "none"))
