"""Whether a model can be asked; if not, what is wrong and what to do next."""

import re
from collections.abc import Iterator
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
    errors.RequestRefused: noted(
        "If that is the form of the answer, set HORNBOOK_MODEL_OUTPUT, restart the server, then"
        " test again; or choose another model."
    ),
    errors.NoAnswer: noted("Choose another model, or another HORNBOOK_MODEL_OUTPUT."),
}
"""What to do next; the nearest class in an error's ancestry counts."""
CHECK_THE_ADDRESS = noted(
    "Check the address in %(variable)s, and that something listens there, then test again."
)
CHECK_THE_NETWORK = noted(
    "Check that the server reaches the provider (network, proxy), then test again."
)
AFTER_A_SENTENCE = re.compile(r"(?<=\.)\s(?![^()]*\))")
"""Where a sentence ends that is not what somebody else said, in brackets."""
PLAIN: dict[type[Exception], str] = {
    errors.KeyRefused: noted("Key refused: the provider does not accept the key."),
    errors.QuotaExceeded: noted("Quota: the account has no credit left."),
    errors.ModelUnknown: noted("Model unknown: the provider has no model of this name."),
    errors.RequestRefused: noted("Request refused: the provider does not take what it is sent."),
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
    said = str(error)
    if type(error) not in PLAIN or _is_package_missing(error):
        return sentence_of(error)
    if said == str(type(error)()):
        return _(PLAIN[type(error)])
    return told(AFTER_A_SENTENCE.split(said, maxsplit=1)[0])


def _advice(error: errors.HornbookError, option: ProviderOption | None) -> str:
    if _is_package_missing(error):
        return ""
    if isinstance(error, errors.ServerError) and _is_unreachable(error):
        is_elsewhere = option is not None and option.is_address_set
        variable = option.address_variable if option and is_elsewhere else ""
        return _(CHECK_THE_ADDRESS, variable=variable) if variable else _(CHECK_THE_NETWORK)
    advice = next((ADVICE[kind] for kind in type(error).__mro__ if kind in ADVICE), "")
    if option is None or advice != CORRECT_THE_KEY:
        return _(advice) if advice else ""
    if not option.is_ready:
        return _(SET_A_KEY)
    return _(advice, variables=variables_of(option))


def _is_package_missing(error: Exception) -> bool:
    """Whether the provider's SDK is not installed; the error says how to mend that."""
    return isinstance(error, errors.ModelUnknown) and isinstance(error.__cause__, ImportError)


def _is_unreachable(error: Exception) -> bool:
    """Whether no connection came about at all."""
    return any(isinstance(one, OSError) for one in _behind(error))


def _behind(error: BaseException) -> Iterator[BaseException]:
    """What led to an error, step by step."""
    behind = error.__cause__ or error.__context__
    while behind is not None:
        yield behind
        behind = behind.__cause__ or behind.__context__
