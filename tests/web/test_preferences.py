"""What a browser prefers holds from the next page on, and nothing else gets in by it."""

import re

import pytest


def html(admin) -> str:
    return admin.http.get("/settings").text.split("<html", 1)[1].split(">", 1)[0]


def test_a_browser_that_chose_nothing_follows_its_system(admin):
    assert 'data-theme="system"' in html(admin)
    assert 'data-shortcuts="on"' in html(admin)
    assert 'data-notifications="off"' in html(admin)


def test_a_choice_is_remembered_and_the_others_stay(admin):
    admin.http.post("/settings", data={"theme": "dark"})
    admin.http.post("/settings", data={"shortcuts": "off"})

    assert 'data-theme="dark"' in html(admin)
    assert 'data-shortcuts="off"' in html(admin)


@pytest.mark.parametrize("value", ['"><script>', "blue", ""])
def test_what_is_no_choice_is_left_out(admin, value):
    admin.http.post("/settings", data={"theme": value})

    assert 'data-theme="system"' in html(admin)


def installation(page: str) -> str:
    part = page.partition('class="installation"')[2].partition("</dl>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_the_settings_name_every_limit_of_models_that_was_set(settings, request):
    settings.max_cost = 2.5
    settings.model_price = "0.15/0.60"
    settings.model_concurrency = 4
    settings.model_output = "json_object"
    settings.model_requests_per_minute = 60
    settings.model_tokens_per_minute = 90_000
    admin = request.getfixturevalue("admin")

    shown = installation(admin.http.get("/settings").text)

    for words in (
        (
            "Spending cap at most $2.50 a job, then it stops; Resume spends as much again"
            " HORNBOOK_MAX_COST"
        ),
        (
            "Price of a model $0.15 in and $0.60 out for a million tokens, where none is known"
            " HORNBOOK_MODEL_PRICE"
        ),
        "Calls at once at most 4 HORNBOOK_MODEL_CONCURRENCY",
        "Form of answers json_object HORNBOOK_MODEL_OUTPUT",
        "Calls a minute at most 60 HORNBOOK_MODEL_REQUESTS_PER_MINUTE",
        "Tokens a minute at most 90000 HORNBOOK_MODEL_TOKENS_PER_MINUTE",
    ):
        assert words in shown


def test_the_settings_say_of_a_limit_that_there_is_none(admin):
    shown = installation(admin.http.get("/settings").text)

    for words in (
        "Spending cap none HORNBOOK_MAX_COST",
        "Price of a model as known; without one no costs are counted HORNBOOK_MODEL_PRICE",
        "Calls at once at most 8",
        "Form of answers by the provider HORNBOOK_MODEL_OUTPUT",
        "Calls a minute no limit",
        "Tokens a minute no limit",
    ):
        assert words in shown
