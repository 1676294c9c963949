"""The sample book through the whole journey, by the API of a real server."""

import time

import pytest

from hornbook.sample import pages
from tests.server import ACTIVE, Server

LEDGER = ("used", "no_content", "blank", "failed", "skipped", "open")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("whole") / "data").start()
    yield server
    server.stop()


def poll_to_the_end(server: Server, book: str) -> list[dict]:
    seen = []
    for _ in range(2000):
        facts = server.get(f"/admin/books/{book}")
        job = server.get(f"/admin/books/{book}/jobs/latest")
        seen.append({"ledger": facts["page_ledger"], "pages": len(facts["pages"]), "job": job})
        if job["status"] not in ACTIVE:
            return seen
        time.sleep(0.05)
    raise TimeoutError(server.log)


@pytest.fixture(scope="module")
def story(server):
    book = server.create_book()
    server.upload(book, pages())
    polls = poll_to_the_end(server, book)
    server.generate(book)
    polls += poll_to_the_end(server, book)
    server.finalize(book)
    polls += poll_to_the_end(server, book)
    return book, polls


def test_the_page_ledger_adds_up_at_every_poll(story):
    _, polls = story

    assert [
        poll for poll in polls if sum(poll["ledger"][name] for name in LEDGER) != poll["pages"]
    ] == []


def test_counters_never_exceed_the_total_and_never_go_back(story):
    _, polls = story
    by_job: dict[str, list[dict]] = {}
    for poll in polls:
        by_job.setdefault(poll["job"]["job_id"], []).append(poll["job"])

    for jobs in by_job.values():
        done = [job["completed_items"] + job["failed_items"] for job in jobs]
        marks = [job["last_completed_item"] or 0 for job in jobs]
        assert done == sorted(done)
        assert marks == sorted(marks)
        assert all(
            job["completed_items"] + job["failed_items"] <= job["total_items"] for job in jobs
        )


def test_an_error_message_is_set_if_and_only_if_a_job_failed(story):
    _, polls = story

    assert [
        poll
        for poll in polls
        if bool(poll["job"]["error_message"]) != (poll["job"]["status"] == "failed")
    ] == []


def test_the_unreadable_page_is_named_and_everything_else_is_read(server, story):
    book, _ = story

    failed = [
        page
        for page in server.get(f"/admin/books/{book}")["pages"]
        if page["ocr_status"] != "completed"
    ]

    assert len(failed) == 1
    assert failed[0]["ocr_status"] == "failed"
    assert failed[0]["ocr_error"]


def test_every_subtopic_has_a_guideline_a_teacher_can_use(server, story):
    book, _ = story

    guidelines = server.get(f"/admin/books/{book}/guidelines")["guidelines"]

    assert len(guidelines) >= 5
    assert all(len(one["guidelines"]) > 200 and one["source_pages"] for one in guidelines)
    assert all(15 <= len(one["subtopic_summary"].split()) <= 30 for one in guidelines)


def test_publishing_twice_changes_nothing(server, story):
    book, _ = story
    path = f"/admin/guidelines/books/{book}/sync-to-database"

    first = server.http.post(path).json()["stats"]
    second = server.http.post(path).json()["stats"]

    assert first["created_count"] >= 5
    assert second["synced_count"] == first["synced_count"]
    assert (second["created_count"], second["updated_count"], second["removed_count"]) == (0, 0, 0)
