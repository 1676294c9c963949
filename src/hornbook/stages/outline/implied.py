"""What damage hides and neighbours tell: heads that are read once, numbers that cannot be read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hornbook.stages.outline import signs
from hornbook.stages.outline.chain import Beginning
from hornbook.stages.outline.heads import Mark, parts_of
from hornbook.stages.outline.pages import Heading, Signs
from hornbook.stages.outline.signs import Number
from hornbook.stages.outline.titles import Title, likeness

_IMPLIED = "implied"
_KNOWN, _MARGIN = 66.0, 10.0
"""How much a line at a page's edge is like a title, and more than like any other, to be one."""
_BEYOND = 2
"""Numbers after the last one of a chapter that may be lacking."""
_WORTH = 1.1
"""A heading whose number cannot be read, next to 2.0 for one that can."""
_UNSEEN = 0.2
"""No heading at all: only what else the page shows, and the gap."""
_LOOKS_LIKE = 0.6
"""What openers, closers and a change of words must say for a page to begin a section unseen."""


def with_known_heads(pages: Sequence[Signs], titles: Mapping[Number, Title]) -> list[Signs]:
    """The pages with what stands at their edges and is like a title, too damaged to recur."""
    return [_with_known_head(page, titles) for page in pages]


def _with_known_head(page: Signs, titles: Mapping[Number, Title]) -> Signs:
    if any(mark.number and mark.number.section for mark in page.marks):
        return page
    is_list = any(signs.numbered(text) for text in page.body[-2:-1])
    edge = dict.fromkeys([*page.body[:2], *([] if is_list else page.body[-1:])])
    # A heading is evidence already; as its own running head it would count twice.
    own = {heading.text for heading in page.headings if heading.numbered}
    parts = [part for text in edge if text not in own for part in parts_of(text)]
    known = [number for part in parts if (number := _known(part, titles)) is not None]
    return replace(page, marks=(*page.marks, *(Mark(n, titles[n].text) for n in known)))


def _known(text: str, titles: Mapping[Number, Title]) -> Number | None:
    numbered = signs.numbered(text)
    letters = signs.letters_of(numbered.title if numbered else text)
    if len(letters) < 8:
        return None
    near = [n for n, title in titles.items() if abs(len(title.letters) - len(letters)) <= 4]
    ranked = sorted(((likeness(letters, titles[n].letters), n) for n in near), reverse=True)
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    likely, best = ranked[0] if ranked else (0.0, Number(0, 0))
    return best if best.section and likely >= max(_KNOWN, second + _MARGIN) else None


def implied(
    pages: Sequence[Signs],
    titles: Mapping[Number, Title],
    around: Sequence[float],
    chain: Sequence[Beginning],
) -> list[Beginning]:
    """Headings with a number nobody can read, once for each number that lacks between neighbours.

    The same for pages that look like a beginning (`around`) though no heading is left on them, if
    the number must stand there. A chain takes the one that closes a gap, or none.
    """
    found: list[Beginning] = []
    for before, after in zip([None, *chain], [*chain, None], strict=True):
        must, may = _lacking(before, after)
        for at in range(before.page + 1 if before else 0, after.page if after else len(pages)):
            found += _unread(at, pages[at], [*must, *may])
            if around[at] >= _LOOKS_LIKE:
                found += [_unseen(at, pages[at], number, titles) for number in must]
    return found


def _lacking(
    before: Beginning | None, after: Beginning | None
) -> tuple[list[Number], list[Number]]:
    """The numbers that must stand between two beginnings, and those that may."""
    low = before.number if before and before.number else None
    high = after.number if after and after.number else None
    if low and high and low.chapter == high.chapter:
        return _run(low.chapter, low.section + 1, high.section), []
    ends = _run(low.chapter, low.section + 1, low.section + 1 + _BEYOND) if low else []
    begins = _run(high.chapter, 1, high.section) if high else []
    return (begins, ends) if low else ([], begins)


def _run(chapter: int, first: int, end: int) -> list[Number]:
    return [Number(chapter, section) for section in range(first, end)]


def _unread(at: int, page: Signs, lacking: Sequence[Number]) -> list[Beginning]:
    return [
        Beginning(
            at, number, title, _WORTH + 0.3 * (heading.at < 4), (f"{_IMPLIED} heading {number}",)
        )
        for heading in page.headings
        for title, number in _readings(heading, lacking)
    ]


def _unseen(at: int, page: Signs, number: Number, titles: Mapping[Number, Title]) -> Beginning:
    title = _any_title(page, titles.get(number))
    return Beginning(at, number, title, _UNSEEN, (f"{_IMPLIED} {number}",))


def _any_title(page: Signs, known: Title | None) -> str:
    if known is not None:
        return known.text
    # Without a number a long line is rather a sentence, and no title is better than a wrong one.
    first = next((one.text for one in page.headings if one.at < 2 and one.numbered is None), "")
    return "" if signs.opens(first) or signs.is_label(first) or len(first.split()) > 8 else first


def _readings(heading: Heading, lacking: Sequence[Number]) -> list[tuple[str, Number]]:
    if heading.numbered is not None and heading.numbered.certainty >= 0.8:
        return []
    broken = signs.broken_number(heading.text)
    if broken is None:
        return []
    chapter, section, title = broken
    return [
        (title, number)
        for number in lacking
        if chapter in {0, number.chapter} and section in {0, number.section}
    ]


def is_implied(one: Beginning) -> bool:
    """Whether nobody read the number of a section anywhere near its beginning."""
    return one.reasons[0].startswith(_IMPLIED) and not any(
        reason.startswith(("numbered", "running")) for reason in one.reasons
    )
