"""Where the models of a provider are asked, if not at the provider itself."""

import os
from urllib.parse import urlsplit

VARIABLES = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "google": "GOOGLE_GEMINI_BASE_URL",
}
"""The variable of another address, for each provider."""


def address_of(model: str) -> str | None:
    """The address that is set for `provider:name`, without what lets one in there."""
    said = os.environ.get(VARIABLES.get(model.partition(":")[0], ""))
    if not said:
        return None
    try:
        parts = urlsplit(said)
    except ValueError:
        return said  # nobody answers there
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
