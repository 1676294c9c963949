from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from hornbook.errors import (
    Conflict,
    Invalid,
    JobAlreadyActive,
    MissingObject,
    NotFound,
    RejectedUpload,
    StaleRevision,
    StoreUnavailable,
    UnreadableImage,
)
from hornbook.jobs import ledger
from hornbook.library.projection import Projector
from hornbook.library.tables import PageDraftRow, PageTextRow, RemovalRow, SubtopicRow, TopicRow
from hornbook.model.book import NewBook
from hornbook.model.job import JobType
from hornbook.model.page import OcrStatus, ReviewStatus, TextSource
from hornbook.model.review import StepKind, Typed
from tests.admin import Admin, FlakyObjects, at_once, png, tiff


@pytest.fixture
def admin(database, objects, clock) -> Admin:
    """A book of three pages that were read."""
    admin = Admin(database, objects, clock)
    admin.upload_and_read("1.png", "2.png", "3.png")
    return admin


@pytest.fixture
def empty(sqlite_database, objects, clock) -> Admin:
    return Admin(sqlite_database, objects, clock)


def noted(admin: Admin) -> set[str]:
    prefix = admin.book.s3_prefix
    with admin.database.read() as session:
        return {key.removeprefix(prefix) for key in session.scalars(select(RemovalRow.key))}


def add_subtopic(admin: Admin) -> None:
    now = admin.clock()
    with admin.database.begin() as session:
        session.execute(
            insert(TopicRow).values(
                id="t", book_id=admin.book.id, key="t", title="T", found_title="T"
            )
        )
        session.execute(
            insert(SubtopicRow).values(
                id="s", book_id=admin.book.id, topic_id="t", key="s", title="S", found_title="S",
                status="open", created_at=now, updated_at=now, rev=1, blocks=[],
            )
        )  # fmt: skip


def subtopic_rev(admin: Admin) -> int:
    with admin.database.read() as session:
        return session.scalars(select(SubtopicRow.rev)).one()


# Approving and rejecting


def test_an_approved_page_says_when(admin, clock):
    page = admin.reviews.approve(admin.book.id, 2, "ada")

    assert (page.review, page.approved_at) == (ReviewStatus.APPROVED, clock())


def test_approving_again_changes_nothing(admin, clock):
    first = admin.reviews.approve(admin.book.id, 1, "ada")
    clock.advance(60)

    assert admin.reviews.approve(admin.book.id, 1, "bob") == first


def test_two_clicks_on_approve_at_once_are_one(admin):
    rev = admin.books.get(admin.book.id).rev

    results = at_once(*[lambda: admin.reviews.approve(admin.book.id, 1, "ada")] * 4)

    assert {result.approved_at for result in results} == {admin.clock()}
    pages = admin.reviews.pages(admin.book.id, since_rev=rev)
    assert [page.page_num for page in pages] == [1]


def test_a_page_without_a_text_cannot_be_approved_yet(empty):
    empty.upload("1.png")

    with pytest.raises(Conflict, match="Page 1 has no text yet"):
        empty.reviews.approve(empty.book.id, 1, "ada")


def test_a_rejected_page_can_be_approved_after_all_and_the_other_way_round(admin):
    assert admin.reviews.reject(admin.book.id, 1, "ada").review is ReviewStatus.REJECTED
    assert admin.reviews.approve(admin.book.id, 1, "ada").review is ReviewStatus.APPROVED
    rejected = admin.reviews.reject(admin.book.id, 1, "ada")
    assert (rejected.review, rejected.approved_at) == (ReviewStatus.REJECTED, None)
    assert admin.reviews.reject(admin.book.id, 1, "ada") == rejected


def test_a_decision_can_be_taken_back(admin):
    admin.reviews.approve(admin.book.id, 1, "ada")

    page = admin.reviews.unreview(admin.book.id, 1, "ada")

    assert (page.review, page.approved_at) == (ReviewStatus.PENDING_REVIEW, None)
    assert admin.reviews.unreview(admin.book.id, 1, "ada") == page


def test_a_page_that_failed_or_waits_can_be_skipped_but_not_one_being_read(empty):
    empty.workshop.faults = [UnreadableImage("cut")]
    empty.workshop.workers = 1
    empty.upload_and_read("1.png")
    empty.upload("2.png", "3.png")
    job = empty.active()
    with empty.database.begin() as session:
        item = ledger.items_of(session, job.id)[0]
        ledger.start_item(session, job.id, item.subject_id)
        empty.leg.start(session, job, item)

    assert empty.reviews.reject(empty.book.id, 1, "ada").review is ReviewStatus.REJECTED
    assert empty.reviews.reject(empty.book.id, 3, "ada").review is ReviewStatus.REJECTED
    with pytest.raises(Conflict, match="Page 2 is being read"):
        empty.reviews.reject(empty.book.id, 2, "ada")


@pytest.mark.parametrize("job_type", list(JobType))
def test_deciding_and_correcting_go_on_while_a_job_runs(admin, job_type):
    admin.open_job(job_type)

    admin.reviews.approve(admin.book.id, 1, "ada")
    admin.reviews.reject(admin.book.id, 2, "ada")
    admin.reviews.correct(admin.book.id, 3, "mine", 1, "ada")

    assert [page.review for page in admin.pages()] == ["approved", "rejected", "pending_review"]
    assert admin.texts()[2] == "mine"


def test_all_pages_that_are_ready_are_approved_at_once(empty):
    empty.request(
        {"1.png": png("blank"), "2.png": png("wordless"), "3.png": png("c"), "4.png": png("d")}
    )
    empty.run()
    empty.reviews.reject(empty.book.id, 4, "ada")
    empty.upload("5.png")

    assert empty.reviews.approve_ready(empty.book.id, "ada") == [1, 3]
    assert empty.reviews.approve_ready(empty.book.id, "ada") == []
    assert [page.review for page in empty.pages()].count("approved") == 2


def test_only_the_chosen_pages_are_approved(admin):
    assert admin.reviews.approve_ready(admin.book.id, "ada", pages=[3, 1, 3]) == [1, 3]
    with pytest.raises(NotFound):
        admin.reviews.approve_ready(admin.book.id, "ada", pages=[4])


def test_pages_read_with_doubt_are_left_for_a_look(empty):
    empty.upload_and_read("1.png")
    empty.workshop.confidence = 60.0
    empty.upload_and_read("2.png")
    empty.request({"3.png": png("blank")})
    empty.run()

    assert empty.reviews.approve_ready(empty.book.id, "ada", min_confidence=90.0) == [1]


# Taking back


def standing(admin: Admin) -> list[tuple]:
    """Everything that a decision may change, page by page; `rev` rises with every change."""
    return [
        (page.file_name, page.review, page.approved_at, page.text_revision, page.ocr_status,
         page.ocr_error, page.is_blank)
        for page in admin.pages()
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [StepKind.APPROVE, StepKind.REJECT, StepKind.UNREVIEW])
@pytest.mark.parametrize("decided", [None, StepKind.APPROVE, StepKind.REJECT])
def test_undo_restores_what_stood_before_whoever_had_decided_it(admin, clock, decided, kind):
    if decided:
        admin.reviews.decide(admin.book.id, 1, "bob", decided)
    before = standing(admin)
    clock.advance(60)
    step = admin.reviews.decide(admin.book.id, 1, "ada", kind).step

    if step is not None:
        assert standing(admin) != before
        admin.reviews.undo(admin.book.id, "ada")

    assert standing(admin) == before
    assert admin.reviews.last_step(admin.book.id, "ada") is None


def test_undo_goes_back_step_by_step(admin):
    for page_num in (1, 2):
        admin.reviews.approve(admin.book.id, page_num, "ada")

    undone, pages = admin.reviews.undo(admin.book.id, "ada")
    assert (undone.kind, [page.page_num for page in pages]) == (StepKind.APPROVE, [2])
    _, pages = admin.reviews.undo(admin.book.id, "ada")
    assert [page.page_num for page in pages] == [1]
    with pytest.raises(Conflict, match="nothing to undo"):
        admin.reviews.undo(admin.book.id, "ada")


def test_everybody_undoes_what_they_did_themselves(admin):
    mine = admin.reviews.decide(admin.book.id, 1, "ada", StepKind.APPROVE).step
    admin.reviews.approve(admin.book.id, 2, "bob")

    with pytest.raises(Conflict, match="nothing to undo"):
        admin.reviews.undo(admin.book.id, "bob", mine.id)
    admin.reviews.undo(admin.book.id, "ada")

    assert [page.review for page in admin.pages()] == [
        "pending_review",
        "approved",
        "pending_review",
    ]


def test_a_step_is_undone_once(admin):
    step = admin.reviews.decide(admin.book.id, 1, "ada", StepKind.APPROVE).step
    admin.reviews.undo(admin.book.id, "ada", step.id)

    with pytest.raises(Conflict, match="undone already"):
        admin.reviews.undo(admin.book.id, "ada", step.id)


def test_what_was_changed_again_since_is_not_undone(admin):
    step = admin.reviews.decide(admin.book.id, 1, "ada", StepKind.APPROVE).step
    admin.reviews.reject(admin.book.id, 1, "bob")
    before = standing(admin)

    with pytest.raises(Conflict, match="Page 1 was changed again"):
        admin.reviews.undo(admin.book.id, "ada", step.id)

    assert standing(admin) == before


def test_what_became_of_a_deleted_page_is_not_undone(admin):
    step = admin.reviews.decide(admin.book.id, 1, "ada", StepKind.APPROVE).step
    admin.reviews.delete(admin.book.id, 1)

    with pytest.raises(Conflict, match="deleted"):
        admin.reviews.undo(admin.book.id, "ada", step.id)


def test_what_was_done_an_hour_ago_stays(admin, clock):
    admin.reviews.approve(admin.book.id, 1, "ada")
    clock.advance(3601)

    with pytest.raises(Conflict, match="nothing to undo"):
        admin.reviews.undo(admin.book.id, "ada")


def test_a_decision_follows_its_page_to_another_place(admin):
    admin.reviews.approve(admin.book.id, 1, "ada")
    admin.reviews.move(admin.book.id, 1, 3, "bob")

    _, pages = admin.reviews.undo(admin.book.id, "ada")

    assert [page.page_num for page in pages] == [3]
    assert {page.review for page in admin.pages()} == {ReviewStatus.PENDING_REVIEW}


def test_many_pages_approved_at_once_are_taken_back_at_once(admin):
    admin.reviews.reject(admin.book.id, 2, "ada")
    before = standing(admin)

    approved, step = admin.reviews.approve_all(admin.book.id, "ada")
    assert (approved, len(step.page_ids)) == ([1, 3], 2)
    admin.reviews.undo(admin.book.id, "ada", step.id)

    assert standing(admin) == before


def test_only_what_was_shown_is_approved_with_the_others(admin):
    seen = admin.books.get(admin.book.id).rev
    admin.upload_and_read("4.png")

    assert admin.reviews.approve_all(admin.book.id, "ada", seen_rev=seen)[0] == [1, 2, 3]


def test_a_moved_page_goes_back_to_its_place_and_not_under_a_job(admin):
    step = admin.reviews.move(admin.book.id, 3, 1, "ada").step
    job = admin.open_job(JobType.EXTRACTION)
    with pytest.raises(JobAlreadyActive):
        admin.reviews.undo(admin.book.id, "ada", step.id)
    admin.end(job)

    admin.reviews.undo(admin.book.id, "ada", step.id)

    assert admin.names() == ["1.png", "2.png", "3.png"]
    assert admin.changed == [admin.book.id] * 2


def test_guidelines_follow_pages_that_go_out_of_use_and_come_back(admin):
    admin.reviews.approve(admin.book.id, 1, "ada")
    assert admin.changed == []

    admin.reviews.reject(admin.book.id, 1, "ada")
    admin.reviews.undo(admin.book.id, "ada")

    assert admin.changed == [admin.book.id] * 2


# Text and decision together, and drafts


def keep(admin: Admin, text: str, revision: int = 1, stamp: str = "", by: str = "ada"):
    return admin.drafts.keep(admin.book.id, admin.pages()[0].id, by, Typed(text, revision, stamp))


def draft_of(admin: Admin, by: str = "ada"):
    return admin.drafts.find(admin.book.id, admin.pages()[0].id, by)


def test_a_text_is_saved_and_approved_in_one_go_and_undone_as_one(admin):
    before = standing(admin)
    draft = keep(admin, "mine")

    decided = admin.reviews.decide(
        admin.book.id, 1, "ada", StepKind.APPROVE, Typed("mine", 1, draft.stamp)
    )
    assert (admin.texts()[0], decided.page.review) == ("mine", ReviewStatus.APPROVED)
    assert draft_of(admin) is None
    admin.reviews.undo(admin.book.id, "ada")

    assert standing(admin) == before
    assert admin.texts()[0] == "1.png"
    assert (draft_of(admin).text, draft_of(admin).text_revision) == ("mine", 1)


def test_typing_and_approving_a_page_that_could_not_be_read_is_undone_too(empty):
    empty.request({"1.png": png("wordless")})
    empty.run()
    before = standing(empty)

    empty.reviews.decide(empty.book.id, 1, "ada", StepKind.APPROVE, Typed("by hand", 0))
    assert empty.pages()[0].ocr_status is OcrStatus.COMPLETED
    empty.reviews.undo(empty.book.id, "ada")

    assert standing(empty) == before
    empty.reviews.correct(empty.book.id, 1, "again", 0, "ada")
    assert empty.texts() == ["again"]


def test_approving_what_one_did_not_see_is_refused_and_nothing_is_approved(admin):
    admin.reviews.correct(admin.book.id, 1, "bob's", 1, "bob")

    with pytest.raises(StaleRevision):
        admin.reviews.decide(admin.book.id, 1, "ada", StepKind.APPROVE, Typed("1.png", 1))

    assert admin.pages()[0].review is ReviewStatus.PENDING_REVIEW


def test_a_decision_about_a_page_that_moved_away_is_refused(admin):
    seen = admin.pages()[0].id
    admin.reviews.move(admin.book.id, 1, 3, "bob")

    with pytest.raises(Conflict, match="moved in the meantime"):
        admin.reviews.decide(admin.book.id, 1, "ada", StepKind.APPROVE, page_id=seen)


def test_deciding_again_is_no_step(admin):
    admin.reviews.approve(admin.book.id, 1, "ada")

    assert admin.reviews.decide(admin.book.id, 1, "ada", StepKind.APPROVE).step is None
    again = admin.reviews.decide(admin.book.id, 1, "ada", StepKind.SAVE, Typed("1.png", 1))
    assert again.step is None


def test_a_draft_is_kept_for_each_human_and_goes_with_its_page(admin):
    keep(admin, "ada's")
    keep(admin, "bob's", by="bob")
    page = admin.pages()[0]

    assert (draft_of(admin).text, draft_of(admin, "bob").text) == ("ada's", "bob's")
    assert admin.texts()[0] == "1.png"
    admin.reviews.delete(admin.book.id, 1)
    with pytest.raises(NotFound):
        admin.drafts.find(admin.book.id, page.id, "ada")
    with admin.database.read() as session:
        assert session.scalars(select(PageDraftRow)).all() == []


def test_a_draft_is_no_change_that_others_see(admin):
    rev = admin.books.get(admin.book.id).rev

    keep(admin, "mine")

    assert admin.books.get(admin.book.id).rev == rev


def test_what_equals_the_text_is_no_draft(admin):
    draft = keep(admin, "mine")

    assert keep(admin, "1.png", stamp=draft.stamp) is None
    assert draft_of(admin) is None


def test_two_windows_cannot_overwrite_each_other(admin):
    first = keep(admin, "first")

    with pytest.raises(StaleRevision, match="Another window"):
        keep(admin, "second")
    with pytest.raises(StaleRevision, match="Another window"):
        admin.reviews.decide(admin.book.id, 1, "ada", StepKind.SAVE, Typed("second", 1))
    with pytest.raises(StaleRevision):
        admin.drafts.discard(admin.book.id, admin.pages()[0].id, "ada", "older")
    assert keep(admin, "first").stamp != first.stamp


def test_a_draft_over_an_older_text_is_kept_until_its_writer_chooses(admin):
    keep(admin, "mine")
    admin.reviews.correct(admin.book.id, 1, "bob's", 1, "bob")

    again = keep(admin, "mine too", stamp=draft_of(admin).stamp)

    assert (again.text, again.text_revision) == ("mine too", 1)
    admin.drafts.discard(admin.book.id, admin.pages()[0].id, "ada", again.stamp)
    assert draft_of(admin) is None


def test_a_draft_belongs_to_a_page_of_the_book(admin):
    other = admin.books.create(NewBook("Other", 4, "math", author="Eve"), "eve")

    with pytest.raises(NotFound):
        admin.drafts.find(other.id, admin.pages()[0].id, "ada")


# Correcting


def test_a_corrected_text_is_marked_as_a_human_s(admin):
    text = admin.reviews.correct(admin.book.id, 1, "typed\0 by hand", 1, "ada")

    assert (text.text, text.source, text.revision, text.lines) == (
        "typed by hand",
        TextSource.HUMAN,
        2,
        (),
    )
    assert admin.reviews.text(admin.book.id, 1) == text
    assert admin.pages()[0].text_key == f"books/{admin.book.id}/1.v2.txt"


def test_a_correction_of_an_older_text_is_refused(admin):
    admin.reviews.correct(admin.book.id, 1, "first", 1, "ada")

    with pytest.raises(StaleRevision):
        admin.reviews.correct(admin.book.id, 1, "second", 1, "bob")

    assert admin.texts()[0] == "first"


def test_of_two_corrections_at_once_one_wins_and_one_is_told(admin):
    results = at_once(
        lambda: admin.reviews.correct(admin.book.id, 1, "ada's", 1, "ada"),
        lambda: admin.reviews.correct(admin.book.id, 1, "bob's", 1, "bob"),
    )

    assert sorted(isinstance(result, StaleRevision) for result in results) == [False, True]


def test_typing_the_text_mends_a_page_that_could_not_be_read(empty):
    empty.request({"1.png": png("wordless")})
    empty.run()

    empty.reviews.correct(empty.book.id, 1, "typed by hand", 0, "ada")

    page = empty.pages()[0]
    assert (page.ocr_status, page.ocr_error) == (OcrStatus.COMPLETED, None)
    assert page.has_text


def test_typing_nothing_makes_a_page_blank_and_typing_something_unmakes_it(admin):
    admin.reviews.correct(admin.book.id, 1, "  ", 1, "ada")
    assert admin.pages()[0].is_blank
    admin.reviews.correct(admin.book.id, 1, "words", 2, "ada")
    assert not admin.pages()[0].is_blank


# Turning and replacing


def test_turning_adds_up_to_a_full_turn(admin):
    admin.reviews.rotate(admin.book.id, 1, 270)
    admin.run()
    page = admin.reviews.rotate(admin.book.id, 1, 90)

    assert page.rotation == 0
    assert admin.reviews.pages(admin.book.id)[0].ocr_status is OcrStatus.PENDING


def test_a_human_s_text_survives_turning(admin):
    admin.reviews.correct(admin.book.id, 1, "typed by hand", 1, "ada")
    admin.reviews.approve(admin.book.id, 1, "ada")

    admin.reviews.rotate(admin.book.id, 1, 90)
    admin.run()

    assert admin.texts()[0] == "typed by hand"
    assert admin.pages()[0].review is ReviewStatus.APPROVED


def test_no_turn_at_all_reads_nothing(admin):
    assert admin.reviews.rotate(admin.book.id, 1, 360).ocr_status is OcrStatus.COMPLETED
    assert admin.is_idle()
    with pytest.raises(Invalid):
        admin.reviews.rotate(admin.book.id, 1, 45)


def test_a_replaced_page_is_a_new_image_with_a_new_text(admin):
    admin.reviews.correct(admin.book.id, 2, "typed by hand", 1, "ada")
    admin.reviews.approve(admin.book.id, 2, "ada")
    before = admin.pages()[1]

    replaced = admin.reviews.replace(admin.book.id, 2, "better.png", png("better"))
    with pytest.raises(Conflict, match="no text yet"):
        admin.reviews.approve(admin.book.id, 2, "ada")
    admin.run()

    page = admin.pages()[1]
    assert (replaced.ocr_status, replaced.image_key, replaced.text_key) == (
        OcrStatus.PENDING,
        None,
        None,
    )
    assert (page.id, page.number, page.page_num, page.file_name) == (before.id, 2, 2, "better.png")
    assert (page.raw_key, page.image_key) == (
        f"{admin.book.s3_prefix}raw/2.v2.png",
        f"{admin.book.s3_prefix}2.v2.png",
    )
    assert page.review is ReviewStatus.PENDING_REVIEW
    assert admin.texts() == ["1.png", "better", "3.png"]
    assert noted(admin) >= {"raw/2.png"}


def test_replacing_again_uses_no_key_twice(admin):
    for words in ("second", "third"):
        admin.reviews.replace(admin.book.id, 1, "1.png", png(words))
        admin.run()

    page = admin.pages()[0]
    assert page.raw_key.endswith("raw/1.v3.png")
    assert page.image_key.endswith("/1.v3.png")
    assert admin.texts()[0] == "third"


def test_replacing_a_frame_leaves_the_other_frames_their_file(empty):
    empty.request({"a.tif": tiff(2)})
    empty.run()

    empty.reviews.replace(empty.book.id, 1, "a.png", png("a"))

    assert empty.names() == ["a.png", "a.tif#2"]
    assert "raw/1.tif" not in noted(empty)
    empty.run()
    empty.reviews.replace(empty.book.id, 2, "b.png", png("b"))
    assert "raw/1.tif" in noted(empty)


def test_a_bad_replacement_changes_nothing(admin):
    before = admin.pages()

    with pytest.raises(RejectedUpload):
        admin.reviews.replace(admin.book.id, 1, "a.pdf", b"%PDF".ljust(40))
    with pytest.raises(NotFound):
        admin.reviews.replace(admin.book.id, 9, "a.png", png())

    assert admin.pages() == before
    assert admin.is_idle()


def test_a_page_moved_away_while_its_replacement_is_stored_is_not_mistaken(
    sqlite_database, tmp_path, clock
):
    flaky = Admin(sqlite_database, FlakyObjects((tmp_path / "store").as_uri()), clock)
    flaky.upload_and_read("1.png", "2.png")

    def move_meanwhile(operation: str, _key: str) -> bool:
        if operation == "put after":
            flaky.reviews.move(flaky.book.id, 1, 2, "ada")
        return False

    flaky.objects.fails_at = move_meanwhile
    with pytest.raises(Conflict, match="moved in the meantime"):
        flaky.reviews.replace(flaky.book.id, 1, "new.png", png("new"))

    assert flaky.names() == ["2.png", "1.png"]


def test_a_replacement_that_the_store_does_not_take_changes_nothing(
    sqlite_database, tmp_path, clock
):
    flaky = Admin(sqlite_database, FlakyObjects((tmp_path / "store").as_uri()), clock)
    flaky.upload_and_read("1.png")
    before = flaky.pages()
    flaky.objects.fails_at = lambda operation, key: operation == "put before"

    with pytest.raises(StoreUnavailable):
        flaky.reviews.replace(flaky.book.id, 1, "new.png", png("new"))

    assert flaky.pages() == before


# Moving and deleting


@pytest.mark.parametrize(
    ("page_num", "to", "order"),
    [
        (1, 3, ["2.png", "3.png", "1.png"]),
        (3, 1, ["3.png", "1.png", "2.png"]),
        (1, 2, ["2.png", "1.png", "3.png"]),
        (2, 2, ["1.png", "2.png", "3.png"]),
    ],
)
def test_a_moved_page_takes_its_text_along(admin, page_num, to, order):
    page = admin.reviews.move(admin.book.id, page_num, to, "ada").page

    assert page.page_num == to
    assert admin.names() == order
    assert admin.texts() == order
    assert admin.changed == [admin.book.id]


@pytest.mark.parametrize("to", [0, -1, 4, 10**30])
def test_a_place_outside_the_book_is_refused(admin, to):
    with pytest.raises(Invalid, match="the book has 3 pages"):
        admin.reviews.move(admin.book.id, 1, to, "ada")


def test_after_a_move_everything_that_shows_a_place_is_newer(admin):
    add_subtopic(admin)
    rev = admin.books.get(admin.book.id).rev

    admin.reviews.move(admin.book.id, 2, 3, "ada")

    assert [page.page_num for page in admin.reviews.pages(admin.book.id, since_rev=rev)] == [2, 3]
    assert subtopic_rev(admin) > rev


def test_after_a_deletion_every_page_keeps_its_own_text_and_image(admin):
    add_subtopic(admin)
    rev = admin.books.get(admin.book.id).rev

    admin.reviews.delete(admin.book.id, 1)
    admin.upload_and_read("4.png")

    assert admin.names() == ["2.png", "3.png", "4.png"]
    assert admin.texts() == ["2.png", "3.png", "4.png"]
    assert admin.numbers() == [2, 3, 4]
    assert admin.raws() == [png("2.png"), png("3.png"), png("4.png")]
    assert subtopic_rev(admin) > rev
    assert admin.changed == [admin.book.id]


def test_deleting_the_last_page_still_raises_the_revisions(admin):
    add_subtopic(admin)
    rev = admin.books.get(admin.book.id).rev

    admin.reviews.delete(admin.book.id, 3)

    assert admin.books.get(admin.book.id).rev > rev
    assert subtopic_rev(admin) > rev


def test_all_objects_of_a_deleted_page_are_noted_for_removal(admin):
    admin.reviews.correct(admin.book.id, 2, "typed by hand", 1, "ada")
    admin.reviews.rotate(admin.book.id, 2, 90)
    admin.run()

    admin.reviews.delete(admin.book.id, 2)

    assert noted(admin) >= {
        "raw/2.png", "2.png", "2.v2.png", "screen/2.webp", "thumbnails/2.v2.webp",
        "2.txt", "2.v2.txt", "2.v3.layout.json",
    }  # fmt: skip


def test_the_file_of_a_tiff_goes_with_its_last_frame(empty):
    empty.request({"a.tif": tiff(2)})
    empty.run()

    empty.reviews.delete(empty.book.id, 1)
    assert "raw/1.tif" not in noted(empty)
    empty.reviews.delete(empty.book.id, 1)

    assert "raw/1.tif" in noted(empty)


def everything_of(admin: Admin, page_num: int) -> tuple:
    """All that is kept of a page, but for its revisions."""
    page = admin.reviews.page(admin.book.id, page_num)
    with admin.database.read() as session:
        texts = session.scalars(select(PageTextRow).where(PageTextRow.page_id == page.id))
        kept = [(row.revision, row.text, row.lines, row.created_by) for row in texts]
    return replace(page, rev=0), kept, admin.reviews.attempts(admin.book.id, page_num)


def test_a_deleted_page_comes_back_as_it_was_with_its_texts_and_its_objects(admin):
    admin.reviews.correct(admin.book.id, 2, "typed by hand", 1, "ada")
    admin.reviews.approve(admin.book.id, 2, "bob")
    before, raws, doomed = everything_of(admin, 2), admin.raws(), noted(admin)

    step = admin.reviews.take_out(admin.book.id, 2, "ada")
    assert admin.names() == ["1.png", "3.png"]
    undone, _pages = admin.reviews.undo(admin.book.id, "ada", step.id)

    assert (undone.kind, undone.place) == (StepKind.DELETE, 2)
    assert admin.names() == ["1.png", "2.png", "3.png"]
    assert everything_of(admin, 2) == before
    assert admin.raws() == raws
    assert noted(admin) == doomed


def test_the_objects_of_a_deleted_page_stay_as_long_as_it_can_come_back(admin, clock):
    projector = Projector(admin.database, admin.objects, clock, lambda _session, _book_id: {})
    raw = admin.pages()[1].raw_key
    admin.reviews.take_out(admin.book.id, 2, "ada")

    projector.project_due()
    assert admin.objects.get(raw)
    clock.advance(3601)
    projector.project_due()

    with pytest.raises(MissingObject):
        admin.objects.get(raw)
    with pytest.raises(Conflict, match="nothing to undo"):
        admin.reviews.undo(admin.book.id, "ada")


def test_a_page_comes_back_last_when_its_book_has_become_shorter(admin):
    step = admin.reviews.take_out(admin.book.id, 3, "ada")
    admin.reviews.delete(admin.book.id, 1)

    admin.reviews.undo(admin.book.id, "ada", step.id)

    assert admin.names() == ["2.png", "3.png"]


def test_a_page_comes_back_once(admin):
    step = admin.reviews.take_out(admin.book.id, 3, "ada")

    results = at_once(*[lambda: admin.reviews.undo(admin.book.id, "ada", step.id)] * 2)

    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    assert admin.names() == ["1.png", "2.png", "3.png"]


def test_no_page_comes_back_under_a_job(admin):
    step = admin.reviews.take_out(admin.book.id, 3, "ada")
    admin.open_job(JobType.EXTRACTION)

    with pytest.raises(JobAlreadyActive):
        admin.reviews.undo(admin.book.id, "ada", step.id)


def test_a_deleted_book_takes_what_could_come_back_with_it(admin, clock):
    projector = Projector(admin.database, admin.objects, clock, lambda _session, _book_id: {})
    admin.reviews.take_out(admin.book.id, 3, "ada")
    admin.books.delete(admin.book.id)

    projector.project_due()

    assert noted(admin) == set()
    assert admin.objects.list(admin.book.s3_prefix) == []


def test_deleting_a_page_twice_at_once_deletes_one_page_after_the_other(admin):
    results = at_once(*[lambda: admin.reviews.delete(admin.book.id, 3)] * 2)

    assert sorted(isinstance(result, NotFound) for result in results) == [False, True]
    assert admin.names() == ["1.png", "2.png"]


def test_a_failing_hook_undoes_the_deletion(empty):
    empty.upload_and_read("1.png")

    def fail(_session, _book_id):
        raise RuntimeError

    empty.reviews._on_pages_changed = fail
    with pytest.raises(RuntimeError):
        empty.reviews.delete(empty.book.id, 1)

    assert empty.names() == ["1.png"]


@pytest.mark.parametrize("job_type", list(JobType))
def test_pages_keep_their_image_and_their_place_while_any_job_is_active(admin, job_type):
    admin.open_job(job_type)
    before = admin.pages()

    for forbidden in (
        lambda: admin.reviews.delete(admin.book.id, 1),
        lambda: admin.reviews.move(admin.book.id, 1, 2, "ada"),
        lambda: admin.reviews.rotate(admin.book.id, 1, 90),
        lambda: admin.reviews.replace(admin.book.id, 1, "a.png", png("new")),
        lambda: admin.books.delete(admin.book.id),
    ):
        with pytest.raises(JobAlreadyActive):
            forbidden()

    assert admin.pages() == before


# Looking


def test_only_pages_changed_since_a_revision_are_listed(admin):
    rev = admin.books.get(admin.book.id).rev
    assert admin.reviews.pages(admin.book.id, since_rev=rev) == []

    admin.reviews.approve(admin.book.id, 2, "ada")

    assert [page.page_num for page in admin.reviews.pages(admin.book.id, since_rev=rev)] == [2]


def test_a_page_that_was_not_read_has_no_text_and_no_image(empty):
    empty.upload("1.png")

    assert empty.reviews.text(empty.book.id, 1) is None
    assert empty.reviews.attempts(empty.book.id, 1) == []
    with pytest.raises(NotFound, match="no image yet"):
        empty.images.get(empty.book.id, 1, "full")


def test_there_are_three_sizes_of_an_image(admin):
    with pytest.raises(Invalid, match="full, screen, thumbnail"):
        admin.images.get(admin.book.id, 1, "huge")


@pytest.mark.parametrize("page_num", [0, -1, 4, 10**30])
def test_pages_that_are_not_there_are_not_found(admin, page_num):
    for look in (
        admin.reviews.page,
        admin.reviews.text,
        admin.reviews.attempts,
        lambda book, page: admin.reviews.unreview(book, page, "ada"),
        admin.reviews.delete,
    ):
        with pytest.raises(NotFound):
            look(admin.book.id, page_num)


def test_nothing_is_found_in_a_book_that_is_not_there(empty):
    for look in (empty.reviews.pages, empty.reviews.counts):
        with pytest.raises(NotFound):
            look("nobody")
    with pytest.raises(NotFound):
        empty.reviews.page("nobody", 1)


def test_the_counts_of_the_pages_add_up(empty):
    empty.request(
        {"1.png": png("blank"), "2.png": png("wordless"), "3.png": png("c"), "4.png": png("d")}
    )
    empty.run()
    empty.reviews.reject(empty.book.id, 4, "ada")
    empty.reviews.approve(empty.book.id, 3, "ada")
    empty.upload("5.png")

    counts = empty.reviews.counts(empty.book.id)

    assert (counts.blank, counts.failed, counts.skipped, counts.open) == (1, 1, 1, 2)
    assert (counts.pending, counts.processing, counts.completed, counts.failed_reading) == (
        1,
        0,
        3,
        1,
    )
    assert (counts.unreviewed, counts.approved, counts.rejected) == (3, 1, 1)
    assert counts.total == 5
