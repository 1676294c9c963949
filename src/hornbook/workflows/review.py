"""A human looks at pages: approves, rejects, corrects, turns, replaces, moves and deletes them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from hornbook.errors import Conflict, Invalid
from hornbook.jobs import ledger
from hornbook.library import books, deletions, drafts, order, pages, readings, steps
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.pages import NewPage
from hornbook.library.steps import Standing
from hornbook.model.clock import Clock
from hornbook.model.page import Attempt, Page, PageCounts, PageGlance, ReviewStatus, TextRevision
from hornbook.model.review import Decided, Step, StepKind, Typed
from hornbook.stages.upload import Limits, display_name, examine
from hornbook.workflows.reveal import have_read, keep_raw

NO_LIMITS_BUT_THE_USUAL = Limits()
OUTCOMES = {
    StepKind.APPROVE: ReviewStatus.APPROVED,
    StepKind.REJECT: ReviewStatus.REJECTED,
    StepKind.UNREVIEW: ReviewStatus.PENDING_REVIEW,
}
UNDO_WITHIN = timedelta(hours=1)
QUARTER = 90
FULL_TURN = 360


def leave_guidelines_alone(session: Session, book_id: str) -> None:
    """Do nothing when pages go or move: for books without guidelines."""


class Reviews:
    """What an admin sees and does page by page."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        clock: Clock,
        wake: Callable[[], None],
        limits: Limits = NO_LIMITS_BUT_THE_USUAL,
        on_pages_changed: Callable[[Session, str], None] = leave_guidelines_alone,
    ) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._wake = wake
        self._limits = limits
        self._on_pages_changed = on_pages_changed

    # Looking

    def pages(self, book_id: str, since_rev: int | None = None) -> list[Page]:
        """Return the book's pages in order, or those changed since a revision; raises NotFound."""
        with self._database.read() as session:
            return pages.find(session, book_id, since_rev=since_rev)

    def glances(self, book_id: str) -> list[PageGlance]:
        """Return where each of the book's pages stands, in order; raises NotFound."""
        with self._database.read() as session:
            return pages.glances(session, book_id)

    def ready(self, book_id: str) -> list[Page]:
        """Return the pages that were read and that nobody has decided about; raises NotFound."""
        with self._database.read() as session:
            return _ready(session, book_id, None, None)

    def by_id(self, page_id: str) -> Page:
        """Return the page of this identity, wherever it stands; raises NotFound."""
        with self._database.read() as session:
            return pages.by_id(session, page_id)

    def with_words(self, book_id: str, words: str) -> set[str]:
        """Return the pages, by identity, that have these words in file name or text."""
        with self._database.read() as session:
            return readings.with_words(session, book_id, words)

    def counts(self, book_id: str) -> PageCounts:
        """Return how the book's pages stand; raises NotFound."""
        with self._database.read() as session:
            return pages.counts(session, book_id)

    def page(self, book_id: str, page_num: int) -> Page:
        """Return the page at this place; raises NotFound."""
        with self._database.read() as session:
            return pages.get(session, book_id, page_num)

    def text(self, book_id: str, page_num: int) -> TextRevision | None:
        """Return the page's current text, None while there is none; raises NotFound."""
        with self._database.read() as session:
            return readings.text(session, pages.get(session, book_id, page_num))

    def attempts(self, book_id: str, page_num: int) -> list[Attempt]:
        """Return every attempt of any job at the page, oldest first; raises NotFound."""
        with self._database.read() as session:
            return readings.attempts(session, pages.get(session, book_id, page_num))

    # Deciding, also while a job runs

    def decide(
        self,
        book_id: str,
        page_num: int,
        by: str,
        kind: StepKind,
        typed: Typed | None = None,
        page_id: str | None = None,
    ) -> Decided:
        """Keep the text that was typed, then approve, reject or take a decision back, all at once.

        With a `page_id`, only if that page still stands there. Raises NotFound, StaleRevision,
        Conflict (no text yet, it is being read, another page stands there).
        """
        with self._database.begin() as session:
            page = _same(pages.get(session, book_id, page_num), page_id)
            if not _is_news(session, page, by, kind, typed):
                return Decided(page, None)
            page = pages.latest(session, page)
            before = steps.standings(session, [page.id])
            draft = self._save(session, page, typed, by) if typed else None
            page = self._review(session, pages.by_id(session, page.id), kind, by)
            step = self._keep_step(session, book_id, by, kind, before, draft=draft)
            if step and step.changes_use:
                self._on_pages_changed(session, book_id)
            return Decided(page, step)

    def approve(self, book_id: str, page_num: int, by: str) -> Page:
        """Approve; again changes nothing. Raises NotFound, Conflict (no text yet)."""
        return self.decide(book_id, page_num, by, StepKind.APPROVE).page

    def reject(self, book_id: str, page_num: int, by: str) -> Page:
        """Skip the page; again changes nothing. Raises NotFound, Conflict (it is being read)."""
        return self.decide(book_id, page_num, by, StepKind.REJECT).page

    def skip(
        self, book_id: str, page_nums: Sequence[int], by: str
    ) -> tuple[list[int], Step | None]:
        """Reject these pages as `reject` does, all of them or none; one step for all."""
        with self._database.begin() as session:
            books.touch(session, book_id)
            chosen = [pages.get(session, book_id, number) for number in sorted({*page_nums})]
            before = steps.standings(session, [page.id for page in chosen])
            for page in chosen:
                pages.reject(session, page)
            step = self._keep_step(session, book_id, by, StepKind.REJECT, before)
            self._on_pages_changed(session, book_id)
        return [page.page_num for page in chosen], step

    def unreview(self, book_id: str, page_num: int, by: str) -> Page:
        """Take an approval or a rejection back; raises NotFound."""
        return self.decide(book_id, page_num, by, StepKind.UNREVIEW).page

    def approve_all(
        self,
        book_id: str,
        by: str,
        page_nums: Sequence[int] | None = None,
        min_confidence: float | None = None,
        seen_rev: int | None = None,
    ) -> tuple[list[int], Step | None]:
        """Approve every page that was read and not looked at, of these; one step for all.

        With `seen_rev` only those that have not changed since that revision of the book. Raises
        NotFound.
        """
        with self._database.begin() as session:
            books.touch(session, book_id)
            ready = _ready(session, book_id, page_nums, min_confidence)
            ready = [page for page in ready if seen_rev is None or page.rev <= seen_rev]
            before = steps.standings(session, [page.id for page in ready])
            pages.approve_all(session, book_id, ready, by, self._clock())
            step = self._keep_step(session, book_id, by, StepKind.APPROVE, before)
            return [page.page_num for page in ready], step

    def approve_ready(
        self,
        book_id: str,
        by: str,
        pages: Sequence[int] | None = None,
        min_confidence: float | None = None,
    ) -> list[int]:
        """Approve as `approve_all` does, and return which pages. Raises NotFound."""
        return self.approve_all(book_id, by, pages, min_confidence)[0]

    def correct(
        self, book_id: str, page_num: int, text: str, revision: int, by: str
    ) -> TextRevision:
        """Keep a human's text in place of revision `revision`; raises NotFound, StaleRevision."""
        with self._database.begin() as session:
            page = pages.get(session, book_id, page_num)
            return readings.correct(session, page, text, revision, by, self._clock())

    # Changing, while no job runs

    def rotate(self, book_id: str, page_num: int, degrees: int) -> Page:
        """Turn the page clockwise by a multiple of 90 degrees and have it read again.

        Raises NotFound, Invalid, JobAlreadyActive.
        """
        if degrees % QUARTER:
            raise Invalid("A page can be turned by 90, 180 or 270 degrees.")
        with self._database.begin() as session:
            page = self._free_page(session, book_id, page_num)
            if degrees % FULL_TURN:
                turned = (page.rotation + degrees) % FULL_TURN
                page = pages.change(session, page, rotation=turned)
                page = self._read_again(session, page)
        self._wake()
        return page

    def replace(self, book_id: str, page_num: int, name: str, body: bytes) -> Page:
        """Take another file for the page, which is read anew; what was read before is history.

        Raises NotFound, RejectedUpload, TooLarge, JobAlreadyActive, StoreUnavailable.
        """
        shown = display_name(name)
        found = examine(shown, body, self._limits)
        with self._database.read() as session:
            ledger.require_idle(session, book_id)
            page = pages.get(session, book_id, page_num)
        raw_key = keep_raw(
            self._objects,
            book_id,
            page.number,
            found.media_type,
            body,
            revision=_revision_of(page.raw_key) + 1,
        )
        new = NewPage(page.number, shown, found.media_type, found.sha256, len(body), raw_key)
        with self._database.begin() as session:
            if self._free_page(session, book_id, page_num).id != page.id:
                raise Conflict("The pages were moved in the meantime. Look at them again.")
            page = pages.replace_file(session, page, new, self._clock())
            page = self._read_again(session, page)
        self._wake()
        return page

    def move(self, book_id: str, page_num: int, to: int, by: str) -> Decided:
        """Give the page another place; raises NotFound, Invalid, JobAlreadyActive."""
        with self._database.begin() as session:
            page = self._free_page(session, book_id, page_num)
            before = steps.standings(session, [page.id])
            page = order.move(session, page, to)
            self._on_pages_changed(session, book_id)
            return Decided(page, self._keep_step(session, book_id, by, StepKind.MOVE, before))

    def delete(self, book_id: str, page_num: int) -> None:
        """Remove the page with its objects; later pages move up.

        Raises NotFound, JobAlreadyActive.
        """
        with self._database.begin() as session:
            order.remove(session, self._free_page(session, book_id, page_num))
            self._on_pages_changed(session, book_id)

    def take_out(self, book_id: str, page_num: int, by: str) -> Step:
        """Remove the page so that it can be put back; its objects stay as long.

        Raises NotFound, JobAlreadyActive.
        """
        now = self._clock()
        with self._database.begin() as session:
            page = self._free_page(session, book_id, page_num)
            steps.forget(session, book_id, now - UNDO_WITHIN)
            kept = deletions.take_out(session, page, now + UNDO_WITHIN)
            self._on_pages_changed(session, book_id)
            return steps.keep_deletion(session, page, by, kept, now)

    # Taking back

    def last_step(self, book_id: str, by: str) -> Step | None:
        """Return what this human did last in the book and can still take back."""
        with self._database.read() as session:
            return steps.latest(session, book_id, by, self._clock() - UNDO_WITHIN)

    def undo(self, book_id: str, by: str, step_id: int | None = None) -> tuple[Step, list[Page]]:
        """Take back this step, or this human's last one: the pages stand as before it.

        A text that the step saved is a draft again. Raises Conflict (nothing to undo, or changed
        since), JobAlreadyActive (when pages would come or change their order).
        """
        with self._database.begin() as session:
            books.touch(session, book_id)
            step = self._step(session, book_id, by, step_id)
            if step.kind in {StepKind.MOVE, StepKind.DELETE}:
                ledger.require_idle(session, book_id)
            restored, draft = steps.take_back(session, step)
            if draft is not None:
                page = restored[0]
                drafts.keep(session, page, by, draft, page.text_revision, self._clock())
            if step.changes_use:
                self._on_pages_changed(session, book_id)
            return step, restored

    def _step(self, session: Session, book_id: str, by: str, step_id: int | None) -> Step:
        since = self._clock() - UNDO_WITHIN
        if step_id is not None:
            return steps.find(session, book_id, by, step_id, since)
        step = steps.latest(session, book_id, by, since)
        if step is None:
            raise Conflict("There is nothing to undo any more.")
        return step

    def _keep_step(
        self,
        session: Session,
        book_id: str,
        by: str,
        kind: StepKind,
        before: Mapping[str, Standing],
        *,
        draft: str | None = None,
    ) -> Step | None:
        now = self._clock()
        steps.forget(session, book_id, now - UNDO_WITHIN)
        return steps.keep(session, book_id, by, kind, before, now, draft=draft)

    def _save(self, session: Session, page: Page, typed: Typed, by: str) -> str | None:
        """Keep what was typed, if it differs from the text, and give it."""
        drafts.require_latest(session, page, by, typed.stamp, typed.text)
        drafts.discard(session, page, by)
        now = readings.text(session, page)
        if typed.text == (now.text if now else ""):
            return None
        readings.correct(session, page, typed.text, typed.revision, by, self._clock())
        return typed.text

    def _review(self, session: Session, page: Page, kind: StepKind, by: str) -> Page:
        if kind is StepKind.APPROVE:
            return pages.approve(session, page, by, self._clock())
        if kind is StepKind.REJECT:
            return pages.reject(session, page)
        return pages.unreview(session, page) if kind is StepKind.UNREVIEW else page

    def _free_page(self, session: Session, book_id: str, page_num: int) -> Page:
        """Give the page, and see to it that no job of the book begins meanwhile."""
        books.touch(session, book_id)
        ledger.require_idle(session, book_id)
        return pages.get(session, book_id, page_num)

    def _read_again(self, session: Session, page: Page) -> Page:
        page = readings.ask(session, page)
        have_read(session, page.book_id, [page], self._clock())
        return page


def _same(page: Page, page_id: str | None) -> Page:
    if page_id and page.id != page_id:
        raise Conflict("The pages were moved in the meantime. Look at them again.")
    return page


def _is_news(session: Session, page: Page, by: str, kind: StepKind, typed: Typed | None) -> bool:
    if page.review is not OUTCOMES.get(kind, page.review):
        return True
    if typed is None:
        return False
    now = readings.text(session, page)
    is_typed = typed.text != (now.text if now else "")
    return is_typed or drafts.find(session, page, by) is not None


def _ready(
    session: Session,
    book_id: str,
    page_nums: Sequence[int] | None,
    min_confidence: float | None,
) -> list[Page]:
    asked = (
        pages.find(session, book_id)
        if page_nums is None
        else [pages.get(session, book_id, page_num) for page_num in sorted({*page_nums})]
    )
    return [page for page in asked if pages.is_ready(page, min_confidence)]


def _revision_of(raw_key: str) -> int:
    found = re.search(r"\.v(\d+)\.", raw_key)
    return int(found[1]) if found else 1
