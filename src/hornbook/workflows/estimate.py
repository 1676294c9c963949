"""What a run would ask a model for, and about what that costs: told before it is started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hornbook.library import books, findings, journal
from hornbook.library.database import Database
from hornbook.model.estimate import Estimate
from hornbook.model.question import Spent, Task
from hornbook.workflows.thinking import OFFLINE

ENOUGH_CALLS = 20
"""From so many answers of a kind on, a model's own averages count."""
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Usual:
    """What questions of one kind come to, by the pages that they are about."""

    calls: float
    """For each page."""
    asked: int
    """Tokens of a question without the text of pages."""
    asked_of_text: float
    """Tokens more for each token of the pages."""
    answered: int
    """Tokens of an answer apart from what it repeats of the pages."""
    answered_of_text: float = 0.0


# Calls as `python -m bench.generation` counts them for 120 pages with a section on every third;
# tokens as a mathematics book of 60 pages gave them, its answers taken from the offline extractor.
USUAL = {
    Task.READ: Usual(1.0, 640, 1.0, 0, 2.2),
    Task.PLACE: Usual(0.16, 690, 0.0, 60),
    Task.MERGE: Usual(0.33, 500, 0.5, 150),
    Task.SUMMARIZE: Usual(0.08, 190, 0.0, 40),
}
IMAGE = Usual(1.0, 1500, 0.0, 350)
"""Of a page that is looked at: its picture and the rules."""

Price = Callable[[str, int, int], float | None]
"""US dollars for so many tokens sent to a model and received from it; `None` if unknown."""


class Estimates:
    """Estimates for the model that is chosen now; asks nobody."""

    def __init__(
        self,
        database: Database,
        *,
        chosen: Callable[[], str],
        reader_name: Callable[[], str],
        price: Price,
    ) -> None:
        self._database = database
        self._chosen = chosen
        self._reader_name = reader_name
        self._price = price

    def of_generation(self, book_id: str) -> Estimate:
        """For generating guidelines from all that can be used; raises NotFound.

        Pages that this model has read as they are now cost nothing.
        """
        model, reader = self._chosen(), self._reader_name()
        with self._database.read() as session:
            books.require(session, book_id)
            if model == OFFLINE:
                return Estimate(model, 0, Spent())
            pages, characters = findings.unread_by(session, book_id, reader)
            known = journal.answered(session, model)
        return self._estimate(model, USUAL, pages, characters / CHARACTERS_A_TOKEN, known)

    def of_looking(self, pages: int) -> Estimate:
        """For having the model look at so many pages."""
        model = self._chosen()
        with self._database.read() as session:
            known = journal.answered(session, model)
        return self._estimate(model, {Task.OCR: IMAGE}, pages, 0.0, known)

    def _estimate(
        self,
        model: str,
        kinds: Mapping[Task, Usual],
        pages: int,
        text: float,
        known: Mapping[str, Spent],
    ) -> Estimate:
        parts = [_part(one, pages, text, known.get(kind)) for kind, one in kinds.items()]
        whole = sum(parts, Spent())
        cost = self._price(model, whole.input_tokens, whole.output_tokens)
        unpriced = whole.calls if cost is None else 0
        spent = Spent(whole.calls, whole.input_tokens, whole.output_tokens, cost or 0.0, unpriced)
        return Estimate(model, pages, spent)


def _part(usual: Usual, pages: int, text: float, known: Spent | None) -> Spent:
    """What the questions of one kind come to about pages that hold so many tokens of text."""
    calls = round(usual.calls * pages) or min(pages, 1)
    if known is not None and known.calls >= ENOUGH_CALLS:
        each_in, each_out = known.input_tokens / known.calls, known.output_tokens / known.calls
        return Spent(calls, round(calls * each_in), round(calls * each_out))
    asked = calls * usual.asked + usual.asked_of_text * text
    answered = calls * usual.answered + usual.answered_of_text * text
    return Spent(calls, round(asked), round(answered))
