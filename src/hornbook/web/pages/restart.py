"""What "Restart from Page 1" would do, told before it is done."""

from typing import TYPE_CHECKING

from hornbook.model.book import Book
from hornbook.model.forecast import Forecast, HumanWork
from hornbook.web.language import _, ngettext
from hornbook.web.pages.asking import Box, Question, trail_to
from hornbook.web.pages.screen import book_path, counted

if TYPE_CHECKING:
    from hornbook.wiring import App


def restart_question(app: "App", book: Book) -> Question:
    """Say what is rebuilt, what is used again, and what stays."""
    path, forecast = book_path(book.id), app.forecasts.of_restart(book.id)
    return Question(
        heading=_("Generate the guidelines again?"),
        sentences=(),
        points=(
            (_("Rebuilt"), _rebuilt(forecast)),
            (_("Used again"), _used_again(forecast)),
            (_("Stays as it is"), _kept(forecast.human_work)),
        ),
        address=f"{path}/generate",
        back=path,
        trail=trail_to(book),
        button=_("Restart from Page 1"),
        box=Box(
            "ask_again",
            _("Ask again for every page"),
            _("Takes as long, and costs as much, as the first time."),
        ),
    )


def _rebuilt(forecast: Forecast) -> str:
    pages = counted(len(forecast.pages_to_read) + forecast.pages_reused, "page")
    placed = _("%(pages)s are placed again from page 1.", pages=pages)
    if forecast.is_empty:
        return f"{placed} {_('Every guideline comes out as it is now.')}"
    touched = ngettext(
        "The generated text of %(num)s subtopic is replaced.",
        "The generated text of %(num)s subtopics is replaced.",
        len(forecast.touched),
    )
    return f"{placed} {touched}"


def _used_again(forecast: Forecast) -> str:
    return ngettext(
        "The answer already given for %(num)s page, unless you ask again.",
        "The answers already given for %(num)s pages, unless you ask again.",
        forecast.pages_reused,
    )


def _kept(work: HumanWork) -> str:
    return _(
        "Your own work: %(approved)s approved and %(corrected)s corrected pages, %(edited)s edited "
        "guidelines, and every change you took back. Where a new guideline differs from one you "
        "edited, you choose.",
        approved=work.approved_pages,
        corrected=work.corrected_texts,
        edited=len(work.edited),
    )
