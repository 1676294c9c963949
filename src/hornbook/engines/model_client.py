"""Asks language models over the network, from any thread and in one event loop."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from hornbook.engines import addresses, prices
from hornbook.engines.limiter import Limiter
from hornbook.engines.loop import LoopEnded, LoopThread
from hornbook.errors import ServerError
from hornbook.model.question import Answer, Question, Subject, Task

if TYPE_CHECKING:
    from hornbook.engines.inquiry import Line

AS_IT_IS = "!\"#$&'()*+,-./:;<=>?@[]^_`{|}~"
"""What may stand in a header beside letters and figures; everything else is percent-encoded."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a model answers that is only to show that it is there."""

    greeting: str


GREET = Question(
    task=Task.READ,
    rules="Answer with a greeting of one word.",
    prompt="Good day!",
    form=Greeting,
    max_tokens=1000,
    deadline=30.0,
)


class ModelClient:
    """Models by their names, `provider:name`. Opens and imports nothing before it is asked."""

    def __init__(
        self,
        *,
        concurrency: int = 8,
        output: str = "auto",
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        price: str | None = None,
    ) -> None:
        self._concurrency = concurrency
        self._output = output
        self._requests_per_minute = requests_per_minute
        self._tokens_per_minute = tokens_per_minute
        self._price = price
        self._limiters: dict[str, Limiter] = {}
        self._lines: dict[str, Line] = {}
        self._lock = threading.Lock()
        self._thread = LoopThread("models")

    @property
    def in_flight(self) -> int:
        """Calls that a provider has not answered yet."""
        return sum(limiter.in_flight for limiter in tuple(self._limiters.values()))

    def ask(self, model: str, question: Question, subject: Subject) -> Answer:
        """The answer of the model, which fits the form of the question.

        Raises Retryable, Terminal or a JobStopper, each with what was spent as its `usage`; Queued
        where the call was not made, since the provider takes none for more than a second, or all
        that may be made at once were waiting for answers too long.
        """
        return self._ask(model, question, _headers(question.task, subject))

    def address(self, model: str) -> str | None:
        """Where the model is asked, if not at its provider; without credentials."""
        return addresses.address_of(model)

    def try_out(self, model: str) -> str:
        """Ask the model something small; a sentence that it answered. Raises what `ask` raises."""
        answer = self._ask(model, GREET, {})
        return f"{model} answered in {answer.usage.seconds:.1f} s."

    def cost(self, model: str, sent: int, received: int) -> float | None:
        """US dollars for so many tokens, at the known price or else at the one that was set."""
        known = prices.known_cost(model, sent, received)
        if known is None and self._price is not None:
            return prices.cost_at(self._price, sent, received)
        return known

    def close(self) -> None:
        """End the loop; whoever still waits for an answer is told that there will be none."""
        self._thread.close()

    def _ask(self, model: str, question: Question, headers: dict[str, str]) -> Answer:
        from hornbook.engines import inquiry  # noqa: PLC0415 - takes seconds

        async def answer() -> Answer:
            await line.open(self._thread.resources)
            return await inquiry.Inquiry(line, question, headers).answer()

        try:
            line = self._line(model)
            return self._thread.run(answer)
        except LoopEnded as error:
            raise ServerError("Server error: Hornbook stops asking models.") from error

    def _line(self, model: str) -> "Line":
        """The line to a model; made outside the loop, which must not stand still meanwhile."""
        from hornbook.engines import inquiry, providers  # noqa: PLC0415 - takes seconds

        with self._lock:
            if model not in self._lines:
                provider, _ = providers.provider_of(model)
                limiter = self._limiter(provider)
                self._lines[model] = inquiry.Line(model, self._output, self._price, limiter)
            return self._lines[model]

    def _limiter(self, provider: str) -> Limiter:
        if provider not in self._limiters:
            self._limiters[provider] = Limiter(
                concurrency=self._concurrency,
                requests_per_minute=self._requests_per_minute,
                tokens_per_minute=self._tokens_per_minute,
            )
        return self._limiters[provider]


def _headers(task: Task, subject: Subject) -> dict[str, str]:
    """What a gateway is told, so that it can account for a call."""
    named = {
        "X-Hornbook-Task": task.value,
        "X-Hornbook-Book": subject.book_id,
        "X-Hornbook-Page": None if subject.page_num is None else str(subject.page_num),
        "X-Hornbook-Subtopic": subject.subtopic,
    }
    return {name: quote(said, safe=AS_IT_IS) for name, said in named.items() if said is not None}
