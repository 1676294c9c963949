"""One page at a time: its text mended, turned, moved, skipped, deleted; guidelines by hand."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SECTIONS, page_file, unreadable_file

SLOW = 60_000


@pytest.fixture(scope="module")
def book(server):
    book = server.create_book(title="Mended", author="Mended")
    server.upload(book, [(f"page{number}.png", page_file(number)) for number in SECTIONS])
    server.wait(book)
    return book


def test_a_page_can_be_rejected_taken_back_moved_and_deleted(admin, book):
    tab = admin.go(f"/books/{book}/pages/4/review")
    tab.get_by_role("button", name="Reject").click()
    expect(tab.get_by_text("Page 4 rejected: it is not used.")).to_be_visible()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 1")

    admin.go(f"/books/{book}/pages/4/review")
    tab.get_by_role("button", name="Undo rejection").click()
    expect(tab.get_by_text("Page 4 waits for review again.")).to_be_visible()
    tab.get_by_label("Move to place").fill("1")
    tab.get_by_role("button", name="Move").click()
    expect(tab.get_by_text("Page 4 is now page 1.")).to_be_visible()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("page4.png")

    tab.get_by_role("button", name="Delete page").click()
    expect(tab.get_by_role("heading", name="Delete page 1?")).to_be_visible()
    tab.get_by_role("button", name="Delete page").click()
    expect(tab.get_by_text("Page 1 deleted.")).to_be_visible()
    expect(tab.locator("#pages > li")).to_have_count(3)
    assert admin.complaints == []


def test_a_page_read_again_shows_its_text_without_a_reload(admin, book):
    tab = admin.go(f"/books/{book}/pages/1/review")

    tab.get_by_role("button", name="Rotate right").click()
    expect(tab.get_by_text("Page 1 was turned and is read again.")).to_be_visible()

    expect(tab.get_by_text("waits to be read")).to_be_hidden(timeout=SLOW)
    expect(tab.locator("ol", has_text="2. Read")).to_be_visible()


def test_an_image_that_cannot_be_read_is_replaced(admin, server):
    book = server.create_book(title="Replaced", author="Replaced")
    server.upload(book, [("page1.png", unreadable_file())])
    server.wait(book)
    tab = admin.go(f"/books/{book}")
    tab.get_by_role("link", name="Mend").first.click()
    new = {"name": "better.png", "mimeType": "image/png", "buffer": page_file(1)}
    tab.get_by_label("Replace the image").set_input_files(new)
    tab.get_by_role("button", name="Replace", exact=True).click()

    expect(tab.get_by_role("textbox", name="Text")).to_have_value(
        re.compile("Fractions"), timeout=SLOW
    )


def test_a_guideline_is_edited_by_hand_and_a_stale_edit_is_not_lost(admin, finished_book):
    tab = admin.go(f"/books/{finished_book}/guidelines")
    tab.get_by_role("link", name="Edit ").first.click()
    stale = admin.open_tab()
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
    expect(stale.locator("pre")).to_contain_text("Fold a paper strip first.")
    assert [text for text in admin.complaints if "409" not in text] == []


def test_a_job_that_was_stopped_says_what_is_left_and_is_resumed(admin, server):
    book = server.create_book(title="Stopped", author="Stopped")
    files = [(f"page{number}.png", page_file(number % 4 + 1)) for number in range(1, 13)]
    server.upload(book, files)
    tab = admin.go(f"/books/{book}")
    tab.get_by_role("button", name="Stop").click()

    card = tab.locator("#job")
    expect(card).to_contain_text(re.compile(r"Reading stopped at page \d+/12"), timeout=SLOW)
    numbers = [
        int(re.search(r"\d+", card.locator("div", has_text=label).last.inner_text())[0])
        for label in ("Pages completed", "Pages failed", "Pages remaining")
    ]
    assert sum(numbers) == 12
    tab.get_by_role("button", name=re.compile(r"Resume from Page \d+")).click()

    expect(tab.locator("#pages > li", has_text="Completed")).to_have_count(12, timeout=SLOW)
    expect(card).to_contain_text("Failed pages: 0")
