"""Two servers at one place: the second leaves, or goes on where the first has lost its seat."""

import json
import re
import signal
from zlib import crc32

import pytest
from sqlalchemy import func, select, text

from hornbook.library.database import Database
from hornbook.library.tables import PageAttemptRow
from tests.comparing import bucket, without_run
from tests.server import Server
from tests.survival.poison import ENGINE, page
from tests.waiting import wait_until

PAGES = [page(number) for number in range(1, 9)]
ITEM_ID = re.compile(r"\b[0-9a-f]{16}\b")
OUTCOMES = re.compile(r"(page|job)\.(done|failed|completed|stopped|released)|projection")


@pytest.fixture
def pair(tmp_path, postgres_database):
    """Two servers, each with a folder of its own, on one database and one store."""
    shared = {
        "database_url": postgres_database.url.render_as_string(hide_password=False),
        "store_url": (tmp_path / "store").as_uri(),
        "ocr": ENGINE,
    }
    servers = [Server(tmp_path / name, **shared) for name in ("first", "second")]
    yield servers
    for server in servers:
        if server.process is not None:
            server.process.send_signal(signal.SIGCONT)
            server.stop()


def cut(database: Database) -> None:
    """End every connection but this one, as a time-out between the two machines does."""
    with database.read() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def outcome(server: Server, book: str, store) -> str:
    """What anybody can see of the book, whatever its id, from which those of its items are made."""
    facts = {
        "book": without_run(server.get(f"/admin/books/{book}")),
        "bucket": bucket(store / "books" / book),
    }
    told = json.dumps(facts, default=lambda data: [len(data), crc32(data)])
    return ITEM_ID.sub("ITEM", told.replace(book, "BOOK"))


def done_attempts(database: Database, book: str) -> list[int]:
    """How often each page of the book was read."""
    counts = select(func.count()).group_by(PageAttemptRow.page_id, PageAttemptRow.job_type)
    with database.read() as session:
        return list(session.scalars(counts.where(PageAttemptRow.page_id.startswith(f"{book}/"))))


def test_a_server_that_lost_its_seat_in_its_sleep_leaves_everything_to_the_next(
    pair, postgres_database, tmp_path
):
    first, second = pair
    first.start()
    calm = first.create_book(title="Calm")
    first.upload(calm, PAGES)
    assert first.wait(calm)["status"] == "completed"
    stormy = first.create_book(title="Calm")
    first.upload(stormy, PAGES)
    wait_until(lambda: first.get(f"/admin/books/{stormy}/jobs/latest")["completed_items"])

    first.process.send_signal(signal.SIGSTOP)
    cut(postgres_database)
    second.start()
    wait_until(lambda: "page.done" in second.log)
    slept_from = len(first.log)
    first.process.send_signal(signal.SIGCONT)
    wait_until(lambda: "seat.lost" in first.log and "job.claim_lost" in first.log)
    assert second.wait(stormy)["status"] == "completed"

    assert outcome(second, stormy, tmp_path / "store") == outcome(second, calm, tmp_path / "store")
    assert done_attempts(postgres_database, stormy) == done_attempts(postgres_database, calm)
    # It still serves; whatever is asked of it, the other one does.
    first.generate(stormy)
    assert first.wait(stormy)["status"] == "completed"
    assert not OUTCOMES.search(first.log[slept_from:])
    assert (first.stop(), second.stop()) == (0, 0)
