"""Why work stopped, and what to do about it, by the cause that every message begins with."""

from dataclasses import dataclass

from hornbook import errors
from hornbook.model.job import ErrorType
from hornbook.web.language import _, noted

OTHER = "Server error"


@dataclass(frozen=True, slots=True)
class Cause:
    """A kind of trouble in the admin's words."""

    name: str
    short: str
    """The name within a sentence."""
    happened: str
    hint: str
    """What to do when the whole job has stopped."""
    page_hint: str
    """What to do about one page."""


WAIT_AND_RETRY = noted("This may pass: try the page again.")
CAUSES = {
    cause.name: cause
    for cause in (
        Cause(
            noted("Rate limit"),
            noted("rate limit"),
            noted("The provider asks for a pause."),
            noted("Wait about a minute: the limit resets. Then resume."),
            noted("Wait about a minute, then retry. Nothing needs to be uploaded again."),
        ),
        Cause(
            noted("Quota"),
            noted("quota"),
            noted("The account has no credit left."),
            noted("Top it up, then resume."),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("Key refused"),
            noted("key refused"),
            noted("The provider does not accept the key."),
            noted("Set or correct the provider's key, restart the server, then resume."),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("Model unknown"),
            noted("model unknown"),
            noted("The provider has no model of this name."),
            noted("Choose another, then resume."),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("Request refused"),
            noted("request refused"),
            noted("The provider does not take what it is sent."),
            noted("Set HORNBOOK_MODEL_OUTPUT to a form that it takes, start again, then resume."),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("Language missing"),
            noted("language missing"),
            noted("The local reader has no data for this language."),
            noted(
                "Install it, or correct the book's language, then resume;"
                " or have the pages read by a model."
            ),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("No model"),
            noted("no model"),
            noted("Nobody is chosen who could look at pages."),
            noted("Choose a model under Settings, then resume."),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("Spending cap"),
            noted("spending cap"),
            noted("This job has cost what it may cost."),
            noted("Everything done so far is kept. Resume spends as much again."),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("Time-out"),
            noted("time-out"),
            noted("No answer came in time."),
            noted("Resume: the same pages are tried again."),
            noted("The answer took too long: try the page again."),
        ),
        Cause(
            noted("Server error"),
            noted("server error"),
            noted("The other side failed."),
            noted("Wait a little, then resume."),
            noted("The other side failed: wait a little, then try the page again."),
        ),
        Cause(
            noted("Stopped by you"),
            noted("stopped by you"),
            "",
            noted("Everything done so far is kept. Resume whenever you like."),
            WAIT_AND_RETRY,
        ),
        Cause(
            noted("Interrupted"),
            noted("interrupted"),
            noted("The server stopped in the middle of the work."),
            noted("Everything done so far is kept: resume."),
            WAIT_AND_RETRY,
        ),
    )
}
TERMINAL_HINT = noted(
    "Trying again gives the same result: replace the image, type the text, or skip the page."
)
SAME_AGAIN = noted("Trying again gives the same result.")
ASKED_ANEW = noted("Trying again asks the model anew.")
OF_MODELS = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.NoAnswer)
)
"""Classes of errors that a model is to blame for, and not the page it was asked about."""
WAYS_OUT = ("replace", "skip")
"""What an error says if it tells already how to mend the page."""


def cause_of(message: str) -> Cause | None:
    """Find the cause that a message begins with, so that no reader has to guess it."""
    return next((cause for cause in CAUSES.values() if message.startswith(cause.name)), None)


def is_of_model(error_class: str | None) -> bool:
    """Whether it was the model that gave nothing to use."""
    return error_class in OF_MODELS


def is_final(error_type: str | None, error_class: str | None) -> bool:
    """Whether trying again gives the same result, unless the page is mended."""
    return error_type == ErrorType.TERMINAL and not is_of_model(error_class)


def page_hint(error: str, error_type: str, error_class: str | None = None) -> str:
    """Say what to do about a page that failed so."""
    if is_of_model(error_class):
        return _(ASKED_ANEW)
    if error_type == ErrorType.TERMINAL:
        is_told = any(way in error.lower() for way in WAYS_OUT)
        return _(SAME_AGAIN if is_told else TERMINAL_HINT)
    cause = cause_of(error)
    return _(cause.page_hint if cause else WAIT_AND_RETRY)
