"""Keys: what they press, what keeps them quiet, and how one learns of them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Admin
from tests.browser.primed import primed_book, primed_server, reviewer
from tests.server import Server

KEYS = "axjkernu+-0?"


@pytest.fixture(scope="module")
def primed(tmp_path_factory, nursery) -> Iterator[Server]:
    with primed_server(tmp_path_factory.mktemp("shortcuts"), nursery.spawn) as server:
        yield server


@pytest.fixture(scope="module")
def book(primed) -> str:
    return primed_book(primed, 4, "Keys")


@pytest.fixture
def anita(browser, primed) -> Iterator[Admin]:
    with reviewer(browser, primed) as admin:
        yield admin


def second_page(admin: Admin, book: str) -> Page:
    tab = admin.go(f"/books/{book}/pages/2/review")
    expect(tab.locator("[data-zoom-level]")).to_have_text("100%")
    return tab


def expect_nothing_happened(tab: Page) -> None:
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 2")
    expect(tab.locator("[data-zoom-level]")).to_have_text("100%")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    expect(tab.locator("#flash")).to_be_empty()


def states(server: Server, book: str) -> set[str]:
    return {page["status"] for page in server.get(f"/admin/books/{book}")["pages"]}


def test_keys_do_nothing_while_somebody_types(anita, book, primed):
    tab = second_page(anita, book)
    text = tab.get_by_role("textbox", name="Text")
    tab.keyboard.press("e")
    expect(text).to_be_focused()

    tab.keyboard.type(KEYS)

    expect_nothing_happened(tab)
    expect(text).to_have_value(re.compile(re.escape(KEYS)))
    tab.keyboard.press("Escape")
    expect(text).not_to_be_focused()
    tab.get_by_role("button", name="Discard draft").click()
    tab.get_by_label("Move to place").focus()
    tab.keyboard.type("aje")
    expect_nothing_decided(tab, primed, book)


def expect_nothing_decided(tab: Page, server: Server, book: str) -> None:
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 2")
    assert states(server, book) == {"pending_review"}


@pytest.mark.parametrize("modifier", ["Control", "Alt", "Meta"])
def test_keys_do_nothing_with_a_modifier(anita, book, primed, modifier):
    tab = second_page(anita, book)
    tab.get_by_role("heading", level=1).focus()

    for key in "axju":
        tab.keyboard.press(f"{modifier}+{key}")

    expect_nothing_happened(tab)
    assert states(primed, book) == {"pending_review"}


def test_a_key_that_is_held_down_decides_about_one_page(anita, book, primed):
    tab = second_page(anita, book)

    for _ in range(4):  # the first press, and what the keyboard repeats
        tab.keyboard.down("a")
    tab.keyboard.up("a")

    expect(tab.get_by_text("Page 2 approved.")).to_be_visible()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 3")
    tab.keyboard.press("u")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 2")
    assert states(primed, book) == {"pending_review"}


def test_the_list_of_keys_is_a_dialog_with_what_works_here(anita, book):
    tab = second_page(anita, book)
    tab.get_by_role("button", name="Keys of this screen").click()
    dialog = tab.get_by_role("dialog", name="Keys of this screen")
    expect(dialog.locator("dt", has_text="A")).to_be_visible()
    expect(dialog).to_contain_text("Next doubtful word")

    tab.keyboard.press("a")
    tab.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(tab.get_by_role("button", name="Keys of this screen")).to_be_focused()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 2")
    anita.go("/settings")
    tab.keyboard.press("?")
    expect(dialog).to_contain_text("no keys of its own")
    assert anita.complaints == []


def test_keys_can_be_switched_off(anita, book, primed):
    tab = second_page(anita, book)
    approve = tab.get_by_role("button", name="Approve & next")
    expect(approve.locator("kbd")).to_be_visible()
    headers = {"Origin": anita.url}
    anita.context.request.post(f"{anita.url}/settings", form={"shortcuts": "off"}, headers=headers)

    tab.reload()
    expect(tab.locator("[data-zoom-level]")).to_have_text("100%")
    for key in KEYS:
        tab.keyboard.press(key)
    expect_nothing_happened(tab)
    tab.get_by_role("textbox", name="Text").press("Control+Enter")
    expect_nothing_happened(tab)
    expect(approve.locator("kbd")).to_be_hidden()
    assert states(primed, book) == {"pending_review"}
    approve.click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 3")
    tab.get_by_role("button", name="Undo").last.click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 2")


def test_undo_waits_while_the_pointer_or_the_focus_is_on_it(anita, book):
    tab = second_page(anita, book)
    tab.clock.install()
    tab.keyboard.press("a")
    notice = tab.locator("#flash [role=status]")
    expect(notice).to_contain_text("Page 2 approved.")

    tab.clock.run_for(6_000)
    notice.hover()
    tab.clock.run_for(60_000)
    expect(notice).to_be_visible()
    tab.mouse.move(5, 5)
    notice.get_by_role("button", name="Undo").focus()
    tab.clock.run_for(60_000)
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Undo").blur()
    tab.clock.run_for(6_000)
    expect(notice).to_have_count(0)
    tab.clock.resume()
    tab.keyboard.press("u")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 2")
