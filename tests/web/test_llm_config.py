"""The model of each component over the API: what is chosen, refused, tried out and kept secret."""

from dataclasses import replace

import pytest

from hornbook.errors import (
    KeyRefused,
    Malformed,
    ModelUnknown,
    QuotaExceeded,
    RateLimited,
    ServerError,
    TimedOut,
)
from hornbook.workflows.models import Models

CONFIG = "/api/admin/llm-config"
INGESTION = f"{CONFIG}/book_ingestion"
LUNA = {"provider": "openai", "model_id": "gpt-6-luna", "description": "Cheap."}
KEY = "sk-nobody-may-see-this"


class Trouble:
    """Stands for a provider that has trouble of the kind it was given."""

    error: Exception | None = None

    def __call__(self, model: str) -> str:
        if self.error:
            raise self.error
        return f"{model} answered."


@pytest.fixture
def trouble():
    return Trouble()


@pytest.fixture
def hornbook(hornbook, trouble):
    """With a provider that can be asked."""
    models = Models(
        hornbook.database,
        hornbook.clock,
        default="offline",
        try_out=trouble,
        is_set={"OPENAI_API_KEY": KEY}.__contains__,
    )
    return replace(hornbook, models=models)


def test_the_model_of_the_setting_is_given_until_one_is_saved(admin):
    rows = admin.get(CONFIG)

    assert [row["component_key"] for row in rows] == [
        "book_ingestion",
        "study_plan_generator",
        "study_plan_reviewer",
    ]
    assert rows[0] == admin.get(INGESTION)
    assert rows[0] == {
        "component_key": "book_ingestion",
        "provider": "offline",
        "model_id": "",
        "description": None,
        "updated_at": None,
        "updated_by": None,
        "is_saved": False,
        "name": "offline",
    }


def test_a_saved_model_is_given_with_who_saved_it(admin):
    saved = admin.put(INGESTION, LUNA)

    assert saved == admin.get(INGESTION)
    assert saved.items() >= LUNA.items()
    assert (saved["updated_by"], saved["is_saved"]) == ("token", True)
    assert saved["updated_at"].endswith("+00:00")


def test_a_saved_model_is_forgotten(admin):
    admin.put(INGESTION, LUNA)

    assert admin.http.delete(INGESTION).json()["is_saved"] is False
    assert admin.get(INGESTION)["name"] == "offline"


def test_what_cannot_be_asked_is_refused_in_one_sentence(admin):
    for body, reason in (
        ({}, "field 'provider'"),
        ({"provider": "azure", "model_id": "gpt"}, "field 'provider'"),
        ({"provider": "openai"}, "needs a name"),
        ({"provider": "openai", "model_id": "a b"}, "no spaces"),
        ({"provider": "openai", "model_id": 4}, "field 'model_id'"),
        ({"provider": "offline", "description": "x" * 301}, "at most 300"),
    ):
        reply = admin.http.put(INGESTION, json=body)

        assert reply.status_code == 422, body
        assert reason in reply.json()["detail"]


def test_there_are_no_other_components(admin):
    replies = [
        admin.http.get(f"{CONFIG}/ocr"),
        admin.http.put(f"{CONFIG}/ocr", json=LUNA),
        admin.http.delete(f"{CONFIG}/ocr"),
        admin.http.post(f"{CONFIG}/ocr/test"),
        admin.http.post(f"{CONFIG}/ocr/test", json=LUNA),
    ]

    assert [reply.status_code for reply in replies] == [404] * 5
    assert replies[0].json() == {"detail": "There is no component 'ocr'."}


def test_the_options_say_which_key_is_missing_and_never_the_key(admin):
    reply = admin.http.get(f"{CONFIG}/options")

    providers = {one["provider"]: one for one in reply.json()["providers"]}
    assert list(providers) == ["offline", "openai", "anthropic", "google"]
    assert providers["openai"]["is_key_set"] is True
    assert providers["anthropic"]["is_ready"] is False
    assert providers["anthropic"]["key_variables"] == ["ANTHROPIC_API_KEY"]
    assert "gpt-6-luna" in providers["openai"]["suggestions"]
    assert KEY not in reply.text


def test_a_model_is_tried_out_before_it_is_saved(admin):
    tried = admin.post(f"{INGESTION}/test", LUNA)

    assert tried == {"ok": True, "message": "openai:gpt-6-luna answered.", "advice": ""}
    assert admin.post(f"{INGESTION}/test")["message"] == "offline answered."
    assert admin.get(INGESTION)["name"] == "offline"


def test_trouble_is_told_with_what_to_do_next(admin, trouble):
    for error, message, advice in (
        (ModelUnknown(), "no model of this name.", "suggested"),
        (ModelUnknown("Model unknown: there is no x."), "there is no x.", "suggested"),
        (KeyRefused(), "does not accept the key.", "Correct the key in OPENAI_API_KEY"),
        (QuotaExceeded(), "no credit left.", "Top it up"),
        (RateLimited(), "asks for a pause.", "a minute"),
        (TimedOut(), "within the deadline.", "reaches the provider"),
        (ServerError(), "failed on its side.", "Wait a little"),
        (Malformed(), "Choose another model.", "HORNBOOK_MODEL_OUTPUT"),
    ):
        trouble.error = error

        tried = admin.post(f"{INGESTION}/test", LUNA)

        assert tried["ok"] is False
        assert tried["message"].endswith(message)
        assert advice in tried["advice"]
        assert "resume" not in tried["message"] + tried["advice"]


def test_a_missing_key_is_told_with_its_variable(admin):
    tried = admin.post(
        f"{INGESTION}/test", {"provider": "anthropic", "model_id": "claude-haiku-5-5"}
    )

    assert tried == {
        "ok": False,
        "message": "Key refused: the server has no key in ANTHROPIC_API_KEY.",
        "advice": "Set it in the server's environment, then restart the server.",
    }


def test_nobody_chooses_without_a_login_or_from_another_site(connect, hornbook):
    link = hornbook.links.make()
    browser, anybody = connect(), connect()
    browser.get("/login", params={"link": link})
    foreign = {"Sec-Fetch-Site": "cross-site"}

    assert anybody.put(INGESTION, json=LUNA).status_code == 401
    assert anybody.get(CONFIG, headers={"Accept": "text/html"}).status_code == 401
    assert browser.put(INGESTION, json=LUNA, headers=foreign).status_code == 403
    assert browser.delete(INGESTION, headers=foreign).status_code == 403
    assert hornbook.models.chosen("book_ingestion") == "offline"
