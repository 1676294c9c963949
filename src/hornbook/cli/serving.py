"""Long-running processes: the server, and the worker without one."""

import asyncio
import ipaddress
import signal
import socket
import threading
from types import FrameType

import uvicorn

from hornbook.errors import Invalid
from hornbook.web.app import create_app
from hornbook.wiring import App

GRACE = 10.0
"""Seconds a stopping process may take in all."""
GRACE_FOR_JOBS = 6.0
"""Of these, for pages being read; meanwhile it is said that Hornbook is restarting."""
GRACE_FOR_REQUESTS = 3
"""Of these, for requests still in flight then; the rest is for tidying up."""
ENDINGS = (signal.SIGTERM, signal.SIGINT)


class Server(uvicorn.Server):
    """Tells the application at once when it is asked to end, and answers till jobs are let go."""

    def __init__(self, app: App, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._hornbook = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end, once a signal came."""
        self._hornbook.stopped.set()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let go of the jobs, then of the connections."""
        await asyncio.to_thread(self._hornbook.dispatcher.stop, GRACE_FOR_JOBS)
        await super().shutdown(sockets)


def serve(app: App, host: str, port: int) -> None:
    """Serve until stopped; raises DataFolderInUse, or Invalid when anybody could come in."""
    is_open = not app.accounts.has_users() and app.settings.token is None
    if is_open and not _is_loopback(host):
        raise Invalid(
            f"Nobody may log in yet, so Hornbook does not listen on {host}. "
            "Add a user (hornbook user add NAME) or set HORNBOOK_TOKEN, then start again."
        )
    for number in ENDINGS:
        # When it is done, uvicorn raises the signal again: without this, that would end the
        # process before its jobs are let go.
        signal.signal(number, _leave)
    app.start()
    try:
        # Bound before anything is said: the address is true, and a taken port is one sentence.
        listening = _bind(host, port)
        config = uvicorn.Config(
            create_app(app),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_FOR_REQUESTS,
        )
        print(_greeting(app, host, port, is_open=is_open), flush=True)  # noqa: T201 - for the terminal
        Server(app, config).run(sockets=[listening])
    finally:
        app.stop(grace=GRACE - GRACE_FOR_JOBS - GRACE_FOR_REQUESTS)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Invalid(
            f"Hornbook cannot listen on {host}, port {port}: {error.strerror or error}. "
            "Stop the program that does, or choose another with --port."
        ) from error


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _greeting(app: App, host: str, port: int, *, is_open: bool) -> str:
    address = f"http://{host}:{port}"
    if not is_open:
        return f"Hornbook serves {address}"
    link = app.links.make()
    return f"Hornbook serves {address}\nLog in once with {address}/login?link={link}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def work(app: App) -> None:
    """Run jobs until SIGTERM or Ctrl+C; raises DataFolderInUse."""
    stopped = threading.Event()
    for number in ENDINGS:
        signal.signal(number, lambda *_: stopped.set())
    app.start()
    print("Hornbook runs jobs; Ctrl+C stops it.", flush=True)  # noqa: T201 - for the terminal
    stopped.wait()
    app.stop(grace=GRACE)
