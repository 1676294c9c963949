"""One server for each data folder or database."""

import signal
import subprocess
import sys

import pytest

from hornbook.errors import DataFolderInUse
from hornbook.jobs.seat import LOCK_FILE, FolderSeat, PostgresSeat

SITTER = """
import subprocess, sys
from pathlib import Path
from hornbook.jobs.seat import FolderSeat
with FolderSeat(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    print(child.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def seat_of(tmp_path, request):
    """Makes seats at one and the same place."""
    return lambda: FolderSeat(tmp_path / "data")


@pytest.fixture
def postgres_seat(postgres_database):
    seat = PostgresSeat(postgres_database)
    yield seat
    seat.release()


def test_the_second_server_on_a_data_folder_is_told_so(seat_of, tmp_path):
    with seat_of() as first:
        assert first.is_held()
        with pytest.raises(DataFolderInUse, match=str(tmp_path / "data")):
            seat_of().take()


def test_a_seat_that_was_left_is_free(seat_of):
    seat = seat_of().take()
    seat.release()
    seat.release()

    assert not seat.is_held()
    with seat_of() as second:
        assert second.is_held()


def test_a_killed_server_leaves_its_seat_though_a_child_of_it_lives_on(seat_of, tmp_path):
    command = [sys.executable, "-c", SITTER, str(tmp_path / "data")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        child = int(server.stdout.readline())
        with pytest.raises(DataFolderInUse):
            seat_of().take()

        server.kill()
        server.wait()

    with seat_of() as seat:
        assert seat.is_held()
        subprocess.run(["kill", f"-{signal.SIGKILL.value}", str(child)], check=True)
    assert (tmp_path / "data" / LOCK_FILE).exists()


def test_the_second_server_on_a_database_is_told_so(postgres_database, postgres_seat):
    assert not postgres_seat.is_held()
    with postgres_seat as first:
        assert first.is_held()
        with pytest.raises(DataFolderInUse):
            PostgresSeat(postgres_database).take()

    with PostgresSeat(postgres_database) as second:
        assert second.is_held()


def test_a_seat_lost_with_its_connection_is_taken_again_when_it_is_free(
    postgres_database, postgres_seat
):
    postgres_seat.take()
    cut(postgres_database)

    assert postgres_seat.is_held()
    with pytest.raises(DataFolderInUse):
        PostgresSeat(postgres_database).take()


def test_a_seat_lost_to_another_server_is_not_held_until_that_one_leaves(
    postgres_database, postgres_seat
):
    postgres_seat.take()
    cut(postgres_database)
    with PostgresSeat(postgres_database):
        assert not postgres_seat.is_held()
        assert not postgres_seat.is_held()

    assert postgres_seat.is_held()


def cut(database) -> None:
    """End every other connection, as a restart of the database does."""
    with database.read() as session:
        session.connection().exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
