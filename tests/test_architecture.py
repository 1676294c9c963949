"""The house rules that no linter knows."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "hornbook").rglob("*.py"))
WORDS_THAT_SAY_NOTHING = re.compile(r"(Service|Manager|Helper|Util|Utils|Processor|Handler|V2)$")
MAY_SPEAK_SQL = ("library/", "jobs/ledger", "jobs/history", "jobs/wishes", "jobs/seat")


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "src" / "hornbook").as_posix()


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_can_be_read_in_a_sitting(path):
    limit = 600 if _name(path).startswith(("library/tables", "library/migrations")) else 420

    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


def test_functions_are_about_ten_lines_at_the_median():
    lengths = [_length(function) for path in SOURCES for function in _functions(path)]

    assert statistics.median(lengths) <= 12


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_no_class_has_a_name_that_says_nothing(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]

    assert [name for name in names if WORDS_THAT_SAY_NOTHING.search(name)] == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_wiring_asks_what_time_it_is(path):
    text = path.read_text(encoding="utf-8")

    asks = re.search(r"datetime\.(now|utcnow|today)\(|time\.time\(", text)

    assert asks is None or _name(path) == "wiring.py"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_the_library_and_the_ledger_speak_sql(path):
    text = path.read_text(encoding="utf-8")

    speaks = re.search(
        r"^from sqlalchemy import .*\b(select|insert|update|delete|text)\b", text, re.MULTILINE
    )

    assert speaks is None or _name(path).startswith(MAY_SPEAK_SQL)


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_the_runner_and_the_workflows_open_transactions(path):
    opens = re.search(r"database\.begin\(\)", path.read_text(encoding="utf-8"))

    allowed = ("workflows/", "jobs/", "library/projection", "library/rebuild", "wiring")

    assert opens is None or _name(path).startswith(allowed)


def test_no_test_is_skipped_or_mocked():
    forbidden = re.compile(
        r"unittest\.mock|MagicMock|monkeypatch\.setattr|pytest\.skip|mark\.skip|mark\.xfail"
    )
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]

    assert [path.name for path in tests if forbidden.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_in_the_repository_names_a_registry_or_a_machine():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    files = [
        ROOT / name for name in listed.stdout.splitlines() if not name.startswith("tests/test_arch")
    ]
    suspect = re.compile(r'"resolved":\s*"http|--index-url|(?<![\w/])/(work|tmp|root)/')

    texts = {
        path: path.read_text(encoding="utf-8", errors="replace") for path in files if path.is_file()
    }

    assert [path.name for path, text in texts.items() if suspect.search(text)] == []
