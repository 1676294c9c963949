"""PDFs: their pages, and what is said of those that are of no use."""

import io

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from hornbook.errors import RejectedUpload, UnreadableImage
from hornbook.stages.pdf import is_pdf, page_count, page_image


def drawn(*shades: int, size: tuple[int, int] = (850, 1100), resolution: float = 100) -> bytes:
    """A PDF of pages in these shades of grey."""
    first, *others = [Image.new("L", size, shade) for shade in shades]
    buffer = io.BytesIO()
    first.save(buffer, "PDF", save_all=True, append_images=others, resolution=resolution)
    return buffer.getvalue()


def sized(width: float, height: float) -> bytes:
    """A PDF of one empty page, in points."""
    document = pypdfium2.PdfDocument.new()
    document.new_page(width, height)
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def locked() -> bytes:
    """A PDF whose encryption asks for a password that nobody gave."""
    body = drawn(200)
    encrypt = (
        b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4"
        b" /O <" + b"ab" * 32 + b"> /U <" + b"cd" * 32 + b"> >>"
    )
    key = b"/ID [<" + b"01" * 16 + b"> <" + b"01" * 16 + b">] /Encrypt " + encrypt
    return body.replace(b"trailer\n<<", b"trailer\n<<" + key, 1)


def test_its_pages_are_counted_and_come_in_order():
    raw = drawn(0, 128, 250)

    shades = [int(np.asarray(page_image(raw, frame, 3000)).mean()) for frame in range(3)]

    assert is_pdf(raw)
    assert page_count(raw) == 3
    assert shades == pytest.approx([0, 128, 250], abs=2)


def test_a_page_is_printed_at_200_dots_an_inch():
    assert page_image(sized(595, 842), 0, 3000).size == pytest.approx((1653, 2339), abs=1)


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 100), (3, 14_400)])
def test_no_page_is_printed_larger_than_asked_for(size):
    assert max(page_image(sized(*size), 0, 3000).size) <= 3000


def test_the_same_page_is_printed_the_same_twice():
    raw = drawn(100, 200)

    assert page_image(raw, 1, 1000).tobytes() == page_image(raw, 1, 1000).tobytes()


@pytest.mark.parametrize("raw", [b"%PDF-1.7", b"%PDF-1.7" + bytes(4000), drawn(9)[:300]])
def test_a_damaged_file_is_refused_in_words(raw):
    with pytest.raises(RejectedUpload, match="damaged or incomplete"):
        page_count(raw)


def test_a_protected_file_is_refused_in_words():
    with pytest.raises(RejectedUpload, match="protected by a password"):
        page_count(locked())


def test_a_page_that_is_not_there_is_unreadable():
    with pytest.raises(UnreadableImage, match="Page 3 of the PDF is damaged"):
        page_image(drawn(9, 9), 2, 1000)
