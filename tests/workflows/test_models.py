"""Which model a component asks, who chose it, and what an admin is told when it cannot be asked."""

import pytest

from hornbook.errors import Invalid, KeyRefused, NotFound, StaleRevision
from hornbook.model.components import Component, Provider
from hornbook.workflows.models import Models

INGESTION, GENERATOR = Component.BOOK_INGESTION, Component.STUDY_PLAN_GENERATOR
SETTING = "openai:gpt-6-luna"


class Asked:
    """Stands for every model, and keeps which of them were asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, model: str) -> str:
        self.names.append(model)
        return f"{model} answered."


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def environment() -> set[str]:
    """The variables that are set."""
    return {"GEMINI_API_KEY"}


@pytest.fixture
def models(sqlite_database, clock, asked, environment) -> Models:
    return Models(
        sqlite_database, clock, default=SETTING, try_out=asked, is_set=environment.__contains__
    )


def test_every_component_asks_the_model_of_the_setting_until_somebody_chooses(models):
    assert [models.chosen(one) for one in Component] == [SETTING] * 3
    assert not any(choice.is_saved for choice in models.all())


def test_the_saved_model_wins_over_the_setting_for_its_component_only(models):
    models.save(INGESTION, "anthropic", " claude-haiku-5-5 ", "", by="anita")

    assert models.chosen(INGESTION) == "anthropic:claude-haiku-5-5"
    assert models.chosen(GENERATOR) == SETTING


def test_it_is_kept_who_chose_what_and_when(models, clock):
    models.save(INGESTION, "offline", "left over", "Without  a\nprovider", by="anita")

    choice = models.one("book_ingestion")
    assert (choice.name, choice.model_id) == ("offline", "")
    assert choice.description == "Without a provider"
    assert (choice.updated_by, choice.updated_at) == ("anita", clock.now)
    assert choice.is_saved


def test_a_choice_that_was_forgotten_is_that_of_the_setting_again(models):
    models.save(INGESTION, "offline", "", None, by="anita")

    changed = models.forget(INGESTION, by="anita")

    assert (changed.before.name, changed.now.name) == ("offline", SETTING)
    assert models.chosen(INGESTION) == SETTING
    assert not models.forget(INGESTION, by="anita").now.is_saved


def test_a_change_is_undone_to_what_was_saved_before_it(models, clock):
    models.save(INGESTION, "google", "gemini-3.8-flash", "Good with scans", by="anita")
    clock.advance(60)
    changed = models.save(INGESTION, "offline", "", None, by="bela")

    models.put_back(changed.before, changed.now.updated_at, by="bela")

    choice = models.one(INGESTION)
    assert (choice.name, choice.description) == ("google:gemini-3.8-flash", "Good with scans")


def test_the_first_change_is_undone_to_the_setting(models):
    changed = models.save(INGESTION, "offline", "", None, by="anita")

    models.put_back(changed.before, changed.now.updated_at, by="anita")

    assert models.chosen(INGESTION) == SETTING


def test_no_undo_goes_over_what_somebody_else_chose_since(models, clock):
    changed = models.save(INGESTION, "offline", "", None, by="anita")
    clock.advance(60)
    models.save(INGESTION, "google", "gemini-3.8-flash", None, by="bela")

    with pytest.raises(StaleRevision):
        models.put_back(changed.before, changed.now.updated_at, by="anita")

    assert models.chosen(INGESTION) == "google:gemini-3.8-flash"


@pytest.mark.parametrize(
    ("provider", "model_id", "description", "reason"),
    [
        ("azure", "gpt", "", "no provider 'azure'"),
        ("", "gpt", "", "no provider"),
        ("openai", " ", "", "needs a name"),
        ("openai", "gpt 4", "", "no spaces"),
        ("openai", "gpt\x004", "", "no spaces"),
        ("openai", "x" * 201, "", "200"),
        ("offline", "", "x" * 301, "300"),
    ],
)
def test_what_cannot_be_asked_is_not_saved(models, provider, model_id, description, reason):
    with pytest.raises(Invalid, match=reason):
        models.save(INGESTION, provider, model_id, description, by="anita")

    assert models.chosen(INGESTION) == SETTING


def test_there_are_no_other_components(models):
    for refused in (
        lambda: models.one("ocr"),
        lambda: models.save("ocr", "offline", "", None, by="anita"),
        lambda: models.forget("ocr", by="anita"),
    ):
        with pytest.raises(NotFound, match="ocr"):
            refused()


def test_a_provider_is_ready_with_any_of_its_keys_or_at_another_address(models, environment):
    def ready() -> set[str]:
        return {one.provider for one in models.options() if one.is_ready}

    assert ready() == {Provider.OFFLINE, Provider.GOOGLE}
    environment.add("OPENAI_BASE_URL")
    assert ready() == {Provider.OFFLINE, Provider.GOOGLE, Provider.OPENAI}


def test_a_model_is_tried_out_as_the_setting_would_name_it(models, asked):
    assert models.try_out("google", "gemini-3.8-flash") == "google:gemini-3.8-flash answered."

    models.try_out("offline", "anything")

    assert asked.names == ["google:gemini-3.8-flash", "offline"]


def test_without_a_key_nobody_is_asked_and_the_variable_is_named(models, asked, environment):
    environment.clear()

    with pytest.raises(KeyRefused, match="no key in GOOGLE_API_KEY or GEMINI_API_KEY"):
        models.try_out("google", "gemini-3.8-flash")

    assert asked.names == []
