"""A book's guidelines: read, traced to their pages, edited by hand, approved, rejected."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import HornbookError
from hornbook.model.contents import PageOutcome, PageResult, Source
from hornbook.model.guideline import Subtopic
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.pages.asking import Question, ask, trail_to
from hornbook.web.pages.book_screen import show_job
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.journey import stage_bar
from hornbook.web.pages.rows import Chip, Mark
from hornbook.web.pages.screen import book_path, counted, render
from hornbook.web.pages.telling import act
from hornbook.web.problems import sentence_of

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}")

T = TypeVar("T")

OUTCOMES = {
    PageOutcome.USED: Mark("completed", "Completed"),
    PageOutcome.NO_CONTENT: Mark("blank", "No teaching content"),
    PageOutcome.BLANK: Mark("blank", "Blank"),
    PageOutcome.FAILED: Mark("failed", "Failed"),
    PageOutcome.SKIPPED: Mark("rejected", "Skipped"),
    PageOutcome.OPEN: Mark("pending", "Open"),
}


@dataclass(frozen=True, slots=True)
class ShownSubtopic:
    """A subtopic with its addresses, and the candidate beside it if there is one."""

    subtopic: Subtopic
    anchor: str
    path: str
    pages: str
    candidate: str | None


@dataclass(frozen=True, slots=True)
class ShownTopic:
    """A topic with its subtopics."""

    title: str
    summary: str
    subtopics: tuple[ShownSubtopic, ...]


@dataclass(frozen=True, slots=True)
class ShownSource:
    """One statement with the address of the place it came from."""

    source: Source
    kind: str
    href: str


@dataclass(frozen=True, slots=True)
class ShownResult:
    """What came of one page."""

    result: PageResult
    mark: Mark
    path: str


@router.get("/guidelines")
def show(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Show every topic with its subtopics; raises NotFound."""
    book = hornbook.books.get(book_id)
    subtopics = hornbook.guidelines.subtopics(book_id)
    return render(
        request,
        "guidelines.html",
        section="Books",
        book=book,
        path=book_path(book_id),
        stages=stage_bar(book, show_job(hornbook, book_id)),
        topics=_topics(hornbook, book_id, subtopics),
        count=len(subtopics),
        decisions=hornbook.finalize.decisions(book_id),
        withheld=hornbook.publish.withheld(book_id),
        read=len(hornbook.guidelines.processed_pages(book_id)),
    )


@router.get("/results")
def show_results(request: Request, book_id: str, hornbook: Hornbook, outcome: str = "") -> Response:
    """Show what came of every page; raises NotFound."""
    book = hornbook.books.get(book_id)
    results = hornbook.guidelines.page_results(book_id)
    return render(
        request,
        "results.html",
        section="Books",
        book=book,
        path=book_path(book_id),
        chips=_outcome_chips(book_id, results, outcome),
        results=[
            ShownResult(
                result,
                OUTCOMES[result.outcome],
                f"{book_path(book_id)}/pages/{result.page_num}/review",
            )
            for result in results
            if not outcome or result.outcome == outcome
        ],
    )


@router.post("/guidelines/approve")
def approve_all(request: Request, book_id: str, hornbook: Hornbook, user: UserName) -> Response:
    """Approve and publish all guidelines."""
    return _act(
        request,
        book_id,
        lambda: hornbook.publish.approve_all(book_id, user),
        lambda done: f"{counted(done.approved_count, 'guideline')} approved and published.",
    )


@router.get("/guidelines/reject")
def ask_to_reject(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Ask before all guidelines are deleted."""
    path = f"{book_path(book_id)}/guidelines"
    number = len(hornbook.guidelines.subtopics(book_id))
    question = Question(
        heading="Reject these guidelines?",
        sentences=(
            f"{counted(number, 'guideline')} will be deleted, also where they are published.",
            "Your edits of them go too.",
            "Pages and their texts stay: guidelines can be generated again.",
        ),
        address=f"{path}/reject",
        back=path,
        trail=trail_to(hornbook.books.get(book_id)),
        button=f"Reject {counted(number, 'guideline')}",
        look="danger",
    )
    return ask(request, question)


@router.post("/guidelines/reject")
def reject(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Delete everything generated, or say why not."""
    return _act(
        request,
        book_id,
        lambda: hornbook.guidelines.reject(book_id),
        lambda _: "The guidelines were rejected and are gone.",
    )


@router.post("/withheld/{subtopic_id}/offer")
def offer_again(request: Request, book_id: str, subtopic_id: str, hornbook: Hornbook) -> Response:
    """Let the next sync publish a guideline that was taken out."""
    return _act(
        request,
        book_id,
        lambda: hornbook.publish.offer_again(book_id, subtopic_id),
        lambda _: "The next Publish takes it along.",
    )


@router.post("/decisions/{decision_id}/{verb}")
def change_decision(
    request: Request, book_id: str, decision_id: str, verb: str, hornbook: Hornbook
) -> Response:
    """Take back a change of Refine & Consolidate, or make it again."""
    change = hornbook.finalize.redo if verb == "redo" else hornbook.finalize.undo
    return _act(
        request,
        book_id,
        lambda: change(book_id, decision_id),
        lambda decision: (
            f"“{decision.before}” "
            f"{'stays as it was' if decision.is_undone else 'was changed again'}."
        ),
    )


@router.get("/guidelines/{topic_key}/{subtopic_key}/edit")
def show_editor(
    request: Request, book_id: str, topic_key: str, subtopic_key: str, hornbook: Hornbook
) -> Response:
    """Show a guideline's text to be edited; raises NotFound."""
    subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
    return _editor(request, hornbook, book_id, subtopic)


@router.post("/guidelines/{topic_key}/{subtopic_key}/edit")
def edit(
    request: Request,
    book_id: str,
    topic_key: str,
    subtopic_key: str,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
) -> Response:
    """Keep a human's text; one that cannot be kept is shown again with the reason."""
    typed, given = fields.get("guidelines", ""), fields.get("version", "")
    version = int(given) if given.isdecimal() else None
    try:
        hornbook.guidelines.edit(book_id, topic_key, subtopic_key, typed, version, by=user)
    except HornbookError as error:
        subtopic = hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key)
        return _editor(request, hornbook, book_id, subtopic, typed=typed, said=sentence_of(error))
    return _act(request, book_id, lambda: None, lambda _: "Guideline saved.", _anchor(subtopic_key))


@router.post("/guidelines/{topic_key}/{subtopic_key}/choose")
def choose(
    request: Request,
    book_id: str,
    topic_key: str,
    subtopic_key: str,
    fields: Fields,
    hornbook: Hornbook,
    user: UserName,
) -> Response:
    """Take the new text, or keep the human's."""
    is_taken = fields.get("take") == "candidate"
    return _act(
        request,
        book_id,
        lambda: hornbook.guidelines.choose(
            book_id, topic_key, subtopic_key, take_candidate=is_taken, by=user
        ),
        lambda _: "The new text was taken." if is_taken else "Your text was kept.",
        _anchor(subtopic_key),
    )


@router.get("/guidelines/{topic_key}/{subtopic_key}/sources")
def show_sources(
    request: Request, book_id: str, topic_key: str, subtopic_key: str, hornbook: Hornbook
) -> Response:
    """Show every statement of a guideline with its words on the page; raises NotFound."""
    found = hornbook.guidelines.sources(book_id, topic_key, subtopic_key)
    return render(
        request,
        "sources.html",
        section="Books",
        book=hornbook.books.get(book_id),
        path=book_path(book_id),
        subtopic=hornbook.guidelines.subtopic(book_id, topic_key, subtopic_key),
        sources=[_source(book_id, source) for source in found],
    )


def _editor(
    request: Request,
    app: "App",
    book_id: str,
    subtopic: Subtopic,
    *,
    typed: str | None = None,
    said: str = "",
) -> Response:
    return render(
        request,
        "guideline_edit.html",
        409 if said else 200,
        section="Books",
        book=app.books.get(book_id),
        path=book_path(book_id),
        subtopic=subtopic,
        typed=typed,
        said=said,
    )


def _act(
    request: Request,
    book_id: str,
    do: Callable[[], T],
    tell: Callable[[T], str],
    anchor: str = "",
) -> Response:
    return act(request, f"{book_path(book_id)}/guidelines{anchor}", do, tell)


def _anchor(subtopic_key: str) -> str:
    return f"#{quote(subtopic_key)}"


def _topics(app: "App", book_id: str, subtopics: list[Subtopic]) -> list[ShownTopic]:
    in_topics = groupby(subtopics, key=lambda subtopic: subtopic.topic_key)
    topics = []
    for _, group in in_topics:
        members = list(group)
        shown = tuple(_subtopic(app, book_id, subtopic) for subtopic in members)
        topics.append(ShownTopic(members[0].topic_title, members[0].topic_summary, shown))
    return topics


def _subtopic(app: "App", book_id: str, subtopic: Subtopic) -> ShownSubtopic:
    keys = f"{quote(subtopic.topic_key)}/{quote(subtopic.subtopic_key)}"
    candidate = None
    if subtopic.has_candidate:
        candidate = app.guidelines.candidate(book_id, subtopic.topic_key, subtopic.subtopic_key)
    return ShownSubtopic(
        subtopic,
        subtopic.subtopic_key,
        f"{book_path(book_id)}/guidelines/{keys}",
        _ranges(subtopic.source_pages),
        candidate,
    )


def _ranges(pages: tuple[int, ...]) -> str:
    """Write 1, 2, 3, 7 as "pages 1-3, 7"."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    spans = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return f"{'page' if len(pages) == 1 else 'pages'} {', '.join(spans)}" if spans else "no page"


def _source(book_id: str, source: Source) -> ShownSource:
    corners = [f"{box.left},{box.top},{box.right},{box.bottom}" for box in source.boxes]
    query = f"?{urlencode({'box': corners}, doseq=True)}" if corners else ""
    return ShownSource(
        source,
        source.kind.value.replace("_", " ").capitalize(),
        f"{book_path(book_id)}/pages/{source.page_num}/review{query}",
    )


def _outcome_chips(book_id: str, results: list[PageResult], chosen: str) -> list[Chip]:
    path = f"{book_path(book_id)}/results"
    chips = [Chip(f"All {len(results)}", path, not chosen)]
    for outcome, mark in OUTCOMES.items():
        number = sum(result.outcome is outcome for result in results)
        chips.append(Chip(f"{mark.word} {number}", f"{path}?outcome={outcome}", chosen == outcome))
    return chips
