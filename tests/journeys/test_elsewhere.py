"""On PostgreSQL and a real S3 server the book comes out as on SQLite and a folder."""

import pytest

from hornbook.library.objects import Objects
from hornbook.sample import pages
from tests.comparing import bucket, listed, shown, without_run
from tests.seaweed import BUCKET, pointed_at
from tests.server import Server
from tests.waiting import wait_until

PAGES = pages()[2:6]


def journey(server: Server) -> dict:
    """From the upload to the published rows; gives all that an admin or a tutor sees of it."""
    book = server.create_book()
    for start in (
        lambda: server.upload(book, PAGES),
        lambda: server.generate(book),
        lambda: server.finalize(book),
    ):
        start()
        job = server.wait(book)
        assert (job["status"], job["failed_items"]) == ("completed", 0), server.log
    published = server.http.post(f"/admin/guidelines/books/{book}/sync-to-database")
    server.http.put(f"/admin/books/{book}/pages/1/approve")
    wait_until(lambda: not server.is_bucket_behind())
    return shown(server, book) | {"reply": without_run(published.json())}


@pytest.fixture(scope="module")
def at_home(tmp_path_factory, nursery):
    """The outcome on SQLite and a folder, and what the folder holds."""
    folder = tmp_path_factory.mktemp("home") / "data"
    server = Server(folder, spawn=nursery.spawn).start()
    outcome = journey(server)
    server.stop()
    return outcome, bucket(server.data_dir / "store")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory, postgres, seaweed, nursery):
    """The outcome on PostgreSQL and S3, and what the bucket holds."""
    store, database = f"s3://{BUCKET}/elsewhere", postgres.create()
    folder = tmp_path_factory.mktemp("elsewhere") / "data"
    with pointed_at(seaweed.environment):
        server = Server(
            folder,
            spawn=nursery.spawn,
            store_url=store,
            database_url=database.render_as_string(hide_password=False),
        ).start()
        outcome = journey(server)
        server.stop()
        yield outcome, listed(Objects(store)), folder
    postgres.drop(database)


def test_the_whole_journey_has_the_same_outcome(at_home, elsewhere):
    assert elsewhere[0]["reply"]["stats"]["created_count"] >= 2
    assert elsewhere[0] == at_home[0]


def test_the_bucket_holds_the_same_objects(at_home, elsewhere):
    assert elsewhere[1].keys() == at_home[1].keys()
    assert elsewhere[1] == at_home[1]


def test_nothing_is_kept_on_the_servers_own_disk(elsewhere):
    assert [path.name for path in elsewhere[2].rglob("*") if path.is_file()] == []
