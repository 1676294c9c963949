"""How a screen keeps up: what a poll has to send so that it shows again what is.

A screen tells what it shows: the numbers of its rows, the revision it is at, and a tag of each
fragment. So the reply holds what changed and nothing else, whatever the screen was filtered by and
however long it slept.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic, Protocol, TypeVar

from fastapi import Depends, Request
from fastapi.responses import Response
from markupsafe import Markup

from hornbook.web.pages.telling import take_flash
from hornbook.web.units import ranges

if TYPE_CHECKING:
    from hornbook.wiring import App

MOST_ROWS = 10_000
"""What a browser may claim to show; far above what a book may have."""
TAG_LENGTH = 8


@dataclass(frozen=True, slots=True)
class OnScreen:
    """What a polling screen says of itself."""

    since: int
    """The book's revision it is at."""
    shown: frozenset[int]
    """The numbers of its rows."""
    have: str
    """The tags of its fragments."""


# Asynchronous only because a plain function would be handed to a thread, on every poll.
async def _on_screen(since: int, shown: str = "", have: str = "") -> OnScreen:
    return OnScreen(since, read(shown), have)


Seen = Annotated[OnScreen, Depends(_on_screen)]


def is_news(app: "App", book_id: str, request: Request, seen: OnScreen) -> bool:
    """Tell, with one small question to the database, whether a poll has to send anything.

    Raises NotFound.
    """
    # A database that takes no writes takes no new revision either: then the card says so.
    is_held_up = app.jobs.awaited(book_id) is not None
    is_other = is_held_up or app.books.revision(book_id) != seen.since
    return is_other or take_flash(request) is not None


def no_news() -> Response:
    """Answer a poll to which there is nothing to say: no byte, and no work for the browser."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


class Entry(Protocol):
    """A row of a list."""

    @property
    def number(self) -> int:
        """What the list is ordered by; no two rows have the same."""

    @property
    def rev(self) -> int:
        """The book's revision when the row last changed."""


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class ListOnScreen:
    """A list that follows: the element it is, and how its rows are named and drawn."""

    id: str
    prefix: str
    """Of a row's element, before its number."""
    row: str
    """The template of a row."""


@dataclass(frozen=True, slots=True)
class Arrival(Generic[E]):
    """Rows that are new on the screen, side by side."""

    after: int | None
    """The number of the row they follow; None for the head of the list."""
    rows: tuple[E, ...]


@dataclass(frozen=True, slots=True)
class ListChange(Generic[E]):
    """What turns the list on the screen into the one that is."""

    changed: tuple[E, ...]
    gone: tuple[int, ...]
    arrived: tuple[Arrival[E], ...]


def list_change(rows: Sequence[E], shown: frozenset[int], since: int) -> ListChange[E]:
    """Compare the rows that are, in order, with those shown at revision `since`."""
    numbers = {row.number for row in rows}
    return ListChange(
        changed=tuple(row for row in rows if row.number in shown and row.rev > since),
        gone=tuple(sorted(shown - numbers)),
        arrived=tuple(_arrivals(rows, shown)),
    )


def _arrivals(rows: Sequence[E], shown: frozenset[int]) -> Iterator[Arrival[E]]:
    after: int | None = None
    new: list[E] = []
    for row in rows:
        if row.number not in shown:
            new.append(row)
            continue
        if new:
            yield Arrival(after, tuple(new))
        after, new = row.number, []
    if new:
        yield Arrival(after, tuple(new))


def written(numbers: Sequence[int]) -> str:
    """Write ascending numbers as short as can be, for an address: "1-40.42"."""
    runs = ranges(tuple(numbers))
    return ".".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)


def read(text: str) -> frozenset[int]:
    """Read what `written` wrote; whatever else it is gives no number."""
    found: set[int] = set()
    for first, last in re.findall(r"(?<!\d)(\d{1,5})(?:-(\d{1,5}))?(?!\d)", text):
        found.update(range(int(first), min(int(last or first), MOST_ROWS) + 1))
    return frozenset(found)


def tag(fragment: str) -> str:
    """Name what a fragment says, so that it is sent only to who has another."""
    return hashlib.sha256(fragment.encode()).hexdigest()[:TAG_LENGTH]


def tags(fragments: Mapping[str, Markup]) -> str:
    """The tags of fragments in their order, for an address."""
    return ".".join(map(tag, fragments.values()))


def news(fragments: Mapping[str, Markup], had: str) -> dict[str, Markup]:
    """The fragments that differ from those with the tags `had`, by the identity they replace."""
    known = had.split(".")
    seen = known if len(known) == len(fragments) else [""] * len(fragments)
    return {
        name: fragment
        for (name, fragment), old in zip(fragments.items(), seen, strict=True)
        if tag(fragment) != old
    }
