"""Make items of the stretches of a page."""

import re
from collections.abc import Iterator, Sequence

from hornbook.engines.offline_page import (
    PageLine,
    Part,
    Stretch,
    is_bullet,
    is_task,
    reads_as_words,
    without_bullet,
)
from hornbook.model.finding import Item, ItemKind
from hornbook.model.text import DASHES, align, clipped, rejoin, sentences, squeeze

_DEFINES = re.compile(
    r"\b(?:is|are) (?:called|known as|named)\b|\bwe (?:call|say that)\b|\brefers? to\b|"
    r"\bis defined (?:as|to be)\b|\b(?:is|are) said to be\b|\bthe word \S+ means\b|"
    r"\bmeans (?:that )?(?:the|a|an)\b",
    re.IGNORECASE,
)
_IS_A = re.compile(
    r"^(?:An? (?:[a-z][\w-]*\s){1,4}?|The (?:[a-z][\w-]*\s){1,3}?of (?:an?|two) (?:[\w-]+\s){1,3}?)"
    r"(?:is|are) (?:an?|the|any|one of|two or more|used)\s"
)
_WARNS = re.compile(
    r"\b(?:be careful|do not (?:confuse|forget)|don.t (?:confuse|forget)|watch out|a mistake|"
    r"common (?:error|mistake)|avoid (?:the )?(?:error|mistake)|never forget|not the same as|"
    r"make sure (?:that )?you)",
    re.IGNORECASE,
)
_ADVISES = re.compile(
    r"\bteachers?\b.*\b(?:may|should|can)\b|\bhelp (?:students|learners|pupils|children)\b",
    re.IGNORECASE,
)
_KINDS = {
    Part.EXAMPLE: ItemKind.WORKED_EXAMPLE,
    Part.EXERCISE: ItemKind.EXERCISE,
    Part.WARNING: ItemKind.MISCONCEPTION,
    Part.NOTE: ItemKind.TEACHING_NOTE,
    Part.STEPS: ItemKind.CONCEPT,
}
_LONG = 380
"""Characters after which the next sentence begins a new concept."""
_MOST_LINES = 14
_MOST = 900


def items_of(text: str, stretches: Sequence[Stretch]) -> list[Item]:
    """The items of a page in its order, each quoting a contiguous piece of it."""
    return [item for stretch in stretches for item in _items(text, stretch)]


def _items(text: str, stretch: Stretch) -> Iterator[Item]:
    match stretch.part:
        case Part.HEADING | Part.NOTHING:
            return
        case Part.PROSE:
            yield from _from_prose(text, stretch.lines)
        case Part.OBJECTIVES:
            yield from _listed(text, stretch, ItemKind.OBJECTIVE, least=2)
        case Part.DEFINITIONS:
            yield from _listed(text, stretch, ItemKind.DEFINITION, least=3)
        case Part.KEY_POINTS:
            yield from _listed(text, stretch, ItemKind.CONCEPT, least=4)
        case _:
            yield from _whole(text, stretch)


def _slice(text: str, lines: Sequence[PageLine]) -> str:
    return text[lines[0].start : lines[-1].end]


def _from_prose(text: str, lines: Sequence[PageLine]) -> Iterator[Item]:
    """Definitions and warnings sentence by sentence, what lies between as concepts."""
    whole = _slice(text, lines)
    if not reads_as_words(squeeze(whole)):
        return
    runs: list[tuple[ItemKind, list[str]]] = []
    for sentence in sentences(rejoin([without_bullet(line.text) for line in lines])):
        kind = _kind_of(sentence)
        if runs and runs[-1][0] is kind is ItemKind.CONCEPT and _has_room(runs[-1][1]):
            runs[-1][1].append(sentence)
        else:
            runs.append((kind, [sentence]))
    for kind, run in runs:
        said = " ".join(run)
        span = align(said, whole)
        if len(said.split()) >= 6 and reads_as_words(said):
            yield Item(kind, clipped(said, _MOST), whole[span.start : span.end] if span else whole)


def _has_room(run: Sequence[str]) -> bool:
    return sum(len(sentence) for sentence in run) < _LONG


def _kind_of(sentence: str) -> ItemKind:
    if _WARNS.search(sentence) or re.match(r"Remember\b", sentence):
        return ItemKind.MISCONCEPTION
    is_telling = len(sentence) < 320 and not sentence.endswith("?")
    if is_telling and (_DEFINES.search(sentence) or _IS_A.match(sentence)):
        return ItemKind.DEFINITION
    return ItemKind.TEACHING_NOTE if _ADVISES.search(sentence) else ItemKind.CONCEPT


def _listed(text: str, stretch: Stretch, kind: ItemKind, least: int) -> Iterator[Item]:
    """One item for each entry of a list."""
    for entry in _entries(stretch):
        said = rejoin([without_bullet(line.text) for line in entry])
        if len(re.findall(r"[^\W\d_]{2,}", said)) >= least and _says_something(said, kind):
            yield Item(kind, clipped(said[:1].upper() + said[1:], _MOST), _slice(text, entry))


def _says_something(said: str, kind: ItemKind) -> bool:
    return kind is ItemKind.OBJECTIVE or (reads_as_words(said) and not said.endswith(":"))


def _entries(stretch: Stretch) -> list[list[PageLine]]:
    """The lines of a list, entry by entry; what ends in a colon takes its points along."""
    has_bullets = any(is_bullet(line.text) for line in stretch.lines)
    entries: list[list[PageLine]] = []
    for line in stretch.lines:
        if not entries or _begins_entry(line, entries[-1], stretch.part, has_bullets=has_bullets):
            entries.append([line])
        else:
            entries[-1].append(line)
    return entries


def _begins_entry(
    line: PageLine, entry: Sequence[PageLine], part: Part, *, has_bullets: bool
) -> bool:
    if entry[0].text.endswith(":") and len(entry) < 6:
        return False
    if part is Part.OBJECTIVES and line.paragraph != entry[-1].paragraph:
        return True
    if has_bullets:
        return is_bullet(line.text)
    if part is Part.DEFINITIONS:
        has_term = re.match(rf"[\w ,-]{{3,40}}?[ :{DASHES[1:]}-]+[A-Z(]", line.text)
        return bool(has_term) and entry[-1].text.endswith((".", "!", "?"))
    return not line.text[:1].islower()


def _whole(text: str, stretch: Stretch) -> Iterator[Item]:
    """The stretch as one item, its label first."""
    kind = _KINDS[stretch.part]
    lines = [*([stretch.label] if stretch.label else []), *stretch.lines]
    told = _told(lines)
    if told and _is_worth_it(kind, lines, stretch):
        yield Item(kind, clipped(told, _MOST), _slice(text, lines))


def _is_worth_it(kind: ItemKind, lines: Sequence[PageLine], stretch: Stretch) -> bool:
    words = re.findall(r"\w+", " ".join(line.text for line in lines))
    if kind is ItemKind.EXERCISE:
        has_task = any(is_task(line.text) for line in lines)
        return len(words) >= (3 if has_task else 5) and (
            has_task or len(lines) > 1 or len(words) >= 8
        )
    if kind is ItemKind.WORKED_EXAMPLE:
        return bool(stretch.lines) and len(words) >= 6
    return len(words) >= 6 and (stretch.label is None or bool(stretch.lines) or len(words) >= 8)


def _is_grid(text: str) -> bool:
    """Whether a line is a row of a number line or table, which means nothing by itself."""
    return len(text.split()) >= 5 and not re.search(r"[^\W\d_]{3}|[=+<>()]", text)


def _told(lines: Sequence[PageLine]) -> str:
    """The lines lightly joined: a sentence that runs on stays one line, a step its own."""
    told: list[str] = []
    for line in (squeeze(line.text) for line in lines if not _is_grid(line.text)):
        runs_on = (
            told and re.search(r"[\w,;)]$", told[-1]) and re.match(r"[a-z(]|\d[\d\s]*\.$", line)
        )
        if runs_on and not is_task(line) and len(told[-1]) > 40:
            told[-1] = rejoin([told[-1], line])
        else:
            told.append(f"• {without_bullet(line)}" if is_bullet(line) else line)
    if len(told) > _MOST_LINES:
        told = [*told[:_MOST_LINES], f"… and {len(told) - _MOST_LINES} more lines"]
    return "\n".join(told)
