"""The screens about guidelines, without a script: what they say and what their forms do."""

import re
from html import unescape
from pathlib import Path

import httpx
import pytest

from hornbook.library import books, decisions, guidelines
from hornbook.settings import Settings
from hornbook.workflows.reapply import reapply
from tests.web.conftest import Admin, with_the_book_of
from tests.web.making import LESSONS

LIKE = "Like fractions have the same denominator."
MORE = "Like fractions are compared by their numerators."


def screen(admin: Admin, path: str) -> str:
    """The words of a screen, its markup left in."""
    reply = admin.http.get(path)
    assert reply.status_code == 200, reply.text
    return unescape(reply.text)


def links(html: str, words: str) -> list[str]:
    """Where every link with these words leads."""
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [href for href, inner in found if words in re.sub(r"<[^>]+>", "", inner)]


def press(admin: Admin, path: str, **fields: str | list[str]) -> httpx.Response:
    """Send a form and follow to the screen after it."""
    return admin.http.post(path, data=fields, follow_redirects=True)


@pytest.fixture
def settings(settings: Settings, shelf: tuple[Path, str]) -> Settings:
    return with_the_book_of(shelf, settings)


@pytest.fixture
def book(shelf: tuple[Path, str]) -> str:
    return shelf[1]


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


def test_the_place_that_is_marked_is_that_of_the_quoted_words(busy_admin, book):
    for at in range(2):
        path = f"/books/{book}/guidelines/{keys(busy_admin, book, at)}/sources"
        for source in busy_admin.get(f"/admin{path}")["sources"]:
            html = screen(busy_admin, f"{path}?item={source['item_id']}")

            quoted = re.search(r"says: </span>(.*?)</blockquote>", html, re.DOTALL)
            assert quoted
            assert quoted[1] == source["quote"]
            assert f"<b>Page {source['page_num']}</b>" in html
            tops = [int(top) for top in re.findall(r'<rect x="0" y="(\d+)"', html)]
            assert tops == [box["top"] for box in source["boxes"]]


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


def edited(admin: Admin, book: str, *additions: str) -> str:
    """The address of a guideline that a human edited once for each addition."""
    address = f"/books/{book}/guidelines/{keys(admin, book)}"
    for words in additions:
        text = admin.get(f"/admin{address}")["guidelines"]
        press(admin, f"{address}/edit", guidelines=f"{text}\n{words}")
    return address


def text_of(admin: Admin, address: str) -> str:
    return str(admin.get(f"/admin{address}")["guidelines"])


def test_a_stale_edit_shows_both_texts_and_overwrites_nothing_before_a_choice(busy_admin, book):
    address = edited(busy_admin, book)
    form = screen(busy_admin, f"{address}/edit")
    (version,) = re.findall(r'name="version" value="(\d+)"', form)
    press(busy_admin, f"{address}/edit", guidelines="Theirs, saved first.", version=version)

    reply = press(
        busy_admin, f"{address}/edit", guidelines="Mine, typed meanwhile.", version=version
    )

    html = unescape(reply.text)
    assert reply.status_code == 409
    assert "Mine, typed meanwhile.</textarea>" in html
    assert "Theirs, saved first." in html
    assert "<del" in html
    assert "<ins" in html
    assert text_of(busy_admin, address) == "Theirs, saved first."
    (seen,) = re.findall(r'name="version" value="(\d+)"', html)
    press(busy_admin, f"{address}/edit", guidelines="Mine, typed meanwhile.", version=seen)
    assert text_of(busy_admin, address) == "Mine, typed meanwhile."


def test_an_edit_that_says_nothing_is_refused_and_said_why(busy_admin, book):
    address = edited(busy_admin, book)

    reply = press(busy_admin, f"{address}/edit", guidelines=" \n")

    assert reply.status_code == 409
    assert "A guideline cannot be empty" in reply.text


def test_the_history_says_who_changed_what_and_any_version_can_be_put_back(busy_admin, book):
    address = edited(busy_admin, book, "Fold a strip.", "Count the beans.")
    before = text_of(busy_admin, address)
    html = screen(busy_admin, f"{address}/history")
    assert [int(one) for one in re.findall(r'<li class="card" id="v(\d+)"', html)] == [3, 2, 1]
    assert re.search(r"<ins>.*Count the beans\.</span></ins>", html)
    assert "Edited by hand · token" in html
    assert html.count("Restore this version") == 2

    reply = press(busy_admin, f"{address}/restore?number=2")

    assert "Version 2 is back." in reply.text
    assert "Count the beans." not in text_of(busy_admin, address)
    assert "Fold a strip." in text_of(busy_admin, address)
    (undo,) = re.findall(r'action="([^"]+/restore\?number=3)"', unescape(reply.text))
    press(busy_admin, undo)
    assert text_of(busy_admin, address) == before


def test_a_stale_restore_is_refused(busy_admin, book):
    address = edited(busy_admin, book, "Fold a strip.", "Count the beans.")
    before = text_of(busy_admin, address)

    reply = press(busy_admin, f"{address}/restore?number=1", version="1")

    assert "Somebody changed this in the meantime." in reply.text
    assert text_of(busy_admin, address) == before


def correct(admin: Admin, book: str, page: int = 1) -> None:
    """Type a better text for a page."""
    told = admin.get(f"/admin/books/{book}/pages/{page}")
    admin.put(
        f"/admin/books/{book}/pages/{page}/text",
        {"text": f"{told['ocr_text']}\n\n{MORE}", "revision": told["revision"]},
    )


def rerun(admin: Admin, book: str) -> None:
    """Correct page 1 and generate again what that touches."""
    correct(admin, book)
    admin.post(f"/admin/books/{book}/generate-guidelines", {"resume": True})
    assert admin.wait(book)["status"] == "completed"


@pytest.mark.parametrize(("take", "said"), [("mine", "Your text"), ("candidate", "The new text")])
def test_after_a_run_the_human_chooses_between_their_text_and_the_new_one(
    busy_admin, book, take, said
):
    address = edited(busy_admin, book, "Fold a strip.")
    mine = text_of(busy_admin, address)
    rerun(busy_admin, book)
    assert text_of(busy_admin, address) == mine
    assert "1 guideline waits for your choice" in screen(busy_admin, f"/books/{book}/guidelines")
    choice = screen(busy_admin, f"{address}/choose")
    assert re.search(r"<del>.*Fold a strip\.</span></del>", choice)
    assert "compared by their numerators" in choice

    reply = press(busy_admin, f"{address}/choose", take=take)

    assert said in reply.text
    assert ("Fold a strip." in text_of(busy_admin, address)) is (take == "mine")
    assert "waits for your choice" not in reply.text
    if take == "candidate":
        (undo,) = re.findall(r'action="([^"]+/restore\?number=\d+)"', unescape(reply.text))
        press(busy_admin, undo)
        assert text_of(busy_admin, address) == mine


def test_approving_all_says_what_waits_until_the_human_has_chosen(busy_admin, book):
    edited(busy_admin, book, "Fold a strip.")
    rerun(busy_admin, book)

    html = press(busy_admin, f"/books/{book}/guidelines/approve").text
    reply = busy_admin.put(f"/admin/books/{book}/guidelines/approve")

    assert "approved and published. 1 waits for your choice." in html
    assert reply["approved_count"] == reply["synced_count"] - 1
    assert reply["message"].endswith("1 waits for a choice between two texts.")


def test_before_a_run_the_screen_says_what_it_touches_and_what_stays(busy_admin, book):
    address = edited(busy_admin, book, "Fold a strip.")
    mine, titles = text_of(busy_admin, address), subtopics(busy_admin, book)
    correct(busy_admin, book)

    html = screen(busy_admin, f"/books/{book}/restart")

    assert "Edited guidelines</dt><dd>1<" in html
    assert html.count("1 subtopic is touched") == 2
    assert "corrected since: p. 1" in html
    assert "Edited: your text stays" in html
    assert (
        links(html, titles[0])
        == [f"/books/{book}/guidelines#{keys(busy_admin, book).replace('/', '.')}"] * 2
    )
    assert links(html, titles[1]) == []
    assert "Generate for 1 page<" in html

    reply = press(busy_admin, f"/books/{book}/generate", resume="1")

    assert "1 page left, 2 kept" in reply.text
    assert busy_admin.wait(book)["status"] == "completed"
    assert text_of(busy_admin, address) == mine


def test_where_nothing_is_owed_only_everything_can_be_run_again(busy_admin, book):
    html = screen(busy_admin, f"/books/{book}/restart")

    assert "Only what is owed" not in html
    assert "No subtopic is touched" in html
    assert "Every guideline comes out as it is now." in html
    assert "Nobody has edited" in html
    assert 'name="ask_again"' in html


def test_the_first_run_is_started_with_one_press_and_asks_nothing(busy_admin):
    book = busy_admin.read_book()

    html = screen(busy_admin, f"/books/{book}")

    assert re.search(rf'method="post" action="/books/{book}/generate"', html)
    assert "/restart" not in html


def subtopics(admin: Admin, book: str) -> list[str]:
    found = admin.get(f"/admin/books/{book}/guidelines")["guidelines"]
    return [one["subtopic_title"] for one in found]


def refined(admin: Admin, book: str) -> list[str]:
    """Give the first subtopic another name and merge the second into it; gives the old titles."""
    titles, app = subtopics(admin, book), admin.hornbook
    with app.database.begin() as session:
        rev, now = books.touch(session, book), app.clock()
        first, second = guidelines.contents(session, book).survivors()[:2]
        for kind, target, value, reason in (
            ("rename_subtopic", first.id, "Fractions alike", "it says more"),
            ("merge", first.id, second.id, "both are about fractions"),
        ):
            decisions.add(
                session, book, kind=kind, target_id=target, value=value, reason=reason, now=now
            )
        reapply(session, book, rev=rev, now=now)
    return titles


def test_every_refinement_is_listed_with_its_reason_and_taken_back_and_made_again(busy_admin, book):
    titles = refined(busy_admin, book)
    html = screen(busy_admin, f"/books/{book}/changes")
    assert "Renamed 1" in html
    assert "Merged 1" in html
    assert "Why: both are about fractions" in html
    assert f"“{titles[0]}”" in html
    assert "What both of them say" in html
    (rename, _merge) = re.findall(r'action="([^"]+/decisions/[^"]+/undo)"', html)

    reply = press(busy_admin, rename)

    assert f"“{titles[0]}” is back as it was found." in unescape(reply.text)
    assert "Taken back 1" in reply.text
    assert subtopics(busy_admin, book) == titles[:1]
    press(busy_admin, re.findall(r'action="([^"]+/redo)"', reply.text)[0])
    assert subtopics(busy_admin, book) == ["Fractions alike"]


def test_undoing_all_says_first_what_comes_back_and_can_itself_be_undone(busy_admin, book):
    titles = refined(busy_admin, book)
    question = screen(busy_admin, f"/books/{book}/changes/undo")
    assert "1 title is as found again" in question
    assert "1 subtopic comes back" in question
    assert subtopics(busy_admin, book) == ["Fractions alike"]

    reply = press(busy_admin, f"/books/{book}/changes/undo")

    assert "2 changes were taken back." in reply.text
    assert subtopics(busy_admin, book) == titles
    assert f'action="/books/{book}/changes/redo"' in reply.text
    press(busy_admin, f"/books/{book}/changes/redo")
    assert subtopics(busy_admin, book) == ["Fractions alike"]


def test_what_was_taken_back_one_by_one_is_not_made_again_with_all(busy_admin, book):
    refined(busy_admin, book)
    html = screen(busy_admin, f"/books/{book}/changes")
    press(busy_admin, re.findall(r'action="([^"]+/decisions/[^"]+/undo)"', html)[0])

    reply = press(busy_admin, f"/books/{book}/changes/undo")

    assert "1 change was taken back." in reply.text
    assert "/changes/redo" not in reply.text


def test_without_refinements_the_screen_says_what_they_are_and_offers_them(busy_admin, book):
    html = screen(busy_admin, f"/books/{book}/changes")

    assert "No changes yet" in html
    assert f'action="/books/{book}/finalize"' in html


def test_each_page_says_what_it_taught_or_why_not(busy_admin):
    book = busy_admin.create_book()
    busy_admin.bulk(book, *LESSONS, "", "rate limit")
    busy_admin.wait(book)
    busy_admin.post(f"/admin/books/{book}/generate-guidelines", {"on_error": "continue"})
    busy_admin.wait(book)

    html = screen(busy_admin, f"/books/{book}/results")

    for chip in ("All 5", "Failed 1", "Done 3", "Without content 1"):
        assert chip in html
    rows = re.findall(r'<li id="p\d">.*?</li>', html, re.DOTALL)
    assert "topic:" in rows[0]
    assert "“Like Fractions”" in rows[0]
    assert "Blank" in rows[3]
    assert "Retry this page" in rows[4]
    assert f'href="/books/{book}/pages/5/review"' in rows[4]
    failed = screen(busy_admin, f"/books/{book}/results?show=failed")
    assert re.findall(r'<li id="p(\d)"', failed) == ["5"]
    grouped = screen(busy_admin, f"/books/{book}/results?by=error")
    assert "1 page failed so:" in grouped
    assert "Retry 1 page<" in grouped
    by_topic = screen(busy_admin, f"/books/{book}/results?by=topic")
    assert links(by_topic, "Page 1") == [f"/books/{book}/pages/1/review"]
    assert links(by_topic, "Page 4") == []


def test_a_failed_page_is_tried_again_from_its_row(busy_admin):
    book = busy_admin.create_book()
    busy_admin.bulk(book, LESSONS[0], "rate limit")
    busy_admin.wait(book)

    reply = press(busy_admin, f"/books/{book}/results/retry", pages="2")

    assert "1 page will be read again." in reply.text
    assert "No page here" in screen(busy_admin, f"/books/{book}/results?show=done")


def test_while_a_job_is_at_work_the_screens_say_so_and_offer_nothing_that_waits_for_it(
    busy_admin, book
):
    busy_admin.workshop.is_free.clear()
    busy_admin.bulk(book, LESSONS[0], names=["late.png"])

    reading = screen(busy_admin, f"/books/{book}/guidelines")
    publishing = screen(busy_admin, f"/books/{book}/publish")
    empty = screen(busy_admin, f"/books/{book}/changes")

    assert "A job is at work on this book" in reading
    assert "A job is at work on this book" in publishing
    assert f'action="/books/{book}/publish"' not in publishing
    assert f'action="/books/{book}/finalize"' not in empty
    busy_admin.workshop.is_free.set()
    busy_admin.wait(book)
