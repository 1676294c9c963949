"""What the chapters are called, by their headings or by the running heads over their sections."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hornbook.stages.outline import signs
from hornbook.stages.outline.chain import Beginning
from hornbook.stages.outline.heads import Mark
from hornbook.stages.outline.pages import Signs
from hornbook.stages.outline.signs import Number
from hornbook.stages.outline.titles import ALIKE, Title, likeness


def chapter_titles(
    pages: Sequence[Signs], chain: Sequence[Beginning], titles: Mapping[Number, Title]
) -> dict[int, str]:
    """The titles of the chapters, as far as the book tells them."""
    found = _from_heads(pages, _chapters_by_page(len(pages), chain), titles)
    for number, title in titles.items():
        if not number.section and title.letters:
            found[number.chapter] = title.text
    return found


def with_chapter_marks(pages: Sequence[Signs], chapters: Mapping[int, str]) -> list[Signs]:
    """The pages with running heads that name a chapter told as such."""
    letters = {chapter: signs.letters_of(title) for chapter, title in chapters.items()}
    return [
        replace(page, marks=tuple(_told(mark, letters) for mark in page.marks)) for page in pages
    ]


def _told(mark: Mark, chapters: Mapping[int, str]) -> Mark:
    if mark.number is not None:
        return mark
    own = signs.letters_of(mark.text)
    alike = [chapter for chapter, letters in chapters.items() if likeness(own, letters) >= ALIKE]
    return replace(mark, number=Number(alike[0], 0)) if len(alike) == 1 else mark


def _chapters_by_page(count: int, chain: Sequence[Beginning]) -> list[int | None]:
    chapters: list[int | None] = [None] * count
    for one, after in zip(chain, [*chain[1:], None], strict=False):
        for at in range(one.page, after.page if after else count):
            chapters[at] = one.number.chapter if one.number else None
    return chapters


def _from_heads(
    pages: Sequence[Signs], chapters: Sequence[int | None], titles: Mapping[Number, Title]
) -> dict[int, str]:
    """The unnumbered running head that a chapter's pages share and no other chapter's do."""
    readings: dict[str, list[tuple[int, str]]] = defaultdict(list)
    sections = [title.letters for number, title in titles.items() if number.section]
    for page, chapter in zip(pages, chapters, strict=True):
        for mark in page.marks:
            letters = signs.letters_of(mark.text)
            is_section = any(likeness(letters, section) >= ALIKE for section in sections)
            if mark.number is None and chapter is not None and not is_section:
                like = (known for known in readings if likeness(letters, known) >= ALIKE)
                readings[next(like, letters)].append((chapter, mark.text))
    return _most_own(readings)


def _most_own(readings: Mapping[str, Sequence[tuple[int, str]]]) -> dict[int, str]:
    best: dict[int, tuple[int, str]] = {}
    for found in readings.values():
        chapter, count = Counter(chapter for chapter, _ in found).most_common(1)[0]
        if count >= 2 and count >= 0.7 * len(found) and count > best.get(chapter, (0, ""))[0]:
            text = Counter(text for _, text in found).most_common(1)[0][0]
            best[chapter] = (count, text)
    return {chapter: text for chapter, (_, text) in best.items()}
