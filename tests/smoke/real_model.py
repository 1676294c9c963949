"""A real model behind a real server: `make smoke MODEL=openai:name`, never part of `make test`.

Small models answer nonsense, so nothing is asked of what they say: only that it comes back as an answer
in its form or as an error that says what to do, that it is accounted for, and that nothing wrong is kept.
"""

import os
import time

import pytest

from hornbook.engines.model_client import ModelClient
from hornbook.errors import JobStopper, NoAnswer, Retryable
from hornbook.library import findings
from hornbook.model.job import JobStatus
from hornbook.model.question import Spent
from hornbook.model.text import align
from hornbook.settings import Settings
from hornbook.wiring import assemble
from tests.desk import TEXTS, Desk

PAGES = 3
SECONDS = 1200


@pytest.fixture(scope="module")
def model():
    name = os.environ.get("HORNBOOK_MODEL", "")
    if not name.partition(":")[2]:
        pytest.exit("Name a model: make smoke MODEL=openai:name", returncode=2)
    return name


@pytest.fixture
def app(tmp_path, model):
    app = assemble(Settings(data_dir=tmp_path, model=model))
    app.prepare()
    app.start()
    yield app
    app.stop(5)


def test_a_connection_is_tried_and_found_good_or_told_what_is_wrong(model):
    client = ModelClient(output=os.environ.get("HORNBOOK_MODEL_OUTPUT", "auto"))
    try:
        told = client.try_out(model)
    except (JobStopper, Retryable, NoAnswer) as error:
        told = f"{model}: {error}"
    finally:
        client.close()

    assert told.startswith(model)
    assert len(told) > len(model) + 2


def test_a_book_comes_to_an_end_and_keeps_nothing_that_is_not_on_its_pages(app):
    book = Desk(app.database, app.clock).book(TEXTS[:PAGES])
    job_id = app.generate.start(book).job_id
    end = time.monotonic() + SECONDS
    while (job := app.jobs.get(book, job_id)).status.is_active:
        assert time.monotonic() < end
        time.sleep(0.5)

    spent = sum(app.jobs.spent(job).values(), Spent())
    with app.database.read() as session:
        items = findings.items_of_book(session, book).values()

    assert job.status in {JobStatus.COMPLETED, JobStatus.FAILED}
    assert job.status is JobStatus.COMPLETED or job.error_message
    assert spent.calls >= 1
    page_texts = {f"{book}/{number}": text for number, text in enumerate(TEXTS, 1)}
    assert [one for one in items if not align(one.item.quote, page_texts[one.page_id])] == []
