"""The models on the settings screen, with forms alone: chosen, refused, taken back, tried out."""

import re
from dataclasses import replace
from html import unescape

import pytest

from hornbook.errors import ModelUnknown
from hornbook.workflows.models import Models
from tests.plain_english import plain_english

INGESTION = "/settings/models/book_ingestion"
LUNA = {"provider": "openai", "model_id": "gpt-6-luna", "description": "Cheap <b>"}


@pytest.fixture
def hornbook(hornbook):
    """With a key for Anthropic, whose models are all unknown, and none for the others."""

    def try_out(model: str) -> str:
        if model != "offline":
            raise ModelUnknown
        return "The offline extractor is part of Hornbook and needs no connection."

    models = Models(
        hornbook.database,
        hornbook.clock,
        default="anthropic:claude-haiku-5-5",
        try_out=try_out,
        is_set={"ANTHROPIC_API_KEY"}.__contains__,
    )
    return replace(hornbook, models=models)


def post(admin, address, data=None, **headers):
    return admin.http.post(address, data=data, headers=headers, follow_redirects=True)


def card(page: str, component: str = "book_ingestion") -> str:
    form = page.split(f'action="/settings/models/{component}#', 1)[1].split("</form>", maxsplit=1)[
        0
    ]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<(?!input|option)[^>]+>", "", form)))


def test_each_component_shows_its_model_and_where_it_comes_from(admin):
    admin.hornbook.models.save("study_plan_reviewer", "offline", "", None, by="anita")

    page = admin.http.get("/settings").text

    assert "anthropic:claude-haiku-5-5 from HORNBOOK_MODEL" in card(page)
    assert "Offline extractor saved by anita, 20" in card(page, "study_plan_reviewer")
    assert "Use the default" not in card(page)
    assert "Use the default" in card(page, "study_plan_reviewer")
    assert "A change counts for jobs started later" in page


def test_a_model_is_saved_and_the_missing_key_is_told(admin):
    reply = post(admin, INGESTION, LUNA)

    assert [one.status_code for one in (*reply.history, reply)] == [303, 200]
    assert "jobs started from now on ask openai:gpt-6-luna." in reply.text
    assert "notice warn" in reply.text
    assert "The server has no key in OPENAI_API_KEY yet." in reply.text
    assert "openai:gpt-6-luna saved by token" in card(reply.text)
    assert 'value="Cheap &lt;b&gt;"' in reply.text
    assert "openai:gpt-6-luna (saved above, wins over the variable)" in reply.text


def undo_of(reply) -> str:
    return unescape(re.search(r'action="(/settings/models/[^"]*/undo[^"]*)"', reply.text)[1])


def test_saving_and_going_back_are_both_undone(admin):
    first = post(admin, INGESTION, LUNA)
    second = post(admin, f"{INGESTION}/default")
    assert admin.hornbook.models.chosen("book_ingestion") == "anthropic:claude-haiku-5-5"

    post(admin, undo_of(second))
    assert admin.hornbook.models.one("book_ingestion").description == "Cheap <b>"
    refused = post(admin, undo_of(first))

    assert "Somebody changed this in the meantime." in refused.text
    third = post(admin, INGESTION, {"provider": "offline"})
    post(admin, undo_of(third))
    assert admin.hornbook.models.chosen("book_ingestion") == "openai:gpt-6-luna"


def test_what_was_refused_stays_typed_in_its_own_form(admin):
    reply = post(admin, INGESTION, LUNA | {"model_id": "gpt 6"})

    assert reply.status_code == 422
    assert "The name of a model has no spaces." in card(reply.text)
    assert 'value="gpt 6"' in card(reply.text)
    assert "gpt 6" not in card(reply.text, "study_plan_generator")
    assert post(admin, "/settings/models/ocr", LUNA).status_code == 404


def test_a_model_is_tried_out_where_it_is_typed(admin):
    typed = {"provider": "anthropic", "model_id": "claude", "description": "Not saved"}

    unknown = post(admin, f"{INGESTION}/test", typed)
    without_key = post(admin, f"{INGESTION}/test?part=trial", LUNA)
    offline = post(admin, f"{INGESTION}/test?part=trial", {"provider": "offline"})

    assert "Model unknown: the provider has no model of this name." in card(unknown.text)
    assert "take one that is suggested" in card(unknown.text)
    assert 'value="Not saved"' in card(unknown.text)
    assert "no key in OPENAI_API_KEY." in without_key.text
    assert "restart the server." in without_key.text
    assert "<html" not in without_key.text
    assert 'class="notice good"' in offline.text
    assert post(admin, "/settings/models/ocr/test", LUNA).status_code == 404


def test_nothing_of_it_is_plain_english_for_another_language(admin, hornbook):
    pseudo = {"Accept-Language": "en-XA"}
    names = {
        "anthropic:claude-haiku-5-5", "gpt-6-luna", "gpt 6", "Cheap", "claude", "token", "azure",
        str(hornbook.settings.data_dir), hornbook.objects.url, str(hornbook.database.url), "fake",
    }  # fmt: skip

    for address, data in (
        (INGESTION, LUNA),
        (INGESTION, LUNA | {"model_id": "gpt 6"}),
        (INGESTION, {"provider": "azure"}),
        (f"{INGESTION}/test", LUNA),
        (f"{INGESTION}/test", {"provider": "anthropic", "model_id": "claude"}),
        (f"{INGESTION}/test", {"provider": "offline"}),
        (f"{INGESTION}/default", {}),
    ):
        assert plain_english(post(admin, address, data, **pseudo).text, names) == [], data
