"""Where pages are read: long-lived child processes that may hang, crash or be killed.

Each child has a connection of its own, so that one that dies half-way through a word can harm
nobody else's (the pools of pebble and concurrent.futures share locks and pipes among all).
"""

import io
import os
import pickle
import queue
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from typing import Final

from hornbook.engines.desk import Answer, Asked, Count, Read, Render
from hornbook.errors import HornbookError, ReaderDied, RejectedUpload, ServerError, TimedOut
from hornbook.stages.ocr import PageReading, RawPage, Rendering

_KEPT_ENVIRONMENT: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "TESSDATA_PREFIX",
)  # fmt: skip

SECONDS_TO_COUNT: Final = 20.0

_NO_READING: Final = "Server error: the process reading this page gave no reading."
_HOSTILE: Final = (
    "The PDF cannot be opened within reasonable time and memory. Save it anew, or as images."
)


class Workshop:
    """Reads `workers` pages at a time, each in a child that is killed when it takes too long.

    `engine` is `tesseract`, `nothing`, or `package.module:Class`. Children start when they are
    first needed and end with their parent, however it ends.
    """

    def __init__(self, engine: str = "tesseract", *, workers: int, deadline: float = 60.0) -> None:
        self.name = engine
        self.workers = workers
        self._deadline = deadline
        self._lock = threading.Lock()
        self._children: set[_Child] = set()
        self._is_closed = False
        # Last in, first out: a quiet server needs no more than one child.
        self._free: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(workers):
            self._free.put(None)

    def read_page(self, page: RawPage) -> PageReading:
        """Blocks until the page is read; safe to call from many threads.

        Raises UnreadableImage or what else the engine says of the page, TimedOut when the deadline
        passed, and ReaderDied when the child died; both leave a fresh child for the next page.
        """
        answer = self._ask(Read(page), self._deadline)
        if isinstance(answer, PageReading):
            return answer
        raise ServerError(_NO_READING)

    def render_page(self, page: RawPage) -> Rendering:
        """Blocks until the page's images are made; raises what `read_page` raises."""
        answer = self._ask(Render(page), self._deadline)
        if isinstance(answer, Rendering):
            return answer
        raise ServerError(_NO_READING)

    def pages_in(self, raw: bytes) -> int:
        """Blocks until the pages of a PDF are counted; raises RejectedUpload if they cannot be."""
        try:
            answer = self._ask(Count(raw), min(self._deadline, SECONDS_TO_COUNT))
        except TimedOut as error:
            raise RejectedUpload(_HOSTILE) from error
        except ServerError as error:
            if self._is_closed:
                raise
            raise RejectedUpload(_HOSTILE) from error
        if isinstance(answer, int):
            return answer
        raise RejectedUpload(_HOSTILE)

    def _ask(self, request: Asked, deadline: float) -> PageReading | Rendering | int:
        child = self._free.get()
        try:
            child = child or self._hired()
            answer = child.read(request, deadline)
        except BaseException:
            # A conversation broken off leaves a late answer behind: no other page may hear it.
            if child is not None:
                self._dismiss(child)
                child = None
            raise
        finally:
            self._free.put(child)
        if isinstance(answer, HornbookError):
            raise answer
        return answer

    def close(self) -> None:
        """Kills all children; a page being read ends as ReaderDied."""
        with self._lock:
            self._is_closed = True
            children = list(self._children)
        for child in children:
            child.kill()

    def _hired(self) -> "_Child":
        with self._lock:
            if self._is_closed:
                message = "Server error: the workshop is closed."
                raise ServerError(message)
            child = _Child(self.name)
            self._children.add(child)
            return child

    def _dismiss(self, child: "_Child") -> None:
        child.kill()
        with self._lock:
            self._children.discard(child)


class _Child:
    """A child process and the only connection to it."""

    def __init__(self, engine: str) -> None:
        ours, theirs = socket.socketpair()
        cut_end, held_end = os.pipe()
        # Nothing is ever sent on it: that it breaks tells the system to end the child.
        self._lifeline = os.fdopen(held_end, "wb")
        with theirs, os.fdopen(cut_end, "rb"):
            # All other descriptors are closed in the child: no listening socket, no lock.
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-m", "hornbook.engines.desk", engine]
                + [str(descriptor) for descriptor in (theirs.fileno(), cut_end)],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno(), cut_end],
                process_group=0,  # out of reach of Ctrl+C
                env=_environment(),
            )
        self._connection = Connection(ours.detach())

    def read(self, request: Asked, deadline: float) -> Answer:
        """The answer to one request. Raises TimedOut or ReaderDied; the child is then dead."""
        is_late = threading.Event()
        alarm = threading.Timer(deadline, self._expire, args=(is_late,))
        alarm.daemon = True
        alarm.start()
        try:
            self._connection.send(request)
            return _opened(self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            message = f"Server error: the process reading this page died ({self._ending()})."
            raise ReaderDied(message) from error
        finally:
            alarm.cancel()
            alarm.join()  # from here on no late alarm can kill the child at its next page
            if is_late.is_set():
                message = f"Time-out: reading the page took longer than {deadline:g} s."
                raise TimedOut(message)

    def kill(self) -> None:
        """Ends the child at once; it has nothing to lose."""
        self._process.kill()
        self._process.wait()
        self._lifeline.close()

    def _expire(self, is_late: threading.Event) -> None:
        is_late.set()
        self._process.kill()

    def _ending(self) -> str:
        self._process.kill()
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _environment() -> dict[str, str]:
    """What a child needs to run and no more: it handles hostile files and shall know no keys."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


class _ValuesOnly(pickle.Unpickler):
    """Takes our own values from a child and nothing that could run code."""

    def find_class(self, module: str, name: str) -> type:
        if module not in {"hornbook.model.page", "hornbook.stages.ocr", "hornbook.errors"}:
            message = f"{module}.{name} is no value of ours"
            raise pickle.UnpicklingError(message)
        found: type = super().find_class(module, name)
        return found


def _opened(answer: bytes) -> Answer:
    try:
        value = _ValuesOnly(io.BytesIO(answer)).load()
    except pickle.UnpicklingError as error:
        raise ServerError(_NO_READING) from error
    if not isinstance(value, PageReading | Rendering | int | HornbookError):
        raise ServerError(_NO_READING)
    return value
