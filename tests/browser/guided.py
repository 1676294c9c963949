"""A server that reads and thinks as a file says: `python -m tests.browser.guided GUIDE.json …`.

Nothing but the two slow things, reading a page and thinking about it, is replaced: by small classes
that look up in the file, at each page, how long it takes and whether it fails. The file may be
changed while the server runs. An entry for a page wins over that for `*`:

    {"read": {"*": {"seconds": 0.2}, "7": {"error": "rate limit", "after": 40}}, "think": {…}}

`"hold": true` in an entry waits until the file says otherwise. `"waits"` are the pauses between
attempts, and `"outage"` is how long the store or the database may be away, in seconds.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageFont, PngImagePlugin

from hornbook import engine_room, errors
from hornbook.cli import main
from hornbook.engines.desk import glance
from hornbook.engines.offline import Offline
from hornbook.jobs import threads
from hornbook.jobs.retry import Patience
from hornbook.model.finding import Finding, PageToRead
from hornbook.model.page import Box, Line, PageText, Word
from hornbook.stages.ocr import PageReading, RawPage
from tests.drawing import drawn_page, encoded

SECTION = 4
"""Pages of each section of the book."""
NAMES = (
    "Adding Like Fractions",
    "Subtracting Like Fractions",
    "Comparing Fractions",
    "Equivalent Fractions",
    "Mixed Numbers",
    "Fractions of a Collection",
    "Fractions on the Number Line",
)
TASKS = (
    "Riya eats 2/7 of a cake and Amar eats {part}/7.",
    "A ribbon of {part}/7 metre is cut from one of 6/7 metre.",
    "Colour {part}/7 of the shape and say what is left.",
)
ERRORS: Mapping[str, Callable[[Mapping[str, Any]], Exception]] = {
    "rate limit": lambda entry: errors.RateLimited(retry_after=entry.get("after")),
    "time-out": lambda _entry: errors.TimedOut(),
    "server error": lambda _entry: errors.ServerError(),
    "no words": lambda _entry: errors.EmptyText(),
    "unreadable": lambda _entry: errors.UnreadableImage(),
    "quota": lambda _entry: errors.QuotaExceeded(),
}
LOOK_EVERY = 0.05
SIZE, TEXT_SIZE = (600, 800), 22
FONT = ImageFont.load_default(TEXT_SIZE)
LEADING = round(TEXT_SIZE * 2.2)


def lines_of(number: int) -> tuple[str, ...]:
    """What stands on a page of a small book about fractions."""
    section = (number - 1) // SECTION
    name = NAMES[section % len(NAMES)]
    heading, sheet = f"1.{section + 1} {name}", f"This is sheet {number}."
    task = TASKS[number % len(TASKS)].format(part=number % 5 + 1)
    if number % SECTION != 1:
        return (heading, f"Example {number}. {task}", "Draw the parts first.", sheet)
    top = ("Chapter 1 Fractions",) if number == 1 else ()
    rule = f"{name} means looking at the parts:"
    return (*top, heading, rule, "the denominator names them, the numerator counts them.", sheet)


def page_image(number: int) -> bytes:
    """The scan of a page; its number is written where only the guided reader looks."""
    note = PngImagePlugin.PngInfo()
    note.add_text("page", str(number))
    drawn = drawn_page(lines_of(number), size=SIZE, text_size=TEXT_SIZE)
    return encoded(drawn, pnginfo=note)


class Guide:
    """The file with the instructions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said: dict[str, Any] = {}

    def follow(self, work: str, number: int) -> None:
        """Take the time that the file says; raises the error that it names."""
        entry = self._entry(work, number)
        while entry.get("hold"):
            time.sleep(LOOK_EVERY)
            entry = self._entry(work, number)
        time.sleep(entry.get("seconds", 0))
        if "error" in entry:
            raise ERRORS[entry["error"]](entry)

    def waits(self) -> tuple[float, ...]:
        """The pauses between attempts."""
        return tuple(self._read().get("waits", (0.01, 0.01, 0.01)))

    def outage(self) -> float:
        """How long an outage is borne."""
        return self._read().get("outage", Patience.outage)

    def _entry(self, work: str, number: int) -> dict[str, Any]:
        entries = self._read().get(work, {})
        return {**entries.get("*", {}), **entries.get(str(number), {})}

    def _read(self) -> dict[str, Any]:
        with suppress(OSError):  # where nothing can be opened, what was said last holds
            self._said = json.loads(self._path.read_text())
        return self._said


class GuidedPatience(Patience):
    """Waits as the file said at first, and bears an outage as long as it says now."""

    def __init__(self, guide: Guide) -> None:
        self.__dict__.update(waits=guide.waits(), jitter=Random(), _guide=guide)

    @property
    def outage(self) -> float:
        return self._guide.outage()


class GuidedWorkshop:
    """Reads what `page_image` drew, as the file says."""

    name = "guided"

    def __init__(self, guide: Guide, workers: int) -> None:
        self.workers = workers
        self._guide = guide

    def pages_in(self, raw: bytes) -> int:
        raise AssertionError("these books are made of images")

    def read_page(self, page: RawPage) -> PageReading:
        number = int(Image.open(BytesIO(page.raw)).info["page"])
        self._guide.follow("read", number)
        image = glance(page).image
        text = PageText(tuple(map(_line, range(9), lines_of(number))), 70.0 + number % 30)
        return PageReading(image, text, self.name)

    def close(self) -> None:
        """Nothing to close."""


def _line(row: int, text: str) -> Line:
    top, left, words = 80 + row * LEADING, SIZE[0] // 10, []
    for word in text.split():
        right = left + round(FONT.getlength(word))
        words.append(Word(word, Box(left, top, right, top + TEXT_SIZE + 6), 95.0))
        left = right + round(FONT.getlength(" "))
    whole = replace(words[0].box, right=words[-1].box.right)
    return Line(text, whole, 95.0, row, tuple(words))


class GuidedReader(Offline):
    """The offline extractor, as slow and as faulty as the file says."""

    def __init__(self, guide: Guide) -> None:
        super().__init__()
        self._guide = guide

    def read(self, page: PageToRead) -> Finding:
        """Think about a page."""
        sheet = re.search(r"sheet (\d+)", page.text)
        self._guide.follow("think", int(sheet[1]) if sheet else 0)
        return super().read(page)


def guided(guide: Guide) -> None:
    """Let the application be assembled with the guided ones."""
    engine_room.Workshop = lambda _name, workers: GuidedWorkshop(guide, workers)
    engine_room.Offline = lambda: GuidedReader(guide)
    threads.Patience = lambda: GuidedPatience(guide)


if __name__ == "__main__":
    guided(Guide(Path(sys.argv[1])))
    sys.argv[1:2] = ["serve"]
    main()
