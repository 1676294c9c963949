"""Which language a reply is in, and what becomes of its texts."""

import shlex
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from hornbook.web import language
from hornbook.web.language import PseudoTranslations, _, asked_for, choose, ngettext

ROOT = Path(__file__).parents[2]
LOCALES = "src/hornbook/web/locales"


@pytest.fixture
def locales(tmp_path):
    """A folder with a little German."""
    catalogue = Catalog(locale="de")
    catalogue.add("Books", "Bücher")
    catalogue.add(("%(num)s page", "%(num)s pages"), ("%(num)s Seite", "%(num)s Seiten"))
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    written = BytesIO()
    write_mo(written, catalogue)
    (folder / "hornbook.mo").write_bytes(written.getvalue())
    return tmp_path


@pytest.fixture
def german(locales):
    token = language._current.set(choose(["de-AT"], locales))
    yield
    language._current.reset(token)


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", []),
        ("de", ["de"]),
        ("de-CH,de;q=0.9,en;q=0.8", ["de-CH", "de", "en"]),
        ("en;q=0.2, fr;q=0.7", ["fr", "en"]),
        ("*, de;q=x, ../../etc;q=1, en", ["de", "en"]),
    ],
)
def test_the_most_wanted_language_comes_first(header, tags):
    assert asked_for(header) == tags


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ([], "en"),
        (["fr"], "en"),
        (["fr", "de"], "de"),
        (["de-AT"], "de-AT"),
        (["en-GB", "de"], "en"),
        (["en-xa"], "en-XA"),
    ],
)
def test_the_first_language_that_there_is_gets_chosen(wanted, chosen, locales):
    assert choose(wanted, locales)[0] == chosen


def test_a_catalogue_put_in_its_place_is_used(german):
    assert _("Books") == "Bücher"
    assert ngettext("%(num)s page", "%(num)s pages", 1) == "1 Seite"
    assert ngettext("%(num)s page", "%(num)s pages", 5) == "5 Seiten"
    assert _("Page %(page)s is new.", page=3) == "Page 3 is new."


def test_a_language_is_added_by_the_commands_of_the_guide(tmp_path, monkeypatch):
    """`CONTRIBUTING.md` names them; here they work in a folder of their own."""
    monkeypatch.chdir(ROOT)
    extract, init, compiled = commands(tmp_path)

    run(extract)
    run(init)
    template = catalogue_in(tmp_path / "hornbook.pot")
    translate(tmp_path / "de/LC_MESSAGES/hornbook.po", "Save settings", "Einstellungen sichern")
    run(compiled)

    assert len(template) > 600
    assert "User name or password is wrong." in template  # of a module
    assert "Save settings" in template  # of a template
    assert "{approved} of {total} approved" in template  # of a script
    assert "Page %(page)s has no text yet." in template  # of the layers below
    assert template["%(num)s page"].id == ("%(num)s page", "%(num)s pages")
    found = choose(["de"], tmp_path)
    assert found[0] == "de"
    assert found[1].gettext("Save settings") == "Einstellungen sichern"


def catalogue_in(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened)


def translate(file: Path, text: str, translation: str) -> None:
    catalogue = catalogue_in(file)
    catalogue[text].string = translation
    with file.open("wb") as opened:
        write_po(opened, catalogue)


def commands(folder: Path) -> list[str]:
    guide = (ROOT / "CONTRIBUTING.md").read_text().replace("\\\n", " ")
    given = [line.strip() for line in guide.splitlines() if line.strip().startswith("pybabel ")]
    return [
        line.replace(LOCALES, str(folder)).replace(" hornbook.pot", f" {folder}/hornbook.pot")
        for line in given
        if " update " not in line
    ]


def run(command: str) -> None:
    assert not CommandLineInterface().run(shlex.split(command))


def test_the_pseudo_language_lengthens_words_and_leaves_placeholders_alone():
    shown = PseudoTranslations().gettext("Page %(page)s: <b>{num}</b> left")

    assert "%(page)s" in shown
    assert "<b>{num}</b>" in shown
    assert shown.startswith("⟦Págé ")
    assert len(PseudoTranslations().gettext("Guidelines")) >= 1.4 * len("Guidelines")


def test_a_reply_is_in_the_language_its_browser_asks_for(admin):
    english = admin.http.get("/settings")
    pseudo = admin.http.get("/settings", headers={"Accept-Language": "en-XA"})

    assert '<html lang="en" ' in english.text
    assert '<html lang="en-XA" ' in pseudo.text
    assert "Séttïñgs" not in english.text
    assert "⟦Séttïñgs" in pseudo.text
