"""Another program has SQLite's file locked: whoever writes waits, and says so; readers notice nothing."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from tests.outages.conftest import Site, files
from tests.waiting import wait_until

WAITING = "Waiting for the database"


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """As a backup or somebody's shell does."""
    with closing(sqlite3.connect(site.server.data_dir / "hornbook.db", timeout=10)) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_job_and_an_upload_wait_for_a_locked_database_and_go_on(on_s3):
    other_book = on_s3.server.create_book()
    on_s3.guide.say(read={"*": {"hold": True}})
    on_s3.new_book(2)
    wait_until(lambda: "processing" in on_s3.states())

    # The pool last to end: the upload waits for the lock to go.
    with ThreadPoolExecutor(1) as pool, locked(on_s3):
        upload = pool.submit(on_s3.server.upload, other_book, files(1))
        on_s3.guide.say()
        on_s3.wait_for_note(WAITING)
        screen = on_s3.server.http.get(f"/books/{on_s3.book}")
        was_waiting = not upload.done()
    job = on_s3.ends()

    assert was_waiting
    assert WAITING in screen.text
    assert (job["status"], job["failed_items"], job["note"]) == ("completed", 0, None)
    assert on_s3.states() == ["completed"] * 2
    assert upload.result()["job_id"]
    assert on_s3.server.wait(other_book)["completed_items"] == 1
