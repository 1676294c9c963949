"""A guideline's Markdown as HTML: headings, bullets and paragraphs; all else is shown as text."""

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

PAGE_REFERENCE = re.compile(r"\((pp?\. [\d, -]+)\)")
HEADING = re.compile(r"#{1,6}\s+(.*)")
BULLET = re.compile(r"[-*]\s+(.*)", re.DOTALL)


def prose(text: str, book_path: str = "", level: int = 4) -> Markup:
    """Write `text` as HTML, its headings of a level; "(p. 4)" leads to page 4 of `book_path`."""
    groups = groupby(_whole_lines(text), key=_kind)
    return Markup().join(
        html for kind, lines in groups for html in _group(kind, lines, book_path, level)
    )


def _whole_lines(text: str) -> list[str]:
    """The lines, those that go on with a bullet joined to it."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("  ") and line.strip() and lines and _kind(lines[-1]) == "bullet":
            lines[-1] = f"{lines[-1].rstrip()}\n{line.strip()}"
        else:
            lines.append(line)
    return lines


def _kind(line: str) -> str:
    if HEADING.match(line):
        return "heading"
    if BULLET.match(line):
        return "bullet"
    return "words" if line.strip() else "nothing"


def _group(kind: str, lines: Iterator[str], book_path: str, level: int) -> Iterator[Markup]:
    if kind == "heading":
        for line in lines:
            yield Markup("<h{0}>{1}</h{0}>").format(level, HEADING.sub(r"\1", line))
    elif kind == "bullet":
        bullets = (_broken(BULLET.sub(r"\1", line), book_path) for line in lines)
        yield Markup("<ul>{}</ul>").format(
            Markup().join(Markup("<li>{}</li>").format(bullet) for bullet in bullets)
        )
    elif kind == "words":
        yield Markup("<p>{}</p>").format(_broken("\n".join(lines), book_path))


def _broken(lines: str, book_path: str) -> Markup:
    return Markup("<br>").join(_linked(line, book_path) for line in lines.split("\n"))


def _linked(line: str, book_path: str) -> Markup:
    if not book_path:
        return escape(line)
    return Markup().join(_piece(piece, book_path) for piece in PAGE_REFERENCE.split(line))


def _piece(piece: str, book_path: str) -> Markup:
    if not re.fullmatch(r"pp?\. [\d, -]+", piece):
        return escape(piece)
    first = re.search(r"\d+", piece)
    if first is None:
        return escape(f"({piece})")
    return Markup('<a href="{}/pages/{}/review">{}</a>').format(book_path, first[0], piece)
