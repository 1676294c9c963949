"""Sections of a book, or of a part of it, that numbers nothing."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from hornbook.stages.outline import signs
from hornbook.stages.outline.chain import Beginning, best_chain
from hornbook.stages.outline.cohesion import dips, keywords
from hornbook.stages.outline.numbered import has_openers, surroundings
from hornbook.stages.outline.pages import Heading, Signs, wording_of
from hornbook.stages.outline.reach import head_agreements, is_named
from hornbook.stages.outline.titles import ALIKE, likeness
from hornbook.stages.outline.wording import Wording

_COST = 2.6
"""What one more section has to be worth where nothing but looks speaks for it."""
_BACK = 2
"""Pages without a running head before one that may belong to it."""
_CHUNK, _LONGEST = 6, 15
"""Pages of a chunk when a book shows no order at all: the usual and the most."""
_CHANGE, _UNEVEN = 0.5, 0.2
"""What a change of words is worth to a cut, and what a page more or less than usual costs it."""


def loose_chain(pages: Sequence[Signs]) -> list[Beginning]:
    """Where sections begin by headings, openers, running heads and words; may be empty."""
    wording = wording_of(pages)
    changes = dips(pages)
    furniture = _furniture(pages)
    is_usual = has_openers(pages)
    beginnings: list[Beginning] = []
    for at, page in enumerate(pages):
        around, reasons = _around(pages, at, float(changes[at]), is_usual=is_usual)
        for heading in page.headings:
            if signs.letters_of(heading.text) not in furniture and heading.numbered is None:
                score = around + _looks(heading)
                why = ("heading", *reasons)
                beginnings.append(Beginning(at, None, heading.text, score, why))
        for mark, later in _new_heads(pages, at, wording):
            why = ("running head" + (f" {later} pages later" if later else ""), *reasons)
            score = around + 0.6 - 0.3 * later
            beginnings.append(Beginning(at, None, mark, score, why))
    table = head_agreements([one.title for one in beginnings], pages, wording)
    likely = [one for one in beginnings if one.title in table]
    return best_chain(likely, len(pages), _join, lambda one: table[one.title])


def chunks(pages: Sequence[Signs]) -> list[Beginning]:
    """Stretches of about equal length, cut where the words change most: always something."""
    count = len(pages)
    if not count:
        return []
    changes = dips(pages)
    worth = [
        _CHANGE * float(np.clip(changes[at], -1.5, 2.0)) + surroundings(pages, at)[0]
        for at in range(count)
    ]
    cuts = _even_cuts(worth)
    ends = [*cuts[1:], count]
    return [
        Beginning(start, None, _title_of(pages[start:end], pages), 0.0, ("change of words",))
        for start, end in zip(cuts, ends, strict=True)
    ]


def _even_cuts(worth: Sequence[float]) -> list[int]:
    """The cuts that are worth most, less what their stretches differ from the usual length."""
    count = len(worth)
    values, before = [0.0] * (count + 1), [0] * (count + 1)
    for end in range(1, count + 1):
        gain = worth[end] if end < count else 0.0
        options = [
            (values[start] - _UNEVEN * abs(end - start - _CHUNK), -start)
            for start in range(max(0, end - _LONGEST), end)
            if end - start > 1 or not start
        ]
        best, start = max(options)
        values[end], before[end] = best + gain, -start
    cuts = [before[count]]
    while cuts[-1]:
        cuts.append(before[cuts[-1]])
    return cuts[::-1]


def _title_of(part: Sequence[Signs], book: Sequence[Signs]) -> str:
    furniture = _furniture(book)
    for heading in part[0].headings:
        is_own = signs.letters_of(heading.text) not in furniture and heading.numbered is None
        if is_own and heading.at < 3 and heading.size >= 1.0:
            return heading.text
    words = keywords(part, book)
    if not words:
        return f"Pages {part[0].page_num} to {part[-1].page_num}"
    return ", ".join(words[:-1] or words).capitalize() + (f" and {words[-1]}" if words[1:] else "")


def _furniture(pages: Sequence[Signs]) -> frozenset[str]:
    """Headings that come back on many pages are labels."""
    seen = Counter(
        text for page in pages for text in {signs.letters_of(h.text) for h in page.headings}
    )
    often = {text for text, count in seen.items() if count >= 3}
    return frozenset(often | signs.LABELS | {""})


def _around(
    pages: Sequence[Signs], at: int, change: float, *, is_usual: bool
) -> tuple[float, list[str]]:
    score, reasons = surroundings(pages, at)
    if is_usual:
        score += 1.4 if pages[at].has_opener else -0.8
    elif pages[at].has_opener:
        score -= 0.4
    return score + 0.4 * float(np.clip(change, -1.5, 2.0)), reasons


def _looks(heading: Heading) -> float:
    """How much a line looks like a section's title."""
    score = 0.8 if heading.at < 2 else -0.4
    if heading.size >= 1.6:
        score += 1.4
    elif heading.size >= 1.25:
        score += 0.8
    score += 0.3 * heading.text.isupper() + 1.0 * heading.opener_follows
    return score - 0.1 * max(0, len(heading.text.split()) - 8)


def _new_heads(pages: Sequence[Signs], at: int, wording: Wording) -> list[tuple[str, int]]:
    """Running heads that begin here and go on, or pages later when those between have none."""
    for later in range(min(_BACK, len(pages) - 1 - at) + 1):
        marks = [mark.text for mark in pages[at + later].marks]
        new = [text for text in marks if _begins(pages, at + later, text, wording)]
        if marks:
            return [(text, later) for text in new]
    return []


def _begins(pages: Sequence[Signs], at: int, text: str, wording: Wording) -> bool:
    before = [other for page in pages[max(0, at - 3) : at] for other in page.marks]
    after = [other for page in pages[at + 1 : at + 4] for other in page.marks]
    return not is_named(text, before, wording) and is_named(text, after, wording)


def _join(before: Beginning | None, after: Beginning) -> float | None:
    if before is None:
        return -0.5
    return -_COST - (1.0 if after.page - before.page < 2 else 0.0)


def shared_head(pages: Sequence[Signs], part: float) -> str | None:
    """The running head that stands on at least this part of the pages, if one does."""
    found: dict[str, list[str]] = defaultdict(list)
    for page in pages:
        for mark in page.marks:
            letters = signs.letters_of(mark.text)
            like = next((known for known in found if likeness(letters, known) >= ALIKE), letters)
            found[like].append(mark.text)
    best = max(found, key=lambda letters: (len(found[letters]), letters), default=None)
    if best is None or len(found[best]) < max(2.0, part * len(pages)):
        return None
    return Counter(found[best]).most_common(1)[0][0]
