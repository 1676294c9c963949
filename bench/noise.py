"""What a phone's photo does to the text of a page, at a given rate; the same on every run.

Pages differ: most are read well, one in ten is four times as bad as the rate says. Running heads
and headings are lost or lose their numbers, lines go missing, words run together or fall apart.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, replace

from bench.books import SyntheticBook
from hornbook.model.finding import LineOnPage
from hornbook.stages.outline import OutlinePage

_ALIKE = {
    "1": "lI|", "0": "Oo", "5": "Ss", "8": "B3", "2": "zZ", "l": "1I", "O": "0", "S": "5", "B": "8",
    "e": "co", "c": "e", "a": "o", "o": "a", "n": "ru", "h": "b", "i": "l", "t": "f", "u": "n",
    "m": "nr", "r": "n", ".": ",·", ",": ".",
}  # fmt: skip
_NUMBER = re.compile(r"^(\d{1,2})\.(\d{1,2}) +")
_SPECKS = ("| .", "-- ~", "ee", "= a", "'", "Sse i", "_ ol")


@dataclass(frozen=True, slots=True)
class Damage:
    """How likely each kind of damage is, on a page of usual quality."""

    misread: float
    head_lost: float
    heading_lost: float
    number_mangled: float
    line_lost: float


def damage_at(rate: float) -> Damage:
    """The damage of photos of which this share of the characters is misread."""
    return Damage(
        misread=rate,
        head_lost=2.5 * rate,
        heading_lost=rate,
        number_mangled=2 * rate,
        line_lost=rate / 2,
    )


def photographed(book: SyntheticBook, rate: float, seed: int) -> SyntheticBook:
    """The book as it is read from photos with this share of misread characters."""
    chance = random.Random(f"{book.name} {rate} {seed}")
    heads, titles = _heads_of(book), {one.first_page: one.title for one in book.sections}
    pages = tuple(
        _page(page, damage_at(rate), heads, titles.get(page.page_num), chance)
        for page in book.pages
    )
    return replace(book, name=f"{book.name}, phone {rate:.0%}", pages=pages)


def _heads_of(book: SyntheticBook) -> frozenset[str]:
    """The lines at the edges of pages that come back on others, without their numbers of pages."""
    seen = Counter(
        text
        for page in book.pages
        for text in {_bare(page.lines[at]) for at in (0, min(1, len(page.lines) - 1), -1)}
    )
    return frozenset(text for text, count in seen.items() if count > 1 and text)


def _bare(line: LineOnPage) -> str:
    return re.sub(r"\s*\d{1,4}$", "", line.text)


def _page(
    page: OutlinePage,
    damage: Damage,
    heads: frozenset[str],
    title: str | None,
    chance: random.Random,
) -> OutlinePage:
    quality = chance.choices((0.5, 1.0, 4.0), (6, 3, 1))[0]
    rate = min(0.5, damage.misread * quality)
    kept: list[LineOnPage] = []
    for at, line in enumerate(page.lines):
        is_heading = title is not None and line.text.endswith(title)
        is_head = not is_heading and at in {0, 1, len(page.lines) - 1} and _bare(line) in heads
        if chance.random() >= _loss(damage, is_head=is_head, is_heading=is_heading):
            is_mangled = chance.random() < damage.number_mangled
            text = _mangled(line.text, chance) if is_mangled else line.text
            kept.append(replace(line, text=_misread(text, rate, chance)))
    if chance.random() < rate:
        kept.insert(0, LineOnPage(chance.choice(_SPECKS)))
    return replace(page, lines=tuple(kept))


def _loss(damage: Damage, *, is_head: bool, is_heading: bool) -> float:
    if is_head:
        return damage.head_lost
    return damage.heading_lost if is_heading else damage.line_lost


def _mangled(text: str, chance: random.Random) -> str:
    """A heading's number as it comes out of a shaded or curled corner."""
    found = _NUMBER.match(text)
    if not found:
        return text
    chapter, section = found.groups()
    letter = chance.choice("AaLS")
    other = str((int(section) + chance.randint(1, 8)) % 10)
    return (
        chance.choice(
            (
                f"{chapter}{section} ", f"{chapter} {section} ", f"{chapter}.{letter} ",
                f"{chapter},{section} ", f".{section} ", f"{chapter}. {section} ", "",
                f"{chapter}.{section}", f"{chapter}.{other} ",
            )
        )
        + text[found.end() :]
    )  # fmt: skip


def _misread(text: str, rate: float, chance: random.Random) -> str:
    return "".join(_one(char, rate, chance) for char in text)


def _one(char: str, rate: float, chance: random.Random) -> str:
    if chance.random() >= (rate / 3 if char.isspace() else rate):
        return char
    if char.isspace():
        return ""
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(_ALIKE.get(char, "abcdeilnorstu"))
    return chance.choice(("", "", f"{char} ", f"{char}{chance.choice('il.,r')}"))
