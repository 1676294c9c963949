"""How to go on with a job that has ended: the buttons of its card, the best first."""

from hornbook.web.job_views import JobView
from hornbook.web.language import _
from hornbook.web.pages.alike import MODELS, Action, choose_model, is_hopeless, log_path
from hornbook.web.pages.screen import book_path

NO_LANGUAGE = "Language missing"


def ways_on(view: JobView, model: str) -> tuple[Action, ...]:
    """Resume first, because it does what is owed and nothing else; Restart asks before it acts.

    Where this machine does not know the book's language, reading by the `model` comes first.
    """
    by_model = _by_model(view, model)
    return (*by_model, *_resume(view, is_led=not by_model), *_settings(view, model), *_anew(view))


def _by_model(view: JobView, model: str) -> tuple[Action, ...]:
    number = len(view.owed.places)
    if view.cause != NO_LANGUAGE or not model or view.resume_label is None:
        return ()
    words = _("Read %(number)s by model", number=number)
    return (Action(words, f"{log_path(view.job)}/read-by-model", "primary"),)


def _resume(view: JobView, *, is_led: bool) -> tuple[Action, ...]:
    if not view.resume_label:
        return ()
    look = "primary" if is_led and not is_hopeless(view) else ""
    return (Action(view.resume_label, f"{log_path(view.job)}/resume", look),)


def _settings(view: JobView, model: str) -> tuple[Action, ...]:
    """Where a model is chosen, if that is what the job lacks."""
    if view.cause == "Model unknown":
        return (choose_model(),)
    if view.cause == "No model" or (view.cause == NO_LANGUAGE and not model):
        return (Action(_("Choose a model"), MODELS, "slim quiet", is_asked=True),)
    return ()


def _anew(view: JobView) -> tuple[Action, ...]:
    if not view.restart_label:
        return ()
    address = f"{book_path(view.job.book_id)}/restart"
    return (Action(view.restart_label, address, "slim quiet", is_asked=True),)
