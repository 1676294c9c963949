"""The upload form without a script: one multipart request, as other clients send it."""

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from hornbook.errors import HornbookError
from hornbook.model.upload import BulkReceipt
from hornbook.stages.upload import OUR_KINDS
from hornbook.web.api.common import Hornbook
from hornbook.web.api.uploads import bodies_of, opened_request
from hornbook.web.language import _, ngettext
from hornbook.web.pages.screen import book_path, counted
from hornbook.web.pages.telling import Flash, go
from hornbook.web.problems import sentence_of

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/books/{book_id}")


@router.post("/upload")
async def upload(request: Request, book_id: str, hornbook: Hornbook) -> Response:
    """Make pages of all good files and say which were left out."""
    try:
        receipt = await _take(request, hornbook, book_id)
    except HornbookError as error:
        return go(request, book_path(book_id), Flash("bad", sentence_of(error)))
    tone = "warn" if receipt.rejected else "good"
    return go(request, book_path(book_id), Flash(tone, _told(receipt)))


async def _take(request: Request, app: "App", book_id: str) -> BulkReceipt:
    uploads = app.uploads
    async with opened_request(app, book_id) as batch:
        async with aclosing(bodies_of(request).parts(request, "images")) as parts:
            async for part in parts:
                if part.body is None:
                    await run_in_threadpool(uploads.refuse, book_id, batch, part.name, part.size)
                elif part.name:
                    accept = partial(uploads.accept, kinds=OUR_KINDS)
                    await run_in_threadpool(accept, book_id, batch, part.name, part.body)
        return await run_in_threadpool(uploads.complete_request, book_id, batch)


def _told(receipt: BulkReceipt) -> str:
    parts = [
        ngettext(
            "%(num)s page uploaded and being read.",
            "%(num)s pages uploaded and being read.",
            len(receipt.pages_uploaded),
        )
    ]
    if receipt.already_there:
        there = counted(len(receipt.already_there), "file")
        parts.append(_("%(files)s already there.", files=there))
    if receipt.rejected:
        first = receipt.rejected[0]
        number = len(receipt.rejected)
        parts.append(_("%(number)s left out: %(error)s", number=number, error=first.error))
    return " ".join(parts)
