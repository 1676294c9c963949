"""Files in: a manifest and one raw PUT for each file, a multipart form of many, or one page.

The only routes that are coroutines: they stream. Everything that blocks runs in the thread pool.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from hornbook.model.page import Page
from hornbook.model.upload import Batch, BatchFile, FileState
from hornbook.web.api.bodies import Bodies
from hornbook.web.api.common import LARGEST_NUMBER, BookId, Hornbook, Reply, Text, errors
from hornbook.web.views import image_url

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(prefix="/admin/books/{book_id}", tags=["Uploads"])

SECONDS_FOR_TEXT = 60.0
BINARY = {"schema": {"type": "string", "format": "binary"}}
RAW_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}

BatchId = Annotated[str, Path(description="The manifest's id.")]
Position = Annotated[
    int, Path(description="The file's place in the manifest, from 0.", ge=0, le=LARGEST_NUMBER)
]


def form_body(field: str, *, is_list: bool) -> dict[str, Any]:
    """Describe a multipart form for `/openapi.json`."""
    one = {"type": "string", "format": "binary"}
    shape = {"type": "array", "items": one, "minItems": 1} if is_list else one
    schema = {"type": "object", "required": [field], "properties": {field: shape}}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


class AnnouncedFile(BaseModel):
    """A file that is going to be sent."""

    name: Annotated[Text, Field(min_length=1, max_length=1000)]
    size: Annotated[int, Field(ge=0, le=2**53, description="In bytes.")]


class ManifestRequest(BaseModel):
    """All files of an upload; their natural order becomes the order of the pages."""

    files: list[AnnouncedFile] = Field(
        examples=[[{"name": "page-001.jpg", "size": 812345}, {"name": "page-002.jpg", "size": 79}]]
    )


class FileReply(Reply):
    """One announced file and what became of it."""

    position: int
    name: str
    size: int
    state: FileState
    error: str | None


class BatchReply(Reply):
    """An announced upload and how much of it has come."""

    batch_id: str
    job_id: str | None
    received: int
    total: int
    files: list[FileReply]


class ManifestReply(BatchReply):
    """An announced upload, and where in it each file of this request stands."""

    positions: list[int] = Field(
        description="The position of each file, in the order of the request.", examples=[[0, 1]]
    )


class BatchListReply(Reply):
    """Uploads with files missing."""

    batches: list[BatchReply]


class RejectedReply(Reply):
    """A file that was left out, and why."""

    name: str
    error: str


class BulkReply(Reply):
    """What became of the files of a form."""

    job_id: str
    pages_uploaded: list[int]
    total_pages: int
    status: str = Field(examples=["processing"])
    message: str
    rejected: list[RejectedReply]
    already_there: list[str]


class SinglePageReply(Reply):
    """A new page; `ocr_text` is empty when its reading goes on behind."""

    page_num: int
    image_url: str | None
    ocr_text: str
    status: str


@router.post("/uploads", summary="Announce files", responses=errors(400, 404, 409, 413))
def announce_files(book_id: BookId, request: ManifestRequest, hornbook: Hornbook) -> ManifestReply:
    """Fix the order of files before they are sent; the same files again give the open upload."""
    files = [(file.name, file.size) for file in request.files]
    batch = hornbook.uploads.announce(book_id, files)
    positions = hornbook.uploads.positions(batch, files)
    return ManifestReply(**batch_reply(batch).model_dump(), positions=positions)


@router.get("/uploads", summary="List open uploads", responses=errors(404))
def list_uploads(book_id: BookId, hornbook: Hornbook) -> BatchListReply:
    """List the announced uploads that have files missing, oldest first."""
    found = hornbook.uploads.open_batches(book_id)
    return BatchListReply(batches=[batch_reply(batch) for batch in found])


@router.put(
    "/uploads/{batch_id}/{position}",
    summary="Send an announced file",
    responses=errors(400, 404, 408, 409, 413),
    openapi_extra=RAW_BODY,
)
async def send_file(
    book_id: BookId, batch_id: BatchId, position: Position, request: Request, hornbook: Hornbook
) -> FileReply:
    """Take the file's bytes; once answered they are safe. Sending it again is harmless."""
    largest = await run_in_threadpool(hornbook.uploads.largest, book_id, batch_id, position)
    async with bodies_of(request).whole(request, largest) as body:
        file = await run_in_threadpool(hornbook.uploads.receive, book_id, batch_id, position, body)
    return _file_reply(file)


@router.post(
    "/uploads/{batch_id}/drop-missing", summary="Go on without missing files", responses=errors(404)
)
def drop_missing_files(book_id: BookId, batch_id: BatchId, hornbook: Hornbook) -> BatchReply:
    """Close the upload with the files that have come."""
    return batch_reply(hornbook.uploads.drop_missing(book_id, batch_id))


@router.post(
    "/pages/bulk",
    summary="Upload many pages",
    responses=errors(400, 404, 408, 409, 413),
    openapi_extra=form_body("images", is_list=True),
)
async def upload_pages(book_id: BookId, request: Request, hornbook: Hornbook) -> BulkReply:
    """Make pages of all good files, in natural order, and read them behind."""
    async with opened_request(hornbook, book_id) as batch_id:
        async with aclosing(bodies_of(request).parts(request, "images")) as parts:
            async for part in parts:
                if part.body is None:
                    refuse = hornbook.uploads.refuse
                    await run_in_threadpool(refuse, book_id, batch_id, part.name, part.size)
                else:
                    accept = hornbook.uploads.accept
                    await run_in_threadpool(accept, book_id, batch_id, part.name, part.body)
        receipt = await run_in_threadpool(hornbook.uploads.complete_request, book_id, batch_id)
    return BulkReply(
        job_id=receipt.job_id,
        pages_uploaded=list(receipt.pages_uploaded),
        total_pages=receipt.total_pages,
        status="processing",
        message=_uploaded(len(receipt.pages_uploaded)),
        rejected=[RejectedReply.model_validate(refusal) for refusal in receipt.rejected],
        already_there=list(receipt.already_there),
    )


@router.post(
    "/pages",
    summary="Upload one page",
    responses=errors(400, 404, 408, 409, 413),
    openapi_extra=form_body("image", is_list=False),
)
async def upload_page(book_id: BookId, request: Request, hornbook: Hornbook) -> SinglePageReply:
    """Add one page at the end of the book, and wait up to a minute for its text."""
    await run_in_threadpool(hornbook.books.get, book_id)
    part = await bodies_of(request).only(request, "image")
    page = await run_in_threadpool(hornbook.uploads.add_page, book_id, part.name, part.body or b"")
    return await run_in_threadpool(_once_read, hornbook, page)


@asynccontextmanager
async def opened_request(hornbook: "App", book_id: str) -> AsyncIterator[str]:
    """Open a request for files, and forget it when it does not come to its end."""
    batch_id: str = await run_in_threadpool(hornbook.uploads.open_request, book_id)
    is_done = False
    try:
        yield batch_id
        is_done = True
    finally:
        if not is_done:
            # Shielded: a cancelled request has to be tidied up too.
            with anyio.CancelScope(shield=True):
                abandon: Callable[[str, str], None] = hornbook.uploads.abandon_request
                await run_in_threadpool(abandon, book_id, batch_id)


def bodies_of(request: Request) -> Bodies:
    """Give the application's one reader of uploads."""
    bodies: Bodies = request.app.state.bodies
    return bodies


def batch_reply(batch: Batch) -> BatchReply:
    """Show an announced upload."""
    return BatchReply(
        batch_id=batch.id,
        job_id=batch.job_id,
        received=batch.received,
        total=batch.total,
        files=[_file_reply(file) for file in batch.files],
    )


def _uploaded(count: int) -> str:
    if count == 1:
        return "1 page uploaded; it is being read now."
    return f"{count} pages uploaded; they are being read now."


def _file_reply(file: BatchFile) -> FileReply:
    return FileReply.model_validate(file)


def _once_read(hornbook: "App", page: Page) -> SinglePageReply:
    read = hornbook.reading.wait(page.id, SECONDS_FOR_TEXT)
    text = hornbook.reviews.text(read.book_id, read.page_num) if read.text_revision else None
    return SinglePageReply(
        page_num=read.page_num,
        image_url=image_url(read) if read.image_revision else None,
        ocr_text=text.text if text else "",
        status=read.review.value,
    )
