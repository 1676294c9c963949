"""Compare two runs byte for byte, apart from what CONTRACT 2 lets differ."""

import json
import re
from pathlib import Path
from typing import Any

from hornbook.library.objects import Objects
from tests.server import Server

ABSENT = object()
MAY_DIFFER = re.compile(
    r".*_at|.*_id|id|.*_by|.*_url|version|rev|revision|last_updated|attempts|seconds|duration.*|elapsed.*|latency.*|tokens"
)


def without_run(value: Any) -> Any:
    """The value without the fields that depend on the run."""
    if isinstance(value, dict):
        return {
            key: without_run(one) for key, one in value.items() if not MAY_DIFFER.fullmatch(key)
        }
    if isinstance(value, list):
        return [without_run(one) for one in value]
    return value


def bucket(folder: Path) -> dict[str, Any]:
    """Every object of a local store: JSON without what depends on the run, other files as bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): _comparable(path.name, path.read_bytes())
        for path in files
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def shown(server: Server, book: str) -> dict[str, Any]:
    """Everything that an admin or a tutor can see of a book when all is done."""
    return {
        "book": without_run(server.get(f"/admin/books/{book}")),
        "guidelines": without_run(server.get(f"/admin/books/{book}/guidelines")),
        "topics": server.get(f"/admin/guidelines/books/{book}/topics"),
        "published": without_run(server.get(f"/admin/guidelines/books/{book}/review")),
    }


def listed(objects: Objects) -> dict[str, Any]:
    """The same of a store of any kind."""
    return {key: _comparable(key, objects.get(key)) for key in objects.list("")}


def _comparable(name: str, body: bytes) -> Any:
    return without_run(json.loads(body)) if name.endswith(".json") else body


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two values differ, each place with what stands there."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        pairs = [(one.get(key, ABSENT), other.get(key, ABSENT), f"{where}/{key}") for key in keys]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(*pair, f"{where}[{at}]") for at, pair in enumerate(zip(one, other, strict=True))]
    else:
        return [] if one == other else [f"{where}: {str(one)[:80]} / {str(other)[:80]}"]
    return [found for pair in pairs for found in differences(*pair)]
