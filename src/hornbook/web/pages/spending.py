"""What a model was asked and what that cost, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from hornbook.model.estimate import Estimate
from hornbook.model.question import Spent, Task
from hornbook.web.language import _, ngettext, noted

STEPS = {
    Task.OCR: noted("Reading images"),
    Task.READ: noted("Reading pages"),
    Task.PLACE: noted("Placing pages"),
    Task.MERGE: noted("Writing subtopics"),
    Task.SUMMARIZE: noted("Summaries"),
    Task.REFINE: noted("Better titles"),
    Task.DEDUPE: noted("Looking for duplicates"),
    Task.STUDY_PLAN: noted("Study plans"),
    Task.REVIEW_PLAN: noted("Reviewing study plans"),
}
CENT = 0.01


@dataclass(frozen=True, slots=True)
class Step:
    """What one kind of question came to."""

    name: str
    spent: str


def in_short(spent: Mapping[str, Spent]) -> str:
    """Give calls, tokens and cost of a job in one line; "" when no model was asked."""
    whole = sum(spent.values(), Spent())
    if not whole.calls:
        return ""
    calls = ngettext("%(num)s call", "%(num)s calls", whole.calls)
    tokens = _(
        "%(sent)s tokens sent, %(received)s received",
        sent=_thousands(whole.input_tokens),
        received=_thousands(whole.output_tokens),
    )
    return ", ".join((calls, tokens, dollars(whole)))


def in_advance(estimate: Estimate) -> str:
    """Tell roughly what a run asks a model for; "" when it asks for nothing."""
    spent = estimate.spent
    if not spent.calls:
        return ""
    about = _(", under $0.01") if spent.cost < CENT else _(", about %(cost)s", cost=dollars(spent))
    return _(
        "Asks %(model)s about %(calls)s times: some %(tokens)s tokens%(cost)s.",
        model=estimate.model.partition(":")[2],
        calls=_thousands(_rounded(spent.calls)),
        tokens=_thousands(_rounded(spent.input_tokens + spent.output_tokens)),
        cost="" if spent.unpriced else about,
    )


def _rounded(number: int) -> int:
    """To two figures: nobody knows more in advance."""
    return int(float(f"{number:.2g}"))


def steps(spent: Mapping[str, Spent]) -> tuple[Step, ...]:
    """Give what each kind of question came to, in the order of the journey."""
    return tuple(
        Step(_(STEPS[task]), in_short({task: spent[task]})) for task in Task if task in spent
    )


def dollars(spent: Spent) -> str:
    """Write a cost; what has no known price is named rather than left out."""
    if spent.unpriced == spent.calls:
        return _("price unknown")
    known = f"${spent.cost:.2f}" if spent.cost >= CENT or not spent.cost else "< $0.01"
    if spent.unpriced:
        return _(
            "%(cost)s and %(number)s calls of unknown price", cost=known, number=spent.unpriced
        )
    return known


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
