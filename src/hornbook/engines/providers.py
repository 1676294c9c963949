"""The providers a model may come from: what each needs, and how it is reached."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic_ai.models import Model
from pydantic_ai.profiles import ModelProfile, merge_profile

from hornbook.engines.addresses import VARIABLES
from hornbook.errors import KeyRefused, ModelUnknown

OPENAI_ITSELF = "https://api.openai.com/"
NO_KEY = "none"
"""What a server is told that asks for no key; the client insists on one."""


@dataclass(frozen=True, slots=True)
class Access:
    """A key and an address; no address is the provider's own."""

    key: str = field(repr=False)
    address: str | None


@dataclass(frozen=True, slots=True)
class Provider:
    """Where models come from."""

    keys: tuple[str, ...]
    """Variables that may hold the key; the first is the one to set."""
    address: str
    """The variable of another address to ask."""
    output: str
    """How its models are best held to a form."""
    reach: Callable[[str, Access, ModelProfile], Model[Any]]
    needs_key_elsewhere: bool = True
    """Whether another address asks for a key too."""

    def access(self) -> Access:
        """What the environment says.

        Raises KeyRefused where the key is missing, ModelUnknown where the address is none.
        """
        key = next(filter(None, map(os.environ.get, self.keys)), None)
        address = os.environ.get(self.address) or None
        if address is not None and not _is_address(address):
            variable = self.address
            raise ModelUnknown(
                f"Model unknown: {variable} is no web address. Correct it, then start Hornbook"
                " again."
            )
        if key is None and (self.needs_key_elsewhere or address is None):
            variable = self.keys[0]
            raise KeyRefused(f"Key refused: there is none. Set {variable}, then resume.")
        return Access(key or NO_KEY, address)


def _is_address(text: str) -> bool:
    """Whether a request can be sent there, as far as can be told without one."""
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and has_port


def _openai(name: str, access: Access, quirks: ModelProfile) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415 - only who asks it has it
    from pydantic_ai.profiles.openai import OpenAIModelProfile  # noqa: PLC0415
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

    provider = OpenAIProvider(base_url=access.address, api_key=access.key)
    is_openai = provider.base_url.startswith(OPENAI_ITSELF)
    reasons = provider.model_profile(name) or {}
    # Other servers may know the limit's older name and one system message only; models that
    # reason, the newer name only.
    takes_newer = is_openai or bool(reasons.get("openai_supports_reasoning"))
    habits = OpenAIModelProfile(
        openai_chat_supports_max_completion_tokens=takes_newer,
        openai_chat_supports_multiple_system_messages=is_openai,
    )
    return OpenAIChatModel(name, provider=provider, profile=merge_profile(quirks, habits))


def _anthropic(name: str, access: Access, quirks: ModelProfile) -> Model[Any]:
    from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415 - an extra
    from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

    provider = AnthropicProvider(base_url=access.address, api_key=access.key)
    return AnthropicModel(name, provider=provider, profile=quirks)


def _google(name: str, access: Access, quirks: ModelProfile) -> Model[Any]:
    from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415 - an extra
    from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

    provider = GoogleProvider(base_url=access.address, api_key=access.key)
    return GoogleModel(name, provider=provider, profile=quirks)


PROVIDERS = {
    "openai": Provider(
        ("OPENAI_API_KEY",), VARIABLES["openai"], "json_schema", _openai, needs_key_elsewhere=False
    ),
    "anthropic": Provider(("ANTHROPIC_API_KEY",), VARIABLES["anthropic"], "tool", _anthropic),
    "google": Provider(
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"), VARIABLES["google"], "json_schema", _google
    ),
}


def provider_of(model: str) -> tuple[str, str]:
    """The provider and the name of `provider:name`; raises ModelUnknown."""
    provider, _, name = model.partition(":")
    if provider not in PROVIDERS or not name:
        known = ", ".join(f"{each}:…" for each in PROVIDERS)
        raise ModelUnknown(f"Model unknown: {model} is none of {known}. Choose one, then resume.")
    return provider, name


def reach(model: str, output: str) -> Model[Any]:
    """The model, ready to be held to a form in this way; raises ModelUnknown or KeyRefused."""
    provider, name = provider_of(model)
    access = PROVIDERS[provider].access()
    quirks = ModelProfile(supports_json_object_output=output == "json_object")
    if output == "json_schema":
        quirks["supports_json_schema_output"] = True
    try:
        return PROVIDERS[provider].reach(name, access, quirks)
    except ImportError as error:
        raise ModelUnknown(
            f"Model unknown: what asks {provider} is not installed. Run"
            f" pip install 'hornbook[{provider}]', then start Hornbook again."
        ) from error
