"""Pure functions on page text: folding, alignment of a quote, joining of lines."""

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

ALIKE = 75.0
"""How much of the words of two statements must be the same for one to stand for both, in percent
(rapidfuzz's token set ratio): a model that calls everything a duplicate loses nothing by it."""
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
"""Every line that is printed for a hyphen, a dash or a minus, the ASCII one first."""
SINGLE_QUOTES = "'`\u2018\u2019\u201a\u201b"
DOUBLE_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_SOFT_HYPHEN = "\u00ad"
_FOLDED = str.maketrans(
    {
        **dict.fromkeys(DASHES, "-"),
        **dict.fromkeys(SINGLE_QUOTES, "'"),
        **dict.fromkeys(DOUBLE_QUOTES, '"'),
        _SOFT_HYPHEN: "",
    }
)


_FIGURES = re.compile(r"\d+")
_DENIES = frozenset(
    (
        "not", "no", "never", "none", "neither", "nor", "cannot", "without",
        "nunca", "sin", "ni", "ne", "pas", "jamais", "sans", "nicht", "kein", "keine", "nie",
        "ohne", "não", "sem", "non", "mai", "senza", "nao", "niet", "geen", "nooit",
        "नहीं", "न", "bukan", "tidak", "не", "нет",
    )
)  # fmt: skip
"""Words that turn what is said into its opposite, in the languages that have words for it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: `text[start:end]`."""

    start: int
    end: int


def squeeze(text: str) -> str:
    """The words of a text with single spaces between them."""
    return " ".join(text.split())


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, two letters or more."""
    return re.findall(r"[^\W\d_]{2,}", text.lower())


def normal(text: str) -> str:
    """What two texts must share to count as the same: letters and digits, folded."""
    folded, _ = _folded(text)
    return "".join(char for char in folded if char.isalnum() or char in "+-=<>/*")


def align(quote: str, text: str) -> Span | None:
    """Where a quote stands in a text, white space and typographic variants aside.

    A hyphen that ends a line may be missing from the quote. `None` when it does not stand there.
    """
    wanted, _ = _folded(quote)
    if not any(char.isalnum() for char in wanted):
        return None
    for is_dehyphenated in (False, True):
        have, origin = _folded(text, drop_line_hyphens=is_dehyphenated)
        at = have.find(wanted)
        if at >= 0:
            return Span(origin[at], origin[at + len(wanted) - 1] + 1)
    return None


def _folded(text: str, *, drop_line_hyphens: bool = False) -> tuple[str, list[int]]:
    """The text without white space, in one case, and where each character came from."""
    folded: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        if char.isspace() or (drop_line_hyphens and _ends_line(text, index)):
            continue
        for part in unicodedata.normalize("NFKC", char.translate(_FOLDED)).casefold():
            if not part.isspace():
                folded.append(part)
                origin.append(index)
    return "".join(folded), origin


def _ends_line(text: str, index: int) -> bool:
    return text[index] in f"-\u2010{_SOFT_HYPHEN}" and text[index + 1 : index + 2] == "\n"


def rejoin(lines: list[str]) -> str:
    """Lines of prose as one text: a word broken at a line's end is made whole."""
    joined = ""
    for line in (squeeze(line) for line in lines):
        if not joined:
            joined = line
        elif re.search(r"[a-z]-$", joined) and line[:1].islower():
            joined = joined[:-1] + line
        else:
            joined = f"{joined} {line}".strip()
    return joined


def sentences(text: str) -> list[str]:
    """A text cut into sentences; abbreviations and decimals do not end one."""
    marked = re.sub(r"(?<![A-Z])(?<!\b[A-Za-z])([.!?][\"')]?)\s+(?=[\"'(]?[A-Z])", "\\1\n", text)
    return [part.strip() for part in marked.split("\n") if part.strip()]


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words and marked with an ellipsis."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def figures(text: str) -> set[str]:
    """The whole numbers in a text, as they are written."""
    return set(_FIGURES.findall(text))


def covers(kept: str, dropped: str) -> bool:
    """Whether one statement can stand for another: alike in words, and losing no figure.

    Nor may only one of them deny what they say, as far as the words for that are known.
    """
    words = fuzz.token_set_ratio(dropped.lower(), kept.lower())
    is_alike = figures(dropped) <= figures(kept) and words >= ALIKE
    return is_alike and _denials(kept) == _denials(dropped)


def _denials(text: str) -> int:
    spelt = re.sub(r"n't\b", " not", text.lower().translate(_FOLDED))
    return sum(word in _DENIES for word in re.split(r"[\s.,;:!?()\"]+", spelt))
