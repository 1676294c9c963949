"""A Word document from a few kinds of paragraphs."""

import re
from collections.abc import Iterable
from io import BytesIO

from docx import Document

BODY = "Normal"
TITLE = "Title"
BULLET = "List Bullet"
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def heading(level: int) -> str:
    """Name the style of a heading, 1 to 3."""
    return f"Heading {level}"


def document(paragraphs: Iterable[tuple[str, str]]) -> bytes:
    """The paragraphs (style, text) as a document."""
    written = BytesIO()
    made = Document()
    for style, text in paragraphs:
        made.add_paragraph(_NOT_IN_XML.sub("", text), style)
    made.save(written)
    return written.getvalue()
