"""The screen of an error says what happened and what to do next."""

import pytest
from sqlalchemy import text

from hornbook.web.pages.problem import KINDS
from hornbook.web.problems import SENTENCES

PAGE = {"Accept": "text/html"}


def shown(reply) -> str:
    assert reply.headers["content-type"].startswith("text/html")
    return reply.text


def test_an_address_that_is_nowhere_leads_to_the_books(admin):
    page = shown(admin.http.get("/nowhere", headers=PAGE))

    assert "There is nothing at this address." in page
    assert "It may have been deleted or moved since." in page
    assert '<a class="button primary" href="/">All books</a>' in page


def test_it_leads_back_to_where_one_came_from(admin):
    before = {"Referer": "http://hornbook.test/books/x?status=failed"}
    page = shown(admin.http.get("/nowhere", headers=PAGE | before))

    assert '<a class="button primary" href="/books/x?status=failed">Go back</a>' in page


@pytest.mark.parametrize(
    "referer", ["http://elsewhere.test/books", "http://hornbook.test/nowhere", "nonsense"]
)
def test_it_leads_back_to_none_but_another_screen_of_ours(admin, referer):
    page = shown(admin.http.get("/nowhere", headers=PAGE | {"Referer": referer}))

    assert "Go back" not in page


def test_a_bug_is_told_without_its_details_and_can_be_tried_again(admin, hornbook):
    admin.bulk(admin.create_book(), "Nothing else")
    with hornbook.database.begin() as session:
        session.execute(text("UPDATE book_jobs SET job_type = 'secret detail'"))
    reply = admin.http.get("/", headers=PAGE)

    assert reply.status_code == 500
    assert "secret detail" not in shown(reply)
    assert "Something went wrong on our side. It has been logged." in reply.text
    assert '<a class="button primary" href="/">Try again</a>' in reply.text


def test_a_form_sent_by_another_site_is_refused_with_nothing_of_ours_shown(connect):
    foreign = {"Origin": "http://elsewhere.test"} | PAGE
    page = shown(connect().post("/login", data={"user_name": "eve"}, headers=foreign))

    assert "Nothing was changed. Open Hornbook itself and do it there." in page
    assert 'href="/login">Log in</a>' in page
    assert "<nav" not in page


def test_every_status_with_a_sentence_says_what_to_do_next():
    assert set(SENTENCES) - set(KINDS) == set()
