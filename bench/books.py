"""Synthetic textbooks of several layouts, with the truth about them; the same on every run."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hornbook.model.finding import LineOnPage
from hornbook.stages.outline import OutlinePage

_THEMES = (
    ("Counting to Twenty", "count beads twenty tens ones finger basket apples row line"),
    ("Numbers in Order", "order before after larger smaller greater ladder queue arrange"),
    ("Adding Small Numbers", "add plus altogether sum join total marbles bunch combine heap"),
    ("Taking Away", "subtract minus left remain fewer difference birds flew gone removed"),
    ("Shapes Around Us", "circle square triangle corner side edge round tile wheel"),
    ("Measuring Length", "length metre ruler long short string measure desk height span"),
    ("Telling the Time", "clock hour minute hand morning noon evening calendar bell late"),
    ("Money in the Shop", "coin note price cost change buy sell market rupee purse"),
    ("Equal Groups", "group equal times multiply array rows columns boxes eggs tray"),
    ("Sharing Fairly", "share divide fair each friends pieces quotient remainder cake plates"),
    ("Parts of a Whole", "fraction half quarter whole numerator denominator slice pizza paper"),
    ("Collecting Data", "chart graph tally survey data pictograph colours favourite votes bars"),
)  # fmt: skip
_CHAPTERS = ("Counting and Numbers", "Shapes and Measures", "Groups and Shares", "Data and Parts")
_GLUE = (
    "We look at the {0} and the {1} to see what happens when one {2} is moved.",
    "When there is more than one {0}, the {1} shows how the {2} works.",
    "A {0} is a kind of {1} that we meet again with every {2} in class.",
    "Each {0} belongs to one {1}, so the {2} can be found at once.",
    "Draw the {0} beside the {1} and explain the {2} to your neighbour.",
    "The teacher puts a {0} on the table and asks where the {1} and the {2} are.",
)


@dataclass(frozen=True, slots=True)
class TrueSection:
    """A section as it was typeset."""

    topic: str
    title: str
    first_page: int
    page_count: int


@dataclass(frozen=True, slots=True)
class SyntheticBook:
    """A book, what is true of it, and the pages that teach nothing."""

    name: str
    pages: tuple[OutlinePage, ...]
    sections: tuple[TrueSection, ...]
    empty: tuple[int, ...] = ()


class _Press:
    """Typesets a book page by page."""

    def __init__(
        self, seed: int, *, printed_from: int = 1, themes: Sequence[tuple[str, str]] = _THEMES
    ) -> None:
        self.random = random.Random(seed)
        self.themes = themes
        self.pages: list[OutlinePage] = []
        self.sections: list[TrueSection] = []
        self.empty: list[int] = []
        self.printed = printed_from

    def page(self, *lines: str, head: str = "", foot: str = "") -> None:
        """One page: running head, lines, running foot with the page's printed number."""
        number = f"{foot}   {self.printed}" if foot else str(self.printed)
        text = [f"{head}    {self.printed}", *lines] if head else [*lines, number]
        if head and foot:
            text.append(foot)
        self.pages.append(
            OutlinePage(len(self.pages) + 1, tuple(LineOnPage(one) for one in text if one.strip()))
        )
        self.printed += 1

    def prose(self, theme: int, count: int) -> list[str]:
        """Sentences about a theme, broken into lines as on a page."""
        words = self.themes[theme % len(self.themes)][1].split()
        told = " ".join(
            self.random.choice(_GLUE).format(*self.random.sample(words, 3)) for _ in range(count)
        ).split()
        return [" ".join(told[at : at + 12]) for at in range(0, len(told), 12)]

    def begins(self, topic: str, title: str, count: int) -> None:
        """Note that a section of so many pages begins on the next page."""
        self.sections.append(TrueSection(topic, title, len(self.pages) + 1, count))

    def book(self, name: str) -> SyntheticBook:
        """What was typeset so far."""
        return SyntheticBook(name, tuple(self.pages), tuple(self.sections), tuple(self.empty))


def _exercises(words: str) -> list[str]:
    return [
        "Exercises",
        *(f"{n}. How many are in the {w}?" for n, w in enumerate(words.split()[:5], 1)),
    ]


def many_themes(count: int, seed: int) -> tuple[tuple[str, str], ...]:
    """As many themes as a whole textbook has sections, each with a title of its own."""
    chance = random.Random(seed)
    verbs = ("Add", "Subtract", "Multiply", "Divide", "Compare", "Order", "Round", "Graph")
    nouns = ("Fractions", "Decimals", "Integers", "Percents", "Angles", "Equations", "Ratios")
    titles = [f"{verb} and Use {noun}" for verb in verbs for noun in nouns]
    words = [word for _, told in _THEMES for word in told.split()]
    return tuple(
        (title, " ".join(chance.sample(words, 9))) for title in chance.sample(titles, count)
    )


def alike_themes(count: int, seed: int) -> tuple[tuple[str, str], ...]:
    """Themes whose titles are alike, but for a word or only for a figure."""
    chance = random.Random(seed)
    words = [word for _, told in _THEMES for word in told.split()]
    verbs, nouns = ("Counting", "Sharing", "Doubling", "Drawing"), ("Beads", "Ribbons", "Tiles")
    kinds = [f"{chance.choice(verbs)} {chance.choice(nouns)}" for _ in range(count)]
    return tuple(
        (f"{kind} in Sets of {at + 3}", " ".join(chance.sample(words, 9)))
        for at, kind in enumerate(kinds)
    )


def _trap(section: str) -> list[str]:
    return [
        "The ribbon that Mina cut from the roll with her scissors is exactly",
        f"{section} cm long, and the blue one is shorter, as we saw in Section",
        "9.9 Dividing by Zero, where nothing came out.",
        f"Example {section} Which of the two is longer, and by how much do they differ?",
    ]


def numbered(  # noqa: PLR0913 - a layout has many features
    *,
    name: str = "numbered",
    seed: int = 1,
    chapters: int = 3,
    per_chapter: int = 4,
    pages_each: tuple[int, int] = (2, 4),
    head: str = "section",
    openers: bool = True,
    opener_pages: bool = False,
    contents: bool = False,
    first: tuple[int, int] = (1, 1),
    themes: Sequence[tuple[str, str]] = _THEMES,
) -> SyntheticBook:
    """Sections "1.1 Counting to Twenty" in chapters; `head` is section, facing, foot or none."""
    press = _Press(seed, printed_from=7, themes=themes)
    if contents:
        _front(press, chapters, per_chapter)
    for chapter in range(first[0], chapters + 1):
        start = first[1] if chapter == first[0] else 1
        # A book that begins inside a chapter may never say what the chapter is called.
        topic = _CHAPTERS[(chapter - 1) % 4] if start == 1 else f"Chapter {chapter}"
        if opener_pages and start == 1:
            _opener_page(press, chapter, topic, per_chapter)
        for section in range(start, per_chapter + 1):
            theme = ((chapter - 1) * per_chapter + section - 1) % len(themes)
            title, number = themes[theme][0], f"{chapter}.{section}"
            count = press.random.randint(*pages_each)
            press.begins(topic, title, count)
            for page in range(count):
                lines: list[str] = []
                if page == 0:
                    if section == 1 and not opener_pages:
                        lines.append(f"Chapter {chapter}  {topic}")
                    lines.append(f"{number} {title}")
                    if openers:
                        lines += ["By the end of this section, you will be able to:", "• use it"]
                lines += press.prose(theme, 8)
                lines += _trap(f"{chapter}.{section + 1}") if page == 1 else []
                lines += _exercises(themes[theme][1]) if page == count - 1 else []
                heads = _heads(head, page, number, title, f"Chapter {chapter}  {topic}")
                press.page(*lines, head=heads[0], foot=heads[1])
    return press.book(name)


def _front(press: _Press, chapters: int, per_chapter: int) -> None:
    press.page("My First Book of Numbers")
    press.page("Copyright 2024 by the authors.", "All rights reserved. ISBN 0-00-000000-0")
    entries = ["Contents"]
    for chapter in range(1, chapters + 1):
        entries.append(f"Chapter {chapter} {_CHAPTERS[(chapter - 1) % 4]} .... {chapter * 9}")
        for section in range(1, per_chapter + 1):
            theme = ((chapter - 1) * per_chapter + section - 1) % len(_THEMES)
            entries.append(f"{chapter}.{section} {_THEMES[theme][0]} ..... {chapter * 9 + section}")
    press.page(*entries)
    press.empty += [1, 2, 3]


def _opener_page(press: _Press, chapter: int, topic: str, per_chapter: int) -> None:
    listed = [
        f"{chapter}.{s} {_THEMES[((chapter - 1) * per_chapter + s - 1) % len(_THEMES)][0]}"
        for s in range(1, per_chapter + 1)
    ]
    press.begins(topic, "Introduction", 1)
    press.page(f"Chapter {chapter}", topic, *press.prose(chapter, 6), "Chapter Outline", *listed)


def _heads(kind: str, page: int, number: str, title: str, chapter: str) -> tuple[str, str]:
    if kind == "none" or page == 0:
        return "", ""
    if kind == "facing":
        return (chapter, "") if page % 2 else (f"{number} {title}", "")
    return ("", f"{number} {title}") if kind == "foot" else (f"{number} {title}", "")


def lessons(*, seed: int = 2) -> SyntheticBook:
    """Units with lessons whose numbers run on through the book."""
    press = _Press(seed)
    for at in range(9):
        unit = at // 3
        title = _THEMES[at][0]
        press.begins(_CHAPTERS[unit], title, 3)
        for page in range(3):
            lines = [f"Unit {unit + 1}: {_CHAPTERS[unit]}"] if at % 3 == 0 and page == 0 else []
            lines += [f"Lesson {at + 1}: {title}"] if page == 0 else []
            press.page(*lines, *press.prose(at, 9))
    return press.book("lessons")


def unnumbered(
    *,
    seed: int = 3,
    openers: bool = True,
    heads: bool = False,
    facing: bool = False,
    themes: Sequence[tuple[str, str]] = _THEMES[:9],
) -> SyntheticBook:
    """Titles without numbers; with a recurring opener, or with running heads.

    Facing heads name the section on the right and its chapter on the left.
    """
    press = _Press(seed, themes=themes)
    for at, (title, words) in enumerate(themes):
        press.begins("", title, 4)
        for page in range(4):
            lines = [title] if page == 0 else []
            lines += (
                ["What you will learn", "• a first thing", "• more"] if openers and not page else []
            )
            lines += press.prose(at, 9) + (_exercises(words) if page == 3 else [])
            named = _CHAPTERS[at // 3] if facing and len(press.pages) % 2 else title
            press.page(*lines, head=named if heads and page else "")
    return press.book(
        "unnumbered, " + ("openers" if openers else "running heads" if heads else "titles")
    )


def unmarked(*, seed: int = 4) -> SyntheticBook:
    """No headings of any kind: only the words change."""
    press = _Press(seed)
    for at, (title, _) in enumerate(_THEMES[:6]):
        press.begins("", title, 5)
        for _ in range(5):
            press.page(*press.prose(at, 10))
    return press.book("no headings")


def noisy(book: SyntheticBook, share: float = 0.05, seed: int = 5) -> SyntheticBook:
    """The book with this share of its characters misread."""
    chance = random.Random(seed)
    pages = tuple(replace(page, lines=_misread(page.lines, share, chance)) for page in book.pages)
    return replace(book, name=f"{book.name}, {share:.0%} noise", pages=pages)


def _misread(
    lines: Sequence[LineOnPage], share: float, chance: random.Random
) -> tuple[LineOnPage, ...]:
    def one(char: str) -> str:
        if char.isspace() or chance.random() >= share:
            return char
        alike = {"1": "l", "0": "O", "5": "S", "l": "1", "O": "0", "e": "c", "n": "r", ".": ","}
        return chance.choice([alike.get(char, "x"), "", chance.choice("abcdeilnorstu.'")])

    return tuple(replace(line, text="".join(one(char) for char in line.text)) for line in lines)


def all_books() -> list[SyntheticBook]:
    """One book of every layout."""
    plain = numbered(openers=True)
    return [
        plain,
        noisy(plain),
        numbered(name="numbered, no openers, facing heads", openers=False, head="facing", seed=11),
        numbered(name="numbered, heads at the foot", head="foot", seed=12),
        numbered(name="numbered, no running heads", head="none", openers=False, seed=13),
        numbered(name="numbered, contents page", contents=True, seed=14),
        noisy(numbered(name="numbered, contents page", contents=True, seed=14)),
        numbered(name="numbered, opener pages", opener_pages=True, seed=15),
        numbered(name="numbered, begins at 2.3", first=(2, 3), seed=16),
        lessons(),
        unnumbered(),
        noisy(unnumbered()),
        unnumbered(openers=False, heads=True),
        unnumbered(openers=False),
        unmarked(),
    ]


def _whole_book(seed: int, head: str) -> SyntheticBook:
    return numbered(
        seed=seed,
        head=head,
        openers=False,
        chapters=6,
        per_chapter=6,
        pages_each=(4, 5),
        themes=many_themes(36, seed),
    )


def alike(seed: int, head: str) -> SyntheticBook:
    """A book whose sections are called nearly the same; `head` as in `numbered`."""
    return numbered(
        name=f"alike titles, heads: {head}",
        seed=seed,
        head=head,
        openers=False,
        chapters=4,
        per_chapter=6,
        pages_each=(2, 5),
        themes=alike_themes(24, seed),
    )


def books_of_each_style() -> dict[str, Callable[[int], SyntheticBook]]:
    """By name, what typesets a book of each style from a seed."""
    return {
        "numbered": lambda seed: numbered(seed=seed),
        "facing heads": lambda seed: numbered(seed=seed, head="facing", openers=False),
        "heads at the foot": lambda seed: numbered(seed=seed, head="foot"),
        "no running heads": lambda seed: numbered(seed=seed, head="none", openers=False),
        "long sections": lambda seed: numbered(seed=seed, openers=False, pages_each=(6, 11)),
        "whole book": lambda seed: _whole_book(seed, "section"),
        "whole book, facing heads": lambda seed: _whole_book(seed, "facing"),
        "whole book, no running heads": lambda seed: _whole_book(seed, "none"),
        "alike titles": lambda seed: alike(seed, "section"),
        "alike titles, facing heads": lambda seed: alike(seed, "facing"),
        "alike titles, no running heads": lambda seed: alike(seed, "none"),
        "contents page": lambda seed: numbered(seed=seed, contents=True),
        "opener pages": lambda seed: numbered(seed=seed, opener_pages=True),
        "begins at 2.3": lambda seed: numbered(seed=seed, first=(2, 3), pages_each=(3, 8)),
        "lessons": lambda seed: lessons(seed=seed),
        "unnumbered, openers": lambda seed: unnumbered(seed=seed),
        "unnumbered, running heads": lambda seed: unnumbered(seed=seed, openers=False, heads=True),
        "unnumbered, facing heads": lambda seed: unnumbered(
            seed=seed, openers=False, heads=True, facing=True
        ),
        "unnumbered, titles": lambda seed: unnumbered(seed=seed, openers=False),
        "unnumbered, alike titles": lambda seed: unnumbered(
            seed=seed, openers=False, themes=alike_themes(9, seed)
        ),
        "unnumbered, alike running heads": lambda seed: unnumbered(
            seed=seed, openers=False, heads=True, themes=alike_themes(9, seed)
        ),
    }
