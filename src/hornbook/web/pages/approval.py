"""Many pages approved in one go: at once, or after a look at a sample."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.page import Page
from hornbook.model.review import Step
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.language import _, ngettext
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.review_screen import undo_step
from hornbook.web.pages.screen import book_path, counted, render
from hornbook.web.pages.telling import Flash, act
from hornbook.web.views import PageView, page_view

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}")

THRESHOLDS = (0, 80, 90, 95)
"""Percent; 0 stands for every page that is ready."""
LINES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Share:
    """The ready pages that were read at least so well."""

    least: int
    count: int
    words: str
    href: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One page of those that would be approved."""

    view: PageView
    href: str
    words: str
    """Why this one."""
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApprovalScreen:
    """What would be approved, and three of it to look at."""

    path: str
    rev: int
    least: int
    count: int
    button: str
    shares: tuple[Share, ...]
    samples: tuple[Sample, ...]


@router.get("/approve")
def ask(request: Request, book_id: str, hornbook: Hornbook, least: int = 0) -> Response:
    """Show how many pages would be approved, and a sample of them. Raises NotFound."""
    book = hornbook.books.get(book_id)
    ready = hornbook.reviews.ready(book_id)
    least = least if least in THRESHOLDS else 0
    chosen = [page for page in ready if _percent(page) >= least]
    words = ngettext("Approve %(num)s page", "Approve %(num)s pages", len(chosen))
    screen = ApprovalScreen(
        path=book_path(book_id),
        rev=book.rev,
        least=least,
        count=len(chosen),
        button=words,
        shares=_shares(book_id, ready, least),
        samples=_samples(hornbook, chosen),
    )
    return render(request, "approve.html", section="Books", book=book, screen=screen)


@router.post("/pages/approve")
def approve(
    request: Request, book_id: str, fields: Fields, hornbook: Hornbook, user: UserName
) -> Response:
    """Approve every page that was read and not looked at; after a look, only what was shown."""
    least, rev = (_number(fields.get(name, "")) for name in ("least", "rev"))

    def tell(done: tuple[list[int], Step | None]) -> Flash:
        approved, step = done
        sentence = _("%(pages)s approved.", pages=counted(len(approved), "page"))
        return Flash("good", sentence, undo_step(hornbook, step).address if step else "")

    return act(
        request,
        book_path(book_id),
        lambda: hornbook.reviews.approve_all(book_id, user, min_confidence=least, seen_rev=rev),
        tell,
    )


def _shares(book_id: str, ready: list[Page], least: int) -> tuple[Share, ...]:
    shares = []
    for percent in THRESHOLDS:
        count = sum(_percent(page) >= percent for page in ready)
        if percent and not count:
            continue
        words = (
            _("%(percent)s%% or more: %(count)s", percent=percent, count=count)
            if percent
            else _("All that are ready: %(count)s", count=count)
        )
        href = f"{book_path(book_id)}/approve?least={percent}"
        shares.append(Share(percent, count, words, href, percent == least))
    return tuple(shares)


def _samples(app: "App", chosen: list[Page]) -> tuple[Sample, ...]:
    """Pick the least sure page, one of the middle, and the surest."""
    by_confidence = sorted(chosen, key=lambda page: (_percent(page), page.page_num))
    picks = {
        0: _("The least sure"),
        len(chosen) - 1: _("The surest"),
        len(chosen) // 2: _("From the middle"),
    }
    if len(chosen) < len(picks):
        picks = dict.fromkeys(range(len(chosen)), "")
    return tuple(_sample(app, by_confidence[at], picks[at]) for at in sorted(picks))


def _sample(app: "App", page: Page, words: str) -> Sample:
    text = app.reviews.text(page.book_id, page.page_num)
    lines = [line for line in (text.text if text else "").splitlines() if line.strip()]
    href = f"{book_path(page.book_id)}/pages/{page.page_num}/review?queue=unreviewed"
    return Sample(page_view(page), href, words, tuple(lines[:LINES_SHOWN]))


def _percent(page: Page) -> int:
    return round(page.confidence or 0)


def _number(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 10 else None
