"""A job that stopped says what really happened, and what to do about just that."""

import sys

import pytest

from tests.model_server import refusal

LUNA = {"provider": "openai", "model_id": "gpt-6-luna"}
CLAUDE = {"provider": "anthropic", "model_id": "claude-haiku-4-5"}


@pytest.fixture
def stopped(busy_admin):
    """Tells the card of a generation that could not ask this model, and its log."""

    def stop(choice) -> str:
        busy_admin.put("/api/admin/llm-config/book_ingestion", choice)
        book = busy_admin.read_book()
        busy_admin.post(f"/admin/books/{book}/generate-guidelines")
        assert busy_admin.wait(book)["status"] == "failed"
        html = busy_admin.http.get(f"/books/{book}").text
        return html.partition('id="job"')[2].partition("</section>")[0]

    return stop


def test_a_key_that_is_missing_is_not_said_to_be_refused_by_the_provider(stopped, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    card = stopped(CLAUDE)

    assert "Error: Key refused: there is none. Set ANTHROPIC_API_KEY, then resume.</p>" in card
    assert "The provider does not accept the key" not in card
    assert "Set or correct the key in ANTHROPIC_API_KEY, restart the server, then resume." in card


def test_a_key_that_is_refused_names_the_variable_and_the_restart(stopped, model):
    model.always = refusal(401, "invalid_api_key")

    card = stopped(LUNA)

    assert "Error: Key refused. The provider does not accept the key.</p>" in card
    assert "Set or correct the key in OPENAI_API_KEY, restart the server, then resume." in card


def test_an_sdk_that_is_missing_is_not_said_to_be_a_model_that_is_unknown(stopped, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-of-tests")
    monkeypatch.setitem(sys.modules, "pydantic_ai.models.anthropic", None)

    card = stopped(CLAUDE)

    assert "what asks anthropic is not installed. Run pip install" in card
    assert "no model of this name" not in card
    assert 'action="/settings#models"' in card
    assert "resume when that is done" in card


def test_a_model_that_is_unknown_is_named_and_leads_to_where_another_is_chosen(stopped, model):
    model.always = refusal(404, "model_not_found")

    card = stopped(LUNA)

    assert "the provider has no model openai:gpt-6-luna." in card
    assert 'action="/settings#models"' in card
    assert "Choose another model" in card


def test_where_no_model_is_chosen_for_looking_at_pages_the_card_leads_to_the_settings(
    settings, request
):
    settings.ocr = "vision"
    admin = request.getfixturevalue("busy_admin")
    book = admin.read_book()

    html = admin.http.get(f"/books/{book}").text

    assert "Error: No model. Nobody is chosen who could look at pages." in html
    assert 'action="/settings#models"' in html
