"""Nothing about a book and its jobs is plain English for a browser that asks for another language."""

import re

import pytest

from tests.plain_english import plain_english
from tests.web.making import LESSONS, make_image
from tests.web.test_translated import NAMES, TITLE, said_after, shown

PAGES = [f"page-{number}.png" for number in range(1, 7)]
SHOWN = {*NAMES, *PAGES}


@pytest.fixture
def book(busy_admin):
    """Pages of which one met a rate limit and one is torn."""
    book = busy_admin.create_book(title=TITLE)
    texts = (*LESSONS, "", "rate limit")
    files = [("images", (n, make_image(t))) for n, t in zip(PAGES, texts, strict=False)]
    torn = ("images", ("page-6.png", make_image()[:60] + bytes(500)))
    busy_admin.http.post(f"/admin/books/{book}/pages/bulk", files=[*files, torn])
    busy_admin.wait(book)
    return book


def job_of(admin, book: str) -> str:
    return admin.get(f"/admin/books/{book}/jobs/latest")["job_id"]


def assert_translated(admin, book: str, *paths: str) -> None:
    job = job_of(admin, book)
    for path in paths:
        screen = shown(admin, path.format(book=book, job=job))
        assert "⟦" in screen, path
        found = plain_english(without_upload(screen), {*SHOWN, book, "zzz"})
        assert "\n".join(found) == "", path


def without_upload(html: str) -> str:
    return re.sub(
        r'<section[^>]* aria-labelledby="add-title".*?</section>', "", html, flags=re.DOTALL
    )


BOOK = ("/books/{book}", "/books/{book}/live?since=0", "/books/{book}/jobs/{job}")


def test_a_book_with_failed_pages_and_the_job_that_read_it(busy_admin, book):
    assert_translated(
        busy_admin,
        book,
        *BOOK,
        "/books/{book}?status=failed",
        "/books/{book}?status=rejected&q=zzz",
        "/books/{book}/jobs/{job}?show=failed",
        "/books/{book}/jobs/{job}?by=error",
        "/books/{book}/jobs/{job}/live?since=0",
        "/books/{book}/delete",
        "/jobs",
        "/jobs?state=failed&kind=extraction",
    )


def test_a_book_whose_job_runs(busy_admin, workshop):
    workshop.is_free.clear()
    book = busy_admin.create_book(title=TITLE)
    busy_admin.bulk(book, *LESSONS)

    assert_translated(busy_admin, book, *BOOK, "/jobs?state=running")


def test_a_book_with_guidelines_and_what_restart_would_do(busy_admin, book):
    busy_admin.post(f"/admin/books/{book}/generate-guidelines")
    busy_admin.wait(book)
    titles = {"Fractions", "Like Fractions", "Unlike Fractions", "like-fractions"}
    SHOWN.update(titles, {"fractions", "unlike-fractions", "chapter-1"})

    assert_translated(busy_admin, book, *BOOK, "/books/{book}/restart")


def test_an_empty_book(busy_admin):
    book = busy_admin.create_book(title=TITLE)

    assert plain_english(without_upload(shown(busy_admin, f"/books/{book}")), SHOWN) == []
    assert plain_english(shown(busy_admin, "/jobs"), SHOWN) == []


def test_what_is_said_after_an_action(busy_admin, book):
    job = job_of(busy_admin, book)
    for action, data in (
        (f"jobs/{job}/retry", {"pages": "5"}),
        (f"jobs/{job}/resume", {}),
        ("pages/skip", {"pages": "6"}),
        ("pages/6/retry", {}),
        ("generate", {}),
    ):
        busy_admin.wait(book)
        notice = said_after(busy_admin, f"/books/{book}/{action}", data)
        assert plain_english(notice, SHOWN) == [], action
