"""Guidelines go out to the tutor, and come back to be reviewed when they change."""

import pytest

from hornbook.errors import Conflict, JobAlreadyActive, NotFound
from hornbook.library.tables import StudyPlanRow
from hornbook.model.guideline import PublishedReview, SubtopicStatus
from hornbook.model.published import PublishedFilter, SyncStats
from tests.desk import ADDING, SUBTRACTING, TEXTS, TRIANGLES, Desk


@pytest.fixture
def desk(sqlite_database, clock) -> Desk:
    return Desk(sqlite_database, clock)


def rows(desk: Desk, book: str) -> dict:
    return {
        (one.topic_key, one.subtopic_key): one
        for one in desk.publish.rows(PublishedFilter(book_id=book))
    }


def synced(desk: Desk) -> str:
    book = desk.ready()
    desk.publish.sync(book)
    return book


def give_plan(desk: Desk, guideline_id: str) -> None:
    with desk.database.begin() as session:
        plan = StudyPlanRow(id=f"plan of {guideline_id}", guideline_id=guideline_id)
        plan.plan_json, plan.status = "{}", "generated"
        plan.created_at = plan.updated_at = desk.clock()
        session.add(plan)


def plans(desk: Desk) -> set[str]:
    with desk.database.read() as session:
        return {row.guideline_id for row in session.query(StudyPlanRow)}


# Sync


def test_a_book_that_does_not_exist_is_not_found(desk):
    for act in (desk.publish.sync, desk.publish.preview, desk.publish.withheld):
        with pytest.raises(NotFound):
            act("nobody_math_4_2026")
    with pytest.raises(NotFound):
        desk.publish.rows(PublishedFilter(book_id="nobody_math_4_2026"))


def test_it_is_refused_while_a_job_is_active(desk):
    book = desk.ready()
    desk.generate.start(book)

    with pytest.raises(JobAlreadyActive):
        desk.publish.sync(book)
    with pytest.raises(JobAlreadyActive):
        desk.publish.approve_all(book, "eve")


def test_the_first_sync_publishes_every_subtopic_to_be_reviewed(desk):
    book = desk.ready()

    stats = desk.publish.sync(book)

    assert stats == SyncStats(synced_count=4, created_count=4, updated_count=0)
    row = rows(desk, book)[ADDING]
    assert (row.country, row.board, row.grade, row.subject) == ("IN", "CBSE", 4, "math")
    assert (row.topic, row.subtopic) == ("Fractions", "Adding like fractions")
    assert (row.source_page_start, row.source_page_end) == (1, 2)
    assert row.guideline == desk.guidelines.subtopic(book, *ADDING).guidelines
    assert row.review_status is PublishedReview.TO_BE_REVIEWED


def test_a_book_without_guidelines_publishes_nothing(desk):
    assert desk.publish.sync(desk.book()) == SyncStats(0, 0, 0)


def test_contract_6_7_syncing_again_keeps_approvals_and_study_plans(desk):
    book = synced(desk)
    row = rows(desk, book)[ADDING]
    desk.publish.approve_row(row.id, approved=True, by="eve")
    give_plan(desk, row.id)
    before = rows(desk, book)

    stats = desk.publish.sync(book)

    assert stats == SyncStats(synced_count=4, created_count=0, updated_count=0)
    assert rows(desk, book) == before
    assert plans(desk) == {row.id}


def test_contract_6_7_a_changed_row_goes_back_to_review_and_only_that_one(desk):
    book = synced(desk)
    for row in rows(desk, book).values():
        desk.publish.approve_row(row.id, approved=True, by="eve")
        give_plan(desk, row.id)
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")

    stats = desk.publish.sync(book)

    assert stats == SyncStats(synced_count=4, created_count=0, updated_count=1)
    waiting = [key for key, row in rows(desk, book).items() if row.reviewed_by is None]
    assert waiting == [ADDING]
    assert rows(desk, book)[ADDING].review_status is PublishedReview.TO_BE_REVIEWED
    assert rows(desk, book)[ADDING].guideline == "Begin with paper strips."
    others = {row.id for key, row in rows(desk, book).items() if key != ADDING}
    assert plans(desk) == others


def test_contract_6_7_a_vanished_row_is_removed(desk):
    book = synced(desk)
    desk.delete(book, 4)
    desk.delete(book, 3)

    stats = desk.publish.sync(book)

    assert (stats.synced_count, stats.removed_count) == (3, 1)
    assert SUBTRACTING not in rows(desk, book)


def test_generating_and_refining_again_keep_every_approval(desk):
    book = desk.ready()
    desk.refined(book)
    desk.publish.approve_all(book, "eve")

    desk.generated(book)
    desk.refined(book)
    stats = desk.publish.sync(book)

    assert stats.updated_count == 0
    assert {row.review_status for row in rows(desk, book).values()} == {PublishedReview.APPROVED}


def test_a_move_of_pages_changes_page_numbers_but_is_no_change_to_review(desk):
    book = synced(desk)
    for row in rows(desk, book).values():
        desk.publish.approve_row(row.id, approved=True, by="eve")
    desk.add_page(book, TEXTS[0], place=1)

    stats = desk.publish.sync(book)

    row = rows(desk, book)[ADDING]
    assert stats.updated_count == 0
    assert (row.source_page_start, row.source_page_end) == (2, 3)
    assert "(p. 3)" in row.guideline
    assert row.review_status is PublishedReview.APPROVED


def test_a_preview_says_what_a_sync_would_do_and_does_nothing(desk):
    book = synced(desk)
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
    desk.delete(book, 4)
    desk.delete(book, 3)
    desk.publish.delete_row(rows(desk, book)[TRIANGLES].id)

    preview = desk.publish.preview(book)

    assert preview.changed == ("Fractions: Adding like fractions",)
    assert preview.gone == ("Fractions: Subtracting fractions",)
    assert (preview.new, preview.unchanged_count, preview.withheld_count) == ((), 1, 1)
    assert len(rows(desk, book)) == 3


def test_a_preview_names_what_is_new(desk):
    book = desk.ready()

    assert desk.publish.preview(book).new == (
        "Fractions: Adding like fractions", "Fractions: Subtracting fractions",
        "Geometry: Angles", "Geometry: Triangles",
    )  # fmt: skip


# Approving


def test_approving_all_makes_everything_final_published_and_approved(desk):
    book = desk.ready()

    approval = desk.publish.approve_all(book, "eve")

    assert (approval.approved_count, approval.synced_count) == (4, 4)
    assert {one.status for one in desk.guidelines.subtopics(book)} == {SubtopicStatus.FINAL}
    assert {(row.review_status, row.reviewed_by) for row in rows(desk, book).values()} == {
        (PublishedReview.APPROVED, "eve")
    }


def test_approving_all_again_changes_no_verdict(desk):
    book = desk.ready()
    desk.publish.approve_all(book, "eve")
    before = rows(desk, book)

    approval = desk.publish.approve_all(book, "bob")

    assert approval.approved_count == 4
    assert rows(desk, book) == before


def test_approving_all_leaves_what_waits_for_a_human_to_choose(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.generated(book)

    approval = desk.publish.approve_all(book, "eve")

    assert (approval.approved_count, approval.synced_count, approval.left_count) == (3, 4, 1)
    assert rows(desk, book)[ADDING].review_status is PublishedReview.TO_BE_REVIEWED
    assert desk.guidelines.subtopic(book, *ADDING).status is SubtopicStatus.NEEDS_REVIEW
    assert desk.guidelines.subtopic(book, *TRIANGLES).status is SubtopicStatus.FINAL


def test_approving_all_takes_no_verdict_back_from_what_waits(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Begin with paper strips.", by="eve")
    desk.publish.approve_all(book, "eve")
    desk.correct(book, 2, "Adding means counting parts together.")
    desk.generated(book)

    approval = desk.publish.approve_all(book, "bob")

    assert (approval.approved_count, approval.left_count) == (4, 0)
    assert rows(desk, book)[ADDING].reviewed_by == "eve"


def test_a_book_without_guidelines_cannot_be_approved(desk):
    with pytest.raises(Conflict):
        desk.publish.approve_all(desk.book(), "eve")


def test_a_row_is_approved_and_sent_back(desk):
    book = synced(desk)
    row = rows(desk, book)[ADDING]

    approved = desk.publish.approve_row(row.id, approved=True, by="eve")
    again = desk.publish.approve_row(row.id, approved=True, by="bob")
    back = desk.publish.approve_row(row.id, approved=False, by="bob")

    assert (approved.review_status, approved.reviewed_by) == (PublishedReview.APPROVED, "eve")
    assert again == approved
    assert (back.review_status, back.reviewed_by) == (PublishedReview.TO_BE_REVIEWED, None)
    assert desk.publish.row(row.id) == back


def test_a_row_that_does_not_exist_is_not_found(desk):
    for act in (desk.publish.row, desk.publish.delete_row):
        with pytest.raises(NotFound):
            act("nothing")
    with pytest.raises(NotFound):
        desk.publish.approve_row("nothing", approved=True, by="eve")


def test_rows_are_reviewed_while_a_job_runs(desk):
    book = synced(desk)
    desk.generate.start(book)

    row = desk.publish.approve_row(rows(desk, book)[ADDING].id, approved=True, by="eve")

    assert row.review_status is PublishedReview.APPROVED


# Deleting


def test_a_deleted_row_stays_deleted_until_it_is_offered_again(desk):
    book = synced(desk)
    row = rows(desk, book)[ADDING]

    desk.publish.delete_row(row.id)
    desk.generated(book)
    assert desk.publish.sync(book).synced_count == 3
    assert ADDING not in rows(desk, book)
    (withheld,) = desk.publish.withheld(book)
    assert withheld.subtopic_key == ADDING[1]

    desk.publish.offer_again(book, withheld.id)
    assert desk.publish.sync(book).created_count == 1
    assert ADDING in rows(desk, book)


def test_only_a_guideline_of_the_book_can_be_offered_again(desk):
    with pytest.raises(NotFound):
        desk.publish.offer_again(desk.ready(), "nothing")


# Lists


def test_rows_are_filtered_and_counted(desk):
    book = synced(desk)
    desk.publish.approve_row(rows(desk, book)[ADDING].id, approved=True, by="eve")

    filters = desk.publish.row_filters()
    approved = desk.publish.rows(PublishedFilter(status=PublishedReview.APPROVED))
    nothing = desk.publish.rows(PublishedFilter(grade=5))
    ours = desk.publish.rows(PublishedFilter(country="IN", board="CBSE", grade=4, subject="math"))

    assert (filters.countries, filters.boards, filters.grades, filters.subjects) == (
        ("IN",), ("CBSE",), (4,), ("math",),
    )  # fmt: skip
    assert (filters.total, filters.pending, filters.approved) == (4, 3, 1)
    assert [row.subtopic_key for row in approved] == [ADDING[1]]
    assert nothing == []
    assert [row.source_page_start for row in ours] == [1, 3, 5, 7]
