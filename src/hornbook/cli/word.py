"""A Word document from a few kinds of paragraphs, without a library for it."""

import re
from collections.abc import Iterable
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

BODY = ""
TITLE = "Title"
BULLET = "ListBullet"
SIZES = {TITLE: 40, "Heading1": 32, "Heading2": 28, "Heading3": 24}
"""In half points, as Word counts."""
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TYPES = f"""{XML}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="{MIME}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{MIME}.styles+xml"/>
</Types>"""
_ROOT = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/>
</Relationships>"""
_OF_DOCUMENT = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId1" Type="{RELATIONS}/styles" Target="styles.xml"/>
</Relationships>"""


def heading(level: int) -> str:
    """Name the style of a heading, 1 to 3."""
    return f"Heading{level}"


def document(paragraphs: Iterable[tuple[str, str]]) -> bytes:
    """The paragraphs (style, text) as a document; the same ones give the same bytes."""
    body = "".join(_paragraph(style, text) for style, text in paragraphs)
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "word/_rels/document.xml.rels": _OF_DOCUMENT,
        "word/document.xml": f'{XML}<w:document xmlns:w="{NAMESPACE}"><w:body>{body}</w:body>'
        "</w:document>",
        "word/styles.xml": _styles(),
    }
    written = BytesIO()
    with ZipFile(written, "w") as package:
        for name, part in parts.items():
            package.writestr(ZipInfo(name), part, ZIP_DEFLATED)
    return written.getvalue()


def _paragraph(style: str, text: str) -> str:
    said = escape(_NOT_IN_XML.sub("", text))
    chosen = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{chosen}<w:r><w:t xml:space="preserve">{said}</w:t></w:r></w:p>'


def _styles() -> str:
    headings = "".join(_heading(number, style) for number, style in enumerate(SIZES))
    bullet = (
        f'<w:style w:type="paragraph" w:styleId="{BULLET}"><w:name w:val="List Bullet"/>'
        '<w:pPr><w:ind w:left="360"/></w:pPr></w:style>'
    )
    return f'{XML}<w:styles xmlns:w="{NAMESPACE}">{headings}{bullet}</w:styles>'


def _heading(number: int, style: str) -> str:
    name = f"heading {number}" if number else style
    level = f'<w:outlineLvl w:val="{number - 1}"/>' if number else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/>'
        f'<w:pPr><w:keepNext/><w:spacing w:before="240" w:after="120"/>{level}</w:pPr>'
        f'<w:rPr><w:b/><w:sz w:val="{SIZES[style]}"/></w:rPr></w:style>'
    )
