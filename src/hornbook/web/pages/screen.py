"""Templates, and what every screen needs: who looks, at which part, and what just happened."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hornbook.web.language import (
    _,
    language,
    ngettext,
    noted_plural,
    translate,
    translate_plural,
)
from hornbook.web.pages.prose import prose
from hornbook.web.pages.telling import COOKIE, take_flash
from hornbook.web.preferences import preferences_of
from hornbook.web.sentences import told

WEB = Path(__file__).parents[1]
STATIC = WEB / "static"

MINUTE, HOUR, DAY = 60, 3600, 86400
NOUNS = {
    "page": noted_plural("%(num)s page", "%(num)s pages"),
    "file": noted_plural("%(num)s file", "%(num)s files"),
    "topic": noted_plural("%(num)s topic", "%(num)s topics"),
    "subtopic": noted_plural("%(num)s subtopic", "%(num)s subtopics"),
    "guideline": noted_plural("%(num)s guideline", "%(num)s guidelines"),
    "published guideline": noted_plural(
        "%(num)s published guideline", "%(num)s published guidelines"
    ),
    "statement": noted_plural("%(num)s statement", "%(num)s statements"),
}


def render(
    request: Request, template: str, status: int = 200, *, section: str = "", **context: Any
) -> HTMLResponse:
    """Render a whole screen or a fragment, with the message left by the action before it."""
    flash = take_flash(request)
    page = _templates().get_template(template)
    user = getattr(request.state, "user", None) or ""
    html = page.render(
        user=user,
        section=section,
        flash=flash,
        bundle=_bundle(),
        language=language(),
        prefers=preferences_of(request),
        **context,
    )
    response = HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
    if flash:
        response.delete_cookie(COOKIE)
    return response


def fragment(template: str, **context: Any) -> Markup:
    """Render a part of a screen that depends on nothing but what is given."""
    return Markup(_templates().get_template(template).render(**context))  # noqa: S704 - escaped there


def book_path(book_id: str) -> str:
    """Give the address of a book's screen."""
    return f"/books/{quote(book_id, safe='')}"


def ago(then: datetime, now: datetime) -> str:
    """Say how long ago in a word or two."""
    seconds = (now - then).total_seconds()
    if seconds < MINUTE:
        return _("now")
    if seconds < HOUR:
        return _("%(number)s min ago", number=int(seconds // MINUTE))
    if seconds < DAY:
        return _("%(number)s h ago", number=int(seconds // HOUR))
    return _("yesterday") if seconds < 2 * DAY else then.strftime("%Y-%m-%d")


def duration(seconds: float) -> str:
    """Write a span as "12m 34s", the same way as words.js does."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // HOUR, whole // MINUTE % 60, whole % 60
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {rest:02}s" if minutes else f"{rest}s"


def counted(number: int, noun: str) -> str:
    """Write "1 page" or "2 pages"; the nouns are those of `NOUNS`."""
    return ngettext(*NOUNS[noun], number)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts: Any = environment  # the extension adds what the class does not declare
    texts.install_gettext_callables(translate, translate_plural, newstyle=True)
    environment.filters.update(ago=ago, duration=duration, prose=prose, told=told)
    environment.globals.update(oob=False, row_oob=False, with_links=False, counted=counted)
    return environment


@cache
def _bundle() -> str:
    """Name the version of script and style in their address, so that browsers may keep them."""
    parts = sorted(STATIC.glob("hornbook.*"))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:12]
