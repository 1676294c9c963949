"""Pages that do harm to whoever reads them, and the engine that they harm.

The shape of a page says what it does. What is harmless is read at once.
"""

import os
import signal
import time
from enum import IntEnum
from io import BytesIO

import numpy as np
from PIL import Image

from hornbook.model.page import Box, Line, PageText
from tests.drawing import drawn_page, encoded

ENGINE = "tests.survival.poison:Taster"
UNHARMED = "tests.survival.poison:Unharmed"
SECONDS_A_PAGE_TAKES = 0.3
HEIGHT = 500


class Poison(IntEnum):
    """What a page does, by its width in pixels before it is prepared for reading."""

    NONE = 400
    KILLS_ITS_READER = 410
    HANGS = 420
    DEVOURS_MEMORY = 430
    KILLS_THE_SERVER = 440
    HANGS_DEAF = 450
    """Its reader hears nothing any more, not even that the server is gone."""


def page(number: int, poison: Poison = Poison.NONE) -> tuple[str, bytes]:
    """A file to be uploaded."""
    drawn = drawn_page([f"This is sheet {number}."], size=(poison, HEIGHT), text_size=20)
    return f"page-{number:02}.png", encoded(drawn)


class Taster:
    """Reads the same sentences from every page that lets it."""

    name = "taster"

    def read(self, image: bytes) -> PageText:
        width, height = Image.open(BytesIO(image)).size
        match round(width * HEIGHT / height):
            case Poison.KILLS_ITS_READER:
                os.kill(os.getpid(), signal.SIGKILL)
            case Poison.HANGS:
                time.sleep(600)
            case Poison.DEVOURS_MEMORY:
                np.ones(2**32)
            case Poison.KILLS_THE_SERVER:
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(600)
            case Poison.HANGS_DEAF:
                sum(range(10**12))  # in one call that lets no other thread run
        time.sleep(SECONDS_A_PAGE_TAKES)
        return said()


class Unharmed:
    """Reads the same from every page."""

    name = "unharmed"

    def read(self, image: bytes) -> PageText:
        return said()


def said() -> PageText:
    texts = ("Chapter 1 Sums", "A sum is what two numbers make together.")
    lines = (Line(one, Box(9, 40 * n, 300, 40 * n + 20), 95.0, n) for n, one in enumerate(texts))
    return PageText(tuple(lines), 95.0)
