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
    TooLong,
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
        """What the model says; raises what the library raises."""
        content: list[UserContent] = [prompt]
        if question.image is not None:
            content.append(BinaryContent(question.image, media_type="image/jpeg"))
        said = UserPromptPart(content if question.image is not None else prompt)
        parameters = self._parameters(question)
        settings = self._settings(question, most, headers)
        try:
            return await self.model.request([ModelRequest(parts=[said])], settings, parameters)
        except Exception as error:
            if not (self._takes_temperature and faults.refuses_temperature(error)):
                raise
            self._takes_temperature = False
            settings = self._settings(question, most, headers)
            return await self.model.request([ModelRequest(parts=[said])], settings, parameters)

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
    _prompt: str = field(init=False)
    _most: int = field(init=False)
    _repair: str = ""
    _misfits: int = 0
    _calls: int = 0
    _spent: Usage = field(default_factory=Usage)

    def __post_init__(self) -> None:
        self._prompt = self.question.prompt
        self._most = self.question.max_tokens

    async def answer(self) -> Answer:
        """The answer; raises only errors of ours, which tell what was spent."""
        try:
            while True:
                data = await self._attempt()
                if data is not None:
                    return Answer(data=data, usage=self._spent)
        except HornbookError as error:
            error.usage = self._spent
            raise

    async def _attempt(self) -> dict[str, Any] | None:
        """What the model answers; None where it is to be asked again."""
        try:
            response = await self._call()
        except TooLong:
            if not self._may_shorten():
                raise
            return None
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
                async with asyncio.timeout(self.question.deadline - self._spent.seconds):
                    response = await self._say()
            except Exception as error:
                self._note(Usage(seconds=monotonic() - began))
                raise self._fault(error, turn) from error
            limiter.succeeded()
            self._note_response(response, turn, monotonic() - began)
            return response

    async def _say(self) -> ModelResponse:
        prompt = self._prompt + self._repair
        return await self.line.ask(self.question, prompt, self._most, self.headers)

    def _fault(self, error: Exception, turn: Turn) -> HornbookError:
        """What the error means for the work, after everybody who asks has been told to ask less."""
        if isinstance(error, TimeoutError):
            return TimedOut(f"Time-out: the model took over {self.question.deadline:g} s.")
        fault = faults.meaning(error, self.line.name)
        if faults.is_overload(error):
            self.line.limiter.overloaded(turn)
        if isinstance(fault, Retryable) and fault.retry_after:
            self.line.limiter.pause(fault.retry_after)
        return fault

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
        text = len(self.question.rules) + len(self._prompt)
        image = TOKENS_AN_IMAGE if self.question.image is not None else 0
        return text / CHARACTERS_A_TOKEN + image

    def _may_shorten(self) -> bool:
        """Whether there is a shorter prompt that was not tried yet; it is tried next."""
        short = self.question.short_prompt
        if short is None or self._prompt == short:
            return False
        self._prompt = short
        return True

    def _lengthen(self) -> None:
        if self._most > self.question.max_tokens:
            raise CutShort
        self._most *= 2

    def _ask_for_repair(self, misfit: forms.Misfit) -> None:
        self._misfits += 1
        if self._misfits > REPAIRS:
            raise Malformed from misfit
        self._repair = REPAIR.format(why=misfit)


def _said(response: ModelResponse) -> str:
    """The text of an answer, or what it filled in as a tool's arguments."""
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    return calls[0].args_as_json_str() if calls else response.text or ""
