"""What models cost, as far as that is known."""

from functools import cache

TOKENS = 1_000_000


def cost_at(price: str, sent: int, received: int) -> float:
    """US dollars at a price of `sent/received`, each for a million tokens."""
    each_sent, each_received = map(float, price.split("/"))
    return (sent * each_sent + received * each_received) / TOKENS


def known_cost(model: str, sent: int, received: int) -> float | None:
    """US dollars at the provider's public price; `None` for a model without one."""
    each = _known(model)
    return None if each is None else (sent * each[0] + received * each[1]) / TOKENS


@cache
def _known(model: str) -> tuple[float, float] | None:
    """Dollars for a million tokens sent, and received."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - only where a model is used

    provider, _, name = model.partition(":")
    try:
        price = calc_price(
            Usage(input_tokens=TOKENS, output_tokens=TOKENS), model_ref=name, provider_id=provider
        )
    except LookupError:
        return None
    return float(price.input_price), float(price.output_price)
