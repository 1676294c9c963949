"""Gathers what is known of the pages before a page, for whoever decides where it belongs."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from hornbook.library import findings, guidelines, placing
from hornbook.library.guidelines import Contents
from hornbook.model.finding import Finding
from hornbook.model.guideline import Outline
from hornbook.model.placing import Candidate, Whereabouts
from hornbook.stages.place import entry_at, nearby, spoken_of

RECENT = 5
"""Pages before a page whose summaries are shown, and whose subtopics are open."""


def whereabouts(
    session: Session, book_id: str, outline: Outline, page_num: int, finding: Finding
) -> Whereabouts:
    """What is shown about a page, as far as the pages before it have been placed."""
    contents = guidelines.contents(session, book_id)
    before = [one for one in contents.placements if one.page_num < page_num]
    recent = [one.subtopic_id for one in before if one.page_num >= page_num - RECENT]
    open_ids = list(dict.fromkeys(reversed(recent)))[::-1]
    others = dict.fromkeys(one.subtopic_id for one in reversed(before))
    earlier_ids = [one for one in others if one not in set(open_ids)]
    named = _candidates([*open_ids, *earlier_ids], contents)
    return Whereabouts(
        open=tuple(named[: len(open_ids)]),
        earlier=spoken_of(named[len(open_ids) :], finding),
        outline=nearby(outline, page_num),
        recent=tuple(findings.summaries_before(session, book_id, page_num, RECENT)),
        headings=finding.headings,
        summary=finding.summary,
    )


def last_place(session: Session, book_id: str, outline: Outline, page_num: int) -> str | None:
    """The subtopic that the last page before this one in the same entry was put in."""
    index = entry_at(outline, page_num)
    if index is None:
        return None
    first = outline.entries[index].first_page
    return placing.last_between(session, book_id, first, page_num - 1)


def _candidates(subtopic_ids: Sequence[str], contents: Contents) -> list[Candidate]:
    """By their keys; where two have the same one, the topic's key goes before it."""
    some = [contents.subtopics[one] for one in subtopic_ids]
    keys = _distinct((one.key, contents.topics[one.topic_id].key) for one in some)
    return [
        Candidate(key, one.id, contents.topics[one.topic_id].found_title, one.found_title)
        for key, one in zip(keys, some, strict=True)
    ]


def _distinct(keys: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(keys)
    counts = Counter(key for key, _topic in pairs)
    return [key if counts[key] == 1 else f"{topic}--{key}" for key, topic in pairs]
