"""What a provider's failure means for the work, told by its type."""

from collections.abc import Mapping
from typing import Any

from pydantic_ai import exceptions as theirs

from hornbook.engines import providers
from hornbook.errors import (
    Declined,
    HornbookError,
    KeyRefused,
    ModelUnknown,
    QuotaExceeded,
    RateLimited,
    RequestRefused,
    ServerError,
    TimedOut,
    TooLong,
    UnreadableImage,
)

FILTERED = {"content_filter", "content_policy_violation", "data_inspection_failed"}
NO_IMAGE = {"invalid_image", "invalid_image_format", "image_parse_error", "image_too_large"}
TOO_LONG = {"context_length_exceeded", "exceed_context_size_error"}
"""What servers call it; the second is llama.cpp's."""
PLAIN: tuple[tuple[type[Exception], type[HornbookError]], ...] = (
    (theirs.ModelQuotaExceededError, QuotaExceeded),
    (theirs.ModelAuthenticationError, KeyRefused),
    (theirs.ModelContextWindowExceededError, TooLong),
    (theirs.ContentFilterError, Declined),
    (theirs.ModelTimeoutError, TimedOut),
    (TimeoutError, TimedOut),
)
"""Errors that are told by their kind alone."""
UNANSWERED = {408, 409, 425}
"""Refusals by what stands before the model; the same request may pass later."""
TOO_LARGE = 413
LONGEST_REASON = 300


def meaning(error: Exception, model: str) -> HornbookError:
    """The error of ours for one that the library raised instead of an answer, whatever it is."""
    for kind, ours in PLAIN:
        if isinstance(error, kind):
            return ours()
    if isinstance(error, theirs.ModelAPIError):
        return _of_the_provider(error, model)
    if isinstance(error, theirs.UserError):
        return _refused(error.message)
    if isinstance(error, IndexError | theirs.UnexpectedModelBehavior):
        return ServerError("Server error: the provider's answer has no content.")
    return ServerError(f"Server error: the call of the model failed ({type(error).__name__}).")


def is_overload(error: Exception) -> bool:
    """Whether fewer calls at once would help."""
    return isinstance(error, theirs.ModelRateLimitError | theirs.ModelUnavailableError)


def refuses_temperature(error: Exception) -> bool:
    """Whether the model only takes no choice of a temperature."""
    return (
        isinstance(error, theirs.ModelRequestRejectedError)
        and _detail(error, "param") == "temperature"
    )


def _of_the_provider(error: theirs.ModelAPIError, model: str) -> HornbookError:
    match error:
        case theirs.ModelRateLimitError():
            return RateLimited(retry_after=error.retry_after)
        case theirs.ModelNotFoundError():
            return _not_found(error, model)
        case theirs.ModelConnectionError():
            return ServerError("Server error: the connection to the provider failed.")
        case theirs.ModelHTTPError(status_code=status):
            return _of_status(error, status)
    return ServerError("Server error: the provider's answer cannot be read.")


def _of_status(error: theirs.ModelHTTPError, status: int) -> HornbookError:
    if status >= 500 or status in UNANSWERED:
        sentence = f"Server error: the provider failed on its side (status {status})."
        return ServerError(sentence, retry_after=error.retry_after)
    codes = {error.provider_error_code, error.provider_error_type}
    if codes & FILTERED:
        return Declined()
    if codes & TOO_LONG or status == TOO_LARGE:
        return TooLong()
    if codes & NO_IMAGE:
        return UnreadableImage("The model cannot read the page's image. Replace the image.")
    return _refused(str(_detail(error, "message") or f"status {status}"))


def _not_found(error: theirs.ModelNotFoundError, model: str) -> ModelUnknown:
    if not _detail(error, "message"):
        provider, _ = providers.provider_of(model)
        variable = providers.PROVIDERS[provider].address
        return ModelUnknown(
            f"Model unknown: {model} was not found, and what said so is no provider."
            f" The address in {variable} may be wrong. Correct it, then start Hornbook again."
        )
    return ModelUnknown(
        f"Model unknown: the provider has no model {model}. Choose another, then resume."
    )


def _refused(reason: str) -> RequestRefused:
    said = " ".join(reason.split())[:LONGEST_REASON].rstrip(".")
    return RequestRefused(
        f"Request refused: the provider does not take what it is sent ({said})."
        " If that is the form of the answer, set HORNBOOK_MODEL_OUTPUT, then resume."
    )


def _detail(error: theirs.ModelAPIError, name: str) -> Any:
    """A field of the error that the provider sent, which may stand in an envelope."""
    body = error.body
    if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping):
        body = body["error"]
    return body.get(name) if isinstance(body, Mapping) else None
