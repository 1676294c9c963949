"""Sections of a book that numbers them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hornbook.stages.outline import signs
from hornbook.stages.outline.chain import Beginning, best_chain
from hornbook.stages.outline.heads import Mark
from hornbook.stages.outline.pages import Heading, Signs
from hornbook.stages.outline.signs import Number
from hornbook.stages.outline.titles import Title, known_titles, likeness, resolve

_COST = 1.0
"""What one more section has to be worth."""


def numbered_chain(pages: Sequence[Signs]) -> tuple[list[Beginning], dict[Number, Title]]:
    """The chapters and sections that the numbers of a book tell of, with all known titles."""
    pages = with_lessons_in_chapters(pages)
    titles = known_titles(pages)
    marks = [tuple(resolve(mark, titles) for mark in page.marks) for page in pages]
    beginnings = _together([*_from_headings(pages, titles), *_from_heads(marks, titles)], pages)
    table = _agreements(marks, titles)
    chain = best_chain(
        beginnings, len(pages), _join, lambda one: table[one.number] if one.number else _no(pages)
    )
    return chain, titles


def _no(pages: Sequence[Signs]) -> NDArray[np.float64]:
    return np.zeros(len(pages))


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


def _from_headings(pages: Sequence[Signs], titles: Mapping[Number, Title]) -> list[Beginning]:
    found: list[Beginning] = []
    for index, page in enumerate(pages):
        for heading in page.headings:
            number = _number_of(heading, titles)
            if number is not None:
                reasons = (f"numbered heading {number}",)
                score = _heading_score(heading, number, titles)
                title = titles[number].text if number in titles else heading.text
                found.append(Beginning(index, number, title, score, reasons))
    return found


def _number_of(heading: Heading, titles: Mapping[Number, Title]) -> Number | None:
    """The number of a heading; a damaged one is mended by its title, where that is known."""
    if heading.numbered is not None:
        return resolve(Mark(heading.numbered.number, heading.numbered.title), titles) or (
            heading.numbered.number if heading.numbered.number in titles else None
        )
    letters = signs.letters_of(heading.text)
    if len(letters) < 8:
        return None
    likely = [
        n for n, title in titles.items() if n.section and likeness(letters, title.letters) >= 88
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


def _together(beginnings: Sequence[Beginning], pages: Sequence[Signs]) -> list[Beginning]:
    """All that speaks for the same beginning, added up with what else the page shows."""
    groups: dict[tuple[int, Number], list[Beginning]] = defaultdict(list)
    for one in beginnings:
        groups[one.page, one.number or Number(0, 0)].append(one)
    merged = [_added_up(groups[key], pages) for key in sorted(groups)]
    return [one for one in merged if not _opens_with_section(one, merged)]


def _added_up(group: Sequence[Beginning], pages: Sequence[Signs]) -> Beginning:
    """The strongest heading and the strongest running head of a group as one beginning."""
    strongest: dict[str, Beginning] = {}
    for one in sorted(group, key=lambda one: one.score):
        strongest[one.reasons[0].split()[0]] = one
    extra, around = surroundings(pages, group[0].page)
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
    marks: Sequence[Sequence[Number | None]], titles: Mapping[Number, Title]
) -> dict[Number, NDArray[np.float64]]:
    """For each section how well each page's running heads agree with it."""
    return {
        number: np.array([_agreement(number, present) for present in marks]) for number in titles
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
