"""Why a whole job stopped, in the words of its error where that has any, and what to do."""

import re

from hornbook import errors
from hornbook.model.job import Job
from hornbook.web.causes import Cause
from hornbook.web.language import _, noted
from hornbook.web.sentences import told
from hornbook.workflows.models import PROVIDERS

PLACE = re.compile(r" \(stopped[^()]*\)\.$")
"""How a message ends that a job has put its place into."""
NO_ERRORS = {"Interrupted", "Stopped"}
MEND_THE_KEY = noted("Set or correct the key in %(variables)s, restart the server, then resume.")
THEN_RESUME = noted("Everything done so far is kept: resume when that is done.")
AFTER_OWN_WORDS = {
    errors.ModelUnknown.__name__: THEN_RESUME,
    errors.RequestRefused.__name__: THEN_RESUME,
    errors.CapReached.__name__: noted("Everything done so far is kept."),
}
"""What to add, by class, where the error's own words say what to do."""


def happened(job: Job, cause: Cause) -> str:
    """Say what stopped the job, beginning with the cause."""
    if own := _own_words(job):
        return _("Error: %(sentence)s", sentence=told(own))
    return _("Error: %(cause)s. %(happened)s", cause=_(cause.name), happened=_(cause.happened))


def hint(job: Job, cause: Cause) -> str:
    """Say what to do next."""
    if job.error_class == errors.KeyRefused.__name__ and (variables := _keys(job)):
        return _(MEND_THE_KEY, variables=variables)
    own = AFTER_OWN_WORDS.get(job.error_class or "") if _own_words(job) else None
    return _(own or cause.hint)


def _own_words(job: Job) -> str:
    """What the error said, if more than every error of its class says; without the place."""
    said = PLACE.sub(".", job.error_message or "")
    if job.error_class is None or job.error_class in NO_ERRORS:
        return ""
    kind = getattr(errors, job.error_class, None)
    is_usual = kind is not None and said.startswith(str(kind()).rstrip("."))
    return "" if is_usual else said


def _keys(job: Job) -> str:
    """Name the variables of which one holds the key of the model that the job asked."""
    model = (job.plan or {}).get("model") or job.options.get("model") or ""
    provider = str(model).partition(":")[0]
    named = (one.key_variables for one in PROVIDERS if one.provider == provider)
    return _(" or ").join(next(named, ()))
