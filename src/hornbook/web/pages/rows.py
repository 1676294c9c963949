"""A page as one row of the list: what it is, how far it came, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from hornbook.model.job import ErrorType
from hornbook.model.page import OcrStatus, Page, PageCounts, ReviewStatus
from hornbook.web.pages.screen import book_path
from hornbook.web.views import page_view

REVIEW_PILLS = {
    ReviewStatus.APPROVED: ("good", "Approved"),
    ReviewStatus.REJECTED: ("", "Rejected"),
}
FILTERS = {
    "": "All",
    "failed": "Failed",
    "review": "To review",
    "approved": "Approved",
    "rejected": "Rejected",
    "pending": "Pending",
    "processing": "Processing",
    "completed": "Completed",
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
class Row:
    """One row of the page list."""

    page_num: int
    path: str
    file_name: str
    mark: Mark
    review: Pill | None
    confidence: str
    is_low: bool
    action: str
    """`Retry`, `Mend`, `Review`, or nothing."""
    error: str
    hint: str
    is_terminal: bool
    rev: int
    """The book's revision when the page last changed."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter with its number, as a link."""

    words: str
    href: str
    is_on: bool


def row(page: Page) -> Row:
    """Show a page."""
    view = page_view(page)
    is_failed = page.ocr_status is OcrStatus.FAILED and page.review is not ReviewStatus.REJECTED
    is_terminal = is_failed and page.ocr_error_type == ErrorType.TERMINAL
    return Row(
        page_num=page.page_num,
        path=f"{book_path(page.book_id)}/pages/{page.page_num}",
        file_name=page.file_name,
        mark=Mark(page.ocr_status.value, page.ocr_status.value.capitalize()),
        review=_pill(page),
        confidence=view.confidence_label or "",
        is_low=view.quality is not None,
        action=_action(page, is_failed=is_failed, is_terminal=is_terminal),
        error=_sentence(page.ocr_error) if is_failed else "",
        hint=view.hint or "" if is_failed else "",
        is_terminal=is_terminal,
        rev=page.rev,
    )


def matches(page: Page, status: str) -> bool:
    """Whether the page belongs to a filter; an unknown filter holds nothing."""
    if status in {"", "all"}:
        return True
    if status == "review":
        return is_to_review(page)
    if status in {"approved", "rejected"}:
        return page.review.value == status
    return page.ocr_status.value == status


def is_to_review(page: Page) -> bool:
    """Whether a human should look: it was read, and nobody decided."""
    is_read = page.ocr_status is OcrStatus.COMPLETED
    return is_read and page.review is ReviewStatus.PENDING_REVIEW


def chips(book_id: str, pages: Iterable[Page], status: str) -> tuple[Chip, ...]:
    """Every filter with its number, also when it is 0."""
    listed = list(pages)
    names = [*SHOWN_FILTERS, *({status} & (FILTERS.keys() - set(SHOWN_FILTERS)))]
    return tuple(
        Chip(
            f"{FILTERS[name]} {sum(matches(page, name) for page in listed)}",
            book_path(book_id) + (f"?status={name}" if name else ""),
            name == status,
        )
        for name in names
    )


def sums(counts: PageCounts) -> tuple[tuple[str, int], ...]:
    """Count how the pages ended, and the total that this adds up to."""
    return (
        ("Used", counts.used),
        ("Without teaching content", counts.no_content),
        ("Blank", counts.blank),
        ("Failed", counts.failed),
        ("Skipped", counts.skipped),
        ("Open", counts.open),
        ("Total", counts.total),
    )


def _pill(page: Page) -> Pill | None:
    if page.review in REVIEW_PILLS:
        return Pill(*REVIEW_PILLS[page.review])
    return Pill("", "Blank") if page.is_blank else None


def _action(page: Page, *, is_failed: bool, is_terminal: bool) -> str:
    """Lead with what helps: trying again is no help where the same result is certain."""
    if is_failed:
        return "Mend" if is_terminal else "Retry"
    return "Review" if page.ocr_status is OcrStatus.COMPLETED else ""


def _sentence(error: str | None) -> str:
    text = error or "The page could not be read"
    return text if text.endswith((".", "!", "?")) else f"{text}."
