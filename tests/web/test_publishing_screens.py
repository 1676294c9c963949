"""What Publish will change, and the review of what is published, without a script."""

import re
from html import unescape
from pathlib import Path

import pytest

from hornbook.settings import Settings
from tests.web.conftest import Admin, with_the_book_of
from tests.web.test_guideline_screens import keys, press, screen, subtopics, text_of


@pytest.fixture
def settings(settings: Settings, shelf: tuple[Path, str]) -> Settings:
    return with_the_book_of(shelf, settings)


@pytest.fixture
def book(busy_admin: Admin, shelf: tuple[Path, str]) -> str:
    """A book whose guidelines are published and wait for review."""
    return busy_admin.published(shelf[1])


def rows(admin: Admin, **wanted: str) -> list[dict]:
    return list(admin.get("/admin/guidelines/review", **wanted))


def figures(html: str) -> dict[str, int]:
    """The numbers of a screen by their words."""
    found = re.findall(r"<dt>(?:<a[^>]*>)?([^<]+)(?:</a>)?</dt><dd>(\d+)</dd>", html)
    return {words: int(number) for words, number in found}


def undo_of(html: str) -> str:
    (address,) = re.findall(r'action="(/review/undo[^"]+)"', html)
    return str(unescape(address))


def test_the_preview_counts_what_is_new_changed_gone_and_unchanged_as_publish_then_does(
    busy_admin, book
):
    first, second, *_rest = rows(busy_admin)
    busy_admin.post(f"/admin/guidelines/{first['id']}/approve", {"approved": True})
    address = f"/books/{book}/guidelines/{keys(busy_admin, book)}"
    text = text_of(busy_admin, address)
    press(busy_admin, f"{address}/edit", guidelines=f"{text}\nFold a strip.")
    busy_admin.http.delete(f"/admin/guidelines/{second['id']}")

    html = screen(busy_admin, f"/books/{book}/publish")

    assert figures(html) == {"New": 0, "Changed": 1, "Gone": 0, "Unchanged": 0, "Left out": 1}
    assert "1 approved guideline changed and goes back to review." in html
    assert re.search(r"<ins>.*Fold a strip\.</span></ins>", html)
    assert "Approved until now" in html

    reply = press(busy_admin, f"/books/{book}/publish")

    assert "1 guideline published: 0 new, 1 changed, 0 removed." in reply.text
    after = screen(busy_admin, f"/books/{book}/publish")
    assert figures(after) == {"New": 0, "Changed": 0, "Gone": 0, "Unchanged": 1, "Left out": 1}
    assert "Nothing would change" in after


def test_what_would_be_new_and_what_would_go_is_named(busy_admin, book):
    titles = subtopics(busy_admin, book)
    busy_admin.http.delete(f"/admin/books/{book}/pages/3")
    gone = screen(busy_admin, f"/books/{book}/publish")
    fresh = busy_admin.generated_book()
    new = screen(busy_admin, f"/books/{fresh}/publish")

    assert figures(gone)["Gone"] == 1
    assert f"<b>{titles[1]}</b>" in gone
    assert figures(new) == {"New": 2, "Changed": 0, "Gone": 0, "Unchanged": 0, "Left out": 0}
    assert all(f"<b>{title}</b>" in new for title in titles)


def test_what_was_taken_out_is_offered_again_from_the_preview(busy_admin, book):
    (first, *_rest) = rows(busy_admin)
    busy_admin.http.delete(f"/admin/guidelines/{first['id']}")
    html = screen(busy_admin, f"/books/{book}/publish")

    press(busy_admin, re.findall(r'action="([^"]+/offer)"', html)[0])

    assert figures(screen(busy_admin, f"/books/{book}/publish"))["New"] == 1


def test_publish_acts_with_one_press_where_the_book_is_and_leads_to_the_preview(busy_admin):
    book = busy_admin.generated_book()

    html = screen(busy_admin, f"/books/{book}")

    assert f'method="post" action="/books/{book}/publish"' in html
    assert f'href="/books/{book}/publish">What will change' in html
    assert "2 new, 0 changed" in html


def test_a_book_without_guidelines_has_nothing_to_publish(busy_admin):
    book = busy_admin.read_book()

    html = screen(busy_admin, f"/books/{book}/publish")

    assert "Nothing to publish yet" in html
    assert f'action="/books/{book}/publish"' not in html


def test_the_review_counts_each_filter_beside_the_others(busy_admin, book):
    other = busy_admin.create_book(board="ICSE", grade=7, title="Second")
    busy_admin.bulk(other, "1 Shapes\n\n1.1 Angles\n\nAn angle is a turn between two rays.")
    busy_admin.wait(other)
    busy_admin.post(f"/admin/books/{other}/generate-guidelines", {"auto_sync_to_db": True})
    busy_admin.wait(other)

    html = screen(busy_admin, "/review")
    narrowed = screen(busy_admin, "/review?board=ICSE")
    by_words = screen(busy_admin, "/review?q=angle")
    nothing = screen(busy_admin, "/review?board=ICSE&grade=4")

    assert "All 3" in html
    assert "CBSE (2)" in html
    assert "ICSE (1)" in html
    assert "All 1" in narrowed
    assert '<option value="ICSE" selected>' in narrowed
    assert "7 (1)" in narrowed
    assert re.findall(r'<h2 id="t-\w+">([^<]+)', by_words) == ["1 Shapes"]
    assert "No guideline found" in nothing


def test_a_row_is_approved_and_that_taken_back_where_one_was(busy_admin, book):
    first = rows(busy_admin)[0]
    here = "/review?status=TO_BE_REVIEWED"

    reply = press(busy_admin, f"/review/{first['id']}", do="approve", back=here)

    assert str(reply.url).endswith(here)
    assert f"“{first['subtopic']}” approved." in unescape(reply.text)
    assert len(rows(busy_admin, status="APPROVED")) == 1
    taken_back = press(busy_admin, undo_of(reply.text))
    assert "1 guideline back to review." in taken_back.text
    assert rows(busy_admin, status="APPROVED") == []


def test_ticked_rows_are_judged_together_and_that_is_undone_together(busy_admin, book):
    chosen = [row["id"] for row in rows(busy_admin)]
    reply = press(busy_admin, "/review/chosen", do="approve", id=chosen)
    assert "2 guidelines approved." in reply.text
    assert len(rows(busy_admin, status="APPROVED")) == 2

    back = press(busy_admin, "/review/chosen", do="reopen", id=chosen)
    assert "2 guidelines back to review." in back.text
    assert rows(busy_admin, status="APPROVED") == []

    press(busy_admin, undo_of(back.text))
    assert len(rows(busy_admin, status="APPROVED")) == 2


def test_undoing_leaves_alone_what_was_approved_before(busy_admin, book):
    first, second = rows(busy_admin)
    press(busy_admin, f"/review/{first['id']}", do="approve")

    question = screen(busy_admin, "/review/approve")
    assert "Approve 1 guideline?" in question
    reply = press(busy_admin, "/review/approve")
    press(busy_admin, undo_of(reply.text))

    assert [row["id"] for row in rows(busy_admin, status="APPROVED")] == [first["id"]]
    assert [row["id"] for row in rows(busy_admin, status="TO_BE_REVIEWED")] == [second["id"]]


def test_all_of_a_filter_are_approved_and_no_others(busy_admin, book):
    press(busy_admin, "/review/approve?q=unlike")

    found = {row["subtopic"]: row["review_status"] for row in rows(busy_admin)}
    assert found == {"Like Fractions": "TO_BE_REVIEWED", "Unlike Fractions": "APPROVED"}


def test_nothing_ticked_changes_nothing_and_says_so(busy_admin, book):
    reply = press(busy_admin, "/review/chosen", do="approve")

    assert "Nothing was changed" in reply.text
    assert "/review/undo" not in reply.text


@pytest.mark.parametrize("at", ["", "soon", "2026-01-01", "2026-01-01T00:00:00+00:00"])
def test_an_undo_of_nothing_changes_nothing(busy_admin, book, at):
    press(busy_admin, f"/review/{rows(busy_admin)[0]['id']}", do="approve")

    press(busy_admin, f"/review/undo?at={at.replace('+', '%2B')}")

    assert len(rows(busy_admin, status="APPROVED")) == 1


def test_an_empty_review_says_what_comes_here(admin):
    html = screen(admin, "/review")

    assert "Nothing is published yet" in html
    assert 'name="board"' not in html
