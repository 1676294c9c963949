"""The main job as an admin does it, click by click."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import SECTIONS, Admin, page_file, unreadable_file

SLOW = 60_000


def new_book(admin: Admin, title: str) -> None:
    tab = admin.go("/")
    tab.get_by_role("link", name="New book").click()
    for label, value in (
        ("Title", title),
        ("Author", title),
        ("Edition", "2nd"),
        ("Year", "2025"),
        ("Country", "India"),
        ("Board", "CBSE"),
        ("Grade", "4"),
        ("Subject", "Mathematics"),
    ):
        tab.get_by_label(label, exact=True).fill(value)
    tab.get_by_role("button", name="Create").click()
    expect(tab.get_by_role("heading", level=1, name=title)).to_be_visible()


def pick(admin: Admin, files: dict[str, bytes]) -> None:
    payload = [
        {"name": name, "mimeType": "image/png", "buffer": body} for name, body in files.items()
    ]
    admin.page.locator("input[type=file][multiple]").set_input_files(payload)


def test_a_book_goes_from_images_to_published_guidelines(admin):
    new_book(admin, "Maths Grade 4")
    tab = admin.page
    expect(tab.get_by_text("0/0 pages (0%)")).to_be_visible()

    pick(admin, {f"page{number}.png": page_file(number) for number in (2, 4, 1, 3)})
    expect(tab.get_by_text("Selected: 4 images", exact=True)).to_be_visible()
    tab.get_by_role("button", name="Upload All & Start OCR").click()

    rows = tab.locator("#pages > li")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("page2.png")
    expect(tab.locator("#job")).to_contain_text("4/4 pages (100%)", timeout=SLOW)
    expect(rows.filter(has_text=re.compile(r"Page \d+.*Completed", re.DOTALL))).to_have_count(4)

    rows.first.get_by_role("link", name="Review").click()
    expect(tab.get_by_role("textbox", name="Text")).to_have_value(re.compile("Fractions"))
    tab.get_by_role("button", name="Approve & next").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Page 2")
    tab.get_by_role("link", name="Maths Grade 4").click()
    tab.get_by_role("button", name="Approve 3").click()
    expect(tab.get_by_text("3 pages approved.")).to_be_visible()

    tab.get_by_role("button", name="Generate Guidelines").click()
    expect(tab.locator("#job")).to_contain_text("Guidelines generated", timeout=SLOW)
    expect(tab.locator("#job")).to_contain_text("Completed")

    tab.get_by_role("button", name="Refine & Consolidate").click()
    expect(tab.locator("#job")).to_contain_text("Refined & consolidated", timeout=SLOW)
    tab.get_by_role("button", name="Publish").click()
    expect(tab.get_by_text(re.compile(r"guidelines? published: "))).to_be_visible()

    tab.get_by_role("link", name=re.compile("Read .* guideline")).click()
    expect(tab.get_by_role("heading", name=re.compile("Subtracting Fractions"))).to_be_visible()
    tab.get_by_role("button", name="Approve").click()
    expect(tab.get_by_text(re.compile("approved and published"))).to_be_visible()
    assert admin.complaints == []


def test_a_reload_and_a_second_tab_show_the_same_job(admin):
    new_book(admin, "Two tabs")
    pick(admin, {f"p{number}.png": page_file(number) for number in SECTIONS})
    admin.page.get_by_role("button", name="Upload All & Start OCR").click()
    expect(admin.page.locator("#job")).to_contain_text("Pages read", timeout=SLOW)
    seen = admin.page.locator("#job .facts").inner_text()

    admin.page.reload()
    second = admin.open_tab()
    second.goto(admin.page.url)

    assert admin.page.locator("#job .facts").inner_text() == seen
    assert second.locator("#job .facts").inner_text() == seen
    assert admin.page.title() == second.title() == "Done · Two tabs"


def test_a_page_that_cannot_be_read_says_why_and_offers_retry(admin):
    new_book(admin, "Torn")
    pick(admin, {"page1.png": page_file(1), "torn.png": unreadable_file()})
    admin.page.get_by_role("button", name="Upload All & Start OCR").click()
    row = admin.page.locator("#pages > li").nth(1)
    expect(row).to_contain_text("Failed", timeout=SLOW)

    expect(row.locator(".why")).to_contain_text("image")
    expect(admin.page.get_by_role("button", name="Retry 1 failed")).to_be_visible()
    retry = row.get_by_role("button", name="Retry")
    retry.focus()
    retry.press("Enter")

    expect(admin.page.get_by_text("Page 2 is read again.")).to_be_visible()
    expect(row).to_contain_text("Failed", timeout=SLOW)
    assert admin.page.evaluate("document.activeElement !== document.body")


def test_only_the_missing_files_are_sent_after_a_closed_tab(admin):
    new_book(admin, "Closed tab")
    files = {f"page{number}.png": page_file(number) for number in SECTIONS}
    book = admin.page.url.rsplit("/", 1)[1]
    manifest = {"files": [{"name": name, "size": len(body)} for name, body in files.items()]}
    api = admin.context.request
    headers = {"Origin": admin.url}
    batch = api.post(f"{admin.url}/admin/books/{book}/uploads", data=manifest, headers=headers)
    address = f"{admin.url}/admin/books/{book}/uploads/{batch.json()['batch_id']}/0"
    api.put(address, data=files["page1.png"], headers=headers)
    sent: list[str] = []
    admin.page.on(
        "request", lambda request: sent.append(request.url) if request.method == "PUT" else None
    )

    admin.page.reload()
    expect(admin.page.get_by_role("heading", name="1 of 4 received")).to_be_visible()
    pick(admin, files)
    admin.page.get_by_role("button", name="Upload All & Start OCR").click()

    expect(admin.page.locator("#pages > li")).to_have_count(4, timeout=SLOW)
    expect(admin.page.get_by_role("heading", name="1 of 4 received")).to_be_hidden()
    assert len(sent) == 3


def test_every_row_of_a_long_list_says_its_page_and_state_also_below_the_fold(admin, server):
    book = server.create_book(title="Long", author="Long")
    # Torn files fail as soon as they are opened: sixty of them take no time.
    server.upload(book, [(f"p{n}.png", unreadable_file() + b"%d" % n) for n in range(1, 61)])
    server.wait(book)

    rows = admin.go(f"/books/{book}").locator("#pages > li").all_inner_texts()

    assert [row.split("\n")[0] for row in rows] == [f"Page {n}" for n in range(1, 61)]
    assert all("Failed" in row for row in rows)


def test_a_file_that_is_there_already_is_not_called_uploaded(admin, finished_book):
    tab = admin.go(f"/books/{finished_book}")
    pick(admin, {"page1.png": page_file(1)})
    tab.get_by_role("button", name="Upload All & Start OCR").click()

    expect(tab.get_by_text("Uploaded: 0 images, 1 already there")).to_be_visible()


def test_a_tab_on_a_deleted_book_says_that_it_is_gone(admin, server):
    book = server.create_book(title="Short-lived", author="Short-lived")
    tab = admin.go(f"/books/{book}")
    server.http.delete(f"/admin/books/{book}").raise_for_status()

    tab.evaluate("htmx.trigger('#job', 'refresh')")

    expect(tab.get_by_role("heading", name="Not found")).to_be_visible()


def test_a_server_that_falters_heals_without_a_click(admin):
    new_book(admin, "Faltering")
    faults = iter([500, 503, 500])

    def falter(route) -> None:
        status = next(faults, None)
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, json={"detail": "Try again."})

    admin.page.route("**/uploads/*/*", falter)
    pick(admin, {f"page{number}.png": page_file(number) for number in (1, 2)})
    admin.page.get_by_role("button", name="Upload All & Start OCR").click()

    expect(admin.page.locator("#pages > li")).to_have_count(2, timeout=SLOW)
    expect(admin.page.get_by_text("Uploaded: 2 images")).to_be_visible()


def test_the_screen_says_when_the_connection_is_lost_and_when_it_is_back(admin, finished_book):
    tab = admin.go(f"/books/{finished_book}")
    banner = tab.get_by_text("Connection lost.")
    admin.context.set_offline(True)
    tab.evaluate("htmx.trigger('#job', 'refresh')")
    expect(banner).to_be_visible()

    admin.context.set_offline(False)
    tab.evaluate("htmx.trigger('#job', 'refresh')")

    expect(banner).to_be_hidden()
    expect(tab.locator("#job")).to_contain_text("Refined & consolidated")
