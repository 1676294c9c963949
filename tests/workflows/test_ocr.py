import errno
from functools import partial

import pytest

from hornbook.engines.model_client import ModelClient
from hornbook.engines.vision import Vision
from hornbook.errors import (
    Conflict,
    JobAlreadyActive,
    MissingObject,
    NotFound,
    RateLimited,
    ServerError,
    UnreadableImage,
)
from hornbook.jobs import ledger
from hornbook.model.job import ErrorType, Failure, ItemState, JobStatus, JobType
from hornbook.model.page import OcrStatus, ReviewStatus
from hornbook.stages.ocr import RawPage
from hornbook.workflows.journal import Journal
from hornbook.workflows.ocr import OcrLeg
from hornbook.workflows.thinking import Terms
from tests.admin import Admin, Crash, FakeWorkshop, FlakyObjects, png, tiff


@pytest.fixture
def admin(database, objects, clock) -> Admin:
    return Admin(database, objects, clock)


@pytest.fixture
def quick(sqlite_database, objects, clock) -> Admin:
    """On SQLite only."""
    return Admin(sqlite_database, objects, clock)


def detail(admin: Admin, job) -> dict:
    with admin.database.read() as session:
        return ledger.progress_detail(session, job)


def work_on(admin: Admin, page_num: int):
    """A worker has begun the page: its item and the active job."""
    job = admin.active()
    with admin.database.begin() as session:
        item = next(item for item in ledger.items_of(session, job.id) if item.position == page_num)
        ledger.start_item(session, job.id, item.subject_id)
        admin.leg.start(session, job, item)
    return job, item


def test_every_page_of_an_upload_is_read(admin):
    admin.upload("1.png", "2.png", "3.png")

    job = admin.run()

    assert (job.status, job.total_items, job.completed_items) == (JobStatus.COMPLETED, 3, 3)
    assert admin.texts() == ["1.png", "2.png", "3.png"]
    assert {page.ocr_status for page in admin.pages()} == {OcrStatus.COMPLETED}
    assert {page.confidence for page in admin.pages()} == {93.1}
    assert detail(admin, job)["page_results"]["2"] == {"confidence": 93.1}


def test_a_page_that_was_read_has_its_images_in_the_store(admin):
    admin.upload_and_read("1.png")
    page = admin.pages()[0]

    assert page.image_key == f"books/{admin.book.id}/1.png"
    assert admin.images.get(admin.book.id, 1, "full")[0].startswith(b"png")
    assert admin.images.get(admin.book.id, 1, "screen")[1:] == ("image/webp", page.compact_key)
    assert admin.images.get(admin.book.id, 1, "thumbnail")[0].startswith(b"small")


def test_each_frame_of_a_tiff_is_read_as_a_page(quick):
    quick.request({"a.tif": tiff(3)})

    quick.run()

    assert sorted(frame for _raw, frame, _turn in quick.workshop.read) == [0, 1, 2]


def test_lines_keep_their_boxes(admin):
    admin.upload_and_read("1.png")

    text = admin.reviews.text(admin.book.id, 1)

    assert (text.revision, text.source, text.confidence) == (1, "ocr", 93.1)
    assert text.lines[0].box.left == 10


def test_a_blank_page_is_completed_with_an_empty_text(admin):
    admin.request({"1.png": png("blank")})

    job = admin.run()

    page = admin.pages()[0]
    assert (page.ocr_status, page.is_blank, page.confidence) == (OcrStatus.COMPLETED, True, None)
    assert admin.texts() == [""]
    assert not page.has_text
    assert job.completed_items == 1
    assert admin.reviews.approve(admin.book.id, 1, "ada").review is ReviewStatus.APPROVED


def test_ink_without_words_fails_for_good_but_keeps_the_image(admin):
    admin.request({"1.png": png("wordless")})

    job = admin.run()

    page = admin.pages()[0]
    assert (page.ocr_status, page.ocr_error_type) == (OcrStatus.FAILED, "terminal")
    assert page.ocr_error.startswith("No words found on this page")
    assert admin.images.get(admin.book.id, 1, "full")[0].startswith(b"png")
    assert (job.status, job.failed_items) == (JobStatus.COMPLETED, 1)
    assert detail(admin, job)["page_errors"]["1"]["error_type"] == "terminal"


def test_a_failed_page_keeps_no_other_page_from_being_read(admin):
    admin.workshop.faults = [UnreadableImage("The file is cut.")]
    admin.upload("1.png", "2.png", "3.png")

    job = admin.run()

    states = sorted(page.ocr_status for page in admin.pages())
    assert states == ["completed", "completed", "failed"]
    assert (job.completed_items, job.failed_items) == (2, 1)
    assert [page.ocr_error for page in admin.pages() if page.ocr_error] == ["The file is cut."]


def test_a_retryable_failure_is_told_with_its_cause(quick):
    quick.workshop.faults = [RateLimited("Rate limit: slow down")] * 4
    quick.upload("1.png")

    quick.run()

    page = quick.pages()[0]
    assert (page.ocr_status, page.ocr_error_type) == (OcrStatus.FAILED, "retryable")
    assert page.ocr_error.startswith("Rate limit")


def test_every_attempt_is_kept(admin, clock):
    admin.workshop.faults = [UnreadableImage("The file is cut.")]
    admin.workshop.on_read = lambda raw: clock.advance(2)
    admin.upload("1.png")
    first = admin.run()
    admin.reading.retry_page(admin.book.id, 1)
    admin.run()

    failed, done = admin.reviews.attempts(admin.book.id, 1)

    assert (failed.outcome, failed.error, failed.error_class) == (
        "failed",
        "The file is cut.",
        "UnreadableImage",
    )
    assert (failed.job_id, failed.attempt, failed.engine) == (first.id, 1, "fake")
    assert (failed.ended_at - failed.started_at).total_seconds() == 2
    assert (done.outcome, done.error) == ("done", None)


def test_a_missing_upload_is_the_page_s_own_trouble(quick):
    quick.upload("1.png", "2.png")
    quick.objects.delete(quick.pages()[0].raw_key)

    job = quick.run()

    assert (job.completed_items, job.failed_items) == (1, 1)
    assert "missing from the store" in quick.pages()[0].ocr_error


def test_a_page_rejected_before_its_turn_is_not_read_and_counts_as_done(admin):
    admin.upload("1.png", "2.png")
    admin.reviews.reject(admin.book.id, 1, "ada")

    job = admin.run()

    assert (job.status, job.completed_items, job.failed_items) == (JobStatus.COMPLETED, 2, 0)
    assert [raw for raw, _frame, _turn in admin.workshop.read] == [png("2.png")]
    assert admin.pages()[0].ocr_status is OcrStatus.PENDING


def test_approvals_made_while_pages_are_read_are_kept(admin):
    admin.upload("1.png", "2.png", "3.png")
    approved: list[str] = []

    def approve_what_is_ready(_raw: bytes) -> None:
        approved.extend(admin.reviews.approve_ready(admin.book.id, "ada"))

    admin.workshop.on_read = approve_what_is_ready
    admin.workshop.workers = 1
    admin.run()

    assert approved == [1, 2]
    assert [page.review for page in admin.pages()] == ["approved", "approved", "pending_review"]
    assert admin.texts() == ["1.png", "2.png", "3.png"]


def test_a_correction_made_while_its_page_is_read_again_wins(admin):
    admin.upload_and_read("1.png")
    admin.reading.retry_page(admin.book.id, 1)
    admin.workshop.on_read = lambda _raw: admin.reviews.correct(admin.book.id, 1, "mine", 1, "ada")

    admin.run()

    assert admin.texts() == ["mine"]


def test_a_page_being_read_goes_back_to_pending_when_its_job_lets_go(admin):
    admin.upload("1.png")
    job, item = work_on(admin, 1)
    assert admin.pages()[0].ocr_status is OcrStatus.PROCESSING

    with admin.database.begin() as session:
        admin.leg.release(session, job, item)

    assert admin.pages()[0].ocr_status is OcrStatus.PENDING


def test_a_killed_worker_s_page_is_read_once_more_and_once_only(admin):
    admin.upload("1.png", "2.png")
    job, item = work_on(admin, 1)
    admin.leg.prepare(job, item)

    admin.restart()
    ended = admin.run(is_after_crash=True)

    page = admin.pages()[0]
    assert (ended.id, ended.status, ended.completed_items) == (job.id, JobStatus.COMPLETED, 2)
    assert (page.image_key, page.text_revision) == (f"books/{admin.book.id}/1.png", 1)


@pytest.mark.parametrize("name", ["1.png", "screen/1.webp", "thumbnails/1.webp"])
def test_a_crash_between_the_images_of_a_page_leaves_no_second_set(
    sqlite_database, tmp_path, clock, name
):
    flaky = Admin(sqlite_database, FlakyObjects((tmp_path / "store").as_uri()), clock)
    flaky.upload("1.png")
    flaky.objects.error = Crash
    flaky.objects.fails_at = lambda operation, key: (
        operation == "put after" and key == f"{flaky.book.s3_prefix}{name}"
    )
    job, item = work_on(flaky, 1)
    with pytest.raises(Crash):
        flaky.leg.prepare(job, item)

    flaky.objects.fails_at = lambda operation, key: False
    flaky.restart()
    flaky.run(is_after_crash=True)

    stored = flaky.objects.list(f"books/{flaky.book.id}")
    assert not [key for key in stored if ".v2." in key]
    assert flaky.pages()[0].image_revision == 1


def test_what_a_model_read_is_not_paid_for_again_after_a_crash(
    sqlite_database, tmp_path, clock, model
):
    flaky = Admin(sqlite_database, FlakyObjects((tmp_path / "store").as_uri()), clock)
    client = ModelClient()
    journal = Journal(sqlite_database, clock, client)

    def reader(_asked, occasion):
        return Vision(occasion.model, partial(journal.ask, occasion), flaky.workshop, workers=2)

    flaky.leg = OcrLeg(
        flaky.database, flaky.objects, reader, clock, terms=Terms(lambda: "openai:tiny")
    )
    flaky.upload("1.png")
    flaky.objects.error = Crash
    flaky.objects.fails_at = lambda operation, _key: operation == "put before"
    job, item = work_on(flaky, 1)
    with pytest.raises(Crash):
        flaky.leg.prepare(job, item)
    assert len(model.requests) == 1

    flaky.objects.fails_at = lambda _operation, _key: False
    ended = flaky.run(is_after_crash=True)
    client.close()

    assert ended.status is JobStatus.COMPLETED
    assert flaky.texts()[0].startswith("3.4 Adding fractions")
    assert len(model.requests) == 1


# Reading again


def test_a_failed_page_read_again_is_completed_and_its_error_forgotten(admin):
    admin.workshop.faults = [UnreadableImage("cut")]
    admin.upload("1.png")
    admin.run()

    page = admin.reading.retry_page(admin.book.id, 1)

    assert (page.ocr_status, page.ocr_error, page.ocr_error_type) == (OcrStatus.PENDING, None, None)
    assert admin.active().total_items == 1
    admin.run()
    assert admin.texts() == ["1.png"]


def test_the_same_reading_again_is_no_new_revision(admin):
    admin.upload_and_read("1.png")
    before = admin.pages()[0]

    admin.reading.retry_page(admin.book.id, 1)
    admin.run()

    after = admin.pages()[0]
    assert (after.text_revision, after.image_revision) == (1, 1)
    assert (after.text_key, after.image_key) == (before.text_key, before.image_key)


def test_a_human_s_text_survives_reading_again(admin):
    admin.upload_and_read("1.png")
    admin.reviews.correct(admin.book.id, 1, "typed by hand", 1, "ada")
    admin.workshop.confidence = 77.0
    admin.workshop.on_read = lambda _raw: None
    admin.reading.retry_page(admin.book.id, 1)

    admin.run()

    page = admin.pages()[0]
    assert admin.texts() == ["typed by hand"]
    assert (page.text_revision, page.confidence) == (2, 77.0)
    corrected = admin.reviews.correct(admin.book.id, 1, "typed again", 2, "ada")
    assert corrected.revision == 4


def test_a_human_s_text_makes_up_for_words_that_cannot_be_read(admin):
    admin.request({"1.png": png("wordless")})
    admin.run()
    admin.reviews.correct(admin.book.id, 1, "typed by hand", 0, "ada")
    admin.reading.retry_page(admin.book.id, 1)

    job = admin.run()

    assert admin.texts() == ["typed by hand"]
    assert admin.pages()[0].ocr_status is OcrStatus.COMPLETED
    assert (job.completed_items, job.failed_items) == (1, 0)


def test_a_page_joins_the_running_ocr_job(admin):
    admin.workshop.faults = [UnreadableImage("cut")]
    admin.workshop.workers = 1
    admin.upload("1.png", "2.png")
    joined: list[object] = []

    def join(raw: bytes) -> None:
        if raw == png("2.png"):
            joined.append(admin.reading.retry_page(admin.book.id, 1))

    admin.workshop.on_read = join
    job = admin.run()

    assert len(joined) == 1
    assert (job.total_items, job.completed_items, job.failed_items) == (2, 2, 0)
    assert admin.texts() == ["1.png", "2.png"]


def test_a_page_of_an_earlier_job_makes_the_running_one_grow(admin):
    admin.upload_and_read("1.png")
    admin.upload("2.png")

    admin.reading.retry_page(admin.book.id, 1)

    assert admin.active().total_items == 2


def test_a_page_waiting_or_being_read_cannot_be_asked_for_again(admin):
    admin.upload("1.png", "2.png")
    work_on(admin, 1)

    for page_num in (1, 2):
        with pytest.raises(Conflict, match="is being read already"):
            admin.reading.retry_page(admin.book.id, page_num)
    with pytest.raises(Conflict, match="are being read already"):
        admin.reading.retry(admin.book.id, [1, 2])


def test_a_skipped_page_cannot_be_asked_for(admin):
    admin.upload_and_read("1.png")
    admin.reviews.reject(admin.book.id, 1, "ada")

    with pytest.raises(Conflict, match="is skipped"):
        admin.reading.retry_page(admin.book.id, 1)


@pytest.mark.parametrize("job_type", [JobType.EXTRACTION, JobType.FINALIZATION, JobType.SYNC])
def test_no_page_is_read_again_beside_another_type_of_job(admin, job_type):
    admin.upload_and_read("1.png")
    admin.open_job(job_type)

    with pytest.raises(JobAlreadyActive):
        admin.reading.retry_page(admin.book.id, 1)
    with pytest.raises(JobAlreadyActive):
        admin.reading.retry(admin.book.id)


def test_resume_reads_every_page_that_is_owed(admin):
    admin.upload("1.png", "2.png", "3.png", "4.png", "5.png")
    job, item = work_on(admin, 1)
    with admin.database.begin() as session:
        admin.leg.save(session, job, item, admin.leg.prepare(job, item))
        ledger.record_done(session, job.id, item.subject_id, {})
    failing, second = work_on(admin, 2)
    with admin.database.begin() as session:
        failure = Failure("cut", ErrorType.TERMINAL, "UnreadableImage")
        admin.leg.fail(session, failing, second, failure)
        ledger.record_failed(session, job.id, second.subject_id, failure)
        ledger.fail_job(session, job, admin.clock(), "Stopped by you at page 3", "Stopped")
    admin.reviews.reject(admin.book.id, 4, "ada")

    resumed, pages = admin.reading.retry(admin.book.id)

    assert pages == [2, 3, 5]
    assert (resumed.total_items, resumed.completed_items, resumed.type) == (5, 2, JobType.OCR)
    assert admin.run().status is JobStatus.COMPLETED
    assert admin.texts() == ["1.png", "2.png", "3.png", None, "5.png"]


def test_with_nothing_owed_there_is_nothing_to_resume(admin):
    admin.upload_and_read("1.png")

    with pytest.raises(Conflict, match="Every page of this book has been read"):
        admin.reading.retry(admin.book.id)


def test_chosen_pages_are_read_again_even_when_they_were_read(admin):
    admin.upload_and_read("1.png", "2.png", "3.png")

    _job, pages = admin.reading.retry(admin.book.id, [3, 1, 3])

    assert pages == [1, 3]


def test_pages_that_are_not_there_are_not_found(admin):
    for wrong in (
        lambda: admin.reading.retry_page(admin.book.id, 1),
        lambda: admin.reading.retry_page("nobody", 1),
        lambda: admin.reading.retry(admin.book.id, [1]),
        lambda: admin.reading.retry("nobody"),
        lambda: admin.reading.wait("nobody/1", 1),
    ):
        with pytest.raises(NotFound):
            wrong()


def test_waiting_for_a_page_ends_when_it_was_read(quick):
    page = quick.uploads.add_page(quick.book.id, "1.png", png())
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            quick.run()

    quick.reading._sleep = nap

    assert quick.reading.wait(page.id, 60).ocr_status is OcrStatus.COMPLETED
    assert len(naps) == 2


def test_waiting_for_a_page_waits_a_little_for_its_job_to_end(quick):
    page = quick.uploads.add_page(quick.book.id, "1.png", png())
    job, item = work_on(quick, 1)
    prepared = quick.leg.prepare(job, item)
    with quick.database.begin() as session:
        quick.leg.save(session, job, item, prepared)
    naps = []
    quick.reading._sleep = naps.append

    assert quick.reading.wait(page.id, 60).ocr_status is OcrStatus.COMPLETED
    assert sum(naps) == pytest.approx(5)


def test_waiting_for_a_page_ends_with_the_time_allowed(quick):
    page = quick.uploads.add_page(quick.book.id, "1.png", png())
    naps: list[float] = []
    quick.reading._sleep = naps.append

    assert quick.reading.wait(page.id, 2).ocr_status is OcrStatus.PENDING
    assert sum(naps) == pytest.approx(2)


def test_a_turned_page_is_read_turned_and_gets_an_image_key_of_its_own(admin):
    admin.upload_and_read("1.png")
    first = admin.pages()[0]

    turned = admin.reviews.rotate(admin.book.id, 1, 90)
    admin.run()

    page = admin.pages()[0]
    assert (turned.rotation, turned.ocr_status) == (90, OcrStatus.PENDING)
    assert admin.texts() == ["1.png turned 90"]
    assert page.image_key == f"books/{admin.book.id}/1.v2.png"
    assert admin.objects.get(first.image_key) != admin.objects.get(page.image_key)


def test_a_store_that_stays_away_stops_the_job_and_blames_no_page(sqlite_database, tmp_path, clock):
    flaky = Admin(sqlite_database, FlakyObjects((tmp_path / "store").as_uri()), clock)
    flaky.upload("1.png")
    flaky.objects.fails_at = lambda operation, key: operation == "get"

    stopped = flaky.run()

    assert stopped.error_message.startswith("Server error: the object store does not answer")
    assert (flaky.pages()[0].ocr_status, flaky.pages()[0].ocr_error) == (OcrStatus.PENDING, None)


def test_a_machine_that_can_start_no_process_is_waited_for(quick):
    quick.workshop.faults = [OSError(errno.EMFILE, "Too many open files")]
    quick.upload("1.png")

    job = quick.run()

    assert (job.status, job.failed_items, quick.texts()) == (JobStatus.COMPLETED, 0, ["1.png"])


def test_reading_says_nothing_of_a_page_whose_images_cannot_be_got(quick):
    quick.upload_and_read("1.png")
    quick.objects.delete(quick.pages()[0].image_key)

    with pytest.raises(MissingObject):
        quick.images.get(quick.book.id, 1, "full")


def test_three_refusals_in_a_row_stop_the_job_and_leave_the_rest_owed(quick):
    quick.workshop.faults = [ServerError("Server error: down")] * 40
    quick.workshop.workers = 1
    quick.upload(*[f"{number}.png" for number in range(1, 7)])

    job = quick.run()

    assert job.status is JobStatus.FAILED
    states = [page.ocr_status for page in quick.pages()]
    assert states == ["failed"] * 3 + ["pending"] * 3
    with quick.database.read() as session:
        assert [item.state for item in ledger.items_of(session, job.id)].count(ItemState.OWED) == 3


def test_the_fake_workshop_gives_the_same_images_for_the_same_page():
    workshop = FakeWorkshop()

    assert workshop.read_page(RawPage(png())) == workshop.read_page(RawPage(png()))
