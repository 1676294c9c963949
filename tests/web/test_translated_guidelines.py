"""Nothing on the screens about guidelines is plain English for a browser that asks otherwise."""

import re

import pytest

from hornbook.stages.merge import HEADINGS
from tests.plain_english import plain_english
from tests.web.conftest import Admin
from tests.web.making import LESSONS
from tests.web.test_guideline_screens import MORE, correct, edited, keys, refined, rerun
from tests.web.test_translated import PSEUDO, said_after, shown

TITLE, HUMAN = "Zahlen und Formen", "Faltet zuerst einen Streifen."
FACTS = {TITLE, HUMAN, "Mathematics", "CBSE", "India", "token"}
SCREENS = (
    "guidelines",
    "guidelines/reject",
    "changes",
    "changes/undo",
    "changes?show=undone",
    "results",
    "results?by=topic",
    "results?by=error",
    "results?show=failed",
    "publish",
    "restart",
)


@pytest.fixture
def book(busy_admin: Admin) -> str:
    """A book whose guidelines were edited, published, and generated again."""
    book = busy_admin.create_book(title=TITLE)
    busy_admin.bulk(book, *LESSONS, "", "rate limit")
    busy_admin.wait(book)
    busy_admin.post(f"/admin/books/{book}/generate-guidelines", {"on_error": "continue"})
    busy_admin.wait(book)
    edited(busy_admin, book, HUMAN)
    busy_admin.post(f"/admin/guidelines/books/{book}/sync-to-database")
    rerun(busy_admin, book)
    return book


def content(admin: Admin, book: str) -> set[str]:
    """What the pages and humans say, which is nobody's to translate."""
    found = {
        *FACTS,
        *HEADINGS.values(),
        "Fractions alike",
        "it says more",
        "both are about fractions",
        MORE,
    }
    for one in admin.get(f"/admin/books/{book}/guidelines")["guidelines"]:
        found |= {one[name] for name in ("topic_title", "subtopic_title", "subtopic_summary")}
        path = f"/admin/books/{book}/guidelines/{one['topic_key']}/{one['subtopic_key']}/sources"
        for source in admin.get(path)["sources"]:
            found |= {*source["text"].splitlines(), *source["quote"].splitlines()}
    for topic in admin.get(f"/admin/guidelines/books/{book}/topics")["topics"]:
        found.add(topic["topic_summary"])
    for row in admin.get(f"/admin/guidelines/books/{book}/review"):
        found |= {row["topic"], row["subtopic"]}
        found |= {re.sub(r"^- | \(p\. \d+\)$", "", line) for line in row["guideline"].splitlines()}
    return {words for words in found if words.strip()}


def test_the_screens_of_a_book(busy_admin, book):
    refined(busy_admin, book)
    correct(busy_admin, book, 2)
    names = {*content(busy_admin, book), "Unlike Fractions", "Like Fractions"}

    for path in SCREENS:
        screen = shown(busy_admin, f"/books/{book}/{path}")
        assert "⟦" in screen, path
        # Of two texts that differ, pieces of sentences are left.
        told = re.sub(r'<ul class="difference".*?</ul>', "", screen, flags=re.DOTALL)
        assert plain_english(told, names) == [], path


def test_the_screens_of_a_guideline(busy_admin, book):
    names, path = content(busy_admin, book), f"/books/{book}/guidelines/{keys(busy_admin, book)}"

    for part in ("sources", "sources?item=none", "edit", "history", "choose"):
        assert plain_english(shown(busy_admin, f"{path}/{part}"), names) == [], part


def test_the_review_of_what_is_published(busy_admin, book):
    (first, *_rest) = busy_admin.get("/admin/guidelines/review")
    names = content(busy_admin, book)

    for path in ("", "?q=none", "/approve", f"/{first['id']}/delete"):
        assert plain_english(shown(busy_admin, f"/review{path}"), names) == [], path


def test_what_is_said_after_an_action(busy_admin, book):
    (first, *_rest) = busy_admin.get("/admin/guidelines/review")
    guideline, names = (
        f"/books/{book}/guidelines/{keys(busy_admin, book)}",
        content(busy_admin, book),
    )

    for address, data in (
        (f"{guideline}/choose", {"take": "candidate"}),
        (f"{guideline}/restore?number=1", {}),
        (f"{guideline}/restore?number=99", {}),
        (f"{guideline}/edit", {"guidelines": HUMAN}),
        (f"{guideline}/edit", {"guidelines": HUMAN, "version": "1"}),
        (f"/review/{first['id']}", {"do": "approve"}),
        (f"/review/{first['id']}", {"do": "reopen"}),
        ("/review/chosen", {"do": "approve", "id": first["id"]}),
        ("/review/chosen", {"do": "approve"}),
        ("/review/approve", {}),
        (f"/review/{first['id']}/delete", {}),
        (f"/books/{book}/changes/undo", {}),
        (f"/books/{book}/changes/redo", {}),
        (f"/books/{book}/guidelines/approve", {}),
        (f"/books/{book}/guidelines/reject", {}),
    ):
        assert plain_english(said_after(busy_admin, address, data), names) == [], address


def test_an_empty_review(admin):
    assert plain_english(admin.http.get("/review", headers=PSEUDO).text, FACTS) == []
