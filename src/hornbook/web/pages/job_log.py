"""The log of one job: what came of each of its pages, live while it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from hornbook.model.book import Book
from hornbook.model.job import ItemState, Job, JobItem, Owed
from hornbook.web.api.common import Hornbook
from hornbook.web.causes import page_hint
from hornbook.web.job_views import JobView, job_view
from hornbook.web.language import _, noted
from hornbook.web.pages.alike import Action, Group, groups, log_path, ways_of
from hornbook.web.pages.book_screen import view_of
from hornbook.web.pages.by_model import model_of
from hornbook.web.pages.card import NAMES, Card, card, tab_title
from hornbook.web.pages.follow import (
    ListOnScreen,
    Seen,
    is_news,
    list_change,
    news,
    no_news,
    tags,
    written,
)
from hornbook.web.pages.rows import Chip, Mark
from hornbook.web.pages.screen import book_path, fragment, render
from hornbook.web.pages.spending import Step, in_short, steps
from hornbook.web.sentences import told

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}/jobs/{job_id}")

LOG = ListOnScreen(id="log", prefix="l", row="_log_line.html")
MARKS = {
    ItemState.OWED: Mark("pending", noted("Pending")),
    ItemState.WORKING: Mark("processing", noted("Processing")),
    ItemState.DONE: Mark("completed", noted("Completed")),
    ItemState.FAILED: Mark("failed", noted("Failed")),
}
LEFT_OUT = {
    "rejected": Mark("rejected", noted("Skipped")),
    "blank": Mark("blank", noted("Blank")),
}
"""Pages that the plan of an extraction passes over, by what it says of them."""
FILTERS: dict[str, tuple[str, frozenset[ItemState]]] = {
    "": (noted("All"), frozenset(ItemState)),
    "failed": (noted("Failed"), frozenset({ItemState.FAILED})),
    "done": (noted("Done"), frozenset({ItemState.DONE})),
    "open": (noted("Open"), frozenset({ItemState.OWED, ItemState.WORKING})),
}
BY_ERROR = "error"
FRAGMENTS = {"log-head": "_log_head.html", "log-groups": "_log_groups.html"}


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a job's ledger."""

    number: int
    label: str
    place: str
    """Where the page is today, if not where it was."""
    mark: Mark
    topic: str
    subtopic: str
    confidence: str
    error: str
    hint: str
    actions: tuple[Action, ...]
    path: str
    ended: datetime | None
    is_kept: bool
    """Whether an earlier job did it, at that time."""
    rev: int


@dataclass(frozen=True, slots=True)
class Today:
    """What has become of a job's pages since."""

    places: Mapping[str, int]
    kept: Mapping[str, datetime]
    """When an earlier job did those that this one found done."""
    rev: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items are looked at, and how; an address says it."""

    show: str = ""
    by: str = ""

    def address(self, path: str, **other: str) -> str:
        """Where this choice is shown, or one that differs from it."""
        given = {"show": self.show, "by": self.by, **other}
        query = urlencode({name: value for name, value in given.items() if value})
        return path + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class LogScreen:
    """The screen of a job's log."""

    title: str
    name: str
    path: str
    book_path: str
    card: Card
    view: JobView
    later: str
    """Where the job is that came after this one, if there is one."""
    started: datetime
    chips: tuple[Chip, ...]
    by_error: Chip
    groups: tuple[Group, ...]
    lines: tuple[Line, ...]
    choice: Choice
    is_bucket_behind: bool
    steps: tuple[Step, ...]
    """What a model was asked by this job, kind by kind."""
    whole_book: str
    """What all questions about the book came to."""

    @property
    def follows_book(self) -> bool:
        """Whether the screen turns to a new job by itself."""
        return False

    @property
    def is_grouped(self) -> bool:
        """Whether errors stand together instead of pages."""
        return self.choice.by == BY_ERROR


@router.get("")
def show(
    request: Request,
    book_id: str,
    job_id: str,
    hornbook: Hornbook,
    show: str = "",
    by: str = "",
) -> Response:
    """Show what came of each page of a job; raises NotFound."""
    book, job = hornbook.books.get(book_id), hornbook.jobs.get(book_id, job_id)
    screen = _screen(hornbook, book, job, _choice(show, by))
    parts = _fragments(screen)
    return render(
        request,
        "job.html",
        section="Jobs",
        book=book,
        screen=screen,
        parts=parts,
        live_path=_live_path(screen, book.rev, parts),
    )


@router.get("/live")
def live(
    request: Request,
    book_id: str,
    job_id: str,
    hornbook: Hornbook,
    seen: Seen,
    show: str = "",
    by: str = "",
) -> Response:
    """Give what differs from what the screen shows, or nothing; raises NotFound."""
    if not is_news(hornbook, book_id, request, seen):
        return no_news()
    book, job = hornbook.books.get(book_id), hornbook.jobs.get(book_id, job_id)
    screen = _screen(hornbook, book, job, _choice(show, by))
    parts = _fragments(screen)
    return render(
        request,
        "_live.html",
        screen=screen,
        parts=news(parts, seen.have),
        list=LOG,
        rows=list_change(screen.lines, seen.shown, seen.since),
        live_path=_live_path(screen, book.rev, parts),
    )


def _choice(show: str, by: str) -> Choice:
    return Choice(show if show in FILTERS else "", by if by == BY_ERROR else "")


def _screen(app: "App", book: Book, job: Job, choice: Choice) -> LogScreen:
    latest = app.jobs.latest_of_each(book.id)
    later = next((one for one in latest if one.type is job.type and one.id != job.id), None)
    items = app.jobs.items(job.id)
    view = _past(app, job, items) if later else view_of(app, job)
    path = log_path(job)
    today = Today(
        {page.id: page.page_num for page in app.reviews.pages(book.id)},
        app.jobs.kept(job),
        book.rev,
    )
    wanted = FILTERS[choice.show][1]
    shown = [] if choice.by else [item for item in items if item.state in wanted]
    return LogScreen(
        title=tab_title(view, book.title),
        name=_(NAMES[job.type]),
        path=path,
        book_path=book_path(book.id),
        card=card(view, model=model_of(app)),
        view=view,
        later=log_path(later) if later else "",
        started=job.started_at,
        chips=_chips(path, items, choice),
        by_error=Chip(
            _("By error"),
            choice.address(path, by="" if choice.by else BY_ERROR, show="failed"),
            choice.by == BY_ERROR,
        ),
        groups=groups(view) if not later else groups(job_view(job, {}, items, now=app.clock())),
        lines=tuple(_line(view, item, today) for item in shown),
        choice=choice,
        is_bucket_behind=book.is_bucket_behind,
        steps=steps(view.spent),
        whole_book=in_short({"": app.jobs.spent_on(book.id)}),
    )


def _past(app: "App", job: Job, items: Sequence[JobItem]) -> JobView:
    """A job that another one of its type came after: nothing is owed to it any more."""
    nothing = Owed({}, kept=0)
    return job_view(
        job,
        app.jobs.detail(job),
        items,
        now=app.clock(),
        owed=nothing,
        spent=app.jobs.spent(job),
    )


def _fragments(screen: LogScreen) -> dict[str, Markup]:
    return {name: fragment(template, screen=screen) for name, template in FRAGMENTS.items()}


def _live_path(screen: LogScreen, rev: int, parts: Mapping[str, Markup]) -> str:
    shown = written([line.number for line in screen.lines])
    path = f"{screen.path}/live"
    return screen.choice.address(path, since=str(rev), shown=shown, have=tags(parts))


def _chips(path: str, items: Sequence[JobItem], choice: Choice) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            f"{_(words)} {sum(item.state in states for item in items)}",
            choice.address(path, show=name, by=""),
            name == choice.show and not choice.by,
        )
        for name, (words, states) in FILTERS.items()
    )


def _line(view: JobView, item: JobItem, today: Today) -> Line:
    result: dict[str, Any] = item.result or {}
    place = today.places.get(item.subject_id) if view.unit == "page" else None
    mark = LEFT_OUT.get(item.input, MARKS[item.state])
    is_moved = place is not None and place != item.position
    is_failed = item.state is ItemState.FAILED
    kept = today.kept.get(item.subject_id) if item.state is ItemState.DONE else None
    return Line(
        number=item.position,
        label=view.units.numbered(item.position),
        place=_("now page %(number)s", number=place) if is_moved else "",
        mark=Mark(mark.icon, _(mark.word)),
        topic=result.get("topic") or "",
        subtopic=result.get("subtopic") or "",
        confidence=f"{round(result['confidence'])}%" if "confidence" in result else "",
        error=told(item.error or ""),
        hint=_hint(item) if is_failed and place else "",
        actions=_ways_on(view, item),
        path="" if place is None else f"{book_path(view.job.book_id)}/pages/{place}/review",
        ended=item.ended_at or kept,
        is_kept=item.ended_at is None and kept is not None,
        # What helps a page that failed depends on more than the page: on whether a job runs, too.
        rev=today.rev if is_failed and not view.is_active else item.rev,
    )


def _hint(item: JobItem) -> str:
    return page_hint(item.error or "", item.error_type or "", item.error_class)


def _ways_on(view: JobView, item: JobItem) -> tuple[Action, ...]:
    """What helps one page, while this job is the one that can be gone on with."""
    place = view.owed.places.get(item.subject_id)
    if item.state is not ItemState.FAILED or place is None or not view.resume_label:
        return ()
    return ways_of(view, (place,), item.error_type, item.error_class)
