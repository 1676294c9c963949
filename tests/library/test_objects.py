"""The local store: durable, private, and honest about what went wrong."""

import fcntl
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hornbook.errors import Invalid, KeyTaken, MissingObject, StoreUnavailable
from hornbook.library.objects import STAGING, Objects, at_once

KEY = "books/a_b_3_2020/raw/1.jpg"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def local(root: Path) -> Objects:
    return Objects(root.as_uri())


def test_its_folder_belongs_to_us_alone(local: Objects, root: Path) -> None:
    local.put_new(KEY, b"bytes")

    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / KEY).read_bytes() == b"bytes"


def test_a_put_leaves_nothing_else_behind(local: Objects, root: Path) -> None:
    local.put_new(KEY, b"bytes")
    local.put(KEY, b"other")
    with pytest.raises(KeyTaken):
        local.put_new(KEY, b"third")

    assert list((root / STAGING).iterdir()) == []


def test_the_last_object_of_a_folder_takes_it_along(local: Objects, root: Path) -> None:
    local.put_new(KEY, b"bytes")
    local.put_new("books/a_b_3_2020/1.png", b"bytes")

    local.delete(KEY)
    assert [path.name for path in (root / "books/a_b_3_2020").iterdir()] == ["1.png"]

    local.delete("books/a_b_3_2020/1.png")
    assert [path.name for path in root.iterdir()] == [STAGING]


def test_a_put_finds_its_folder_whatever_is_deleted_meanwhile(local: Objects) -> None:
    def come_and_go(name: str) -> None:
        for number in range(50):
            local.put_new(f"books/one/{name}/{number}", b"bytes")
            local.delete(f"books/one/{name}/{number}")

    at_once(come_and_go, ["same", "same2", "same3"])
    at_once(lambda name: local.put_new(f"books/one/{name}", b"bytes"), ["a", "b"])

    assert local.list("books") == ["books/one/a", "books/one/b"]


def test_a_folder_that_goes_while_it_is_made_is_not_taken_for_an_object(local: Objects) -> None:
    def come_and_go(name: str) -> None:
        for number in range(300):
            local.put_new(f"folder/{name}{number}", b"bytes")
            local.delete(f"folder/{name}{number}")

    at_once(come_and_go, "abcdefgh")

    assert local.list("folder") == []


def test_keys_of_somebody_else_are_refused(local: Objects, tmp_path: Path) -> None:
    for key in ("../outside", "/etc/passwd", "a//b", ".staging/x", "a/../../b", "", "a/", "ü"):
        with pytest.raises(ValueError, match="not a key of ours"):
            local.put_new(key, b"bytes")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store"]


def test_every_operation_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    local = Objects((tmp_path / "told").as_uri(), told.append)

    local.put_new(KEY, b"bytes")
    local.put(KEY, b"other")
    local.get(KEY)
    local.list("books/")
    local.delete(KEY)
    local.sweep()

    assert told == ["put", "put", "get", "list", "delete", "sweep"]


def test_a_folder_that_is_gone_is_no_missing_object(local: Objects, root: Path) -> None:
    (root / STAGING).rmdir()
    root.rmdir()

    with pytest.raises(StoreUnavailable, match="folder of the object store is gone"):
        local.get(KEY)
    with pytest.raises(StoreUnavailable, match="folder of the object store is gone"):
        local.put_new(KEY, b"bytes")


def test_a_folder_in_the_way_is_a_store_that_does_not_work(local: Objects, root: Path) -> None:
    (root / "books").write_bytes(b"a file where a folder should be")

    with pytest.raises(StoreUnavailable, match="does not do its work"):
        local.put_new(KEY, b"bytes")


def test_leftovers_of_killed_puts_are_swept_but_not_puts_at_work(
    local: Objects, root: Path
) -> None:
    dead, live = root / STAGING / "dead", root / STAGING / "live"
    dead.write_bytes(b"half")
    (root / STAGING / "folder").mkdir()

    with live.open("xb") as written:
        fcntl.flock(written, fcntl.LOCK_EX)
        local.sweep()

        assert sorted(path.name for path in (root / STAGING).iterdir()) == ["folder", "live"]


def test_a_sweep_takes_nothing_from_puts_that_have_only_just_begun(
    local: Objects, root: Path
) -> None:
    is_over = threading.Event()

    def sweep_all_the_time() -> None:
        while not is_over.is_set():
            local.sweep()

    sweeper = threading.Thread(target=sweep_all_the_time)
    sweeper.start()
    try:
        for number in range(200):
            local.put_new(f"books/b/raw/{number}.jpg", b"bytes")
    finally:
        is_over.set()
        sweeper.join()

    assert len(local.list("books/")) == 200
    assert list((root / STAGING).iterdir()) == []


def test_other_addresses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="none of file://, s3:// and memory://"):
        Objects("ftp://somewhere/else")


def test_a_file_in_place_of_the_folder_is_a_store_that_does_not_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StoreUnavailable, match="does not do its work"):
        Objects((tmp_path / "file").as_uri())


def test_other_stores_have_nothing_to_sweep() -> None:
    memory = Objects("memory://")
    memory.put_new(KEY, b"bytes")

    memory.sweep()

    assert memory.list("") == [KEY]


FILL = """
import resource, signal, sys
from hornbook.errors import StoreUnavailable
from hornbook.library.objects import Objects
objects = Objects(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    objects.put_new("books/a/1.png", bytes(5000))
except StoreUnavailable as error:
    print(error)
print(objects.list(""))
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_file_that_cannot_be_written_whole_is_not_there(local: Objects, root: Path) -> None:
    ended = run(FILL, local.url)

    assert "does not do its work" in ended.stdout
    assert ended.stdout.endswith("[]\n")
    assert list((root / STAGING).iterdir()) == []


FULL = """
import errno, os, sys
from hornbook.errors import StoreUnavailable
from hornbook.library.objects import Objects
objects = Objects(sys.argv[1])
def refuse(handle):
    raise OSError(getattr(errno, sys.argv[2]), "no room")
os.fsync = refuse
try:
    objects.put_new("books/a/1.png", bytes(5000))
except StoreUnavailable as error:
    print(error)
"""


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT"])
def test_a_full_disk_is_named(local: Objects, code: str) -> None:
    ended = run(FULL, local.url, code)

    assert (
        ended.stdout
        == "The disk of the object store is full. Make room, then resume, or send it again.\n"
    )
    assert local.list("") == []


def test_a_folder_we_may_not_write_to_is_a_store_that_refuses_access(
    local: Objects, root: Path
) -> None:
    ended = run(
        FULL.replace("OSError(getattr(errno, sys.argv[2])", "PermissionError(13"), local.url, ""
    )

    assert ended.stdout.startswith("The object store refuses access: ")


KILLED = """
import os, signal, sys
from hornbook.library.objects import Objects
objects = Objects(sys.argv[1])
fsync = os.fsync
def die(handle):
    fsync(handle)
    os.kill(os.getpid(), signal.SIGKILL)
os.fsync = die
objects.put_new("books/a/1.png", bytes(5000))
"""


def test_a_put_that_was_killed_can_be_repeated(local: Objects) -> None:
    assert run(KILLED, local.url).returncode == -signal.SIGKILL
    assert local.list("") == []

    local.put_new("books/a/1.png", bytes(5000))

    assert local.get("books/a/1.png") == bytes(5000)


def test_the_first_failure_ends_what_is_done_at_once() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        if number == 3:
            raise MissingObject
        time.sleep(0.01)
        done.append(number)

    with pytest.raises(MissingObject):
        at_once(work, range(500))
    assert len(done) < 400
