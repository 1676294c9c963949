"""The models that admins chose, on every database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hornbook.library import llm_config
from hornbook.library.tables import LlmConfigRow
from hornbook.model.components import Component, ModelChoice

INGESTION = Component.BOOK_INGESTION


def choice(model_id: str, description: str | None = None) -> ModelChoice:
    return ModelChoice(
        component=INGESTION, provider="openai", model_id=model_id, description=description
    )


def test_what_was_saved_last_is_what_is_kept(database, clock):
    later = clock.now + timedelta(hours=1)
    with database.begin() as session:
        llm_config.save(session, choice("first", "Cheap"), clock.now, "anita")
        llm_config.save(session, choice("second"), later, "bela")

    with database.read() as session:
        kept = llm_config.saved(session)
    assert list(kept) == [INGESTION]
    assert (kept[INGESTION].name, kept[INGESTION].description) == ("openai:second", None)
    assert (kept[INGESTION].updated_at, kept[INGESTION].updated_by) == (later, "bela")


def test_what_was_forgotten_is_gone_and_forgotten_again_without_harm(database, clock):
    with database.begin() as session:
        llm_config.save(session, choice("first"), clock.now, "anita")
        llm_config.forget(session, INGESTION)
        llm_config.forget(session, INGESTION)

        assert llm_config.find(session, INGESTION) is None


def test_admins_who_save_at_once_leave_one_of_their_choices(database, clock):
    def save(number: int) -> None:
        with database.begin() as session:
            llm_config.save(session, choice(f"model-{number}"), clock.now, "anita")

    with ThreadPoolExecutor(4) as admins:
        list(admins.map(save, range(8)))

    with database.read() as session:
        assert llm_config.saved(session)[INGESTION].model_id.startswith("model-")


def test_rows_of_other_components_are_left_alone(database, clock):
    with database.begin() as session:
        session.add(
            LlmConfigRow(
                component_key="tutor", provider="x", model_id="y", updated_at=clock.now,
                updated_by="z",
            )
        )  # fmt: skip

    with database.read() as session:
        assert llm_config.saved(session) == {}
