"""Pages are shown to a model: all of them, or those that this machine was unsure of."""

import base64
from io import BytesIO

import pytest
from PIL import Image

from tests import schoolmaster
from tests.model_server import answers, completion, refusal
from tests.web.making import LESSONS

MODEL = {"provider": "openai", "model_id": "gpt-4o-mini"}
VISION = {"reader": "vision"}


def look(asked):
    """What stands in the picture, in capitals, so that one sees who has read it."""
    if asked.task != "ocr":
        return schoolmaster.answer(asked)
    picture = Image.open(BytesIO(base64.b64decode(asked.images[0].partition(",")[2])))
    return {"text": picture.info["comment"].decode().upper()}


@pytest.fixture
def model(model):
    model.answer = look
    return model


@pytest.fixture
def asking_admin(busy_admin, model):
    """An admin who has chosen a model, before a machine that is unsure."""
    busy_admin.put("/api/admin/llm-config/book_ingestion", MODEL)
    busy_admin.workshop.confidence = 61.0
    return busy_admin


@pytest.fixture
def seeing_admin(settings, request):
    """An admin where every page is shown to the model."""
    settings.ocr = "vision"
    return request.getfixturevalue("asking_admin")


def text(admin, book, page=1):
    return admin.get(f"/admin/books/{book}/pages/{page}")["ocr_text"]


def ask(admin, book, *pages, **more):
    path = f"/admin/books/{book}/pages/retry-ocr"
    admin.post(path, {"pages": list(pages), **VISION, **more})
    return admin.wait(book)


def test_every_page_is_read_by_the_model_where_that_is_set(seeing_admin, model):
    book = seeing_admin.read_book()

    job = seeing_admin.get(f"/admin/books/{book}/jobs/latest")
    pages = seeing_admin.get(f"/admin/books/{book}")["pages"]
    assert job["status"] == "completed"
    assert [one["ocr_status"] for one in pages] == ["completed"] * len(LESSONS)
    assert text(seeing_admin, book) == LESSONS[0].upper()
    assert job["tokens"]["calls"] == len(LESSONS)
    assert {one.task for one in model.requests} == {"ocr"}
    assert "Reading images" in seeing_admin.http.get(f"/books/{book}/jobs/{job['job_id']}").text


def test_the_same_page_in_another_book_is_not_shown_again(seeing_admin, model):
    seeing_admin.read_book()
    seeing_admin.read_book()
    assert len(model.requests) == len(LESSONS)


def test_a_page_without_a_model_stops_the_job_until_one_is_chosen(seeing_admin):
    seeing_admin.http.delete("/api/admin/llm-config/book_ingestion")
    seeing_admin.put("/api/admin/llm-config/book_ingestion", {"provider": "offline"})
    book = seeing_admin.read_book()

    job = seeing_admin.get(f"/admin/books/{book}/jobs/latest")
    assert job["status"] == "failed"
    assert job["error_message"].startswith("No model: ")
    assert "Choose a model under Settings" in seeing_admin.http.get(f"/books/{book}").text

    seeing_admin.put("/api/admin/llm-config/book_ingestion", MODEL)
    seeing_admin.post(f"/admin/books/{book}/pages/retry-ocr")
    assert seeing_admin.wait(book)["status"] == "completed"


def test_one_page_is_read_by_the_model_and_the_others_stay(asking_admin, model):
    book = asking_admin.read_book()
    assert model.requests == []

    assert ask(asking_admin, book, 2)["status"] == "completed"

    assert text(asking_admin, book, 1) == LESSONS[0]
    assert text(asking_admin, book, 2) == LESSONS[1].upper()
    assert model.requests[0].headers["X-Hornbook-Page"] == "2"


def test_who_asks_the_model_again_gets_a_new_answer(asking_admin, model):
    book = asking_admin.read_book()
    ask(asking_admin, book, 1)
    model.answer = lambda _asked: {"text": "Read more carefully."}

    ask(asking_admin, book, 1)

    assert text(asking_admin, book, 1) == "Read more carefully."
    assert len(model.requests) == 2


def test_an_answer_without_words_is_asked_for_anew_too(asking_admin, model):
    book = asking_admin.read_book()
    model.answer = lambda _asked: {"text": ""}
    ask(asking_admin, book, 1)
    page = asking_admin.get(f"/admin/books/{book}/pages/1")
    assert page["ocr_status"] == "failed"
    assert page["ocr_error"].startswith("No words found on this page.")

    model.answer = look
    ask(asking_admin, book, 1)
    assert text(asking_admin, book, 1) == LESSONS[0].upper()


def test_a_refused_key_stops_the_job_and_resume_asks_the_model_again(asking_admin, model):
    book = asking_admin.read_book()
    model.always = refusal(401, "invalid_api_key")
    job = ask(asking_admin, book, 1, 2)
    assert job["status"] == "failed"
    assert job["error_message"].startswith("Key refused: ")
    assert text(asking_admin, book, 1) == LESSONS[0]

    model.always = None
    asking_admin.post(f"/admin/books/{book}/pages/retry-ocr")
    assert asking_admin.wait(book)["status"] == "completed"
    assert text(asking_admin, book, 1) == LESSONS[0].upper()


def test_a_page_that_the_model_declines_fails_alone_and_its_text_is_kept(asking_admin, model):
    book = asking_admin.read_book()
    model.always = lambda asked: (
        completion(None, refusal="I will not.")
        if asked.headers["X-Hornbook-Page"] == "1"
        else answers(look(asked))
    )
    ask(asking_admin, book, 1, 2)

    page = asking_admin.get(f"/admin/books/{book}/pages/1")
    assert page["ocr_error"].startswith("The model declined to answer.")
    assert page["ocr_text"] == LESSONS[0]
    assert text(asking_admin, book, 2) == LESSONS[1].upper()


def test_a_page_may_be_given_back_to_this_machine(asking_admin, model):
    book = asking_admin.read_book()
    model.always = completion(None, refusal="I will not.")
    ask(asking_admin, book, 1)

    asking_admin.post(f"/admin/books/{book}/pages/1/retry-ocr", {"reader": "local"})
    asking_admin.wait(book)

    assert asking_admin.get(f"/admin/books/{book}/pages/1")["ocr_status"] == "completed"
    assert text(asking_admin, book, 1) == LESSONS[0]


def test_a_text_typed_by_a_human_outlives_the_model(asking_admin):
    book = asking_admin.read_book()
    asking_admin.put(f"/admin/books/{book}/pages/1/text", {"text": "By hand.", "revision": 1})
    ask(asking_admin, book, 1)
    assert text(asking_admin, book, 1) == "By hand."


def test_without_a_model_nobody_can_be_asked(busy_admin):
    book = busy_admin.read_book()
    reply = busy_admin.http.post(f"/admin/books/{book}/pages/1/retry-ocr", json=VISION)
    assert reply.status_code == 409
    assert "No model is chosen that could look at pages." in reply.text
    assert "by model" not in busy_admin.http.get(f"/books/{book}").text


def test_all_unsure_pages_are_read_by_the_model_at_one_press(asking_admin, model):
    book = asking_admin.read_book()
    asking_admin.put(f"/admin/books/{book}/pages/3/approve")
    unsure = len(LESSONS) - 1
    assert f"Read {unsure} unsure by model" in asking_admin.http.get(f"/books/{book}").text
    assert "Asks gpt-4o-mini about 2 times" in asking_admin.http.get(f"/books/{book}").text

    reply = asking_admin.http.post(f"/books/{book}/pages/read-by-model")
    asking_admin.wait(book)

    assert reply.status_code == 303
    assert len(model.requests) == unsure
    assert text(asking_admin, book, 3) == LESSONS[2]
    assert "unsure by model" not in asking_admin.http.get(f"/books/{book}").text


def test_the_review_offers_the_model_and_names_it(asking_admin):
    book = asking_admin.read_book()
    html = asking_admin.http.get(f"/books/{book}/pages/1/review").text
    assert 'value="vision" title="gpt-4o-mini"' in html

    asking_admin.http.post(f"/books/{book}/pages/1/read-again", data=VISION)
    asking_admin.wait(book)

    html = asking_admin.http.get(f"/books/{book}/pages/1/review").text
    assert "Read by openai:gpt-4o-mini (" in html
    assert LESSONS[0].upper().splitlines()[0] in html


def test_guidelines_rest_on_what_the_model_read(seeing_admin):
    book = seeing_admin.generated_book()
    guidelines = seeing_admin.get(f"/admin/books/{book}/guidelines")["guidelines"]
    assert guidelines
