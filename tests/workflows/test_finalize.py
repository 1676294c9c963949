"""Refine & Consolidate: names and duplicates, decided once, undone at will."""

import pytest

from hornbook.errors import Declined, Invalid, JobAlreadyActive, Malformed, NotFound, ServerError
from hornbook.jobs import ledger
from hornbook.jobs.hold import Surroundings
from hornbook.jobs.runner import Run
from hornbook.model.guideline import SubtopicStatus
from hornbook.model.job import JobStatus
from hornbook.model.published import PublishedFilter
from hornbook.stages.finalize import Proposal, ProposalKind
from tests.desk import ADDING, ANGLES, QUICK, SUBTRACTING, TEXTS, TRIANGLES, Desk, Suggestions


@pytest.fixture
def desk(sqlite_database, clock) -> Desk:
    return Desk(sqlite_database, clock)


def rename(kind: str, title: str, new: str):
    return lambda ids: [Proposal(ProposalKind(kind), ids[title], new, "clearer")]


def merge(kept: str, dropped: str):
    return lambda ids: [Proposal(ProposalKind.MERGE, ids[kept], ids[dropped], "the same")]


def all_of(*proposals):
    return lambda ids: [one for propose in proposals for one in propose(ids)]


IMPROVE = all_of(
    rename("rename_topic", "Geometry", "Shapes"),
    rename("rename_subtopic", "Angles", "Turns and angles"),
    merge("Adding like fractions", "Subtracting fractions"),
)


def titles(desk: Desk, book: str) -> list[tuple[str, str]]:
    return [(one.topic_title, one.subtopic_title) for one in desk.guidelines.subtopics(book)]


# Starting


def test_a_book_that_does_not_exist_is_not_found(desk):
    with pytest.raises(NotFound):
        desk.finalize.start("nobody_math_4_2026")


def test_a_book_without_guidelines_cannot_be_refined(desk):
    with pytest.raises(Invalid, match="generate them first"):
        desk.finalize.start(desk.book())


def test_it_is_refused_while_another_job_is_active(desk):
    book = desk.ready()
    desk.generate.start(book)

    with pytest.raises(JobAlreadyActive):
        desk.finalize.start(book)


# What it does


def test_every_subtopic_ends_final_one_item_each(desk):
    book = desk.ready()

    job = desk.refined(book)

    assert (job.status, job.completed_items, job.total_items) == (JobStatus.COMPLETED, 4, 4)
    assert {one.status for one in desk.guidelines.subtopics(book)} == {SubtopicStatus.FINAL}
    assert desk.detail(job)["page_results"]["1"] == {"topic": ADDING[0], "subtopic": ADDING[1]}


def test_titles_change_and_keys_do_not(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE

    desk.refined(book)

    assert titles(desk, book) == [
        ("Fractions", "Adding like fractions"),
        ("Shapes", "Turns and angles"),
        ("Shapes", "Triangles"),
    ]
    assert set(desk.sources(book)) == {ADDING, ANGLES, TRIANGLES}


def test_a_merged_subtopic_gives_its_pages_and_statements_to_the_one_kept(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE

    desk.refined(book)

    kept = desk.guidelines.subtopic(book, *ADDING)
    assert kept.source_pages == (1, 2, 3, 4)
    assert "Subtracting means taking equal parts away from a whole. (p. 3)" in kept.guidelines
    assert kept.subtopic_summary == "Adding like fractions in 8 statements."
    assert kept.topic_summary == kept.subtopic_summary  # there is no other in the topic
    with pytest.raises(NotFound):
        desk.guidelines.subtopic(book, *SUBTRACTING)


def test_the_job_counts_what_it_decided(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE

    stats = desk.detail(desk.refined(book))["stats"]

    assert stats == {
        "subtopics_created": 4, "subtopics_merged": 6, "subtopics_finalized": 4,
        "subtopics_renamed": 1, "duplicates_merged": 1, "total_topics": 2,
    }  # fmt: skip


def test_contract_6_6_no_subtopic_is_lost_whatever_is_proposed(desk):
    """Renames onto a taken name, merges with itself, chains and circles of duplicates."""
    book = desk.ready()
    before = every_statement(desk, book)
    desk.refiner.propose = all_of(
        rename("rename_topic", "Geometry", "Fractions"),
        merge("Angles", "Angles"),
        merge("Adding like fractions", "Subtracting fractions"),
        merge("Triangles", "Adding like fractions"),
        merge("Subtracting fractions", "Triangles"),
        lambda _ids: [Proposal(ProposalKind.MERGE, "nothing", "nowhere", "invented")],
    )

    desk.refined(book)

    assert desk.sources(book) == {ANGLES: (5, 6), TRIANGLES: (1, 2, 3, 4, 7, 8, 9, 10)}
    assert every_statement(desk, book) == before


def every_statement(desk: Desk, book: str) -> set[str]:
    return {
        source.quote
        for one in desk.guidelines.subtopics(book)
        for source in desk.guidelines.sources(book, one.topic_key, one.subtopic_key)
    }


def test_refining_twice_gives_the_same(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    first = desk.refined(book)
    before, decisions = desk.shown(book), desk.finalize.decisions(book)

    second = desk.refined(book)

    assert desk.shown(book) == before
    assert desk.finalize.decisions(book) == decisions
    ours, theirs = desk.detail(first)["stats"], desk.detail(second)["stats"]
    assert ours | {"subtopics_finalized": 3} == theirs


def test_generating_again_keeps_every_decision(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    before = desk.shown(book)

    desk.generated(book)

    assert desk.shown(book) == before


def test_generating_again_with_other_answers_keeps_titles_and_merges(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    desk.correct(book, 3, TEXTS[2] + "\nOne more statement about taking away.")

    desk.generated(book)

    assert titles(desk, book)[1] == ("Shapes", "Turns and angles")
    kept = desk.guidelines.subtopic(book, *ADDING)
    assert "One more statement about taking away. (p. 3)" in kept.guidelines
    assert kept.status is SubtopicStatus.STABLE


def test_auto_sync_publishes_at_the_end(desk):
    book = desk.ready()

    desk.refined(book, auto_sync=True)

    assert desk.publish.preview(book).unchanged_count == 4


def test_a_text_that_a_human_edited_is_never_merged_away(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *SUBTRACTING, "Use a ribbon.", by="eve")
    desk.refiner.propose = IMPROVE

    desk.refined(book)

    assert desk.guidelines.subtopic(book, *SUBTRACTING).guidelines == "Use a ribbon."


def test_a_merge_into_a_text_that_a_human_edited_is_held_back_and_both_are_published(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Use a ribbon.", by="eve")
    desk.refiner.propose = IMPROVE

    job = desk.refined(book, auto_sync=True)

    published = {one.subtopic_key: one for one in desk.publish.rows(PublishedFilter(book_id=book))}
    assert published[ADDING[1]].guideline == "Use a ribbon."
    assert "Subtracting means" in published[SUBTRACTING[1]].guideline
    held = decision(desk, book, "merge")
    assert held.objection == "A human has edited the text that it would go into."
    assert desk.detail(job)["stats"]["duplicates_merged"] == 0


def test_a_merge_held_back_is_made_once_the_human_takes_what_a_run_wrote(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Use a ribbon.", by="eve")
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    desk.correct(book, 1, TEXTS[0] + "\nOne more statement about adding.")
    desk.generated(book)
    desk.guidelines.choose(book, *ADDING, take_candidate=True, by="eve")

    desk.refined(book)

    assert desk.sources(book)[ADDING] == (1, 2, 3, 4)
    assert "Subtracting means" in desk.guidelines.subtopic(book, *ADDING).guidelines


def test_a_human_may_edit_what_was_merged_and_no_run_takes_it_apart(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    desk.guidelines.edit(book, *ADDING, "Use a ribbon.", by="eve")

    desk.generated(book)
    desk.refined(book)

    assert SUBTRACTING not in desk.sources(book)
    assert desk.guidelines.subtopic(book, *ADDING).guidelines == "Use a ribbon."
    assert decision(desk, book, "merge").is_applied


def test_a_chain_of_merges_does_not_lead_a_text_into_one_that_a_human_edited(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *TRIANGLES, "Use a ribbon.", by="eve")
    desk.refiner.propose = all_of(
        merge("Adding like fractions", "Subtracting fractions"),
        merge("Triangles", "Adding like fractions"),
    )

    desk.refined(book)

    assert TRIANGLES in desk.sources(book)
    assert desk.sources(book)[TRIANGLES] == (7, 8, 9, 10)


def test_what_waits_for_a_human_to_choose_is_refined_and_needs_review_still(desk):
    book = desk.ready()
    desk.guidelines.edit(book, *ADDING, "Use a ribbon.", by="eve")
    desk.correct(book, 1, TEXTS[0] + "\nOne more statement about adding.")
    desk.generated(book)

    job = desk.refined(book)

    assert (job.status, job.completed_items) == (JobStatus.COMPLETED, 4)
    waiting = desk.guidelines.subtopic(book, *ADDING)
    assert (waiting.has_candidate, waiting.status) == (True, SubtopicStatus.NEEDS_REVIEW)
    others = [one.status for one in desk.guidelines.subtopics(book) if not one.has_candidate]
    assert set(others) == {SubtopicStatus.FINAL}


# Undo


def decision(desk: Desk, book: str, kind: str):
    return next(one for one in desk.finalize.decisions(book) if one.kind == kind)


def test_decisions_are_told_in_words(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)

    told = [(one.kind, one.before, one.after, one.reason) for one in desk.finalize.decisions(book)]

    assert told == [
        ("rename_topic", "Geometry", "Shapes", "clearer"),
        ("rename_subtopic", "Angles", "Turns and angles", "clearer"),
        ("merge", "Subtracting fractions", "Adding like fractions", "the same"),
    ]


def test_a_decision_about_something_removed_says_so(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    for _ in range(6):
        desk.delete(book, 5)

    told = [(one.before, one.after) for one in desk.finalize.decisions(book)]

    assert told[:2] == [("(removed)", "Shapes"), ("(removed)", "Turns and angles")]
    assert desk.sources(book) == {ADDING: (1, 2, 3, 4)}


def test_an_undone_merge_gives_everything_back(desk):
    book = desk.ready()
    before = desk.sources(book), desk.guidelines.subtopic(book, *SUBTRACTING).guidelines
    desk.refiner.propose = IMPROVE
    desk.refined(book)

    undone = desk.finalize.undo(book, decision(desk, book, "merge").id)

    assert undone.is_undone
    after = desk.sources(book), desk.guidelines.subtopic(book, *SUBTRACTING).guidelines
    assert after == before


def test_an_undone_decision_stays_undone_when_refined_and_generated_again(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    desk.finalize.undo(book, decision(desk, book, "merge").id)
    desk.finalize.undo(book, decision(desk, book, "rename_topic").id)

    desk.refined(book)
    desk.generated(book)

    assert set(desk.sources(book)) == {ADDING, SUBTRACTING, ANGLES, TRIANGLES}
    assert titles(desk, book)[2] == ("Geometry", "Turns and angles")


def test_a_decision_taken_back_can_be_applied_again(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    taken = decision(desk, book, "rename_topic")
    desk.finalize.undo(book, taken.id)

    again = desk.finalize.redo(book, taken.id)

    assert not again.is_undone
    assert titles(desk, book)[1] == ("Shapes", "Turns and angles")


def test_taking_a_decision_back_and_forth_leaves_the_published_rows_as_they_were(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    desk.publish.sync(book)
    for kind in ("merge", "rename_topic", "rename_subtopic"):
        taken = decision(desk, book, kind)
        desk.finalize.undo(book, taken.id)
        desk.finalize.redo(book, taken.id)

    preview = desk.publish.preview(book)

    assert (preview.new, preview.changed, preview.gone) == ((), (), ())


def test_an_unknown_decision_cannot_be_undone(desk):
    with pytest.raises(NotFound):
        desk.finalize.undo(desk.ready(), "nothing")


def test_nothing_is_undone_while_a_job_is_active(desk):
    book = desk.ready()
    desk.refiner.propose = IMPROVE
    desk.refined(book)
    desk.generate.start(book)

    with pytest.raises(JobAlreadyActive):
        desk.finalize.undo(book, decision(desk, book, "merge").id)


# Failure and crash


def test_after_a_failure_it_goes_on_with_what_was_decided(desk):
    book = desk.ready()
    desk.refiner.propose = all_of(
        rename("rename_subtopic", "Angles", "Turns"),
        rename("rename_subtopic", "Triangles", "Three"),
    )
    desk.writer.failure = ServerError("The model is down.")
    failed = desk.refined(book)
    assert (failed.status, failed.completed_items) == (JobStatus.FAILED, 2)
    desk.writer.failure = None
    desk.refiner.propose = lambda _ids: []

    job = desk.finalize.start(book)
    assert (job.completed_items, job.total_items) == (2, 4)
    job = desk.work(book)

    assert job.status is JobStatus.COMPLETED
    assert [subtopic for _, subtopic in titles(desk, book)[2:]] == ["Turns", "Three"]
    assert {one.status for one in desk.guidelines.subtopics(book)} == {SubtopicStatus.FINAL}


class Speechless(Suggestions):
    """Has no answer to questions about some things."""

    def __init__(self, *things: str) -> None:
        super().__init__()
        self.things = things
        self.propose = merge("Adding like fractions", "Subtracting fractions")

    def rename(self, topic):
        if topic.title in self.things:
            raise Malformed
        return [Proposal(ProposalKind.RENAME_TOPIC, topic.id, f"All about {topic.title}", "more")]

    def merges(self, topics):
        if "merges" in self.things:
            raise Declined
        return super().merges(topics)


def test_a_question_without_an_answer_costs_its_own_proposals_only(desk):
    book = desk.ready()
    desk.refiner = Speechless("Geometry")

    job = desk.refined(book)

    assert job.status is JobStatus.COMPLETED
    assert {topic for topic, _ in titles(desk, book)} == {"All about Fractions", "Geometry"}
    assert SUBTRACTING not in desk.sources(book)
    assert desk.detail(job)["stats"]["questions_unanswered"] == 1


def test_names_are_mended_also_when_nobody_says_what_is_a_duplicate(desk):
    book = desk.ready()
    desk.refiner = Speechless("merges")

    job = desk.refined(book)

    assert {topic for topic, _ in titles(desk, book)} == {
        "All about Fractions", "All about Geometry",
    }  # fmt: skip
    assert SUBTRACTING in desk.sources(book)
    assert desk.detail(job)["stats"]["questions_unanswered"] == 1


def test_what_had_no_answer_is_asked_again_by_the_next_refinement(desk):
    book = desk.ready()
    desk.refiner = Speechless("Geometry")
    desk.refined(book)
    desk.refiner.things = ()

    job = desk.refined(book)

    assert {topic for topic, _ in titles(desk, book)} == {
        "All about Fractions", "All about Geometry",
    }  # fmt: skip
    assert "questions_unanswered" not in desk.detail(job)["stats"]


class Stopping:
    """Asks about names and merges; somebody presses Stop when it is asked the first question."""

    name = "stopping"

    def __init__(self, desk: Desk, at: str) -> None:
        self.desk, self.at, self.asked = desk, at, []

    def merges(self, topics):
        return self._answered("merges")

    def rename(self, topic):
        return self._answered(topic.title)

    def _answered(self, question: str) -> list[Proposal]:
        self.asked.append(question)
        if question == self.at:
            with self.desk.database.begin() as session:
                job = ledger.active_jobs(session)[0]
                ledger.request_stop(session, job.book_id, job.id, self.desk.clock())
        return []


@pytest.mark.parametrize(
    ("at", "asked"), [("merges", ["merges"]), ("Fractions", ["merges", "Fractions"])]
)
def test_no_name_is_asked_for_any_more_once_somebody_presses_stop(desk, at, asked):
    book = desk.ready()
    desk.refiner = Stopping(desk, at)

    job = desk.refined(book)

    assert (job.status, job.error_message) == (JobStatus.FAILED, "Stopped by you at subtopic 1")
    assert desk.refiner.asked == asked
    desk.refiner.at = "nothing"
    assert desk.refined(book).status is JobStatus.COMPLETED


def test_a_failure_before_a_new_generation_is_not_gone_on_with(desk):
    book = desk.ready()
    desk.refiner.propose = rename("rename_subtopic", "Angles", "Turns")
    desk.writer.failure = ServerError("The model is down.")
    desk.refined(book)
    desk.writer.failure = None
    desk.generated(book)

    assert desk.finalize.start(book).completed_items == 0


@pytest.mark.parametrize("saves", [0, 2, 4])
def test_a_crash_at_any_point_changes_nothing_about_the_outcome(desk, saves):
    desk.refiner.propose = IMPROVE
    calm = desk.ready()
    desk.refined(calm)
    book = desk.book(author="bob")
    desk.generated(book)
    job = desk.finalize.start(book)
    die_after(desk, job, saves=saves)

    with desk.database.begin() as session:
        dead = ledger.active_jobs(session)[0]
        token = ledger.takeover(session, dead, desk.clock())
    around = Surroundings(desk.database, desk.clock, lambda _book: None, QUICK)
    leg = desk.legs()[job.type]
    Run(around, leg, desk.job(book, job.id), token, is_after_crash=True).go()

    assert desk.job(book, job.id).status is JobStatus.COMPLETED
    assert desk.shown(book) == desk.shown(calm)


def die_after(desk: Desk, job, *, saves: int) -> None:
    """Do what a worker does until it has settled so many subtopics, then vanish."""
    leg = desk.legs()[job.type]
    with desk.database.begin() as session:
        ledger.claim(session, job.book_id, job.id, desk.clock())
    leg.begin(job, desk.database.begin)
    with desk.database.read() as session:
        items = ledger.items_of(session, job.id)
    for item in items[:saves]:
        with desk.database.begin() as session:
            ledger.start_item(session, job.id, item.subject_id)
        prepared = leg.prepare(job, item)
        with desk.database.begin() as session:
            result = leg.save(session, job, item, prepared)
            ledger.record_done(session, job.id, item.subject_id, result)
