"""One sentence about an action, carried by a signed cookie to the screen that follows it."""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import TypeVar

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from hornbook.errors import HornbookError
from hornbook.web.problems import sentence_of

COOKIE = "hornbook_flash"
LONGEST = 600
LIFETIME = 60

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Flash:
    """What an action did, `good`, `warn` or `bad`."""

    tone: str
    sentence: str
    undo: str = ""
    """Where it is taken back; empty when it cannot be."""


class Flashes:
    """Signs and reads the cookie; the key comes from the database, once."""

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret
        self._serializer: URLSafeTimedSerializer | None = None

    def sign(self, flash: Flash) -> str:
        """Make the cookie."""
        cut = Flash(flash.tone, flash.sentence[:LONGEST], flash.undo)
        return str(self._signer().dumps(astuple(cut)))

    def read(self, cookie: str) -> Flash | None:
        """Read a cookie of ours of the last minute."""
        try:
            return Flash(*self._signer().loads(cookie, max_age=LIFETIME))
        except (BadData, ValueError, TypeError):
            return None

    def _signer(self) -> URLSafeTimedSerializer:
        if self._serializer is None:
            self._serializer = URLSafeTimedSerializer(self._secret(), salt="flash")
        return self._serializer


def take_flash(request: Request) -> Flash | None:
    """Give the message that waits for this browser, if any."""
    cookie = request.cookies.get(COOKIE)
    flashes: Flashes = request.app.state.flashes
    return flashes.read(cookie) if cookie else None


def go(request: Request, to: str, flash: Flash | None = None) -> Response:
    """Go on to a screen; a poller on the present screen is told to look again instead."""
    response: Response
    if request.headers.get("hx-request"):
        response = Response(status_code=204, headers={"HX-Trigger": "refresh"})
    else:
        response = RedirectResponse(to, 303)
    if flash:
        flashes: Flashes = request.app.state.flashes
        response.set_cookie(
            COOKIE, flashes.sign(flash), max_age=LIFETIME, httponly=True, samesite="lax"
        )
    return response


def act(
    request: Request, to: str, do: Callable[[], T], tell: Callable[[T], Flash | str | None]
) -> Response:
    """Do something, go on to a screen, and say there what was done or why it was not."""
    try:
        told = tell(do())
    except HornbookError as error:
        return go(request, to, Flash("bad", sentence_of(error)))
    if isinstance(told, str):
        told = Flash("good", told)
    return go(request, to, told)
