"""One page after the other: read beside its image, mended, approved, and what can go wrong."""

import re
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Admin, add_user, page_file, unreadable_file
from tests.browser.primed import primed_book, primed_server, reviewer
from tests.browser.primer import bars
from tests.server import Server

SLOW = 60_000
AT_ONCE = 12
"""Pictures that a screen paints in 200 ms, from a decision to the next text (UI.md)."""
titles = (f"Review {number}" for number in count(1))


@pytest.fixture(scope="module")
def primed(tmp_path_factory, nursery) -> Iterator[Server]:
    with primed_server(tmp_path_factory.mktemp("review"), nursery.spawn) as server:
        add_user(server.data_dir, "bob")
        yield server


@pytest.fixture
def anita(browser, primed) -> Iterator[Admin]:
    with reviewer(browser, primed) as admin:
        yield admin


@pytest.fixture
def three(primed) -> str:
    """A book of three pages, of which nobody has looked at any."""
    return primed_book(primed, 3, next(titles))


def review(admin: Admin, book: str, page_num: int, queue: str = "") -> Page:
    return admin.go(f"/books/{book}/pages/{page_num}/review{queue and f'?queue={queue}'}")


def field(tab: Page):
    return tab.get_by_role("textbox", name="Text")


def heading(tab: Page):
    return tab.get_by_role("heading", level=1)


def state_of(server: Server, book: str, page_num: int) -> str:
    return server.get(f"/admin/books/{book}/pages/{page_num}")["status"]


def text_of(server: Server, book: str, page_num: int) -> str:
    return server.get(f"/admin/books/{book}/pages/{page_num}")["ocr_text"]


def save_draft(tab: Page, words: str) -> None:
    field(tab).fill(words)
    expect(tab.get_by_text("Draft saved")).to_be_visible()


# Looking


def test_image_and_text_stand_side_by_side_and_nothing_has_to_be_scrolled(anita, three):
    tab = review(anita, three, 1)
    expect(field(tab)).to_have_value(re.compile("^Lesson 1:"))

    image, words = tab.locator(".leaf").bounding_box(), field(tab).bounding_box()
    verdict = tab.get_by_role("button", name="Approve & next").bounding_box()

    assert image["x"] + image["width"] <= words["x"]
    assert max(box["y"] + box["height"] for box in (image, words, verdict)) <= 720
    assert anita.complaints == []


def test_zoom_and_place_are_kept_from_page_to_page(anita, three):
    tab = review(anita, three, 1)
    page, level = tab.locator("svg.page"), tab.locator("[data-zoom-level]")
    expect(level).to_have_text("100%")

    tab.get_by_role("button", name="Zoom in").click()
    tab.keyboard.press("+")
    expect(level).to_have_text("156%")
    tab.mouse.move(300, 400)
    tab.mouse.down()
    tab.mouse.move(200, 250)
    tab.mouse.up()
    moved = tab.evaluate("document.querySelector('.leaf').scrollTop")
    tab.keyboard.press("j")
    expect(heading(tab)).to_contain_text("Page 2")

    assert moved > 0
    expect(level).to_have_text("156%")
    tab.wait_for_function(f"Math.abs(document.querySelector('.leaf').scrollTop - {moved}) < 2")
    tab.keyboard.press("0")
    expect(level).to_have_text("100%")
    tab.get_by_role("button", name="Fit page").click()
    frame = tab.locator(".leaf").bounding_box()
    assert page.bounding_box()["height"] <= frame["height"]
    assert anita.complaints == []


def test_the_wheel_zooms_with_ctrl_and_keeps_the_point_under_the_pointer(anita, three):
    tab = review(anita, three, 1)
    page = tab.locator("svg.page")
    expect(tab.locator("[data-zoom-level]")).to_have_text("100%")

    def under_pointer() -> float:
        box = page.bounding_box()
        return (300 - box["x"]) / box["width"]

    before = under_pointer()
    tab.mouse.move(300, 400)
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -60)
    tab.keyboard.up("Control")

    expect(tab.locator("[data-zoom-level]")).not_to_have_text("100%")
    assert under_pointer() == pytest.approx(before, abs=0.01)
    tab.mouse.dblclick(300, 400)
    expect(tab.locator("[data-zoom-level]")).to_have_text("100%")


def test_doubtful_words_are_chips_that_lead_to_the_word_and_its_place(anita, three):
    tab = review(anita, three, 2)
    chips = tab.locator(".doubt")
    expect(chips).to_have_text(["rnango 41%", "denorninator 55%", "3/8 58%"])

    tab.keyboard.press("n")

    selected = "f => f.value.slice(f.selectionStart, f.selectionEnd)"
    assert field(tab).evaluate(selected) == "rnango"
    mark = tab.locator(".leaf rect.word")
    expect(mark).to_have_attribute("y", "106")
    tab.keyboard.press("Enter")
    tab.keyboard.type("mango")
    expect(field(tab)).to_have_value(re.compile("of a mango and"))
    tab.keyboard.press("Escape")
    tab.keyboard.press("n")
    assert field(tab).evaluate(selected) == "denorninator"
    expect(mark).to_have_attribute("y", "173")
    tab.keyboard.press("e")
    tab.keyboard.type("denominator")
    expect(field(tab)).to_have_value(re.compile("keep the denominator"))


def test_going_through_the_doubtful_words_types_over_none(anita, three):
    tab = review(anita, three, 1)
    before = field(tab).input_value()

    for word in ("rnango", "denorninator", "3/8", "rnango"):
        tab.keyboard.press("n")
        expect(tab.locator(".doubt:focus")).to_contain_text(word)

    expect(field(tab)).to_have_value(before)


def test_a_text_typed_by_a_human_has_no_doubtful_words(anita, three, primed):
    primed.http.put(f"/admin/books/{three}/pages/1/text", json={"text": "rnango", "revision": 1})

    tab = review(anita, three, 1)

    expect(field(tab)).to_have_value("rnango")
    expect(tab.locator(".doubt")).to_have_count(0)


# Deciding


def test_keyboard_only_twenty_pages_one_undone_one_edited(anita, primed):
    book = primed_book(primed, 22, next(titles))
    tab = review(anita, book, 1, "unreviewed")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog")).to_contain_text("Approve and go on")
    tab.keyboard.press("Escape")
    waits = []
    for number in range(1, 21):
        expect(field(tab)).to_have_value(re.compile(f"^Lesson {number}:"))
        tab.wait_for_function(IS_FETCHED, arg=f"/pages/{number + 1}/review?queue=unreviewed")
        waits.append(tab.evaluate(APPROVE_AND_MEASURE, f"Lesson {number + 1}:"))

    assert sum(waits) < 600, waits
    assert sorted(waits)[-2] < AT_ONCE, waits
    expect(tab.get_by_text("Page 20 approved.", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.get_by_text("20 of 22 approved")).to_be_visible()
    tab.keyboard.press("u")
    expect(heading(tab)).to_contain_text("Page 20")
    assert state_of(primed, book, 20) == "pending_review"

    tab.keyboard.press("e")
    tab.keyboard.press("Control+End")
    tab.keyboard.type(" jaxrunk +-0?")
    expect(heading(tab)).to_contain_text("Page 20")
    tab.keyboard.press("Control+Enter")
    expect(heading(tab)).to_contain_text("Page 21")
    expect(tab.get_by_text("Page 20 approved.", exact=True)).to_be_visible()
    assert text_of(primed, book, 20).endswith(" jaxrunk +-0?")
    assert [state_of(primed, book, number) for number in (19, 20, 21)] == [
        "approved",
        "approved",
        "pending_review",
    ]
    assert anita.complaints == []


IS_FETCHED = """(address) => performance.getEntriesByType('resource').some(
  (one) => one.name.endsWith(address) && one.responseEnd)"""
"""Whether the next page is there, as it is when somebody has read the present one."""
APPROVE_AND_MEASURE = """(next) => new Promise((resolve) => {
  let painted = 0;
  const look = () => {
    const field = document.querySelector('textarea[name=text]');
    if (field?.value.startsWith(next)) return resolve(painted);
    painted += 1;
    requestAnimationFrame(look);
  };
  document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true, cancelable: true}));
  look();
})"""


def test_the_end_of_a_queue_says_so_and_leads_on(anita, three, primed):
    tab = anita.go(f"/books/{three}/review")
    for number in (1, 2):
        expect(heading(tab)).to_contain_text(f"Page {number}")
        tab.keyboard.press("a")
    expect(heading(tab)).to_contain_text("Page 3")
    tab.keyboard.press("x")

    expect(tab.get_by_role("heading", name="All reviewed")).to_be_visible()
    expect(tab.get_by_text("2 approved, 1 rejected, 0 failed.")).to_be_visible()
    expect(tab.get_by_role("link", name="Go on with the book")).to_be_visible()
    tab.keyboard.press("u")
    expect(heading(tab)).to_contain_text("Page 3")
    assert state_of(primed, three, 3) == "pending_review"


def test_back_leads_to_the_page_before_and_a_link_to_the_same_queue(anita, primed):
    book = primed_book(primed, 13, next(titles))
    tab = review(anita, book, 5, "low")
    tab.keyboard.press("j")
    expect(heading(tab)).to_contain_text("Page 12")
    assert tab.url.endswith("/pages/12/review?queue=low")
    expect(tab.get_by_role("link", name="Low confidence 2")).to_have_attribute(
        "aria-current", "true"
    )

    tab.go_back()

    expect(heading(tab)).to_contain_text("Page 5")
    tab.reload()
    expect(heading(tab)).to_contain_text("Page 5")
    tab.keyboard.press("k")
    expect(heading(tab)).to_contain_text("Page 5")


def test_undo_works_after_a_reload_and_restores_what_somebody_else_decided(anita, three, primed):
    primed.http.put(f"/admin/books/{three}/pages/1/approve")
    tab = review(anita, three, 1)
    tab.keyboard.press("x")
    expect(heading(tab)).to_contain_text("Page 2")
    expect(tab.get_by_text("Page 1 rejected: it is not used.")).to_be_visible()
    assert state_of(primed, three, 1) == "rejected"

    tab.reload()
    tab.keyboard.press("u")

    expect(heading(tab)).to_contain_text("Page 1")
    expect(tab.get_by_text("Undone: Page 1")).to_be_visible()
    expect(tab.get_by_text("Approved", exact=True)).to_be_visible()
    assert state_of(primed, three, 1) == "approved"


def test_undoing_an_approval_with_an_edit_gives_the_words_back_as_a_draft(anita, three, primed):
    tab = review(anita, three, 1)
    before = field(tab).input_value()
    save_draft(tab, "Mended")
    tab.keyboard.press("Control+Enter")
    expect(heading(tab)).to_contain_text("Page 2")
    expect(tab.get_by_text("Page 1 approved.", exact=True)).to_be_visible()
    assert text_of(primed, three, 1) == "Mended"

    tab.get_by_role("button", name="Undo").last.click()

    expect(heading(tab)).to_contain_text("Page 1")
    expect(field(tab)).to_have_value("Mended")
    expect(tab.get_by_text("Draft saved")).to_be_visible()
    assert text_of(primed, three, 1) == before


def test_a_decision_taken_offline_comes_back_and_is_not_lost(anita, three, primed):
    tab = review(anita, three, 1)
    expect(field(tab)).to_have_value(re.compile("^Lesson 1:"))
    tab.wait_for_load_state("networkidle")
    anita.context.set_offline(True)
    field(tab).fill("Typed offline")
    expect(tab.get_by_text("Not saved: connection lost, kept here")).to_be_visible()
    tab.keyboard.press("Control+Enter")

    expect(tab.get_by_text("Page 1 was not decided: No answer came")).to_be_visible()
    expect(heading(tab)).to_contain_text("Page 1")
    expect(field(tab)).to_have_value("Typed offline")
    anita.context.set_offline(False)
    expect(tab.get_by_text("Draft saved")).to_be_visible()
    tab.get_by_role("button", name="Approve & next").click()
    expect(heading(tab)).to_contain_text("Page 2")
    expect(tab.get_by_text("Page 1 approved.", exact=True)).to_be_visible()
    assert text_of(primed, three, 1) == "Typed offline"


def test_a_refused_decision_comes_back_and_those_behind_it_are_not_kept(anita, primed):
    book = primed_book(primed, 6, next(titles))
    tab = review(anita, book, 1, "unreviewed")
    expect(field(tab)).to_have_value(re.compile("^Lesson 1:"))
    tab.keyboard.press("a")
    expect(tab.get_by_text("Page 1 approved.", exact=True)).to_be_visible()
    primed.http.put(f"/admin/books/{book}/pages/2/text", json={"text": "Other", "revision": 1})
    held = []
    tab.route(
        "**/pages/2/review?*",
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    for number in (2, 3):
        expect(heading(tab)).to_contain_text(f"Page {number}")
        tab.keyboard.press("a")
    expect(heading(tab)).to_contain_text("Page 4")
    held.pop().continue_()
    tab.unroute("**/pages/2/review?*")

    expect(tab.get_by_text(re.compile("One decision after it was not kept"))).to_be_visible()
    expect(tab.get_by_role("heading", name="Two versions of this text")).to_be_visible()
    expect(heading(tab)).to_contain_text("Page 2")
    expect(tab.locator("#conflict pre")).to_have_text("Other")
    tab.get_by_role("button", name="Take the other").click()
    expect(field(tab)).to_have_value("Other")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("Page 2 approved.", exact=True)).to_be_visible()
    assert text_of(primed, book, 2) == "Other"
    assert [state_of(primed, book, number) for number in (1, 2, 3)] == [
        "approved",
        "approved",
        "pending_review",
    ]


# Drafts


def test_a_draft_is_kept_over_a_reload_and_on_another_machine(anita, browser, three, primed):
    tab = review(anita, three, 1)
    save_draft(tab, "Half a sent")
    tab.reload()
    expect(field(tab)).to_have_value("Half a sent")
    expect(tab.get_by_text("Draft saved")).to_be_visible()

    with reviewer(browser, primed) as elsewhere:
        expect(field(review(elsewhere, three, 1))).to_have_value("Half a sent")
    with reviewer(browser, primed, "bob") as somebody_else:
        other = review(somebody_else, three, 1)
        expect(field(other)).to_have_value(re.compile("^Lesson 1:"))
    assert text_of(primed, three, 1).startswith("Lesson 1:")
    tab.get_by_role("button", name="Discard draft").click()
    expect(tab.get_by_text("What you had typed is discarded.")).to_be_visible()
    expect(field(tab)).to_have_value(re.compile("^Lesson 1:"))
    tab.reload()
    expect(field(tab)).to_have_value(re.compile("^Lesson 1:"))


def test_what_was_typed_in_the_last_second_is_there_after_a_reload(anita, three):
    tab = review(anita, three, 1)
    field(tab).fill("Typed and gone")

    tab.reload()

    expect(field(tab)).to_have_value("Typed and gone")


def test_a_refused_text_is_still_a_draft_when_one_comes_back(anita, three, primed):
    tab = review(anita, three, 1)
    expect(field(tab)).to_have_value(re.compile("^Lesson 1:"))
    primed.http.put(f"/admin/books/{three}/pages/1/text", json={"text": "Other", "revision": 1})
    field(tab).fill("Mine")
    tab.get_by_role("button", name="Save text").click()
    expect(tab.locator("#conflict pre")).to_have_text("Other")
    tab.keyboard.press("Escape")
    tab.keyboard.press("j")
    expect(heading(tab)).to_contain_text("Page 2")

    tab.keyboard.press("k")

    expect(heading(tab)).to_contain_text("Page 1")
    expect(field(tab)).to_have_value("Mine")
    expect(tab.locator("#conflict pre")).to_have_text("Other")


def test_what_was_typed_before_a_rejection_is_there_when_it_is_undone(anita, three):
    tab = review(anita, three, 1)
    field(tab).fill("Typed, then rejected")
    tab.keyboard.press("Escape")
    tab.keyboard.press("x")
    expect(heading(tab)).to_contain_text("Page 2")
    expect(tab.get_by_text("Page 1 rejected: it is not used.")).to_be_visible()

    tab.keyboard.press("u")

    expect(heading(tab)).to_contain_text("Page 1")
    expect(field(tab)).to_have_value("Typed, then rejected")


def test_two_windows_with_other_words_give_a_choice(anita, three, primed):
    tab = review(anita, three, 1)
    second = anita.open_tab()
    second.goto(tab.url)
    save_draft(tab, "From the first")
    field(second).fill("From the second")

    expect(second.get_by_text("Another window of yours has other words")).to_be_visible()
    expect(second.locator("#conflict pre")).to_have_text("From the first")
    expect(field(second)).to_have_value("From the second")
    second.get_by_role("button", name="Keep mine").click()
    expect(second.get_by_text("Draft saved")).to_be_visible()
    field(tab).fill("From the first, again")
    expect(tab.locator("#conflict pre")).to_have_text("From the second")
    tab.get_by_role("button", name="Take the other").click()
    expect(field(tab)).to_have_value("From the second")
    expect(tab.get_by_text("Draft saved")).to_be_visible()
    assert anita.complaints == []


def bob_saves(browser, primed, three):
    with reviewer(browser, primed, "bob") as bob:
        other = review(bob, three, 1)
        field(other).fill("Bob's")
        other.get_by_role("button", name="Save text").click()
        expect(other.get_by_text("Page 1: Text saved.")).to_be_visible()


def test_a_choice_between_two_texts_is_not_asked_for_again_by_a_late_reply(
    anita, browser, three, primed
):
    tab = review(anita, three, 1)
    save_draft(tab, "Anita's")
    bob_saves(browser, primed, three)
    held = []
    tab.route("**/drafts/*", lambda route: held.append(route) if not held else route.continue_())

    tab.reload()
    tab.get_by_role("button", name="Keep mine").click()
    while not held:
        tab.wait_for_timeout(20)
    held[0].continue_()

    expect(tab.get_by_text("Draft saved")).to_be_visible()
    expect(tab.locator("#conflict")).to_be_hidden()


def test_a_text_saved_by_somebody_else_stands_beside_the_draft(anita, browser, three, primed):
    tab = review(anita, three, 1)
    save_draft(tab, "Anita's")
    bob_saves(browser, primed, three)

    tab.reload()
    expect(tab.get_by_text("Somebody saved another text since you began")).to_be_visible()
    expect(field(tab)).to_have_value("Anita's")
    expect(tab.locator("#conflict pre")).to_have_text("Bob's")
    tab.keyboard.press("a")
    expect(tab.get_by_text("Choose first which text to keep.")).to_be_visible()
    tab.get_by_role("button", name="Keep mine").click()
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("Page 1 approved.", exact=True)).to_be_visible()
    assert text_of(primed, three, 1) == "Anita's"


def test_a_page_read_again_meanwhile_does_not_take_the_draft(anita, three, primed):
    tab = review(anita, three, 1)
    save_draft(tab, "Half done")
    primed.http.post(f"/admin/books/{three}/pages/1/rotate", json={"degrees": 90})
    primed.wait(three)

    tab.reload()

    expect(tab.get_by_text("The page was read again since you began")).to_be_visible()
    expect(tab.locator("#conflict pre")).to_contain_text("Turned on its side")
    expect(field(tab)).to_have_value("Half done")
    tab.get_by_role("button", name="Take the other").click()
    expect(field(tab)).to_have_value(re.compile("^Turned on its side"))


# Many at once


def test_all_ready_pages_are_approved_after_a_look_and_undone_as_one(anita, primed):
    book = primed_book(primed, 13, next(titles))
    tab = anita.go(f"/books/{book}")
    tab.get_by_role("link", name="Look first").click()
    expect(heading(tab)).to_have_text("Approve 13 pages?")
    expect(tab.locator(".samples li")).to_have_count(3)
    expect(tab.locator(".samples li").first).to_contain_text("The least sure")

    tab.get_by_role("link", name="80% or more: 11").click()
    tab.get_by_role("button", name="Approve 11 pages").click()
    expect(tab.get_by_text("11 pages approved.")).to_be_visible()
    assert [state_of(primed, book, number) for number in (4, 5)] == ["approved", "pending_review"]
    tab.get_by_role("button", name="Undo").click()

    expect(tab.get_by_text("Undone: 11 pages approved.")).to_be_visible()
    assert state_of(primed, book, 4) == "pending_review"
    expect(tab.get_by_role("button", name="Approve 13")).to_be_visible()


# Mending


def test_a_page_can_be_rejected_taken_back_moved_and_deleted(anita, three):
    tab = review(anita, three, 3)
    tab.get_by_role("button", name="Reject").click()
    expect(tab.get_by_text("Page 3 rejected: it is not used.")).to_be_visible()
    expect(heading(tab)).to_contain_text("Page 1")

    review(anita, three, 3)
    tab.get_by_role("button", name="Undo rejection").click()
    expect(tab.get_by_text("Page 3 waits for review again.")).to_be_visible()
    tab.get_by_label("Move to place").fill("1")
    tab.get_by_role("button", name="Move", exact=True).click()
    expect(tab.get_by_text("Page 3 is now page 1.")).to_be_visible()
    expect(heading(tab)).to_contain_text("page3.png")
    tab.get_by_role("button", name="Undo").last.click()
    expect(heading(tab)).to_contain_text("Page 3")
    tab.get_by_role("button", name="Move up").click()
    expect(tab.get_by_text("Page 3 is now page 2.")).to_be_visible()

    tab.get_by_role("button", name="Delete page").click()
    expect(tab.get_by_role("heading", name="Delete page 2?")).to_be_visible()
    tab.get_by_role("button", name="Delete page").click()
    expect(tab.get_by_text("Page 2 deleted.")).to_be_visible()
    expect(tab.locator("#pages > li")).to_have_count(2)
    tab.get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Undone: Page 2 deleted.")).to_be_visible()
    expect(heading(tab)).to_contain_text("Page 2 of 3")
    expect(heading(tab)).to_contain_text("page3.png")
    expect(field(tab)).to_have_value(re.compile("^Lesson 3:"))
    assert anita.complaints == []


def test_a_decision_about_a_page_that_is_gone_spoils_no_screen(anita, three, primed):
    tab = review(anita, three, 1)
    tab.get_by_role("button", name="Approve & next").click()
    expect(heading(tab)).to_contain_text("Page 2")
    assert primed.http.delete(f"/admin/books/{three}/pages/1").is_success

    tab = review(anita, three, 1)

    expect(heading(tab)).to_contain_text("page2.png")
    expect(tab.locator("form.undo")).to_be_hidden()


def test_a_page_turned_is_read_again_and_shows_its_text_without_a_reload(anita, three):
    tab = review(anita, three, 1)

    tab.get_by_role("button", name="Rotate right").click()
    expect(tab.get_by_text("Page 1 was turned and is read again.")).to_be_visible()

    expect(field(tab)).to_have_value(re.compile("^Turned on its side"), timeout=SLOW)
    expect(tab.locator(".attempts li")).to_have_count(2)


def test_pages_are_not_moved_under_a_job_and_the_screen_says_why(anita, primed):
    book = primed.create_book(title="Busy", author="Busy")
    files = [(f"page{number}.png", bars(number)) for number in range(1, 4)]
    manifest = {"files": [{"name": name, "size": len(body)} for name, body in files]}
    batch = primed.http.post(f"/admin/books/{book}/uploads", json=manifest).json()["batch_id"]
    for place in (0, 1):  # with one file missing, the job waits for it
        primed.http.put(f"/admin/books/{book}/uploads/{batch}/{place}", content=files[place][1])
    tab = review(anita, book, 1)
    expect(field(tab)).to_have_value(re.compile("^Lesson 1:"), timeout=SLOW)

    tab.get_by_role("button", name="Move down").click()
    expect(tab.get_by_role("alert")).to_contain_text("Reading")
    expect(heading(tab)).to_contain_text("Page 1")
    tab.keyboard.press("a")
    expect(heading(tab)).to_contain_text("Page 2")
    expect(tab.get_by_text("Page 1 approved.", exact=True)).to_be_visible()
    tab.keyboard.press("a")
    expect(tab.get_by_role("heading", name="All reviewed")).to_be_visible()
    primed.http.put(f"/admin/books/{book}/uploads/{batch}/2", content=files[2][1])
    primed.wait(book)
    expect(field(tab)).to_have_value(re.compile("^Lesson 3:"))


def test_an_image_that_cannot_be_read_is_replaced(anita, primed):
    book = primed.create_book(title="Replaced", author="Replaced")
    primed.upload(book, [("page1.png", unreadable_file())])
    primed.wait(book)
    tab = anita.go(f"/books/{book}")
    tab.get_by_role("link", name="Replace image").click()
    expect(tab.get_by_role("button", name="Retry")).to_have_class(re.compile("quiet"))
    new = {"name": "better.png", "mimeType": "image/png", "buffer": bars(7)}
    tab.get_by_label("Replace the image").set_input_files(new)
    tab.get_by_role("button", name="Replace", exact=True).click()

    expect(field(tab)).to_have_value(re.compile("^Lesson 7:"), timeout=SLOW)


def test_a_page_that_cannot_be_read_is_mended_by_typing(anita, primed):
    book = primed.create_book(title="Typed", author="Typed")
    primed.upload(book, [("page1.png", unreadable_file())])
    primed.wait(book)
    tab = review(anita, book, 1, "failed")
    tab.get_by_role("link", name="Type the text").click()
    save_draft(tab, "Typed by hand")

    tab.get_by_role("button", name="Save text").click()

    expect(tab.get_by_text("Page 1: Text saved.")).to_be_visible()
    expect(tab.get_by_text("Typed by hand, revision 1")).to_be_visible()
    assert text_of(primed, book, 1) == "Typed by hand"


# On a phone, and without a script


def test_on_a_phone_the_verdict_stays_within_reach(browser, primed, three):
    with reviewer(browser, primed, viewport={"width": 390, "height": 844}) as admin:
        tab = review(admin, three, 1)
        expect(tab.get_by_role("button", name="Approve & next")).to_be_in_viewport()
        tab.get_by_role("button", name="Approve & next").click()
        expect(heading(tab)).to_contain_text("Page 2")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_a_script_approve_reject_save_and_undo_are_forms(browser, primed, three):
    with reviewer(browser, primed, java_script_enabled=False) as plain:
        tab = review(plain, three, 1, "unreviewed")
        field(tab).fill("Typed plainly")
        tab.get_by_role("button", name="Save text").click()
        expect(tab.get_by_text("Page 1: Text saved.")).to_be_visible()
        tab.get_by_role("button", name="Approve & next").click()
        expect(tab.get_by_text("Page 1 approved.", exact=True)).to_be_visible()
        expect(heading(tab)).to_contain_text("Page 2")
        tab.get_by_role("button", name="Reject").click()
        expect(heading(tab)).to_contain_text("Page 3")
        tab.get_by_role("button", name="Undo").first.click()
        expect(tab.get_by_text("Undone: Page 2")).to_be_visible()
        expect(heading(tab)).to_contain_text("Page 2")
        primed.http.put(f"/admin/books/{three}/pages/2/text", json={"text": "Other", "revision": 1})
        tab.get_by_role("button", name="Approve & next").click()
        expect(tab.locator("#conflict pre")).to_have_text("Other")
        tab.get_by_role("button", name="Keep mine").click()
        expect(tab.get_by_text("Page 2: Text saved.")).to_be_visible()

    assert text_of(primed, three, 1) == "Typed plainly"
    assert text_of(primed, three, 2).startswith("Lesson 2:")


def test_a_job_that_was_stopped_says_what_is_left_and_is_resumed(admin, server):
    book = server.create_book(title="Stopped", author="Stopped")
    files = [(f"page{number}.png", page_file(number % 4 + 1)) for number in range(1, 13)]
    server.upload(book, files)
    tab = admin.go(f"/books/{book}")
    tab.get_by_role("button", name="Stop").click()

    card = tab.locator("#job")
    expect(card).to_contain_text(re.compile(r"Reading stopped at page \d+/12"), timeout=SLOW)
    numbers = [
        int(re.search(r"\d+", card.locator("div", has_text=label).last.inner_text())[0])
        for label in ("Pages completed", "Pages failed", "Pages remaining")
    ]
    assert sum(numbers) == 12
    tab.get_by_role("button", name=re.compile(r"Resume from Page \d+")).click()

    expect(tab.locator("#pages > li", has_text="Completed")).to_have_count(12, timeout=SLOW)
    expect(card).to_contain_text("Failed pages: 0")
