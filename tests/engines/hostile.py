"""Engines that misbehave, by name; a page of an even width is always read well."""

import ctypes
import json
import os
import signal
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from hornbook.errors import EmptyText
from hornbook.model.page import Box, Line, PageText


def _said(text: str) -> PageText:
    return PageText((Line(text, Box(0, 0, 1, 1), 99.0, 0),), 99.0)


def _descriptors() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one this listing itself uses is gone again
            found.append(str(entry.readlink()))
    return found


def _is_bad(image: bytes) -> bool:
    return Image.open(BytesIO(image)).width % 2 == 1


class Killed:
    """Is killed from outside, as by a system that is out of memory."""

    name = "killed"

    def read(self, image: bytes) -> PageText:
        if _is_bad(image):
            os.kill(os.getpid(), signal.SIGKILL)
        return _said(f"read by {os.getpid()}")


class Segfaulting:
    """Reads where no memory is."""

    name = "segfaulting"

    def read(self, image: bytes) -> PageText:
        if _is_bad(image):
            ctypes.string_at(0)
        return _said("well")


class Hanging:
    """Never answers."""

    name = "hanging"

    def read(self, image: bytes) -> PageText:
        if _is_bad(image):
            time.sleep(600)
        return _said("well")


class Deaf:
    """Never answers, and lets no other thread of its process run."""

    name = "deaf"

    def read(self, image: bytes) -> PageText:
        if _is_bad(image):
            sum(range(10**12))
        return _said("well")


class Devouring:
    """Wants all the memory there is."""

    name = "devouring"

    def read(self, image: bytes) -> PageText:
        if _is_bad(image):
            return _said(str([np.zeros(2**28) for _ in range(64)]))
        return _said("well")


class Refusing:
    """Says properly that it cannot read the page."""

    name = "refusing"

    def read(self, image: bytes) -> PageText:
        if _is_bad(image):
            raise EmptyText
        return _said("well")


class Buggy:
    """Has a bug."""

    name = "buggy"

    def read(self, image: bytes) -> PageText:
        return _said(str({}["missing"])) if _is_bad(image) else _said("well")


class Telling:
    """Tells what it can see from inside its process."""

    name = "telling"

    def read(self, image: bytes) -> PageText:
        del image
        return _said(
            json.dumps(
                {
                    "descriptors": _descriptors(),
                    "environment": sorted(os.environ),
                    "group": os.getpgrp() == os.getpid(),
                }
            )
        )
