"""What the predecessor got wrong (CONTRACT 6), where no other test says it in one sentence."""

import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update

from hornbook.engines.workshop import Workshop
from hornbook.errors import ServerError, Terminal, TimedOut, UnreadableImage
from hornbook.jobs import ledger
from hornbook.library.database import Database
from hornbook.library.tables import BookRow
from hornbook.model.finding import Finding, PageToRead
from hornbook.model.job import JobStatus, OnError
from hornbook.stages import image as images
from hornbook.stages.ocr import RawPage
from tests.admin import Admin, at_once
from tests.desk import SUBTRACTING, TEXTS, Desk, Sentences
from tests.drawing import drawn_page, encoded, photographed

RIBBON = "two sevenths"  # stands on page 4 only


class Forgetful(Sentences):
    """Leaves the last statement of a page out when it is asked again."""

    def read(self, page: PageToRead) -> Finding:
        is_again = page.text in self.asked
        found = super().read(page)
        items = found.items[:-1] if is_again else found.items
        return Finding(found.summary, items, found.headings, 0, self.name)


@pytest.fixture
def desk(sqlite_database, clock) -> Desk:
    return Desk(sqlite_database, clock)


@pytest.fixture
def admin(sqlite_database, objects, clock) -> Admin:
    return Admin(sqlite_database, objects, clock)


def test_each_of_the_twenty_is_planted_to_see_that_a_test_notices():
    planted = {path.name[:2] for path in (Path(__file__).parent / "planted").glob("*.patch")}

    assert {f"{number:02}" for number in range(1, 21)} <= planted


# 2


def test_contract_6_2_a_page_kept_but_not_recorded_replaces_what_it_gave(sqlite_database, clock):
    """The worker dies between keeping a guideline and recording progress."""
    desk = Desk(sqlite_database, clock, reader=Forgetful())
    book = desk.book()
    job_id = desk.generate.start(book, ask_again=True).job_id
    job = desk.job(book, job_id)
    leg = desk.legs()[job.type]
    leg.begin(job, desk.database.begin)
    job = desk.job(book, job_id)
    with desk.database.read() as session:
        fourth = ledger.items_of(session, job_id)[3]
    prepared = leg.prepare(job, fourth)
    with desk.database.begin() as session:
        leg.save(session, job, fourth, prepared)
    assert "Check every answer" in desk.guidelines.subtopic(book, *SUBTRACTING).guidelines

    assert desk.work(book).status is JobStatus.COMPLETED

    text = desk.guidelines.subtopic(book, *SUBTRACTING).guidelines
    assert text.count(RIBBON) == 1
    assert "Check every answer" not in text


# 8


def test_contract_6_8_after_a_deletion_every_page_shows_its_own_image_and_text(admin):
    admin.upload_and_read("1.png", "2.png", "3.png", "4.png")
    before = {page.id: shown(admin, page.page_num) for page in admin.pages()}

    admin.reviews.delete(admin.book.id, 2)
    admin.upload_and_read("5.png")

    after = {page.id: shown(admin, page.page_num) for page in admin.pages()}
    kept = after.keys() & before.keys()
    assert len(kept) == 3
    assert {one: after[one] for one in kept} == {one: before[one] for one in kept}
    assert len(set(after.values())) == 4


def shown(admin: Admin, page_num: int) -> tuple[bytes, str | None]:
    """What an admin sees of a page."""
    image, _media_type, _key = admin.images.get(admin.book.id, page_num, "full")
    text = admin.reviews.text(admin.book.id, page_num)
    return image, text and text.text


# 9


@pytest.mark.parametrize("engine", ["Mumbling", "CutOff"])
def test_contract_6_9_an_answer_that_is_cut_or_malformed_is_an_error_and_no_result(engine):
    workshop = Workshop(f"tests.engines.mumbling:{engine}", workers=1, deadline=30)
    try:
        with pytest.raises(ServerError):
            workshop.read_page(RawPage(encoded(drawn_page(size=(400, 560), text_size=12), "PNG")))
    finally:
        workshop.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_contract_6_9_an_image_that_was_cut_is_no_page(kind):
    whole = encoded(drawn_page(size=(400, 560), text_size=12), kind)

    with pytest.raises(UnreadableImage):
        images.upright(whole[: len(whole) * 2 // 3])


# 13


@pytest.mark.parametrize(
    ("error", "kind", "tries"),
    [
        (TimedOut("No answer."), "retryable", 4),
        (ServerError("The other side said 502."), "retryable", 4),
        (Terminal("The page is about rate limits, time-outs and servers."), "terminal", 1),
    ],
)
def test_contract_6_13_errors_are_told_apart_by_type_and_not_by_words(desk, error, kind, tries):
    book = desk.book()
    desk.reader.failures[RIBBON] = error

    job = desk.generated(book, on_error=OnError.CONTINUE)

    assert desk.detail(job)["page_errors"]["4"]["error_type"] == kind
    assert desk.reader.asked.count(TEXTS[3]) == tries


# 18


def test_contract_6_18_what_is_sent_to_a_model_is_smaller_than_the_photo():
    photo = encoded(photographed(drawn_page()).resize((3000, 4000)), "JPEG", quality=85)

    made = images.prepared(images.upright(photo), is_blank=False)

    assert Image.open(BytesIO(made.png)).size == (2250, 3000)
    assert len(made.compact) < len(photo) / 2


# Under them all


@pytest.fixture
def second_process(sqlite_database: Database) -> Iterator[Database]:
    """The same file, opened as another process does."""
    database = Database(sqlite_database.url)
    yield database
    database.close()


def test_two_processes_that_read_and_then_write_wait_for_each_other(desk, second_process):
    book = desk.book(TEXTS[:1])
    has_read = threading.Event()

    def raise_rev(database: Database, *, is_first: bool) -> int:
        if not is_first:
            has_read.wait(10)
        with database.begin() as session:
            rev = session.scalar(select(BookRow.last_number).where(BookRow.id == book))
            has_read.set()
            threading.Event().wait(0.2)
            session.execute(update(BookRow).values(last_number=rev + 1))
        return rev

    outcomes = at_once(
        lambda: raise_rev(desk.database, is_first=True),
        lambda: raise_rev(second_process, is_first=False),
    )

    assert outcomes == [0, 1]
