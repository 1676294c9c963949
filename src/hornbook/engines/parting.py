"""Parts a page that is too long for a model, where a reader would draw breath."""

import re

SHORTEST = 1500
"""Characters; a text of no more is not parted: what it says would be torn from what it is about."""
_FULL_STOPS = "।॥。\N{ARABIC FULL STOP}"
_PAUSES = tuple(map(re.compile, (r"\n\s*\n", rf"[.!?]\s+|[{_FULL_STOPS}]\s*", r"\n", r"\s")))
"""Where to part a text, the best place first: an end of a paragraph, a sentence, a line, a word."""


def halves(text: str) -> tuple[str, str] | None:
    """Two parts of about the same length that make up the text; `None` for one that is short."""
    if len(text) <= SHORTEST:
        return None
    middle = len(text) // 2
    for pause in _PAUSES:
        ends = [found.end() for found in pause.finditer(text, middle // 2, middle + middle // 2)]
        if ends:
            return _cut(text, min(ends, key=lambda end: abs(end - middle)))
    return _cut(text, middle)


def _cut(text: str, at: int) -> tuple[str, str]:
    return text[:at], text[at:]
