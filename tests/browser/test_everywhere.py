"""What holds on every screen in every state: anybody can use it, it fits, and nothing foreign runs."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Admin
from tests.browser.gallery import CORRECTED, LOOKS, Gallery
from tests.browser.guided import NAMES, lines_of
from tests.plain_english import plain_english

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
NARROW = {
    "the narrowest phone": {"viewport": {"width": 320, "height": 640}},
    "zoomed to 200 %": {"viewport": {"width": 640, "height": 430}, "device_scale_factor": 2},
    "a language of long words": LOOKS["phone"] | {"locale": "en-XA"},
    "long words on a desk": LOOKS["light"] | {"locale": "en-XA"},
}
CLIPPED = """() => [...document.querySelectorAll('main *')].filter((element) => {
  const style = getComputedStyle(element);
  const isMeant = style.textOverflow === 'ellipsis' || /auto|scroll/.test(style.overflowX)
    || element.closest('.visually-hidden, .leaf, [hidden]');
  return !isMeant && element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline'
    && element.clientWidth > 0 && !/^(TEXTAREA|INPUT|SELECT|PROGRESS|svg|use)$/i.test(element.tagName);
}).map((element) => element.outerHTML.slice(0, 160))"""
"""Elements whose content is wider than they are, which no check of the page's width would notice."""


@pytest.fixture
def visit(browser, shown, request) -> Iterator:
    """Visits every screen as somebody who sees it so."""
    context = browser.new_context(**request.param)
    admin = Admin(context, shown.server.url).let_in()

    def each() -> Iterator[tuple[str, Page]]:
        for name, path in shown.screens.items():
            yield name, admin.go(path)

    yield each
    context.close()


def overflowing(tab: Page) -> list[str]:
    """What does not fit: the whole page, or a part of it."""
    is_wider = tab.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*(["the page scrolls sideways"] if is_wider else []), *tab.evaluate(CLIPPED)]


@pytest.mark.parametrize("visit", LOOKS.values(), ids=LOOKS, indirect=True)
def test_everybody_can_use_every_screen_in_every_state(visit):
    found = {}
    for name, tab in visit():
        report = Axe().run(tab, options=RULES)
        if report.violations_count:
            found[name] = report.generate_report()

    assert found == {}


@pytest.mark.parametrize("visit", (LOOKS | NARROW).values(), ids=LOOKS | NARROW, indirect=True)
def test_every_screen_fits(visit):
    found = {name: wide for name, tab in visit() if (wide := overflowing(tab))}

    assert found == {}


def test_every_text_can_be_translated(shown):
    facts = {
        str(shown.server.data_dir),
        "sqlite",
        "file:",
        "store",
        "hornbook.db",
        "guided",
        "token",
    }
    own_words = {*words_of_books(shown), *facts, "Mathematics", "CBSE", "IN", CORRECTED}
    left = {}
    for name, path in shown.screens.items():
        page = shown.server.http.get(
            path, headers={"Accept-Language": "en-XA", "Accept": "text/html"}
        )
        if texts := plain_english(page.text, own_words):
            left[name] = texts

    assert left == {}


def words_of_books(shown: Gallery) -> set[str]:
    """What stands on pages, in their names, and in what was written about them."""
    found = {line for number in range(1, 100) for line in lines_of(number)}
    found |= {f"page{number}.png" for number in range(1, 100)} | set(NAMES)
    for state, book in shown.books.items():
        found |= {f"Fractions, {state}", state}
        for topic in shown.server.get(f"/admin/guidelines/books/{book}/topics")["topics"]:
            found |= {topic["topic_summary"], topic["topic_title"]}
        for one in shown.server.get(f"/admin/books/{book}/guidelines")["guidelines"]:
            found |= {value for value in one.values() if isinstance(value, str)}
            found |= {line.strip("#-* ") for line in one["guidelines"].splitlines()}
    return found - {""}


def test_no_reply_allows_foreign_or_inline_code_and_no_screen_needs_any(browser, shown):
    context = browser.new_context()
    admin = Admin(context, shown.server.url).let_in()
    policies = {}
    context.on(
        "response",
        lambda reply: policies.update({reply.url: reply.headers.get("content-security-policy")}),
    )
    for path in (*shown.screens.values(), "/login", "/static/none.js", "/admin/books/none"):
        admin.go(path)
    context.close()

    assert len(policies) > len(shown.screens)
    assert {url: policy for url, policy in policies.items() if policy != CSP} == {}
    assert [text for text in admin.complaints if "404" not in text] == []


def test_the_login_is_accessible(browser, server):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{server.url}/login")

    assert Axe().run(tab, options=RULES).violations_count == 0
    context.close()


def test_a_theme_that_was_chosen_wins_over_the_browsers(admin):
    tab = admin.go("/settings")
    tab.get_by_label("Dark").check()
    tab.get_by_role("button", name="Save").click()

    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(21, 22, 26)"
