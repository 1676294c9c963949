"""Which model each component asks."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from hornbook.errors import Invalid
from hornbook.model.components import Component, ModelChoice, Provider
from hornbook.web.api.common import Hornbook, Reply, Text, errors
from hornbook.web.api.models import Instant
from hornbook.web.auth import UserName
from hornbook.web.connection import try_out
from hornbook.web.problems import sentence_of
from hornbook.web.sentences import told

router = APIRouter(prefix="/api/admin/llm-config", tags=["Models"])

ComponentKey = Annotated[
    str,
    Path(
        description=f"One of {', '.join(f'`{one}`' for one in Component)}.",
        examples=[Component.BOOK_INGESTION.value],
    ),
]
ModelId = Annotated[
    Text,
    Field(
        description="The provider's name for the model; empty for `offline`.",
        examples=["gpt-6-luna"],
    ),
]


class ChoiceReply(Reply):
    """The model that a component asks: the columns of `llm_config`, and whether they were saved."""

    component_key: Component
    provider: str = Field(examples=["openai"])
    model_id: str = Field(examples=["gpt-6-luna"])
    description: str | None
    updated_at: Instant | None
    updated_by: str | None
    is_saved: bool = Field(description="`false`: the model is that of `HORNBOOK_MODEL`.")
    name: str = Field(
        description="As `HORNBOOK_MODEL` would name it.", examples=["openai:gpt-6-luna"]
    )


class ChoiceRequest(BaseModel):
    """The model that a component is to ask."""

    provider: Provider
    model_id: ModelId = ""
    description: Text | None = Field(default=None, examples=["Cheap, and good with scans."])


class TrialRequest(BaseModel):
    """A model to be tried out, saved or not."""

    provider: Provider
    model_id: ModelId = ""


class TrialReply(Reply):
    """What came of asking the model."""

    ok: bool
    message: str
    advice: str = Field(description="What to do next; empty when there is nothing to do.")


class ComponentReply(Reply):
    """A part of Hornbook that asks a model."""

    component_key: Component
    purpose: str


class ProviderReply(Reply):
    """A provider, and what the server's environment has for it; never the key itself."""

    provider: Provider
    title: str
    key_variables: list[str] = Field(description="One of them suffices.")
    address_variable: str | None
    is_key_set: bool
    is_address_set: bool
    is_ready: bool
    suggestions: list[str] = Field(description="Cheap ones first; any other name is taken too.")


class OptionsReply(Reply):
    """What can be chosen, and for what."""

    components: list[ComponentReply]
    providers: list[ProviderReply]


@router.get("", summary="List the model of every component", responses=errors())
def list_models(hornbook: Hornbook) -> list[ChoiceReply]:
    """List the models that jobs started now would ask, saved or not."""
    return [_reply(choice) for choice in hornbook.models.all()]


@router.get("/options", summary="List what can be chosen", responses=errors())
def list_model_options(hornbook: Hornbook) -> OptionsReply:
    """List the components, the providers with the variables they read, and suggested models."""
    return OptionsReply(
        components=[
            ComponentReply(component_key=one, purpose=told(one.purpose)) for one in Component
        ],
        providers=[ProviderReply.model_validate(one) for one in hornbook.models.options()],
    )


@router.get("/{component_key}", summary="Get the model of a component", responses=errors(404))
def get_model(component_key: ComponentKey, hornbook: Hornbook) -> ChoiceReply:
    """Give the model that a job started now would ask."""
    return _reply(hornbook.models.one(component_key))


@router.put("/{component_key}", summary="Choose the model of a component", responses=errors(404))
def choose_model(
    component_key: ComponentKey, request: ChoiceRequest, hornbook: Hornbook, user: UserName
) -> ChoiceReply:
    """Have jobs that start from now on ask this model, whatever `HORNBOOK_MODEL` says."""
    try:
        changed = hornbook.models.save(
            component_key, request.provider, request.model_id, request.description, by=user
        )
    except Invalid as error:
        raise HTTPException(422, sentence_of(error)) from error
    return _reply(changed.now)


@router.delete(
    "/{component_key}", summary="Go back to the model of the setting", responses=errors(404)
)
def forget_model(component_key: ComponentKey, hornbook: Hornbook, user: UserName) -> ChoiceReply:
    """Forget what was saved; jobs that start from now on ask the model of `HORNBOOK_MODEL`."""
    return _reply(hornbook.models.forget(component_key, by=user).now)


@router.post("/{component_key}/test", summary="Try out a model", responses=errors(404))
def try_out_model(
    component_key: ComponentKey, hornbook: Hornbook, request: TrialRequest | None = None
) -> TrialReply:
    """Ask a model one small question: the one given, else the component's own."""
    own = hornbook.models.one(component_key)
    wanted = request or own
    trial = try_out(hornbook, wanted.provider, wanted.model_id)
    return TrialReply(ok=trial.is_ok, message=trial.sentence, advice=trial.advice)


def _reply(choice: ModelChoice) -> ChoiceReply:
    return ChoiceReply(
        component_key=choice.component,
        provider=choice.provider,
        model_id=choice.model_id,
        description=choice.description,
        updated_at=choice.updated_at,
        updated_by=choice.updated_by,
        is_saved=choice.is_saved,
        name=choice.name,
    )
