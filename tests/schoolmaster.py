"""What a sensible model would answer about the books of these tests: by rule, the same every time."""

import re
from collections.abc import Mapping
from typing import Any

from tests.model_server import Asked

HEADING = re.compile(r"^(?:Chapter \d+|\d+\.\d+) (.+)$")
OPEN = "Open subtopics:"


def answer(asked: Asked) -> Mapping[str, Any]:
    """The answer to any task, in the form that the task asks for."""
    return _ANSWERS[asked.task](asked.prompt)


def page_text(prompt: str) -> str:
    """What stands between the marks."""
    return prompt.partition("<page_text>\n")[2].rpartition("\n</page_text>")[0]


def listed(prompt: str, heading: str) -> list[str]:
    """The lines under a heading of a prompt."""
    section = prompt.partition(heading)[2].partition("\n\n")[0]
    return [line for line in section.strip().split("\n") if line and line != "(none)"]


def keys(prompt: str) -> list[str]:
    """The subtopics that a prompt names by key."""
    return re.findall(r"^Key: (.+)$", prompt, re.MULTILINE)


def _ocr(_prompt: str) -> Mapping[str, Any]:
    return {"text": "3.4 Adding fractions\n\nAdd 1/4 and 2/4.\nThe sum is 3/4."}


def _read(prompt: str) -> Mapping[str, Any]:
    lines = page_text(prompt).split("\n")
    said = [line for line in lines if line.endswith(".")]
    headings = [line for line in lines if HEADING.match(line) or line.startswith("# ")]
    items = [{"kind": _kind(line), "text": line, "quote": line} for line in said]
    return {"summary": said[0] if said else "Nothing.", "headings": headings, "items": items}


def _kind(line: str) -> str:
    if line.startswith("Example"):
        return "worked_example"
    return "exercise" if line.startswith("Practise") else "concept"


def _place(prompt: str) -> Mapping[str, Any]:
    headings = [line.lstrip("# ") for line in listed(prompt, "Headings of this page:")]
    known = listed(prompt, OPEN)
    if headings or not known:
        title = re.sub(r"^\d+\.\d+ ", "", headings[-1]) if headings else "The beginning"
        topic = title.split()[0]
        return {"is_new": True, "topic_title": topic, "subtopic_title": title, "confidence": 0.9}
    return {"is_new": False, "continues_key": known[-1], "confidence": 0.8}


def _merge(prompt: str) -> Mapping[str, Any]:
    title, *statements = [line for line in prompt.split("\n") if line]
    return {
        "summary": f"{title.removeprefix('Subtopic: ')} in {len(statements)} statements.",
        "order": list(range(1, len(statements) + 1)),
        "duplicates": [],
    }


def _summarize(prompt: str) -> Mapping[str, Any]:
    return {"summary": f"About {prompt.partition(': ')[2].partition(chr(10))[0]}."}


def _refine(prompt: str) -> Mapping[str, Any]:
    titles = [line.partition(": ") for line in listed(prompt, "Subtopics:")]
    return {
        "topic_title": prompt.partition("Topic: ")[2].partition("\n")[0],
        "subtopics": [
            {"subtopic_key": key, "subtopic_title": title} for key, _colon, title in titles
        ],
    }


def _dedupe(_prompt: str) -> Mapping[str, Any]:
    return {"duplicates": []}


_ANSWERS = {
    "ocr": _ocr,
    "read": _read,
    "place": _place,
    "merge": _merge,
    "summarize": _summarize,
    "refine": _refine,
    "dedupe": _dedupe,
}
