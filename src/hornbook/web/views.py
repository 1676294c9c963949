"""What a page looks like: built once here, rendered as JSON and as HTML."""

from dataclasses import dataclass
from urllib.parse import quote

from hornbook.model.job import ErrorType
from hornbook.model.page import OcrStatus, Page, ReviewStatus
from hornbook.web.causes import is_final, page_hint
from hornbook.web.language import _, noted

UNREADABLE_BELOW = 60
NEEDS_REVIEW_BELOW = 80
PAGE_STATES = {
    OcrStatus.PENDING: noted("Pending"),
    OcrStatus.PROCESSING: noted("Processing"),
    OcrStatus.COMPLETED: noted("Completed"),
    OcrStatus.FAILED: noted("Failed"),
}
PAGE_ACTIONS: dict[ErrorType, tuple[str, ...]] = {
    ErrorType.RETRYABLE: ("retry", "replace", "edit", "reject"),
    ErrorType.TERMINAL: ("replace", "edit", "reject", "retry"),
}


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything a row of the page list says of a page."""

    page: Page
    state: str
    """Pending, Processing, Completed, Failed, Blank, Approved or Rejected."""
    hint: str | None
    actions: tuple[str, ...]
    """What the admin may do, the best first: retry, replace, edit, reject, approve, unreview."""
    quality: str | None
    """Either "unreadable" or "needs review", by confidence; `None` when good or unknown."""
    image_url: str | None
    screen_url: str | None
    thumbnail_url: str | None
    text_url: str | None

    @property
    def page_num(self) -> int:
        """Its place in the book."""
        return self.page.page_num

    @property
    def first_action(self) -> str | None:
        """The action to lead with."""
        return self.actions[0] if self.actions else None

    @property
    def confidence_label(self) -> str | None:
        """Such as "96%"."""
        confidence = self.page.confidence
        return None if confidence is None else f"{round(confidence)}%"


def page_view(page: Page) -> PageView:
    """Show one page."""
    has_image = page.image_revision > 0
    return PageView(
        page=page,
        state=_page_state(page),
        hint=_page_hint(page),
        actions=_page_actions(page),
        quality=_quality(page),
        image_url=image_url(page) if has_image else None,
        screen_url=image_url(page, "screen") if has_image else None,
        thumbnail_url=image_url(page, "thumbnail") if has_image else None,
        text_url=text_url(page) if page.text_revision else None,
    )


def image_url(page: Page, size: str = "full") -> str:
    """Where the page's image is; the address changes with the image, so that it may be cached."""
    suffix = "" if size == "full" else f"&size={size}"
    return f"{_page_path(page)}/image?v={image_version(page)}{suffix}"


def text_url(page: Page) -> str:
    """Where the page's text is; the address changes with the text."""
    return f"{_page_path(page)}/text?v={text_version(page)}"


def image_version(page: Page) -> str:
    """Name this image of this page; `page_num` alone goes to another page after a move."""
    return f"{page.number}.{page.image_revision}"


def text_version(page: Page) -> str:
    """Name this text of this page."""
    return f"{page.number}.{page.text_revision}"


def _page_path(page: Page) -> str:
    return f"/admin/books/{quote(page.book_id, safe='')}/pages/{page.page_num}"


def _page_state(page: Page) -> str:
    if page.review is ReviewStatus.REJECTED:
        return _("Rejected")
    if page.ocr_status is not OcrStatus.COMPLETED:
        return _(PAGE_STATES[page.ocr_status])
    if page.review is ReviewStatus.APPROVED:
        return _("Approved")
    return _("Blank") if page.is_blank else _("Completed")


def _page_hint(page: Page) -> str | None:
    if page.ocr_status is not OcrStatus.FAILED or page.review is ReviewStatus.REJECTED:
        return None
    error_type = page.ocr_error_type or ErrorType.RETRYABLE
    return page_hint(page.ocr_error or "", error_type, page.ocr_error_class)


def _page_actions(page: Page) -> tuple[str, ...]:
    if page.review is not ReviewStatus.PENDING_REVIEW:
        return ("unreview",)
    if page.ocr_status is OcrStatus.FAILED:
        is_same_again = is_final(page.ocr_error_type, page.ocr_error_class)
        return PAGE_ACTIONS[ErrorType.TERMINAL if is_same_again else ErrorType.RETRYABLE]
    if page.ocr_status is OcrStatus.COMPLETED:
        return ("approve", "reject", "edit", "retry")
    return ("reject",)


def _quality(page: Page) -> str | None:
    is_read = page.ocr_status is OcrStatus.COMPLETED and not page.is_blank
    if not is_read or page.confidence is None:
        return None
    # The figure beside it is rounded, and must not contradict.
    shown = round(page.confidence)
    if shown >= NEEDS_REVIEW_BELOW:
        return None
    return _("unreadable") if shown < UNREADABLE_BELOW else _("needs review")
