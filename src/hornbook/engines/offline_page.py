"""Cut a page into stretches of one kind each, by labels, headings and layout of its text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import takewhile

from hornbook.model.text import DASHES
from hornbook.stages.outline import signs


class Part(Enum):
    """What a stretch of a page is."""

    PROSE = auto()
    OBJECTIVES = auto()
    EXAMPLE = auto()
    EXERCISE = auto()
    WARNING = auto()
    NOTE = auto()
    DEFINITIONS = auto()
    KEY_POINTS = auto()
    STEPS = auto()
    HEADING = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of the page's text and where it stands in it."""

    text: str
    start: int
    end: int
    paragraph: int


@dataclass(slots=True)
class Stretch:
    """Lines that belong together; `label` is the line that announced them, if one did."""

    part: Part
    lines: list[PageLine] = field(default_factory=list)
    label: PageLine | None = None


_LABELS: tuple[tuple[Part, str], ...] = (
    (Part.NOTHING, r"(?:figure|fig\.|table|image|photo)\s*\d|chapter outline\W*$|copyright\b"),
    (Part.NOTHING, r"\(?(?:credit|source)s?:|©\s*(?:19|20)\d\d"),
    (Part.EXAMPLE, r"(?:worked )?examp[li1]e\b(?!s\b| of\b| in\b| is\b)[\s\d.,\-:]*(?=\W|[A-Z]|$)"),
    (Part.EXAMPLE, r"solution\b\s*:?\s*$"),
    (Part.EXERCISE, r"try [il1]t(?![a-z])|your turn\b|now you try\b|activity\b[\s\d.:]"),
    (Part.EXERCISE, r"(?:guided |more )?practi[cs]e\b(?! is)(?=.{0,30}$)|questions?\s*:?$"),
    (Part.EXERCISE, r"(?:section |review |writing |chapter review )?exercises?\b[\s\d.:]*$"),
    (Part.EXERCISE, r"in the following exercises?\b|exercises? \d|check your understanding"),
    (Part.EXERCISE, r"(?:let us|let.s) talk\b|think about it|talk about it|discuss\b.{0,20}$"),
    (Part.EXERCISE, r"self[ -]check|everyday math\b|homework\b|test yourself"),
    (Part.WARNING, r"(?:be careful|caution|warning|watch out|beware|remember)\b[:!]*\s*"),
    (Part.WARNING, r"common (?:error|mistake)s?\b"),
    (Part.NOTE, r"be prepared|before you (?:get started|begin)|link to learning|media\b"),
    (Part.NOTE, r"teaching (?:tip|note)s?|(?:hint|tip|note)\b\s*[:.]|access\b.*online"),
    (Part.NOTE, r"(?:teacher'?s? notes?|notes? (?:to|for) (?:the )?teachers?)\b\s*(?:[:.]|$)"),
    (Part.NOTE, r"manipulative mathematics\b\s*(?:[:.]|$)"),
    (Part.DEFINITIONS, r"(?:definitions?|glossary|vocabulary|key (?:words|terms)|new words)\s*:?$"),
    (Part.DEFINITIONS, r"definition\s*:"),
    (Part.KEY_POINTS, r"(?:key (?:concepts|ideas|points)|(?:chapter )?summary)\W*$"),
    (Part.KEY_POINTS, r"(?:points to remember|what (?:have )?(?:we|you) learn(?:ed|t))\W*$"),
    (Part.STEPS, r"how to\b\s*[:.]?|steps? 1\b"),
)
_LABEL_PATTERNS = tuple(
    (part, re.compile(rf"^\W{{0,3}}(?:{pattern})", re.IGNORECASE)) for part, pattern in _LABELS
)
_TASK = re.compile(
    r"^\W{0,2}(?:\d{1,3}|[a-h])\s?[.)](?:\s+\S|[^\d\s])|^\(?[ⓐ-ⓩ]\s*\S|^\([a-h]\)\s*\S"
)
_BULLET = re.compile(
    rf"^\s*(?:[•●○▪◦*·»>+«]|[{DASHES[1:]}-](?=\s))\s*(?=\S)|^(?:e|o|¢|e¢|°)\s+(?=\S)"
)
_SPEAKS = re.compile(
    r"^\W*(?:by the end|at the end|after (?:studying|this|completing)|"
    r"in this (?:lesson|section|unit)|you will|students will|we will|i can)\b"
    r".*\b(?:to|will|can|learn(?: how)?(?: to)?)\s*:?\s*$",
    re.IGNORECASE,
)
_LOWER = frozenset(
    ("with", "from", "into", "between", "using", "than", "that", "their", "whether", "over",
     "when", "your")
)  # fmt: skip
_FUNCTION_WORDS = frozenset(
    ("the", "a", "an", "of", "to", "in", "is", "are", "was", "we", "you", "it", "its", "that",
     "this", "these", "those", "and", "or", "but", "if", "then", "when", "for", "with", "by",
     "on", "at", "as", "be", "have", "has", "can", "will", "how", "what", "which", "each",
     "from", "not", "do", "does", "they", "there")
)  # fmt: skip
_SUM = re.compile(rf"\d.*[=+\u00d7÷*/<>{DASHES[1:]}-]|[=+\u00d7÷<>{DASHES[1:]}-].*\d")
_LIMIT = {Part.WARNING: 6, Part.NOTE: 9, Part.EXAMPLE: 30, Part.STEPS: 16, Part.OBJECTIVES: 12}


def lines_of(text: str) -> list[PageLine]:
    """The lines of the text that hold something, an empty line ending a paragraph."""
    lines: list[PageLine] = []
    at, paragraph = 0, 0
    for raw in text.split("\n"):
        if raw.strip():
            start = at + len(raw) - len(raw.lstrip())
            lines.append(PageLine(raw.strip(), start, start + len(raw.strip()), paragraph))
        else:
            paragraph += 1
        at += len(raw) + 1
    return lines


def is_sentence_like(text: str) -> bool:
    """Whether the text reads as words rather than as the debris of a figure."""
    letters = sum(char.isalpha() for char in text)
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) >= 4 and letters >= 0.6 * sum(not char.isspace() for char in text)


def reads_as_words(text: str) -> bool:
    """Whether the text has the small words that only sentences have."""
    small = sum(word in _FUNCTION_WORDS for word in re.findall(r"[a-z]+", text.lower()))
    return is_sentence_like(text) and small >= (1 if text.rstrip().endswith((".", "!", "?")) else 2)


def is_debris(text: str) -> bool:
    """Whether a line holds too little to mean anything."""
    return sum(char.isalnum() for char in text) < 2 and not re.search(r"\d", text)


def without_bullet(text: str) -> str:
    """The line without the mark of a list entry."""
    return _BULLET.sub("", text, count=1).strip()


def is_bullet(text: str) -> bool:
    """Whether the line begins a list entry."""
    return bool(_BULLET.match(text))


def is_task(text: str) -> bool:
    """Whether the line begins with the number or letter of a task."""
    return bool(_TASK.match(text)) and signs.numbered(text) is None


def stretches(lines: Sequence[PageLine]) -> list[Stretch]:
    """The page as stretches, in its order; headings are stretches of their own."""
    found: list[Stretch] = []
    for at, line in enumerate(lines):
        is_edge = not 1 < at < len(lines) - 2
        if (is_edge and signs.is_page_number(line.text)) or is_debris(line.text):
            continue
        _take(found, line, lines[at + 1] if at + 1 < len(lines) else None, at)
    return list(_with_tasks_apart(found))


def _take(found: list[Stretch], line: PageLine, after: PageLine | None, at: int) -> None:
    label = _label(line.text)
    current = found[-1] if found else Stretch(Part.NOTHING)
    if label is not None and not _is_inside(current, label, line):
        found.append(Stretch(label, [], line))
    elif label is Part.OBJECTIVES:
        return
    elif _is_heading(line, after, current, at):
        found.append(Stretch(Part.HEADING, [line]))
    elif _goes_on(current, line):
        current.lines.append(line)
    else:
        found.append(Stretch(Part.PROSE, [line]))


def _label(text: str) -> Part | None:
    if signs.opens(text) and not re.match(r"\W*(?:be prepared|before|warm)", text, re.IGNORECASE):
        return Part.OBJECTIVES
    if _SPEAKS.match(text):
        return Part.OBJECTIVES
    return next((part for part, pattern in _LABEL_PATTERNS if pattern.match(text)), None)


def _is_inside(current: Stretch, label: Part, line: PageLine) -> bool:
    """A solution belongs to its example, a lead sentence to its objectives, steps to a how-to."""
    if current.part is not label:
        return False
    return (
        (label is Part.EXAMPLE and line.text.lower().startswith("solution") and _is_open(current))
        or (label in {Part.OBJECTIVES, Part.NOTE} and not current.lines)
        or label is Part.STEPS
    )


def _is_open(current: Stretch) -> bool:
    return current.label is not None and not any(
        line.text.lower().startswith("solution") for line in [current.label, *current.lines]
    )


def _is_heading(line: PageLine, after: PageLine | None, current: Stretch, at: int) -> bool:
    text = line.text
    if is_bullet(text) or is_task(text) or not signs.is_title(text) or len(text) > 90:
        return False
    if signs.numbered(text) is not None or at == 0:
        return True
    if current.part is Part.OBJECTIVES and not _has_bullets(current):
        return False
    if current.part in {Part.EXAMPLE, Part.STEPS, Part.DEFINITIONS}:
        return _is_title_case(text) and len(text.split()) >= 3
    is_last = after is None or after.paragraph != line.paragraph
    if is_last and _is_alone(current, line) and len(text.split()) <= 6:
        return not text.endswith(("?", "!", ":"))
    begins_sentence = after is not None and after.text[:1].isupper()
    return (
        _is_title_case(text) and (is_last or begins_sentence) and not text.endswith(("?", "!", ":"))
    )


def _is_alone(current: Stretch, line: PageLine) -> bool:
    """Whether a line in prose begins a paragraph of its own."""
    if current.part not in {Part.PROSE, Part.HEADING, Part.NOTHING}:
        return False
    return not current.lines or current.lines[-1].paragraph != line.paragraph


def _is_title_case(text: str) -> bool:
    words = [w for w in re.findall(r"[^\W\d_]+", text) if len(w) > 3 and w not in _LOWER]
    return bool(words) and len(text.split()) <= 14 and all(word[0].isupper() for word in words)


def _goes_on(current: Stretch, line: PageLine) -> bool:
    """Whether a line that announces nothing belongs to the stretch before it."""
    if current.part in {Part.HEADING, Part.NOTHING}:
        return False
    if not current.lines:
        return current.label is not None
    is_full = len(current.lines) >= _LIMIT.get(current.part, 60)
    return not is_full and _belongs(current, current.lines[-1], line)


def _belongs(current: Stretch, last: PageLine, line: PageLine) -> bool:
    runs_on = not last.text.endswith((".", "!", "?", ":")) and line.text[:1].islower()
    is_together = runs_on or last.paragraph == line.paragraph
    match current.part:
        case Part.PROSE:
            return runs_on or (is_together and not is_bullet(line.text))
        case Part.WARNING | Part.NOTE:
            return is_together or is_bullet(line.text) or line.text.startswith("If you missed")
        case Part.OBJECTIVES:
            return _is_aim(current, line)
        case Part.DEFINITIONS:
            return is_together or not _is_single(current)
        case Part.EXERCISE:
            return not _leaves_exercise(current, line)
        case _:
            return True


def _is_single(current: Stretch) -> bool:
    """Whether the label announced one definition, not a list of words."""
    return bool(current.label and re.match(r"\W*definition\b", current.label.text, re.IGNORECASE))


def _is_aim(current: Stretch, line: PageLine) -> bool:
    if is_bullet(line.text) or line.text[:1].islower():
        return True
    is_short = len(line.text) < 90 and not _is_running_prose(line.text)
    return is_short and not _has_bullets(current)


def _has_bullets(current: Stretch) -> bool:
    return any(is_bullet(line.text) for line in current.lines)


def _leaves_exercise(current: Stretch, line: PageLine) -> bool:
    """Prose after a single task is the book going on; after numbered tasks it is a task's."""
    has_tasks = any(is_task(one.text) and one.text[0].isdigit() for one in current.lines)
    return not has_tasks and line.text[:1].isupper() and _is_running_prose(line.text)


def _is_running_prose(text: str) -> bool:
    """Whether a line is running prose rather than one entry of a list."""
    return len(text.split()) > 10 and is_sentence_like(text)


def _with_tasks_apart(found: Sequence[Stretch]) -> Iterator[Stretch]:
    """Numbered tasks within prose are exercises, with the line that announces them."""
    for stretch in found:
        tasks = [at for at, line in enumerate(stretch.lines) if is_task(line.text)]
        if stretch.part is not Part.PROSE:
            yield stretch
        elif not tasks:
            yield from _with_sums_apart(stretch.lines)
        else:
            announced = tasks[0] == 1 and stretch.lines[0].text.endswith((":", "."))
            first = 0 if announced else tasks[0]
            yield from ([Stretch(Part.PROSE, stretch.lines[:first])] if first else [])
            yield Stretch(Part.EXERCISE, stretch.lines[first:])


def _with_sums_apart(lines: list[PageLine]) -> Iterator[Stretch]:
    """Prose, and calculations that are the steps of an example begun on the page before."""
    told = list(takewhile(lambda line: is_sentence_like(line.text), lines))
    rest = lines[len(told) :]
    if _is_calculation(rest):
        yield from ([Stretch(Part.PROSE, told)] if told else [])
        yield Stretch(Part.EXAMPLE, rest)
    else:
        is_debris_at_end = told and not reads_as_words(" ".join(line.text for line in lines))
        yield Stretch(Part.PROSE, told if is_debris_at_end else lines)


def _is_calculation(lines: Sequence[PageLine]) -> bool:
    counted = sum(bool(_SUM.search(line.text)) for line in lines)
    worded = " ".join(line.text for line in lines)
    return len(lines) >= 2 and counted >= 0.5 * len(lines) and not reads_as_words(worded)
