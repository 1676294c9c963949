"""Whether a model can be asked; if not, what is wrong and what to do next."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hornbook import errors
from hornbook.model.components import ProviderOption
from hornbook.web.language import _, noted
from hornbook.web.problems import sentence_of
from hornbook.web.sentences import told

if TYPE_CHECKING:
    from hornbook.wiring import App

SET_A_KEY = noted("Set it in the server's environment, then restart the server.")
CORRECT_THE_KEY = noted("Correct the key in %(variables)s, then restart the server.")
ADVICE: dict[type[Exception], str] = {
    errors.KeyRefused: CORRECT_THE_KEY,
    errors.QuotaExceeded: noted("Top it up at the provider, then test again."),
    errors.ModelUnknown: noted("Check how the name is written, or take one that is suggested."),
    errors.RateLimited: noted("Wait about a minute, then test again."),
    errors.TimedOut: noted(
        "Check that the server reaches the provider (network, proxy, address), then test again."
    ),
    errors.Retryable: noted("Wait a little, then test again."),
    errors.NoAnswer: noted("Choose another model, or another HORNBOOK_MODEL_OUTPUT."),
}
"""What to do next; the nearest class in an error's ancestry counts."""
PLAIN: dict[type[Exception], str] = {
    errors.KeyRefused: noted("Key refused: the provider does not accept the key."),
    errors.QuotaExceeded: noted("Quota: the account has no credit left."),
    errors.ModelUnknown: noted("Model unknown: the provider has no model of this name."),
}
"""What is wrong, where an error without words of its own would speak of a job to be resumed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of asking a model."""

    is_ok: bool
    sentence: str
    advice: str = ""

    @property
    def words(self) -> str:
        """Everything that is to be told."""
        return f"{self.sentence} {self.advice}".strip()


def try_out(app: "App", provider: str, model_id: str) -> Trial:
    """Ask a model one small question."""
    try:
        return Trial(is_ok=True, sentence=told(app.models.try_out(provider, model_id)))
    except errors.HornbookError as error:
        option = next((one for one in app.models.options() if one.provider == provider), None)
        return Trial(is_ok=False, sentence=_sentence(error), advice=_advice(error, option))


def variables_of(option: ProviderOption) -> str:
    """Name the variables of which one holds the key."""
    return _(" or ").join(option.key_variables)


def _sentence(error: errors.HornbookError) -> str:
    has_own_words = str(error) != str(type(error)())
    return (
        sentence_of(error) if has_own_words else _(PLAIN.get(type(error), "")) or told(str(error))
    )


def _advice(error: errors.HornbookError, option: ProviderOption | None) -> str:
    advice = next((ADVICE[kind] for kind in type(error).__mro__ if kind in ADVICE), "")
    if option is None or advice != CORRECT_THE_KEY:
        return _(advice) if advice else ""
    if not option.is_ready:
        return _(SET_A_KEY)
    return _(advice, variables=variables_of(option))
