"""What a screen is sent when it asks what is new: what changed, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import event

from hornbook.web.pages.follow import MOST_ROWS, Arrival, list_change, news, read, tags, written
from tests.web.test_auth import CREDENTIALS, PAGE, PASSWORD

MOST_STATEMENTS = 2
BOOKKEEPING = ("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK")


@pytest.fixture
def hornbook(hornbook):
    """With one user."""
    hornbook.accounts.add_user("anita", PASSWORD)
    return hornbook


@pytest.fixture
def browser(connect):
    client = connect(headers=PAGE)
    client.post("/login", data=CREDENTIALS)
    return client


@contextmanager
def statements(hornbook) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.upper().startswith(BOOKKEEPING):
            asked.append(statement)

    event.listen(hornbook.database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(hornbook.database.engine, "before_cursor_execute", note)


def live_address(html: str) -> str:
    return html.split(' hx-get="')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")


def test_an_idle_poll_asks_the_database_two_small_questions_at_most(browser, busy_admin, hornbook):
    book = busy_admin.read_book()
    address = live_address(browser.get(f"/books/{book}").text)
    browser.get(address)

    with statements(hornbook) as asked:
        reply = browser.get(address)

    assert (reply.status_code, reply.content) == (204, b"")
    assert 1 <= len(asked) <= MOST_STATEMENTS, asked


def test_a_poll_sends_the_rows_that_changed_and_no_other(browser, busy_admin):
    book = busy_admin.read_book()
    address = live_address(browser.get(f"/books/{book}").text)
    busy_admin.put(f"/admin/books/{book}/pages/2/approve")

    told = browser.get(address).text

    assert 'id="p2"' in told
    assert 'id="p1"' not in told
    assert 'id="p3"' not in told
    assert browser.get(live_address(told)).status_code == 204


@pytest.mark.parametrize("path", ["/books/{book}", "/books/{book}/jobs/{job}", "/jobs"])
def test_a_screen_that_shows_what_is_has_nothing_to_ask_for(browser, busy_admin, path):
    book = busy_admin.read_book()
    job = busy_admin.wait(book)["job_id"]

    screen = browser.get(path.format(book=book, job=job)).text

    assert browser.get(live_address(screen)).status_code == 204


def test_the_log_of_a_job_sends_what_changed_too(browser, busy_admin, workshop):
    workshop.is_free.clear()
    book = busy_admin.create_book()
    busy_admin.bulk(book, "One", "Two")
    job = busy_admin.get(f"/admin/books/{book}/jobs/latest")["job_id"]
    address = live_address(browser.get(f"/books/{book}/jobs/{job}").text)
    workshop.is_free.set()
    busy_admin.wait(book)

    told = browser.get(address).text

    assert "Done · Mathematics" in told
    assert 'id="l1"' in told
    assert 'id="l2"' in told
    assert browser.get(live_address(told)).status_code == 204


def test_a_poll_of_a_book_that_is_gone_says_so(browser):
    assert browser.get("/books/none/live", params={"since": 1}).status_code == 404


# How a list becomes another one


@dataclass(frozen=True)
class Row:
    number: int
    rev: int = 0


def test_a_list_is_told_what_changed_what_went_and_what_came():
    rows = [Row(1), Row(2, rev=8), Row(4), Row(5), Row(6), Row(9)]

    change = list_change(rows, frozenset({2, 3, 6}), since=7)

    assert change.changed == (Row(2, rev=8),)
    assert change.gone == (3,)
    assert change.arrived == (
        Arrival(None, (Row(1),)),
        Arrival(2, (Row(4), Row(5))),
        Arrival(6, (Row(9),)),
    )


@pytest.mark.parametrize("numbers", [[], [1], [1, 2, 3, 7], [2, 4, 5, 2000]])
def test_the_numbers_of_rows_come_back_as_they_were_written(numbers):
    assert read(written(numbers)) == set(numbers)


@pytest.mark.parametrize("text", ["", "-", "x.y", "99999999", "5-2", "²"])
def test_whatever_else_a_browser_claims_to_show_is_no_number(text):
    assert read(text) == frozenset()


def test_nobody_can_claim_to_show_more_rows_than_a_book_may_have():
    assert len(read("1-99999")) <= MOST_ROWS


def test_only_fragments_that_differ_are_sent():
    before = {"stages": "one", "steps": "two"}

    assert news(before | {"steps": "three"}, tags(before)) == {"steps": "three"}
    assert news(before, tags(before)) == {}


def test_a_screen_that_does_not_say_what_it_has_gets_every_fragment():
    assert news({"stages": "one", "steps": "two"}, "") == {"stages": "one", "steps": "two"}
