"""The form of an answer: what a model is told of it, and what is taken for it."""

import re
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_TOLD = 5
"""How many misfits a model is told of at once."""

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


class Misfit(ValueError):
    """What was said is no answer in this form; the message tells a model why."""


def schema(form: type[Any]) -> dict[str, Any]:
    """The JSON schema of a form in which no field may be left out, so that it can be enforced."""
    demanding: dict[str, Any] = _demanding(_adapter(form).json_schema())
    return demanding


def read(form: type[Any], said: str) -> dict[str, Any]:
    """The answer as plain JSON, without fields that the form does not have.

    Raises Misfit, also for what neither JSON nor a database can keep: NUL and what is no number.
    """
    adapter = _adapter(form)
    try:
        plain: dict[str, Any] = adapter.dump_python(adapter.validate_json(_bare(said)), mode="json")
    except ValidationError as error:
        raise Misfit(_why(error)) from error
    if unkept := list(_unkept(plain)):
        raise Misfit("; ".join(unkept[:_TOLD]))
    return plain


def _unkept(value: Any, place: str = "") -> Iterator[str]:
    """What PostgreSQL refuses, or JSON has no word for, and where in the answer it stands."""
    for name, one in _parts(value):
        yield from _unkept(one, f"{place}.{name}" if place else f"{name}")
    if isinstance(value, str) and "\0" in value:
        yield f"{place}: NUL characters are not allowed"
    if isinstance(value, float) and not isfinite(value):
        yield f"{place}: not a finite number"


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _adapter(form: type[Any]) -> TypeAdapter[Any]:
    if form not in _ADAPTERS:
        _ADAPTERS[form] = TypeAdapter(form)
    return _ADAPTERS[form]


def _bare(said: str) -> str:
    """The JSON of an answer that may stand in a fence, or between sentences."""
    fenced = _FENCED.search(said)
    text = fenced[1] if fenced else said
    first, last = text.find("{"), text.rfind("}")
    return text[first : last + 1] if 0 <= first < last else text


def _why(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)[:_TOLD]
    places = (".".join(map(str, one["loc"])) for one in found)
    return "; ".join(
        f"{place}: {one['msg']}" if place else one["msg"]
        for place, one in zip(places, found, strict=True)
    )


def _demanding(node: Any) -> Any:
    if isinstance(node, list):
        return [_demanding(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _demanding(value) for key, value in node.items() if key != "default"}
    if isinstance(node.get("properties"), dict):
        plain["properties"] = {key: _demanding(each) for key, each in node["properties"].items()}
        plain["required"] = list(node["properties"])
    return plain
