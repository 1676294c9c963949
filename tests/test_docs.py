"""The documents say what the program does."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from hornbook import errors
from hornbook.cli.commands import app
from hornbook.model.job import ItemState, JobStatus
from hornbook.model.page import OcrStatus, ReviewStatus
from hornbook.settings import Settings
from hornbook.web import problems
from hornbook.web.sentences import GAP, KNOWN

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name):
    assert f"`HORNBOOK_{name.upper()}`" in OPERATING


@pytest.mark.parametrize("name", sorted(get_command(app).commands))
def test_every_command_is_documented(name):
    assert f"`hornbook {name}`" in OPERATING


@pytest.mark.parametrize("name", sorted(get_command(app).commands))
def test_every_command_explains_itself(name):
    command = get_command(app).commands[name]

    assert command.help
    assert all(
        getattr(option, "help", None)
        for option in command.params
        if option.param_type_name == "option"
    )


def test_every_sentence_quoted_of_an_outage_is_said_by_the_program():
    section = OPERATING.split("## Outages")[1].split("\n## ")[0]
    quoted = re.findall(r'"([^"]+)"', section)
    said = [*problems.SENTENCES.values(), problems.DATABASE_FULL]
    said += [known for known in KNOWN if not GAP.match(known)]
    patterns = [".+".join(map(re.escape, GAP.split(one)[::2])) for one in said]

    assert len(quoted) > 8
    assert [one for one in quoted if not any(re.fullmatch(known, one) for known in patterns)] == []


def test_every_error_is_drawn_in_the_tree():
    defined = {name for name, thing in vars(errors).items() if isinstance(thing, type)}

    assert [name for name in defined if name not in (errors.__doc__ or "")] == []


@pytest.mark.parametrize("states", [JobStatus, ItemState, OcrStatus, ReviewStatus])
def test_every_state_is_drawn(states):
    jobs = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
    drawn = [set(re.findall(r"[a-z_]+", part)) for part in jobs.split("```")[1::2]]

    assert any(set(states) <= words for words in drawn)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_in_a_document_leads_somewhere(document):
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_a_document_names_exists(document):
    named = re.findall(
        r"`((?:jobs|stages|library|workflows|engines|web|cli|model)/[a-z_/]+\.py)`",
        document.read_text(encoding="utf-8"),
    )

    assert [name for name in named if not (ROOT / "src" / "hornbook" / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_a_document_names_exists(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(
        r"^\s*make ([a-z]+)|`make ([a-z]+)", document.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert [name for name in {a or b for a, b in named} if f"\n{name}:" not in makefile] == []


def test_nobody_is_told_to_raise_a_cap_that_resume_grants_again():
    said = [*KNOWN, *(path.read_text(encoding="utf-8") for path in DOCUMENTS)]

    assert [one for one in said if "Raise the cap" in one] == []
    assert "Resume spends as much again" in str(errors.CapReached())
    assert "Resume spends as much again" in OPERATING


@pytest.mark.parametrize("extra", ["anthropic", "google", "heic"])
def test_it_is_told_how_an_extra_is_installed_from_a_checkout(extra):
    assert f".venv/bin/pip install -e '.[{extra}]'" in OPERATING
