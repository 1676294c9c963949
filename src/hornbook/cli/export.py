"""A book's guidelines as one document."""

import json
import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby

from hornbook.model.book import Book
from hornbook.model.guideline import Subtopic


class Form(StrEnum):
    """What an export is written in."""

    MD = "md"
    JSON = "json"


def export_book(book: Book, subtopics: Sequence[Subtopic], form: Form) -> str:
    """The guidelines in page order, as Markdown or JSON."""
    return (_json if form is Form.JSON else _markdown)(book, subtopics)


def _markdown(book: Book, subtopics: Sequence[Subtopic]) -> str:
    parts = [f"# {book.title}", f"{book.subject}, grade {book.grade}"]
    for title, group in groupby(subtopics, key=lambda subtopic: subtopic.topic_title):
        parts.append(f"## {title}")
        for subtopic in group:
            parts += _section(subtopic)
    return "\n\n".join(parts)


def _section(subtopic: Subtopic) -> list[str]:
    pages = ", ".join(str(page) for page in subtopic.source_pages)
    head = [f"### {subtopic.subtopic_title}", f"*Pages {pages}.* {subtopic.subtopic_summary}"]
    return [*head, re.sub(r"^## ", "#### ", subtopic.guidelines, flags=re.MULTILINE).strip()]


def _json(book: Book, subtopics: Sequence[Subtopic]) -> str:
    guidelines = [
        {
            "topic_key": subtopic.topic_key,
            "topic_title": subtopic.topic_title,
            "topic_summary": subtopic.topic_summary,
            "subtopic_key": subtopic.subtopic_key,
            "subtopic_title": subtopic.subtopic_title,
            "subtopic_summary": subtopic.subtopic_summary,
            "status": subtopic.status,
            "source_pages": list(subtopic.source_pages),
            "guidelines": subtopic.guidelines,
        }
        for subtopic in subtopics
    ]
    about = {"book_id": book.id, "title": book.title, "grade": book.grade, "subject": book.subject}
    return json.dumps({**about, "guidelines": guidelines}, indent=2, ensure_ascii=False)
