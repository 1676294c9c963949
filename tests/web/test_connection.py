"""Testing a connection tells what is wrong with it and what to do, before there is any job."""

import socket
import sys

import pytest

from tests.model_server import refusal

LUNA = {"provider": "openai", "model_id": "gpt-6-luna"}
CLAUDE = {"provider": "anthropic", "model_id": "claude-haiku-4-5"}
NO_JOB = "resume"


@pytest.fixture
def tested(admin):
    """Tests the connection to a model over the API; gives sentence and advice."""

    def test(choice) -> tuple[str, str]:
        tried = admin.post("/api/admin/llm-config/book_ingestion/test", choice)
        assert tried["ok"] is False
        assert NO_JOB not in tried["message"] + tried["advice"]
        return tried["message"], tried["advice"]

    return test


def test_where_nothing_listens_the_address_is_to_be_checked(tested, model, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")

    said, advice = tested(LUNA)

    assert said == "Server error: the connection to the provider failed."
    assert advice.startswith("Check the address in OPENAI_BASE_URL, and that something listens")


def test_a_provider_that_fails_is_to_be_waited_for(tested, model):
    model.always = refusal(503, "overloaded")

    assert tested(LUNA)[1] == "Wait a little, then test again."


def test_a_name_that_is_unknown_is_to_be_checked(tested, model):
    model.always = refusal(404, "model_not_found")

    said, advice = tested(LUNA)

    assert said == "Model unknown: the provider has no model openai:gpt-6-luna."
    assert advice == "Check how the name is written, or take one that is suggested."


def test_a_request_that_is_refused_is_to_be_made_in_another_form(tested, model):
    model.always = refusal(400, "unsupported. Really")

    said, advice = tested(LUNA)

    assert said.startswith("Request refused: the provider does not take what it is sent (")
    assert said.endswith("unsupported. Really).")
    assert advice.startswith("If that is the form of the answer, set HORNBOOK_MODEL_OUTPUT")


def test_a_package_that_is_missing_is_to_be_installed_and_nothing_else(tested, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-of-tests")
    monkeypatch.setitem(sys.modules, "pydantic_ai.models.anthropic", None)

    said, advice = tested(CLAUDE)

    assert "what asks anthropic is not installed. Run pip install" in said
    assert advice == ""
