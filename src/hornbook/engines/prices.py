"""What models cost, as far as that is known."""

from functools import cache

TOKENS = 1_000_000
CALL = 2000, 1000
"""Tokens of a call of usual size: providers ask more for each token of a very long one."""


def cost_at(price: str, sent: int, received: int) -> float:
    """US dollars at a price of `sent/received`, each for a million tokens."""
    each_sent, each_received = map(float, price.split("/"))
    return (sent * each_sent + received * each_received) / TOKENS


def is_free(price: str) -> bool:
    """Whether nothing is paid at this price, however many tokens there are."""
    return cost_at(price, 1, 1) == 0.0


def known_cost(model: str, sent: int, received: int) -> float | None:
    """US dollars for calls of usual size at the provider's public price, however many they are.

    `None` for a model without a price.
    """
    each = _known(model)
    return None if each is None else (sent * each[0] + received * each[1]) / TOKENS


@cache
def _known(model: str) -> tuple[float, float] | None:
    """Dollars for a million tokens sent, and received."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - only where a model is used

    provider, _, name = model.partition(":")
    sent, received = CALL
    one = Usage(input_tokens=sent, output_tokens=received)
    try:
        price = calc_price(one, model_ref=name, provider_id=provider)
    except LookupError:
        return None
    return float(price.input_price) * TOKENS / sent, float(price.output_price) * TOKENS / received
