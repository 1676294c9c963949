"""A server that dies where it is told: `python -m tests.crash.doomed FOLDER --port N`.

A line "POINT|before|3" in FOLDER/doom makes the third passing of that point, from then on, the last
act of this process, by SIGKILL: before the thing is done, or just after. The file may be written
and removed at any time. FOLDER/passes gets a line for every point passed, FOLDER/calls one for every
page and text given to an engine, with the process that gave it.
"""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from hornbook.cli import main
from hornbook.engines.offline import Offline
from hornbook.engines.workshop import Workshop
from hornbook.jobs.hold import Hold
from hornbook.jobs.threads import Threads
from hornbook.library import objects
from hornbook.library.objects import Objects
from hornbook.library.projection import Projector

ANSWER, COMMIT = "answer of an engine", "row"
STEPS: dict[str, list[tuple[Any, str]]] = {
    "temp file": [(objects, "_move")],
    "object": [(Objects, "put_new")],
    "projected file": [(Objects, "put")],
    "deleted object": [(Objects, "delete")],
    ANSWER: [
        (Workshop, "read_page"),
        (Offline, "read"),
        (Offline, "subtopic_summary"),
        (Offline, "topic_summary"),
        (Offline, "rename"),
        (Offline, "merges"),
    ],
}
"""What is done at a point, apart from commits."""
COMMITS: dict[str, tuple[Any, str]] = {
    "claim": (Threads, "_claim"),
    "begin of a page": (Hold, "start"),
    "page transaction": (Hold, "save"),
    "finish": (Hold, "complete"),
    "projection mark": (Projector, "_write"),
}
"""Whose transaction is committed; every other one is a request's, or a leg's own: a row."""
POINTS = (*STEPS, *COMMITS, COMMIT)
CALLS = {(Workshop, "read_page"): "read", (Offline, "read"): "think"}


class Doom:
    """What the files of a folder say about this process, and what they are told."""

    def __init__(self, folder: Path) -> None:
        self._order = folder / "doom"
        self._passes = os.open(folder / "passes", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._calls = os.open(folder / "calls", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()

    @contextmanager
    def at(self, point: str) -> Iterator[None]:
        """Pass the point; nothing follows when this is where to die."""
        self._pass(f"{point}|before")
        yield
        self._pass(f"{point}|after")

    def note_call(self, work: str) -> None:
        """Note that an engine is asked."""
        os.write(self._calls, f"{work} {os.getpid()}\n".encode())

    def _pass(self, moment: str) -> None:
        os.write(self._passes, f"{moment}\n".encode())
        try:
            order = self._order.read_text()
        except FileNotFoundError:
            return
        wanted, _, count = order.rpartition("|")
        if wanted != moment:
            return
        with self._lock:
            self._counted[order] += 1
            if self._counted[order] == int(count):
                os.kill(os.getpid(), signal.SIGKILL)


class Label(threading.local):
    """Whose transaction the present thread is in."""

    name = COMMIT


def watch(doom: Doom) -> None:
    """Put the points where they belong in the code of this process."""
    label = Label()
    for point, steps in STEPS.items():
        for owner, name in steps:
            _wrap(owner, name, _stepping(doom, point, CALLS.get((owner, name))))
    for point, (owner, name) in COMMITS.items():
        _wrap(owner, name, _labelling(label, point))
    _wrap(DefaultDialect, "do_commit", _committing(doom, label))


def _wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    original = getattr(owner, name)
    setattr(owner, name, wraps(original)(lambda *args, **named: around(original, *args, **named)))


def _stepping(doom: Doom, point: str, work: str | None) -> Callable[..., Any]:
    def step(original: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if work:
            doom.note_call(work)
        with doom.at(point):
            return original(*args, **named)

    return step


def _labelling(label: Label, point: str) -> Callable[..., Any]:
    def labelled(original: Callable[..., Any], *args: Any, **named: Any) -> Any:
        outer, label.name = label.name, point
        try:
            return original(*args, **named)
        finally:
            label.name = outer

    return labelled


def _committing(doom: Doom, label: Label) -> Callable[..., Any]:
    def commit(original: Callable[..., Any], *args: Any) -> Any:
        with doom.at(label.name):
            return original(*args)

    return commit


if __name__ == "__main__":
    watch(Doom(Path(sys.argv[1])))
    sys.argv[1:2] = ["serve"]
    main()
