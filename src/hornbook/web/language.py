"""The language of a reply: every text of the screens is English and passes `_` on its way out.

A translation is a gettext catalogue, `locales/<language>/LC_MESSAGES/hornbook.mo`. None is shipped
yet. `en-XA`, the pseudo-language of browsers and phones, is always there: it shows which texts
do not pass through here, and which places are too narrow for longer words.
"""

import gettext as catalogues
import re
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "hornbook"
ENGLISH = "en"
PSEUDO = "en-XA"
ACCENTED = str.maketrans("aceinouyACEINOUY", "áçéïñôúýÁÇÉÏÑÔÚÝ")
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%%|\{\w+\}|</?\w+[^>]*>|&\w+;")
LONGER = 0.4
"""How much longer than English other languages run."""


class PseudoTranslations(NullTranslations):
    """English with accents, in brackets, and as much longer as a translation may be."""

    def gettext(self, message: str) -> str:
        """Disfigure a text, but not its placeholders and tags."""
        kept = PLACEHOLDER.findall(message)
        plain = [part.translate(ACCENTED) for part in PLACEHOLDER.split(message)]
        words = "".join(part + tag for part, tag in zip(plain, [*kept, ""], strict=True))
        return f"⟦{words}{'·' * round(len(''.join(plain)) * LONGER)}⟧" if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Disfigure the form that English would use."""
        return self.gettext(msgid1 if n == 1 else msgid2)


class Language:
    """A layer that gives each request the first language that its browser asks for and we have."""

    def __init__(self, app: ASGIApp, locales: Path = LOCALES) -> None:
        self._app = app
        self._locales = locales

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose, for as long as the request lasts."""
        if scope["type"] == "http":
            wanted = asked_for(Headers(scope=scope).get("accept-language", ""))
            _current.set(choose(wanted, self._locales))
        await self._app(scope, receive, send)


def asked_for(header: str) -> list[str]:
    """Read `Accept-Language`, the most wanted first; what is no language is left out."""
    weighted = []
    for part in header.split(",")[:20]:
        tag, _sep, weight = part.strip().partition(";q=")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
            is_number = re.fullmatch(r"[01](\.\d{1,3})?", weight)
            weighted.append((float(weight) if is_number else 1.0, tag))
    return [tag for _weight, tag in sorted(weighted, key=lambda one: -one[0])]


def choose(wanted: Iterable[str], locales: Path) -> tuple[str, NullTranslations]:
    """Give the first wanted language that there is, with its texts; else English."""
    for tag in wanted:
        if tag.lower() == PSEUDO.lower():
            return PSEUDO, PseudoTranslations()
        if tag.split("-")[0].lower() == ENGLISH:
            break
        found = _catalogue(tag.replace("-", "_"), locales)
        if found is not None:
            return tag, found
    return ENGLISH, NullTranslations()


@cache
def _catalogue(tag: str, locales: Path) -> NullTranslations | None:
    try:
        return catalogues.translation(DOMAIN, locales, [tag])
    except OSError:
        return None


_current: ContextVar[tuple[str, NullTranslations]] = ContextVar(
    "language", default=(ENGLISH, NullTranslations())
)


def language() -> str:
    """Name the language of this reply, as `<html lang>` has it."""
    return _current.get()[0]


def translate(message: str) -> str:
    """Give the text as the language of this reply has it, placeholders and all."""
    return _current.get()[1].gettext(message)


def translate_plural(singular: str, plural: str, num: int) -> str:
    """Give the form that goes with a number, placeholders and all."""
    return _current.get()[1].ngettext(singular, plural, num)


def _(message: str, /, **values: Any) -> str:
    """Translate a text; `%(name)s` in it takes the value of that name."""
    text = translate(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """Translate the form of a text that goes with a number, which is `%(num)s` in it."""
    return translate_plural(singular, plural, num) % {"num": num, **values}


def noted(message: str) -> str:
    """Mark a constant for translation, which happens where it is shown."""
    return message


def noted_plural(singular: str, plural: str) -> tuple[str, str]:
    """Mark both forms of a constant for translation."""
    return singular, plural
