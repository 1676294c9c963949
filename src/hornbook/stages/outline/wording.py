"""Titles that are nearly alike: one that was misread, or two that the book tells apart."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from rapidfuzz.distance import Levenshtein

from hornbook.stages.outline import signs

_KNOWN = 2
"""Lines with a word from which the book is sure to have it."""
_SHORTEST = 3
_RIGHT = 4
"""Letters of a word for each that may be misread, if another word is to be made of it."""


class Wording:
    """The words of a book: what it says more than once is a word, and was not misread."""

    def __init__(self, lines: Iterable[str]) -> None:
        seen = Counter(
            word
            for line in lines
            for word in set(signs.letters_of(line).split())
            if len(word) >= _SHORTEST
        )
        self._known = frozenset(word for word, count in seen.items() if count >= _KNOWN)
        self._apart = cache(self._compare)

    def tells_apart(self, one: str, other: str) -> bool:
        """Whether two titles differ in a figure, or each has a word of the book's of its own."""
        return self._apart(*sorted((one, other)))

    def _compare(self, one: str, other: str) -> bool:
        figures, others_figures = (re.findall(r"\d+", text) for text in (one, other))
        if len(figures) == len(others_figures) and figures != others_figures:
            return True
        words, others_words = (signs.letters_of(text).split() for text in (one, other))
        return self._has_own(words, others_words) and self._has_own(others_words, words)

    def _has_own(self, words: list[str], others: list[str]) -> bool:
        return any(
            word in self._known and not any(_may_be_misread(word, other) for other in others)
            for word in words
        )


def _may_be_misread(word: str, other: str) -> bool:
    most = len(word) // _RIGHT
    return Levenshtein.distance(word, other, score_cutoff=most) <= most
