"""Which subtopics of a book a model is to be asked about, since they may be the same."""

import unicodedata
from collections.abc import Sequence
from itertools import combinations

from hornbook.stages.finalize import Candidate, CandidateTopic, have_like_titles

Member = tuple[CandidateTopic, Candidate]

SHARED_WORDS = 0.85
"""Subtopics with so many of the words of the shorter one in common are worth the question."""
SHORTEST_WORD = 3
AT_ONCE = 24
"""Subtopics in one question: as many pairs as there may be then fit into an answer's length, and
what is told of them (about 1,000 characters each) into the small models that people run at home."""


def groups_worth_asking(topics: Sequence[CandidateTopic]) -> list[list[Member]]:
    """The subtopics that have one like them somewhere, in groups small enough to ask about.

    Each is with those most like it, in the order of the book. Of very many that are all alike, not
    every two are in one group.
    """
    every = [(topic, one) for topic in topics for one in topic.subtopics]
    likeness = _likeness([one for _topic, one in every])
    chain = _chained(likeness)
    return [[every[at] for at in sorted(some)] for some in _cut(chain)]


def _likeness(subtopics: Sequence[Candidate]) -> dict[int, dict[int, float]]:
    """How alike two are, for those that may be the same, both ways round."""
    words = [_words(" ".join(one.statements)) for one in subtopics]
    found: dict[int, dict[int, float]] = {}
    for one, other in combinations(range(len(subtopics)), 2):
        is_named_alike = have_like_titles(subtopics[one].title, subtopics[other].title)
        shared = len(words[one] & words[other]) / max(1, min(len(words[one]), len(words[other])))
        if is_named_alike or shared >= SHARED_WORDS:
            found.setdefault(one, {})[other] = shared + is_named_alike
            found.setdefault(other, {})[one] = shared + is_named_alike
    return found


def _chained(likeness: dict[int, dict[int, float]]) -> list[int]:
    """All of them, each followed by the one that is most like it of those that are left."""
    left = sorted(likeness)
    chain: list[int] = []
    while left:
        near = likeness[chain[-1]] if chain else {}
        chain.append(max(left, key=lambda one: near.get(one, 0.0)))
        left.remove(chain[-1])
    return chain


def _cut(chain: Sequence[int]) -> list[Sequence[int]]:
    """Pieces of the chain; each begins with the end of the one before, so that no link is lost."""
    return [chain[at : at + AT_ONCE] for at in range(0, len(chain) - 1, AT_ONCE - 1)]


def _words(text: str) -> set[str]:
    """Its words, without short ones; a vowel sign or an accent is a part of its word."""
    spelled = "".join(map(_spelled, unicodedata.normalize("NFC", text.lower())))
    return {word for word in spelled.split() if len(word) >= SHORTEST_WORD}


def _spelled(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":  # joins letters or keeps them apart, unseen
        return ""
    return char if category[0] in "LM" else " "
