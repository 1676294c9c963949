"""Sections of a book that numbers them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hornbook.stages.outline import signs
from hornbook.stages.outline.chain import Beginning, best_chain
from hornbook.stages.outline.cohesion import dips
from hornbook.stages.outline.heads import Mark
from hornbook.stages.outline.implied import implied, with_known_heads
from hornbook.stages.outline.pages import Heading, Signs, wording_of
from hornbook.stages.outline.signs import Number, Numbered
from hornbook.stages.outline.titles import Title, known_titles, likeness, resolve
from hornbook.stages.outline.wording import Wording

_COST = 1.0
"""What one more section has to be worth."""
_CHANGE = 0.3
"""What one standard deviation of change in the words is worth."""
_MANY = 20
"""Pages from which it is worth that."""
_OPENS, _OPENS_NOT = 0.6, -0.5
"""What an opener, or none, is worth in a book whose sections have them."""
_OF_NUMBERS = ("numbered", "running", "implied")
_WIDE, _DENSE = 24, 0.25
"""Pages from which a running head must stand on this share of those it reaches over."""
_USUAL = 0.4
"""Share of pages with running heads from which a page without one has lost it."""
_DOUBTED = 2.0
"""The most a beginning is worth that may be a later page of its section."""


def numbered_chain(pages: Sequence[Signs]) -> tuple[list[Beginning], dict[Number, Title]]:
    """The chapters and sections that the numbers of a book tell of, with all known titles."""
    pages = with_lessons_in_chapters(without_chance_words(pages))
    wording = wording_of(pages)
    titles = known_titles(pages, wording)
    pages = with_known_heads(pages, titles)
    marks = without_furniture(
        [tuple(resolve(mark, titles, wording) for mark in page.marks) for page in pages]
    )
    found = [*_from_headings(pages, titles, wording), *_from_heads(marks, titles)]
    around = _around(pages)
    chain = _chained(found, around, marks)
    hidden = implied(pages, titles, [score for score, _ in around], chain)
    chain = _chained([*found, *hidden], around, marks) if hidden else chain
    return [_doubted(one, marks) for one in chain], titles


def without_furniture(marks: Sequence[Sequence[Number | None]]) -> list[Sequence[Number | None]]:
    """The running heads without those of sections that stand here and there in half the book.

    What comes back that thinly is a line of exercises or a label, read with some number once.
    """
    where: dict[Number | None, list[int]] = defaultdict(list)
    for at, present in enumerate(marks):
        for number in present:
            if number and number.section:
                where[number].append(at)
    thin = {
        number
        for number, pages in where.items()
        if pages[-1] - pages[0] >= _WIDE and len(set(pages)) < _DENSE * (pages[-1] - pages[0])
    }
    return [[one for one in present if one not in thin] for present in marks]


def _chained(
    found: Sequence[Beginning],
    around: Sequence[tuple[float, list[str]]],
    marks: Sequence[Sequence[Number | None]],
) -> list[Beginning]:
    beginnings = _together(found, around)
    table = _agreements(marks, {one.number for one in beginnings if one.number})
    none = np.zeros(len(marks))
    return best_chain(
        beginnings, len(marks), _join, lambda one: table[one.number] if one.number else none
    )


def _doubted(one: Beginning, marks: Sequence[Sequence[Number | None]]) -> Beginning:
    """The beginning, less sure of itself when the page before may be of the same section.

    That is so when it lost its running head, and nothing but a number says that something begins.
    """
    has_more = len(one.reasons) > 1 and not one.reasons[-1].startswith(_OF_NUMBERS)
    is_usual = sum(map(bool, marks)) >= _USUAL * len(marks)
    if not one.page or has_more or any(marks[one.page - 1]) or not is_usual:
        return one
    return replace(one, score=min(one.score, _DOUBTED))


def _join(before: Beginning | None, after: Beginning) -> float | None:
    """Numbers rise; the next number is expected, a gap is unlikely."""
    if after.number is None or (before is not None and before.number is None):
        return None
    if before is None or before.number is None:
        return -_COST
    (chapter, section), (next_chapter, next_section) = before.number, after.number
    if after.number <= before.number:
        return None
    if chapter == next_chapter:
        return 0.6 - _COST - 0.4 * (next_section - section - 1)
    skipped = 0.8 * (next_chapter - chapter - 1) + 0.2 * max(0, next_section - 1)
    return 0.6 - _COST - min(skipped, 4.0)


def _from_headings(
    pages: Sequence[Signs], titles: Mapping[Number, Title], wording: Wording
) -> list[Beginning]:
    found: list[Beginning] = []
    for index, page in enumerate(pages):
        for heading in page.headings:
            number = _number_of(heading, titles, wording)
            if number is not None:
                reasons = (f"numbered heading {number}",)
                score = _heading_score(heading, number, titles)
                title = titles[number].text if number in titles else heading.text
                found.append(Beginning(index, number, title, score, reasons))
    return found


def _number_of(heading: Heading, titles: Mapping[Number, Title], wording: Wording) -> Number | None:
    """The number of a heading; a damaged one is mended by its title, where that is known."""
    if heading.numbered is not None:
        return resolve(Mark(heading.numbered.number, heading.numbered.title), titles, wording) or (
            heading.numbered.number if heading.numbered.number in titles else None
        )
    letters = signs.letters_of(heading.text)
    if len(letters) < 8:
        return None
    likely = [
        n
        for n, title in titles.items()
        if n.section
        and likeness(letters, title.letters) >= 88
        and not wording.tells_apart(heading.text, title.text)
    ]
    return likely[0] if len(likely) == 1 else None


def _heading_score(heading: Heading, number: Number, titles: Mapping[Number, Title]) -> float:
    numbered = heading.numbered
    certainty = numbered.certainty if numbered else 0.2
    title = titles.get(number)
    score = 2.0 * certainty
    score += 0.7 * (heading.size >= 1.25) + 0.6 * heading.opener_follows + 0.3 * (heading.at < 4)
    if title is not None and numbered is not None:
        score += 0.8 * (title.is_listed or title.support >= 5)
        score -= 0.8 * (likeness(signs.letters_of(numbered.title), title.letters) < 60)
    return score - 0.6 * (number.section == 0)


def _from_heads(
    marks: Sequence[Sequence[Number | None]], titles: Mapping[Number, Title]
) -> list[Beginning]:
    """Where a running head changes, or shortly before it on pages that have none."""
    found: list[Beginning] = []
    seen: set[Number] = set()
    for index, present in enumerate(marks):
        for number in sorted({one for one in present if one is not None}):
            if index and number in marks[index - 1]:
                continue
            score = (0.9 if number.section else 0.2) + 0.6 * (number not in seen)
            seen.add(number)
            for back in range(4 if number.section else 1):
                at = index - back
                if at < 0 or (back and any(marks[at])):
                    break
                why = f"running head {number}" + (f" {back} pages later" if back else "")
                text = titles[number].text
                found.append(Beginning(at, number, text, score - 0.3 * back, (why,)))
    return found


def _together(
    beginnings: Sequence[Beginning], around: Sequence[tuple[float, list[str]]]
) -> list[Beginning]:
    """All that speaks for the same beginning, added up with what else the page shows."""
    groups: dict[tuple[int, Number], list[Beginning]] = defaultdict(list)
    for one in beginnings:
        groups[one.page, one.number or Number(0, 0)].append(one)
    merged = [_added_up(groups[key], *around[key[0]]) for key in sorted(groups)]
    return [one for one in merged if not _opens_with_section(one, merged)]


def _around(pages: Sequence[Signs]) -> list[tuple[float, list[str]]]:
    """What each page shows besides numbers: openers, closers, and how its words change."""
    # Of few pages the usual change is not known, so that one more or less says little.
    changes = dips(pages) * min(1.0, len(pages) / _MANY)
    is_usual = has_openers(pages)
    found = []
    for at, page in enumerate(pages):
        score, reasons = surroundings(pages, at)
        if is_usual:
            score += _OPENS if page.has_opener else _OPENS_NOT
        found.append((score + _CHANGE * float(np.clip(changes[at], -1.5, 2.0)), reasons))
    return found


def has_openers(pages: Sequence[Signs]) -> bool:
    """Whether sections of this book have an opener, so that a page without one begins none."""
    return 2 <= sum(page.has_opener for page in pages) <= 0.6 * len(pages)


def _added_up(group: Sequence[Beginning], extra: float, around: Sequence[str]) -> Beginning:
    """The strongest heading and the strongest running head of a group as one beginning."""
    strongest: dict[str, Beginning] = {}
    for one in sorted(group, key=lambda one: one.score):
        strongest[one.reasons[0].split()[0]] = one
    reasons = [one.reasons[0] for one in strongest.values()]
    score = extra + sum(one.score for one in strongest.values())
    return replace(group[0], score=score, reasons=(*reasons, *around))


def _opens_with_section(chapter: Beginning, beginnings: Sequence[Beginning]) -> bool:
    """Whether a chapter and a section of it begin on the same page: the section takes it."""
    number = chapter.number
    if number is None or number.section:
        return False
    return any(
        one.page == chapter.page
        and one.number is not None
        and one.number.chapter == number.chapter
        and one.number.section > 0
        and any("head" in reason and not reason.endswith("later") for reason in one.reasons)
        for one in beginnings
    )


def surroundings(pages: Sequence[Signs], index: int) -> tuple[float, list[str]]:
    """What a page and the one before it say for a beginning here, without any number."""
    score, reasons = 0.0, []
    if pages[index].has_opener:
        score += 0.6
        reasons.append("section opener")
    if index and pages[index - 1].closers and not pages[index].closers:
        score += 0.4
        reasons.append("the page before closes a section")
    return score, reasons


def _agreements(
    marks: Sequence[Sequence[Number | None]], numbers: Collection[Number]
) -> dict[Number, NDArray[np.float64]]:
    """For each section how well each page's running heads agree with it."""
    return {
        number: np.array([_agreement(number, present) for present in marks]) for number in numbers
    }


def _agreement(number: Number, present: Sequence[Number | None]) -> float:
    named = [one for one in present if one is not None]
    sections = [one for one in named if one.section]
    if number in named:
        return 0.8
    if sections:
        return -0.9
    if any(one.chapter != number.chapter for one in named):
        return -0.6
    return 0.2 if named else 0.0


def without_chance_words(pages: Sequence[Signs]) -> list[Signs]:
    """The pages without what is merely like "Lesson 3", unless the book says lesson elsewhere.

    The same holds for chapters: a damaged word is believed where undamaged ones stand beside it.
    """
    said = {_kind(h.numbered) for page in pages for h in page.headings if h.numbered} - {None}
    return [
        replace(page, headings=tuple(_believed(heading, said) for heading in page.headings))
        for page in pages
    ]


def _kind(numbered: Numbered) -> str | None:
    """What a number that has two words to it counts, where the word is read for sure."""
    if numbered.number.chapter and numbered.number.section:
        return None
    kind = "lesson" if numbered.number.section else "chapter"
    return kind if numbered.certainty >= 0.8 else None


def _believed(heading: Heading, said: Collection[str | None]) -> Heading:
    numbered = heading.numbered
    if numbered is None or (numbered.number.chapter and numbered.number.section):
        return heading
    kind = "lesson" if numbered.number.section else "chapter"
    is_weak = numbered.certainty < 0.5 and kind not in said
    return replace(heading, numbered=None) if is_weak else heading


def with_lessons_in_chapters(pages: Sequence[Signs]) -> list[Signs]:
    """The pages with "Lesson 3" told as the third section of the chapter it stands in.

    Where sections carry their chapter's number, lessons are inside of sections and do not count.
    """
    numbers = [[h.numbered.number for h in page.headings if h.numbered] for page in pages]
    dotted = {one for found in numbers for one in found if one.chapter and one.section}
    changed: list[Signs] = []
    chapter = 0
    for page, found in zip(pages, numbers, strict=True):
        chapter = max([chapter, *(one.chapter for one in found if not one.section)])
        changed.append(_in_chapter(page, chapter, keep=len(dotted) < 3))
    return changed


def _in_chapter(page: Signs, chapter: int, *, keep: bool) -> Signs:
    return replace(
        page,
        headings=tuple(_placed_heading(one, chapter, keep=keep) for one in page.headings),
        marks=tuple(_placed_mark(one, chapter, keep=keep) for one in page.marks),
        listed=tuple(one for one in page.listed if one.number.chapter),
    )


def _placed_heading(heading: Heading, chapter: int, *, keep: bool) -> Heading:
    numbered = heading.numbered
    if numbered is None or numbered.number.chapter:
        return heading
    number = Number(chapter, numbered.number.section)
    return replace(heading, numbered=replace(numbered, number=number) if keep else None)


def _placed_mark(mark: Mark, chapter: int, *, keep: bool) -> Mark:
    if mark.number is None or mark.number.chapter:
        return mark
    return replace(mark, number=Number(chapter, mark.number.section) if keep else None)
