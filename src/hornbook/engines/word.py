"""A Word document from a few kinds of paragraphs."""

import re
from collections.abc import Iterable
from io import BytesIO

STYLES = {"title": "Title", "body": "Normal", "bullet": "List Bullet"}
"""What Word calls each kind of paragraph; headings it calls by the same name as we."""
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(paragraphs: Iterable[tuple[str, str]]) -> bytes:
    """The paragraphs (kind, text) as a document."""
    from docx import Document  # noqa: PLC0415 - takes a while, and few ask for it

    written = BytesIO()
    made = Document()
    for kind, text in paragraphs:
        made.add_paragraph(_NOT_IN_XML.sub("", text), STYLES.get(kind, kind.capitalize()))
    made.save(written)
    return written.getvalue()
