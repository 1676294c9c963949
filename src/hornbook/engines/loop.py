"""An event loop in a thread of its own, for any thread to have coroutines run in."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import AsyncExitStack
from typing import Any, TypeVar

T = TypeVar("T")


class LoopEnded(Exception):
    """The loop was closed before the coroutine came to its end."""


class LoopThread:
    """Begins with the first coroutine. Clients of one loop fail in another, so there is but one."""

    def __init__(self, name: str) -> None:
        self.resources = AsyncExitStack()
        """What is closed in the loop when it ends; only coroutines may add to it."""
        self._name = name
        self._lock = threading.Lock()
        self._end = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def run(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the coroutine made; raises what it raises, or LoopEnded."""
        with self._lock:
            if self._is_closed:
                raise LoopEnded
            result = asyncio.run_coroutine_threadsafe(make(), self._begun())
        try:
            return result.result()
        except CancelledError as error:
            raise LoopEnded from error

    def close(self) -> None:
        """Cancel what runs, close the resources, and wait until the thread has ended."""
        with self._lock:
            self._is_closed = True
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._end.set)
        if self._thread is not None:
            self._thread.join()

    def _begun(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # A daemon: a process that was not told to close must still be able to end.
            self._thread = threading.Thread(
                target=self._work, args=(self._loop,), name=self._name, daemon=True
            )
            self._thread.start()
        return self._loop

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        await self._end.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.resources.aclose()
