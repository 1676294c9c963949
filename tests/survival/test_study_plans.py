"""Study plans that were asked for together outlive the process that was to make them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hornbook.library import books, published
from hornbook.library.database import Database
from hornbook.model.book import NewBook
from hornbook.model.guideline import Subtopic, SubtopicStatus
from hornbook.wiring import now
from tests.server import Server

GUIDELINES = 9
BULK = "/admin/guidelines/bulk-generate-study-plans"


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """Where the server notes which plans it begins."""
    return tmp_path / "begun"


@pytest.fixture
def server(tmp_path: Path, begun: Path, migrated_file: Path) -> Iterator[Server]:
    """A server with published guidelines, that takes its time for a plan."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "hornbook.db").write_bytes(migrated_file.read_bytes())
    publish(Database(f"sqlite:///{data_dir}/hornbook.db"))
    server = Server(data_dir, program=("-m", "tests.survival.pondering", str(begun)))
    yield server.start()
    server.stop()


def publish(database: Database) -> None:
    with database.begin() as session:
        book = books.add(session, NewBook("Maths", 4, "math"), "ada", now())
        published.create(session, book, [subtopic(n) for n in range(1, GUIDELINES + 1)], now())
    database.close()


def subtopic(number: int) -> Subtopic:
    return Subtopic(
        id=f"part-{number}", topic_key="t", topic_title="Numbers", topic_summary="",
        subtopic_key=f"part-{number}", subtopic_title=f"Part {number}", subtopic_summary="",
        status=SubtopicStatus.FINAL, source_pages=(number,), guidelines=f"- Say {number}.",
        is_edited=False, has_candidate=False, version=1, created_at=now(), updated_at=now(),
    )  # fmt: skip


def until(server: Server, is_so) -> dict:
    for _look in range(1000):
        progress = server.get(BULK)
        if is_so(progress):
            return dict(progress)
        time.sleep(0.02)
    raise TimeoutError(progress)


def test_a_server_killed_in_the_middle_makes_the_rest_at_its_next_start_and_nothing_twice(
    server, begun
):
    ids = [row["id"] for row in server.get("/admin/guidelines/review")]
    server.http.post(BULK, json={"guideline_ids": ids})
    killed_at = until(server, lambda progress: progress["made"] >= 2)
    server.kill()

    server.start()
    end = until(server, lambda progress: not progress["waiting"])

    assert killed_at["waiting"] > 0
    assert (end["total"], end["made"], end["failures"], end["left"]) == (
        GUIDELINES,
        GUIDELINES,
        [],
        [],
    )
    plans = [server.get(f"/admin/guidelines/{one}/study-plan") for one in ids]
    assert {plan["metadata"]["plan_version"] for plan in plans} == {1}
    # Only what was under way when it died is begun a second time.
    assert len(begun.read_text().splitlines()) <= GUIDELINES + 3
