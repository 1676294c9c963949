"""What this browser prefers, and what this installation runs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.model.components import Component, ModelChoice, Provider
from hornbook.web.api.common import Hornbook
from hornbook.web.connection import variables_of
from hornbook.web.language import _, noted
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.limits import limits
from hornbook.web.pages.model_cards import Typed, cards
from hornbook.web.pages.screen import counted, render
from hornbook.web.pages.telling import Flash, go
from hornbook.web.preferences import CHOICES, preferences_of

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/settings")

WORDS = {
    "system": noted("As your system"),
    "light": noted("Light"),
    "dark": noted("Dark"),
    "on": noted("On"),
    "off": noted("Off"),
}
HEADINGS = {
    "theme": (noted("Theme"), noted("Light or dark, on this browser.")),
    "shortcuts": (
        noted("Keyboard shortcuts"),
        noted("Single keys, such as A to approve a page. Press ? for the list."),
    ),
    "notifications": (
        noted("Notifications"),
        noted("Tells you when a job ends while this site is not in view."),
    ),
}

AFTER_A_CRASH = {
    "continue": noted("Jobs go on by themselves"),
    "fail": noted("Jobs wait for Resume"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the ways a preference can be."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Preference:
    """A preference with its choices."""

    name: str
    heading: str
    help: str
    choices: tuple[Choice, ...]


@router.get("")
def show(request: Request, hornbook: Hornbook) -> Response:
    """Show the preferences, and what reads, what writes, and where everything is kept."""
    return screen(request, hornbook)


def screen(
    request: Request, hornbook: "App", typed: Typed | None = None, status: int = 200
) -> Response:
    """Render the settings; what was `typed` into the form of a model stays there."""
    return render(
        request,
        "settings.html",
        status,
        section="Settings",
        preferences=_preferences(request),
        cards=cards(hornbook, typed),
        options=hornbook.models.options(),
        variables_of=variables_of,
        facts=_facts(hornbook),
    )


@router.post("")
def prefer(request: Request, fields: Fields) -> Response:
    """Remember what is given in this browser."""
    response = go(request, "/settings", Flash("good", _("Settings saved for this browser.")))
    preferences_of(request).changed(fields).keep(response)
    return response


def _preferences(request: Request) -> list[Preference]:
    now = preferences_of(request)
    return [
        Preference(
            name,
            _(heading),
            _(explained),
            tuple(
                Choice(value, _(WORDS[value]), value == getattr(now, name))
                for value in CHOICES[name]
            ),
        )
        for name, (heading, explained) in HEADINGS.items()
    ]


def _facts(app: "App") -> tuple[tuple[str, str, str], ...]:
    settings, workshop = app.settings, app.workshop
    at_once = _(
        "%(engine)s, %(pages)s at once",
        engine=workshop.name,
        pages=counted(workshop.workers, "page"),
    )
    return (
        (_("OCR"), at_once, "HORNBOOK_OCR"),
        (_("Model"), _model(app.models.one(Component.BOOK_INGESTION)), "HORNBOOK_MODEL"),
        *limits(settings),
        (_("Data folder"), str(settings.data_dir.resolve()), "HORNBOOK_DATA_DIR"),
        (_("Objects"), app.objects.url, "HORNBOOK_STORE_URL"),
        (
            _("Database"),
            app.database.url.render_as_string(hide_password=True),
            "HORNBOOK_DATABASE_URL",
        ),
        (_("After a crash"), _(AFTER_A_CRASH[settings.on_crash]), "HORNBOOK_ON_CRASH"),
        (
            _("Largest file"),
            _("%(number)s MB", number=f"{settings.max_file_mb:g}"),
            "HORNBOOK_MAX_FILE_MB",
        ),
        (
            _("Files at once"),
            _("at most %(number)s", number=settings.max_files),
            "HORNBOOK_MAX_FILES",
        ),
        (
            _("Pages of a book"),
            _("at most %(number)s", number=settings.max_pages),
            "HORNBOOK_MAX_PAGES",
        ),
    )


def _model(choice: ModelChoice) -> str:
    is_offline = choice.provider == Provider.OFFLINE
    name = (
        _("Offline extractor: quotes and arranges, calls no model") if is_offline else choice.name
    )
    return (
        _("%(model)s (saved above, wins over the variable)", model=name)
        if choice.is_saved
        else name
    )
