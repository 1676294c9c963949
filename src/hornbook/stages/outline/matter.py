"""Pages that teach nothing: title, copyright, contents, index and what follows a book."""

import re
from collections.abc import Sequence

from hornbook.model.text import DASHES
from hornbook.stages.outline import signs
from hornbook.stages.outline.pages import OutlinePage, Signs, read_signs

_IMPRINT = re.compile(
    r"copyright|©\s*(?:19|20)\d\d|\bisbn\b|all rights reserved|published by|"
    r"creative commons|printed in|"
    r"library of congress|\blicen[cs]e|\bedition\b|\bpublisher\b",
    re.IGNORECASE,
)
_FRONT = frozenset(
    {
        "preface", "foreword", "acknowledgements", "acknowledgments", "about the author",
        "about the authors", "dedication", "how to use this book", "to the teacher",
        "to the student", "to the reader", "introduction to the book", "about this book",
    }
)  # fmt: skip
_BACK = frozenset(
    {
        "index", "answer key", "answers", "references", "bibliography", "acknowledgements",
        "acknowledgments", "image credits", "credits", "answers to exercises", "solutions",
        "answers to odd numbered exercises", "notes", "about the author",
    }
)  # fmt: skip
_INDEX_LINE = re.compile(rf"^[^\W\d_][^=+]*,\s?\d{{1,3}}(?:\s*[,;{DASHES[1:]}-]\s*\d{{1,3}})*$")


def prose_words(page: Signs) -> int:
    """Words in lines long enough to be sentences."""
    counts = (len(text.split()) for text in page.body if not signs.numbered(text))
    return sum(count for count in counts if count >= 6)


def is_numbered(page: Signs) -> bool:
    """Whether a heading with a number stands on the page."""
    return any(one.numbered and one.numbered.certainty > 0.5 for one in page.headings)


def without_content(pages: Sequence[Signs]) -> frozenset[int]:
    """Indexes of the pages that teach nothing."""
    return frozenset({*_front(pages), *_back(pages), *_anywhere(pages)})


def _anywhere(pages: Sequence[Signs]) -> set[int]:
    return {at for at, page in enumerate(pages) if page.is_contents or not page.body}


def _front(pages: Sequence[Signs]) -> set[int]:
    """Up to the first page that teaches: imprint, title pages, contents, prefaces."""
    found: set[int] = set()
    for at, page in enumerate(pages[: max(8, len(pages) // 10)]):
        if page.has_opener or is_numbered(page):
            break
        if _is_imprint(page) or _is_title_page(page) or _is_named(page, _FRONT) or page.is_contents:
            found.add(at)
        elif not found or (prose_words(page) >= 60 and not _follows_preface(pages, at, found)):
            break
        else:
            found.add(at)
    return found


def _follows_preface(pages: Sequence[Signs], at: int, found: set[int]) -> bool:
    """Whether the page goes on with a preface, and a numbered beginning is still to come."""
    is_after = at - 1 in found and prose_words(pages[at - 1]) >= 60
    return is_after and any(
        is_numbered(page) or page.has_opener for page in pages[at + 1 : at + 12]
    )


def _is_imprint(page: Signs) -> bool:
    return sum(bool(_IMPRINT.search(text)) for text in page.body) >= 2 and prose_words(page) < 400


def _is_title_page(page: Signs) -> bool:
    total = sum(len(text.split()) for text in page.body)
    return total < 30 and prose_words(page) < 10


def _is_named(page: Signs, names: frozenset[str]) -> bool:
    return any(signs.letters_of(text) in names for text in page.body[:2])


def _back(pages: Sequence[Signs]) -> set[int]:
    """From an index or answer key to the end, when no numbered section follows it."""
    count = len(pages)
    for at in range(max(2, count - max(3, count // 4)), count):
        if _is_named(pages[at], _BACK) and not any(is_numbered(p) for p in pages[at + 1 :]):
            return set(range(at, count))
    return {at for at in range(count // 2, count) if count > 3 and _is_index(pages[at])}


def _is_index(page: Signs) -> bool:
    lines = sum(bool(_INDEX_LINE.match(text)) for text in page.body)
    return lines >= 8 and lines >= 0.6 * len(page.body)


def teaches_nothing(page: OutlinePage) -> bool:
    """Whether one page alone is plainly contents, imprint, index or empty."""
    (shown,) = read_signs([page])
    is_back = _is_named(shown, frozenset({"index", "answer key"})) or _is_index(shown)
    return shown.is_contents or not shown.body or _is_imprint(shown) or is_back
