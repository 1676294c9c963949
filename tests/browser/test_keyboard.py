"""From the login to published guidelines without a mouse."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, USER, page_file

SLOW = 60_000
FURTHEST = 150
"""Presses of Tab that somebody may need; more means that the focus goes round in circles."""
FOCUSED = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at.type === 'file' ? at.labels[0] : at);
  const labels = [...(at.labels ?? [])].map((label) => label.textContent);
  const says = at.getAttribute('aria-label') ?? [...labels, at.textContent].join(' ');
  return {
    is: at.localName,
    says: says.replace(/\\s+/g, ' ').trim(),
    isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
      && at.getBoundingClientRect().width > 0,
  };
}"""
"""What has the focus. A field for files fills its label, which is marked in its place."""


class Typist:
    """Somebody with a keyboard and nothing else."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab

    def reach(self, words: str) -> None:
        """Press Tab until what says these words has the focus, and shows it."""
        for _ in range(FURTHEST):
            self.tab.keyboard.press("Tab")
            at = self.tab.evaluate(FOCUSED)
            if re.search(words, at["says"]) and at["is"] != "body":
                assert at["isMarked"], f"{at} does not show the focus"
                return
        pytest.fail(f"Tab never leads to {words!r} on {self.tab.url}")

    def press(self, words: str) -> None:
        """Reach a button or a link and press it."""
        self.reach(words)
        self.tab.keyboard.press("Enter")

    def fill(self, label: str, value: str) -> None:
        """Reach a field and type."""
        self.reach(f"^{label}")
        self.tab.keyboard.type(value)

    def pick(self, words: str, files: dict[str, bytes]) -> None:
        """Reach a file field and choose files."""
        self.reach(words)
        with self.tab.expect_file_chooser() as chooser:
            self.tab.keyboard.press("Space")
        chooser.value.set_files(
            [
                {"name": name, "mimeType": "image/png", "buffer": body}
                for name, body in files.items()
            ]
        )

    def expect_job(self, words: str) -> None:
        """Wait until the card says so."""
        expect(self.tab.locator("#job")).to_contain_text(words, timeout=SLOW)


@pytest.fixture
def typist(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(20_000)
    tab = context.new_page()
    # Nobody waits for choosers to be caught, and before the first is listened for none are: one
    # that opens too early is cancelled. By the time of any key press this one is listened for.
    tab.on("filechooser", lambda _: None)
    tab.goto(server.url)
    yield Typist(tab)
    context.close()


def log_in(typist: Typist) -> None:
    typist.fill("User name", USER)
    typist.fill("Password", PASSWORD)
    typist.press("^Log in")
    expect(typist.tab.get_by_role("heading", level=1, name="Books")).to_be_visible()


def make_book(typist: Typist, title: str) -> None:
    typist.press("^New book")
    expect(typist.tab.get_by_role("heading", level=1, name="New book")).to_be_visible()
    for label, value in (
        ("Title", title),
        ("Country", "India"),
        ("Board", "CBSE"),
        ("Grade", "4"),
        ("Subject", "Mathematics"),
    ):
        typist.fill(label, value)
    typist.press("^Create")
    expect(typist.tab.get_by_role("heading", level=1, name=title)).to_be_visible()


def upload(typist: Typist) -> None:
    typist.pick(
        "select multiple files", {f"page{number}.png": page_file(number) for number in (1, 2, 3)}
    )
    typist.press("^Upload All & Start OCR")
    typist.expect_job("3/3 pages (100%)")


def review(typist: Typist) -> None:
    tab = typist.tab
    typist.press("^Review one by one")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 1")
    for _ in range(3):
        before = tab.get_by_role("heading", level=1).inner_text()
        tab.keyboard.press("a")
        expect(tab.get_by_role("heading", level=1)).not_to_have_text(before)
    typist.press("^By keyboard")
    expect(tab.get_by_role("heading", level=1, name="By keyboard")).to_be_visible()


def test_a_book_is_published_by_keyboard_alone(typist):
    log_in(typist)
    make_book(typist, "By keyboard")
    upload(typist)
    review(typist)
    typist.press("^Generate Guidelines")
    typist.expect_job("Guidelines generated")
    typist.press("^Refine & Consolidate")
    typist.expect_job("Refined & consolidated")
    typist.press("^Publish$")
    expect(typist.tab.get_by_text(re.compile("guidelines? published: "))).to_be_visible()
    typist.press("^Read . guideline")
    expect(typist.tab.get_by_role("heading", level=1, name="Guidelines")).to_be_visible()
    typist.press("^Approve")
    expect(typist.tab.get_by_text(re.compile("approved and published"))).to_be_visible()
