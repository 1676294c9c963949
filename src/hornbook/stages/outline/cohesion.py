"""How the words of a book change from page to page."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hornbook.stages.outline.pages import Signs

_WINDOW = 2
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """about above after again also another because been before being below between both called
    chapter could does down each equal even every example exercise exercises figure find first
    following from give given have here into just know learn like look made make many more most
    much must need next number numbers only other over page same section should show shows some
    such table than that their them then there these they this those through time times under
    using very want well were what when where which while will with word words work would write
    your solution answer question questions solve step steps read book pages different help
    people year thing things called means used part good come came went said long take took
    """,
    )
)


def dips(pages: Sequence[Signs]) -> NDArray[np.float64]:
    """For each page how much the words change at its top, in standard deviations; first is 0."""
    count = len(pages)
    if count < 3:
        return np.zeros(count)
    vectors = _vectors(pages)
    change = np.zeros(count)
    for at in range(1, count):
        before = vectors[max(0, at - _WINDOW) : at].sum(axis=0)
        after = vectors[at : at + _WINDOW].sum(axis=0)
        norms = float(np.linalg.norm(before) * np.linalg.norm(after))
        change[at] = 1.0 - float(before @ after) / norms if norms else 0.0
    spread = float(change[1:].std())
    standard = (change - float(change[1:].mean())) / spread if spread > 1e-9 else np.zeros(count)
    standard[0] = 0.0
    return np.asarray(standard, dtype=np.float64)


def keywords(pages: Sequence[Signs], among: Sequence[Signs], most: int = 3) -> list[str]:
    """The words that tell these pages from the rest of the book, strongest first."""
    here: Counter[str] = Counter()
    for page in pages:
        here.update(page.words)
    spread = Counter(word for page in among for word in page.words)
    pages_with = Counter(word for page in pages for word in page.words)

    def weight(word: str) -> float:
        rarity = math.log(1 + (len(among) + 1) / (1 + spread[word] - pages_with[word]))
        return math.log1p(here[word]) * pages_with[word] * rarity

    words = [word for word in here if word not in _COMMON and here[word] > 1]
    return sorted(words, key=lambda word: (-weight(word), word))[:most]


def _vectors(pages: Sequence[Signs]) -> NDArray[np.float64]:
    found_on = Counter(word for page in pages for word in page.words)
    kept = sorted(word for word, count in found_on.items() if 1 < count <= 0.7 * len(pages))
    index = {word: at for at, word in enumerate(kept[:8000])}
    vectors = np.zeros((len(pages), max(1, len(index))))
    for at, page in enumerate(pages):
        for word, count in page.words.items():
            if word in index:
                weight = math.log(1 + len(pages) / found_on[word])
                vectors[at, index[word]] = math.log1p(count) * weight
    return vectors
