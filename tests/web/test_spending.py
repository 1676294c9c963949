"""What a model was asked, what it cost, and what it did not give is on the screen."""

import pytest

from tests import schoolmaster
from tests.model_server import answers, completion

MODEL = {"provider": "openai", "model_id": "gpt-4o-mini"}


@pytest.fixture
def asking_admin(busy_admin, model):
    """An admin who has chosen a model."""
    busy_admin.put("/api/admin/llm-config/book_ingestion", MODEL)
    return busy_admin


def test_a_job_tells_calls_tokens_and_cost_by_step_and_for_the_book(asking_admin, model):
    book = asking_admin.generated_book()

    job = asking_admin.get(f"/admin/books/{book}/jobs/latest")
    card = asking_admin.http.get(f"/books/{book}").text
    log = asking_admin.http.get(f"/books/{book}/jobs/{job['job_id']}").text

    calls = len(model.requests)
    assert job["tokens"]["calls"] == calls
    assert job["tokens"]["input_tokens"] == 100 * calls
    assert 0 < job["tokens"]["cost"] < 0.01
    assert f"{calls} calls" in card
    assert "&lt; $0.01" in card
    guidelines = asking_admin.http.get(f"/books/{book}/guidelines").text
    assert "Read by openai:gpt-4o-mini:" in guidelines
    assert "offline extractor" not in guidelines
    for words in (
        "What the model did",
        "Reading pages",
        "Writing subtopics",
        "For this book so far",
    ):
        assert words in log


def test_a_job_that_asked_nobody_says_nothing_of_it(busy_admin):
    book = busy_admin.generated_book()

    assert busy_admin.get(f"/admin/books/{book}/jobs/latest")["tokens"]["calls"] == 0
    assert "Model:" not in busy_admin.http.get(f"/books/{book}").text


def test_a_cap_of_one_job_stops_it_and_the_card_says_what_to_do(asking_admin):
    book = asking_admin.read_book()
    asking_admin.post(f"/admin/books/{book}/generate-guidelines", {"max_cost": 1e-9})

    job = asking_admin.wait(book)

    assert job["error_message"].startswith("Spending cap: ")
    html = asking_admin.http.get(f"/books/{book}").text
    card = html.partition('id="job"')[2].partition("<details")[0]
    assert card.count("Resume spends as much again.") == 1
    assert "Everything done so far is kept." in card


def test_what_a_model_did_not_give_is_said_beside_the_guideline(asking_admin, model):
    model.always = lambda asked: (
        completion(None, refusal="I will not.")
        if asked.task == "merge"
        else answers(schoolmaster.answer(asked))
    )
    book = asking_admin.generated_book()

    first = asking_admin.get(f"/admin/books/{book}/guidelines")["guidelines"][0]
    html = asking_admin.http.get(f"/books/{book}/guidelines").text

    assert first["shortfall"].startswith("The model declined to answer.")
    assert "A model was to write the summary and the order, and did not:" in html


def test_the_card_says_how_many_summaries_were_made_without_the_model_and_leads_to_them(
    asking_admin, model
):
    model.always = lambda asked: (
        completion(None, refusal="I will not.")
        if asked.task == "merge"
        else answers(schoolmaster.answer(asked))
    )
    book = asking_admin.generated_book()
    number = len(asking_admin.get(f"/admin/books/{book}/guidelines")["guidelines"])

    html = asking_admin.http.get(f"/books/{book}").text

    assert (
        f'<a href="/books/{book}/guidelines">{number} summaries made without the model</a>' in html
    )
    assert 'class="pill warn">Completed' in html


def test_the_card_says_how_many_statements_were_left_out_since_no_page_says_them(
    asking_admin, model
):
    def invents(asked):
        answer = dict(schoolmaster.answer(asked))
        if asked.task == "read":
            made_up = {"kind": "concept", "text": "Pigs fly.", "quote": "Pigs fly every night."}
            answer["items"] = [*answer["items"], made_up]
        return answer

    model.answer = invents
    book = asking_admin.generated_book()

    html = asking_admin.http.get(f"/books/{book}").text
    job = asking_admin.get(f"/admin/books/{book}/jobs/latest")["job_id"]
    log = asking_admin.http.get(f"/books/{book}/jobs/{job}").text

    for screen in (html, log):
        assert "3 statements left out: their words are not on their pages" in screen
    assert "made without the model" not in html
    assert 'class="pill good">Completed' in html


def test_a_card_without_degradations_speaks_of_none(asking_admin):
    book = asking_admin.generated_book()
    html = asking_admin.http.get(f"/books/{book}").text

    assert "left out" not in html
    assert "made without the model" not in html


def test_generating_says_in_advance_what_it_asks_and_costs(asking_admin):
    book = asking_admin.read_book()
    path = f"/admin/books/{book}/generate-guidelines/estimate"

    estimate = asking_admin.get(path)
    assert estimate["model"] == "openai:gpt-4o-mini"
    assert estimate["pages"] == 3
    assert 3 < estimate["calls"] < 8
    assert 0 < estimate["cost"] < 0.01
    assert "Asks gpt-4o-mini about " in asking_admin.http.get(f"/books/{book}").text

    asking_admin.post(f"/admin/books/{book}/generate-guidelines")
    asking_admin.wait(book)
    assert asking_admin.get(path)["calls"] == 0
    assert "Asks gpt-4o-mini" not in asking_admin.http.get(f"/books/{book}/restart").text

    asking_admin.put(f"/admin/books/{book}/pages/1/text", {"text": "New.", "revision": 1})
    assert "Asks gpt-4o-mini about " in asking_admin.http.get(f"/books/{book}/restart").text


def test_offline_nothing_is_asked_in_advance(busy_admin):
    book = busy_admin.read_book()
    estimate = busy_admin.get(f"/admin/books/{book}/generate-guidelines/estimate")
    assert (estimate["model"], estimate["calls"], estimate["cost"]) == ("offline", 0, 0.0)
    assert "Asks" not in busy_admin.http.get(f"/books/{book}").text


def test_a_run_again_says_that_a_model_may_put_later_pages_elsewhere(asking_admin):
    book = asking_admin.generated_book()
    asking_admin.put(f"/admin/books/{book}/pages/1/text", {"text": "New.", "revision": 1})

    html = asking_admin.http.get(f"/books/{book}/restart").text

    assert (
        "Every other page, unless a model that learns of these puts a later one elsewhere." in html
    )


def test_a_run_again_without_a_model_leaves_every_other_page_alone(busy_admin):
    book = busy_admin.generated_book()
    busy_admin.put(f"/admin/books/{book}/pages/1/text", {"text": "New.", "revision": 1})

    html = busy_admin.http.get(f"/books/{book}/restart").text

    assert "Every other page, and the guidelines it belongs to." in html
