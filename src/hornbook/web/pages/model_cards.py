"""What the settings show of each component: the model it asks, and the form that changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hornbook.model.components import Component, ModelChoice, Provider
from hornbook.web.connection import Trial
from hornbook.web.language import _, noted
from hornbook.web.sentences import told

if TYPE_CHECKING:
    from hornbook.wiring import App

HEADINGS = {
    Component.BOOK_INGESTION: noted("Guidelines from books"),
    Component.STUDY_PLAN_GENERATOR: noted("Study plans: writing"),
    Component.STUDY_PLAN_REVIEWER: noted("Study plans: review"),
}
OFFLINE = noted("Offline extractor")
FIELDS = ("provider", "model_id", "description")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into the form of a component, and what came of it."""

    component: str
    values: Mapping[str, str]
    refusal: str = ""
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A component with its model and the form for it."""

    key: str
    heading: str
    purpose: str
    choice: ModelChoice
    values: Mapping[str, str]
    refusal: str = ""
    trial: Trial | None = None

    @property
    def address(self) -> str:
        """Where its form is sent."""
        return address_of(self.choice.component)


def cards(app: "App", typed: Typed | None = None) -> list[ModelCard]:
    """Give a card for each component."""
    return [_card(choice, typed) for choice in app.models.all()]


def address_of(component: Component) -> str:
    """Give the address below which a component's model is changed."""
    return f"/settings/models/{component.value}"


def heading_of(component: Component) -> str:
    """Name a component among people."""
    return _(HEADINGS[component])


def words_of(choice: ModelChoice) -> str:
    """Name the chosen model among people."""
    return _(OFFLINE) if choice.provider == Provider.OFFLINE else choice.name


def values_of(choice: ModelChoice) -> dict[str, str]:
    """Give a choice as the fields of its form."""
    return dict(
        zip(FIELDS, (choice.provider, choice.model_id, choice.description or ""), strict=True)
    )


def _card(choice: ModelChoice, typed: Typed | None) -> ModelCard:
    component = choice.component
    is_typed = typed is not None and typed.component == component
    return ModelCard(
        key=component.value,
        heading=heading_of(component),
        purpose=told(component.purpose),
        choice=choice,
        values=typed.values if typed and is_typed else values_of(choice),
        refusal=typed.refusal if typed and is_typed else "",
        trial=typed.trial if typed and is_typed else None,
    )
