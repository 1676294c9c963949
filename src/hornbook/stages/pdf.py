"""A page of a PDF becomes an image like any other; a PDF that is of no use is refused in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pypdfium2
from PIL import Image
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

from hornbook.errors import RejectedUpload, UnreadableImage

DOTS_AN_INCH: Final = 200
POINTS_AN_INCH: Final = 72
_LOCKED: Final = {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}


def is_pdf(raw: bytes) -> bool:
    """Whether the bytes begin as those of a PDF do."""
    return raw.startswith(b"%PDF-")


def page_count(raw: bytes) -> int:
    """How many pages it has, at least 1; raises RejectedUpload."""
    try:
        with _opened(raw) as document:
            pages = len(document)
    except pypdfium2.PdfiumError as error:
        if error.err_code in _LOCKED:
            raise RejectedUpload(
                "The PDF is protected by a password. Save a copy without one, then upload that."
            ) from error
        raise RejectedUpload(
            "The PDF is damaged or incomplete. Save or download it again, then upload it."
        ) from error
    if pages < 1:
        raise RejectedUpload("The PDF has no pages. Choose another file.")
    return pages


def page_image(raw: bytes, frame: int, longest_side: int) -> Image.Image:
    """The page as it would be printed at 200 dots an inch, or smaller where that is too large.

    `frame` counts from 0. Raises UnreadableImage whatever is wrong with the page.
    """
    try:
        with _opened(raw) as document:
            return _rendered(document[frame], longest_side)
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise UnreadableImage(
            f"Page {frame + 1} of the PDF is damaged. Replace it with an image of the page."
        ) from error


@contextmanager
def _opened(raw: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(raw)
    try:
        yield document
    finally:
        document.close()


def _rendered(page: pypdfium2.PdfPage, longest_side: int) -> Image.Image:
    longest = max(page.get_size())
    if not longest > 0:
        raise UnreadableImage("The page of the PDF has no size. Replace it with an image.")
    scale = min(DOTS_AN_INCH / POINTS_AN_INCH, (longest_side - 1) / longest)
    image: Image.Image = page.render(scale=scale).to_pil()
    return image.convert("RGB")
