from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hornbook.model.job import (
    ErrorType,
    ItemState,
    Job,
    JobItem,
    JobStatus,
    JobType,
    OnError,
    Owed,
)
from hornbook.model.page import OcrStatus, Page, ReviewStatus
from hornbook.web.job_views import JobView, job_view
from hornbook.web.pages.card import card
from hornbook.web.views import image_url, page_view

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def make_job(status=JobStatus.RUNNING, **facts) -> Job:
    job = Job(
        id="job",
        book_id="book",
        type=JobType.EXTRACTION,
        status=status,
        total_items=100,
        completed_items=0,
        failed_items=0,
        current_item=None,
        last_completed_item=None,
        heartbeat_at=None,
        started_at=START,
        completed_at=None,
        error_message=None,
        error_class=None,
        on_error=OnError.STOP,
        is_stop_requested=False,
        note=None,
        waits_until=None,
    )
    return replace(job, **facts)


RATE_LIMIT = ("Rate limit: slow down", ErrorType.RETRYABLE)
NO_WORDS = ("No words found. Replace the image, or skip it.", ErrorType.TERMINAL)


def make_items(done=0, failed=(), total=100, resumed=0, every=6) -> list[JobItem]:
    """A ledger; `failed` are positions, or positions with their errors."""
    errors = failed if isinstance(failed, dict) else dict.fromkeys(failed, RATE_LIMIT)

    def item(position: int) -> JobItem:
        state = ItemState.DONE if position <= done else ItemState.OWED
        state = ItemState.FAILED if position in errors else state
        is_ended = position > resumed and state is not ItemState.OWED
        error, error_type = errors.get(position, (None, None))
        return JobItem(
            subject_id=f"book/{position}",
            position=position,
            input="",
            state=state,
            starts=int(is_ended),
            result=None,
            error=error,
            error_type=error_type,
            error_class=None,
            ended_at=START + timedelta(seconds=every * position) if is_ended else None,
        )

    return [item(position) for position in range(1, total + 1)]


def make_view(job: Job, items=(), detail=None, after=754, owed=None) -> JobView:
    return job_view(job, detail or {}, items, now=START + timedelta(seconds=after), owed=owed)


def make_page(**facts) -> Page:
    page = Page(
        id="book/46",
        book_id="book",
        page_num=45,
        number=46,
        file_name="page-046.jpg",
        media_type="image/jpeg",
        frame=0,
        sha256="",
        raw_key="raw",
        image_key="image",
        compact_key="compact",
        thumbnail_key="thumbnail",
        text_key="text",
        image_revision=1,
        text_revision=1,
        asked_reader=None,
        rotation=0,
        ocr_status=OcrStatus.COMPLETED,
        ocr_error=None,
        ocr_error_type=None,
        engine="tesseract",
        confidence=95.6,
        is_blank=False,
        review=ReviewStatus.PENDING_REVIEW,
        approved_at=None,
        uploaded_at=START,
        rev=1,
    )
    return replace(page, **facts)


def error(sentence="Rate limit: slow down", kind="retryable") -> dict[str, str]:
    return {"error": sentence, "error_type": kind}


def test_a_running_job_says_what_the_figure_of_the_prd_says():
    job = make_job(completed_items=77, failed_items=1, current_item=79)
    detail = {"stats": {"subtopics_created": 14}}

    view = make_view(job, make_items(done=78, failed={46}), detail)

    assert view.title == "Generating Guidelines"
    assert view.counts_label == "78/100 pages (78%)"
    assert view.current_label == "Page 79"
    assert (view.done, view.failed, view.left, view.total) == (77, 1, 22, 100)
    assert view.subtopics_found == 14
    assert view.elapsed_seconds == 754
    assert view.can_stop
    assert view.resume_label is None


def test_a_stopped_generation_says_where_and_offers_what_is_owed():
    job = make_job(
        JobStatus.FAILED,
        completed_items=77,
        failed_items=1,
        last_completed_item=77,
        completed_at=START + timedelta(minutes=5),
        error_message="Rate limit: OpenAI API rate limit exceeded",
    )
    detail = {"page_errors": {"78": error()}}

    view = make_view(job, make_items(done=77, failed={78}), detail)

    assert view.title == "Generation stopped at page 78/100"
    assert view.resume_label == "Resume from Page 78 (23 pages left)"
    assert view.restart_label == "Restart from Page 1"
    assert view.cause == "Rate limit"
    assert "Wait" in view.hint
    assert view.elapsed_seconds == 300
    assert not view.can_stop


def test_resume_begins_at_the_first_page_owed_even_when_later_pages_passed():
    job = make_job(
        JobStatus.FAILED,
        completed_items=76,
        failed_items=2,
        last_completed_item=77,
        error_message="Time-out: no answer",
    )
    detail = {"page_errors": {"46": error("No words", "terminal"), "78": error()}}

    view = make_view(job, make_items(done=77, failed={46, 78}), detail)

    assert view.stopped_at == 78
    assert view.resume_label == "Resume from Page 46 (24 pages left)"


def test_a_job_that_goes_on_after_errors_stopped_where_nothing_was_tried_any_more():
    job = make_job(
        JobStatus.FAILED,
        type=JobType.OCR,
        on_error=OnError.CONTINUE,
        completed_items=49,
        failed_items=1,
        last_completed_item=45,
        error_message="Stopped by you at page 51",
    )
    detail = {"page_errors": {"46": error()}}

    view = make_view(job, make_items(done=50, failed={46}), detail)

    assert view.title == "Reading stopped at page 51/100"
    assert view.resume_from == 46
    assert view.restart_label is None


@pytest.mark.parametrize("kind", [JobType.EXTRACTION, JobType.FINALIZATION])
def test_a_job_stopped_behind_its_last_item_offers_to_go_on_with_what_completes_it(kind):
    job = make_job(JobStatus.FAILED, type=kind, completed_items=100, error_message="Stopped by you")

    view = make_view(job, make_items(done=100))

    assert view.resume_label == "Resume"
    assert view.resume_plan == "Everything is kept: only summaries are left to write."
    (action, *_) = card(view).actions
    assert (action.words, action.look) == ("Resume", "primary")


def test_a_job_that_another_one_came_after_does_not_offer_to_go_on():
    job = make_job(JobStatus.FAILED, completed_items=100, error_message="Stopped by you")
    nothing = Owed({}, kept=0)

    view = make_view(job, make_items(done=100), owed=nothing)

    assert view.resume_label is None


def test_a_refinement_says_how_many_questions_got_no_answer():
    job = make_job(JobStatus.COMPLETED, type=JobType.FINALIZATION, completed_items=100)

    facts = card(make_view(job, detail={"stats": {"questions_unanswered": 2}})).facts

    assert ("Questions without an answer", "2") in [(one.label, one.value) for one in facts]


def test_a_job_stopped_before_anything_has_no_place_to_name():
    job = make_job(JobStatus.FAILED, total_items=0, error_message="Key refused: no")

    view = make_view(job)

    assert view.title == "Generation stopped"
    assert view.resume_label is None


def test_a_completed_job_with_failed_pages_still_offers_them():
    job = make_job(JobStatus.COMPLETED, completed_items=99, failed_items=1, last_completed_item=100)

    view = make_view(job, make_items(done=100, failed={46}))

    assert view.percent == 100
    assert view.state == "Completed"
    assert view.resume_label == "Resume from Page 46 (1 page left)"


@pytest.mark.parametrize(
    ("status", "done", "total", "percent"),
    [
        (JobStatus.RUNNING, 0, 100, 0),
        (JobStatus.RUNNING, 1, 3, 33),
        (JobStatus.RUNNING, 1999, 2000, 99),
        (JobStatus.RUNNING, 100, 100, 99),
        (JobStatus.PENDING, 0, 0, 0),
        (JobStatus.COMPLETED, 100, 100, 100),
        (JobStatus.COMPLETED, 0, 0, 100),
    ],
)
def test_a_hundred_percent_is_said_of_a_finished_job_only(status, done, total, percent):
    job = make_job(status, completed_items=done, total_items=total)

    assert make_view(job).percent == percent


def test_the_time_left_is_unknown_until_five_pages_are_done():
    job = make_job(completed_items=4)

    assert make_view(job, make_items(done=4)).eta_seconds is None
    assert make_view(job, make_items(done=5)).eta_seconds == 600


def test_what_an_earlier_job_did_does_not_count_for_the_time_left():
    job = make_job(completed_items=60)

    view = make_view(job, make_items(done=60, resumed=50))

    assert view.eta_seconds == 240


def test_a_guess_that_a_pause_makes_a_lie_is_not_told():
    items = make_items(done=97)

    def guess(pause: int) -> int | None:
        job = make_job(completed_items=97, waits_until=START + timedelta(seconds=754 + pause))
        return make_view(job, items).eta_seconds

    assert guess(5) == 30
    assert guess(200) is None


def test_a_rate_limited_job_says_when_it_goes_on():
    job = make_job(waits_until=START + timedelta(seconds=100))

    assert make_view(job, after=60).wait_seconds == 40
    assert make_view(job, after=101).wait_seconds is None


def test_pages_that_failed_alike_stand_together_the_largest_group_first():
    items = make_items(failed={3: NO_WORDS, 12: RATE_LIMIT, 9: RATE_LIMIT})

    groups = make_view(make_job(failed_items=3), items).error_groups

    assert [(group.count, group.positions) for group in groups] == [(2, (9, 12)), (1, (3,))]
    assert [group.is_retryable for group in groups] == [True, False]
    assert [group.words for group in groups] == ["rate limit", "No words found."]


def test_errors_are_alike_whatever_numbers_they_name():
    said = "Rate limit: page {} asks for {} s"
    items = make_items(failed={n: (said.format(n, n * 2), ErrorType.RETRYABLE) for n in (4, 5)})

    (group,) = make_view(make_job(failed_items=2), items).error_groups

    assert group.positions == (4, 5)


def test_a_job_of_another_system_has_no_ledger_but_its_errors_are_shown():
    errors = {"3": error("No words", "terminal"), "12": error(), "9": error()}

    groups = make_view(make_job(failed_items=3), detail={"page_errors": errors}).error_groups

    assert [group.positions for group in groups] == [(9, 12), (3,)]


def test_what_was_mended_since_the_job_ended_is_neither_resumed_nor_shown_as_failed():
    job = make_job(JobStatus.COMPLETED, completed_items=98, failed_items=2)
    items = make_items(done=100, failed={46: NO_WORDS, 78: RATE_LIMIT})

    view = make_view(job, items, owed=Owed({"book/78": 77}, kept=99))

    assert view.resume_label == "Resume from Page 77 (1 page left)"
    assert view.resume_plan == "Page 77: 1 failed, 99 kept."
    assert [group.positions for group in view.error_groups] == [(77,)]
    assert (view.failed, view.waiting) == (2, 1)


def test_resume_says_exactly_what_it_will_do():
    job = make_job(JobStatus.FAILED, completed_items=76, failed_items=2, error_message="Time-out")

    view = make_view(job, make_items(done=78, failed={46: NO_WORDS, 78: RATE_LIMIT}))

    assert view.resume_label == "Resume from Page 46 (24 pages left)"
    assert view.resume_plan == "Pages 46, 78 to 100: 2 failed, 22 left, 76 kept."


def test_a_finalization_counts_subtopics():
    job = make_job(type=JobType.FINALIZATION, total_items=8, completed_items=3)

    view = make_view(job, make_items(done=3, total=8))

    assert view.title == "Refine & Consolidate"
    assert view.counts_label == "3/8 subtopics (38%)"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"ocr_status": OcrStatus.PENDING}, "Pending"),
        ({"ocr_status": OcrStatus.PROCESSING}, "Processing"),
        ({}, "Completed"),
        ({"ocr_status": OcrStatus.FAILED}, "Failed"),
        ({"is_blank": True}, "Blank"),
        ({"review": ReviewStatus.APPROVED}, "Approved"),
        ({"review": ReviewStatus.APPROVED, "ocr_status": OcrStatus.FAILED}, "Failed"),
        ({"review": ReviewStatus.REJECTED, "ocr_status": OcrStatus.FAILED}, "Rejected"),
    ],
)
def test_every_page_has_one_state_word(facts, state):
    assert page_view(make_page(**facts)).state == state


def test_retry_leads_only_where_it_may_help():
    failed = make_page(ocr_status=OcrStatus.FAILED, ocr_error="No words")

    retryable = page_view(replace(failed, ocr_error_type=ErrorType.RETRYABLE))
    terminal = page_view(replace(failed, ocr_error_type=ErrorType.TERMINAL))

    assert retryable.first_action == "retry"
    assert terminal.first_action == "replace"
    assert terminal.actions[-1] == "retry"
    assert "same result" in terminal.hint


def test_a_hint_does_not_repeat_the_advice_that_the_error_gives():
    error = "The image is damaged. Scan it again, then replace it."
    failed = make_page(
        ocr_status=OcrStatus.FAILED, ocr_error=error, ocr_error_type=ErrorType.TERMINAL
    )

    assert page_view(failed).hint == "Trying again gives the same result."


@pytest.mark.parametrize(
    ("confidence", "quality"),
    [
        (79.5, None),
        (79.4, "needs review"),
        (59.5, "needs review"),
        (59.4, "unreadable"),
        (None, None),
    ],
)
def test_doubtful_readings_are_marked(confidence, quality):
    assert page_view(make_page(confidence=confidence)).quality == quality


def test_an_address_of_an_image_is_never_given_to_another_page():
    before = make_page(page_num=46, number=46)
    moved_into_its_place = make_page(page_num=46, number=47)

    assert image_url(before) != image_url(moved_into_its_place)


def test_a_page_without_image_and_text_has_no_addresses():
    view = page_view(make_page(image_revision=0, text_revision=0))

    assert (view.image_url, view.thumbnail_url, view.text_url) == (None, None, None)
