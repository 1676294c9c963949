"""Pages that a model could read better than this machine did."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hornbook.model.components import Component
from hornbook.model.page import Page
from hornbook.web.pages.rows import is_to_review
from hornbook.web.views import page_view

if TYPE_CHECKING:
    from hornbook.wiring import App


def model_of(app: "App") -> str:
    """Name the model that can be shown pages; "" when none is chosen."""
    return app.models.one(Component.BOOK_INGESTION).model_id


def doubtful(app: "App", pages: Iterable[Page]) -> list[int]:
    """Which pages this machine was unsure of, that wait for a human to look at them."""
    return [
        page.page_num
        for page in pages
        if is_to_review(page)
        and page.engine == app.workshop.name
        and page_view(page).quality is not None
    ]
