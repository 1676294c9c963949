"""What models are told: the rules of each task, and the shape of what is put before them."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from hornbook.model.book import Book
from hornbook.model.finding import Item
from hornbook.model.language import Language
from hornbook.model.placing import Nearby, Whereabouts
from hornbook.model.question import Task
from hornbook.model.study import StudyPlan, Teachable

_END = re.compile(r"<(?=\s*/\s*page_text)", re.IGNORECASE)
"""What a model may take for the end of a page, however it is written."""


@cache
def rules(task: Task) -> str:
    """What a model is told about a task, whatever it is asked."""
    return (files("hornbook.engines") / "prompts" / f"{task.value}.md").read_text(encoding="utf-8")


@cache
def version(task: Task) -> str:
    """The identity of a task's rules: other rules, other answers."""
    return sha256(rules(task).encode()).hexdigest()[:8]


def card(book: Book | None) -> str:
    """What is to be known of the book."""
    if book is None:
        return ""
    told = [f"Book: {book.title}", f"Subject: {book.subject}", f"Grade: {book.grade}"]
    if book.language is not Language.ENGLISH:
        told.append(f"Language of the book, and of your answer: {book.language.english}")
    return "\n".join(told) + "\n\n"


def page(book: Book | None, text: str) -> str:
    """A page's text, so marked that nothing in it can end the mark."""
    inside = _END.sub("<\u200b", text)
    return f"{card(book)}<page_text>\n{inside}\n</page_text>"


def where(book: Book | None, known: Whereabouts) -> str:
    """What is known when a page is to be placed."""
    return card(book) + "\n".join(
        (
            *_section("Open subtopics", [one.key for one in known.open]),
            *_section("Earlier subtopics that this page speaks of", [o.key for o in known.earlier]),
            *_section("Sections expected near this page", [_nearby(one) for one in known.outline]),
            *_section("The last pages, the latest last", known.recent),
            *_section("Headings of this page", known.headings),
            *_section("This page", [known.summary]),
        )
    )


def statements(title: str, items: Sequence[Item]) -> str:
    """A subtopic's statements, numbered from 1."""
    told = [f"{at}. [{item.kind.value}] {_line(item.text)}" for at, item in enumerate(items, 1)]
    return "\n".join((f"Subtopic: {title}", "", *told))


def members(title: str, keys: Sequence[str], titles: Iterable[str]) -> str:
    """A topic with its subtopics, each with its key."""
    told = [f"{key}: {one}" for key, one in zip(keys, titles, strict=True)]
    return "\n".join((f"Topic: {title}", *_section("Subtopics", told)))


def alike(told: Sequence[tuple[str, str, str, Sequence[str]]], statements: int = 6) -> str:
    """Subtopics that may be the same: key, topic, title, and some of what each teaches."""
    parts: list[str] = []
    for key, topic, title, said in told:
        parts += [f"Key: {key}", f"Topic: {topic}", f"Title: {title}"]
        parts += [f"- {_line(one)}" for one in said[:statements]]
        parts.append("")
    return "\n".join(parts).rstrip()


def guideline(teachable: Teachable) -> str:
    """A published guideline with its statements, numbered from 1."""
    told = [
        f"{at}. [{one.kind.value if one.kind else 'teacher'}] {_line(one.text)}"
        for at, one in enumerate(teachable.statements, 1)
    ]
    return "\n".join(
        (
            f"Topic: {teachable.topic}",
            f"Subtopic: {teachable.title}",
            f"Subject: {teachable.subject}",
            f"Grade: {teachable.grade}",
            f"Summary: {_line(teachable.summary)}",
            "",
            *_section("Statements", told),
        )
    ).rstrip()


def plan(made: StudyPlan) -> str:
    """A study plan, step by step."""
    parts = [f"Study plan ({made.minutes} minutes, {made.difficulty.value}):"]
    for number, step in enumerate(made.steps, 1):
        parts += [
            f"{number}. {step.title}",
            f"   What happens: {_line(step.description)}",
            f"   How: {_line(step.teaching_approach)}",
            f"   It worked when: {_line(step.success_criteria)}",
            f"   Statements: {', '.join(map(str, step.rests_on))}",
        ]
    return "\n".join(parts)


def _section(heading: str, lines: Sequence[str]) -> list[str]:
    return [f"{heading}:", *(map(_line, lines) if lines else ["(none)"]), ""]


def _nearby(one: Nearby) -> str:
    if one.begins_in == 0:
        when = "may begin on this page"
    elif one.begins_in < 0:
        when = f"may have begun {_pages(-one.begins_in)} before"
    else:
        when = f"may begin {_pages(one.begins_in)} after"
    return f"{one.topic_title} / {one.subtopic_title}: {when}"


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"


def _line(text: str) -> str:
    return " ".join(text.split())
