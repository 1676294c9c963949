"""The object store is away: no page is blamed, nothing is 'not found', the work goes on by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.contracts.s3_server import S3Server
from tests.outages.conftest import HELD, Site, files
from tests.waiting import wait_until

WAITING = "Waiting for the object store"


def refusing_connections(s3: S3Server) -> None:
    s3.stop()


def failing(s3: S3Server) -> None:
    s3.shared.fault = 503


def refusing_access(s3: S3Server) -> None:
    s3.shared.fault = 403


def cutting_reads(s3: S3Server) -> None:
    s3.shared.is_cutting = True


@contextmanager
def away(s3: S3Server, fault: Callable[[S3Server], None]) -> Iterator[None]:
    fault(s3)
    try:
        yield
    finally:
        s3.shared.behave()
        if fault is refusing_connections:
            s3.start()


@pytest.fixture
def site(on_s3: Site) -> Iterator[Site]:
    on_s3.guide.say()
    yield on_s3
    on_s3.guide.say()


def pages_in_store(site: Site, s3: S3Server) -> int:
    return sum(f"/{site.book}/" in key and key.endswith(".png") for key in s3.shared.kept)


@pytest.mark.parametrize(
    "fault", [refusing_connections, failing, refusing_access, cutting_reads],
    ids=lambda fault: fault.__name__,
)  # fmt: skip
def test_a_job_waits_for_the_store_says_so_and_goes_on_by_itself(site, s3, fault):
    site.guide.say(read=HELD)
    site.new_book(3)
    wait_until(lambda: "processing" in site.states())

    with away(s3, fault):
        site.guide.say()
        site.wait_for_note(WAITING)
        assert not {"failed"} & set(site.states())
    job = site.ends()

    assert (job["status"], job["failed_items"], job["note"]) == ("completed", 0, None)
    assert site.states() == ["completed"] * 3


@pytest.mark.parametrize("fault", [refusing_connections, failing, refusing_access, cutting_reads])
def test_what_is_asked_for_meanwhile_is_neither_missing_nor_half_there(site, s3, fault):
    site.new_book(2)
    site.ends()
    images, kept = pages_in_store(site, s3), dict(s3.shared.kept)

    with away(s3, fault):
        image = site.server.http.get(f"/admin/books/{site.book}/pages/1/image")

    assert image.status_code == 503
    assert "object store" in image.json()["detail"]
    assert (site.status_of_image(1), pages_in_store(site, s3)) == (200, images)
    assert s3.shared.kept.keys() == kept.keys()


def test_an_upload_that_could_not_be_kept_is_refused_and_may_be_sent_again(site, s3):
    site.new_book(1)
    site.ends()

    with away(s3, failing):
        refused = site.server.http.post(
            f"/admin/books/{site.book}/pages/bulk",
            files=[("images", file) for file in files(2, first=2)],
        )
        pages_meanwhile = site.states()
    site.server.upload(site.book, files(2, first=2))
    job = site.ends()

    assert refused.status_code == 503
    assert refused.json()["detail"].startswith("The object store does not do its work")
    assert pages_meanwhile == ["completed"]
    assert (job["status"], site.states()) == ("completed", ["completed"] * 3)


def test_a_store_that_hangs_keeps_nobody_else_waiting(site, s3):
    site.guide.say(read=HELD)
    site.new_book(2)
    wait_until(lambda: "processing" in site.states())
    s3.shared.is_hanging = True
    site.guide.say()
    before = s3.shared.requests

    polls = [site.job()["status"] for _ in range(10)]
    health = site.server.get("/health")
    s3.shared.behave()
    job = site.ends()

    assert (polls, health) == (["running"] * 10, {"status": "ok"})
    assert (job["status"], job["failed_items"]) == ("completed", 0)
    assert s3.shared.requests > before


def test_a_slow_store_with_bursts_of_refusals_costs_nothing_but_time(site, s3):
    s3.shared.delay = 0.05
    site.guide.say(read=HELD)
    site.new_book(3)
    wait_until(lambda: "processing" in site.states())
    s3.shared.refusals = 12
    site.guide.say()
    job = site.ends()
    s3.shared.behave()

    assert (job["status"], job["failed_items"]) == ("completed", 0)


def test_a_job_that_waited_too_long_stops_and_resume_completes_it(site, s3):
    site.guide.say(read=HELD, outage=0.5)
    site.new_book(3)
    wait_until(lambda: "processing" in site.states())

    with away(s3, failing):
        site.guide.say(outage=0.5)
        stopped = site.ends()
        states = site.states()
    resumed = site.resume()

    assert (stopped["status"], stopped["failed_items"]) == ("failed", 0)
    assert stopped["error_message"].startswith(
        "Server error: The object store does not do its work"
    )
    assert stopped["error_message"].endswith("(stopped at page 1).")
    assert states == ["pending"] * 3
    assert (resumed["status"], site.states()) == ("completed", ["completed"] * 3)
