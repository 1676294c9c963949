"""Choosing the model of a component, trying it out, and taking the choice back."""

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hornbook.errors import Invalid
from hornbook.model.components import ModelChoice
from hornbook.web.api.common import Hornbook
from hornbook.web.auth import UserName
from hornbook.web.connection import try_out, variables_of
from hornbook.web.language import _
from hornbook.web.pages import settings
from hornbook.web.pages.forms import Fields
from hornbook.web.pages.model_cards import (
    FIELDS,
    Typed,
    address_of,
    heading_of,
    values_of,
    words_of,
)
from hornbook.web.pages.screen import render
from hornbook.web.pages.telling import Flash, act, go
from hornbook.web.problems import sentence_of

if TYPE_CHECKING:
    from hornbook.wiring import App
    from hornbook.workflows.models import Changed

router = APIRouter(prefix="/settings/models/{component}")


@router.post("")
def save(
    request: Request, component: str, fields: Fields, hornbook: Hornbook, user: UserName
) -> Response:
    """Have the component ask this model from the next job on; what was refused stays typed."""
    values = _typed(fields)
    try:
        changed = hornbook.models.save(
            component, values["provider"], values["model_id"], values["description"], by=user
        )
    except Invalid as error:
        typed = Typed(component, values, refusal=sentence_of(error))
        return settings.screen(request, hornbook, typed, status=422)
    return go(request, _back(component), _told(hornbook, changed))


@router.post("/default")
def forget(request: Request, component: str, hornbook: Hornbook, user: UserName) -> Response:
    """Have the component ask the model of the setting again."""
    return act(
        request,
        _back(component),
        lambda: hornbook.models.forget(component, by=user),
        lambda changed: _told(hornbook, changed),
    )


@router.post("/undo")
def undo(
    request: Request,
    component: str,
    hornbook: Hornbook,
    user: UserName,
    provider: str = "",
    model_id: str = "",
    description: str = "",
    since: str = "",
) -> Response:
    """Put back what was there before a change, unless somebody has changed it again."""
    now = hornbook.models.one(component)
    before = ModelChoice(
        component=now.component,
        provider=provider,
        model_id=model_id,
        description=description.replace("\x00", ""),
        is_saved=bool(provider),
    )
    return act(
        request,
        _back(component),
        lambda: hornbook.models.put_back(before, _instant(since), by=user),
        lambda changed: Flash("good", _said(changed.now)),
    )


@router.post("/test")
def try_model(
    request: Request, component: str, fields: Fields, hornbook: Hornbook, part: str = ""
) -> Response:
    """Ask the model that is typed in, saved or not; what is typed stays."""
    values, component = _typed(fields), hornbook.models.one(component).component
    trial = try_out(hornbook, values["provider"], values["model_id"])
    if part == "trial":
        return render(request, "_trial.html", trial=trial)
    return settings.screen(request, hornbook, Typed(component, values, trial=trial))


def _back(component: str) -> str:
    return f"/settings#{quote(component)}"


def _typed(fields: dict[str, str]) -> dict[str, str]:
    return {name: fields.get(name, "") for name in FIELDS}


def _told(app: "App", changed: "Changed") -> Flash:
    option = next(one for one in app.models.options() if one.provider == changed.now.provider)
    undo_address = _undo(changed)
    if option.is_ready:
        return Flash("good", _said(changed.now), undo_address)
    missing = _("The server has no key in %(variables)s yet.", variables=variables_of(option))
    return Flash("warn", f"{_said(changed.now)} {missing}", undo_address)


def _said(choice: ModelChoice) -> str:
    return _(
        "%(part)s: jobs started from now on ask %(model)s.",
        part=heading_of(choice.component),
        model=words_of(choice),
    )


def _undo(changed: "Changed") -> str:
    """Give the address that takes a change back; it holds what was there before."""
    before, since = changed.before, changed.now.updated_at
    was = values_of(before) if before.is_saved else {}
    query = urlencode({**was, "since": since.isoformat() if since else ""})
    return f"{address_of(before.component)}/undo?{query}"


def _instant(since: str) -> datetime | None:
    try:
        return datetime.fromisoformat(since)
    except ValueError:
        return None
