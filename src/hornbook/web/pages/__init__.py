"""The screens: HTML for a browser, every action a plain form."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from hornbook.web.pages import (
    approval,
    book,
    books,
    drafts,
    editing,
    evidence,
    guidelines,
    job_log,
    jobs,
    models,
    new_book,
    page_changes,
    published,
    publishing,
    refinements,
    rerun,
    results,
    review,
    settings,
    study_plans,
    upload,
    versions,
)
from hornbook.web.pages.problem import problem_page
from hornbook.web.pages.screen import render
from hornbook.web.pages.telling import Flashes

if TYPE_CHECKING:
    from hornbook.wiring import App

PARTS = (
    books,
    new_book,
    book,
    rerun,
    approval,
    upload,
    review,
    page_changes,
    drafts,
    guidelines,
    editing,
    versions,
    evidence,
    refinements,
    results,
    publishing,
    jobs,
    job_log,
    # Before `published`, which takes any word for a guideline's id.
    study_plans,
    published,
    settings,
    models,
)

router = APIRouter(include_in_schema=False)
for part in PARTS:
    router.include_router(part.router)


def add_to(app: FastAPI, hornbook: "App") -> None:
    """Give `app` the screens, and pages for its errors and its login."""
    app.state.flashes = Flashes(hornbook.accounts.cookie_secret)
    app.state.login_page = login_page
    app.state.problem_page = problem_page
    app.include_router(router)


def login_page(request: Request, goes_to: str, name: str, error: str | None) -> HTMLResponse:
    """Ask for name and password; a wrong pair is said above the fields, and the name is kept."""
    return render(request, "login.html", next=goes_to, name=name, problem=error)
