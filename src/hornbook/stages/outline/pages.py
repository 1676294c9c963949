"""What each page shows of the order of its book: running heads, headings, openers, words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hornbook.model.finding import LineOnPage
from hornbook.model.text import words_of
from hornbook.stages.outline import signs
from hornbook.stages.outline.heads import Mark, parts_of, running_heads
from hornbook.stages.outline.signs import Numbered
from hornbook.stages.outline.vote import voted
from hornbook.stages.outline.wording import Wording

_LARGE = 1.6
"""Height of a chapter's title, relative to the book's text."""


@dataclass(frozen=True, slots=True)
class OutlinePage:
    """A page that has text."""

    page_num: int
    lines: tuple[LineOnPage, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that looks like a heading; `at` counts lines below the running head."""

    text: str
    numbered: Numbered | None
    at: int
    size: float
    """Height relative to the book's text; 1 when there are no boxes."""
    opener_follows: bool


@dataclass(frozen=True, slots=True)
class Signs:
    """What one page shows."""

    page_num: int
    marks: tuple[Mark, ...]
    """The parts of its running heads."""
    headings: tuple[Heading, ...]
    listed: tuple[Numbered, ...]
    """Sections named in a contents page or a chapter's outline."""
    has_opener: bool
    closers: int
    is_contents: bool
    words: Counter[str] = field(repr=False)
    body: tuple[str, ...] = field(repr=False)


def read_signs(pages: Sequence[OutlinePage]) -> list[Signs]:
    """What the pages show, in their order; equal pages of equal books show the same."""
    wording = Wording(line.text for page in pages for line in page.lines)
    heads = voted(running_heads([page.lines for page in pages], wording), wording)
    size = _text_size(pages)
    return [_signs(page, head, size) for page, head in zip(pages, heads, strict=True)]


def wording_of(pages: Sequence[Signs]) -> Wording:
    """The words that the pages have between them."""
    return Wording(
        text for page in pages for text in (*page.body, *(mark.text for mark in page.marks))
    )


def _text_size(pages: Sequence[OutlinePage]) -> float:
    """The usual height of a line of text; slanted lines of a photo look taller than they are."""
    heights = sorted(_height(line) for page in pages for line in page.lines if len(line.text) > 25)
    return float(heights[len(heights) * 2 // 5]) if heights else 0.0


def _height(line: LineOnPage) -> int:
    return line.box.bottom - line.box.top if line.box else 0


def _signs(page: OutlinePage, head: dict[int, tuple[Mark, ...]], size: float) -> Signs:
    body = [line for at, line in enumerate(page.lines) if at not in head]
    body = [line for line in body if not signs.is_page_number(line.text)]
    texts = tuple(line.text.strip() for line in body)
    listed_at = _listing(texts)
    is_contents = _is_contents(texts, listed_at)
    return Signs(
        page_num=page.page_num,
        marks=tuple(mark for at in sorted(head) for mark in head[at]),
        headings=() if is_contents else tuple(_headings(page, body, listed_at, size, head)),
        listed=tuple(_entry(texts[at]) for at in sorted(listed_at)),
        has_opener=not is_contents and any(signs.opens(text) for text in texts),
        closers=sum(signs.closes(text) for text in texts),
        is_contents=is_contents,
        words=Counter(word for text in texts for word in words_of(text) if len(word) > 3),
        body=texts,
    )


def _entry(text: str) -> Numbered:
    found = signs.numbered(signs.without_page(text))
    if found is None:
        raise AssertionError(text)
    return found


def _listing(texts: Sequence[str]) -> frozenset[int]:
    """Lines that only name sections: contents entries and a chapter's outline."""
    entries = {at: signs.numbered(signs.without_page(text)) for at, text in enumerate(texts)}
    own = {at: entry.number for at, entry in entries.items() if entry and entry.number.section}
    sure = {entry.number for entry in entries.values() if entry and entry.certainty > 0.5}
    starts = [at for at, text in enumerate(texts) if signs.opens_list(text)]
    if len(sure & set(own.values())) >= 3:
        return frozenset(
            at for at in own if any(0 < abs(at - k) <= 3 and own[k] != own[at] for k in own)
        )
    return frozenset(at for at in own if any(0 < at - start <= 12 for start in starts))


def _is_contents(texts: Sequence[str], listed_at: frozenset[int]) -> bool:
    if not texts:
        return False
    names = [signs.letters_of(text) for text in texts[:4]]
    is_named = any(name in {"contents", "table of contents", "brief contents"} for name in names)
    entries = sum(signs.is_contents_entry(text) for text in texts)
    with_pages = sum(signs.ends_in_page(text) for text in texts)
    lines = len(texts)
    return (
        (is_named and with_pages >= 2)
        or (entries >= 4 and entries >= 0.4 * lines)
        or (len(listed_at) >= 4 and with_pages >= 4 and with_pages >= 0.5 * lines)
    )


def _headings(
    page: OutlinePage,
    body: Sequence[LineOnPage],
    listed_at: frozenset[int],
    size: float,
    head: dict[int, tuple[Mark, ...]],
) -> list[Heading]:
    found = [
        _heading(body, at, size)
        for at in range(len(body))
        if at not in listed_at and _may_be_heading(body, at, size)
    ]
    return found + _headings_in_head(page, head, size, has_opener=_opens(body))


def _opens(body: Sequence[LineOnPage]) -> bool:
    return any(signs.opens(line.text) for line in body[:8])


def _headings_in_head(
    page: OutlinePage, head: dict[int, tuple[Mark, ...]], size: float, *, has_opener: bool
) -> list[Heading]:
    """A first line that recurs later as running head is the heading when it is set larger."""
    found: list[Heading] = []
    for at in head:
        relative = _height(page.lines[at]) / size if size else 1.0
        if relative >= 1.3 or has_opener:
            for text in _head_texts(page, at, size):
                numbered = signs.numbered(text) or _chapter_set_large(text, relative)
                if numbered:
                    found.append(Heading(text, numbered, 0, relative, has_opener))
    return found


def _head_texts(page: OutlinePage, at: int, size: float) -> list[str]:
    """The parts of a running head; a single one may go on in the next line."""
    texts = parts_of(page.lines[at].text)
    follower = page.lines[at + 1] if at + 1 < len(page.lines) else None
    if len(texts) == 1 and follower and _continues(page.lines[at], follower, size):
        return [f"{texts[0]} {follower.text.strip()}"]
    return texts


def _chapter_set_large(text: str, relative: float) -> Numbered | None:
    return signs.plain_chapter(text) if relative >= _LARGE else None


def _may_be_heading(body: Sequence[LineOnPage], at: int, size: float) -> bool:
    text = body[at].text.strip()
    before = body[at - 1].text if at else ""
    if signs.is_contents_entry(body[at].text) or signs.leads_into(before):
        return False
    numbered = signs.numbered(text)
    if numbered is not None:
        return not numbered.is_deeper
    title = signs.without_broken_number(text)
    return len(text.split()) <= 12 and signs.is_title(title) and _stands_out(body, at, size)


def _stands_out(body: Sequence[LineOnPage], at: int, size: float) -> bool:
    """Set larger, in capitals, at the top, or alone in its paragraph."""
    line = body[at]
    if size and line.box:
        return _height(line) >= 1.15 * size or at < 2
    alone = all(body[k].paragraph != line.paragraph for k in (at - 1, at + 1) if 0 <= k < len(body))
    return at < 2 or line.text.isupper() or (alone and len(line.text) < 60)


def _heading(body: Sequence[LineOnPage], at: int, size: float) -> Heading:
    text = body[at].text.strip()
    follower = body[at + 1] if at + 1 < len(body) else None
    if follower is not None and _continues(body[at], follower, size):
        text = f"{text} {follower.text.strip()}"
    numbered = signs.numbered(text) or signs.numbered(body[at].text)
    relative = _height(body[at]) / size if size else 1.0
    if numbered is None and (relative >= _LARGE or any(signs.opens_list(b.text) for b in body)):
        numbered = signs.plain_chapter(text)
    opener = any(signs.opens(line.text) for line in body[at + 1 : at + 6])
    return Heading(text, numbered, at, relative, opener)


def _continues(line: LineOnPage, follower: LineOnPage, size: float) -> bool:
    """Whether the next line is the second line of the same heading."""
    text = follower.text.strip()
    if signs.opens(text) or signs.is_label(text) or not re.match(r"[A-Za-z(]", text):
        return False
    numbered = signs.numbered(line.text)
    if numbered is not None and not numbered.title:
        return signs.is_title(text) and signs.numbered(text) is None
    if signs.dangles(line.text):
        return len(text.split()) <= 8
    is_large = size and min(_height(line), _height(follower)) >= 1.3 * size
    return bool(is_large) and len(line.text) > 40 and len(text.split()) <= 6
