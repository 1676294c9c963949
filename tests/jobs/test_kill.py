"""A server that is killed at any moment: what the next one makes of it."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from hornbook.jobs import ledger
from hornbook.jobs.flight import READ_AHEAD
from hornbook.model.job import ItemState, JobStatus
from tests.jobs.conftest import pages
from tests.waiting import wait_until

PROGRAM = Path(__file__).parent / "worker_program.py"
PAGES = 24


@pytest.fixture
def server(desk, tmp_path):
    """Starts a server process on the test's database; none outlives the test."""
    processes = []
    with desk.database.begin() as session:
        session.execute(text("CREATE TABLE effects (page INTEGER)"))

    def start(hang_in=0, folder="one"):
        url = desk.database.url.render_as_string()
        command = [sys.executable, str(PROGRAM), url, str(tmp_path / folder), str(hang_in)]
        log = (tmp_path / f"{folder}.log").open("a")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        processes.append(process)
        assert process.stdout.readline() == "started\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def finish(process) -> None:
    assert process.wait(timeout=60) == 0


def effects(desk) -> list[int]:
    with desk.database.read() as session:
        return list(session.execute(text("SELECT page FROM effects")).scalars())


def ledger_of(desk, job):
    """Everything an uninterrupted run would show too."""
    with desk.database.read() as session:
        items = [
            replace(item, starts=0, ended_at=None, rev=0)
            for item in ledger.items_of(session, job.id)
        ]
    row = desk.job(job)
    counts = (row.status, row.total_items, row.completed_items, row.failed_items)
    return items, counts, row.last_completed_item, row.plan, desk.detail(job)


def uninterrupted(desk, server):
    job = desk.open(pages(*range(1, PAGES + 1)))
    finish(server())
    facts = ledger_of(desk, job)
    with desk.database.begin() as session:
        session.execute(text("DELETE FROM effects"))
    return facts


def test_a_server_killed_in_the_middle_of_a_page_is_followed_by_one_that_ends_the_job(desk, server):
    expected = uninterrupted(desk, server)
    job = desk.open(pages(*range(1, PAGES + 1)))
    victim = server(hang_in=7)
    assert victim.stdout.readline() == "hanging\n"

    victim.kill()
    victim.wait()
    assert desk.job(job).status is JobStatus.RUNNING
    finish(server())

    assert ledger_of(desk, job) == expected
    assert effects(desk) == [*range(1, PAGES + 1), 0]


def test_a_server_killed_again_and_again_does_every_page_exactly_once(desk, server):
    expected = uninterrupted(desk, server)
    job = desk.open(pages(*range(1, PAGES + 1)))
    chance = Random(20260301)

    for kill in range(4):
        victim = server()
        already = len(effects(desk))
        while len(effects(desk)) < min(already + 2, PAGES):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        victim.kill()
        victim.wait()
        assert kill <= desk.job(job).completed_items

    finish(server())

    assert ledger_of(desk, job) == expected
    assert sorted(effects(desk)) == list(range(PAGES + 1))


def test_a_page_that_kills_every_server_is_passed_after_the_third(desk, server):
    job = desk.open(pages(1, 2, 3, 4))
    for _ in range(3):
        victim = server(hang_in=2)
        assert victim.stdout.readline() == "hanging\n"
        victim.kill()
        victim.wait()

    finish(server(hang_in=2))

    ended = desk.job(job)
    assert (ended.status, ended.completed_items, ended.failed_items) == (JobStatus.COMPLETED, 3, 1)
    assert list(desk.detail(job)["page_errors"]) == ["2"]
    assert sorted(effects(desk)) == [0, 1, 3, 4]


def test_a_server_that_starts_shows_the_job_alive_within_ten_seconds(desk, server):
    job = desk.open(pages(1, 2, 3))
    victim = server(hang_in=2)
    assert victim.stdout.readline() == "hanging\n"
    before = desk.job(job).heartbeat_at
    victim.kill()
    victim.wait()

    server(hang_in=2)

    assert desk.job(job).heartbeat_at > before


def test_a_server_that_sleeps_through_a_take_over_writes_nothing_when_it_wakes(
    desk, server, tmp_path
):
    expected = uninterrupted(desk, server)
    job = desk.open(pages(*range(1, PAGES + 1)))
    sleeper = server(hang_in=7)
    assert sleeper.stdout.readline() == "hanging\n"
    # It has read as far ahead as it may: from now on it only looks, and stops in no transaction.
    ahead = list(range(7, 7 + READ_AHEAD))
    wait_until(lambda: desk.positions(job, ItemState.WORKING) == ahead)
    sleeper.send_signal(signal.SIGSTOP)
    other = server(hang_in=7, folder="another")
    assert other.stdout.readline() == "hanging\n"
    # What the sleeper had begun is under suspicion: each such page is tried alone.
    wait_until(lambda: desk.positions(job, ItemState.WORKING) == [7])
    before = desk.job(job), desk.states(job), effects(desk)

    sleeper.send_signal(signal.SIGCONT)
    finish(sleeper)

    assert (desk.job(job), desk.states(job), effects(desk)) == before
    assert "job.claim_lost" in (tmp_path / "one.log").read_text()
    other.send_signal(signal.SIGCONT)
    wait_until(lambda: len(effects(desk)) > PAGES)
    finish(other)
    assert ledger_of(desk, job) == expected
    assert effects(desk) == [*range(1, PAGES + 1), 0]
