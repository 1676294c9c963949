"""Recognise the subtopics of an earlier run in those of a new one, by their titles and pages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A topic or a subtopic of a book."""

    title: object
    """What it is called; equal ones are the same title."""
    pages: tuple[str, ...]
    """The ids of its pages, in their order."""


def match(
    wanted: Sequence[Part],
    existing: Mapping[str, Part],
    without: Collection[tuple[int, str]] = (),
) -> list[str | None]:
    """For each new part the old one that it continues, or `None`.

    An old one is given out at most once: to the part of its title in which it begins, else to one
    of its title that shares a page with it; else to one that shares more than half of the larger of
    the two; else to one of its title. Of several the one that shares most gets it. So a part stays
    what it was when most of the pages expected in it went elsewhere. Pairs `without` are no match;
    they name a new part by its index.
    """
    matched: list[str | None] = [None] * len(wanted)
    given: set[str] = set()
    for likeness in (_begins_in, _meets, _is_mostly, _is_namesake):
        for index, old in _pairs(wanted, existing, likeness):
            if matched[index] is None and old not in given and (index, old) not in without:
                matched[index] = old
                given.add(old)
    return matched


def _pairs(
    wanted: Sequence[Part], existing: Mapping[str, Part], likeness: Callable[[Part, Part], bool]
) -> list[tuple[int, str]]:
    """New ones by their index with old ones that are alike, those first that share most."""
    alike = [
        (index, old_id)
        for index, part in enumerate(wanted)
        for old_id, old in existing.items()
        if likeness(part, old)
    ]
    return sorted(alike, key=lambda pair: -_shared(wanted[pair[0]], existing[pair[1]]))


def _shared(part: Part, old: Part) -> int:
    return len(set(part.pages) & set(old.pages))


def _begins_in(part: Part, old: Part) -> bool:
    return _is_namesake(part, old) and not set(old.pages[:1]).isdisjoint(part.pages)


def _meets(part: Part, old: Part) -> bool:
    return _is_namesake(part, old) and _shared(part, old) > 0


def _is_mostly(part: Part, old: Part) -> bool:
    return 2 * _shared(part, old) > max(len(part.pages), len(old.pages))


def _is_namesake(part: Part, old: Part) -> bool:
    return part.title == old.title
