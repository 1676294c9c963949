"""Who is asking: a browser by its signed cookie, a program by its token, and nobody else.

Without login: exactly `/health`, `/login` and `/static/*`. A request that changes something and
comes with a cookie (or to log in) must come from our own pages: `Sec-Fetch-Site`, else `Origin`
against `Host`, tells. A request with neither header comes from no browser: nobody's cookie was
borrowed.
"""

import hmac
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from itsdangerous import BadData, URLSafeSerializer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from hornbook.model.clock import Clock
from hornbook.web.language import _, noted
from hornbook.web.problems import SENTENCES, problem, wants_page

if TYPE_CHECKING:
    from hornbook.wiring import App

OPEN_PATHS = {"/health", "/login"}
OPEN_PREFIX = "/static/"
COOKIE = "hornbook_session"
SESSION_LIFETIME = timedelta(days=14)
LINK_USER = "local"
"""The name under which somebody works who came in by the printed link."""
PROGRAM = "token"
"""The name under which the holder of `HORNBOOK_TOKEN` works."""
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
ATTEMPTS = 5
ATTEMPTS_WITHIN = timedelta(seconds=1)
LARGEST_FORM = 16_384
WRONG_PASSWORD = noted("User name or password is wrong.")
USED_LINK = noted("This link was used before, or it is too old. Restart the server for a new one.")

LoginPage = Callable[[Request, str, str, str | None], HTMLResponse]
"""Renders the request's login form: where it goes on to, the name typed before, the error."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever sent a request, and whether the browser added their cookie by itself."""

    name: str
    is_by_cookie: bool


class Sessions:
    """Signs and reads session cookies; the key comes from the database, once."""

    def __init__(self, secret: Callable[[], str], clock: Clock) -> None:
        self._secret = secret
        self._clock = clock
        self._serializer: URLSafeSerializer | None = None

    def sign(self, name: str) -> str:
        """Give a cookie that says who its bearer is, for 14 days."""
        until = self._clock() + SESSION_LIFETIME
        return str(self._signer().dumps([name, until.timestamp()]))

    def read(self, cookie: str) -> str | None:
        """Name the bearer of a good cookie."""
        try:
            name, until = self._signer().loads(cookie)
        except (BadData, ValueError, TypeError):
            return None
        return str(name) if self._clock().timestamp() < until else None

    def _signer(self) -> URLSafeSerializer:
        if self._serializer is None:
            self._serializer = URLSafeSerializer(self._secret(), salt="session")
        return self._serializer


class Throttle:
    """Lets a few attempts a second through for each key, in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: dict[str, deque[datetime]] = {}

    def admits(self, *keys: str) -> bool:
        """Whether another attempt is due for every key; it counts if so."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            if any(len(self._attempts.get(key, ())) >= ATTEMPTS for key in keys):
                return False
            for key in keys:
                self._attempts.setdefault(key, deque()).append(now)
            return True

    def _forget(self, now: datetime) -> None:
        for key, attempts in list(self._attempts.items()):
            while attempts and now - attempts[0] >= ATTEMPTS_WITHIN:
                attempts.popleft()
            if not attempts:
                del self._attempts[key]


class Gate:
    """Lets a request through when it needs no login, or says who is asking."""

    def __init__(self, app: ASGIApp, hornbook: "App", sessions: Sessions) -> None:
        self._app = app
        self._hornbook = hornbook
        self._sessions = sessions
        self._origins = frozenset(hornbook.settings.cors_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, 403 or a redirect to the login in the application's place, or go on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        asker = await self._asker(request)
        refusal = self._refusal(request, asker)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        request.state.user = asker.name if asker else None
        await self._app(scope, receive, send)

    def _refusal(self, request: Request, asker: Asker | None) -> Response | None:
        is_open = is_open_path(request.url.path)
        if asker is None and not is_open:
            return _log_in_first(request)
        is_borrowed = asker is None or asker.is_by_cookie
        is_change = request.method not in SAFE_METHODS
        if is_borrowed and is_change and is_foreign(request, self._origins):
            return problem(request, 403, _(SENTENCES[403]))
        return None

    async def _asker(self, request: Request) -> Asker | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            name = await self._owner(token.strip())
            return Asker(name, is_by_cookie=False) if name else None
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        name = await run_in_threadpool(self._sessions.read, cookie)
        return Asker(name, is_by_cookie=True) if name else None

    async def _owner(self, token: str) -> str | None:
        own = self._hornbook.settings.token
        if own is not None and _is_same(own.get_secret_value(), token):
            return PROGRAM
        return await run_in_threadpool(self._hornbook.accounts.owner_of_token, token)


def _is_same(expected: str, given: str) -> bool:
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode())


def is_open_path(path: str) -> bool:
    """Whether no login is needed here."""
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIX)


def is_foreign(request: Request, allowed: Collection[str] = ()) -> bool:
    """Whether a browser sent this for a page that is not ours."""
    origin = request.headers.get("origin")
    if origin is not None and origin in allowed:
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def safe_next(address: str | None) -> str:
    """Give a path on this server to go on to after the login; anything else becomes `/`."""
    if not address or not address.startswith("/") or not address.isprintable():
        return "/"
    is_elsewhere = address.startswith("//") or "\\" in address
    return "/" if is_elsewhere or address.startswith(("/login", "/logout")) else address


def _log_in_first(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    login = f"/login?next={quote(here)}"
    if request.method == "GET" and wants_page(request):
        return RedirectResponse(login, 303)
    return problem(request, 401, _(SENTENCES[401]), {"WWW-Authenticate": "Bearer"})


def user_name(request: Request) -> str:
    """Name whoever sent the request, for `created_by` and its kin."""
    return str(request.state.user)


UserName = Annotated[str, Depends(user_name)]


async def form_fields(request: Request) -> dict[str, str]:
    """Read a small form; raises HTTPException 413. Of repeated fields the last counts."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413)
    found = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in found.items()}


FormFields = Annotated[dict[str, str], Depends(form_fields)]


def plain_login_page(_request: Request, goes_to: str, name: str, error: str | None) -> HTMLResponse:
    """Ask for name and password without a template."""
    said = f'<p role="alert">{escape(error)}</p>' if error else ""
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in · Hornbook</title>'
        f'<main><h1>Hornbook</h1>{said}<form method="post" action="/login">'
        f'<input type="hidden" name="next" value="{escape(goes_to)}">'
        f'<label>User name <input name="user_name" value="{escape(name)}" required'
        ' autocomplete="username"></label>'
        '<label>Password <input name="password" type="password" required'
        ' autocomplete="current-password"></label><button>Log in</button></form></main></html>'
    )


def router(hornbook: "App", sessions: Sessions) -> APIRouter:
    """Build the routes of logging in and out."""
    routes = APIRouter(include_in_schema=False)
    throttle = Throttle(hornbook.clock)

    @routes.get("/login")
    def show_login(request: Request, link: str | None = None) -> Response:
        goes_to = safe_next(request.query_params.get("next"))
        if link is None:
            return _login_page(request, goes_to)
        if not hornbook.links.take(link):
            if sessions.read(request.cookies.get(COOKIE, "")):
                return RedirectResponse(goes_to, 303)
            return _login_page(request, goes_to, status=401, error=_(USED_LINK))
        return _welcome(request, sessions.sign(LINK_USER), goes_to)

    @routes.post("/login")
    def log_in(request: Request, fields: FormFields) -> Response:
        name, goes_to = fields.get("user_name", "").strip(), safe_next(fields.get("next"))
        address = request.client.host if request.client else ""
        if not throttle.admits(f"name {name}", f"address {address}"):
            page = _login_page(request, goes_to, name, status=429, error=_(SENTENCES[429]))
            page.headers["Retry-After"] = "1"
            return page
        if not hornbook.accounts.is_password(name, fields.get("password", "")):
            return _login_page(request, goes_to, name, status=401, error=_(WRONG_PASSWORD))
        return _welcome(request, sessions.sign(name), goes_to)

    @routes.post("/logout")
    def log_out() -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    return routes


def _login_page(
    request: Request, goes_to: str, name: str = "", *, status: int = 200, error: str | None = None
) -> Response:
    make_page: LoginPage = getattr(request.app.state, "login_page", plain_login_page)
    page = make_page(request, goes_to, name, error)
    page.status_code = status
    return page


def _welcome(request: Request, cookie: str, goes_to: str) -> Response:
    response = RedirectResponse(goes_to, 303)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response
