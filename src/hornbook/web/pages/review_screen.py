"""Everything the review of one page shows, gathered once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hornbook.errors import Invalid, NotFound
from hornbook.model.job import JobType
from hornbook.model.page import (
    Attempt,
    Box,
    OcrStatus,
    Page,
    Reader,
    ReviewStatus,
    TextRevision,
    TextSource,
)
from hornbook.model.review import DoubtfulWord, Draft, Step, StepKind, Typed
from hornbook.stages.review import doubtful_words
from hornbook.web.causes import is_final, is_of_model
from hornbook.web.language import _, ngettext, noted
from hornbook.web.pages import rows
from hornbook.web.pages.by_model import model_of
from hornbook.web.pages.queues import UNREVIEWED, Choice, Queue
from hornbook.web.pages.screen import book_path, counted
from hornbook.web.views import PageView, page_view

if TYPE_CHECKING:
    from hornbook.wiring import App

LONGEST_TEXT = 200_000
"""Characters; a full page of small print has about six thousand."""
NOTHING_HERE = noted("No page is in this queue")
ENDINGS = {
    UNREVIEWED: noted("All reviewed"),
    "low": noted("No page with low confidence is left"),
    "failed": noted("No failed page is left"),
}


SAID = {
    StepKind.APPROVE: noted("Page %(number)s approved."),
    StepKind.REJECT: noted("Page %(number)s rejected: it is not used."),
    StepKind.UNREVIEW: noted("Page %(number)s waits for review again."),
    StepKind.MOVE: noted("The page moved is now page %(number)s."),
    StepKind.SAVE: noted("Page %(number)s: Text saved."),
    StepKind.DELETE: noted("Page %(number)s deleted."),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """The page image, `width` by `height` pixels, in which all boxes are measured."""

    screen_url: str
    full_url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Other words than those in the field, and what the human would have looked at then."""

    sentence: str
    text: str
    revision: int
    stamp: str
    is_draft: bool
    """They are from another window of the same human, and not saved."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What can be taken back, and where."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the review of the book has come."""

    approved: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewScreen:
    """One page under review."""

    path: str
    here: str
    """The page's address, without what is done there."""
    queue: Queue
    choices: tuple[Choice, ...]
    before: str | None
    after: str | None
    due: str | None
    """The page to decide about next, if one follows."""
    progress: Progress
    undo: Undo | None
    page: Page
    view: PageView
    row: rows.Row
    picture: Picture | None
    boxes: tuple[Box, ...]
    text: TextRevision | None
    typed: Typed
    """What stands in the field."""
    is_draft: bool
    conflict: Conflict | None
    words: tuple[DoubtfulWord, ...]
    lines: tuple[Box, ...]
    """Where each line of the text stands on the image; nothing when a human wrote it."""
    attempts: tuple[Attempt, ...]
    model: str
    """Who could look at the page; empty when no model is chosen."""

    @property
    def is_being_read(self) -> bool:
        """Whether the text is on its way."""
        return self.page.ocr_status in {OcrStatus.PENDING, OcrStatus.PROCESSING}

    @property
    def is_failed(self) -> bool:
        """Whether the page could not be read, and nobody has skipped it."""
        is_skipped = self.page.review is ReviewStatus.REJECTED
        return self.page.ocr_status is OcrStatus.FAILED and not is_skipped

    @property
    def is_terminal(self) -> bool:
        """Whether reading it again gives the same result."""
        return self.is_failed and is_final(self.page.ocr_error_type, self.page.ocr_error_class)

    @property
    def is_of_model(self) -> bool:
        """Whether a model gave nothing to use, so that the page is not to blame."""
        return self.is_failed and is_of_model(self.page.ocr_error_class)

    @property
    def is_asked_of_model(self) -> bool:
        """Whether a model is to read the page, and this machine could instead."""
        return self.page.asked_reader is Reader.VISION or self.is_of_model

    @property
    def is_approvable(self) -> bool:
        """Whether there is a text that somebody could approve."""
        return self.page.ocr_status is OcrStatus.COMPLETED

    @property
    def source(self) -> str:
        """Who wrote the text, and which revision it is."""
        if self.text is None:
            return ""
        if self.text.source is TextSource.HUMAN:
            return _("Typed by hand, revision %(number)s", number=self.text.revision)
        engine = self.page.engine or "OCR"
        return _(
            "Read by %(engine)s, revision %(number)s", engine=engine, number=self.text.revision
        )


def show_page(
    app: "App",
    queue: Queue,
    page: Page,
    user: str,
    *,
    boxes: tuple[Box, ...] = (),
    typed: Typed | None = None,
) -> ReviewScreen:
    """Gather the screen; with `typed` in the field, else the draft, else the text."""
    text = app.reviews.text(page.book_id, page.page_num)
    draft = app.drafts.find(page.book_id, page.id, user)
    shown = typed or _typed(draft) or _as_read(text)
    lines = text.lines if text and page.ocr_status is OcrStatus.COMPLETED else ()
    return ReviewScreen(
        path=book_path(page.book_id),
        here=f"{book_path(page.book_id)}/pages/{page.page_num}",
        queue=queue,
        choices=queue.choices(page.page_num),
        before=_path(queue, queue.before(page.page_num)),
        after=_path(queue, queue.after(page.page_num)),
        due=_path(queue, queue.due(page.page_num)),
        progress=progress(queue),
        undo=undo_of(app, page.book_id, user),
        page=page,
        view=page_view(page),
        row=rows.row(page),
        picture=picture_of(app, page),
        boxes=boxes,
        text=text,
        typed=shown,
        is_draft=shown.text != (text.text if text else ""),
        conflict=conflict_of(text, draft, shown),
        words=doubtful_words(lines),
        lines=_line_boxes(text),
        attempts=tuple(reversed(app.reviews.attempts(page.book_id, page.page_num))),
        model=model_of(app),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """Where one may go on."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Ending:
    """A queue that holds nothing any more."""

    path: str
    here: str
    heading: str
    sentence: str
    is_growing: bool
    """Pages are still being read, and join the queue."""
    progress: Progress
    undo: Undo | None
    ways: tuple[Way, ...]
    """The best first."""


def ending(app: "App", queue: Queue, user: str) -> Ending:
    """Say that nothing is left in the queue, and what to do next."""
    unread = sum(page.is_unread for page in queue.pages)
    approved, rejected = len(queue.held("approved")), len(queue.held("rejected"))
    counts = _(
        "%(approved)s approved, %(rejected)s rejected, %(failed)s failed.",
        approved=approved,
        rejected=rejected,
        failed=len(queue.held("failed")),
    )
    reading = app.jobs.latest(queue.book_id, JobType.OCR)
    is_growing = unread > 0 or (reading is not None and reading.status.is_active)
    growing = ngettext(
        "%(num)s page is still being read: it appears here when it is ready.",
        "%(num)s pages are still being read: they appear here when they are ready.",
        unread,
    )
    more = _("More pages may come: they appear here when they are ready.")
    return Ending(
        path=book_path(queue.book_id),
        here=queue.end,
        heading=_(ENDINGS.get(queue.name, NOTHING_HERE)),
        sentence=f"{growing if unread else more} {counts}" if is_growing else counts,
        is_growing=is_growing,
        progress=progress(queue),
        undo=undo_of(app, queue.book_id, user),
        ways=_ways(queue),
    )


def _ways(queue: Queue) -> tuple[Way, ...]:
    unreviewed, failed = len(queue.held(UNREVIEWED)), len(queue.held("failed"))
    ways = []
    if unreviewed:
        words = ngettext("Review %(num)s page", "Review %(num)s pages", unreviewed)
        ways.append(Way(words, f"{book_path(queue.book_id)}/review?queue={UNREVIEWED}"))
    if failed and queue.name != "failed":
        words = ngettext("Mend %(num)s failed page", "Mend %(num)s failed pages", failed)
        ways.append(Way(words, f"{book_path(queue.book_id)}/review?queue=failed"))
    return (*ways, Way(_("Go on with the book"), book_path(queue.book_id)))


def conflict_of(text: TextRevision | None, draft: Draft | None, typed: Typed) -> Conflict | None:
    """Tell which other words there are, if somebody kept some since the typing began."""
    if draft is not None and draft.stamp != typed.stamp and draft.text != typed.text:
        return Conflict(
            sentence=_("Another window of yours has other words that were not saved."),
            text=draft.text,
            revision=draft.text_revision,
            stamp=draft.stamp,
            is_draft=True,
        )
    revision, words = (text.revision, text.text) if text else (0, "")
    if typed.revision == revision or typed.text == words:
        return None
    is_human = text is not None and text.source is TextSource.HUMAN
    return Conflict(
        sentence=_("Somebody saved another text since you began to type.")
        if is_human
        else _("The page was read again since you began to type."),
        text=words,
        revision=revision,
        stamp=typed.stamp,
        is_draft=False,
    )


def conflict_facts(app: "App", page_id: str, user: str, typed: Typed) -> dict[str, Any]:
    """Tell a script which other words there are, if any."""
    page = app.reviews.by_id(page_id)
    text = app.reviews.text(page.book_id, page.page_num)
    found = conflict_of(text, app.drafts.find(page.book_id, page.id, user), typed)
    return {"conflict": asdict(found)} if found else {}


def typed_in(fields: Mapping[str, str]) -> Typed | None:
    """Read the text of a form, and what its writer had looked at; raises Invalid."""
    if "text" not in fields:
        return None
    # Whoever keeps theirs has looked at the other words too.
    seen = "other_" if fields.get("do") == "mine" else ""
    revision = fields.get(f"{seen}revision", "")
    number = int(revision) if revision.isdecimal() and len(revision) < 9 else 0
    if len(fields["text"]) > LONGEST_TEXT:
        raise Invalid(_("The text is too long for one page."))
    return Typed(fields["text"], number, fields.get(f"{seen}stamp", ""))


def progress(queue: Queue) -> Progress:
    """Count the approved pages of the book."""
    return Progress(len(queue.held("approved")), len(queue.pages))


def undo_of(app: "App", book_id: str, user: str) -> Undo | None:
    """Offer what this human did last, if it can still be taken back."""
    step = app.reviews.last_step(book_id, user)
    try:
        return undo_step(app, step) if step else None
    except NotFound:  # its page was deleted since
        return None


def undo_step(app: "App", step: Step) -> Undo:
    """Offer to take this step back."""
    return Undo(said(app, step), f"{book_path(step.book_id)}/undo?step={step.id}")


def said(app: "App", step: Step) -> str:
    """Say what was done."""
    if len(step.page_ids) != 1:
        return _("%(pages)s approved.", pages=counted(len(step.page_ids), "page"))
    number = step.place or app.reviews.by_id(step.page_ids[0]).page_num
    return _(SAID[step.kind], number=number)


def _typed(draft: Draft | None) -> Typed | None:
    return Typed(draft.text, draft.text_revision, draft.stamp) if draft else None


def _as_read(text: TextRevision | None) -> Typed:
    return Typed(text.text, text.revision) if text else Typed("", 0)


def _path(queue: Queue, page_num: int | None) -> str | None:
    return None if page_num is None else queue.path(page_num)


def picture_of(app: "App", page: Page) -> Picture | None:
    """Show the page image; None while there is none."""
    view, size = page_view(page), app.images.size(page)
    if size is None or view.screen_url is None or view.image_url is None:
        return None
    return Picture(view.screen_url, view.image_url, *size)


def _line_boxes(text: TextRevision | None) -> tuple[Box, ...]:
    boxes = tuple(line.box for line in text.lines if line.box) if text else ()
    return boxes if text and len(boxes) == len(text.lines) else ()


def boxes_of(given: Sequence[str]) -> tuple[Box, ...]:
    """Read "left,top,right,bottom"; what is none is left out."""
    parts = [box.split(",") for box in given[:50]]
    return tuple(
        Box(*map(int, box))
        for box in parts
        if len(box) == 4 and all(part.isdecimal() and len(part) < 7 for part in box)
    )
