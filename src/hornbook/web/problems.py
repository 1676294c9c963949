"""Errors become replies here and nowhere else: a status, and one clear sentence."""

from collections.abc import Callable
from html import escape

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from sqlalchemy import exc as database_errors
from starlette.exceptions import HTTPException

from hornbook import errors
from hornbook.library.database import is_full
from hornbook.web.language import _, noted
from hornbook.web.sentences import told

STATUS: dict[type[Exception], int] = {
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Invalid: 400,
    errors.Terminal: 400,
    errors.NoAnswer: 502,
    errors.Retryable: 503,
    errors.JobStopper: 502,
    errors.HornbookError: 500,
    database_errors.DataError: 400,
    database_errors.OperationalError: 503,
    database_errors.InterfaceError: 503,
    database_errors.TimeoutError: 503,
}
"""The one table; the nearest class in an error's ancestry counts."""

SENTENCES = {
    400: noted("The request has a value that cannot be kept."),
    401: noted("Log in first, or send a bearer token."),
    403: noted("This request comes from another site, which may not change anything here."),
    404: noted("There is nothing at this address."),
    405: noted("This address does not answer to this method."),
    408: noted("The upload stalled: nothing arrived for too long."),
    413: noted("The request is too large."),
    429: noted("Too many attempts. Wait a second, then try again."),
    500: noted("Something went wrong on our side. It has been logged."),
    503: noted("The database does not answer. Try again in a few seconds."),
}
"""What is said when the error itself has no words for an admin."""
DATABASE_FULL = noted("The disk of the database is full. Make room, then try again.")

SECONDS_TO_WAIT = 5
API_PREFIXES = ("/admin/", "/api/")
API_PATHS = ("/health", "/metrics", "/openapi.json")

ProblemPage = Callable[[Request, int, str], Response]


def add_to(app: FastAPI) -> None:
    """Have every error of `app` told by status and sentence."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    for error_type in STATUS:
        app.add_exception_handler(error_type, _failed)


def problem(
    request: Request, status: int, sentence: str, headers: dict[str, str] | None = None
) -> Response:
    """One sentence under a status: a page for a browser's own address, JSON otherwise."""
    headers = dict(headers or {})
    if status == 503:
        headers.setdefault("Retry-After", str(SECONDS_TO_WAIT))
    if not wants_page(request):
        return JSONResponse({"detail": sentence}, status, headers)
    make_page: ProblemPage = getattr(request.app.state, "problem_page", plain_page)
    response = make_page(request, status, sentence)
    response.headers.update(headers)
    return response


def wants_page(request: Request) -> bool:
    """Whether a human looks at this address in a browser."""
    return not is_api(request.url.path) and "text/html" in request.headers.get("accept", "")


def is_api(path: str) -> bool:
    """Whether the JSON contract covers this address."""
    return path.startswith(API_PREFIXES) or path in API_PATHS


def plain_page(_request: Request, status: int, sentence: str) -> Response:
    """Say it without a template."""
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Hornbook</title>'
        f'<main><h1>{status}</h1><p>{escape(sentence)}</p><p><a href="/">All books</a></p></main>'
    )
    return HTMLResponse(page, status)


def status_of(error: Exception) -> int:
    """Look up the status of the nearest class in the error's ancestry."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def sentence_of(error: Exception) -> str:
    """Give our own errors' message; a driver's words are for the log, not for the admin."""
    if isinstance(error, errors.HornbookError):
        return told(str(error))
    return _(DATABASE_FULL if is_full(error) else SENTENCES[status_of(error)])


async def _failed(request: Request, error: Exception) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, errors.Retryable) and error.retry_after:
        headers["Retry-After"] = str(round(error.retry_after))
    return problem(request, status_of(error), sentence_of(error), headers)


async def _refused(request: Request, error: Exception) -> Response:
    refused = error if isinstance(error, HTTPException) else HTTPException(500)
    has_own_words = " " in refused.detail.strip() and refused.detail.endswith(".")
    sentence = refused.detail if has_own_words else SENTENCES.get(refused.status_code)
    headers = dict(refused.headers or {})
    return problem(request, refused.status_code, _(sentence or f"{refused.detail}."), headers)


async def _malformed(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return problem(request, 422, _sentence_of_validation(found[0]) if found else _(SENTENCES[400]))


def _sentence_of_validation(found: dict[str, object]) -> str:
    location = found.get("loc")
    place, *path = location if isinstance(location, tuple) else ("body",)
    said = str(found.get("msg", "not accepted")).removeprefix("Value error, ").rstrip(".")
    reason = said[:1].lower() + said[1:]
    if found.get("type") == "json_invalid":
        return _("The body is no JSON.")
    if not path:
        return _("The %(place)s is not accepted: %(reason)s.", place=place, reason=reason)
    field = ".".join(map(str, path))
    return _(
        "The %(place)s field '%(field)s' is not accepted: %(reason)s.",
        place=place,
        field=field,
        reason=reason,
    )
