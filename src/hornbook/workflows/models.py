"""Which model each component asks: the one an admin saved, else the one of the setting."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from hornbook.errors import Invalid, KeyRefused, NotFound, StaleRevision
from hornbook.library import llm_config
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.components import Component, ModelChoice, Provider, ProviderOption, named

LONGEST_MODEL_ID = 200
LONGEST_DESCRIPTION = 300
PROVIDERS = (
    ProviderOption(provider=Provider.OFFLINE, title="Offline extractor"),
    ProviderOption(
        provider=Provider.OPENAI,
        title="OpenAI",
        key_variables=("OPENAI_API_KEY",),
        address_variable="OPENAI_BASE_URL",
        suggestions=("gpt-6-luna", "gpt-5.6-luna", "gpt-6.1-terra", "gpt-6.1-sol"),
    ),
    ProviderOption(
        provider=Provider.ANTHROPIC,
        title="Anthropic",
        key_variables=("ANTHROPIC_API_KEY",),
        suggestions=("claude-haiku-5-5", "claude-haiku-4-5", "claude-sonnet-5-5"),
    ),
    ProviderOption(
        provider=Provider.GOOGLE,
        title="Google",
        key_variables=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        suggestions=("gemini-3.1-flash-lite", "gemini-3.5-flash-lite", "gemini-3.8-flash"),
    ),
)


@dataclass(frozen=True, slots=True)
class Changed:
    """A choice as it was before a change and as it is now."""

    before: ModelChoice
    now: ModelChoice


class Models:
    """Chooses models and tries them out.

    `default` is the setting, `try_out` asks a model one small question and gives what to tell of
    it, and `is_set` says whether the environment has a variable; its value is nobody's business.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        default: str,
        try_out: Callable[[str], str],
        is_set: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._clock = clock
        self._default = default
        self._try_out = try_out
        self._is_set = is_set

    def chosen(self, component: Component) -> str:
        """Name the model that a job started now asks: `offline`, or `provider:model`."""
        return self.one(component).name

    def one(self, component: str) -> ModelChoice:
        """Give the choice for a component; raises NotFound."""
        known = _known(component)
        return next(choice for choice in self.all() if choice.component == known)

    def all(self) -> list[ModelChoice]:
        """Give the choice for every component."""
        with self._database.read() as session:
            saved = llm_config.saved(session)
        return [saved.get(one) or self._by_default(one) for one in Component]

    def save(
        self, component: str, provider: str, model_id: str, description: str | None, by: str
    ) -> Changed:
        """Have a component ask this model from the next job on; raises NotFound and Invalid."""
        choice = _checked(_known(component), provider, model_id, description)
        with self._database.begin() as session:
            return self._put(session, choice.component, choice, by)

    def forget(self, component: str, by: str) -> Changed:
        """Have a component ask the model of the setting again; raises NotFound."""
        known = _known(component)
        with self._database.begin() as session:
            return self._put(session, known, None, by)

    def put_back(self, before: ModelChoice, since: datetime | None, by: str) -> Changed:
        """Undo a change: save what was there `before` it, or forget what it saved.

        Raises StaleRevision when somebody changed the choice again after `since`.
        """
        component, choice = before.component, None
        if before.is_saved:
            choice = _checked(component, before.provider, before.model_id, before.description)
        with self._database.begin() as session:
            if self._now(session, component).updated_at != since:
                raise StaleRevision
            return self._put(session, component, choice, by)

    def options(self) -> list[ProviderOption]:
        """Give the providers, with what the server's environment has for each of them."""
        return [
            replace(
                one,
                is_key_set=any(map(self._is_set, one.key_variables)),
                is_address_set=bool(one.address_variable and self._is_set(one.address_variable)),
            )
            for one in PROVIDERS
        ]

    def try_out(self, provider: str, model_id: str) -> str:
        """Ask a model one small question; gives what to tell of it, or raises what is wrong."""
        known, model_id = _checked_model(provider, model_id)
        option = next(one for one in self.options() if one.provider == known)
        if not option.is_ready:
            variables = " or ".join(option.key_variables)
            raise KeyRefused(f"Key refused: the server has no key in {variables}.")
        return self._try_out(named(known, model_id))

    def _put(
        self, session: Session, component: Component, choice: ModelChoice | None, by: str
    ) -> Changed:
        before = self._now(session, component)
        if choice is None:
            llm_config.forget(session, component)
        else:
            llm_config.save(session, choice, self._clock(), by)
        return Changed(before, self._now(session, component))

    def _now(self, session: Session, component: Component) -> ModelChoice:
        return llm_config.find(session, component) or self._by_default(component)

    def _by_default(self, component: Component) -> ModelChoice:
        provider, _, model_id = self._default.partition(":")
        return ModelChoice(component=component, provider=provider, model_id=model_id)


def _known(component: str) -> Component:
    try:
        return Component(component)
    except ValueError as error:
        raise NotFound(f"There is no component {component!r}.") from error


def _checked(
    component: Component, provider: str, model_id: str, description: str | None
) -> ModelChoice:
    known, model_id = _checked_model(provider, model_id)
    description = " ".join((description or "").split())
    if len(description) > LONGEST_DESCRIPTION:
        raise Invalid(f"A description has at most {LONGEST_DESCRIPTION} characters.")
    return ModelChoice(
        component=component, provider=known, model_id=model_id, description=description or None
    )


def _checked_model(provider: str, model_id: str) -> tuple[Provider, str]:
    try:
        known = Provider(provider.strip())
    except ValueError as error:
        raise Invalid(f"There is no provider {provider!r}.") from error
    is_offline = known == Provider.OFFLINE
    return known, "" if is_offline else _checked_model_id(model_id.strip())


def _checked_model_id(model_id: str) -> str:
    if not model_id:
        raise Invalid("A model of a provider needs a name.")
    if len(model_id) > LONGEST_MODEL_ID:
        raise Invalid(f"The name of a model has at most {LONGEST_MODEL_ID} characters.")
    if not model_id.isprintable() or any(map(str.isspace, model_id)):
        raise Invalid("The name of a model has no spaces.")
    return model_id
