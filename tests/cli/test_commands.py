"""Every command, as an operator runs it."""

import csv
import json
import re
import socket
import subprocess
import sys
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
import structlog

from hornbook.cli import main
from hornbook.errors import DataFolderInUse
from hornbook.jobs.seat import FolderSeat
from tests import schoolmaster
from tests.drawing import drawn_page, encoded
from tests.model_server import answers, completion

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT = """1.1 Adding small numbers

By the end of this section you will be able to:
Add two numbers up to ten.

To add means to put two groups together and count them all.
Example 1 Three apples and two apples are five apples.
Exercise 1 Add four and five."""


@pytest.fixture(autouse=True)
def data_dir(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    monkeypatch.setenv("HORNBOOK_DATA_DIR", str(folder))
    monkeypatch.setenv("HORNBOOK_OCR_WORKERS", "1")
    yield folder
    structlog.reset_defaults()


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "page1.png").write_bytes(encoded(drawn_page(TEXT.split("\n"))))
    return folder


def run(*arguments: str) -> int:
    """The exit code of `hornbook ARGUMENTS`."""
    with pytest.raises(SystemExit) as ended:
        main([*map(str, arguments)])
    return ended.value.code or 0


def ingest(*paths, **options: str) -> int:
    facts = {"title": "Sums", "grade": "2", "subject": "Mathematics"} | options
    named = [part for name, value in facts.items() for part in (f"--{name}", value)]
    return run("ingest", *paths, *named, "--json")


def last_line(capsys) -> dict:
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def test_ingest_ends_with_a_report_as_the_last_line(scans, capsys):
    assert ingest(scans) == 0

    report = last_line(capsys)
    assert report["status"] == "completed"
    assert report["pages"] == 1
    assert report["ocr"] == {"completed": 1, "failed": 0}
    assert report["extraction"] == {"completed": 1, "failed": 0}
    assert report["synced"] == report["subtopics"] == report["topics"] == 1
    assert report["tokens"] == {"input": 0, "output": 0}


def test_ingest_keeps_the_good_pages_and_names_the_loss(scans, capsys):
    (scans / "page2.png").write_bytes(b"this is no image at all, whatever its name says")

    assert ingest(scans) == 3

    report = last_line(capsys)
    assert report["status"] == "completed_with_failures"
    assert [refusal["name"] for refusal in report["refused"]] == ["page2.png"]


def test_ingest_names_the_pages_that_a_model_gave_no_guidelines_for(
    scans, capsys, model, monkeypatch
):
    monkeypatch.setenv("HORNBOOK_MODEL", "openai:tiny")
    other = TEXT.replace("1.1 Adding", "1.2 Taking away").split("\n")
    (scans / "page2.png").write_bytes(encoded(drawn_page(other)))
    model.always = lambda asked: (
        completion("I cannot.")
        if asked.task == "read" and "Taking" in asked.prompt
        else answers(schoolmaster.answer(asked))
    )

    assert ingest(scans) == 3

    (failed,) = last_line(capsys)["failed_pages"]
    assert (failed["page_num"], failed["file_name"]) == (2, "page2.png")
    assert "did not fit the form" in failed["error"]


def test_ingest_of_nothing_but_bad_files_fails_with_the_reason(tmp_path, capsys):
    bad = tmp_path / "empty.png"
    bad.write_bytes(b"")

    assert ingest(bad) == 1
    assert "empty" in last_line(capsys)["error"]


def test_a_report_is_the_last_line_even_when_there_was_nothing_to_begin_with(tmp_path, capsys):
    assert ingest(tmp_path / "nowhere") == 1

    report = last_line(capsys)
    assert (report["book_id"], report["status"]) == (None, "failed")
    assert "There is no file or folder" in report["error"]


def test_ingest_of_a_folder_without_images_is_one_sentence(tmp_path, capsys):
    assert run("ingest", tmp_path, "--title", "A", "--grade", "1", "--subject", "B") == 1
    assert "no page images" in capsys.readouterr().err


def test_a_port_that_is_taken_is_one_sentence(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run("serve", "--port", str(taken.getsockname()[1])) == 1

    shown = capsys.readouterr()
    assert "--port" in shown.err
    assert "serves" not in shown.out


def test_a_short_password_is_taken_with_a_warning_and_an_empty_one_is_not():
    command = [sys.executable, "-m", "hornbook", "user", "add"]
    short = subprocess.run([*command, "a"], input=b"pw\n", capture_output=True, check=False)
    empty = subprocess.run([*command, "b"], input=b"\n", capture_output=True, check=False)

    assert (short.returncode, empty.returncode) == (0, 1)
    assert b"easy to guess" in short.stderr
    assert b"at least one character" in empty.stderr


def test_ingest_with_progress_bars_says_what_came_of_it(scans, capsys):
    code = run("ingest", scans, "--title", "Sums", "--grade", "2", "--subject", "Mathematics")

    shown = capsys.readouterr()
    assert code == 0
    assert "completed: 1 pages, 1 topics" in shown.out
    assert "Reading pages" in shown.err


def test_export_gives_the_guidelines_as_markdown_and_as_json(scans, capsys):
    ingest(scans)
    book = last_line(capsys)["book_id"]

    assert run("export", book, "--format", "md") == 0
    markdown = capsys.readouterr().out
    assert run("export", book, "--format", "json") == 0
    exported = json.loads(capsys.readouterr().out)

    assert markdown.startswith("# Sums")
    assert "\n#### Objectives\n" in markdown
    assert "Add two numbers up to ten" in markdown
    assert exported["book_id"] == book
    assert exported["guidelines"][0]["source_pages"] == [1]


def test_export_gives_the_guidelines_as_a_table(scans, capsys):
    ingest(scans)
    book = last_line(capsys)["book_id"]

    assert run("export", book, "--format", "csv") == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))

    assert [row["book_id"] for row in rows] == [book]
    assert rows[0]["source_pages"] == "1"
    assert "Add two numbers up to ten" in rows[0]["guidelines"]


def test_export_gives_the_guidelines_as_a_document(scans, capfdbinary):
    ingest(scans)
    book = json.loads(capfdbinary.readouterr().out.strip().splitlines()[-1])["book_id"]

    assert run("export", book, "--format", "docx") == 0
    with ZipFile(BytesIO(capfdbinary.readouterr().out)) as parts:
        document = ET.fromstring(parts.read("word/document.xml"))
        types = parts.read("[Content_Types].xml")

    said = ["".join(paragraph.itertext()) for paragraph in document.iter(f"{WORD}p")]
    assert said[0] == "Sums"
    assert any("Add two numbers up to ten" in paragraph for paragraph in said)
    assert b"/word/document.xml" in types


def test_export_of_a_book_that_does_not_exist_is_one_sentence(capsys):
    assert run("export", "no-such-book") == 1
    assert "no book" in capsys.readouterr().err


def test_a_lost_database_is_rebuilt_from_the_bucket(scans, data_dir, capsys):
    ingest(scans)
    book = last_line(capsys)["book_id"]
    run("export", book)
    before = capsys.readouterr().out

    for file in data_dir.glob("hornbook.db*"):
        file.unlink()
    assert run("rebuild") == 0
    capsys.readouterr()
    run("export", book)

    assert capsys.readouterr().out == before


def test_rebuild_refuses_a_database_that_has_books(scans, capsys):
    ingest(scans)

    assert run("rebuild") == 1
    assert "hornbook:" in capsys.readouterr().err


def test_project_repairs_a_file_that_was_lost(scans, data_dir, capsys):
    ingest(scans)

    assert run("project") == 0
    assert "up to date" in capsys.readouterr().out


def test_project_writes_every_file_anew_on_demand(scans, data_dir, capsys):
    ingest(scans)
    run("project")
    files = sorted((data_dir / "store").rglob("*.json"))
    kept = [file.read_bytes() for file in files]
    for file in files:
        file.write_bytes(b"of another instant")

    assert run("project") == 0
    assert files[0].read_bytes() == b"of another instant"
    assert run("project", "--anew") == 0

    assert [file.stat().st_size for file in files] == [len(body) for body in kept]


def test_the_doctor_finds_a_fresh_folder_well(capsys):
    assert run("doctor") == 0
    assert re.search(r"tesseract, 1 at once; read \d{2,} words", capsys.readouterr().out)


def test_the_doctor_says_which_model_looks_at_pages_or_that_none_does(monkeypatch, capsys):
    monkeypatch.setenv("HORNBOOK_OCR", "vision")
    assert run("doctor") == 1
    assert "No model: " in capsys.readouterr().out

    monkeypatch.setenv("HORNBOOK_MODEL", "openai:tiny")
    assert run("doctor") == 0
    assert "openai:tiny looks at pages; tesseract, 1 at once" in capsys.readouterr().out


def test_the_doctor_names_an_engine_that_does_not_start(monkeypatch, capsys):
    monkeypatch.setenv("HORNBOOK_OCR", "no.such.module:Engine")

    assert run("doctor") == 1
    assert "wrong" in capsys.readouterr().out


def test_the_doctor_says_when_a_server_is_working(data_dir, capsys):
    with FolderSeat(data_dir):
        assert run("doctor") == 0

    assert "a server is running" in capsys.readouterr().out


def test_a_second_worker_on_the_same_folder_says_so_and_leaves(data_dir, capsys):
    with FolderSeat(data_dir):
        assert run("work") == 1

    assert DataFolderInUse.__doc__.split(" is ")[0] in capsys.readouterr().err


def test_listening_beyond_loopback_is_refused_while_nobody_can_log_in(capsys):
    assert run("serve", "--host", "0.0.0.0") == 1
    assert "hornbook user add" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [("OCR", "nobody"), ("MODEL", "unheard-of"), ("OCR_WORKERS", "0"), ("ON_CRASH", "panic")],
)
def test_a_setting_that_makes_no_sense_is_named_in_one_sentence(name, value, monkeypatch, capsys):
    monkeypatch.setenv(f"HORNBOOK_{name}", value)

    assert run("doctor") == 1
    assert f"HORNBOOK_{name} is '{value}'." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "The database address nonsense starts with neither sqlite:/// nor postgres"),
        ("mysql://me:secret@host/x", "The database address mysql://me:***@host/x starts with"),
        ("postgresql://127.0.0.1:1/x", "The database does not answer: "),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_in_one_sentence(url, reason, monkeypatch, capsys):
    monkeypatch.setenv("HORNBOOK_DATABASE_URL", url)

    assert run("doctor") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith(f"hornbook: {reason}")
    assert "secret" not in said


def test_a_data_folder_that_cannot_be_made_is_told_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setenv("HORNBOOK_DATA_DIR", "/dev/null/data")

    assert run("doctor") == 1
    assert "hornbook: Not a directory: /dev/null/data" in capsys.readouterr().err


def test_a_user_is_added_with_the_password_from_standard_input(data_dir):
    command = [sys.executable, "-m", "hornbook", "user", "add", "maria"]
    added = subprocess.run(command, input=b"a good password\n", capture_output=True, check=False)
    token = subprocess.run(
        [*command[:3], "user", "token", "maria"], capture_output=True, check=False
    )

    assert added.returncode == 0, added.stderr
    assert b"maria may log in" in added.stdout
    assert len(token.stdout.strip()) > 20


@pytest.mark.parametrize("arguments", [(), ("--help",), ("user", "--help"), ("ingest", "--help")])
def test_help_is_there_for_every_command(arguments, capsys):
    assert run(*arguments) in {0, 2}
    assert "Usage" in capsys.readouterr().out
