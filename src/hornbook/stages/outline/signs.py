"""What a single line says about the order of a book: numbers, titles, openers, contents entries."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz import fuzz

from hornbook.model.text import DASHES

CHAPTER_WORDS = ("chapter", "unit", "module", "theme", "part")
LESSON_WORDS = ("lesson", "section", "topic", "activity", "investigation")
_NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen", "twenty",
)  # fmt: skip
_SURE_WORD = 84.0
"""From here on a word that says chapter or lesson needs nothing else to be believed."""
_LIKE_WORD = 65.0
_LIKE_SHORT_WORD = 75.0
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
# Letters that a reader of images takes for digits.
_LOOKALIKES = str.maketrans("IlOoSsBZz|!]", "110055822111")
_DIGIT = r"[0-9IlOoSsBZz|!\]]"

_DOTTED = re.compile(
    rf"^\W{{0,3}}(?:(?i:section|lesson|topic|unit|§)\s*)?(?P<chapter>{_DIGIT}{{1,2}})"
    rf"(?P<dot>\s?[.,·•:]\s?|[{DASHES[1:]}-])(?P<section>{_DIGIT}{{1,2}})"
    r"(?P<deeper>[.,]\d{1,2})?[.):]?(?:\s+|(?<=\d)(?=[A-Z][a-z]))(?P<rest>\S.*)$",
)
_MERGED = re.compile(r"^\W{0,3}(?P<chapter>\d) ?(?P<section>\d{1,2})\s+(?P<rest>[A-Z].{4,})$")
_BROKEN = re.compile(
    r"^\W{0,2}(?:(?P<chapter>\d{1,2})\s?[.,·:]\s?[^\W\d]{1,2}|[.,·]\s?(?P<section>\d{1,2})"
    r"|(?=\S*\d)\S{2,5})\s+(?P<rest>[A-Z]\S.*)$"
)
_PLAIN = re.compile(r"^\W{0,3}(?P<chapter>\d{1,2})[.:]?\s+(?P<rest>[A-Z].{2,})$")
_KEYWORD = re.compile(
    r"^\W{0,3}(?P<word>[^\W\d_]{4,13}|[^\W\d_]{1,7} [^\W\d_]{1,6})\s{0,3}"
    r"(?P<number>\d{1,2}|[IVXL]{1,5}|[^\W\d_]{3,9})\b"
    rf"(?![.,-]\d)[\s:.|{DASHES[1:]}-]*(?P<rest>.*)$"
)
_ENTRY = re.compile(r"(?:\s?[.·…_]){3,}\s*\d{1,3}$|\s{3,}\d{1,3}$")
_PAGE_AT_END = re.compile(r"\D\s\d{1,3}$")
_PAGE_NUMBER = re.compile(r"^[^\w.]*(?:page\s*)?\d{1,4}[^\w.]*$", re.IGNORECASE)

OPENERS = (
    "learning objectives", "lesson objectives", "chapter objectives", "objectives",
    "by the end of this section", "by the end of this lesson", "by the end of this chapter",
    "in this section you will learn", "in this lesson you will learn", "you will learn",
    "what you will learn", "in this chapter you will", "after studying this",
    "learning outcomes", "learning goals", "be prepared", "warm up", "before you begin",
    "essential question", "lesson goals", "key questions", "i can",
)  # fmt: skip
CLOSERS = (
    "key concepts", "key terms", "glossary", "self check", "writing exercises", "summary",
    "chapter review", "section exercises", "review exercises", "practice makes perfect",
    "practice test", "chapter practice test", "exercises", "review", "check your understanding",
    "homework", "what did you learn", "lesson check", "everyday math", "review questions",
    "chapter review exercises", "points to remember", "test yourself", "chapter summary",
)  # fmt: skip
LABELS = frozenset(
    (
        *OPENERS, *CLOSERS, "solution", "example", "try it", "figure", "table", "how to", "note",
        "exercise", "definition", "theorem", "answer", "answers", "check", "remember", "tip",
        "chapter outline", "in this chapter", "manipulative mathematics", "media",
        "think about it", "activity", "link to learning", "introduction",
    )
)  # fmt: skip
_OUTLINE_BLOCK = ("chapter outline", "in this chapter", "in this unit", "sections in this chapter")
_CROSS_REFERENCE = re.compile(
    r"(?:\b(?:section|sections|in|see|chapter|example|figure|table|exercise|exercises|and|or|of|to|"
    r"from|page|problem|review|by|is|the|with|about|at|for)|[,(])$",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"(?:\b(?:of|and|the|with|to|in|for|a|an|by|from|or|on|using)|[,;:&-])$", re.IGNORECASE
)


class Number(NamedTuple):
    """A chapter's number, and a section's in it; section 0 is the chapter itself.

    Chapter 0 holds lessons of a book that has no chapters.
    """

    chapter: int
    section: int

    def __str__(self) -> str:
        if not self.chapter:
            return f"Lesson {self.section}"
        return f"{self.chapter}.{self.section}" if self.section else f"Chapter {self.chapter}"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line that begins like a numbered heading."""

    number: Number
    title: str
    certainty: float
    is_deeper: bool = False
    """A third level, which is inside a section."""


def numbered(text: str) -> Numbered | None:
    """What a line is if it begins with the number of a chapter, section or lesson."""
    text = " ".join(text.split())
    return _keyword(text) or _dotted(text) or _merged(text)


def broken_number(text: str) -> tuple[int, int, str] | None:
    """Chapter and section, 0 what cannot be read, and title of a heading like "3.b Fractions"."""
    found = _BROKEN.match(" ".join(text.split()))
    if found is None or not is_title(found["rest"]):
        return None
    return int(found["chapter"] or 0), int(found["section"] or 0), found["rest"]


def without_broken_number(title: str) -> str:
    """The title without what is left of a section's number; "3D Shapes" keeps its own."""
    broken = broken_number(title)
    return broken[2] if broken and (broken[0] or broken[1]) else title


def plain_chapter(text: str) -> Numbered | None:
    """A chapter set as a bare number and a title: "4 Fractions"."""
    found = _PLAIN.match(" ".join(text.split()))
    if found and is_title(found["rest"]):
        return Numbered(Number(int(found["chapter"]), 0), found["rest"], 0.5)
    return None


def _dotted(text: str) -> Numbered | None:
    found = _DOTTED.match(text)
    if not found or not re.search(r"\d", found["chapter"] + found["section"]):
        return None
    chapter, section = _digits(found["chapter"]), _digits(found["section"])
    if not (0 < chapter <= 60 and 0 < section <= 40) or not is_title(found["rest"]):
        return None
    is_exact = (found["chapter"] + found["section"]).isdigit() and found["dot"] == "."
    certainty = 1.0 if is_exact else 0.75
    is_deeper = found["deeper"] is not None
    return Numbered(Number(chapter, section), found["rest"], certainty, is_deeper=is_deeper)


def _merged(text: str) -> Numbered | None:
    """A point that the reader of the image missed: "34 Multiply and Divide Integers"."""
    found = _MERGED.match(text)
    if not found or not is_title(found["rest"]) or not int(found["section"]):
        return None
    return Numbered(Number(int(found["chapter"]), int(found["section"])), found["rest"], 0.4)


def _keyword(text: str) -> Numbered | None:
    found = _KEYWORD.match(text)
    value = _value(found["number"]) if found else None
    if not found or not value:
        return None
    title = found["rest"].strip()
    if title and not is_title(title):
        return None
    level, likeness = _level(found["word"])
    if level is None or (likeness < _SURE_WORD and not title):
        return None
    number = Number(value, 0) if level == "chapter" else Number(0, value)
    certainty = 0.45 if likeness < _SURE_WORD else 0.95 if title else 0.8
    return Numbered(number, title, certainty)


def _level(word: str) -> tuple[str | None, float]:
    """Whether a word says chapter or lesson, and how much it is like the word that says so."""
    likeness, level = max(
        (_like_word(word.lower(), known), level)
        for level, words in (("chapter", CHAPTER_WORDS), ("lesson", LESSON_WORDS))
        for known in words
    )
    least = _LIKE_WORD if len(word) > 5 else _LIKE_SHORT_WORD
    return (level, likeness) if likeness >= least else (None, 0.0)


def _like_word(word: str, known: str) -> float:
    """Of short words and of torn ones many are alike; only the word itself is sure."""
    likeness = fuzz.ratio(word.replace(" ", ""), known)
    is_sure = word == known or (len(known) > 5 and " " not in word)
    return likeness if is_sure else min(likeness, _SURE_WORD - 1)


def _value(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if text.lower() in _NUMBER_WORDS:
        return _NUMBER_WORDS.index(text.lower())
    if text.isupper() and all(char in _ROMAN for char in text):
        values = [_ROMAN[char] for char in text]
        pairs = zip(values, [*values[1:], 0], strict=True)
        return sum(-value if value < after else value for value, after in pairs)
    return None


def _digits(text: str) -> int:
    return int(text.translate(_LOOKALIKES))


def is_title(text: str) -> bool:
    """Whether a text could be a heading: short, begins large, mostly letters, no sentence."""
    words = text.split()
    letters = sum(char.isalpha() for char in text)
    if not 1 <= len(words) <= 16 or len(text) > 110 or letters < 3:
        return False
    first = next(char for char in text if char.isalpha())
    return (
        first.isupper()
        and not re.search(r"[@|]", text)
        and letters >= 0.6 * sum(not char.isspace() for char in text)
        and any(len(word) >= 3 for word in words)
        and not text.rstrip().endswith((".", "=", ","))
        and not re.search(r"[.!?]\s+[a-zA-Z]", text)
    )


def is_contents_entry(text: str) -> bool:
    """Whether the line ends in leaders and a page number, as in a table of contents."""
    return bool(_ENTRY.search(text))


def ends_in_page(text: str) -> bool:
    """Whether the line ends in something like a page number."""
    return bool(_PAGE_AT_END.search(text)) or is_contents_entry(text)


def without_page(text: str) -> str:
    """The line without page numbers or leaders at its ends."""
    cut = re.sub(r"(?:\s?[.·…_]){2,}\s*\d{0,3}$", "", text.strip())
    bare = re.sub(r"(?:^\W*\d{1,4}(?=\s{2,})\s+)|(?:\s+\W?\d{1,4}\W*$)", "", cut)
    # "Chapter 2" and "Numbers to 100" end in their own number, not in a page's.
    cut = cut if _level(letters_of(bare))[1] >= _SURE_WORD or dangles(bare) else bare
    return cut.strip(" |•·_" + DASHES)


def is_page_number(text: str) -> bool:
    """Whether the line is nothing but a page number."""
    return bool(_PAGE_NUMBER.match(text))


def letters_of(text: str) -> str:
    """The letters of a text in lower case with single spaces: what fuzzy matching compares."""
    return " ".join(re.findall(r"[^\W\d_]+", text.lower()))


def is_label(text: str) -> bool:
    """Whether a text is one of the labels that recur in every section."""
    return letters_of(text) in LABELS


def opens(text: str) -> bool:
    """Whether the line is one that stands at the beginning of a section."""
    return _begins_with(letters_of(text), OPENERS)


def closes(text: str) -> bool:
    """Whether the line is one that stands near the end of a section."""
    return letters_of(text) in CLOSERS or _is_near(letters_of(text), CLOSERS)


def opens_list(text: str) -> bool:
    """Whether the line announces the list of a chapter's sections."""
    letters = letters_of(text)
    return letters in _OUTLINE_BLOCK or _is_near(letters, _OUTLINE_BLOCK)


def leads_into(before: str) -> bool:
    """Whether a line of prose ends so that a number after it is a cross reference."""
    return bool(_CROSS_REFERENCE.search(before.strip()))


def dangles(title: str) -> bool:
    """Whether a title ends so that its next line must belong to it."""
    return bool(_DANGLING.search(title.strip()))


def _begins_with(text: str, phrases: tuple[str, ...]) -> bool:
    if not text or len(text) > 80:
        return False
    return any(
        text == phrase
        or (len(phrase) > 12 and text.startswith(phrase))
        or (len(phrase) > 12 and fuzz.ratio(_joined(text, phrase), _joined(phrase)) >= 76)
        for phrase in phrases
    )


def _joined(text: str, like: str = "") -> str:
    """A text without spaces, which damage adds and takes away; no longer than another's."""
    joined = text.replace(" ", "")
    return joined[: len(like.replace(" ", "")) + 1] if like else joined


def _is_near(text: str, phrases: tuple[str, ...]) -> bool:
    return 8 < len(text) < 30 and any(fuzz.ratio(text, phrase) >= 88 for phrase in phrases)
