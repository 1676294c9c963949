"""What each page of a book gave: its topic and subtopic, or why there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.contents import PageOutcome, PageResult
from hornbook.model.job import ErrorType
from hornbook.web.api.common import Hornbook
from hornbook.web.causes import is_final, page_hint
from hornbook.web.language import _, ngettext, noted
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.guideline_screen import anchor, tabs
from hornbook.web.pages.jobs import chosen_pages, told_pages
from hornbook.web.pages.rows import Chip, Mark, is_failed_page
from hornbook.web.pages.screen import book_path, render
from hornbook.web.pages.telling import act

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}/results")

OUTCOMES = {
    PageOutcome.USED: Mark("completed", noted("Completed")),
    PageOutcome.NO_CONTENT: Mark("blank", noted("No teaching content")),
    PageOutcome.BLANK: Mark("blank", noted("Blank")),
    PageOutcome.FAILED: Mark("failed", noted("Failed")),
    PageOutcome.SKIPPED: Mark("rejected", noted("Skipped")),
    PageOutcome.OPEN: Mark("pending", noted("Open")),
}
FILTERS: dict[str, tuple[str, frozenset[PageOutcome]]] = {
    "": (noted("All"), frozenset(PageOutcome)),
    "failed": (noted("Failed"), frozenset({PageOutcome.FAILED})),
    "done": (noted("Done"), frozenset({PageOutcome.USED})),
    "without": (
        noted("Without content"),
        frozenset({PageOutcome.NO_CONTENT, PageOutcome.BLANK}),
    ),
    "skipped": (noted("Skipped"), frozenset({PageOutcome.SKIPPED})),
    "open": (noted("Open"), frozenset({PageOutcome.OPEN})),
}
GROUPINGS = {"topic": noted("By topic"), "error": noted("By error")}


@dataclass(frozen=True, slots=True)
class ShownResult:
    """What came of one page, and what can be done about it."""

    result: PageResult
    mark: Mark
    path: str
    place: str
    """Where its guideline is read."""
    hint: str
    is_terminal: bool
    """Trying again gives the same result."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that went to the same subtopic, or that failed alike."""

    heading: str
    over: str
    """The topic of the subtopic."""
    href: str
    results: tuple[ShownResult, ...]
    is_failed: bool

    @property
    def pages(self) -> str:
        """The pages as a form names them."""
        return ".".join(str(one.result.page_num) for one in self.results)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which results are looked at, and how; an address says it."""

    show: str
    by: str

    def address(self, book_id: str, **other: str) -> str:
        """Where this choice is shown, or one that differs from it."""
        query = {"show": self.show, "by": self.by, **other}
        given = urlencode({name: value for name, value in query.items() if value})
        return f"{book_path(book_id)}/results" + (f"?{given}" if given else "")


@router.get("")
def show(
    request: Request, book_id: str, hornbook: Hornbook, show: str = "", by: str = ""
) -> Response:
    """Show what came of every page; raises NotFound."""
    book = hornbook.books.get(book_id)
    results = hornbook.guidelines.page_results(book_id)
    choice = Choice(show if show in FILTERS else "", by if by in GROUPINGS else "")
    wanted = FILTERS[choice.show][1]
    shown = [_shown(book_id, one) for one in results if one.outcome in wanted]
    return render(
        request,
        "results.html",
        section="Books",
        book=book,
        path=book_path(book_id),
        tabs=tabs(hornbook, book_id, "results"),
        chips=_chips(book_id, results, choice),
        groupings=_groupings(book_id, choice),
        results=[] if choice.by else shown,
        groups=_groups(shown, choice.by),
        is_grouped=bool(choice.by),
        all_path=f"{book_path(book_id)}/results",
        is_any=bool(results),
        is_busy=book.has_active_job,
    )


@router.post("/retry")
def retry(request: Request, book_id: str, fields: Fields, hornbook: Hornbook) -> Response:
    """Do again what failed at these pages: the reading, where that failed, else the guidelines."""
    return act(
        request,
        book_path(book_id),
        lambda: _retry(hornbook, book_id, chosen_pages(fields)),
        lambda sentence: sentence,
    )


def _retry(app: "App", book_id: str, wanted: Sequence[int]) -> str:
    unread = {page.page_num for page in app.reviews.pages(book_id) if is_failed_page(page)}
    if unread & set(wanted):
        return told_pages(app.reading.retry(book_id, sorted(unread & set(wanted))))
    return app.generate.start(book_id, resume=True, only=wanted).message


def _shown(book_id: str, result: PageResult) -> ShownResult:
    mark, path = OUTCOMES[result.outcome], book_path(book_id)
    place = ""
    if result.topic_key and result.subtopic_key:
        place = f"{path}/guidelines#{quote(anchor(result.topic_key, result.subtopic_key))}"
    is_failed = result.outcome is PageOutcome.FAILED
    kind = result.error_type or ErrorType.RETRYABLE
    return ShownResult(
        result=result,
        mark=Mark(mark.icon, _(mark.word)),
        path=f"{path}/pages/{result.page_num}/review",
        place=place,
        hint=page_hint(result.error or "", kind, result.error_class) if is_failed else "",
        is_terminal=is_final(kind, result.error_class),
    )


def _chips(book_id: str, results: Sequence[PageResult], choice: Choice) -> list[Chip]:
    """Every filter with its number; those of rare outcomes only where there are any."""
    chips = []
    for name, (words, outcomes) in FILTERS.items():
        number = sum(result.outcome in outcomes for result in results)
        if number or name not in {"skipped", "open"} or name == choice.show:
            address = choice.address(book_id, show=name)
            chips.append(Chip(f"{_(words)} {number}", address, name == choice.show))
    return chips


def _groupings(book_id: str, choice: Choice) -> list[Chip]:
    """Toggle each way to group."""
    return [
        Chip(
            _(words),
            choice.address(book_id, by="" if choice.by == name else name),
            choice.by == name,
        )
        for name, words in GROUPINGS.items()
    ]


def _groups(shown: Sequence[ShownResult], by: str) -> list[Group]:
    if by == "topic":
        return _by_topic([one for one in shown if one.place])
    if by == "error":
        return _by_error([one for one in shown if one.result.outcome is PageOutcome.FAILED])
    return []


def _by_topic(shown: Sequence[ShownResult]) -> list[Group]:
    """In the order of the book; the pages of a subtopic need not follow one another."""
    places = list(dict.fromkeys(one.place for one in shown))
    groups = []
    for _place, found in groupby(
        sorted(shown, key=lambda one: places.index(one.place)), key=lambda one: one.place
    ):
        pages = tuple(found)
        first = pages[0]
        heading, over = first.result.subtopic_title or "", first.result.topic_title or ""
        groups.append(Group(heading, over, first.place, pages, is_failed=False))
    return groups


def _by_error(shown: Sequence[ShownResult]) -> list[Group]:
    """The most frequent first."""
    alike: dict[str, list[ShownResult]] = {}
    for one in shown:
        # Pages that failed alike name different numbers.
        alike.setdefault(re.sub(r"\d+", "#", one.result.error or ""), []).append(one)
    return [
        Group(_headed(pages), "", "", tuple(pages), is_failed=True)
        for pages in sorted(alike.values(), key=len, reverse=True)
    ]


def _headed(pages: Sequence[ShownResult]) -> str:
    return ngettext("%(num)s page failed so", "%(num)s pages failed so", len(pages))
