"""What the job card says and offers, state by state."""

from datetime import timedelta

import pytest

from hornbook.model.job import JobStatus, JobType, Retry
from hornbook.web.pages.card import Card, card, left_words, tab_title, wait_words
from tests.web.test_views import NO_WORDS, RATE_LIMIT, START, make_items, make_job, make_view


def fact(shown: Card, label: str) -> str:
    return next(fact.value for fact in shown.facts if fact.label == label)


def stopped(message: str, failed=None, **facts) -> Card:
    failed = failed or {78: RATE_LIMIT}
    job = make_job(
        JobStatus.FAILED,
        completed_items=78 - len(failed),
        failed_items=len(failed),
        last_completed_item=77,
        error_message=message,
        **facts,
    )
    return card(make_view(job, make_items(done=78, failed=failed)))


def test_done_failed_and_left_of_a_stopped_job_add_up():
    shown = stopped("Rate limit: slow down", failed={46: NO_WORDS, 78: RATE_LIMIT})

    assert fact(shown, "Pages completed") == "76"
    assert fact(shown, "Pages failed") == "2 (pages 46, 78)"
    assert fact(shown, "Pages remaining") == "22"


@pytest.mark.parametrize(
    ("message", "error", "advice"),
    [
        ("Rate limit: slow down", "Error: Rate limit. The provider asks for a pause.", "Wait"),
        ("Time-out: none", "Error: Time-out. No answer came in time.", "tried again"),
        ("Quota: gone", "Error: Quota. The account has no credit left.", "Top it up"),
        ("Key refused: no", "Error: Key refused. The provider does not accept the key.", "correct"),
        ("Model unknown: x", "Error: Model unknown. The provider has no model", "Choose another"),
        ("Interrupted: the server stopped.", "Error: Interrupted. The server stopped", "kept"),
        ("Server error: 500", "Error: Server error. The other side failed.", "Wait a little"),
        ("Something else", "Error: Server error. The other side failed.", "Wait a little"),
    ],
)
def test_every_cause_is_told_in_words_with_what_to_do_and_what_was_said(message, error, advice):
    shown = stopped(message)

    assert shown.error.startswith(error)
    assert advice in shown.hint
    assert shown.said == message


def test_resume_leads_and_restart_asks():
    resume, restart = stopped("Rate limit: slow down").actions

    assert (resume.words, resume.look) == ("Resume from Page 78 (23 pages left)", "primary")
    assert (restart.words, restart.is_asked) == ("Restart from Page 1", True)
    assert "primary" not in restart.look


def test_what_somebody_stopped_is_no_error():
    shown = stopped("Stopped by you at page 51")

    assert (shown.state, shown.tone, shown.edge) == ("Stopped by you", "warn", "halted")
    assert shown.error == "Stopped by you at page 51"


def test_a_job_that_was_asked_to_wait_long_names_the_time():
    until = START + timedelta(hours=2)

    assert "until 11:00 UTC" in stopped("Rate limit: slow down", waits_until=until).hint


def ended(failed) -> Card:
    job = make_job(
        JobStatus.COMPLETED,
        type=JobType.OCR,
        completed_items=100 - len(failed),
        failed_items=len(failed),
    )
    return card(make_view(job, make_items(done=100, failed=failed)))


def test_each_kind_of_error_leads_with_what_helps():
    shown = ended({3: RATE_LIMIT, 9: RATE_LIMIT, 14: NO_WORDS})

    assert [group.words for group in shown.groups] == [
        "2 pages: rate limit",
        "1 page: No words found.",
    ]
    assert [[action.words for action in group.actions] for group in shown.groups] == [
        ["Retry 2"],
        ["Open page 14", "Skip this page"],
    ]
    assert shown.groups[0].actions[0].fields == {"pages": "3.9"}
    assert shown.actions[0].look == "primary"


def test_where_trying_again_helps_nobody_it_is_not_what_the_card_leads_with():
    shown = ended({14: NO_WORDS, 20: NO_WORDS})

    assert shown.actions[0].words == "Resume from Page 14 (2 pages left)"
    assert "primary" not in shown.actions[0].look
    assert "primary" in shown.groups[0].actions[0].look


@pytest.mark.parametrize(
    ("note", "retry", "text"),
    [
        ("Rate limit", Retry(46, 1, 3), "Rate limited, continues in 40 s (1 of 3)"),
        ("Time-out", Retry(46, 2, 3), "Time-out. Retrying in 40 s (2 of 3)"),
        (
            "Waiting for the object store",
            Retry(46, 1, 0),
            "Waiting for the object store. Retrying in 40 s",
        ),
        ("Rate limit", None, "Rate limited, continues in 40 s"),
    ],
)
def test_a_pause_says_why_how_long_and_which_attempt_comes(note, retry, text):
    job = make_job(note=note, retry=retry, waits_until=START + timedelta(seconds=794))

    wait = card(make_view(job)).wait

    assert wait.text == text
    assert (wait.action is not None) == (retry is not None)


def test_between_two_pages_the_next_one_is_being_processed():
    def current(**facts) -> str:
        done = facts.get("completed_items", 0)
        return fact(
            card(make_view(make_job(**facts), make_items(done=done))), "Currently processing"
        )

    assert current() == "starting"
    assert current(completed_items=40) == "Page 41"
    assert current(completed_items=40, current_item=42) == "Page 42"
    assert current(completed_items=100) == "—"


def test_the_tab_says_how_a_job_stands():
    def title(*job, items=(), **facts) -> str:
        return tab_title(make_view(make_job(*job, **facts), items), "Maths Grade 4")

    assert tab_title(None, "Maths Grade 4") == "Maths Grade 4 · Hornbook"
    assert title(completed_items=51) == "51% · Maths Grade 4"
    assert title(JobStatus.COMPLETED, completed_items=100) == "Done · Maths Grade 4"
    assert title(JobStatus.COMPLETED, failed_items=2) == "! 2 failed · Maths Grade 4"
    assert (
        title(JobStatus.FAILED, items=make_items(done=77), error_message="Time-out: no")
        == "! failed at page 78 · Maths Grade 4"
    )
    assert (
        title(JobStatus.FAILED, error_message="Stopped by you at page 3")
        == "! stopped · Maths Grade 4"
    )


def test_screen_readers_hear_quarters_and_failures():
    def said(**facts) -> str:
        return card(make_view(make_job(**facts))).say

    assert said(completed_items=24) == "Generating Guidelines: 0%"
    assert said(completed_items=26) == said(completed_items=49) == "Generating Guidelines: 25%"
    assert said(completed_items=49, failed_items=1) == "Generating Guidelines: 50%, 1 failed"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30, "~30 s"),
        (60, "~1 min"),
        (150, "~2 min 30 s"),
        (660, "~11 min"),
        (3600, "~1 h 0 min"),
        (8400, "~2 h 20 min"),
    ],
)
def test_a_guess_is_not_told_to_the_second(seconds, words):
    assert left_words(seconds) == words


def test_a_wait_is_told_to_the_second():
    assert wait_words(99) == "99 s"
    assert wait_words(228) == "3m 48s"
