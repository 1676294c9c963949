"""One question on its way to an answer: what is sent, and what is asked again."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from pydantic_ai.messages import (
    BinaryContent,
    InstructionPart,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    UserContent,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from hornbook.engines import faults, forms, prices, providers
from hornbook.engines.limiter import Limiter, Turn
from hornbook.errors import (
    CutShort,
    Declined,
    HornbookError,
    Malformed,
    Retryable,
    ServerError,
    TimedOut,
)
from hornbook.model.question import Answer, Question, Usage

REPAIRS = 2
"""How often a question is asked again whose answers do not fit the form."""
AUTO = "auto"
CHARACTERS_A_TOKEN = 4
TOKENS_AN_IMAGE = 1000
ROOM_FOR_THOUGHT = 4000
"""Tokens that a model may think for which cannot do without; they count as its answer."""
OF_NO_TEMPERATURE = ("openai_supports_reasoning", "anthropic_disallows_sampling_settings")
TOOL = "answer"
CACHES_ON_DEMAND = "anthropic"
"""Keeps the rules only where it is told to; the others do so by themselves."""
REPAIR = (
    "\n\nYour last answer could not be used: {why}."
    " Answer with one complete JSON object in the form that was asked for, and nothing else."
)


class Unanswered(Exception):
    """What the library raised instead of an answer. Whatever else is raised is a bug of ours."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Line:
    """A model that can be asked, and what is known of how it wants to be."""

    def __init__(self, name: str, output: str, price: str | None, limiter: Limiter) -> None:
        self.name = name
        self.limiter = limiter
        self._provider, _ = providers.provider_of(name)
        best = providers.PROVIDERS[self._provider].output
        self._output = best if output == AUTO else output
        self.model: Model[Any] = providers.reach(name, self._output)
        self._price = price
        self._is_open = False
        profile = self.model.profile
        self._room = ROOM_FOR_THOUGHT if profile.get("thinking_always_enabled") else 0
        self._takes_temperature = not any(profile.get(trait) for trait in OF_NO_TEMPERATURE)

    async def open(self, until: AsyncExitStack) -> None:
        """Keep connections from one call to the next, until that ends."""
        if not self._is_open and self.model.provider is not None:
            self._is_open = True
            await until.enter_async_context(self.model.provider)

    async def ask(
        self, question: Question, prompt: str, most: int, headers: Mapping[str, str]
    ) -> ModelResponse:
        """What the model says; raises Unanswered with what the library raises as its cause."""
        content: list[UserContent] = [prompt]
        if question.image is not None:
            content.append(BinaryContent(question.image, media_type="image/jpeg"))
        said = UserPromptPart(content if question.image is not None else prompt)
        settings = self._settings(question, most, headers)
        try:
            return await self._request(said, settings, question)
        except Unanswered as refused:
            # By what this call sent: others may have met the same refusal in the meantime.
            if "temperature" not in settings or not faults.refuses_temperature(refused.error):
                raise
        self._takes_temperature = False
        return await self._request(said, self._settings(question, most, headers), question)

    async def _request(
        self, said: UserPromptPart, settings: ModelSettings, question: Question
    ) -> ModelResponse:
        parameters = self._parameters(question)
        try:
            return await self.model.request([ModelRequest(parts=[said])], settings, parameters)
        except Exception as error:
            raise Unanswered(error) from error

    def cost(self, response: ModelResponse) -> float | None:
        """US dollars for this answer, by the known prices or else by the one that was set."""
        used = response.usage
        if not used.input_tokens and not used.output_tokens:
            return 0.0 if self._price and prices.is_free(self._price) else None
        try:
            return float(response.cost().total_price)
        except (LookupError, ValueError, AssertionError):
            if self._price is None:
                return None
        return prices.cost_at(self._price, used.input_tokens, used.output_tokens)

    def _parameters(self, question: Question) -> ModelRequestParameters:
        schema = forms.schema(question.form)
        rules = [InstructionPart(content=question.rules)]
        if self._output == "tool":
            tool = ToolDefinition(name=TOOL, parameters_json_schema=schema, kind="output")
            return ModelRequestParameters(
                output_mode="tool",
                output_tools=[tool],
                allow_text_output=False,
                instruction_parts=rules,
            )
        form = OutputObjectDefinition(json_schema=schema, name=question.form.__name__)
        return ModelRequestParameters(
            output_mode="native" if self._output == "json_schema" else "prompted",
            output_object=form,
            allow_text_output=False,
            instruction_parts=rules,
        )

    def _settings(self, question: Question, most: int, headers: Mapping[str, str]) -> ModelSettings:
        settings = ModelSettings(
            max_tokens=most + self._room,
            thinking=False,
            max_retries=0,
            timeout=question.deadline,
            extra_headers=dict(headers),
        )
        if self._provider == CACHES_ON_DEMAND:
            settings["cache"] = {"messages": False}
        if self._takes_temperature:
            settings["temperature"] = 0.0
        return settings


@dataclass
class Inquiry:
    """The course of one question, which may be asked more than once."""

    line: Line
    question: Question
    headers: Mapping[str, str]
    _most: int = field(init=False)
    _repair: str = ""
    _misfits: int = 0
    _cut_after: float = 0.0
    """Seconds spent when an answer was cut off."""
    _calls: int = 0
    _spent: Usage = field(default_factory=Usage)

    def __post_init__(self) -> None:
        self._most = self.question.max_tokens

    async def answer(self) -> Answer:
        """The answer; raises only errors of ours, which tell what was spent if a call was made."""
        try:
            while True:
                data = await self._attempt()
                if data is not None:
                    return Answer(data=data, usage=self._spent)
        except HornbookError as error:
            if self._calls:
                error.usage = self._spent
            raise

    async def _attempt(self) -> dict[str, Any] | None:
        """What the model answers; None where it is to be asked again."""
        response = await self._call()
        if not response.parts and response.finish_reason is None:
            raise ServerError("Server error: the provider's answer has no content.")
        if response.finish_reason == "length":
            self._lengthen()
            return None
        if response.finish_reason == "content_filter":
            raise Declined
        try:
            return forms.read(self.question.form, _said(response))
        except forms.Misfit as misfit:
            self._ask_for_repair(misfit)
            return None

    async def _call(self) -> ModelResponse:
        limiter = self.line.limiter
        async with limiter.turn(self._estimate(), is_first=not self._calls) as turn:
            self._calls += 1
            began = monotonic()
            try:
                async with asyncio.timeout(self._time_left()):
                    response = await self._say()
            except (Unanswered, TimeoutError) as error:
                self._note(Usage(seconds=monotonic() - began))
                raise self._fault(error, turn) from error
            limiter.succeeded()
            self._note_response(response, turn, monotonic() - began)
            return response

    async def _say(self) -> ModelResponse:
        prompt = self.question.prompt + self._repair
        return await self.line.ask(self.question, prompt, self._most, self.headers)

    def _fault(self, met: Unanswered | TimeoutError, turn: Turn) -> HornbookError:
        """What the error means for the work, after everybody who asks has been told to ask less."""
        if isinstance(met, TimeoutError):
            return self._out_of_time()
        fault = faults.meaning(met.error, self.line.name)
        if faults.is_overload(met.error):
            self.line.limiter.overloaded(turn)
        if isinstance(fault, Retryable) and fault.retry_after:
            self.line.limiter.pause(fault.retry_after)
        return fault

    def _time_left(self) -> float:
        """Seconds; an answer asked for in twice the length has all of them again."""
        return self.question.deadline - (self._spent.seconds - self._cut_after)

    def _out_of_time(self) -> HornbookError:
        """Terminal after a cut: to try again would mean to pay for the cut answer again."""
        deadline = f"{self.question.deadline:g}"
        if self._is_lengthened:
            return CutShort(
                "The model's answer was cut off, and with twice the length it took over"
                f" {deadline} s. Choose another model."
            )
        return TimedOut(f"Time-out: the model took over {deadline} s.")

    @property
    def _is_lengthened(self) -> bool:
        return self._most > self.question.max_tokens

    def _note_response(self, response: ModelResponse, turn: Turn, seconds: float) -> None:
        used, cost = response.usage, self.line.cost(response)
        turn.tokens = float(used.input_tokens + used.output_tokens) or turn.tokens
        self._note(
            Usage(
                input_tokens=used.input_tokens,
                output_tokens=used.output_tokens,
                cost=cost,
                seconds=seconds,
            )
        )

    def _note(self, more: Usage) -> None:
        is_known = self._spent.cost is not None and more.cost is not None
        self._spent = Usage(
            input_tokens=self._spent.input_tokens + more.input_tokens,
            output_tokens=self._spent.output_tokens + more.output_tokens,
            cost=(self._spent.cost or 0.0) + (more.cost or 0.0) if is_known else None,
            seconds=self._spent.seconds + more.seconds,
        )

    def _estimate(self) -> float:
        text = len(self.question.rules) + len(self.question.prompt)
        image = TOKENS_AN_IMAGE if self.question.image is not None else 0
        return text / CHARACTERS_A_TOKEN + image

    def _lengthen(self) -> None:
        if self._is_lengthened:
            raise CutShort
        self._most *= 2
        self._cut_after = self._spent.seconds

    def _ask_for_repair(self, misfit: forms.Misfit) -> None:
        self._misfits += 1
        if self._misfits > REPAIRS:
            raise Malformed from misfit
        self._repair = REPAIR.format(why=misfit)


def _said(response: ModelResponse) -> str:
    """The text of an answer, or what it filled in as a tool's arguments."""
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    return calls[0].args_as_json_str() if calls else response.text or ""
