"""The parts of Hornbook that ask a model, and which one each of them asks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Component(StrEnum):
    """A part of Hornbook that asks a model."""

    BOOK_INGESTION = "book_ingestion"
    STUDY_PLAN_GENERATOR = "study_plan_generator"
    STUDY_PLAN_REVIEWER = "study_plan_reviewer"

    @property
    def purpose(self) -> str:
        """What it does with a model."""
        return PURPOSES[self]


PURPOSES = {
    Component.BOOK_INGESTION: "Reads the pages of a book, writes its guidelines and refines them.",
    Component.STUDY_PLAN_GENERATOR: "Writes a study plan from a published guideline.",
    Component.STUDY_PLAN_REVIEWER: "Reads a study plan critically and asks for changes.",
}


class Provider(StrEnum):
    """Who answers; `offline` is Hornbook itself."""

    OFFLINE = "offline"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """The model that a component asks: the one an admin saved, or the one of `HORNBOOK_MODEL`."""

    component: Component
    provider: str
    model_id: str
    """The provider's own name for it; empty for `offline`."""
    description: str | None = None
    """Why it was chosen, in an admin's words."""
    updated_at: datetime | None = None
    updated_by: str | None = None
    is_saved: bool = False

    @property
    def name(self) -> str:
        """The model as `HORNBOOK_MODEL` would name it: `offline`, or `provider:model`."""
        return named(self.provider, self.model_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderOption:
    """A provider that can be chosen, and what it needs from the server's environment."""

    provider: Provider
    title: str
    """Its name among people."""
    key_variables: tuple[str, ...] = ()
    """Where its key is read; one of them suffices."""
    address_variable: str | None = None
    """Where the address of another server that speaks the same protocol is read."""
    is_key_set: bool = False
    is_address_set: bool = False
    suggestions: tuple[str, ...] = ()
    """Models that suit this work, the cheap ones first; any other name is taken too."""

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked: with a key, or at another address, which may want none."""
        return not self.key_variables or self.is_key_set or self.is_address_set


def named(provider: str, model_id: str) -> str:
    """Name a model as `HORNBOOK_MODEL` does."""
    return Provider.OFFLINE.value if provider == Provider.OFFLINE else f"{provider}:{model_id}"
