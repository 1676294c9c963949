"""The job card: running, stopped, completed, or nothing yet, as the PRD draws them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hornbook.model.contents import Wanting
from hornbook.model.job import Job, JobStatus, JobType
from hornbook.web.causes import CAUSES
from hornbook.web.job_views import JobView
from hornbook.web.language import _, ngettext, noted
from hornbook.web.pages.alike import Action, Group, Link, groups, log_path
from hornbook.web.pages.screen import book_path, duration
from hornbook.web.pages.spending import in_short
from hornbook.web.pages.ways import ways_on
from hornbook.web.sentences import told
from hornbook.web.stops import happened
from hornbook.web.units import PAGE

COMPLETED_TITLES = {
    JobType.OCR: noted("Pages read"),
    JobType.EXTRACTION: noted("Guidelines generated"),
    JobType.FINALIZATION: noted("Refined & consolidated"),
    JobType.SYNC: noted("Published"),
}
NAMES = {
    JobType.OCR: noted("Read pages"),
    JobType.EXTRACTION: noted("Generate Guidelines"),
    JobType.FINALIZATION: noted("Refine & Consolidate"),
    JobType.SYNC: noted("Publish"),
}
STATS: dict[JobType, dict[str, str]] = {
    JobType.OCR: {},
    JobType.EXTRACTION: {
        "subtopics_created": noted("Subtopics created"),
        "subtopics_merged": noted("Subtopics merged"),
    },
    JobType.FINALIZATION: {
        "subtopics_finalized": noted("Subtopics finalized"),
        "subtopics_renamed": noted("Subtopics renamed"),
        "duplicates_merged": noted("Duplicates merged"),
        "total_topics": noted("Topics"),
        "questions_unanswered": noted("Questions without an answer"),
    },
    JobType.SYNC: {},
}
LEAVE = noted("You can leave this page — processing continues in the background.")
RATE_LIMIT = "Rate limit"
LONG_WAIT = 100
"""Seconds from which on a wait is told in minutes too, as in words.js."""
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled figure; `elapsed` seconds tick on in the browser."""

    label: str
    value: str
    look: str = ""
    elapsed: int | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause that counts down in the browser: `{time}` in the pattern is what is left."""

    seconds: int
    pattern: str
    over: str
    note: str
    action: Action | None = None
    """How to make it shorter."""

    @property
    def text(self) -> str:
        """What it says now."""
        return self.pattern.replace("{time}", wait_words(self.seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything the card shows."""

    title: str
    state: str = ""
    tone: str = ""
    counts: str = ""
    processed: int = 0
    total: int = 1
    bar: str = ""
    is_active: bool = False
    edge: str = ""
    """`attention` where something went wrong, `halted` where somebody stopped it."""
    is_headline_count: bool = False
    """The title itself says where the job stopped."""
    error: str = ""
    said: str = ""
    """What the provider or our own code said, word for word."""
    facts: tuple[Fact, ...] = ()
    wait: Wait | None = None
    hint: str = ""
    notes: tuple[Link, ...] = ()
    """What else is to be known of a job that has ended, and where one sees it."""
    groups: tuple[Group, ...] = ()
    actions: tuple[Action, ...] = ()
    plan: str = ""
    """What the first action does exactly."""
    log: str = ""
    others: tuple[Link, ...] = ()
    """The latest jobs of the other kinds."""
    say: str = ""
    """One sentence for screen readers; changes only when it is worth hearing."""
    icon: str = ""
    """The dot on the tab's icon: `run`, `good`, `warn` or `bad`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """The parts in which the three states of a job differ."""

    title: str
    state: str
    tone: str
    facts: tuple[Fact, ...]
    hint: str
    say: str
    actions: tuple[Action, ...] = ()
    notes: tuple[Link, ...] = ()
    wait: Wait | None = None


def card(view: JobView | None, latest: Iterable[Job] = (), model: str = "") -> Card:
    """Show the active job, else the latest; and lead to the `latest` of the other kinds.

    `model` could look at pages; empty when none is chosen.
    """
    if view is None:
        return _nothing()
    shown = _shown(view)
    asked = in_short(view.spent)
    is_failed = view.job.status is JobStatus.FAILED
    return Card(
        title=shown.title,
        state=shown.state,
        tone=shown.tone,
        counts=view.counts_label,
        processed=view.processed,
        total=max(1, view.total),
        bar="good" if view.job.status is JobStatus.COMPLETED else "",
        is_active=view.is_active,
        edge=("halted" if view.is_stopped_by_you else "attention") if is_failed else "",
        is_headline_count=is_failed and view.stopped_at is not None,
        error=_error(view),
        said=told(view.job.error_message or ""),
        facts=(*shown.facts, Fact(_("Model"), asked)) if asked else shown.facts,
        wait=shown.wait,
        hint=shown.hint,
        notes=shown.notes,
        groups=() if view.is_active else groups(view),
        actions=shown.actions if view.is_active else ways_on(view, model),
        plan=view.resume_plan or "",
        log=log_path(view.job),
        others=tuple(_link(job) for job in latest if job.type is not view.job.type),
        say=shown.say,
        icon=shown.tone,
    )


def tab_title(view: JobView | None, book_title: str) -> str:
    """Say in the browser's tab how far the job is."""
    if view is None:
        return f"{book_title} · Hornbook"
    if view.is_active:
        return f"{view.percent}% · {book_title}"
    if view.job.status is JobStatus.FAILED:
        return f"! {_halt(view)} · {book_title}"
    if view.failed:
        return _("! %(number)s failed · %(book)s", number=view.failed, book=book_title)
    return _("Done · %(book)s", book=book_title)


def wait_words(seconds: int) -> str:
    """Write a wait as words.js does."""
    if seconds < LONG_WAIT:
        return _("%(seconds)s s", seconds=seconds)
    return duration(seconds)


def left_words(seconds: int) -> str:
    """Write a guess, which is not told to the second."""
    if seconds < MINUTE:
        return _("~%(seconds)s s", seconds=seconds)
    if seconds < 5 * MINUTE and seconds % MINUTE:
        minutes, rest = divmod(seconds, MINUTE)
        return _("~%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    if seconds < HOUR:
        return _("~%(minutes)s min", minutes=seconds // MINUTE)
    hours, minutes = divmod(seconds // MINUTE, 60)
    return _("~%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)


def _nothing() -> Card:
    return Card(
        title=_("No job yet"),
        counts=_(PAGE.numbers, processed=0, total=0, percent=0),
        facts=(Fact(_(PAGE.failed_so_far), "0"), Fact(_("Elapsed"), "0s")),
        hint=_("Upload the pages of the book: reading them starts with the first one."),
    )


def _shown(view: JobView) -> _Shown:
    if view.is_active:
        return _running(view)
    return _stopped(view) if view.job.status is JobStatus.FAILED else _completed(view)


def _running(view: JobView) -> _Shown:
    facts = [Fact(_("Currently processing"), _current(view))]
    if view.job.type is JobType.EXTRACTION:
        facts.append(Fact(_("Subtopics found so far"), str(view.subtopics_found)))
    facts.append(_failed(view, view.units.failed_so_far))
    facts.append(_elapsed(view))
    facts.append(_left(view))
    quarter = view.percent // 25 * 25
    say = _("%(job)s: %(percent)s%%", job=view.title, percent=quarter)
    if view.failed:
        say = _("%(said)s, %(number)s failed", said=say, number=view.failed)
    return _Shown(
        title=view.title,
        state=_("Stopping") if view.job.is_stop_requested else view.state,
        tone="run",
        facts=tuple(facts),
        hint=" ".join(part for part in (_doing(view), _(LEAVE)) if part),
        say=say,
        actions=(_stop(view),) if view.can_stop else (),
        wait=_wait(view),
    )


def _current(view: JobView) -> str:
    """What is worked on; between two items, the next one."""
    if not view.processed:
        return view.current_label or _("starting")
    ahead = min(view.owed.places.values(), default=None)
    return view.current_label or ("—" if ahead is None else view.units.numbered(ahead))


def _left(view: JobView) -> Fact:
    """The time left; its row is kept free until it is known, so that nothing moves then."""
    if view.eta_seconds is None:
        return Fact(_("Time left"), "", "unknown")
    return Fact(_("Time left"), left_words(view.eta_seconds))


def _stop(view: JobView) -> Action:
    return Action(_("Stop"), f"{log_path(view.job)}/stop", stays=True)


def _wait(view: JobView) -> Wait | None:
    if not view.wait_seconds:
        return None
    cause = view.job.note or RATE_LIMIT
    retry, note, action = view.retry, "", None
    if cause == RATE_LIMIT:
        pattern = _("Rate limited, continues in %(time)s", time="{time}")
    else:
        name = _(CAUSES[cause].name) if cause in CAUSES else told(cause)
        pattern = _("%(cause)s. Retrying in %(time)s", cause=name, time="{time}")
    if retry and retry.of:
        pattern = _("%(said)s (%(n)s of %(of)s)", said=pattern, n=retry.number, of=retry.of)
    if retry:
        note = _("%(item)s is tried again", item=view.units.numbered(retry.position))
        address = f"{log_path(view.job)}/hurry"
        action = Action(_("Retry now"), address, "slim", stays=True)
    return Wait(view.wait_seconds, pattern, _("Continues now"), note, action)


def _doing(view: JobView) -> str:
    """What the job does beyond its items; while it waits, the wait says more."""
    if view.wait_seconds:
        return ""
    if view.job.takeovers:
        return _("The server was restarted: the work goes on from where it was.")
    note = view.job.note or ""
    return f"{told(note[:1].upper() + note[1:])}." if note else ""


def _stopped(view: JobView) -> _Shown:
    units, failed = view.units, ""
    places = tuple(sorted(at for group in view.error_groups for at in group.positions))
    if places:
        failed = ngettext(*units.failed_at, view.failed, places=units.places(places))
    facts = (
        Fact(_(units.completed), str(view.done)),
        _failed(view, units.failed, failed),
        Fact(_(units.remaining), str(view.left)),
        _elapsed(view),
    )
    return _Shown(
        title=view.title,
        state=_("Stopped by you") if view.is_stopped_by_you else view.state,
        tone="warn" if view.is_stopped_by_you else "bad",
        facts=facts,
        hint=_advice(view),
        say=view.title,
    )


def _advice(view: JobView) -> str:
    if view.wait_seconds and view.job.waits_until:
        until = f"{view.job.waits_until:%H:%M} UTC"
        return _("The provider asks to be left alone until %(time)s. Then resume.", time=until)
    return view.hint or ""


def _completed(view: JobView) -> _Shown:
    stats, known = view.detail.get("stats", {}), STATS[view.job.type]
    facts = [
        Fact(_(view.units.completed), str(view.done)),
        _failed(view, view.units.failed_so_far),
        *(Fact(_(words), str(stats[name])) for name, words in known.items() if name in stats),
        Fact(_("Elapsed"), duration(view.elapsed_seconds)),
    ]
    title = _(COMPLETED_TITLES[view.job.type])
    return _Shown(
        title=title,
        state=view.state,
        tone="warn" if view.waiting or (view.wanting and view.wanting.unwritten) else "good",
        facts=tuple(facts),
        hint="",
        notes=tuple(_notes(view)),
        say=_("%(job)s: completed, %(number)s failed", job=title, number=view.failed),
    )


def _notes(view: JobView) -> Iterator[Link]:
    """What is wanting although the job is completed."""
    if view.waiting:
        yield Link(ngettext(*view.units.failed_and_wait, view.waiting), _failed_path(view))
    wanting = view.wanting or Wanting(0, 0)
    if wanting.unwritten:
        words = ngettext(
            "%(num)s summary made without the model",
            "%(num)s summaries made without the model",
            wanting.unwritten,
        )
        yield Link(words, f"{book_path(view.job.book_id)}/guidelines")
    if wanting.dropped and view.job.type is JobType.EXTRACTION:
        yield Link(_left_out(wanting.dropped), "")


def _left_out(number: int) -> str:
    return ngettext(
        "%(num)s statement left out: its words are not on its page",
        "%(num)s statements left out: their words are not on their pages",
        number,
    )


def _error(view: JobView) -> str:
    if view.cause is None:
        return ""
    cause = CAUSES[view.cause]
    if view.is_stopped_by_you:
        return told(view.job.error_message or "") or _(cause.name)
    return happened(view.job, cause)


def _failed(view: JobView, label: str, value: str = "") -> Fact:
    """A figure of failures, which leads to them."""
    if not view.failed:
        return Fact(_(label), "0")
    return Fact(_(label), value or str(view.failed), "bad", href=_failed_path(view))


def _failed_path(view: JobView) -> str:
    """Where the failed pages are: OCR's in the book's list, any other job's in its log."""
    if view.job.type is JobType.OCR:
        return f"{book_path(view.job.book_id)}?status=failed"
    return f"{log_path(view.job)}?show=failed"


def _halt(view: JobView) -> str:
    if view.is_stopped_by_you:
        return _("stopped")
    if view.stopped_at is None:
        return _("failed")
    return _("failed at %(item)s", item=view.units.within_sentence(view.stopped_at))


def _elapsed(view: JobView) -> Fact:
    ticking = view.elapsed_seconds if view.is_active else None
    return Fact(_("Elapsed"), duration(view.elapsed_seconds), elapsed=ticking)


def _link(job: Job) -> Link:
    processed = job.completed_items + job.failed_items
    return Link(f"{_(NAMES[job.type])} {processed}/{job.total_items}", log_path(job))
