"""Each screen by itself: what is shown as text, what follows what happens elsewhere."""

from playwright.sync_api import expect

from tests.browser.conftest import page_file


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
