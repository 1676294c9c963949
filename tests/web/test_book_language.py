"""A book is printed in a language, which is told to whoever reads it."""

import pytest

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
