"""The list of books leads to exactly what needs the admin."""

import re

from tests.web.making import LESSONS


def needs(admin) -> list[tuple[str, str]]:
    """What the rows of the list say and where they lead."""
    page = admin.http.get("/", headers={"Accept": "text/html"}).text
    return re.findall(r'<a class="needs" href="([^"]+)">([^<]+)</a>', page)


def test_an_empty_book_leads_to_its_upload(admin):
    book = admin.create_book()

    assert needs(admin) == [(f"/books/{book}", "Upload its pages")]


def test_a_page_that_failed_leads_to_the_failed_pages(busy_admin):
    book = busy_admin.read_book(LESSONS[0], "rate limit")

    assert needs(busy_admin) == [
        (f"/books/{book}?status=failed", "1 page failed"),
        (f"/books/{book}/review", "1 page to review"),
    ]


def test_pages_that_were_read_lead_to_the_review(busy_admin):
    book = busy_admin.read_book()

    assert needs(busy_admin) == [(f"/books/{book}/review", "3 pages to review")]


def test_a_job_that_failed_leads_to_its_card_with_resume(busy_admin, workshop):
    workshop.is_free.clear()
    book = busy_admin.create_book()
    busy_admin.bulk(book, *LESSONS, *LESSONS, *LESSONS)
    job = busy_admin.get(f"/admin/books/{book}/jobs/latest")
    busy_admin.http.post(f"/books/{book}/jobs/{job['job_id']}/stop")
    workshop.is_free.set()
    busy_admin.wait(book)

    (href, words), *_reviews = needs(busy_admin)
    assert href == f"/books/{book}#job"
    assert words.startswith("Stopped by you at page ")


def test_guidelines_lead_to_what_is_next(busy_admin):
    book = busy_admin.generated_book()

    assert needs(busy_admin) == [(f"/books/{book}#steps", "Refine &amp; consolidate")]


def test_published_guidelines_lead_to_their_review(busy_admin):
    book = busy_admin.published_book()

    assert needs(busy_admin)[0][0] in {f"/books/{book}/guidelines", f"/books/{book}#steps"}
