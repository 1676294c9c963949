"""Without a script every plain action is a form and the reply a redirect; and a first look is light."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import USER, Admin
from tests.browser.guided import page_image
from tests.browser.primed import reviewer
from tests.browser.watching import Instructions, guided_server
from tests.server import Server

TRIES = 60
PAGES = 10
"""Two more than are thought about at once."""


@pytest.fixture(scope="module")
def works(tmp_path_factory, nursery) -> Iterator[tuple[Server, Instructions]]:
    with guided_server(tmp_path_factory.mktemp("plain"), nursery.spawn) as both:
        yield both


@pytest.fixture
def guided(works) -> Server:
    return works[0]


@pytest.fixture
def guide(works) -> Instructions:
    return works[1]


@pytest.fixture
def plain(browser, guided) -> Iterator[Admin]:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield Admin(context, guided.url).log_in()
    context.close()


def press(tab: Page, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def refresh_until(tab: Page, title: str) -> None:
    """Do what somebody without scripts does: look again, as the screen offers."""
    for _ in range(TRIES):
        if re.search(title, tab.title()):
            return
        tab.wait_for_timeout(500)
        tab.get_by_role("link", name="Refresh").click()
    pytest.fail(f"the title stays {tab.title()!r} and never becomes {title!r}")


def new_book(tab: Page, title: str) -> None:
    tab.get_by_role("link", name="New book").click()
    for label, value in {"Title": title, "Country": "India", "Board": "CBSE"}.items():
        tab.get_by_label(label).fill(value)
    tab.get_by_label("Grade").fill("4")
    tab.get_by_label("Subject").fill("Mathematics")
    press(tab, "Create")


def upload(tab: Page) -> None:
    tab.locator("input[type=file][multiple]").set_input_files(
        [
            {"name": f"page{number}.png", "mimeType": "image/png", "buffer": page_image(number)}
            for number in range(1, PAGES + 1)
        ]
    )
    press(tab, "Upload All & Start OCR")


def test_a_whole_journey_needs_no_script(plain, guide):
    """The title says how far a job is, and how it ended."""
    tab = plain.page

    upload_and_read(tab, guide)
    mend(tab, guide)
    approve_and_take_back(tab)
    generate_stop_and_resume(tab, guide)
    edit_and_publish(tab)


def upload_and_read(tab: Page, guide: Instructions) -> None:
    guide.give(read={"5": {"hold": True}, "6": {"error": "time-out"}, "7": {"error": "no words"}})
    new_book(tab, "Plain")
    upload(tab)
    expect(tab.get_by_text("10 pages uploaded and being read.")).to_be_visible()
    refresh_until(tab, r"^\d+% · Plain$")
    refresh_until(tab, r"^[789]0% · Plain$")
    guide.give(read={"6": {"error": "time-out"}, "7": {"error": "no words"}})
    refresh_until(tab, r"^! 2 failed · Plain$")


def mend(tab: Page, guide: Instructions) -> None:
    tab.get_by_role("link", name=re.compile(r"^Failed 2")).click()
    expect(tab.locator("#pages > li")).to_have_count(2)
    guide.give()
    tab.locator("#p6").get_by_role("button", name="Retry").click()
    expect(tab.get_by_text("Page 6 is read again.")).to_be_visible()
    refresh_until(tab, "^! 1 failed|^Done")
    tab.goto(tab.url.split("?")[0])
    tab.locator("#p7").get_by_role("link", name="Replace image").click()
    tab.locator("#new-image").set_input_files(
        {"name": "better.png", "mimeType": "image/png", "buffer": page_image(7)}
    )
    press(tab, "Replace")
    expect(tab.get_by_text("Page 7 has a new image and is read again.")).to_be_visible()
    tab.get_by_role("link", name="Plain").click()
    refresh_until(tab, "^Done · Plain$")


def approve_and_take_back(tab: Page) -> None:
    tab.get_by_role("link", name="Look first").click()
    press(tab, "Approve 10 pages")
    expect(tab.get_by_text("10 pages approved.")).to_be_visible()
    press(tab, "Undo")
    expect(tab.get_by_text("Undone: 10 pages approved.")).to_be_visible()
    press(tab, "Approve 10")
    expect(tab.locator("#p8")).to_contain_text("Approved")


def generate_stop_and_resume(tab: Page, guide: Instructions) -> None:
    guide.give(think={"*": {"hold": True}})
    press(tab, "Generate Guidelines")
    refresh_until(tab, r"^0% · Plain$")
    press(tab, "Stop")
    expect(tab.get_by_text("Stopping: what is being worked on is finished first.")).to_be_visible()
    guide.give()
    refresh_until(tab, "^! stopped · Plain$")
    tab.get_by_role("button", name=re.compile("^Resume from Page ")).click()
    refresh_until(tab, "^Done · Plain$")
    press(tab, "Refine & Consolidate")
    refresh_until(tab, "^Done · Plain$")


def edit_and_publish(tab: Page) -> None:
    tab.get_by_role("link", name=re.compile("Read .* guideline")).click()
    tab.get_by_role("link", name=re.compile("^Edit ")).first.click()
    tab.get_by_label("Guideline").fill("- Fold a paper strip first.")
    press(tab, "Save guideline")
    expect(tab.get_by_text("Guideline saved.")).to_be_visible()
    expect(tab.get_by_text("Fold a paper strip first.")).to_be_visible()
    tab.get_by_role("link", name="Plain").click()
    press(tab, "Publish")
    expect(tab.get_by_text(re.compile(r"guidelines? published: "))).to_be_visible()
    tab.get_by_role("link", name=re.compile("Read .* guideline")).click()
    press(tab, "Approve")
    expect(tab.get_by_text(re.compile("approved and published"))).to_be_visible()


def test_a_form_that_was_filled_in_wrongly_keeps_what_was_typed(plain):
    tab = plain.go("/books/new")
    tab.get_by_label("Title").fill("Kept")
    tab.get_by_label("Grade").fill("13")
    press(tab, "Create")

    expect(tab.get_by_text("Grade is a number from 1 to 12.")).to_be_visible()
    expect(tab.get_by_text("Subject is needed.")).to_be_visible()
    expect(tab.get_by_label("Title")).to_have_value("Kept")


LIGHT = 120_000
"""Bytes as they travel, of a first look at a screen (UI.md)."""


def test_a_first_look_at_a_screen_is_light(browser, guided, guide):
    guide.give()
    book = guided.create_book(title="Light")
    files = [(f"page{number}.png", page_image(number)) for number in range(1, PAGES + 1)]
    guided.upload(book, files)
    guided.wait(book)

    weights = {"/login": first_look(browser, guided, "/login", user="")}
    for path in ("/", f"/books/{book}"):
        weights[path] = first_look(browser, guided, path)

    assert {path: weight for path, weight in weights.items() if not 0 < weight < LIGHT} == {}


def first_look(browser, server: Server, path: str, user: str = USER) -> int:
    """Bytes that a browser receives which has nothing of ours yet."""
    with reviewer(browser, server, user) as admin:
        received = []
        network = admin.context.new_cdp_session(admin.page)
        network.send("Network.enable")
        network.on(
            "Network.loadingFinished", lambda sent: received.append(sent["encodedDataLength"])
        )
        admin.page.goto(server.url + path, wait_until="networkidle")
    return sum(received)
