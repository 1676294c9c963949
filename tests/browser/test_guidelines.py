"""The guidelines as somebody reads, traces and edits them in a browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SECTIONS, Admin, page_file
from tests.browser.primed import reviewer
from tests.server import Server

QUOTED = "To subtract, take one numerator from the other."
"""A statement that stands on page 3."""


@pytest.fixture(scope="module")
def taught(server: Server) -> str:
    """A book whose guidelines were generated, for these tests to change."""
    book = server.create_book(title="Taught", author="Taught")
    server.upload(book, [(f"page{number}.png", page_file(number)) for number in SECTIONS])
    server.wait(book)
    server.generate(book)
    assert server.wait(book)["status"] == "completed"
    return book


@pytest.fixture
def reader(browser, server):
    """Somebody at a screen wide enough for the text and its evidence."""
    with reviewer(browser, server, viewport={"width": 1280, "height": 800}) as admin:
        yield admin


def mark_of(tab, words: str):
    return tab.locator(".statements > li", has_text=words).get_by_role("link")


def read_page(admin: Admin, book: str):
    return admin.go(f"/books/{book}/guidelines")


def boxes_of(server: Server, book: str, words: str) -> list[dict]:
    """Where the words of a statement stand, as the API tells it."""
    for one in server.get(f"/admin/books/{book}/guidelines")["guidelines"]:
        keys = f"{one['topic_key']}/{one['subtopic_key']}"
        for source in server.get(f"/admin/books/{book}/guidelines/{keys}/sources")["sources"]:
            if words in source["text"]:
                return source["boxes"]
    raise LookupError(words)


def test_a_page_mark_shows_the_quoted_words_marked_on_the_page(reader, server, taught):
    tab = read_page(reader, taught)
    mark = mark_of(tab, QUOTED)
    expect(mark).to_contain_text("p. 3")

    mark.click()

    panel = tab.get_by_role("complementary", name="Where a statement comes from")
    expect(panel.locator("blockquote")).to_contain_text(QUOTED)
    expect(panel.locator(".leaf image")).to_be_visible()
    expect(panel.locator(".leaf rect")).to_have_count(1)
    (box,) = boxes_of(server, taught, QUOTED)
    expect(panel.locator(".leaf rect")).to_have_attribute("y", str(box["top"]))
    expect(panel.locator(".leaf rect")).to_have_attribute("x", str(box["left"]))
    expect(mark).to_have_attribute("aria-current", "true")
    expect(tab.locator("#evidence-title")).to_be_focused()
    assert reader.complaints == []


def test_the_next_statement_is_a_key_away_and_escape_gives_the_focus_back(reader, taught):
    tab = read_page(reader, taught)
    marks = tab.locator("a[data-source]")
    marks.first.click()
    where = tab.locator("[data-where]")
    expect(where).to_have_text(f"1 of {marks.count()}")

    tab.keyboard.press("j")
    expect(where).to_have_text(f"2 of {marks.count()}")
    expect(marks.nth(1)).to_have_attribute("aria-current", "true")
    tab.keyboard.press("k")
    tab.keyboard.press("k")  # there is none before the first
    expect(where).to_have_text(f"1 of {marks.count()}")
    tab.keyboard.press("j")
    expect(where).to_have_text(f"2 of {marks.count()}")
    tab.keyboard.press("Escape")

    expect(marks.nth(1)).to_be_focused()
    expect(tab.locator("[data-panel]")).to_be_hidden()


def test_a_statement_that_cannot_be_fetched_is_shown_as_a_screen_of_its_own(reader, taught):
    tab = read_page(reader, taught)
    tab.route("**/sources?*part=panel", lambda route: route.abort())

    mark_of(tab, QUOTED).click()

    expect(tab.locator("#shown blockquote")).to_contain_text(QUOTED)


def test_on_a_phone_the_panel_covers_the_text_and_nothing_behind_it_is_reached(
    browser, server, taught
):
    with reviewer(browser, server, viewport={"width": 390, "height": 844}) as admin:
        tab = read_page(admin, taught)
        expect(tab.locator(".contents ol").first).to_be_hidden()
        tab.locator(".contents summary").click()
        tab.locator(".contents").get_by_role("link", name=re.compile("Subtracting")).click()
        expect(tab.locator(".contents ol").first).to_be_hidden()
        mark = mark_of(tab, QUOTED)
        mark.click()

        expect(tab.locator(".leaf rect")).to_be_visible()
        assert tab.evaluate("document.querySelector('.text').inert")
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        tab.get_by_role("button", name="Close").click()
        expect(mark).to_be_focused()
        assert not tab.evaluate("document.querySelector('.text').inert")


def test_on_paper_there_are_pages_and_nothing_to_press(reader, taught):
    tab = read_page(reader, taught)
    tab.emulate_media(media="print")

    expect(tab.get_by_role("heading", level=1)).to_have_text("Taught: Guidelines")
    expect(tab.locator(".said", has_text=QUOTED)).to_be_visible()
    expect(mark_of(tab, QUOTED)).to_be_visible()
    for gone in (".bar", ".contents", ".tabs", ".actions", ".stages", ".evidence"):
        expect(tab.locator(gone)).to_be_hidden()
    assert tab.get_by_role("button").count() == 0


def test_a_guideline_is_edited_by_hand_and_a_stale_edit_is_not_lost(reader, taught):
    tab = read_page(reader, taught)
    tab.get_by_role("link", name=re.compile("^Edit ")).first.click()
    stale = reader.open_tab()
    stale.goto(tab.url)

    field = tab.get_by_label("Guideline")
    field.fill(field.input_value() + "\n- Fold a paper strip first. <b>Really</b>")
    tab.get_by_role("button", name="Save guideline").click()
    expect(tab.get_by_text("Guideline saved.")).to_be_visible()
    expect(tab.get_by_text("Fold a paper strip first. <b>Really</b>")).to_be_visible()
    expect(tab.get_by_text("Edited by hand")).to_be_visible()

    stale.get_by_label("Guideline").fill("- Mine")
    stale.get_by_role("button", name="Save guideline").click()
    expect(stale.get_by_label("Guideline")).to_have_value("- Mine")
    expect(stale.get_by_role("alert")).to_contain_text("Nothing was overwritten.")
    expect(stale.locator(".difference")).to_contain_text("Fold a paper strip first.")
    assert [text for text in reader.complaints if "409" not in text] == []


def test_words_that_were_typed_and_not_sent_are_not_left_without_a_question(reader, taught):
    tab = read_page(reader, taught)
    tab.get_by_role("link", name=re.compile("^Edit ")).first.click()
    asked: list[str] = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    tab.on("dialog", stay)
    tab.get_by_label("Guideline").press_sequentially("- Mine")
    tab.get_by_role("link", name="Cancel").click(no_wait_after=True)

    expect(tab.get_by_label("Guideline")).to_have_value(re.compile("- Mine"))
    assert asked == ["beforeunload"]
    tab.remove_listener("dialog", stay)
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("link", name="Cancel").click()
    expect(tab.get_by_role("heading", level=1, name="Guidelines")).to_be_visible()


def test_published_guidelines_are_ticked_at_once_approved_and_that_is_undone(
    reader, server, taught
):
    server.http.post(f"/admin/guidelines/books/{taught}/sync-to-database")
    tab = reader.go(f"/review?book={taught}")
    rows = tab.locator(".published > li")
    waiting = rows.locator(".pill", has_text="To review")
    number = rows.count()
    expect(waiting).to_have_count(number)

    tab.get_by_label("Tick all on this screen").check()
    rows.first.get_by_role("checkbox").uncheck()
    assert tab.get_by_label("Tick all on this screen").evaluate("box => box.indeterminate")
    tab.get_by_role("button", name="Approve ticked").click()

    expect(waiting).to_have_count(1)
    tab.keyboard.press("u")
    expect(waiting).to_have_count(number)
