"""What holds on every screen in every state: anybody can use it, it fits, and nothing foreign runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page, Response, expect

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
ROUNDS: dict[str, dict[str, Any]] = {
    "desk": LOOKS["light"],
    "phone": LOOKS["phone"],
    "long words": LOOKS["light"] | {"locale": "en-XA"},
}
"""How somebody comes to every screen; there the window is turned into each look of the round."""
DESK, PHONE = LOOKS["light"]["viewport"], LOOKS["phone"]["viewport"]
NARROW = {"width": 320, "height": 640}
ZOOMED = {"width": 640, "height": 430, "deviceScaleFactor": 2}


@dataclass(frozen=True)
class Look:
    """A window, and whether what it shows is also examined with axe."""

    round: str
    window: dict[str, int]
    colours: str = "light"
    is_examined: bool = False


SEEN = {
    "light": Look("desk", DESK, is_examined=True),
    "dark": Look("desk", DESK, colours="dark", is_examined=True),
    "phone": Look("phone", PHONE, is_examined=True),
    "the narrowest phone": Look("phone", NARROW),
    "zoomed to 200 %": Look("desk", ZOOMED),
    "a language of long words": Look("long words", PHONE),
    "long words on a desk": Look("long words", DESK),
}
EXAMINED = [name for name, look in SEEN.items() if look.is_examined]
CLIPPED = """() => [...document.querySelectorAll('main *')].filter((element) => {
  const style = getComputedStyle(element);
  const isMeant = style.textOverflow === 'ellipsis' || /auto|scroll/.test(style.overflowX)
    || element.closest('.visually-hidden, .leaf, [hidden]');
  return !isMeant && element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline'
    && element.clientWidth > 0 && !/^(TEXTAREA|INPUT|SELECT|PROGRESS|svg|use)$/i.test(element.tagName);
}).map((element) => element.outerHTML.slice(0, 160))"""
"""Elements whose content is wider than they are, which no check of the page's width would notice."""
TURNED = """([width, colours]) => innerWidth === width
  && matchMedia(`(prefers-color-scheme: ${colours})`).matches
  && new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(true))))"""
"""Whether the window is as it was asked for, and what follows from that has been done."""


@dataclass
class Found:
    """What was found in one look, by the name of the screen."""

    inaccessible: dict[str, str] = field(default_factory=dict)
    too_wide: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Round:
    """What came of visiting every screen once."""

    found: dict[str, Found]
    complaints: list[str]
    policies: dict[str, str | None]
    """The content security policy of every reply, by its address."""


@pytest.fixture(scope="module")
def go_round(browser, shown) -> Callable[[str], Round]:
    """Goes the round of this name, once: whoever asks again is told what was found."""

    @cache
    def walk(name: str) -> Round:
        context = browser.new_context(**ROUNDS[name])
        looks = {look: SEEN[look] for look in SEEN if SEEN[look].round == name}
        came = Round({look: Found() for look in looks}, [], {})
        context.on("response", lambda reply: came.policies.update({reply.url: policy_of(reply)}))
        admin = Admin(context, shown.server.url).let_in()
        came.complaints = admin.complaints
        wire = context.new_cdp_session(admin.page)
        for screen, path in shown.screens.items():
            turn(admin.page, wire, next(iter(looks.values())))
            tab = admin.go(path)
            for look, found in came.found.items():
                turn(tab, wire, looks[look])
                examine(tab, screen, looks[look], found)
        context.close()
        return came

    return walk


def policy_of(reply: Response) -> str | None:
    return reply.headers.get("content-security-policy")


def turn(tab: Page, wire: CDPSession, look: Look) -> None:
    """Give the window another size, and the colours that its owner likes."""
    window = {"deviceScaleFactor": 1, "mobile": False} | look.window
    wire.send("Emulation.setDeviceMetricsOverride", window)
    tab.emulate_media(color_scheme=look.colours)
    tab.wait_for_function(TURNED, arg=[look.window["width"], look.colours])


def examine(tab: Page, screen: str, look: Look, found: Found) -> None:
    """Note what is wrong with what is shown."""
    if wide := overflowing(tab):
        found.too_wide[screen] = wide
    if look.is_examined:
        report = Axe().run(tab, options=RULES)
        if report.violations_count:
            found.inaccessible[screen] = report.generate_report()


def overflowing(tab: Page) -> list[str]:
    """What does not fit: the whole page, or a part of it."""
    is_wider = tab.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*(["the page scrolls sideways"] if is_wider else []), *tab.evaluate(CLIPPED)]


@pytest.mark.parametrize("look", EXAMINED)
def test_everybody_can_use_every_screen_in_every_state(go_round, look):
    came = go_round(SEEN[look].round)

    assert came.found[look].inaccessible == {}


@pytest.mark.parametrize("look", SEEN)
def test_every_screen_fits(go_round, look):
    came = go_round(SEEN[look].round)

    assert came.found[look].too_wide == {}


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


def test_no_reply_allows_foreign_or_inline_code_and_no_screen_needs_any(go_round, shown, browser):
    came = go_round("desk")
    context = browser.new_context()
    elsewhere: dict[str, str | None] = {}
    context.on("response", lambda reply: elsewhere.update({reply.url: policy_of(reply)}))
    admin = Admin(context, shown.server.url).let_in()
    for path in ("/login", "/static/none.js", "/admin/books/none"):
        admin.go(path)
    context.close()
    policies, complaints = came.policies | elsewhere, came.complaints + admin.complaints

    assert len(elsewhere) >= 3
    assert len(policies) > len(shown.screens)
    assert {url: policy for url, policy in policies.items() if policy != CSP} == {}
    assert [text for text in complaints if "404" not in text] == []


def test_the_login_is_accessible(browser, server):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{server.url}/login")

    assert Axe().run(tab, options=RULES).violations_count == 0
    context.close()


def test_a_theme_that_was_chosen_wins_over_the_browsers(admin):
    tab = admin.go("/settings")
    tab.get_by_label("Dark").check()
    tab.get_by_role("button", name="Save settings").click()

    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(21, 22, 26)"
