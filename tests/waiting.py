"""Waiting for what somebody else does."""

import time
from collections.abc import Callable


def wait_until(
    is_so: Callable[[], object],
    seconds: float = 60.0,
    why: Callable[[], str] = lambda: "it never came about",
) -> None:
    """Wait for what another thread or process does; fails where it does not come about."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, why()
        time.sleep(0.01)
