"""What one browser prefers, kept in a cookie of its own so that it holds without a script."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import parse_qs, urlencode

from fastapi import Request
from fastapi.responses import Response

COOKIE = "hornbook_prefers"
A_YEAR = 365 * 86400
CHOICES = {
    "theme": ("system", "light", "dark"),
    "shortcuts": ("on", "off"),
    "notifications": ("off", "on"),
}
"""What each may be, the default first."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a browser chose, or the defaults."""

    theme: str = "system"
    shortcuts: str = "on"
    notifications: str = "off"

    def changed(self, given: Mapping[str, str]) -> "Preferences":
        """Take over what is given and possible."""
        chosen = {
            name: given[name] for name, possible in CHOICES.items() if given.get(name) in possible
        }
        return Preferences(**(asdict(self) | chosen))

    def keep(self, response: Response) -> None:
        """Have the browser remember this for a year."""
        response.set_cookie(
            COOKIE, urlencode(asdict(self)), max_age=A_YEAR, httponly=True, samesite="lax"
        )


def preferences_of(request: Request) -> Preferences:
    """Read what the browser remembers."""
    found = parse_qs(request.cookies.get(COOKIE, "").strip('"'))
    return Preferences().changed({name: values[-1] for name, values in found.items()})
