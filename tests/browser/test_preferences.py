"""What a browser prefers, and what it has to be asked for."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser.conftest import Admin

INDIA = "Asia/Kolkata"
REFUSED = "This browser does not let this site notify you."


def choose_notifications(admin: Admin):
    tab = admin.go("/settings")
    expect(tab.get_by_text(REFUSED)).to_be_hidden()
    tab.get_by_role("group", name="Notifications").get_by_label("On").check()
    return tab


def test_notifications_that_the_browser_allows_are_switched_on(admin):
    admin.context.grant_permissions(["notifications"])
    tab = choose_notifications(admin)

    tab.get_by_role("button", name="Save settings").click()

    expect(tab.get_by_text("Settings saved for this browser.")).to_be_visible()
    expect(tab.locator("html")).to_have_attribute("data-notifications", "on")
    expect(tab.get_by_text(REFUSED)).to_be_hidden()


def test_notifications_that_the_browser_refuses_are_said_to_be(admin):
    admin.context.clear_permissions()
    tab = choose_notifications(admin)

    expect(tab.get_by_text(REFUSED)).to_be_visible()
    tab.get_by_role("group", name="Notifications").get_by_label("Off").check()
    expect(tab.get_by_text(REFUSED)).to_be_hidden()


def test_a_model_is_tried_out_in_place_and_what_is_wrong_is_told(admin):
    tab = admin.go("/settings")
    form = tab.locator("form[data-model]").first
    form.get_by_label("Provider").select_option("anthropic")
    form.get_by_label("Model name").fill("claude-haiku-5-5")
    button = form.get_by_role("button", name="Test connection")

    button.click()

    expect(form.get_by_role("status")).to_contain_text("no key in ANTHROPIC_API_KEY")
    expect(button).to_be_focused()
    expect(form.get_by_label("Model name")).to_have_attribute("list", "models-anthropic")
    form.get_by_label("Provider").select_option("offline")
    expect(form.get_by_role("status")).to_be_empty()
    expect(form.get_by_label("Model name")).to_be_hidden()
    button.click()
    expect(form.get_by_role("status")).to_contain_text("needs no connection")
    assert admin.complaints == []


def test_times_are_told_in_the_readers_own_zone(browser, server, finished_book):
    context = browser.new_context(timezone_id=INDIA)
    tab = Admin(context, server.url).log_in().go(f"/books/{finished_book}/pages/1/review")

    time = tab.locator(".attempts time").first
    there = datetime.fromisoformat(time.get_attribute("datetime")).astimezone(ZoneInfo(INDIA))

    expect(time).to_contain_text(f"{there:%-I:%M}")
    expect(time).not_to_contain_text("UTC")
    expect(time).to_have_attribute("title", f"{there:%A, %B %-d, %Y} at {there:%-I:%M:%S %p}")
    context.close()
