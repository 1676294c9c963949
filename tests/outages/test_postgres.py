"""PostgreSQL is stopped and started in the middle of the work: it goes on by itself."""

from collections.abc import Iterator

import pytest

from tests.outages.conftest import HELD, Guide, Site, guided
from tests.postgres import PostgresServer
from tests.server import Server
from tests.waiting import wait_until

SENTENCE = "The database does not answer. Try again in a few seconds."


@pytest.fixture(scope="module")
def site(
    postgres: PostgresServer, guide: Guide, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    url = postgres.create()
    server = Server(
        tmp_path_factory.mktemp("postgres") / "data",
        program=guided(guide),
        database_url=url.render_as_string(hide_password=False),
    ).start()
    yield Site(server, guide)
    server.stop()
    postgres.drop(url)


def test_reading_outlives_a_restart_of_the_database(site, postgres):
    site.guide.say(read=HELD)
    site.new_book(4)
    wait_until(lambda: "processing" in site.states())

    with postgres.stopped():
        site.guide.say()
        answers = [
            site.server.http.get(f"/admin/books/{site.book}/jobs/latest"),
            site.server.http.get(f"/admin/books/{site.book}/pages/1/image"),
            site.server.http.get("/metrics"),
            site.server.http.post(f"/admin/books/{site.book}/generate-guidelines", json={}),
        ]
        screen = site.server.http.get(f"/books/{site.book}", headers={"Accept": "text/html"})
        health = site.server.get("/health")
        wait_until(lambda: "database.away" in site.server.log)
    job = site.ends()

    assert [(reply.status_code, reply.json()) for reply in answers] == [
        (503, {"detail": SENTENCE})
    ] * 4
    assert answers[0].headers["Retry-After"] == "5"
    assert (screen.status_code, SENTENCE in screen.text) == (503, True)
    assert health == {"status": "ok"}
    assert (job["status"], job["failed_items"], site.states()) == (
        "completed", 0, ["completed"] * 4,
    )  # fmt: skip


def test_generating_outlives_a_restart_of_the_database(site, postgres):
    site.guide.say()
    site.new_book(5)
    assert site.ends()["failed_items"] == 0
    site.guide.say(think={"3": {"hold": True}})
    site.server.generate(site.book)
    wait_until(lambda: (site.job()["last_completed_item"] or 0) >= 2)

    with postgres.stopped():
        site.guide.say()
        aways = site.server.log.count("database.away")
        wait_until(lambda: site.server.log.count("database.away") > aways)
    job = site.ends()

    assert (job["status"], job["completed_items"], job["failed_items"]) == ("completed", 5, 0)
    assert site.server.get(f"/admin/books/{site.book}/guidelines")["guidelines"]
