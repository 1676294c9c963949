"""A book is printed in a language, which is told to whoever reads it."""

import pytest

from tests.model_server import answers
from tests.web.making import LESSONS

FACTS = {"title": "Ganit", "grade": "4", "country": "India", "board": "CBSE", "subject": "Maths"}


def test_a_book_is_english_unless_something_else_is_said(admin):
    assert admin.get(f"/admin/books/{admin.create_book()}")["language"] == "en"
    assert admin.get(f"/admin/books/{admin.create_book(language='hi')}")["language"] == "hi"


def test_an_unknown_language_is_refused(admin):
    reply = admin.http.post("/admin/books", json={**FACTS, "grade": 4, "language": "tlh"})
    assert reply.status_code == 422
    assert "language" in reply.json()["detail"]


def test_the_form_offers_languages_and_the_screen_names_the_one_chosen(admin):
    form = admin.http.get("/books/new").text
    assert '<option value="en" selected>English</option>' in form
    assert '<option value="hi">Hindi</option>' in form

    made = admin.http.post("/books/new", data={**FACTS, "language": "hi"})

    assert made.status_code == 303
    assert "Grade 4 Maths · Hindi" in admin.http.get(made.headers["location"]).text


@pytest.mark.parametrize("chosen", ["tlh", "English"])
def test_a_form_with_another_language_says_so_beside_the_field(admin, chosen):
    reply = admin.http.post("/books/new", data={**FACTS, "language": chosen})
    assert reply.status_code == 422
    assert 'id="e-language">Choose one of the languages.' in reply.text


@pytest.fixture
def unread_book(busy_admin):
    """A book in whose language this machine can read nothing."""
    busy_admin.workshop.knows_language = False
    return busy_admin.read_book()


def choose_model(admin):
    model = {"provider": "openai", "model_id": "gpt-4o-mini"}
    admin.put("/api/admin/llm-config/book_ingestion", model)


def test_where_the_language_has_no_data_the_card_leads_with_reading_by_the_model(
    busy_admin, unread_book, model
):
    choose_model(busy_admin)
    model.always = answers({"text": "Ek, do, teen."})
    html = busy_admin.http.get(f"/books/{unread_book}").text
    assert f'<button class="button primary">Read {len(LESSONS)} by model</button>' in html
    assert '<button class="button ">Resume from Page 1' in html

    job = busy_admin.get(f"/admin/books/{unread_book}/jobs/latest")["job_id"]
    busy_admin.http.post(f"/books/{unread_book}/jobs/{job}/read-by-model")

    assert busy_admin.wait(unread_book)["status"] == "completed"
    page = busy_admin.get(f"/admin/books/{unread_book}/pages/2")
    assert page["ocr_text"] == "Ek, do, teen."


def test_where_the_language_has_no_data_and_no_model_is_chosen_the_card_leads_to_the_settings(
    busy_admin, unread_book
):
    html = busy_admin.http.get(f"/books/{unread_book}").text

    assert "by model</button>" not in html
    assert 'action="/settings#models"><button class="button slim quiet">Choose a model<' in html


def test_the_language_of_a_book_can_be_changed_and_its_texts_stay(busy_admin):
    book = busy_admin.read_book()
    before = busy_admin.get(f"/admin/books/{book}")["pages"]

    reply = busy_admin.http.patch(f"/admin/books/{book}", json={"language": "hi"})

    assert (reply.status_code, reply.json()["language"]) == (200, "hi")
    after = busy_admin.get(f"/admin/books/{book}")
    assert after["language"] == "hi"
    assert after["pages"] == before
    assert busy_admin.get(f"/admin/books/{book}/pages/1")["ocr_text"] == LESSONS[0]


def test_the_next_reading_is_told_the_new_language(busy_admin):
    book = busy_admin.read_book()
    busy_admin.http.patch(f"/admin/books/{book}", json={"language": "hi"})

    busy_admin.post(f"/admin/books/{book}/pages/1/retry-ocr")
    busy_admin.wait(book)

    assert [one.value for one in busy_admin.workshop.languages] == ["en"] * len(LESSONS) + ["hi"]


@pytest.mark.parametrize("body", [{"language": "tlh"}, {}, {"language": None}])
def test_no_book_is_changed_to_a_language_that_is_none(admin, body):
    book = admin.create_book()
    assert admin.http.patch(f"/admin/books/{book}", json=body).status_code == 422
    assert admin.get(f"/admin/books/{book}")["language"] == "en"


def test_the_screen_of_a_book_changes_its_language_and_says_what_does_not_change(admin):
    book = admin.create_book()
    html = admin.http.get(f"/books/{book}").text
    assert "Language: English" in html
    assert '<label for="book-language">' in html
    assert "a page is read in the new language when you have it read again" in html

    reply = admin.http.post(
        f"/books/{book}/language", data={"language": "hi"}, follow_redirects=True
    )

    assert "Language: Hindi" in reply.text
    assert "The language is now Hindi. The texts of the pages stay as they are." in reply.text


def test_the_screen_does_not_change_the_language_while_a_job_runs(admin):
    book = admin.create_book()
    admin.bulk(book, *LESSONS)

    reply = admin.http.post(
        f"/books/{book}/language", data={"language": "hi"}, follow_redirects=True
    )

    assert "Reading the pages is " in reply.text
    assert "Language: English" in reply.text


def test_the_screen_refuses_a_language_that_is_none(admin):
    book = admin.create_book()
    reply = admin.http.post(
        f"/books/{book}/language", data={"language": "tlh"}, follow_redirects=True
    )
    assert "Choose one of the languages." in reply.text
