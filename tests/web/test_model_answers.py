"""What a model answered badly is never called the fault of the pages."""

import pytest

from tests import schoolmaster
from tests.model_server import answers, completion, refusal
from tests.web.making import LESSONS

MODEL = {"provider": "openai", "model_id": "gpt-4o-mini"}
VISION = {"reader": "vision"}
PAGES = len(LESSONS)


def babbles(task):
    """A model that says nothing usable when it is asked for this, and is well otherwise."""
    return lambda asked: (
        completion("I cannot.") if asked.task == task else answers(schoolmaster.answer(asked))
    )


def declines(_asked):
    return completion(None, refusal="I will not.")


@pytest.fixture
def asking_admin(busy_admin, model):
    """An admin who has chosen a model."""
    busy_admin.put("/api/admin/llm-config/book_ingestion", MODEL)
    return busy_admin


@pytest.fixture
def failed_book(asking_admin, model):
    """A book of which no page could be read for guidelines."""
    model.always = babbles("read")
    book = asking_admin.read_book()
    asking_admin.post(f"/admin/books/{book}/generate-guidelines", {"on_error": "continue"})
    asking_admin.wait(book)
    return book


@pytest.fixture
def misread_book(asking_admin, model):
    """A book whose first page this machine has read, and a model could not."""
    book = asking_admin.read_book()
    model.always = declines
    asking_admin.post(f"/admin/books/{book}/pages/retry-ocr", {"pages": [1], **VISION})
    asking_admin.wait(book)
    return book


def button(html, words):
    """The tag of the button with these words, "" if there is none."""
    before, found, _after = html.partition(f"{words}<")
    return before[before.rindex("<") :] if found else ""


def review_of(admin, book):
    return admin.http.get(f"/books/{book}/pages/1/review").text


def card_of(admin, book):
    return admin.http.get(f"/books/{book}").text.partition('id="job"')[2].partition("</section>")[0]


def test_the_card_of_malformed_answers_leads_with_resume_and_offers_no_skipping(
    asking_admin, failed_book
):
    card = card_of(asking_admin, failed_book)

    assert "primary" in button(card, f"Resume from Page 1 ({PAGES} pages left)")
    assert f"Retry {PAGES}" in card
    assert "Skip" not in card
    assert "Open the first" not in card


def test_the_card_keeps_the_advice_of_the_error_and_leads_to_the_models(asking_admin, failed_book):
    card = card_of(asking_admin, failed_book)

    assert "did not fit the form, also when asked again." in card
    assert "Choose another model." in card
    assert 'action="/settings#models"' in card
    assert "replace the image" not in card


def test_the_log_of_a_page_offers_to_retry_it_and_not_to_skip_it(asking_admin, failed_book):
    job = asking_admin.get(f"/admin/books/{failed_book}/jobs/latest")["job_id"]
    log = asking_admin.http.get(f"/books/{failed_book}/jobs/{job}").text
    line = log.partition('id="l1"')[2].partition("</li>")[0]

    assert button(line, "Retry")
    assert "Skip" not in line
    assert "replace the image" not in line


def test_the_results_offer_to_retry_a_page_that_the_model_failed(asking_admin, failed_book):
    html = asking_admin.http.get(f"/books/{failed_book}/results?show=failed").text

    assert button(html, "Retry this page")
    assert "replace the image" not in html


def test_the_review_after_a_failed_reading_by_model_leads_with_retry(asking_admin, misread_book):
    html = review_of(asking_admin, misread_book)

    assert "primary" in button(html, "Retry")
    assert "The model declined to answer." in html
    assert "The text from before is kept." in html
    assert 'href="/settings#models"' in html
    assert "primary" not in button(html, "Replace")
    assert LESSONS[0].splitlines()[0] in html


def test_the_list_of_pages_leads_with_retry_where_the_model_failed(asking_admin, misread_book):
    html = asking_admin.http.get(f"/books/{misread_book}").text
    row = html.partition('id="p1"')[2].partition("</li>")[0]

    assert button(row, "Retry")
    assert "Replace image" not in row
    assert "quiet" not in button(html, "Retry 1 failed")


def test_after_a_model_has_failed_the_page_can_be_read_on_this_machine(asking_admin, misread_book):
    html = review_of(asking_admin, misread_book)
    notice = html.partition('id="what-failed"')[2].partition("<form class=")[0]
    assert 'value="local"' in button(notice, "Read on this machine")

    asking_admin.http.post(f"/books/{misread_book}/pages/1/read-again", data={"reader": "local"})
    asking_admin.wait(misread_book)

    assert asking_admin.get(f"/admin/books/{misread_book}/pages/1")["ocr_status"] == "completed"
    assert "Read on this machine" not in review_of(asking_admin, misread_book)


def test_a_page_that_waits_for_a_model_whose_key_is_refused_has_a_way_back(asking_admin, model):
    book = asking_admin.read_book()
    model.always = refusal(401, "invalid_api_key")
    asking_admin.post(f"/admin/books/{book}/pages/retry-ocr", {"pages": [1], **VISION})
    asking_admin.wait(book)

    assert button(review_of(asking_admin, book), "Read on this machine")


def test_a_page_that_no_model_was_asked_about_is_not_offered_to_this_machine(asking_admin):
    book = asking_admin.read_book()

    assert "Read on this machine" not in review_of(asking_admin, book)


def malformed(_asked):
    return completion("I cannot.")


def key_refused(_asked):
    return refusal(401, "invalid_api_key")


@pytest.mark.parametrize(("fault", "word"), [(malformed, "form"), (key_refused, "Key refused")])
def test_a_study_plan_that_no_model_gives_is_no_fault_of_the_request(
    busy_admin, model, fault, word
):
    busy_admin.published_book()
    (row, *_others) = busy_admin.get("/admin/guidelines/review")
    busy_admin.put("/api/admin/llm-config/study_plan_generator", MODEL)
    model.always = fault

    reply = busy_admin.http.post(f"/admin/guidelines/{row['id']}/generate-study-plan")

    assert (reply.status_code, reply.headers.get("Retry-After")) == (502, None)
    assert word in reply.json()["detail"]
