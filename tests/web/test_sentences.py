"""What the layers below say is known to the web, and given in the language of the reply."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from hornbook import errors
from hornbook.jobs import words
from hornbook.model.job import JobType
from hornbook.web import language
from hornbook.web.language import PseudoTranslations
from hornbook.web.sentences import KNOWN, told

SOURCES = Path(errors.__file__).parent
BELOW = ("jobs", "library", "stages", "workflows", "engines", "web/api")
ON_THE_COMMAND_LINE = {"backup.py", "seat.py", "database.py", "rebuild.py", "accounts.py"}
"""Files whose errors end a command, before there is a screen."""
SETTING = "The store address"
ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.HornbookError)
}


@pytest.fixture
def pseudo():
    token = language._current.set(("en-XA", PseudoTranslations()))
    yield
    language._current.reset(token)


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence that an error is raised with, 7 in its gaps, and where."""
    for folder in BELOW:
        for path in sorted((SOURCES / folder).rglob("*.py")):
            if path.name not in ON_THE_COMMAND_LINE:
                for call, scopes in calls_of_errors(ast.parse(path.read_text())):
                    for sentence in meant_by(call.args[0], scopes):
                        yield sentence, f"{path.name}:{call.lineno}"


def calls_of_errors(module: ast.Module) -> Iterator[tuple[ast.Call, list[ast.AST]]]:
    """Where errors are made, and in which function of the module."""
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for scope in (*functions, module):
        for node in own_nodes(scope):
            is_named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if is_named and node.args and node.func.id in ERRORS:
                yield node, [scope, module]


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, ast.FunctionDef):
            yield node
            yield from own_nodes(node)


def meant_by(node: ast.AST, scopes: list[ast.AST]) -> Iterator[str]:
    """The strings that an argument may be: itself, what its name stands for, what a call returns."""
    match node:
        case ast.Constant(value=str(said)):
            yield said
        case ast.JoinedStr(values=parts):
            options = [list(meant_by(part, scopes)) or ["7"] for part in parts]
            yield from map("".join, product(*options))
        case ast.IfExp(body=body, orelse=orelse):
            yield from meant_by(body, scopes)
            yield from meant_by(orelse, scopes)
        case ast.FormattedValue(value=ast.Name() | ast.Call() as filler):
            yield from meant_by(filler, scopes)
        case ast.Name(id=name):
            yield from first_meanings(name, scopes)
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            yield from first_meanings(name, scopes)


def first_meanings(name: str, scopes: list[ast.AST]) -> list[str]:
    """What a name stands for in the innermost scope that gives it a meaning."""
    found = (
        [said for value, known in values_of(name, scope, scopes) for said in meant_by(value, known)]
        for scope in scopes
    )
    return next(filter(None, found), [])


def values_of(
    name: str, scope: ast.AST, scopes: list[ast.AST]
) -> Iterator[tuple[ast.AST, list[ast.AST]]]:
    """What is assigned to a name or returned by its function, and where that is to be understood."""
    for node in own_nodes(scope):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            yield node.value, scopes
    for node in ast.walk(scope):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
            yield from ((value, [node, *scopes]) for value in returned)


def test_every_sentence_that_can_be_raised_is_known(pseudo):
    raised = list(sentences())
    unknown = [f"{where} {said}" for said, where in raised if told(said) == said]

    assert len(raised) > 70
    assert [one for one in unknown if SETTING not in one] == []


def test_every_error_without_words_of_its_own_is_known(pseudo):
    kinds = [kind for kind in ERRORS.values() if kind.__module__ == "hornbook.errors"]
    left_out = {errors.HornbookError, errors.DataFolderInUse, errors.KeyTaken, errors.MissingObject}
    said = [str(kind()) for kind in kinds if kind not in left_out]

    assert [one for one in said if told(one) == one] == []


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("Book 'b1' has no page 9.", ["Bôôk", "'b1'", "9"]),
        (
            words.placed(words.stopped(errors.RateLimited()), JobType.OCR, 46),
            ["prôvïdér ásks", "stôppéd át págé 46"],
        ),
        (
            words.placed(words.stopped(errors.StoreUnavailable()), JobType.FINALIZATION, None),
            ["ôbjéçt stôré", "(stôppéd)"],
        ),
        (words.placed(words.STOPPED_BY_YOU, JobType.FINALIZATION, 3), ["át súbtôpïç 3"]),
        (words.placed(words.INTERRUPTED, JobType.EXTRACTION, 78), ["sérvér stôppéd át págé 78"]),
        (
            words.placed(words.unexpected(ValueError()), JobType.SYNC, None),
            ["úñéxpéçtéd", "ValueError", "lôg hás thé détáïls"],
        ),
        (
            "None of 3 files can be used. a.png is empty (0 bytes). Choose the file again.",
            ["Ñôñé ôf 3", "a.png", "ïs émptý"],
        ),
        (
            "Reading the pages is under way for this book (4 of 9 done). Wait until it ends, or stop it.",
            ["Réádïñg thé págés", "4 ôf 9"],
        ),
    ],
)
def test_a_sentence_is_translated_with_what_fills_its_gaps(said, parts, pseudo):
    assert [part for part in parts if part not in told(said)] == []


def test_what_is_not_known_and_every_sentence_for_english_readers_stay_as_they_are(pseudo):
    assert told("Ein unbekannter Satz.") == "Ein unbekannter Satz."
    language._current.set(("en", language.NullTranslations()))
    assert told("There is no such thing.") == "There is no such thing."


def test_no_sentence_is_hidden_by_a_more_general_one(pseudo):
    patterns = {known: known.replace("%(", "<").replace(")s", ">") for known in KNOWN}

    for known, filled in patterns.items():
        shown = PseudoTranslations().gettext(known).rstrip("⟧·")
        assert told(filled).startswith(shown.split("%(")[0]), known
