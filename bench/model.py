"""A model that is no part of what is measured: the server of the tests, in a process of its own."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tests import schoolmaster
from tests.model_server import Asked, model_server

Answers = Callable[[Asked], Mapping[str, Any]]


@dataclass(frozen=True)
class Apart:
    """A running model."""

    address: str
    connection: Connection

    def requests(self) -> list[Asked]:
        """Everything it was asked until now."""
        self.connection.send("requests")
        asked: list[Asked] = self.connection.recv()
        return asked


@contextmanager
def model_apart(latency: float, answer: Answers = schoolmaster.answer) -> Iterator[Apart]:
    """Start a model that answers each call after `latency` seconds, and end it.

    `answer` is a function of a module, so that the other process finds it.
    """
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(theirs, latency, answer), daemon=True)
    process.start()
    try:
        yield Apart(ours.recv(), ours)
    finally:
        ours.send("end")
        process.join()


def _serve(connection: Connection, latency: float, answer: Answers) -> None:
    with model_server(answer, latency=latency) as (address, shared):
        connection.send(address)
        while connection.recv() == "requests":
            connection.send(shared.requests)
