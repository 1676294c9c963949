"""A book's guidelines as one document."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from io import StringIO
from itertools import groupby
from typing import Any

from hornbook.model.book import Book
from hornbook.model.guideline import Subtopic

FIELDS = (
    "topic_key",
    "topic_title",
    "topic_summary",
    "subtopic_key",
    "subtopic_title",
    "subtopic_summary",
    "status",
    "source_pages",
    "guidelines",
)
TITLE, BODY, BULLET = "title", "body", "bullet"
"""Kinds of paragraphs, beside `heading 1` to `heading 3`."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class Form(StrEnum):
    """What an export is written in."""

    MD = "md"
    JSON = "json"
    CSV = "csv"
    DOCX = "docx"


Document = Callable[[Iterable[tuple[str, str]]], bytes]
"""Writes paragraphs, each with its kind, as a document for a word processor."""


def export_book(book: Book, subtopics: Sequence[Subtopic], form: Form, document: Document) -> bytes:
    """The guidelines in page order; text is UTF-8."""
    if form is Form.DOCX:
        return document(_paragraphs(book, subtopics))
    written = {Form.MD: _markdown, Form.JSON: _json, Form.CSV: _csv}[form](book, subtopics)
    return written.encode()


def _markdown(book: Book, subtopics: Sequence[Subtopic]) -> str:
    parts = [f"# {book.title}", _about(book)]
    for title, group in groupby(subtopics, key=lambda subtopic: subtopic.topic_title):
        parts.append(f"## {title}")
        for subtopic in group:
            parts += _section(subtopic)
    return "\n\n".join(parts) + "\n"


def _section(subtopic: Subtopic) -> list[str]:
    head = [f"### {subtopic.subtopic_title}", f"*{_pages(subtopic)}* {subtopic.subtopic_summary}"]
    return [*head, re.sub(r"^## ", "#### ", subtopic.guidelines, flags=re.MULTILINE).strip()]


def _paragraphs(book: Book, subtopics: Sequence[Subtopic]) -> Iterator[tuple[str, str]]:
    yield TITLE, book.title
    yield BODY, _about(book)
    for title, group in groupby(subtopics, key=lambda subtopic: subtopic.topic_title):
        yield "heading 1", title
        for subtopic in group:
            yield "heading 2", subtopic.subtopic_title
            yield BODY, f"{_pages(subtopic)} {subtopic.subtopic_summary}"
            for lines in re.split(r"\n(?!\s+\S)", subtopic.guidelines):
                if lines.strip():
                    yield _styled(" ".join(lines.split()))


def _styled(line: str) -> tuple[str, str]:
    for mark, style in (("## ", "heading 3"), ("- ", BULLET)):
        if line.startswith(mark):
            return style, line.removeprefix(mark)
    return BODY, line


def _json(book: Book, subtopics: Sequence[Subtopic]) -> str:
    about = {"book_id": book.id, "title": book.title, "grade": book.grade, "subject": book.subject}
    guidelines = [
        _fields(subtopic) | {"source_pages": list(subtopic.source_pages)} for subtopic in subtopics
    ]
    return json.dumps({**about, "guidelines": guidelines}, indent=2, ensure_ascii=False) + "\n"


def _csv(book: Book, subtopics: Sequence[Subtopic]) -> str:
    written = StringIO()
    table = csv.DictWriter(written, ("book_id", *FIELDS))
    table.writeheader()
    for subtopic in subtopics:
        pages = " ".join(map(str, subtopic.source_pages))
        cells = {"book_id": book.id, **_fields(subtopic), "source_pages": pages}
        table.writerow({name: _cell(value) for name, value in cells.items()})
    return written.getvalue()


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value


def _fields(subtopic: Subtopic) -> dict[str, Any]:
    return {name: getattr(subtopic, name) for name in FIELDS}


def _about(book: Book) -> str:
    return f"{book.subject}, grade {book.grade}"


def _pages(subtopic: Subtopic) -> str:
    return f"Pages {', '.join(map(str, subtopic.source_pages))}."
