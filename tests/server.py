"""A real Hornbook server in a process of its own, to be used, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import NullPool, create_engine, text

TOKEN = "a-token-for-tests-only"
SECONDS_TO_START = 60
ACTIVE = {"pending", "running"}
BEHIND = """SELECT (SELECT count(*) FROM books WHERE rev != projected_rev)
    + (SELECT count(*) FROM removals)"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


Spawn = Callable[..., Any]
"""Starts a process as `subprocess.Popen` does, and gives one that can be asked the same."""


def unmeasured(
    command: list[str], *, env: dict[str, str], **options: Any
) -> "subprocess.Popen[bytes]":
    """A process whose lines are not counted: who is killed in the end never tells what they were."""
    kept = {name: value for name, value in env.items() if not name.startswith("COVERAGE_")}
    return subprocess.Popen(command, env=kept, **options)


class Server:
    """`hornbook serve` on a data folder; `program` replaces it by one that dies at a named point."""

    def __init__(
        self,
        data_dir: Path,
        *,
        program: tuple[str, ...] = (),
        spawn: Spawn = subprocess.Popen,
        **settings: str,
    ) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.program = program
        self.spawn = spawn
        self.settings = settings
        self.process: Any = None
        self.http = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=90
        )

    def start(self, *, program: tuple[str, ...] | None = None, **settings: str) -> "Server":
        own = {
            f"HORNBOOK_{name.upper()}": value for name, value in (self.settings | settings).items()
        }
        environment = os.environ | {
            "HORNBOOK_DATA_DIR": str(self.data_dir),
            "HORNBOOK_TOKEN": TOKEN,
            "HORNBOOK_OCR_WORKERS": "2",
        }
        command = [
            sys.executable,
            *((self.program if program is None else program) or ("-m", "hornbook", "serve")),
        ]
        with (self.data_dir.parent / f"{self.data_dir.name}.log").open("ab") as log:
            self.process = self.spawn(
                [*command, "--port", str(self.port)], env=environment | own, stdout=log, stderr=log
            )
        self._wait_until_healthy()
        return self

    def _wait_until_healthy(self) -> None:
        for _ in range(SECONDS_TO_START * 10):
            if self.process.poll() is not None:
                return
            try:
                if httpx.get(f"{self.url}/health", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(self.log)

    @property
    def log(self) -> str:
        return (self.data_dir.parent / f"{self.data_dir.name}.log").read_text(errors="replace")

    def count(self, query: str) -> int:
        """A figure that no route tells, from the database itself; also of a server that is dead."""
        url = self.settings.get("database_url", f"sqlite:///{self.data_dir}/hornbook.db")
        with create_engine(url, poolclass=NullPool).connect() as connection:
            return connection.scalar(text(query))

    def is_bucket_behind(self) -> bool:
        """Whether files are still to be written, or deleted."""
        return self.count(BEHIND) > 0

    def kill(self) -> None:
        """SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait_for_death(self, seconds: float = 60) -> int:
        return self.process.wait(seconds)

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(30)
        self.http.close()
        return code

    # What an admin does, by the API.

    def get(self, path: str, **params: Any) -> Any:
        reply = self.http.get(path, params=params)
        reply.raise_for_status()
        return reply.json()

    def create_book(self, **facts: Any) -> str:
        book = {
            "title": "Numbers",
            "country": "IN",
            "board": "CBSE",
            "grade": 3,
            "subject": "Mathematics",
        }
        reply = self.http.post("/admin/books", json=book | facts)
        assert reply.status_code == 201, reply.text
        return reply.json()["id"]

    def upload(self, book: str, files: list[tuple[str, bytes]]) -> dict[str, Any]:
        parts = [("images", (name, body, "application/octet-stream")) for name, body in files]
        reply = self.http.post(f"/admin/books/{book}/pages/bulk", files=parts)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def generate(self, book: str, **options: Any) -> dict[str, Any]:
        reply = self.http.post(f"/admin/books/{book}/generate-guidelines", json=options)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def finalize(self, book: str) -> dict[str, Any]:
        reply = self.http.post(f"/admin/books/{book}/finalize", json={})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def wait(self, book: str, seconds: float = 120) -> dict[str, Any]:
        """The latest job once it has ended."""
        job: dict[str, Any] = {}
        for _ in range(int(seconds * 10)):
            job = self.get(f"/admin/books/{book}/jobs/latest")
            if job["status"] not in ACTIVE:
                return job
            time.sleep(0.1)
        raise TimeoutError(f"{job}\n{self.log}")
