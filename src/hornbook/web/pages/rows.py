"""A page as one row of the list: what it is, how far it came, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from hornbook.model.page import OcrStatus, Page, PageCounts, ReviewStatus
from hornbook.web.causes import is_final
from hornbook.web.language import _, noted
from hornbook.web.pages.screen import book_path
from hornbook.web.sentences import told
from hornbook.web.views import PAGE_STATES, page_view

REVIEW_PILLS = {
    ReviewStatus.APPROVED: ("good", noted("Approved")),
    ReviewStatus.REJECTED: ("", noted("Rejected")),
}
FILTERS = {
    "": noted("All"),
    "failed": noted("Failed"),
    "review": noted("To review"),
    "approved": noted("Approved"),
    "rejected": noted("Rejected"),
    "pending": noted("Pending"),
    "processing": noted("Processing"),
    "completed": noted("Completed"),
}
SHOWN_FILTERS = ("", "failed", "review", "approved")
"""The chips; the others can be reached by address."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as an icon and a word, never by colour alone."""

    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Pill:
    """A tinted word."""

    tone: str
    word: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to do about a page: a button that does it, or a link to where it is done."""

    words: str
    address: str
    is_link: bool = False
    look: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the page list."""

    page_num: int
    path: str
    file_name: str
    thumbnail: str | None
    mark: Mark
    review: Pill | None
    confidence: str
    is_low: bool
    lead: Deed | None
    """What to do first."""
    more: tuple[Deed, ...]
    """What else helps where reading failed."""
    error: str
    hint: str
    rev: int
    """The book's revision when the page last changed."""

    @property
    def number(self) -> int:
        """What the list is ordered by."""
        return self.page_num


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter with its number, as a link."""

    words: str
    href: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Which pages of a book are looked at; an address says it."""

    status: str = ""
    words: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.status and not self.words

    def address(self, book_id: str, status: str | None = None) -> str:
        """Where this choice is shown, or the same one with another state."""
        given = {"status": self.status if status is None else status, "q": self.words}
        query = urlencode({name: value for name, value in given.items() if value})
        return book_path(book_id) + (f"?{query}" if query else "")


def row(page: Page) -> Row:
    """Show a page."""
    view = page_view(page)
    is_failed = is_failed_page(page)
    deeds = _deeds(page)
    return Row(
        page_num=page.page_num,
        path=_path(page),
        file_name=page.file_name,
        thumbnail=view.thumbnail_url,
        mark=Mark(page.ocr_status.value, _(PAGE_STATES[page.ocr_status])),
        review=_pill(page),
        confidence=view.confidence_label or "",
        is_low=view.quality is not None,
        lead=deeds[0] if deeds else None,
        more=deeds[1:],
        error=_sentence(page.ocr_error) if is_failed else "",
        hint=view.hint or "" if is_failed else "",
        rev=page.rev,
    )


def matches(page: Page, status: str) -> bool:
    """Whether the page belongs to a filter; an unknown filter holds nothing."""
    if status in {"", "all"}:
        return True
    if status == "review":
        return is_to_review(page)
    if status == "failed":
        return is_failed_page(page)
    if status in {"approved", "rejected"}:
        return page.review.value == status
    return page.ocr_status.value == status


def is_failed_page(page: Page) -> bool:
    """Whether reading failed and nobody has skipped the page."""
    return page.ocr_status is OcrStatus.FAILED and page.review is not ReviewStatus.REJECTED


def is_to_review(page: Page) -> bool:
    """Whether a human should look: it was read, and nobody decided."""
    is_read = page.ocr_status is OcrStatus.COMPLETED
    return is_read and page.review is ReviewStatus.PENDING_REVIEW


def chips(book_id: str, pages: Iterable[Page], choice: Choice) -> tuple[Chip, ...]:
    """Every filter with its number, also when it is 0."""
    listed, on = list(pages), choice.status
    names = [*SHOWN_FILTERS, *({on} & (FILTERS.keys() - set(SHOWN_FILTERS)))]
    return tuple(
        Chip(
            f"{_(FILTERS[name])} {sum(matches(page, name) for page in listed)}",
            choice.address(book_id, name),
            name == on,
        )
        for name in names
    )


def sums(counts: PageCounts) -> tuple[tuple[str, int], ...]:
    """Count how the pages ended, and the total that this adds up to."""
    return (
        (_("Used"), counts.used),
        (_("Without teaching content"), counts.no_content),
        (_("Blank"), counts.blank),
        (_("Failed"), counts.failed),
        (_("Skipped"), counts.skipped),
        (_("Open"), counts.open),
        (_("Total"), counts.total),
    )


def _path(page: Page) -> str:
    return f"{book_path(page.book_id)}/pages/{page.page_num}"


def _pill(page: Page) -> Pill | None:
    if page.review in REVIEW_PILLS:
        tone, word = REVIEW_PILLS[page.review]
        return Pill(tone, _(word))
    return Pill("", _("Blank")) if page.is_blank else None


def _deeds(page: Page) -> tuple[Deed, ...]:
    """Lead with what helps: trying again is no help where the same result is certain."""
    path = _path(page)
    if not is_failed_page(page):
        is_read = page.ocr_status is OcrStatus.COMPLETED
        return (Deed(_("Review"), f"{path}/review", is_link=True, look="quiet"),) if is_read else ()
    retry = Deed(_("Retry"), f"{path}/retry")
    replace = Deed(_("Replace image"), f"{path}/review#new-image", is_link=True)
    type_text = Deed(_("Type the text"), f"{path}/review", is_link=True, look="quiet")
    skip = Deed(_("Skip page"), f"{path}/skip", look="quiet")
    if is_final(page.ocr_error_type, page.ocr_error_class):
        return replace, type_text, skip, Deed(retry.words, retry.address, look="quiet")
    return retry, Deed(_("Open"), f"{path}/review", is_link=True, look="quiet")


def _sentence(error: str | None) -> str:
    text = told(error or "") or _("The page could not be read")
    return text if text.endswith((".", "!", "?")) else f"{text}."
