"""Answers to our own script, which does what a form does without leaving the screen."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from hornbook.errors import HornbookError
from hornbook.web.problems import sentence_of, status_of

Facts = Mapping[str, Any]


def is_scripted(request: Request) -> bool:
    """Whether our script asks, rather than a browser that follows a form."""
    return request.headers.get("accept") == "application/json"


def no_facts() -> Facts:
    """Add nothing to a refusal."""
    return {}


def answer(do: Callable[[], Facts], when_refused: Callable[[], Facts] = no_facts) -> Response:
    """Do something and give its facts, or why it was not done with what helps to go on."""
    try:
        return JSONResponse(do())
    except HornbookError as error:
        refusal = {"detail": sentence_of(error), **when_refused()}
        return JSONResponse(refusal, status_of(error))
