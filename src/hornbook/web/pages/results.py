"""What each page of a book gave."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.contents import PageOutcome, PageResult
from hornbook.web.api.common import Hornbook
from hornbook.web.language import _, noted
from hornbook.web.pages.guideline_screen import tabs
from hornbook.web.pages.rows import Chip, Mark
from hornbook.web.pages.screen import book_path, render

router = APIRouter(prefix="/books/{book_id}/results")

OUTCOMES = {
    PageOutcome.USED: Mark("completed", noted("Completed")),
    PageOutcome.NO_CONTENT: Mark("blank", noted("No teaching content")),
    PageOutcome.BLANK: Mark("blank", noted("Blank")),
    PageOutcome.FAILED: Mark("failed", noted("Failed")),
    PageOutcome.SKIPPED: Mark("rejected", noted("Skipped")),
    PageOutcome.OPEN: Mark("pending", noted("Open")),
}


@dataclass(frozen=True, slots=True)
class ShownResult:
    """What came of one page."""

    result: PageResult
    mark: Mark
    path: str


@router.get("")
def show(request: Request, book_id: str, hornbook: Hornbook, outcome: str = "") -> Response:
    """Show what came of every page; raises NotFound."""
    book = hornbook.books.get(book_id)
    results = hornbook.guidelines.page_results(book_id)
    return render(
        request,
        "results.html",
        section="Books",
        book=book,
        path=book_path(book_id),
        tabs=tabs(hornbook, book_id, "results"),
        chips=_chips(book_id, results, outcome),
        results=[_shown(book_id, one) for one in results if outcome in {"", one.outcome}],
    )


def _shown(book_id: str, result: PageResult) -> ShownResult:
    mark = OUTCOMES[result.outcome]
    path = f"{book_path(book_id)}/pages/{result.page_num}/review"
    return ShownResult(result, Mark(mark.icon, _(mark.word)), path)


def _chips(book_id: str, results: list[PageResult], chosen: str) -> list[Chip]:
    path = f"{book_path(book_id)}/results"
    chips = [Chip(f"{_('All')} {len(results)}", path, not chosen)]
    for outcome, mark in OUTCOMES.items():
        number = sum(result.outcome is outcome for result in results)
        href = f"{path}?outcome={outcome}"
        chips.append(Chip(f"{_(mark.word)} {number}", href, chosen == outcome))
    return chips
