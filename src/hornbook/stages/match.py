"""Recognise the subtopics of an earlier run in those of a new one, by the pages they share."""

from collections.abc import Mapping, Sequence


def match(
    entries: Sequence[frozenset[str]], existing: Mapping[str, frozenset[str]]
) -> list[str | None]:
    """For each new set of page ids the old subtopic that it continues, or `None`.

    They share more than half of the larger set; an old subtopic is given out at most once,
    to the entry that shares most with it.
    """
    pairs = sorted(
        (-len(pages & old), index, subtopic_id)
        for index, pages in enumerate(entries)
        for subtopic_id, old in existing.items()
        if 2 * len(pages & old) > max(len(pages), len(old))
    )
    matched: list[str | None] = [None] * len(entries)
    given: set[str] = set()
    for _, index, subtopic_id in pairs:
        if matched[index] is None and subtopic_id not in given:
            matched[index] = subtopic_id
            given.add(subtopic_id)
    return matched
