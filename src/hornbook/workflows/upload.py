"""Files become pages: acknowledged when durable, visible in natural order, each exactly once."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from hornbook.errors import Conflict, HornbookError, RejectedUpload, StoreUnavailable
from hornbook.jobs import ledger
from hornbook.library import books, keys, pages, uploads
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.uploads import NewFile, StoredFile
from hornbook.model.clock import Clock
from hornbook.model.job import Job
from hornbook.model.page import Page
from hornbook.model.upload import Batch, BatchFile, BulkReceipt, FileState, Refusal
from hornbook.stages.upload import (
    IMAGES,
    OUR_KINDS,
    Limits,
    PageFile,
    check_announced,
    check_count,
    check_pages,
    check_whole,
    display_name,
    examine,
    largest_of,
    natural_order,
    none_good,
    places,
)
from hornbook.workflows.reveal import Reveal, have_read, without_doubles

Choose = Callable[[Session, Sequence[StoredFile]], list[StoredFile]]


class Uploads:
    """The three ways in: a manifest with one PUT a file, a multipart request, a single page."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        clock: Clock,
        wake: Callable[[], None],
        limits: Limits,
        pages_in: Callable[[bytes], int],
    ) -> None:
        """`pages_in` counts the pages of a PDF, or raises RejectedUpload."""
        self._database = database
        self._objects = objects
        self._clock = clock
        self._wake = wake
        self._limits = limits
        self._pages_in = pages_in
        self._reveal = Reveal(database, objects, clock)

    # A manifest

    def announce(self, book_id: str, files: Sequence[tuple[str, int]]) -> Batch:
        """Fix the order of the files (name, size); files of an open batch give that batch.

        Raises NotFound, RejectedUpload, TooLarge, JobAlreadyActive.
        """
        check_count(len(files), self._limits)
        order = natural_order([name for name, _size in files])
        announced = [self._announced(*files[index]) for index in order]
        with self._database.begin() as session:
            books.touch(session, book_id)
            batch_id = uploads.find_announced(session, book_id, announced)
            if batch_id is None:
                batch_id = self._open_manifest(session, book_id, announced)
            return uploads.batch(session, book_id, batch_id)

    def positions(self, batch: Batch, files: Sequence[tuple[str, int]]) -> list[int]:
        """Give the place in their batch of each announced file, in the order they were given."""
        announced = [(file.name, file.size) for file in batch.files]
        return places(announced, [(name, uploads.storable(size)) for name, size in files])

    def largest(self, book_id: str, batch_id: str, position: int) -> int:
        """Return how many bytes an announced file may have; raises NotFound."""
        with self._database.read() as session:
            file = uploads.file(session, book_id, batch_id, position)
        return largest_of(file.name, self._limits)

    def receive(self, book_id: str, batch_id: str, position: int, body: bytes) -> BatchFile:
        """Keep a file's bytes; sent again, it is the same page.

        Raises NotFound, RejectedUpload, TooLarge, Conflict (other bytes than before, or dropped),
        JobAlreadyActive (a job of another type), StoreUnavailable.
        """
        with self._database.read() as session:
            file = uploads.file(session, book_id, batch_id, position)
        if _is_kept(file, sha256(body).hexdigest()):
            self._settle(book_id)  # should it have been interrupted
        else:
            self._keep(file, body)
        with self._database.read() as session:
            return uploads.file(session, book_id, batch_id, position).shown

    def drop_missing(self, book_id: str, batch_id: str) -> Batch:
        """Go on without the files that have not come; raises NotFound, StoreUnavailable."""
        with self._database.begin() as session:
            books.touch(session, book_id)
            if not uploads.is_complete(session, book_id, batch_id):
                uploads.drop_missing(session, batch_id)
                uploads.close_if_settled(session, book_id, batch_id)
        self._settle(book_id)
        with self._database.read() as session:
            return uploads.batch(session, book_id, batch_id)

    def open_batches(self, book_id: str) -> list[Batch]:
        """Return the manifests that are not complete, oldest first; raises NotFound."""
        with self._database.read() as session:
            books.require(session, book_id)
            return [
                uploads.batch(session, book_id, batch.id)
                for batch in uploads.open_batches(session, book_id)
            ]

    # A multipart request

    def open_request(self, book_id: str) -> str:
        """Begin a multipart request and return its batch; raises NotFound, JobAlreadyActive."""
        with self._database.begin() as session:
            books.touch(session, book_id)
            ledger.require_idle(session, book_id)
            return uploads.open_batch(session, book_id, [], self._clock(), is_request=True)

    def accept(
        self,
        book_id: str,
        batch_id: str,
        name: str,
        body: bytes,
        kinds: Collection[str] = IMAGES,
    ) -> None:
        """Take one file of a request; a bad one, or one of other `kinds`, is noted for the receipt.

        Raises NotFound, TooLarge (too many files), StoreUnavailable.
        """
        shown = display_name(name)
        try:
            found = self._examined(shown, body, kinds)
        except RejectedUpload as error:
            self._append(book_id, batch_id, NewFile(shown, len(body), str(error)))
        else:
            self._append(book_id, batch_id, NewFile(shown, len(body)), found, body)

    def refuse(self, book_id: str, batch_id: str, name: str, size: int) -> None:
        """Note a file of a request that was not read to its end because of its size.

        Raises NotFound, TooLarge (too many files).
        """
        new = self._announced(name, max(size, self._limits.max_file_bytes + 1))
        self._append(book_id, batch_id, new)

    def complete_request(self, book_id: str, batch_id: str) -> BulkReceipt:
        """Make pages of all good files, in natural order, and open their OCR job.

        Raises NotFound, RejectedUpload (none given or none good), TooLarge (all too large),
        Conflict (all already there), JobAlreadyActive, StoreUnavailable; then no page is made.
        """
        return self._complete(book_id, batch_id, without_doubles)[0]

    def abandon_request(self, book_id: str, batch_id: str) -> None:
        """Forget a request whose client went away, unless it is complete or gone."""
        with self._database.begin() as session:
            uploads.forget(session, book_id, batch_id)

    def add_page(self, book_id: str, name: str, body: bytes) -> Page:
        """Add a page at the end of the book, always, and have it read.

        Of a file with several frames, it is the first. Raises as a request does.
        """
        examine(display_name(name), body, self._limits)
        batch_id = self.open_request(book_id)
        with self._all_or_nothing(book_id, batch_id):
            self.accept(book_id, batch_id, name, body)
        _receipt, made = self._complete(book_id, batch_id, lambda _session, files: list(files))
        return made[0]

    def sweep(self) -> None:
        """At start-up: forget requests that never completed, go on with interrupted manifests.

        Whoever starts holds the seat, so that every open request is that of a dead server.
        """
        with self._database.read() as session:
            requests = uploads.open_batches(session, is_request=True)
            manifests = uploads.open_batches(session)
        for batch in requests:
            self.abandon_request(batch.book_id, batch.id)
        for book_id in sorted({batch.book_id for batch in manifests}):
            self._go_on(book_id)

    # How a manifest is kept

    def _announced(self, name: str, size: int) -> NewFile:
        shown = display_name(name)
        try:
            check_announced(shown, size, self._limits)
        except RejectedUpload as error:
            return NewFile(shown, size, str(error))
        return NewFile(shown, size)

    def _open_manifest(self, session: Session, book_id: str, announced: Sequence[NewFile]) -> str:
        ledger.require_idle(session, book_id)
        good = sum(file.error is None for file in announced)
        if not good:
            refused = [(file.error or "", file.size) for file in announced]
            raise none_good(refused, self._limits)
        check_pages(pages.total(session, book_id) + good, self._limits)
        return uploads.open_batch(session, book_id, announced, self._clock())

    def _keep(self, file: StoredFile, body: bytes) -> None:
        """Keep the bytes, object first; a file that is no page image is refused for good."""
        check_whole(file.name, len(body), file.size, self._limits)
        try:
            found = self._examined(file.name, body, OUR_KINDS)
            self._keep_good(file, found, body)
        except RejectedUpload as error:
            self._refuse(file, str(error))
            raise

    def _examined(self, name: str, body: bytes, kinds: Collection[str]) -> PageFile:
        found = examine(name, body, self._limits, kinds)
        if found.frames:
            return found
        try:
            frames = self._pages_in(body)
            check_pages(frames, self._limits)
        except RejectedUpload as error:
            raise RejectedUpload(f"{name}: {error}") from error
        return replace(found, frames=frames)

    def _keep_good(self, file: StoredFile, found: PageFile, body: bytes) -> None:
        received = replace(
            file, sha256=found.sha256, media_type=found.media_type, frames=found.frames
        )
        self._objects.put_new(received.key, body)
        self._reveal.settle_after(
            file.book_id, file.batch_id, lambda session: self._note_received(session, received)
        )
        self._wake()

    def _note_received(self, session: Session, received: StoredFile) -> None:
        book_id, batch_id = received.book_id, received.batch_id
        known = uploads.file(session, book_id, batch_id, received.position)
        if _is_kept(known, received.sha256):
            return
        uploads.require_open(session, book_id, batch_id, is_request=False)
        uploads.note_arrival(session, batch_id, self._clock())
        if pages.is_there(session, book_id, received.name, received.sha256):
            self._note(session, received, FileState.ALREADY_THERE)
            books.note_removal(session, book_id, received.key)
            uploads.close_if_settled(session, book_id, batch_id)
            return
        waiting = uploads.waiting_pages(session, book_id) + received.frames
        check_pages(pages.total(session, book_id) + waiting, self._limits)
        # The job begins with the first file, though no page may be visible yet: it sees to it
        # that files are revealed that wait for one which never comes.
        job = have_read(session, book_id, [], self._clock())
        self._note(session, received, FileState.RECEIVED)
        uploads.set_job(session, batch_id, job.id)

    def _note(self, session: Session, received: StoredFile, state: FileState) -> None:
        uploads.set_file(
            session,
            received,
            state,
            error=None,
            sha256=received.sha256,
            media_type=received.media_type,
            frames=received.frames,
        )

    def _refuse(self, file: StoredFile, error: str) -> None:
        with self._database.begin() as session:
            books.touch(session, file.book_id)
            uploads.require_open(session, file.book_id, file.batch_id, is_request=False)
            uploads.set_file(session, file, FileState.REFUSED, error=error)
            uploads.close_if_settled(session, file.book_id, file.batch_id)
        self._settle(file.book_id)

    def _settle(self, book_id: str) -> None:
        if self._reveal.settle(book_id):
            self._wake()

    def _go_on(self, book_id: str) -> None:
        try:
            self._settle(book_id)
        except StoreUnavailable:
            return  # the next file to arrive, or the book's OCR job, does it

    # How a request is kept

    def _append(
        self,
        book_id: str,
        batch_id: str,
        new: NewFile,
        found: PageFile | None = None,
        body: bytes = b"",
    ) -> None:
        with self._database.read() as session:
            uploads.require_open(session, book_id, batch_id, is_request=True)
            position = uploads.count_files(session, batch_id)
        check_count(position + 1, self._limits)
        values: dict[str, Any] = {}
        if found:
            self._objects.put_new(keys.upload(book_id, batch_id, position, found.sha256), body)
            values = asdict(found)
        with self._database.begin() as session:
            uploads.append_file(session, batch_id, position, new, **values)
            uploads.note_arrival(session, batch_id, self._clock())

    def _complete(
        self, book_id: str, batch_id: str, choose: Choose
    ) -> tuple[BulkReceipt, list[Page]]:
        with self._reveal.alone(book_id), self._all_or_nothing(book_id, batch_id):
            with self._database.begin() as session:
                chosen = self._chosen(session, book_id, batch_id, choose)
            job, made = self._reveal.make_pages(book_id, batch_id, chosen)
        self._wake()
        return self._receipt(book_id, batch_id, job, made), made

    def _chosen(
        self, session: Session, book_id: str, batch_id: str, choose: Choose
    ) -> list[StoredFile]:
        """Give the files that become pages, in natural order and with their numbers."""
        books.touch(session, book_id)
        uploads.require_open(session, book_id, batch_id, is_request=True)
        ledger.require_idle(session, book_id)
        files = uploads.files(session, book_id, batch_id)
        check_count(len(files), self._limits)
        good = [file for file in files if file.state is FileState.RECEIVED]
        if not good:
            raise none_good([(file.error or "", file.size) for file in files], self._limits)
        ordered = [good[index] for index in natural_order([file.name for file in good])]
        new = choose(session, ordered)
        if not new:
            raise Conflict("Every file of this upload is already a page of this book.")
        return uploads.allot(session, book_id, self._fitting(session, book_id, new))

    def _fitting(
        self, session: Session, book_id: str, files: Sequence[StoredFile]
    ) -> list[StoredFile]:
        """Refuse the files that the book has no room for; raises RejectedUpload when all are."""
        total, fitting = pages.total(session, book_id), []
        for file in files:
            try:
                check_pages(total + file.frames, self._limits)
            except RejectedUpload as error:
                uploads.set_file(session, file, FileState.REFUSED, error=f"{file.name}: {error}")
                refusal = error
            else:
                total += file.frames
                fitting.append(file)
        if not fitting:
            raise refusal
        return fitting

    def _receipt(self, book_id: str, batch_id: str, job: Job, made: Sequence[Page]) -> BulkReceipt:
        with self._database.read() as session:
            files = uploads.files(session, book_id, batch_id)
            total = pages.total(session, book_id)
        refused = [file for file in files if file.state is FileState.REFUSED]
        return BulkReceipt(
            job_id=job.id,
            pages_uploaded=tuple(page.page_num for page in made),
            total_pages=total,
            rejected=tuple(Refusal(file.name, file.error or "") for file in refused),
            already_there=tuple(
                file.name for file in files if file.state is FileState.ALREADY_THERE
            ),
        )

    @contextmanager
    def _all_or_nothing(self, book_id: str, batch_id: str) -> Iterator[None]:
        """Forget the request when anything stops it: the client sends all of it again."""
        try:
            yield
        except HornbookError:
            self.abandon_request(book_id, batch_id)
            raise


def _is_kept(file: StoredFile, sha256: str) -> bool:
    """Tell whether just these bytes were received; raises Conflict when it can be no more."""
    if file.state is FileState.DROPPED:
        raise Conflict(f"{file.name} was dropped from this upload. Upload it anew.")
    if file.state not in uploads.SAFE:
        return False
    if file.sha256 != sha256:
        raise Conflict(f"{file.name} was already received with other bytes.")
    return True
