"""The house rules that no linter knows."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "hornbook").rglob("*.py"))
WORDS_THAT_SAY_NOTHING = re.compile(r"(Service|Manager|Helper|Util|Utils|Processor|Handler|V2)$")
MAY_SPEAK_SQL = ("library/", "jobs/ledger", "jobs/history", "jobs/wishes", "jobs/seat")


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "src" / "hornbook").as_posix()


TEXTS = {_name(path): path.read_text(encoding="utf-8") for path in SOURCES}


def _files_with(pattern: str) -> list[str]:
    return [name for name, text in TEXTS.items() if re.search(pattern, text, re.MULTILINE)]


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_a_file_can_be_read_in_a_sitting():
    def limit(name):
        return 600 if name.startswith(("library/tables", "library/migrations")) else 420

    lengths = {name: len(text.splitlines()) for name, text in TEXTS.items()}

    assert {name: lines for name, lines in lengths.items() if lines > limit(name)} == {}


def test_functions_are_about_ten_lines_at_the_median():
    lengths = [_length(function) for path in SOURCES for function in _functions(path)]

    assert statistics.median(lengths) <= 12


def test_no_class_has_a_name_that_says_nothing():
    nodes = [(name, node) for name, text in TEXTS.items() for node in ast.walk(ast.parse(text))]
    classes = [(name, node.name) for name, node in nodes if isinstance(node, ast.ClassDef)]

    assert [each for each in classes if WORDS_THAT_SAY_NOTHING.search(each[1])] == []


def test_only_wiring_asks_what_time_it_is():
    asking = _files_with(r"datetime\.(now|utcnow|today)\(|time\.time\(")

    assert [name for name in asking if name != "wiring.py"] == []


def test_only_the_library_and_the_ledger_speak_sql():
    speaking = _files_with(r"^from sqlalchemy import .*\b(select|insert|update|delete|text)\b")

    assert [name for name in speaking if not name.startswith(MAY_SPEAK_SQL)] == []


def test_only_the_runner_and_the_workflows_open_transactions():
    opening = _files_with(r"database\.begin\(\)")

    allowed = ("workflows/", "jobs/", "library/projection", "library/rebuild", "wiring")

    assert [name for name in opening if not name.startswith(allowed)] == []


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
