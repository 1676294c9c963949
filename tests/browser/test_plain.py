"""Without a script every plain action is a form, and the reply a redirect."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Admin, page_file, unreadable_file

SLOW = 60


@pytest.fixture
def plain(browser, server):
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(20_000)
    yield Admin(context, server.url).log_in()
    context.close()


def reload_until(tab, text: str) -> None:
    """Do what somebody without scripts does: look again, for at most a minute."""
    for _ in range(SLOW):
        if text in tab.locator("body").inner_text():
            return
        tab.wait_for_timeout(1000)
        tab.reload()
    pytest.fail(f"{text!r} never came")


def test_upload_retry_approve_and_resume_work_without_a_script(plain, server):
    book = server.create_book(title="Plain", author="Plain")
    tab = plain.go(f"/books/{book}")
    tab.locator("input[type=file][multiple]").set_input_files(
        [
            {"name": "page1.png", "mimeType": "image/png", "buffer": page_file(1)},
            {"name": "page2.png", "mimeType": "image/png", "buffer": unreadable_file()},
        ]
    )
    tab.get_by_role("button", name="Upload All & Start OCR").click()
    expect(tab.get_by_text("2 pages uploaded and being read.")).to_be_visible()
    reload_until(tab, "Retry 1 failed")

    tab.locator("#p2").get_by_role("button", name="Retry").click()
    expect(tab.get_by_text("Page 2 is read again.")).to_be_visible()
    reload_until(tab, "Retry 1 failed")

    tab.get_by_role("link", name="Resume").or_(tab.get_by_role("button", name="Resume")).click()
    expect(tab.get_by_text("1 page will be read again.")).to_be_visible()
    reload_until(tab, "Retry 1 failed")

    tab.get_by_role("button", name="Approve 1").click()
    expect(tab.get_by_text("1 page approved.")).to_be_visible()
    expect(tab.locator("#p1")).to_contain_text("Approved")


def test_a_form_that_was_filled_in_wrongly_keeps_what_was_typed(plain):
    tab = plain.go("/books/new")
    tab.get_by_label("Title").fill("Kept")
    tab.get_by_label("Grade").fill("13")
    tab.get_by_role("button", name="Create").click()

    expect(tab.get_by_text("Grade is a number from 1 to 12.")).to_be_visible()
    expect(tab.get_by_text("Subject is needed.")).to_be_visible()
    expect(tab.get_by_label("Title")).to_have_value("Kept")


def test_a_text_that_somebody_else_changed_meanwhile_is_not_overwritten(
    plain, finished_book, server
):
    tab = plain.go(f"/books/{finished_book}/pages/1/review")
    revision = int(tab.locator("input[name=revision]").input_value())
    address = f"/admin/books/{finished_book}/pages/1/text"
    assert server.http.put(address, json={"text": "Theirs", "revision": revision}).is_success

    tab.get_by_role("textbox", name="Text").fill("Mine")
    tab.get_by_role("button", name="Save text").click()

    expect(tab.get_by_role("textbox", name="Text")).to_have_value("Mine")
    expect(tab.locator("pre")).to_have_text("Theirs")
    tab.get_by_role("button", name="Save text").click()
    expect(tab.get_by_text("Text saved.")).to_be_visible()
    expect(tab.get_by_role("textbox", name="Text")).to_have_value("Mine")
