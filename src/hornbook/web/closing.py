"""What a server answers while it ends: that it is restarting, and nothing else."""

import asyncio
import threading

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hornbook.web.language import _, noted
from hornbook.web.problems import problem

RESTARTING = noted("Hornbook is restarting. Try again in a few seconds.")
SECONDS_TO_FINISH = 2.0
"""A request that was under way may go on sending for so long."""
SECONDS_BETWEEN_LOOKS = 0.25


class Closing:
    """Refuses what arrives after `stopped` was set, and what still arrives long after."""

    def __init__(self, app: ASGIApp, stopped: threading.Event) -> None:
        self._app = app
        self._stopped = stopped

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503 in the application's place once the server ends."""
        is_styling = scope.get("path", "").startswith("/static/")
        if scope["type"] != "http" or is_styling:
            await self._app(scope, receive, send)
        elif self._stopped.is_set():
            await problem(Request(scope), 503, _(RESTARTING))(scope, receive, send)
        else:
            await self._app(scope, self._impatient(receive), send)

    def _impatient(self, receive: Receive) -> Receive:
        """Receive a body as long as it may take; raises HTTPException 503 from then on."""
        until: float | None = None

        async def receive_in_time() -> Message:
            nonlocal until
            clock = asyncio.get_running_loop().time
            while until is None or clock() < until:
                if until is None and self._stopped.is_set():
                    until = clock() + SECONDS_TO_FINISH
                try:
                    async with asyncio.timeout(SECONDS_BETWEEN_LOOKS):
                        return await receive()
                except TimeoutError:
                    continue
            raise HTTPException(503, RESTARTING)

        return receive_in_time
