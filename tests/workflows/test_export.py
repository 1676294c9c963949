"""What an export makes of words that nobody has checked."""

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from hornbook.engines import word
from hornbook.model.book import NewBook
from hornbook.model.guideline import Subtopic, SubtopicStatus
from hornbook.stages.export import Form, export_book
from hornbook.workflows.books import Books

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = "## Key ideas\n\n- Two < three & \x0bfive\n  goes on (p. 2)\n\nA closing word."


@pytest.fixture
def book(sqlite_database, clock):
    new = NewBook(title="=SUM(A1)", grade=3, subject="Mathematics")
    return Books(sqlite_database, clock).create(new, "somebody")


def subtopic(**facts) -> Subtopic:
    usual = {
        "id": "one",
        "topic_key": "sums",
        "topic_title": "Sums",
        "topic_summary": "Sums of numbers.",
        "subtopic_key": "adding",
        "subtopic_title": "Adding",
        "subtopic_summary": "How to add.",
        "status": SubtopicStatus.OPEN,
        "source_pages": (2, 3, 7),
        "guidelines": TEXT,
        "is_edited": False,
        "has_candidate": False,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Subtopic(**usual | facts)


def test_a_cell_is_never_a_formula(book):
    written = export_book(
        book, [subtopic(subtopic_title="=HYPERLINK(A1)")], Form.CSV, word.document
    )

    (row,) = csv.DictReader(StringIO(written.decode(), newline=""))
    assert row["subtopic_title"] == "'=HYPERLINK(A1)"
    assert row["source_pages"] == "2 3 7"
    assert row["guidelines"] == TEXT


def test_a_document_keeps_every_line_and_breaks_on_no_character(book):
    written = export_book(
        book, [subtopic(), subtopic(subtopic_title="Taking away")], Form.DOCX, word.document
    )

    with ZipFile(BytesIO(written)) as parts:
        assert parts.testzip() is None
        document = ET.fromstring(parts.read("word/document.xml"))
        styles = ET.fromstring(parts.read("word/styles.xml"))
    styled = [
        (paragraph.find(f".//{WORD}pStyle"), "".join(paragraph.itertext()))
        for paragraph in document.iter(f"{WORD}p")
    ]
    said = [(style.get(f"{WORD}val") if style is not None else "", text) for style, text in styled]
    assert said[0] == ("Title", "=SUM(A1)")
    assert said[2:8] == [
        ("Heading1", "Sums"),
        ("Heading2", "Adding"),
        ("", "Pages 2, 3, 7. How to add."),
        ("Heading3", "Key ideas"),
        ("ListBullet", "Two < three & five goes on (p. 2)"),
        ("", "A closing word."),
    ]
    known = {style.get(f"{WORD}styleId") for style in styles.iter(f"{WORD}style")}
    assert {style for style, _text in said} - {""} <= known


def test_an_export_is_the_same_again(book):
    for form in (Form.MD, Form.JSON, Form.CSV):
        assert export_book(book, [subtopic()], form, word.document) == export_book(
            book, [subtopic()], form, word.document
        )
