"""From what the pages show to the outline of a book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hornbook.model.guideline import Outline, OutlineEntry
from hornbook.model.text import DASHES, DOUBLE_QUOTES, SINGLE_QUOTES
from hornbook.stages.outline import signs
from hornbook.stages.outline.chain import Beginning
from hornbook.stages.outline.chapters import chapter_titles, with_chapter_marks
from hornbook.stages.outline.implied import is_implied
from hornbook.stages.outline.loose import chunks, loose_chain, shared_head
from hornbook.stages.outline.matter import prose_words, without_content
from hornbook.stages.outline.numbered import numbered_chain
from hornbook.stages.outline.pages import OutlinePage, Signs, read_signs, wording_of
from hornbook.stages.outline.reach import is_named
from hornbook.stages.outline.signs import Number

_OPENER_WORDS = 40
"""Words of prose that make a chapter's first page a subtopic of its own."""
_MOST_SURE_UNREAD = 0.55
"""However much speaks for a section whose number nobody read, somebody should be asked."""
_LONG_CHAPTER = 7
"""Pages from which a chapter without numbered sections is looked through for sections."""
_CHAPTER_LIKE = 12
"""Mean pages from which the units of a book without numbers are its chapters."""


@dataclass(frozen=True, slots=True)
class _Section:
    """A subtopic in the making; `first` and `last` are indexes of pages."""

    topic: str
    title: str
    first: int
    last: int
    confidence: float
    reasons: tuple[str, ...]


def outline(pages: Sequence[OutlinePage]) -> Outline:
    """Topics and subtopics in page order, non-overlapping; the same for the same pages.

    Pages without teaching content (title, contents, index) are in no entry; a book with text has
    at least one entry.
    """
    shown = read_signs([page for page in pages if any(line.text.strip() for line in page.lines)])
    empty = without_content(shown)
    taught = [page for at, page in enumerate(shown) if at not in empty] or shown
    if not taught:
        return Outline(())
    listed = tuple(one for page in shown for one in page.listed)
    taught = [replace(taught[0], listed=listed), *(replace(p, listed=()) for p in taught[1:])]
    return Outline(tuple(_entry(section, taught) for section in _sections(taught)))


def _entry(section: _Section, pages: Sequence[Signs]) -> OutlineEntry:
    return OutlineEntry(
        topic_title=section.topic,
        subtopic_title=section.title,
        first_page=pages[section.first].page_num,
        last_page=pages[section.last].page_num,
        confidence=round(section.confidence, 2),
        evidence=section.reasons,
    )


def _sections(pages: Sequence[Signs]) -> list[_Section]:
    chain, titles = numbered_chain(pages)
    told = with_chapter_marks(pages, chapter_titles(pages, chain, titles))
    chain, titles = numbered_chain(told)
    chapters = chapter_titles(pages, chain, titles)
    if _is_convincing(chain):
        return _numbered_sections(pages, chain, chapters)
    return _loose_sections(pages)


def _is_convincing(chain: Sequence[Beginning]) -> bool:
    """Whether the numbers found carry a whole book, and are no accident."""
    read = [one for one in chain if not is_implied(one)]
    return len(read) >= 2 or any(one.score >= 2.5 for one in read)


def _numbered_sections(
    pages: Sequence[Signs], chain: Sequence[Beginning], chapters: Mapping[int, str]
) -> list[_Section]:
    sections = _lead(pages, chain[0], chapters)
    waiting: int | None = None
    for at, one in enumerate(chain):
        after = chain[at + 1] if at + 1 < len(chain) else None
        last = (after.page if after else len(pages)) - 1
        number = one.number or Number(0, 0)
        topic = _topic(number.chapter, chapters)
        first = one.page if waiting is None else waiting
        waiting = None
        if number.section:
            title = _clean(one.title) or f"Section {number}"
            sections.append(_Section(topic, title, first, last, _sure(one), one.reasons))
        elif after and after.number and after.number.chapter == number.chapter:
            opener, waiting = _opener(pages, one, last, topic)
            sections.extend(opener)
        else:
            sections.extend(_unnumbered_chapter(pages, one, last, topic))
    return sections


def _topic(chapter: int, chapters: Mapping[int, str]) -> str:
    title = _clean(chapters.get(chapter, "")).removeprefix(f"{chapter} ")
    return title or (f"Chapter {chapter}" if chapter else "Whole book")


def _sure(one: Beginning) -> float:
    most = _MOST_SURE_UNREAD if is_implied(one) else 0.98
    return min(most, max(0.2, 0.35 + 0.12 * one.score))


def _opener(
    pages: Sequence[Signs], one: Beginning, last: int, topic: str
) -> tuple[list[_Section], int | None]:
    """A chapter's first pages: a subtopic if they teach, else part of what follows, or nothing."""
    words = sum(prose_words(page) for page in pages[one.page : last + 1])
    if words >= _OPENER_WORDS:
        return [_Section(topic, "Introduction", one.page, last, _sure(one), one.reasons)], None
    return [], one.page if words >= 12 else None


def _lead(pages: Sequence[Signs], first: Beginning, chapters: Mapping[int, str]) -> list[_Section]:
    """What stands before the first number: the end of a section whose beginning is not here."""
    words = sum(prose_words(page) for page in pages[: first.page])
    number = first.number or Number(1, 0)
    if not first.page or words < _OPENER_WORDS:
        return []
    is_inside = number.section > 1
    topic = _topic(number.chapter, chapters) if is_inside else "Introduction"
    found = _split(pages, 0, first.page - 1, topic, "Introduction")
    return [replace(one, confidence=min(one.confidence, 0.4)) for one in found]


def _unnumbered_chapter(
    pages: Sequence[Signs], one: Beginning, last: int, topic: str
) -> list[_Section]:
    found = _split(pages, one.page, last, topic, topic)
    sure = _sure(one)
    head = replace(found[0], confidence=sure, reasons=one.reasons)
    return [head, *found[1:]]


def _split(pages: Sequence[Signs], first: int, last: int, topic: str, title: str) -> list[_Section]:
    """Pages without numbers, cut where they look like sections; the first may have no title."""
    part = pages[first : last + 1]
    chain = loose_chain(part) if len(part) >= _LONG_CHAPTER else []
    if not chain or chain[0].page:
        chain = [Beginning(0, None, title, 0.5, ("before the first heading",)), *chain]
    ends = [*(one.page for one in chain[1:]), len(part)]
    return [
        _Section(
            topic,
            _clean(one.title) or title,
            first + one.page,
            first + end - 1,
            _loosely_sure(one),
            one.reasons,
        )
        for one, end in zip(chain, ends, strict=True)
    ]


def _loosely_sure(one: Beginning) -> float:
    return min(0.8, max(0.2, 0.2 + 0.1 * one.score))


def _loose_sections(pages: Sequence[Signs]) -> list[_Section]:
    chain = loose_chain(pages)
    if not chain or (len(chain) < 2 and len(pages) > _CHAPTER_LIKE):
        chain = chunks(pages)
    usual = (len(pages) - chain[0].page) / len(chain)
    chain = [*_before_first(pages[: chain[0].page], usual), *chain]
    ends = [*(one.page for one in chain[1:]), len(pages)]
    whole = _clean(shared_head(pages, 0.5) or "")
    is_chapters = len(chain) > 1 and len(pages) / len(chain) >= _CHAPTER_LIKE
    return [
        _Section(
            topic=_clean(one.title)
            if is_chapters
            else _own_head(pages[one.page : end], one) or whole or "Whole book",
            title=_clean(one.title)
            or f"Pages {pages[one.page].page_num} to {pages[end - 1].page_num}",
            first=one.page,
            last=end - 1,
            confidence=_loosely_sure(one) if one.score else 0.3,
            reasons=one.reasons,
        )
        for one, end in zip(chain, ends, strict=True)
    ]


def _before_first(pages: Sequence[Signs], usual: float) -> list[Beginning]:
    """What stands before the first heading; far more than a usual section has lost headings."""
    if len(pages) > max(_CHAPTER_LIKE, 1.5 * usual):
        return chunks(pages)
    return [Beginning(0, None, "Introduction", 0.5, ("before the first heading",))] if pages else []


def _own_head(pages: Sequence[Signs], one: Beginning) -> str | None:
    """A running head over a section that is not its own title: its chapter's."""
    wording = wording_of(pages)
    others = [
        replace(page, marks=tuple(m for m in page.marks if not is_named(one.title, [m], wording)))
        for page in pages
    ]
    head = shared_head(others, 0.4)
    return _clean(head) if head else None


def _clean(title: str) -> str:
    """A title without its number, however damaged, and stray marks."""
    numbered = signs.numbered(title)
    bare = numbered.title if numbered else signs.without_broken_number(title)
    kept = signs.without_page(bare).strip(" .:;,|•*_~" + SINGLE_QUOTES + DOUBLE_QUOTES + DASHES)
    return kept[:1].upper() + kept[1:]
