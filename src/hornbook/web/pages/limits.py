"""What holds models back on this installation: costs, calls and tokens."""

from hornbook.settings import Settings
from hornbook.web.language import _


def limits(settings: Settings) -> tuple[tuple[str, str, str], ...]:
    """Name each limit with its value and its variable."""
    return (
        (_("Spending cap"), _cap(settings.max_cost), "HORNBOOK_MAX_COST"),
        (_("Price of a model"), _price(settings.model_price), "HORNBOOK_MODEL_PRICE"),
        (
            _("Calls at once"),
            _at_most(settings.model_concurrency),
            "HORNBOOK_MODEL_CONCURRENCY",
        ),
        (_("Form of answers"), _form(settings.model_output), "HORNBOOK_MODEL_OUTPUT"),
        (
            _("Calls a minute"),
            _at_most(settings.model_requests_per_minute),
            "HORNBOOK_MODEL_REQUESTS_PER_MINUTE",
        ),
        (
            _("Tokens a minute"),
            _at_most(settings.model_tokens_per_minute),
            "HORNBOOK_MODEL_TOKENS_PER_MINUTE",
        ),
    )


def _cap(cost: float | None) -> str:
    if cost is None:
        return _("none")
    return _(
        "at most $%(cost)s a job, then it stops; Resume spends as much again", cost=f"{cost:.2f}"
    )


def _price(price: str | None) -> str:
    if price is None:
        return _("as known; without one no costs are counted")
    taken, given = price.split("/")
    return _(
        "$%(taken)s in and $%(given)s out for a million tokens, where none is known",
        taken=taken,
        given=given,
    )


def _form(output: str) -> str:
    return _("by the provider") if output == "auto" else output


def _at_most(number: int | None) -> str:
    return _("no limit") if number is None else _("at most %(number)s", number=number)
