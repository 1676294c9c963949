"""Nothing on these screens is plain English for a browser that asks for another language."""

import pytest

from tests.plain_english import plain_english
from tests.web.making import LESSONS

PSEUDO = {"Accept-Language": "en-XA", "Accept": "text/html"}
TITLE, AUTHOR, TORN = "Zahlen und Formen", "Ada L.", "eselsohr.png"
NAMES = {TITLE, AUTHOR, "Mathematics", "CBSE", "India", "token", "fake", TORN}
LINES = [line for lesson in LESSONS for line in lesson.splitlines()]
NAMES |= {f"page-{number}.png" for number in range(1, 6)}


@pytest.fixture
def book(busy_admin):
    """Pages that were read, one approved, one rejected, one blank, and one that failed."""
    names = [*(f"page-{number}.png" for number in range(1, 6)), TORN]
    book = busy_admin.create_book(title=TITLE, author=AUTHOR)
    busy_admin.bulk(book, *LESSONS, "", LESSONS[0], "rate limit", names=names)
    busy_admin.wait(book)
    for page, decision in ((1, "approve"), (2, "reject"), (3, "approve")):
        decide(busy_admin, book, page, decision)
    return book


def decide(admin, book: str, page: int, decision: str):
    data = {"do": decision, "text": "Words", "revision": "1", "stamp": ""}
    return admin.http.post(
        f"/books/{book}/pages/{page}/review", data=data, headers=PSEUDO, follow_redirects=True
    )


def shown(admin, path: str) -> str:
    return admin.http.get(path, headers=PSEUDO, follow_redirects=True).text


@pytest.mark.parametrize(
    "path", ["/login", "/", "/books/new", "/settings", "/nowhere", "/?stage=done"]
)
def test_the_frame_and_its_screens(admin, hornbook, path):
    settings = hornbook.settings
    facts = {str(settings.data_dir), hornbook.objects.url, str(hornbook.database.url)}

    page = shown(admin, path)

    assert "⟦" in page
    assert plain_english(page, NAMES | facts) == []


def test_the_list_of_books(busy_admin, book):
    assert plain_english(shown(busy_admin, "/"), NAMES) == []
    assert plain_english(shown(busy_admin, "/?q=nothing"), {*NAMES, "nothing"}) == []


def test_a_form_that_was_filled_in_wrongly(admin):
    wrong = {"title": "x" * 301, "grade": "13", "edition_year": "1", "author": "\x07"}
    reply = admin.http.post("/books/new", data=wrong, headers=PSEUDO)

    assert reply.status_code == 422
    assert plain_english(reply.text, NAMES) == []


def test_the_review_of_a_page_in_every_state(busy_admin, book):
    for page in range(1, 7):
        screen = shown(busy_admin, f"/books/{book}/pages/{page}/review?queue=unreviewed")
        assert plain_english(screen, NAMES) == [], page


def test_the_screens_round_the_review(busy_admin, book):
    for path in (
        "review?queue=low",
        "review?queue=unreviewed",
        "approve",
        "approve?least=95",
        "pages/1/delete",
        "pages/99/review",
    ):
        screen = shown(busy_admin, f"/books/{book}/{path}")
        assert plain_english(screen, {*NAMES, *LINES, book}) == [], path


def test_what_is_said_after_an_action(busy_admin, book):
    for action, data in (
        ("pages/4/review", {"do": "approve"}),
        ("pages/5/review", {"do": "save", "text": "Theirs", "revision": "0", "stamp": ""}),
        ("pages/5/move", {"to": "1"}),
        ("undo", {}),
        ("pages/5/move", {"to": "99"}),
        ("pages/5/move", {"to": "no"}),
        ("pages/2/read-again", {}),
        ("undo?step=99", {}),
        ("pages/approve", {"least": "0"}),
        ("pages/5/rotate", {"degrees": "90"}),
    ):
        notice = said_after(busy_admin, f"/books/{book}/{action}", data)
        assert plain_english(notice, {*NAMES, "no"}) == [], action


def said_after(admin, address: str, data: dict[str, str]) -> str:
    """The notice on the screen that follows an action."""
    reply = admin.http.post(address, data=data, headers=PSEUDO, follow_redirects=False)
    if reply.is_redirect:
        reply = admin.http.get(reply.headers["location"], headers=PSEUDO)
    return '<p class="notice' + reply.text.split('class="notice', 1)[1].split("</div>")[0]


def test_a_refused_login(connect):
    page = connect().post("/login", data={"user_name": "eve", "password": "x"}, headers=PSEUDO)

    assert plain_english(page.text, {"eve"}) == []
