"""The job card: running, stopped, completed, or nothing yet, as the PRD draws them."""

from dataclasses import dataclass, field

from hornbook.model.job import JobStatus, JobType
from hornbook.web.pages.screen import book_path, counted, duration
from hornbook.web.views import JobView

COMPLETED_TITLES = {
    JobType.OCR: "Pages read",
    JobType.EXTRACTION: "Guidelines generated",
    JobType.FINALIZATION: "Refined & consolidated",
    JobType.SYNC: "Published",
}
STATS = {
    JobType.OCR: {},
    JobType.EXTRACTION: {
        "subtopics_created": "Subtopics created",
        "subtopics_merged": "Subtopics merged",
    },
    JobType.FINALIZATION: {
        "subtopics_finalized": "Subtopics finalized",
        "subtopics_renamed": "Subtopics renamed",
        "duplicates_merged": "Duplicates merged",
        "total_topics": "Topics",
    },
    JobType.SYNC: {},
}
LEAVE = "You can leave this page — processing continues in the background."


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled figure; `elapsed` seconds tick on in the browser."""

    label: str
    value: str
    look: str = ""
    elapsed: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A button of the card, or one that leads to a question first."""

    words: str
    address: str
    look: str = ""
    is_asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything the card shows."""

    title: str
    state: str = ""
    tone: str = ""
    counts: str = "0/0 pages (0%)"
    processed: int = 0
    total: int = 1
    bar: str = ""
    is_active: bool = False
    is_attention: bool = False
    is_headline_count: bool = False
    """The title itself says where the job stopped."""
    error: str = ""
    facts: tuple[Fact, ...] = ()
    hint: str = ""
    actions: tuple[Action, ...] = ()
    log: str = ""
    say: str = ""
    """One sentence for screen readers; changes only when it is worth hearing."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """The parts in which the three states of a job differ."""

    title: str
    state: str
    tone: str
    facts: tuple[Fact, ...]
    hint: str
    say: str
    actions: tuple[Action, ...] = field(default=())


NOTHING = Card(
    title="No job yet",
    facts=(Fact("Failed pages", "0"), Fact("Elapsed", "0s")),
    hint="Upload the pages of the book: reading them starts with the first one.",
)


def card(view: JobView | None) -> Card:
    """Show the active job, else the latest."""
    if view is None:
        return NOTHING
    shown = _shown(view)
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
        is_attention=is_failed,
        is_headline_count=is_failed,
        error=_error(view),
        facts=shown.facts,
        hint=shown.hint,
        actions=shown.actions,
        log=f"{book_path(view.job.book_id)}/jobs/{view.job_id}",
        say=shown.say,
    )


def tab_title(view: JobView | None, book_title: str) -> str:
    """Say in the browser's tab how far the job is."""
    if view is None:
        return f"{book_title} · Hornbook"
    if view.is_active:
        return f"{view.percent}% · {book_title}"
    if view.job.status is JobStatus.FAILED:
        where = f" at {view.unit} {view.stopped_at}" if view.stopped_at else ""
        return f"! failed{where} · {book_title}"
    return f"! {view.failed} failed · {book_title}" if view.failed else f"Done · {book_title}"


def _shown(view: JobView) -> _Shown:
    if view.is_active:
        return _running(view)
    return _stopped(view) if view.job.status is JobStatus.FAILED else _completed(view)


def _running(view: JobView) -> _Shown:
    facts = [Fact("Currently processing", view.current_label or "starting")]
    if view.job.type is JobType.EXTRACTION:
        facts.append(Fact("Subtopics found so far", str(view.subtopics_found)))
    facts.append(Fact(f"Failed {view.unit}s", str(view.failed), "bad" if view.failed else ""))
    facts.append(_elapsed(view))
    if view.eta_seconds is not None:
        facts.append(Fact("Left", f"~{_rounded(view.eta_seconds)}"))
    stop = Action("Stop", f"{book_path(view.job.book_id)}/jobs/{view.job_id}/stop")
    return _Shown(
        view.title,
        "Stopping" if view.job.is_stop_requested else view.state,
        "run",
        tuple(facts),
        " ".join(part for part in (_doing(view), LEAVE) if part),
        f"{view.title}: {view.percent // 25 * 25}%",
        (stop,) if view.can_stop else (),
    )


def _doing(view: JobView) -> str:
    if view.wait_seconds:
        return f"The provider asked for a pause: continues in {view.wait_seconds} s."
    note = view.job.note or ""
    return f"{note[:1].upper()}{note[1:].rstrip('.')}." if note else ""


def _stopped(view: JobView) -> _Shown:
    failed = ", ".join(str(at) for group in view.error_groups for at in group.positions[:5])
    facts = (
        Fact(f"{view.unit.capitalize()}s completed", str(view.done)),
        Fact(
            f"{view.unit.capitalize()}s failed",
            f"{view.failed} ({view.unit} {failed})" if failed else str(view.failed),
            "bad" if view.failed else "",
        ),
        Fact(f"{view.unit.capitalize()}s remaining", str(view.left)),
        _elapsed(view),
    )
    return _Shown(view.title, view.state, "bad", facts, view.hint or "", view.title, _ways_on(view))


def _completed(view: JobView) -> _Shown:
    stats, known = view.detail.get("stats", {}), STATS[view.job.type]
    facts = [
        Fact(f"{view.unit.capitalize()}s completed", str(view.done)),
        Fact(f"Failed {view.unit}s", str(view.failed), "bad" if view.failed else ""),
        *(Fact(words, str(stats[name])) for name, words in known.items() if name in stats),
        Fact("Elapsed", duration(view.elapsed_seconds)),
    ]
    hint = ""
    if view.failed:
        verb = "waits" if view.failed == 1 else "wait"
        hint = f"{counted(view.failed, view.unit)} failed and {verb} for you."
    title = COMPLETED_TITLES[view.job.type]
    return _Shown(
        title,
        view.state,
        "warn" if view.failed else "good",
        tuple(facts),
        hint,
        f"{title}: completed, {view.failed} failed",
        _ways_on(view),
    )


def _error(view: JobView) -> str:
    message = view.job.error_message or ""
    return message if view.cause == "Stopped by you" else f"Error: {message}"


def _ways_on(view: JobView) -> tuple[Action, ...]:
    """Resume first, because it does what is owed and nothing else; Restart asks before it acts."""
    path = book_path(view.job.book_id)
    actions = []
    if view.resume_label:
        # Where only mending helps, doing the same again is not what to lead with.
        may_help = view.left > 0 or any(group.is_retryable for group in view.error_groups)
        look = "primary" if may_help else ""
        actions.append(Action(view.resume_label, f"{path}/jobs/{view.job_id}/resume", look))
    if view.restart_label:
        actions.append(Action(view.restart_label, f"{path}/restart", is_asked=True))
    return tuple(actions)


def _elapsed(view: JobView) -> Fact:
    ticking = view.elapsed_seconds if view.is_active else None
    return Fact("Elapsed", duration(view.elapsed_seconds), elapsed=ticking)


def _rounded(seconds: int) -> str:
    """Write a guess, which is not told to the second."""
    return f"{max(5, round(seconds / 5) * 5)}s" if seconds < 60 else f"{round(seconds / 60)}m"
