"""What failed alike in a job, and the right thing to do first about each kind of error."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hornbook.model.job import Job
from hornbook.web.causes import cause_of, is_final, is_of_model
from hornbook.web.job_views import ErrorGroup, JobView
from hornbook.web.language import _
from hornbook.web.pages.screen import book_path

MODELS = "/settings#models"


@dataclass(frozen=True, slots=True)
class Action:
    """A button of the card, or one that leads to a question or a screen."""

    words: str
    address: str
    look: str = ""
    is_asked: bool = False
    stays: bool = False
    """Whether the job it is about is still the one to look at afterwards."""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another job of the book."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """What failed alike, and what to do about it."""

    words: str
    hint: str
    is_retryable: bool
    links: tuple[Link, ...]
    """Each of its pages."""
    actions: tuple[Action, ...]


def groups(view: JobView) -> tuple[Group, ...]:
    """What failed alike and is still owed, the most frequent first."""
    told = [group for group in view.error_groups if not _is_why_it_stopped(view, group)]
    return tuple(_group(view, group, is_first=group is told[0]) for group in told)


def log_path(job: Job) -> str:
    """Where the log of a job is."""
    return f"{book_path(job.book_id)}/jobs/{job.id}"


def is_hopeless(view: JobView) -> bool:
    """Whether only mending helps: doing the same again is then not what to lead with."""
    may_pass = any(group.is_retryable for group in view.error_groups)
    return 0 < view.waiting == len(view.owed.places) and not may_pass


def _group(view: JobView, group: ErrorGroup, *, is_first: bool) -> Group:
    words = _("%(items)s: %(error)s", items=view.units.counted(group.count), error=group.words)
    is_page = view.unit == "page"
    return Group(
        words=words,
        hint=group.advice if is_page else "",
        is_retryable=group.is_retryable,
        links=_pages(view, group) if is_page else (),
        actions=_helps(view, group, is_first=is_first) if is_page and view.resume_label else (),
    )


def _pages(view: JobView, group: ErrorGroup) -> tuple[Link, ...]:
    path = book_path(view.job.book_id)
    return tuple(
        Link(view.units.numbered(number), f"{path}/pages/{number}/review")
        for number in group.positions
    )


def _helps(view: JobView, group: ErrorGroup, *, is_first: bool) -> tuple[Action, ...]:
    look = "slim primary" if is_first and is_hopeless(view) else "slim"
    return ways_of(view, group.positions, group.error_type, group.error_class, look=look)


def ways_of(
    view: JobView,
    places: tuple[int, ...],
    error_type: str | None,
    error_class: str | None,
    *,
    look: str = "slim",
) -> tuple[Action, ...]:
    """The right thing to do first about pages that failed, for exactly these pages."""
    path, first, number = book_path(view.job.book_id), places[0], len(places)
    chosen = {"pages": ".".join(map(str, places))}
    if not is_final(error_type, error_class):
        words = _("Retry %(number)s", number=number) if number > 1 else _("Retry")
        again = Action(words, f"{log_path(view.job)}/retry", "slim", fields=chosen)
        return (again, choose_model()) if is_of_model(error_class) else (again,)
    opened = _("Open page %(number)s", number=first) if number == 1 else _("Open the first")
    skipped = _("Skip this page") if number == 1 else _("Skip these %(number)s", number=number)
    return (
        Action(opened, f"{path}/pages/{first}/review", look, is_asked=True),
        Action(skipped, f"{path}/pages/skip", "slim quiet", fields=chosen),
    )


def choose_model() -> Action:
    """Lead to where another model is chosen."""
    return Action(_("Choose another model"), MODELS, "slim quiet", is_asked=True)


def _is_why_it_stopped(view: JobView, group: ErrorGroup) -> bool:
    """Whether this is the one page that stopped the job: the card speaks of nothing else."""
    is_last_straw = group.is_retryable and group.count == 1 and view.left > 0
    cause = cause_of(group.error)
    return is_last_straw and cause is not None and cause.name == view.cause
