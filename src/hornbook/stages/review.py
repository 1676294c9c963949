"""What a human should look at twice on a page."""

import re
from collections.abc import Iterator, Sequence

from hornbook.model.page import Line, PageText, Word
from hornbook.model.review import DoubtfulWord
from hornbook.model.text import DASHES, DOUBLE_QUOTES, SINGLE_QUOTES, Span

DOUBTFUL_BELOW = 60
MOST_SHOWN = 10
WORTH_A_LOOK = re.compile(r"\d|[^\W\d_].*[^\W\d_]")
"""A digit, or two letters: a lone sign, bullet or letter is as a rule a speck or a rule."""
EDGES = f"()[]{{}}<>.,;:!?\u2026*\u2022\u00b7|_~{DASHES}{SINGLE_QUOTES}{DOUBLE_QUOTES}"


def doubtful_words(lines: Sequence[Line], most: int = MOST_SHOWN) -> tuple[DoubtfulWord, ...]:
    """Give the words that the engine was least sure of, the most doubtful first.

    Nothing comes from an engine that gives no confidence, or gives no words.
    """
    has_confidence = any(word.confidence for line in lines for word in line.words)
    doubtful = [
        word
        for word in _placed(lines)
        if has_confidence and word.percent < DOUBTFUL_BELOW and WORTH_A_LOOK.search(word.text)
    ]
    return tuple(sorted(doubtful, key=lambda word: (word.percent, word.span.start))[:most])


def _placed(lines: Sequence[Line]) -> Iterator[DoubtfulWord]:
    """Find each word in the text that the lines make, where they stand in it."""
    text = PageText(tuple(lines), 0.0).text
    start = 0
    for line in lines:
        start = text.index(line.text, start)
        cursor = start
        for word in line.words:
            at = text.find(word.text, cursor, start + len(line.text))
            if at >= 0 and word.text:
                cursor = at + len(word.text)
                yield _bare(word, at)
        start += len(line.text)


def _bare(word: Word, at: int) -> DoubtfulWord:
    bare = word.text.strip(EDGES)
    start = at + (word.text.index(bare) if bare else 0)
    return DoubtfulWord(bare, round(word.confidence), Span(start, start + len(bare)), word.box)
