"""What holds on every screen: anybody can use it, nothing foreign runs, nothing is cut off."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Admin, page_file

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SCREENS = (
    "/",
    "/books/new",
    "/books/{book}",
    "/books/{book}?status=failed",
    "/books/{book}/pages/1/review",
    "/books/{book}/pages/5/review",
    "/books/{book}/guidelines",
    "/books/{book}/results",
    "/books/{book}/restart",
    "/jobs",
    "/review",
    "/settings",
    "/books/none",
)
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 860}},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
CLIPPED = """() => [...document.querySelectorAll('main *')].filter((element) => {
  const style = getComputedStyle(element);
  const isMeant = style.textOverflow === 'ellipsis' || element.closest('.visually-hidden, .leaf, .stages, [hidden]');
  return !isMeant && element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline'
    && element.clientWidth > 0 && !/^(TEXTAREA|INPUT|SELECT|PROGRESS|svg|use)$/i.test(element.tagName);
}).map((element) => element.outerHTML.slice(0, 160))"""


@pytest.mark.parametrize("look", LOOKS)
def test_every_screen_is_accessible_and_fits(browser, server, finished_book, look):
    context = browser.new_context(**LOOKS[look])
    admin = Admin(context, server.url).log_in()
    found = {}
    for path in SCREENS:
        tab = admin.go(path.format(book=finished_book))
        report = Axe().run(tab, options=RULES)
        if report.violations_count:
            found[path] = report.generate_report()
        width = tab.evaluate("document.documentElement.scrollWidth")
        assert width <= LOOKS[look]["viewport"]["width"], f"{path} scrolls sideways"
        assert tab.evaluate(CLIPPED) == [], path
    context.close()

    assert found == {}


def test_the_login_is_accessible(browser, server):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{server.url}/login")

    assert Axe().run(tab, options=RULES).violations_count == 0
    context.close()


def test_every_reply_forbids_foreign_and_inline_code(admin, finished_book):
    for path in ("/", f"/books/{finished_book}", "/books/none", "/login", "/static/hornbook.js"):
        reply = admin.page.goto(admin.url + path)

        assert reply.headers["content-security-policy"] == CSP, path
    complaints = [text for text in admin.complaints if "404" not in text]
    assert complaints == []


def test_markup_in_a_file_name_and_in_a_text_is_shown_as_text(admin, server):
    name = "<img src=x onerror=alert(1)>.png"
    book = server.create_book(title="<b>Bold</b>", author="Markup")
    server.upload(book, [(name, page_file(1))])
    server.wait(book)
    address = f"/admin/books/{book}/pages/1/text"
    typed = "</textarea><script>alert(1)</script>"
    assert server.http.put(address, json={"text": typed, "revision": 1}).is_success

    tab = admin.go(f"/books/{book}")
    expect(tab.get_by_role("heading", level=1)).to_have_text("<b>Bold</b>")
    expect(tab.locator("#pages")).to_contain_text(name)
    admin.go(f"/books/{book}/pages/1/review")
    expect(tab.get_by_role("textbox", name="Text")).to_have_value(typed)
    assert admin.complaints == []


def test_an_idle_poll_changes_nothing_and_says_so(admin, finished_book):
    tab = admin.go(f"/books/{finished_book}")
    tab.evaluate(
        "() => { window.changes = 0;"
        " new MutationObserver((list) => { window.changes += list.length; })"
        ".observe(document.querySelector('main'),"
        " {subtree: true, childList: true, characterData: true}); }"
    )

    with tab.expect_response("**/live?**") as polled:
        tab.evaluate("htmx.trigger('#job', 'refresh')")

    assert polled.value.status == 204
    assert tab.evaluate("window.changes") == 0


def test_a_filtered_list_follows_what_happens_elsewhere(admin, server):
    book = server.create_book(title="Filtered", author="Filtered")
    server.upload(book, [(f"page{number}.png", page_file(number)) for number in (1, 2)])
    server.wait(book)
    tab = admin.go(f"/books/{book}?status=review")
    expect(tab.locator("#pages > li")).to_have_count(2)

    assert server.http.put(f"/admin/books/{book}/pages/1/approve").is_success
    tab.evaluate("htmx.trigger('#job', 'refresh')")

    expect(tab.locator("#pages > li")).to_have_count(1)
    expect(tab.locator("#p2")).to_be_visible()
    assert server.http.delete(f"/admin/books/{book}/pages/2").is_success
    tab.evaluate("htmx.trigger('#job', 'refresh')")
    expect(tab.get_by_text("No page is in this state.")).to_be_visible()


def test_an_ended_session_leads_to_the_login(admin, finished_book):
    tab = admin.go(f"/books/{finished_book}")
    admin.context.clear_cookies()

    tab.evaluate("htmx.trigger('#job', 'refresh')")

    expect(tab.get_by_role("button", name="Log in")).to_be_visible()
