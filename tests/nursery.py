"""Servers forked from one process that has imported Hornbook: `python -m tests.nursery`.

A server spends most of its start on imports, always the same ones. Those that are hatched here have
them behind them. In all else they are what their command line makes them: processes of their own,
which die like any other. Their lines are not counted, for most of them are killed in the end. Not for
who measures how long a start takes.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from typing import IO, Any, Self

import hornbook.cli  # noqa: F401  what those who are hatched need not import
from tests.server import unmeasured

LOOK_EVERY = 0.01


class Hatched:
    """A server of the nursery, to be asked what a `subprocess.Popen` is asked."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self._nursery = nursery
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        if self._code is None:
            self._code = self._nursery.ask({"ended": self.pid})
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended."""
        until = time.monotonic() + timeout if timeout else None
        while (code := self.poll()) is None:
            if until and time.monotonic() > until:
                raise subprocess.TimeoutExpired("a hatched server", timeout or 0)
            time.sleep(LOOK_EVERY)
        return code

    def send_signal(self, number: int) -> None:
        """Send it the signal; its number belongs to nobody else before it was seen to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)


class Nursery:
    """The process that everything is imported in, and to which its servers are children."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = unmeasured(
            [sys.executable, "-m", "tests.nursery"],
            env=dict(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def spawn(
        self, command: list[str], *, env: dict[str, str], stdout: IO[bytes], stderr: IO[bytes]
    ) -> Hatched:
        """Run a module with a command line; what it says goes where `stdout` goes."""
        assert command[:2] == [sys.executable, "-m"]
        assert stdout is stderr
        kept = {name: value for name, value in env.items() if not name.startswith("COVERAGE_")}
        return Hatched(
            self, self.ask({"hatch": command[2:], "environment": kept, "log": stdout.name})
        )

    def ask(self, order: dict[str, Any]) -> Any:
        """What the process answers; one at a time."""
        with self._lock:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


def nurse() -> None:
    """Do as one is asked; who comes back from here has just been hatched."""
    living: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "ended" in order:
            answer = _code(order["ended"])
            living -= {order["ended"]} if answer is not None else set()
        elif answer := os.fork():
            living.add(answer)
        else:
            return _become(order)
        print(json.dumps(answer), flush=True)  # noqa: T201  this is how it answers
    for each in living:  # of tests that were broken off
        os.kill(each, signal.SIGKILL)
    sys.exit()


def _code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _become(order: dict[str, Any]) -> None:
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for place, goes_to in ((0, os.open(os.devnull, os.O_RDONLY)), (1, log), (2, log)):
        os.dup2(goes_to, place)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = order["hatch"]


if __name__ == "__main__":
    nurse()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
