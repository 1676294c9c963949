import pytest
from sqlalchemy import select

from hornbook.errors import (
    Conflict,
    JobAlreadyActive,
    NotFound,
    RejectedUpload,
    StoreUnavailable,
    TooLarge,
)
from hornbook.library import uploads
from hornbook.library.tables import RemovalRow
from hornbook.model.job import JobType
from hornbook.model.page import OcrStatus
from hornbook.model.upload import FileState
from hornbook.stages.upload import Limits
from tests.admin import Admin, Crash, FlakyObjects, at_once, png, tiff

FEW = Limits(max_file_bytes=1000, max_files=4, max_pages=6)


@pytest.fixture
def admin(database, objects, clock) -> Admin:
    return Admin(database, objects, clock)


@pytest.fixture
def careful(sqlite_database, objects, clock) -> Admin:
    """With small limits."""
    return Admin(sqlite_database, objects, clock, FEW)


@pytest.fixture
def flaky(sqlite_database, tmp_path, clock) -> Admin:
    """With a store that fails on demand."""
    return Admin(sqlite_database, FlakyObjects((tmp_path / "store").as_uri()), clock)


def noted(admin: Admin) -> list[str]:
    with admin.database.read() as session:
        return list(session.scalars(select(RemovalRow.key).order_by(RemovalRow.key)))


# The manifest


def test_files_announced_are_no_pages_yet_and_stand_in_natural_order(admin):
    batch = admin.announce("page10.png", "page2.png", "Page1.png")

    assert [file.name for file in batch.files] == ["Page1.png", "page2.png", "page10.png"]
    assert (batch.received, batch.missing, batch.total) == (0, 3, 3)
    assert admin.pages() == []
    assert admin.is_idle()


def test_files_become_pages_in_natural_order_however_they_arrive(admin):
    batch = admin.announce("page1.png", "page2.png", "page10.png")

    states = [admin.send(batch, name).state for name in ("page10.png", "page2.png", "page1.png")]

    assert states == ["received", "received", "page"]
    assert admin.names() == ["page1.png", "page2.png", "page10.png"]
    assert admin.numbers() == [1, 2, 3]
    assert admin.raws() == [png("page1.png"), png("page2.png"), png("page10.png")]
    assert admin.uploads.open_batches(admin.book.id) == []


def test_reading_starts_with_the_first_file_and_the_job_grows(admin):
    batch = admin.announce("1.png", "2.png", "3.png")

    admin.send(batch, "1.png")
    first = admin.active()
    admin.send(batch, "2.png")

    assert (first.type, first.total_items) == (JobType.OCR, 1)
    assert (admin.active().id, admin.active().total_items) == (first.id, 2)
    assert admin.uploads.open_batches(admin.book.id)[0].job_id == first.id
    assert admin.wakes >= 2


def test_the_same_files_announced_again_are_the_same_batch(admin):
    batch = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "1.png")

    again = admin.announce("3.png", "2.png", "1.png")
    only_missing = admin.announce("3.png", "2.png")

    assert again.id == only_missing.id == batch.id
    assert [file.state for file in again.files] == ["page", "missing", "missing"]


def test_other_files_are_a_new_batch_but_not_while_a_job_is_active(admin):
    batch = admin.announce("1.png", "2.png")

    other = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "1.png")

    assert other.id != batch.id
    with pytest.raises(JobAlreadyActive):
        admin.announce("8.png")
    assert admin.announce("1.png", "2.png", "3.png").id == other.id


def test_a_file_sent_twice_is_one_page(admin):
    batch = admin.announce("1.png", "2.png")

    first = admin.send(batch, "1.png")
    again = admin.send(batch, "1.png")

    assert first == again
    assert admin.names() == ["1.png"]


def test_a_file_sent_twice_at_once_is_one_page(admin):
    batch = admin.announce("1.png", "2.png")

    results = at_once(*[lambda: admin.send(batch, "1.png")] * 4)

    assert [result.state for result in results] == ["page"] * 4
    assert admin.names() == ["1.png"]
    assert admin.active().total_items == 1


def test_many_files_at_once_become_pages_in_order(admin):
    names = [f"page{number}.png" for number in range(1, 9)]
    batch = admin.announce(*names)

    results = at_once(*[lambda name=name: admin.send(batch, name) for name in reversed(names)])

    assert not [result for result in results if isinstance(result, Exception)]
    assert admin.names() == names
    assert admin.numbers() == list(range(1, 9))
    assert admin.planned() == {page.id: page.page_num for page in admin.pages()}


def test_other_bytes_for_a_received_file_are_a_conflict(admin):
    batch = admin.announce("1.png", "2.png", size=len(png("aaaa")))
    admin.send(batch, "1.png", png("aaaa"))

    with pytest.raises(Conflict, match=r"1\.png was already received with other bytes"):
        admin.send(batch, "1.png", png("bbbb"))


def test_other_bytes_for_the_same_file_at_once_give_one_page_and_one_conflict(admin):
    batch = admin.announce("1.png", "2.png", size=len(png("aaaa")))

    results = at_once(
        lambda: admin.send(batch, "1.png", png("aaaa")),
        lambda: admin.send(batch, "1.png", png("bbbb")),
    )

    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    kept = png("aaaa") if isinstance(results[1], Conflict) else png("bbbb")
    assert admin.raws() == [kept]


def test_a_file_that_is_a_page_of_the_book_already_is_no_page_again(admin):
    admin.upload_and_read("1.png", "2.png")
    batch = admin.announce("1.png", "3.png")

    states = [admin.send(batch, name).state for name in ("1.png", "3.png")]

    assert states == ["already_there", "page"]
    assert admin.names() == ["1.png", "2.png", "3.png"]
    assert admin.send(batch, "1.png").state is FileState.ALREADY_THERE


def test_when_every_file_is_there_already_no_job_is_opened(admin):
    admin.upload_and_read("1.png")
    batch = admin.announce("1.png")

    admin.send(batch, "1.png")

    assert admin.is_idle()
    assert admin.uploads.open_batches(admin.book.id) == []


def test_the_same_bytes_under_another_name_are_another_page(admin):
    body = png("same")
    batch = admin.announce("1.png", "2.png", size=len(body))

    admin.send(batch, "1.png", body)
    admin.send(batch, "2.png", body)

    assert admin.names() == ["1.png", "2.png"]


def test_the_same_name_and_bytes_twice_in_a_batch_are_one_page(admin):
    batch = admin.uploads.announce(admin.book.id, [("a/1.png", 24), ("b/1.png", 24)])

    for position in (1, 0):
        admin.uploads.receive(admin.book.id, batch.id, position, png("x" * 16))

    assert admin.names() == ["1.png"]
    assert admin.uploads.open_batches(admin.book.id) == []


def test_a_bad_file_is_refused_and_does_not_hold_up_the_others(admin):
    batch = admin.announce("1.png", "2.gif", "3.png", size=40)
    body = png("x" * 32)
    admin.send(batch, "3.png", body)
    admin.send(batch, "1.png", body)

    with pytest.raises(RejectedUpload, match=r"2\.gif is no PNG"):
        admin.send(batch, "2.gif", b"GIF89a".ljust(40))

    assert admin.names() == ["1.png", "3.png"]
    with admin.database.read() as session:
        closed = uploads.batch(session, admin.book.id, batch.id)
    assert closed.is_complete
    assert closed.files[1].state is FileState.REFUSED
    assert "2.gif is no PNG" in closed.files[1].error


def test_a_refused_file_can_be_sent_again_mended_while_its_batch_is_open(admin):
    batch = admin.announce("1.png", "2.png", size=24)
    with pytest.raises(RejectedUpload):
        admin.send(batch, "1.png", b"x" * 24)

    admin.send(batch, "1.png", png("x" * 16))

    assert admin.names() == ["1.png"]


def test_a_body_that_was_cut_leaves_the_file_missing(admin):
    batch = admin.announce("1.png", "2.png", size=24)

    for body in (b"", png("x" * 16)[:20]):
        with pytest.raises(RejectedUpload):
            admin.uploads.receive(admin.book.id, batch.id, 0, body)

    assert admin.announce("1.png", "2.png", size=24).missing == 2


def test_files_too_large_or_empty_are_refused_when_announced(careful):
    batch = careful.uploads.announce(
        careful.book.id, [("1.png", 10**12), ("2.png", 0), ("3.png", 24)]
    )

    assert [file.state for file in batch.files] == ["refused", "refused", "missing"]
    careful.send(batch, "3.png", png("x" * 16))
    assert careful.names() == ["3.png"]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ([], RejectedUpload),
        ([("1.png", 0)], RejectedUpload),
        ([("1.png", 2000), ("2.png", 3000)], TooLarge),
        ([(f"{number}.png", 24) for number in range(5)], TooLarge),
    ],
)
def test_a_manifest_without_a_usable_file_is_refused(careful, files, error):
    with pytest.raises(error):
        careful.uploads.announce(careful.book.id, files)


def test_a_manifest_that_the_book_has_no_room_for_is_refused(careful):
    careful.upload_and_read("1.png", "2.png", "3.png")

    with pytest.raises(RejectedUpload, match="would have 7 pages; at most 6"):
        careful.announce("4.png", "5.png", "6.png", "7.png")


def test_a_file_with_more_frames_than_there_is_room_for_is_refused(careful):
    careful.upload_and_read("1.png", "2.png", "3.png", "4.png")
    batch = careful.announce("a.tif", "b.png", size=len(tiff(3)))

    with pytest.raises(RejectedUpload, match="would have 7 pages"):
        careful.send(batch, "a.tif", tiff(3))

    careful.send(batch, "b.png", png("x").ljust(len(tiff(3))))
    assert careful.names()[4:] == ["b.png"]


def test_a_tiff_of_three_frames_is_three_pages_of_one_file(admin):
    batch = admin.announce("a.tif", "b.png", size=len(tiff(3)))
    admin.send(batch, "b.png", png("b").ljust(len(tiff(3))))
    admin.send(batch, "a.tif", tiff(3))

    pages = admin.pages()

    assert admin.names() == ["a.tif", "a.tif#2", "a.tif#3", "b.png"]
    assert [page.frame for page in pages] == [0, 1, 2, 0]
    assert len({page.raw_key for page in pages}) == 2
    assert admin.numbers() == [1, 2, 3, 4]


def test_unknown_books_batches_and_files_are_not_found(admin):
    batch = admin.announce("1.png")
    request = admin.uploads.open_request(admin.book.id)

    for wrong in (
        lambda: admin.uploads.announce("nobody", [("1.png", 24)]),
        lambda: admin.uploads.receive(admin.book.id, "none", 0, png()),
        lambda: admin.uploads.receive("nobody", batch.id, 0, png()),
        lambda: admin.uploads.receive(admin.book.id, batch.id, 1, png()),
        lambda: admin.uploads.receive(admin.book.id, batch.id, -1, png()),
        lambda: admin.uploads.receive(admin.book.id, batch.id, 10**30, png()),
        lambda: admin.uploads.drop_missing("nobody", batch.id),
        lambda: admin.uploads.open_batches("nobody"),
        lambda: admin.uploads.open_request("nobody"),
        lambda: admin.uploads.accept(admin.book.id, batch.id, "1.png", png()),
        lambda: admin.uploads.complete_request(admin.book.id, batch.id),
        lambda: admin.uploads.complete_request("nobody", request),
    ):
        with pytest.raises(NotFound):
            wrong()


# Missing files


def test_what_waits_for_a_file_that_never_comes_is_revealed_after_thirty_seconds(admin, clock):
    batch = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "3.png")
    assert admin.names() == []

    clock.advance(31)
    job = admin.run()

    assert admin.names() == ["3.png"]
    assert (job.status, job.total_items, job.completed_items) == ("completed", 1, 1)
    assert admin.texts() == ["3.png"]


def test_the_job_waits_for_files_that_are_still_coming(admin, clock):
    batch = admin.announce("1.png", "2.png")
    admin.send(batch, "1.png")
    job = admin.active()

    assert admin.leg.expects_more(job)
    clock.advance(29)
    assert admin.leg.expects_more(job)
    clock.advance(2)
    assert not admin.leg.expects_more(job)


def test_a_clock_that_is_set_back_does_not_make_the_job_wait_for_an_hour(admin, clock):
    batch = admin.announce("1.png", "2.png")
    admin.send(batch, "1.png")

    clock.advance(-3600)

    assert not admin.leg.expects_more(admin.active())


def test_late_files_get_the_next_numbers_but_their_place_in_the_order(admin, clock):
    batch = admin.announce("1.png", "2.png", "3.png", "4.png")
    admin.send(batch, "2.png")
    admin.send(batch, "4.png")
    clock.advance(31)
    admin.run()

    admin.send(batch, "1.png")
    admin.send(batch, "3.png")

    assert admin.names() == ["1.png", "2.png", "3.png", "4.png"]
    assert admin.numbers() == [3, 1, 4, 2]
    assert admin.planned() == {f"{admin.book.id}/3": 1, f"{admin.book.id}/4": 3}
    assert admin.run().status == "completed"
    assert admin.texts() == ["1.png", "2.png", "3.png", "4.png"]


def test_a_late_file_moves_the_places_in_the_ledger_of_the_running_job(admin, clock):
    batch = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "2.png")
    clock.advance(31)
    assert admin.leg.expects_more(admin.active())

    admin.send(batch, "1.png")

    assert admin.planned() == {f"{admin.book.id}/1": 2, f"{admin.book.id}/2": 1}


def test_late_files_stand_before_pages_uploaded_meanwhile(admin, clock):
    batch = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "1.png")
    clock.advance(31)
    admin.run()
    admin.upload_and_read("other.png")

    admin.send(batch, "2.png")
    admin.send(batch, "3.png")

    assert admin.names() == ["1.png", "2.png", "3.png", "other.png"]


def test_late_files_keep_their_order_when_the_pages_between_are_gone(admin, clock):
    batch = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "2.png")
    clock.advance(31)
    admin.run()
    admin.reviews.delete(admin.book.id, 1)

    admin.send(batch, "3.png")
    admin.send(batch, "1.png")

    assert admin.names() == ["1.png", "3.png"]


def test_dropping_what_is_missing_completes_the_batch(admin):
    batch = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "1.png")
    admin.send(batch, "3.png")

    closed = admin.uploads.drop_missing(admin.book.id, batch.id)

    assert admin.names() == ["1.png", "3.png"]
    assert (closed.is_complete, closed.received, closed.missing) == (True, 2, 0)
    assert closed.files[1].state is FileState.DROPPED
    assert admin.uploads.drop_missing(admin.book.id, batch.id) == closed
    with pytest.raises(Conflict, match="dropped"):
        admin.send(batch, "2.png")


def test_files_are_refused_for_now_while_another_type_of_job_is_active(admin):
    batch = admin.announce("1.png", "2.png")
    other = admin.open_job(JobType.EXTRACTION)

    with pytest.raises(JobAlreadyActive):
        admin.send(batch, "1.png")
    admin.end(other)

    assert admin.send(batch, "1.png").state is FileState.PAGE


def test_received_files_are_not_revealed_into_another_type_of_job(admin, clock):
    batch = admin.announce("1.png", "2.png")
    admin.send(batch, "2.png")
    ocr = admin.active()
    admin.end(ocr)
    extraction = admin.open_job(JobType.EXTRACTION)

    admin.uploads.drop_missing(admin.book.id, batch.id)
    assert admin.names() == []
    admin.end(extraction)
    admin.uploads.sweep()

    assert admin.names() == ["2.png"]
    assert admin.active().type is JobType.OCR


# Crashes


STEPS = ["put before", "put after", "get"]


@pytest.mark.parametrize("error", [Crash, StoreUnavailable])
@pytest.mark.parametrize("folder", ["uploads", "raw"])
@pytest.mark.parametrize("step", STEPS)
def test_a_file_interrupted_at_any_step_is_one_page_when_sent_again(flaky, step, folder, error):
    batch = flaky.announce("1.png", "2.png")
    flaky.objects.error = error
    flaky.objects.fails_at = lambda operation, key: operation == step and f"/{folder}/" in key
    interrupted = True
    try:
        flaky.send(batch, "1.png")
        interrupted = False
    except error:
        assert flaky.names() == []

    flaky.objects.fails_at = lambda operation, key: False
    flaky.restart()
    flaky.uploads.sweep()
    flaky.send(flaky.announce("1.png", "2.png"), "1.png")
    flaky.send(batch, "2.png")

    assert interrupted == ((step, folder) != ("get", "raw"))
    assert flaky.names() == ["1.png", "2.png"]
    assert flaky.numbers() == [1, 2]
    assert flaky.raws() == [png("1.png"), png("2.png")]


@pytest.mark.parametrize("step", ["put before", "put after"])
def test_an_acknowledged_file_becomes_a_page_at_start_up_after_a_crash(flaky, step):
    batch = flaky.announce("1.png", "2.png", "3.png")
    flaky.send(batch, "2.png")
    flaky.objects.error = Crash
    flaky.objects.fails_at = lambda operation, key: operation == step and "/raw/1" in key
    with pytest.raises(Crash):
        flaky.send(batch, "1.png")

    flaky.objects.fails_at = lambda operation, key: False
    flaky.restart()
    flaky.uploads.sweep()

    assert flaky.names() == ["1.png", "2.png"]
    assert flaky.numbers() == [1, 2]
    flaky.send(batch, "3.png")
    assert flaky.numbers() == [1, 2, 3]


def test_a_taken_over_job_reveals_what_a_crash_held_back(flaky):
    batch = flaky.announce("1.png")
    flaky.objects.error = Crash
    flaky.objects.fails_at = lambda operation, key: "/raw/" in key
    with pytest.raises(Crash):
        flaky.send(batch, "1.png")

    flaky.objects.fails_at = lambda operation, key: False
    flaky.restart()
    job = flaky.run()

    assert flaky.names() == ["1.png"]
    assert (job.status, job.completed_items) == ("completed", 1)


def test_while_the_store_is_down_a_job_with_files_to_reveal_does_not_end(flaky, clock):
    batch = flaky.announce("1.png", "2.png")
    flaky.send(batch, "2.png")
    clock.advance(31)
    flaky.objects.fails_at = lambda operation, key: True

    assert flaky.leg.expects_more(flaky.active())
    flaky.uploads.sweep()

    flaky.objects.fails_at = lambda operation, key: False
    assert flaky.run().status == "completed"
    assert flaky.names() == ["2.png"]


def test_a_file_that_the_store_has_lost_is_missing_again(admin, clock):
    batch = admin.announce("1.png", "2.png", "3.png")
    admin.send(batch, "2.png")
    lost = next(key for key in admin.objects.list(f"books/{admin.book.id}") if "/uploads/" in key)
    admin.objects.delete(lost)

    admin.send(batch, "1.png")
    assert admin.names() == ["1.png"]
    admin.send(batch, "2.png")

    assert admin.names() == ["1.png", "2.png"]
    assert admin.numbers() == [1, 2]


def test_uploaded_bytes_are_removed_once_they_are_a_page(admin):
    batch = admin.announce("1.png", "2.png")

    admin.send(batch, "1.png")
    first = noted(admin)
    admin.send(batch, "2.png")

    folder = f"books/{admin.book.id}/uploads/{batch.id}/"
    assert [key.startswith(f"{folder}0-") for key in first] == [True]
    assert folder in noted(admin)


def test_start_up_goes_on_without_a_store_that_is_down(flaky):
    batch = flaky.announce("1.png", "2.png")
    flaky.objects.fails_at = lambda operation, key: "/raw/" in key
    with pytest.raises(StoreUnavailable):
        flaky.send(batch, "1.png")

    flaky.restart()
    flaky.uploads.sweep()

    assert flaky.names() == []
    flaky.objects.fails_at = lambda operation, key: False
    assert flaky.send(batch, "2.png").state is FileState.PAGE
    assert flaky.names() == ["1.png", "2.png"]


# A multipart request


def test_a_request_becomes_pages_in_natural_order_with_one_job(admin):
    receipt = admin.upload("page10.png", "page2.png", "page1.png")

    assert admin.names() == ["page1.png", "page2.png", "page10.png"]
    assert receipt.pages_uploaded == (1, 2, 3)
    assert (receipt.total_pages, receipt.rejected, receipt.already_there) == (3, (), ())
    assert (admin.active().id, admin.active().total_items) == (receipt.job_id, 3)
    assert admin.planned() == {page.id: page.page_num for page in admin.pages()}


def test_nothing_of_a_request_is_seen_before_it_is_complete(admin):
    batch_id = admin.uploads.open_request(admin.book.id)
    admin.uploads.accept(admin.book.id, batch_id, "1.png", png())

    assert admin.pages() == []
    assert admin.is_idle()
    assert admin.uploads.open_batches(admin.book.id) == []


def test_bad_files_of_a_request_are_named_and_the_good_ones_kept(careful):
    batch_id = careful.uploads.open_request(careful.book.id)
    careful.uploads.accept(careful.book.id, batch_id, "b.png", png("b"))
    careful.uploads.accept(careful.book.id, batch_id, "a.pdf", b"%PDF-1.7".ljust(40))
    careful.uploads.refuse(careful.book.id, batch_id, "c.png", 20)

    receipt = careful.uploads.complete_request(careful.book.id, batch_id)

    assert careful.names() == ["b.png"]
    assert [refusal.name for refusal in receipt.rejected] == ["a.pdf", "c.png"]
    assert "no PNG" in receipt.rejected[0].error
    assert "too large" in receipt.rejected[1].error


def test_files_already_there_are_named_and_make_no_page(admin):
    admin.upload_and_read("1.png")

    receipt = admin.upload("1.png", "2.png")

    assert receipt.already_there == ("1.png",)
    assert receipt.pages_uploaded == (2,)
    assert admin.names() == ["1.png", "2.png"]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({}, RejectedUpload),
        ({"1.png": b""}, RejectedUpload),
        ({"1.pdf": b"%PDF".ljust(40), "2.pdf": b""}, RejectedUpload),
        ({"1.png": png("x" * 2000), "2.png": png("y" * 2000)}, TooLarge),
        ({"1.tif": tiff(5)}, RejectedUpload),
        ({f"{number}.png": png(str(number)) for number in range(5)}, TooLarge),
    ],
)
def test_a_request_without_a_usable_file_leaves_nothing(careful, files, error):
    careful.upload_and_read("there.png", "there2.png")

    with pytest.raises(error) as refusal:
        careful.request(files)

    assert isinstance(refusal.value, TooLarge) is (error is TooLarge)
    assert len(careful.pages()) == 2
    assert careful.is_idle()


def test_a_request_of_which_all_is_there_is_a_conflict(admin):
    admin.upload_and_read("1.png")

    with pytest.raises(Conflict, match="already"):
        admin.upload("1.png")

    assert admin.is_idle()
    assert admin.uploads.add_page(admin.book.id, "1.png", png("1.png")).number == 2


def test_files_beyond_the_room_in_the_book_are_named(careful):
    careful.upload_and_read("1.png", "2.png", "3.png", "4.png")

    receipt = careful.request({"a.tif": tiff(3), "b.png": png("b"), "c.png": png("c")})

    assert careful.names()[4:] == ["b.png", "c.png"]
    assert [refusal.name for refusal in receipt.rejected] == ["a.tif"]
    assert careful.numbers() == [1, 2, 3, 4, 5, 6]


def test_two_requests_at_once_give_one_receipt_and_one_conflict(admin):
    first, second = (admin.uploads.open_request(admin.book.id) for _ in range(2))
    admin.uploads.accept(admin.book.id, first, "1.png", png("1"))
    admin.uploads.accept(admin.book.id, second, "2.png", png("2"))

    results = at_once(
        lambda: admin.uploads.complete_request(admin.book.id, first),
        lambda: admin.uploads.complete_request(admin.book.id, second),
    )

    assert [isinstance(result, JobAlreadyActive) for result in results].count(True) == 1
    assert len(admin.pages()) == 1
    assert admin.numbers() == [1]


def test_two_servers_completing_requests_at_once_never_share_or_lose_a_number(admin):
    elsewhere = Admin.__new__(Admin)
    elsewhere.__dict__ = dict(admin.__dict__)
    elsewhere.restart()
    requests = []
    for server, name in ((admin, "1.png"), (elsewhere, "2.png")):
        batch_id = server.uploads.open_request(admin.book.id)
        server.uploads.accept(admin.book.id, batch_id, name, png(name))
        requests.append(
            lambda server=server, batch_id=batch_id: server.uploads.complete_request(
                admin.book.id, batch_id
            )
        )

    results = at_once(*requests)

    assert [isinstance(result, JobAlreadyActive) for result in results].count(True) == 1
    assert len(admin.pages()) == 1
    admin.run()
    admin.upload("3.png")
    assert admin.raws()[-1] == png("3.png")


@pytest.mark.parametrize("job_type", list(JobType))
def test_no_new_upload_begins_while_a_job_is_active(admin, job_type):
    batch_id = admin.uploads.open_request(admin.book.id)
    admin.uploads.accept(admin.book.id, batch_id, "1.png", png())
    admin.open_job(job_type)

    for upload in (
        lambda: admin.announce("1.png"),
        lambda: admin.uploads.open_request(admin.book.id),
        lambda: admin.uploads.complete_request(admin.book.id, batch_id),
        lambda: admin.uploads.add_page(admin.book.id, "1.png", png()),
    ):
        with pytest.raises(JobAlreadyActive):
            upload()
    assert admin.pages() == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("folder", ["uploads", "raw"])
def test_a_store_that_fails_in_the_middle_of_a_request_leaves_nothing_half(flaky, step, folder):
    hits = iter(range(100))
    flaky.objects.fails_at = lambda operation, key: (
        operation == step and f"/{folder}/" in key and next(hits) == 1
    )
    files = {f"{number}.png": png(str(number)) for number in range(1, 4)}
    is_interrupted = (step, folder) != ("get", "raw")

    if is_interrupted:
        with pytest.raises(StoreUnavailable):
            flaky.request(files)
        assert flaky.pages() == []
        assert flaky.is_idle()
        flaky.request(files)

    assert flaky.numbers() == ([1, 2, 3] if is_interrupted else [])
    assert flaky.raws() == (list(files.values()) if is_interrupted else [])


def test_a_request_that_a_crash_cut_off_is_swept_and_uses_no_number(flaky):
    flaky.objects.error = Crash
    flaky.objects.fails_at = lambda operation, key: operation == "put after" and "/raw/2" in key
    with pytest.raises(Crash):
        flaky.upload("1.png", "2.png", "3.png")

    flaky.objects.fails_at = lambda operation, key: False
    flaky.restart()
    flaky.uploads.sweep()
    flaky.upload("a.png", "b.png")

    assert flaky.names() == ["a.png", "b.png"]
    assert flaky.numbers() == [1, 2]
    assert flaky.raws() == [png("a.png"), png("b.png")]


def test_an_abandoned_request_is_forgotten_but_a_complete_one_stays(admin):
    batch_id = admin.uploads.open_request(admin.book.id)
    admin.uploads.accept(admin.book.id, batch_id, "1.png", png())

    admin.uploads.abandon_request(admin.book.id, batch_id)
    admin.uploads.abandon_request(admin.book.id, "none")

    with pytest.raises(NotFound):
        admin.uploads.accept(admin.book.id, batch_id, "2.png", png())
    kept = admin.uploads.open_request(admin.book.id)
    admin.uploads.accept(admin.book.id, kept, "1.png", png())
    admin.uploads.complete_request(admin.book.id, kept)
    admin.uploads.abandon_request(admin.book.id, kept)
    assert admin.names() == ["1.png"]


def test_on_postgresql_too_a_server_that_starts_forgets_the_requests_of_a_dead_one(
    postgres_database, objects, clock
):
    admin = Admin(postgres_database, objects, clock)
    batch_id = admin.uploads.open_request(admin.book.id)

    admin.uploads.sweep()

    with pytest.raises(NotFound):
        admin.uploads.accept(admin.book.id, batch_id, "1.png", png())


# A single page


def test_a_single_upload_always_adds_a_page(admin):
    first = admin.uploads.add_page(admin.book.id, "a.png", png())
    admin.run()
    second = admin.uploads.add_page(admin.book.id, "a.png", png())

    assert (first.page_num, second.page_num) == (1, 2)
    assert second.ocr_status is OcrStatus.PENDING
    assert admin.active().total_items == 1


def test_a_bad_single_upload_leaves_nothing(careful):
    for body, error in (
        (b"", RejectedUpload),
        (b"x" * 40, RejectedUpload),
        (png("x" * 2000), TooLarge),
    ):
        with pytest.raises(error):
            careful.uploads.add_page(careful.book.id, "a.png", body)

    assert careful.pages() == []
    assert careful.is_idle()


def test_a_single_upload_that_the_store_does_not_take_leaves_nothing(flaky):
    flaky.objects.fails_at = lambda operation, key: operation == "put before"

    with pytest.raises(StoreUnavailable):
        flaky.uploads.add_page(flaky.book.id, "a.png", png())

    assert flaky.pages() == []
    with flaky.database.read() as session:
        assert uploads.open_batches(session, is_request=True) == []


def test_no_number_is_ever_given_twice(admin):
    admin.upload_and_read("1.png", "2.png", "3.png")
    admin.reviews.delete(admin.book.id, 3)

    page = admin.uploads.add_page(admin.book.id, "4.png", png("4.png"))

    assert (page.page_num, page.number) == (3, 4)
    assert admin.raws() == [png("1.png"), png("2.png"), png("4.png")]


def pdf(pages: int) -> bytes:
    """A file that begins as a PDF does; the fake workshop counts so many pages in it."""
    return b"%PDF-1.7 a book".ljust(31) + bytes([pages])


def test_a_pdf_becomes_its_pages_in_order_among_the_images_beside_it(admin):
    batch = admin.announce("3.png", "2.pdf", "1.png", size=32)

    for name, body in (("3.png", png("x" * 24)), ("2.pdf", pdf(3)), ("1.png", png("y" * 24))):
        admin.send(batch, name, body)
    admin.run()

    assert admin.names() == ["1.png", "2.pdf", "2.pdf#2", "2.pdf#3", "3.png"]
    assert admin.raws()[1:4] == [pdf(3)] * 3
    assert {frame for raw, frame, _turn in admin.workshop.read if raw == pdf(3)} == {0, 1, 2}


def test_the_same_pdf_again_is_no_second_book(admin):
    first = admin.announce("book.pdf", size=32)
    admin.send(first, "book.pdf", pdf(2))
    admin.run()

    again = admin.announce("book.pdf", size=32)
    sent = admin.send(again, "book.pdf", pdf(2))

    assert sent.state is FileState.ALREADY_THERE
    assert admin.names() == ["book.pdf", "book.pdf#2"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (pdf(7), r"book\.pdf: The book would have 7 pages; at most 6 are possible"),
        (b"%PDF-1.7 of a bank, locked", r"book\.pdf: The PDF is protected by a password"),
    ],
)
def test_a_pdf_that_is_of_no_use_is_refused_in_words_and_holds_up_nothing(careful, body, why):
    files = [("book.pdf", len(body)), ("page.png", 24)]
    batch = careful.uploads.announce(careful.book.id, files)

    with pytest.raises(RejectedUpload, match=why):
        careful.send(batch, "book.pdf", body)
    careful.send(batch, "page.png", png("x" * 16))

    assert careful.names() == ["page.png"]


def test_other_clients_may_not_send_a_pdf_in_a_form(admin):
    batch_id = admin.uploads.open_request(admin.book.id)
    admin.uploads.accept(admin.book.id, batch_id, "book.pdf", pdf(2))
    admin.uploads.accept(admin.book.id, batch_id, "page.png", png())

    receipt = admin.uploads.complete_request(admin.book.id, batch_id)

    assert [refusal.name for refusal in receipt.rejected] == ["book.pdf"]
    assert admin.names() == ["page.png"]
