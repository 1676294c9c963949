"""What a model was asked, what it cost, and what it did not give is on the screen."""

import pytest

from tests import schoolmaster
from tests.model_server import answers, completion, model_server

MODEL = {"provider": "openai", "model_id": "gpt-4o-mini"}


@pytest.fixture
def model(monkeypatch):
    with model_server(schoolmaster.answer) as (address, shared):
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        monkeypatch.setenv("OPENAI_API_KEY", "a-key-of-tests")
        yield shared


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
    assert "Resume spends as much again." in asking_admin.http.get(f"/books/{book}").text


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
