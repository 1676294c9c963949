"""Engines whose answer never arrives whole, by name; they speak past the desk they work at."""

import os
import pickle
import sys
from multiprocessing.connection import Connection

from hornbook.model.page import PageText


def _descriptor() -> int:
    """The child's end of its connection, as it was told on its command line."""
    return int(sys.argv[2])


class Mumbling:
    """Answers with half a sentence instead of a reading."""

    name = "mumbling"

    def read(self, image: bytes) -> PageText:
        del image
        answer = Connection(os.dup(_descriptor()))
        answer.send_bytes(pickle.dumps("Like fractions have the same den"))
        return PageText((), 0.0)


class CutOff:
    """Ends in the middle of its answer."""

    name = "cut off"

    def read(self, image: bytes) -> PageText:
        del image
        os.write(_descriptor(), (1000).to_bytes(4, "big") + b"Like fractions")
        os._exit(0)
