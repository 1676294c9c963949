"""The screen of an error: what went wrong, and what to do next."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from hornbook.web.language import _, noted
from hornbook.web.pages.screen import render


@dataclass(frozen=True, slots=True)
class Kind:
    """What the errors of one status have in common."""

    heading: str
    next: str
    """What the admin does now."""
    may_pass: bool = False
    """Whether looking again may help."""


NOTHING_DONE = noted("Nothing was changed. Go back, correct it, and send it again.")
KINDS = {
    400: Kind(noted("This cannot be done"), NOTHING_DONE),
    401: Kind(noted("Log in first"), noted("You come back to this place afterwards.")),
    403: Kind(
        noted("Not from here"),
        noted("Nothing was changed. Open Hornbook itself and do it there."),
    ),
    404: Kind(
        noted("Not found"),
        noted("It may have been deleted or moved since. The list of books shows all there is."),
    ),
    405: Kind(
        noted("Nothing to see here"),
        noted("This address only takes what a form sends. Begin at the list of books."),
    ),
    408: Kind(noted("Too slow"), noted("Nothing is lost. Go back and send it again.")),
    409: Kind(
        noted("Not now"),
        noted("Nothing was changed. Go back to see how things stand, then try again."),
        may_pass=True,
    ),
    413: Kind(
        noted("Too large"),
        noted("Nothing was changed. Go back and choose a smaller file, or fewer at once."),
    ),
    422: Kind(
        noted("This address is not complete"),
        noted("Follow a link instead of typing it: the list of books is a good beginning."),
    ),
    429: Kind(noted("Too fast"), noted("Nothing was changed. Wait a second."), may_pass=True),
    500: Kind(
        noted("Something went wrong"),
        noted(
            "Your pages and texts are safe. Try again; if it stays so, tell whoever runs this"
            " server at what time it happened."
        ),
        may_pass=True,
    ),
    503: Kind(
        noted("Not available right now"),
        noted("Your pages and texts are safe. Try again in a few seconds."),
        may_pass=True,
    ),
}


def problem_page(request: Request, status: int, sentence: str) -> Response:
    """Say what is wrong, and what to do next."""
    kind = KINDS.get(status, KINDS[500])
    return render(
        request,
        "problem.html",
        status,
        number=status,
        heading=_(kind.heading),
        sentence=sentence,
        then=_(kind.next),
        back=_came_from(request),
        again=request.url.path if kind.may_pass and request.method == "GET" else "",
        is_ours=status >= 500,
    )


def _came_from(request: Request) -> str:
    """Give the address of the screen before this one, if it was one of ours and another."""
    before = urlsplit(request.headers.get("referer", ""))
    here = (request.url.netloc, request.url.path)
    is_ours = before.netloc == here[0] and (before.netloc, before.path) != here
    query = f"?{before.query}" if before.query else ""
    return f"{before.path}{query}" if is_ours else ""
