"""The screens about guidelines, without a script: what they say and what their forms do."""

import re
from html import unescape

import httpx
import pytest

from tests.web.conftest import Admin
from tests.web.making import LESSONS

LIKE = "Like fractions have the same denominator."


def screen(admin: Admin, path: str) -> str:
    """The words of a screen, its markup left in."""
    reply = admin.http.get(path)
    assert reply.status_code == 200, reply.text
    return unescape(reply.text)


def links(html: str, words: str) -> list[str]:
    """Where every link with these words leads."""
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [href for href, inner in found if words in re.sub(r"<[^>]+>", "", inner)]


def press(admin: Admin, path: str, **fields: str) -> httpx.Response:
    """Send a form and follow to the screen after it."""
    return admin.http.post(path, data=fields, follow_redirects=True)


@pytest.fixture
def book(busy_admin: Admin) -> str:
    return busy_admin.generated_book()


def keys(admin: Admin, book: str, at: int = 0) -> str:
    one = admin.get(f"/admin/books/{book}/guidelines")["guidelines"][at]
    return f"{one['topic_key']}/{one['subtopic_key']}"


def test_every_statement_leads_to_its_page(busy_admin, book):
    html = screen(busy_admin, f"/books/{book}/guidelines")

    assert LIKE in html
    marks = links(html, "Show these words on")
    assert marks
    for mark in marks:
        shown = screen(busy_admin, mark)
        assert "<blockquote" in shown
        assert "<rect" in shown


def test_the_contents_name_each_subtopic_with_status_and_pages(busy_admin, book):
    html = screen(busy_admin, f"/books/{book}/guidelines")
    contents = html[html.index('class="contents"') : html.index('class="text"')]

    for one in busy_admin.get(f"/admin/books/{book}/guidelines")["guidelines"]:
        anchor = f"#{one['topic_key']}.{one['subtopic_key']}"
        (href,) = [link for link in links(contents, one["subtopic_title"]) if link == anchor]
        assert f'id="{href[1:]}"' in html
    assert re.search(r"(Open|Stable|Final) · p\. \d", contents)


def test_a_statement_is_a_screen_of_its_own_with_its_neighbours(busy_admin, book):
    path = f"/books/{book}/guidelines/{keys(busy_admin, book)}/sources"
    first = screen(busy_admin, path)
    (after,) = links(first, "Next")

    second = screen(busy_admin, after)

    assert links(first, "Previous") == []
    assert len(links(second, "Previous")) == 1
    assert 'aria-current="true"' in second


def test_a_statement_that_is_gone_is_said_to_be_and_not_another_shown(busy_admin, book):
    path = f"/books/{book}/guidelines/{keys(busy_admin, book)}/sources?item=none"

    html = screen(busy_admin, path)

    assert "no longer in the guideline" in html
    assert "<blockquote" not in html
    assert busy_admin.http.get(f"{path}&part=panel").status_code == 404


def test_what_a_human_wrote_is_marked_as_theirs(busy_admin, book):
    address = f"/books/{book}/guidelines/{keys(busy_admin, book)}"
    text = busy_admin.get(f"/admin{address}")["guidelines"]

    reply = press(busy_admin, f"{address}/edit", guidelines=f"{text}\nFold a *strip*, page (p. 2).")

    html = unescape(reply.text)
    human = html[html.index('class="human"') :]
    assert "Written by hand" in human
    assert "Fold a *strip*" in human
    assert LIKE in html[: html.index('class="human"')]
    assert "Edited by hand" in html


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("md", "text/markdown", b"# Mathematics"),
        ("csv", "text/csv", b"book_id,"),
        ("json", "application/json", b"{"),
        ("docx", "officedocument.wordprocessingml", b"PK"),
    ],
)
def test_guidelines_are_taken_along_as_a_file(busy_admin, book, form, kind, begins):
    html = screen(busy_admin, f"/books/{book}/guidelines")
    assert f'href="/books/{book}/guidelines.{form}"' in html

    reply = busy_admin.http.get(f"/books/{book}/guidelines.{form}")

    assert kind in reply.headers["content-type"]
    assert f'filename="{book}.{form}"' in reply.headers["content-disposition"]
    assert reply.content.startswith(begins)
    assert busy_admin.http.get(f"/books/{book}/guidelines.exe").status_code == 422


def test_without_guidelines_the_screen_says_what_they_are_and_offers_them(busy_admin):
    book = busy_admin.read_book(*LESSONS[:1])
    html = screen(busy_admin, f"/books/{book}/guidelines")
    assert "No guidelines yet" in html

    press(busy_admin, f"/books/{book}/generate")
    assert busy_admin.wait(book)["status"] == "completed"

    assert "No guidelines yet" not in screen(busy_admin, f"/books/{book}/guidelines")


def test_rejecting_asks_first_and_then_leaves_nothing(busy_admin, book):
    question = screen(busy_admin, f"/books/{book}/guidelines/reject")
    assert re.search(r"Reject \d+ guidelines", question)

    reply = press(busy_admin, f"/books/{book}/guidelines/reject")

    assert "The guidelines were rejected and are gone." in reply.text
    assert "No guidelines yet" in reply.text
