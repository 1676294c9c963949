"""What generating again would do, told before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import Invalid
from hornbook.model.book import Book
from hornbook.model.estimate import Estimate
from hornbook.model.forecast import Forecast, HumanWork, Touch, TouchedSubtopic
from hornbook.web.api.common import Hornbook
from hornbook.web.language import _, ngettext, noted
from hornbook.web.pages.guideline_screen import anchor
from hornbook.web.pages.screen import book_path, counted, render
from hornbook.web.pages.spending import in_advance
from hornbook.web.units import PAGE

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}/restart")

REASONS = {
    Touch.CHANGED: noted("corrected since: p. %(pages)s"),
    Touch.FRESH: noted("never read for guidelines: p. %(pages)s"),
    Touch.FAILED: noted("failed last time: p. %(pages)s"),
    Touch.OTHER_READER: noted("read by another model: p. %(pages)s"),
    Touch.JOINS: noted("comes here: p. %(pages)s"),
    Touch.LEAVES: noted("goes elsewhere: p. %(pages)s"),
}
MOST_PLACES = 12


@dataclass(frozen=True, slots=True)
class Touched:
    """A subtopic that would change, and why."""

    subtopic: TouchedSubtopic
    href: str
    """Where it is read; empty when it does not exist yet."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A run that could be started, and what it would do."""

    heading: str
    points: tuple[tuple[str, str], ...]
    touched: tuple[Touched, ...]
    untouched: str
    button: str
    is_resumed: bool


@router.get("")
def ask(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Offer what may be run again, with what each would touch; raises NotFound."""
    book = hornbook.books.get(book_id)
    return render(
        request,
        "rerun.html",
        section="Books",
        book=book,
        path=book_path(book_id),
        runs=[run for run in (_resumed(hornbook, book), _restarted(hornbook, book)) if run],
        kept=_kept(hornbook.forecasts.human_work(book_id)),
    )


def _resumed(app: "App", book: Book) -> Run | None:
    """Going on with the last run, if it left anything owed, or pages changed since."""
    owed = tuple(sorted(app.generate.owed(book.id).places.values()))
    # Where nothing is owed, the long look at the whole book is taken once and not twice.
    forecast = _of_resume(app, book) if owed else None
    if forecast is None:
        return None
    pages = counted(len(owed), "page")
    return Run(
        heading=_("Only what is owed or has changed"),
        points=(
            (_("Done"), f"{pages}: {PAGE.places(owed, MOST_PLACES)}."),
            (_("Left alone"), _left_alone(app.estimates.of_generation(book.id))),
        ),
        touched=_touched(book.id, forecast.touched),
        untouched=_untouched(forecast),
        button=ngettext("Generate for %(num)s page", "Generate for %(num)s pages", len(owed)),
        is_resumed=True,
    )


def _left_alone(estimate: Estimate) -> str:
    """What a resumed run does not touch; whoever is asked may answer otherwise behind a change."""
    if estimate.is_offline:
        return _("Every other page, and the guidelines it belongs to.")
    return _("Every other page, unless a model that learns of these puts a later one elsewhere.")


def _of_resume(app: "App", book: Book) -> Forecast | None:
    try:
        return app.forecasts.of_resume(book.id)
    except Invalid:
        return None


def _restarted(app: "App", book: Book) -> Run:
    forecast = app.forecasts.of_restart(book.id)
    pages = counted(len(forecast.pages_to_read) + forecast.pages_reused, "page")
    used_again = ngettext(
        "The answer already given for %(num)s page, unless you ask again.",
        "The answers already given for %(num)s pages, unless you ask again.",
        forecast.pages_reused,
    )
    asked = in_advance(app.estimates.of_generation(book.id))
    return Run(
        heading=_("Everything, from page 1"),
        points=(
            (_("Rebuilt"), _("%(pages)s are placed again from page 1.", pages=pages)),
            (_("Used again"), used_again),
            *([(_("Model"), asked)] if asked else []),
        ),
        touched=_touched(book.id, forecast.touched),
        untouched=_untouched(forecast),
        button=_("Restart from Page 1"),
        is_resumed=False,
    )


def _untouched(forecast: Forecast) -> str:
    if forecast.is_empty:
        return _("Every guideline comes out as it is now.")
    stay = ngettext(
        "%(num)s subtopic stays as it is.",
        "%(num)s subtopics stay as they are.",
        forecast.untouched_count,
    )
    if not forecast.adrift:
        return stay
    where = PAGE.places(forecast.adrift, MOST_PLACES)
    open_ended = _("Where page %(pages)s will belong is decided while it runs.", pages=where)
    return f"{stay} {open_ended}"


def _touched(book_id: str, touched: Sequence[TouchedSubtopic]) -> tuple[Touched, ...]:
    return tuple(
        Touched(
            one,
            "" if one.is_new else _place(book_id, one),
            tuple(_reason(why, pages) for why, pages in one.reasons),
        )
        for one in touched
    )


def _place(book_id: str, one: TouchedSubtopic) -> str:
    return f"{book_path(book_id)}/guidelines#{quote(anchor(one.topic_key, one.key))}"


def _reason(why: Touch, pages: tuple[int, ...]) -> str:
    return _(REASONS[why], pages=PAGE.places(pages, MOST_PLACES))


def _kept(work: HumanWork) -> tuple[tuple[str, int], ...]:
    """What humans did, which no run takes away."""
    found = (
        (_("Edited guidelines"), len(work.edited)),
        (_("Approved pages"), work.approved_pages),
        (_("Corrected texts"), work.corrected_texts),
        (_("Approved published guidelines"), work.approved_rows),
        (_("Refinements taken back"), work.undone_decisions),
        (_("Guidelines left out of what is published"), work.withheld),
    )
    return tuple((words, number) for words, number in found if number)
