"""A screen that keeps itself current: it tells the truth, moves nothing, and costs nothing."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Admin
from tests.browser.primed import reviewer
from tests.browser.watching import (
    HIDE,
    HOLD,
    HURRY,
    WATCH,
    Instructions,
    Polls,
    guided_server,
    upload,
)
from tests.server import Server

LARGEST_REPLY = 5_000
A_WHILE = 10_000
COLOURS = {"run": "%234f6bef", "good": "%232f9e63", "warn": "%23d98a00", "bad": "%23e0483e"}


@pytest.fixture(scope="module")
def works(tmp_path_factory, nursery) -> Iterator[tuple[Server, Instructions]]:
    with guided_server(tmp_path_factory.mktemp("live"), nursery.spawn) as both:
        yield both


@pytest.fixture
def server(works) -> Server:
    return works[0]


@pytest.fixture
def told(works) -> Iterator[Instructions]:
    works[1].give()
    yield works[1]
    works[1].give()


@pytest.fixture
def admin(browser, server) -> Iterator[Admin]:
    with reviewer(browser, server) as one:
        yield one


def figures(tab: Page) -> dict[str, int]:
    """What the card says: how many pages it is through, and how many of them failed."""
    processed, total = re.match(r"(\d+)/(\d+)", tab.locator("#job .figure").inner_text()).groups()
    failed = fact(tab, "Failed pages").inner_text()
    return {"processed": int(processed), "total": int(total), "failed": int(failed)}


def told_by_api(server: Server, book: str) -> dict[str, int]:
    job = server.get(f"/admin/books/{book}/jobs/latest")
    processed = job["completed_items"] + job["failed_items"]
    return {"processed": processed, "total": job["total_items"], "failed": job["failed_items"]}


def fact(tab: Page, label: str) -> Locator:
    return tab.locator("#job .facts > div").filter(has_text=f"{label}:").locator("dd")


def look_now(tab: Page) -> None:
    """Poll without waiting for the next turn."""
    tab.evaluate("document.body.dispatchEvent(new CustomEvent('refresh'))")


# A reload, a second tab, a server that dies, a poll that fails


def test_every_tab_and_every_restarted_server_tell_the_same(admin, server, told):
    told.read_up_to(20, **{"3": {"error": "no words", "hold": False}})
    book = upload(server, "Steadfast", 40)
    first, second = admin.go(f"/books/{book}"), admin.open_tab()
    expect(first.locator("#job .figure")).to_have_text("20/40 pages (50%)", timeout=A_WHILE)
    first.reload()
    second.goto(first.url)
    polls, banner = Polls(first), first.get_by_text("Connection lost.")

    assert figures(first) == figures(second) == told_by_api(server, book)
    server.kill()
    expect(banner).to_be_visible()
    assert polls.lost <= 3
    assert figures(first) == {"processed": 20, "total": 40, "failed": 1}
    server.start()
    expect(banner).to_be_hidden()
    expect(second.get_by_text("Connection lost.")).to_be_hidden()
    assert figures(first) == figures(second) == told_by_api(server, book)
    expect(first.locator("#job")).to_contain_text("The server was restarted")

    told.read_up_to(30, **{"3": {"error": "no words", "hold": False}})
    for tab in (first, second):
        expect(tab.locator("#job .figure")).to_have_text("30/40 pages (75%)")
    assert figures(first) == figures(second) == told_by_api(server, book)


def test_a_poll_that_fails_leaves_the_card_as_it_was(admin, server, told):
    told.read_up_to(2)
    tab = admin.go(f"/books/{upload(server, 'Five hundred', 4)}")
    expect(tab.locator("#job .figure")).to_have_text("2/4 pages (50%)")

    page = "<!doctype html><title>Oh</title><h1>Internal Server Error</h1>"
    tab.route("**/live?**", lambda route: route.fulfill(status=500, body=page), times=1)
    look_now(tab)

    expect(tab.get_by_text("The server could not answer just now")).to_be_visible()
    expect(tab.locator("#job .figure")).to_have_text("2/4 pages (50%)")
    expect(tab).to_have_title("50% · Five hundred")
    tab.evaluate(HURRY)
    expect(tab.get_by_text("The server could not answer just now")).to_be_hidden()
    told.read_up_to(3)
    expect(tab.locator("#job .figure")).to_have_text("3/4 pages (75%)")


# Nothing moves


def test_dozens_of_polls_leave_focus_selection_and_place_alone(admin, server, told):
    told.give(
        read={"*": {"seconds": 0.25}, "2": {"error": "time-out"}, "50": {"error": "no words"}}
    )
    tab = admin.go(f"/books/{upload(server, 'Unmoved', 90)}")
    retry = tab.locator("#p2").get_by_role("button", name="Retry")
    retry.focus()
    tab.evaluate("window.scrollTo(0, 120)")
    tab.evaluate(
        "() => { const words = document.querySelector('#n30').firstChild;"
        " getSelection().setBaseAndExtent(words, 0, words, 6); }"
    )
    tab.wait_for_load_state("networkidle")
    held = tab.evaluate_handle("[document.activeElement, getSelection().anchorNode]")
    polls = Polls(tab)
    tab.evaluate(WATCH)

    tab.evaluate(HURRY)
    tab.wait_for_timeout(A_WHILE)

    assert polls.sent >= 12
    expect(tab.locator("#p30")).to_contain_text("Completed", timeout=A_WHILE)
    assert tab.evaluate("(held) => held[0] === document.activeElement", held)
    assert tab.evaluate("(held) => held[1] === getSelection().anchorNode", held)
    assert tab.evaluate("getSelection().toString()") == "Page 3"
    assert tab.evaluate("scrollY") == 120
    assert tab.evaluate("seen.shifts") < 0.01
    assert max(polls.sizes) < LARGEST_REPLY


def test_after_retry_by_key_the_focus_is_on_the_row_and_then_on_its_new_action(admin, server, told):
    told.give(read={"2": {"error": "time-out"}})
    book = upload(server, "By key", 3)
    server.wait(book)
    told.give(read={"2": HOLD})
    tab = admin.go(f"/books/{book}")
    tab.evaluate(HURRY)
    tab.locator("#p2").get_by_role("button", name="Retry").focus()
    tab.evaluate(WATCH)

    tab.keyboard.press("Enter")

    expect(tab.locator("#p2")).to_contain_text("Processing")
    expect(tab.locator("#p2")).to_be_focused()
    told.give()
    expect(tab.locator("#p2").get_by_role("link", name="Review")).to_be_focused()
    assert tab.evaluate("seen.lost") == 0


# Failure, and the ways on


def test_a_stopped_job_adds_up_and_resumes_where_it_stopped(admin, server, told):
    book = upload(server, "Stopped", 12)
    server.wait(book)
    told.give(think={"8": {"error": "rate limit"}})
    server.generate(book)
    server.wait(book)
    before = attempts(server, book)
    tab = admin.go(f"/books/{book}")
    tab.evaluate(HURRY)

    expect(tab.get_by_role("heading", name="Generation stopped at page 8/12")).to_be_visible()
    expect(tab.locator("#job")).to_contain_text("Error: Rate limit.")
    expect(fact(tab, "Pages completed")).to_have_text("7")
    expect(fact(tab, "Pages failed")).to_have_text("1 (page 8)")
    expect(fact(tab, "Pages remaining")).to_have_text("4")
    expect(tab.locator("#job .plan")).to_have_text("Pages 8 to 12: 1 failed, 4 left, 7 kept.")
    told.give()
    tab.get_by_role("button", name="Resume from Page 8 (5 pages left)").click()
    expect(tab).to_have_title("Done · Stopped")
    tab.get_by_role("link", name="Full log").click()
    expect(tab.locator("#l1 .when")).to_contain_text("kept from")

    after = attempts(server, book)
    assert {page: after[page] for page in range(1, 8)} == {
        page: before[page] for page in range(1, 8)
    }
    assert [len(after[page]) - len(before[page]) for page in range(8, 13)] == [1] * 5


def attempts(server: Server, book: str) -> dict[int, list[dict[str, str]]]:
    """Every attempt at each page at generating."""
    return {
        page["page_num"]: [
            attempt
            for attempt in server.get(f"/admin/books/{book}/pages/{page['page_num']}/attempts")[
                "attempts"
            ]
            if attempt["job_type"] == "extraction"
        ]
        for page in server.get(f"/admin/books/{book}")["pages"]
    }


def test_restart_says_first_what_it_does_and_does_nothing_until_it_is_confirmed(
    admin, server, told
):
    book = upload(server, "Restarted", 4)
    server.wait(book)
    server.generate(book)
    job = server.wait(book)["job_id"]
    tab = admin.go(f"/books/{book}")

    tab.get_by_role("button", name="Restart from Page 1").click()

    for words in ("Rebuilt", "Used again", "Your own work stays, whatever you choose"):
        expect(tab.get_by_text(words, exact=True)).to_be_visible()
    assert server.get(f"/admin/books/{book}/jobs/latest")["job_id"] == job
    tab.get_by_role("link", name="Cancel").click()
    assert server.get(f"/admin/books/{book}/jobs/latest")["job_id"] == job
    tab.get_by_role("button", name="Restart from Page 1").click()
    tab.get_by_role("button", name="Restart from Page 1").click()
    expect(tab.get_by_text("Guidelines generated")).to_be_visible()
    assert server.get(f"/admin/books/{book}/jobs/latest")["job_id"] != job


def test_equal_errors_stand_together_and_each_kind_leads_with_what_helps(admin, server, told):
    late, empty = {"error": "time-out"}, {"error": "no words"}
    told.give(read={"3": late, "4": empty, "6": late, "9": late})
    book = upload(server, "Alike", 10)
    server.wait(book)
    tab = admin.go(f"/books/{book}")
    groups = tab.locator("#job .alike > li")

    expect(groups).to_have_count(2)
    expect(groups.nth(0)).to_contain_text("3 pages: time-out")
    expect(groups.nth(1)).to_contain_text("1 page: No words found")
    expect(groups.nth(1).get_by_role("button").first).to_have_text("Open page 4")
    expect(tab.locator("#p4 .act")).to_have_text("Replace image")
    expect(tab.get_by_role("button", name="Resume from Page 3 (4 pages left)")).to_be_visible()
    tab.get_by_role("link", name="Full log").click()
    line = tab.locator("#l4")
    expect(line).to_contain_text("Trying again gives the same result.")
    expect(line.get_by_role("button")).to_have_text(["Open page 4", "Skip this page"])
    expect(tab.locator("#l3").get_by_role("button")).to_have_text(["Retry"])
    tab.go_back()
    told.give(read={"4": empty})
    groups.nth(0).get_by_role("button", name="Retry 3").click()

    expect(tab.get_by_text("3 pages will be read again.")).to_be_visible()
    expect(tab.locator("#pages .state.failed")).to_have_count(1)
    assert len(server.get(f"/admin/books/{book}/pages/4/attempts")["attempts"]) == 1
    tab.locator("#p3 a").first.click()
    expect(tab.locator(".attempts li")).to_have_count(2)
    expect(tab.locator(".attempts")).to_contain_text("Time-out")


# What costs nothing


def test_an_idle_poll_is_no_byte_and_no_change(admin, server, told):
    book = upload(server, "Idle", 2)
    server.wait(book)
    tab = admin.go(f"/books/{book}")
    tab.wait_for_load_state("networkidle")
    tab.evaluate(WATCH)

    with tab.expect_response("**/live?**") as polled:
        look_now(tab)
    polled.value.finished()
    tab.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    assert polled.value.status == 204
    assert polled.value.request.sizes()["responseBodySize"] == 0
    assert tab.evaluate("seen.changes") == 0


def test_polls_are_rare_when_no_job_runs_and_when_nobody_has_looked_for_long(browser, server, told):
    told.read_up_to(1)
    running, idle = upload(server, "Watched", 2), server.create_book(title="Calm", author="Calm")
    with reviewer(browser, server) as admin:
        tab = admin.page
        tab.clock.install()
        polls = Polls(tab)
        admin.go(f"/books/{idle}")
        assert polls.within(60) == 4
        admin.go("/jobs?state=failed")
        assert polls.within(60) <= 4

        admin.go(f"/books/{running}")
        assert polls.within(60) == 20
        tab.evaluate(HIDE, True)
        assert polls.within(60) == 20
        tab.clock.fast_forward(300_000)
        assert polls.within(60) == 4
        tab.evaluate(HIDE, False)
        polls.settle()
        assert polls.within(60) == 20


# What can be seen from afar


def test_the_tab_says_how_far_the_job_is_and_how_it_ended(admin, server, told):
    told.read_up_to(4)
    book = upload(server, "Seen", 8)
    tab = admin.go(f"/books/{book}")
    tab.evaluate(HURRY)
    expect(tab).to_have_title("50% · Seen")
    expect(fact(tab, "Time left")).to_be_empty()
    assert COLOURS["run"] in icon(tab)

    told.read_up_to(6)
    expect(tab).to_have_title("75% · Seen")
    expect(fact(tab, "Time left")).to_have_text(re.compile("^~"))

    told.give(read={"7": {"error": "no words"}, "8": {"error": "no words"}})
    expect(tab).to_have_title("! 2 failed · Seen")
    assert COLOURS["warn"] in icon(tab)

    told.give()
    tab.get_by_role("button", name="Resume from Page 7").click()
    expect(tab).to_have_title("Done · Seen")
    assert COLOURS["good"] in icon(tab)


def icon(tab: Page) -> str:
    return tab.locator("link[rel=icon]").get_attribute("href")


def test_a_pause_counts_down_unless_somebody_wants_to_go_on_or_to_stop(admin, server, told):
    told.give(read={"2": {"error": "rate limit", "after": 40}})
    tab = admin.go(f"/books/{upload(server, 'Paused', 3)}")
    wait = tab.locator("#job .wait")
    tab.evaluate(HURRY)

    expect(wait).to_contain_text(re.compile(r"Rate limited, continues in (40|39|38) s \(1 of 3\)"))
    expect(wait).to_contain_text("Page 2 is tried again")
    expect(wait).to_contain_text(re.compile(r"continues in (36|35) s"))
    tab.get_by_role("button", name="Retry now").click()
    expect(wait).to_contain_text(re.compile(r"continues in (40|39|38) s \(2 of 3\)"))
    tab.get_by_role("button", name="Stop").click()
    expect(tab.locator("#job")).to_contain_text("Stopped by you")
    expect(tab).to_have_title("! stopped · Paused")


RECORD = """
window.notices = [];
window.Notification = new Proxy(Notification, {
  construct: (_real, [title, options]) => { window.notices.push([title, options.body]); return {}; },
});
"""


def test_who_asked_for_it_and_does_not_look_is_told_once_that_the_job_has_ended(
    browser, server, told
):
    told.read_up_to(1)
    book = upload(server, "Announced", 2)
    with reviewer(browser, server) as asked, reviewer(browser, server) as silent:
        for admin in (asked, silent):
            admin.context.grant_permissions(["notifications"])
            admin.page.add_init_script(RECORD)
            admin.go(f"/books/{book}").evaluate(HURRY)
        with asked.page.expect_response("**/settings"):
            asked.page.get_by_role("button", name="Tell me when it ends").click()
        asked.page.reload()
        asked.page.evaluate(HURRY)
        for admin in (asked, silent):
            admin.page.evaluate(HIDE, True)

        told.give()

        for admin in (asked, silent):
            expect(admin.page).to_have_title("Done · Announced")
        with asked.page.expect_response("**/live?**"):
            look_now(asked.page)
        assert asked.page.evaluate("notices") == [
            ["Done · Announced", "Pages read: completed, 0 failed"]
        ]
        assert silent.page.evaluate("notices") == []
