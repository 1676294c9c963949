"""Hundreds of files through a real browser: in order, quick, and whatever happens to the connection."""

import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import USER, Admin, add_user
from tests.browser.primed import reviewer
from tests.server import Server

FILES = 200
SLIPS = 100
SLOW = 60_000
VERY_SLOW = 180_000
ROWS = "#pages > li"
NAMES = [f"page{number}.png" for number in range(1, FILES + 1)]
RECEIVED = """
    SELECT count(*) FROM upload_files JOIN upload_batches ON upload_batches.id = batch_id
    WHERE NOT is_complete AND state IN ('received', 'page', 'already_there')
"""


@pytest.fixture(scope="module")
def unread(tmp_path_factory, nursery) -> Iterator[Server]:
    """A server whose engine reads nothing, so that only the upload takes time."""
    data_dir = tmp_path_factory.mktemp("uploads") / "data"
    add_user(data_dir, USER)
    running = Server(data_dir, spawn=nursery.spawn, ocr="nothing").start()
    yield running
    running.stop()


@pytest.fixture
def uploader(browser, unread) -> Iterator[Admin]:
    with reviewer(browser, unread) as admin:
        admin.context.set_default_timeout(SLOW)
        yield admin


@pytest.fixture(scope="module")
def scans(tmp_path_factory) -> list[Path]:
    """Two hundred scans of 1 to 2 MB, ten of them different: noise, which nothing makes smaller."""
    folder = tmp_path_factory.mktemp("scans")
    noise = np.random.default_rng(7).integers(0, 256, (1000, 2000), dtype=np.uint8)
    for at, name in enumerate(NAMES):
        if at < 10:
            Image.fromarray(noise[: 550 + at * 45]).save(folder / name, compress_level=0)
        else:
            os.link(folder / NAMES[at % 10], folder / name)
    return [folder / name for name in NAMES]


@pytest.fixture(scope="module")
def slips(tmp_path_factory) -> list[Path]:
    """A hundred pages of a kilobyte."""
    folder = tmp_path_factory.mktemp("slips")
    for at, name in enumerate(NAMES[:SLIPS]):
        Image.new("L", (60, 80), at).save(folder / name)
    return [folder / name for name in NAMES[:SLIPS]]


def pick(tab: Page, files: list[Path]) -> None:
    tab.locator("input[type=file][multiple]").set_input_files(files)


def send(tab: Page) -> None:
    tab.get_by_role("button", name="Upload All & Start OCR").click()


def headline(tab: Page) -> Locator:
    """How much has arrived, as it is seen; the same words are also spoken now and then."""
    return tab.locator("#sent")


def names_in(tab: Page) -> list[str]:
    return tab.locator(f"{ROWS} .file").all_inner_texts()


def seconds_for_a_file(server: Server, files: list[Path]) -> float:
    """What a program needs which announces the files and sends each when the last is in."""
    book = server.create_book(title="Loop", author="Loop")
    address = f"/admin/books/{book}/uploads"
    start = time.perf_counter()
    manifest = {"files": [{"name": file.name, "size": file.stat().st_size} for file in files]}
    batch = server.http.post(address, json=manifest).json()
    for position, file in zip(batch["positions"], files, strict=True):
        body = file.read_bytes()
        server.http.put(
            f"{address}/{batch['batch_id']}/{position}", content=body
        ).raise_for_status()
    took = time.perf_counter() - start
    stop_reading(server, book)
    return took / len(files)


def stop_reading(server: Server, book: str) -> None:
    """Only the upload matters; whoever comes next shall have the processors to themselves."""
    job = server.get(f"/admin/books/{book}/jobs/latest")["job_id"]
    server.http.post(f"/admin/books/{book}/jobs/{job}/stop")
    server.wait(book)


class Renderers:
    """The most memory that a page of our own browser was seen to take."""

    def __init__(self) -> None:
        self.peak = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    @contextmanager
    def watched(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(0.1):
            self.peak = max([self.peak, *map(memory_of, our_renderers())])


def our_renderers() -> list[int]:
    parents, renderers = {}, []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int(
                (entry / "stat").read_text().rpartition(")")[2].split()[1]
            )
            if b"--type=renderer" in (entry / "cmdline").read_bytes():
                renderers.append(int(entry.name))
        except OSError:
            continue  # it has ended
    return [pid for pid in renderers if os.getpid() in lineage(pid, parents)]


def lineage(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid:
        yield pid
        pid = parents.get(pid, 0)


def memory_of(pid: int) -> int:
    """Bytes of what it holds, without Chromium's own code, which every process of it maps."""
    try:
        sums = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    held = re.findall(r"^(?:Pss_Anon|Pss_Shmem|SwapPss):\s+(\d+) kB", sums, re.MULTILINE)
    return sum(map(int, held)) * 1024


def test_two_hundred_scans_come_in_natural_order_quickly_and_in_little_memory(
    uploader, unread, scans
):
    by_a_program = FILES * seconds_for_a_file(unread, scans[:50])
    book = unread.create_book(title="Scans", author="Scans")
    tab = uploader.go(f"/books/{book}")
    renderers = Renderers()

    pick(tab, Random(11).sample(scans, FILES))
    expect(tab.get_by_text("Selected: 200 images", exact=True)).to_be_visible(timeout=VERY_SLOW)
    expect(
        tab.get_by_text(re.compile(r"page1\.png · page2\.png · page3\.png … .*page200\.png"))
    ).to_be_visible(timeout=VERY_SLOW)
    with renderers.watched():
        start = time.perf_counter()
        send(tab)
        expect(tab.get_by_text("Uploaded: 200 images")).to_be_visible(timeout=VERY_SLOW)
        by_the_browser = time.perf_counter() - start
        expect(tab.locator(ROWS)).to_have_count(FILES, timeout=VERY_SLOW)

    stop_reading(unread, book)
    assert names_in(tab) == NAMES
    assert by_the_browser < 3 * by_a_program
    assert 0 < renderers.peak < 200e6
    assert uploader.complaints == []


class Faults:
    """Answers instead of the server: `respond` gives a status for a file, or 0 for no answer."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.puts: list[str] = []
        self.respond = lambda _position: None
        tab.route("**/admin/books/*/uploads/*/*", self._answer)

    def _answer(self, route: Route) -> None:
        self.puts.append(route.request.url)
        status = self.respond(int(route.request.url.rsplit("/", 1)[1]))
        if status is None:
            route.continue_()
        elif status:
            route.fulfill(status=status, json={"detail": "Out of order."})
        else:
            route.abort()


def test_faults_and_an_offline_spell_heal_without_a_click(uploader, unread, slips):
    book = unread.create_book(title="Faults", author="Faults")
    tab = uploader.go(f"/books/{book}")
    faults = Faults(tab)
    failing = set(range(0, 90, 6))
    faults.respond = lambda position: (
        500 if position in failing and not failing.discard(position) else None
    )

    pick(tab, slips)
    send(tab)
    expect(headline(tab)).to_have_text(re.compile(r"^[5-9]\d of 100 uploaded"), timeout=SLOW)
    uploader.context.set_offline(True)
    expect(tab.get_by_text("This computer is offline.")).to_be_visible(timeout=SLOW)
    tab.wait_for_timeout(4000)
    uploader.context.set_offline(False)

    expect(tab.get_by_text("Uploaded: 100 images", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.locator(ROWS)).to_have_count(SLIPS, timeout=SLOW)
    assert failing == set()
    assert names_in(tab) == NAMES[:SLIPS]
    expect(tab.get_by_role("button", name="Retry")).to_be_hidden()
    stop_reading(unread, book)


def test_exactly_the_files_that_failed_for_good_are_offered_and_sent_again(uploader, unread, slips):
    book = unread.create_book(title="Five", author="Five")
    tab = uploader.go(f"/books/{book}")
    faults = Faults(tab)
    faults.respond = lambda position: 500 if position % 20 == 7 else None

    pick(tab, slips)
    send(tab)
    retry = tab.get_by_role("button", name="Retry 5 failed", exact=True)
    expect(retry).to_be_visible(timeout=SLOW)
    expect(tab.get_by_text("Uploaded: 95 images, 5 failed", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.locator("#sending li")).to_have_count(5)
    faults.respond = lambda _position: None
    faults.puts.clear()
    retry.click()

    expect(tab.get_by_text("Uploaded: 100 images", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.locator(ROWS)).to_have_count(SLIPS, timeout=SLOW)
    stop_reading(unread, book)
    assert len(faults.puts) == 5
    assert names_in(tab) == NAMES[:SLIPS]
    expect(retry).to_be_hidden()


def test_a_closed_tab_costs_only_the_files_that_were_missing(uploader, unread, slips):
    book = unread.create_book(title="Closed", author="Closed")
    faults = Faults(uploader.go(f"/books/{book}"))
    faults.respond = lambda _position: None if len(faults.puts) <= SLIPS / 2 else 0
    pick(faults.tab, slips)
    send(faults.tab)
    expect(headline(faults.tab)).to_contain_text("50 of 100 uploaded", timeout=SLOW)
    faults.tab.close()

    received = count_received(unread)

    tab = uploader.open_tab()
    tab.goto(f"{uploader.url}/books/{book}")
    again = Faults(tab)
    heading = tab.get_by_role("heading", name=f"{received} of 100 received")
    expect(heading).to_be_visible(timeout=SLOW)
    pick(tab, slips)
    send(tab)
    expect(tab.get_by_text("Uploaded: 100 images")).to_be_visible(timeout=SLOW)
    expect(tab.locator(ROWS)).to_have_count(SLIPS, timeout=SLOW)
    stop_reading(unread, book)

    assert len(again.puts) == SLIPS - received
    assert names_in(tab) == NAMES[:SLIPS]
    expect(tab.get_by_text("of 100 received")).to_be_hidden()


def count_received(server: Server) -> int:
    with sqlite3.connect(server.data_dir / "hornbook.db") as database:
        (count,) = database.execute(RECEIVED).fetchone()
    return count


def test_a_server_killed_while_files_arrive_leaves_none_half_written(uploader, unread, slips):
    book = unread.create_book(title="Killed", author="Killed")
    tab = uploader.go(f"/books/{book}")
    half_written = unread.data_dir / "store" / ".staging" / "of-a-put-that-was-killed"

    pick(tab, slips)
    send(tab)
    expect(headline(tab)).to_have_text(re.compile(r"^[1-5]\d of 100 uploaded"), timeout=SLOW)
    unread.kill()
    half_written.write_bytes(b"half a page")
    unread.start()

    expect(tab.get_by_text("Uploaded: 100 images")).to_be_visible(timeout=SLOW)
    expect(tab.locator(ROWS)).to_have_count(SLIPS, timeout=SLOW)
    assert names_in(tab) == NAMES[:SLIPS]
    stop_reading(unread, book)
    hidden = [
        path for path in unread.data_dir.rglob("*") if path.match(".*") or path.match("*.part")
    ]
    assert [path for path in hidden if path.is_file()] == []
    assert list(half_written.parent.iterdir()) == []


def test_a_pdf_beside_images_becomes_its_pages_in_their_place(uploader, unread, slips, tmp_path):
    book = unread.create_book(title="Mixed", author="Mixed")
    pages = [Image.new("L", (60, 80), shade) for shade in (50, 100, 150)]
    pages[0].save(tmp_path / "page2.pdf", save_all=True, append_images=pages[1:])
    (tmp_path / "page4.pdf").write_bytes(b"%PDF-1.7 of which nothing is left")
    tab = uploader.go(f"/books/{book}")

    pick(tab, [slips[2], tmp_path / "page4.pdf", tmp_path / "page2.pdf", slips[0]])
    expect(tab.get_by_text("Selected: 4 files", exact=True)).to_be_visible()
    send(tab)

    expect(tab.get_by_text("Uploaded: 3 files, 1 refused", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.locator("#sending li")).to_contain_text(
        "page4.pdf The PDF is damaged or incomplete."
    )
    expect(tab.get_by_role("button", name="Retry")).to_be_hidden()
    expect(tab.locator(ROWS)).to_have_count(5, timeout=SLOW)
    parts = ["page2.pdf", "page2.pdf#2", "page2.pdf#3"]
    assert names_in(tab) == ["page1.png", *parts, "page3.png"]


def test_a_photo_of_a_phone_is_a_page_as_well(uploader, unread, tmp_path):
    book = unread.create_book(title="Photo", author="Photo")
    pillow_heif.from_pillow(Image.new("RGB", (64, 80), "grey")).save(tmp_path / "IMG_1.HEIC")
    tab = uploader.go(f"/books/{book}")

    pick(tab, [tmp_path / "IMG_1.HEIC"])
    send(tab)

    row = tab.locator(ROWS)
    expect(row).to_contain_text("IMG_1.HEIC", timeout=SLOW)
    expect(row).to_contain_text("Completed", timeout=SLOW)


def drop(tab: Page, *paths: Path) -> None:
    """Drop files and folders on the marked place, as the system does it."""
    tab.locator(".drop").scroll_into_view_if_needed()
    box = tab.locator(".drop").bounding_box()
    wire = tab.context.new_cdp_session(tab)
    what = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    where = {"x": box["x"] + 30, "y": box["y"] + 30, "data": what}
    for step in ("dragEnter", "dragOver", "drop"):
        wire.send("Input.dispatchDragEvent", {"type": step, **where})


def test_a_folder_is_dropped_with_all_below_it_and_what_is_no_page_is_left_out(
    uploader, unread, slips, tmp_path
):
    book = unread.create_book(title="Folder", author="Folder")
    for unit, name, source in (
        ("unit 10", "a.png", 1),
        ("unit 2", "a.png", 2),
        ("", "cover.png", 3),
    ):
        (tmp_path / "scans" / unit).mkdir(parents=True, exist_ok=True)
        os.link(slips[source], tmp_path / "scans" / unit / name)
    for name, size in (
        ("notes.txt", 5),
        ("empty.png", 0),
        (".DS_Store", 9),
        ("huge.png", 11_000_000),
    ):
        (tmp_path / "scans" / name).write_bytes(bytes(size))
    tab = uploader.go(f"/books/{book}")

    drop(tab, tmp_path / "scans")
    expect(tab.get_by_text("Selected: 3 images", exact=True)).to_be_visible()
    for why in ("neither image nor PDF", "empty", "too large"):
        expect(tab.locator("#sum")).to_contain_text(f"1 skipped: {why}")
    expect(tab.locator("#order")).to_have_text("cover.png · a.png · a.png")
    send(tab)

    expect(tab.locator(ROWS)).to_have_count(3, timeout=SLOW)
    assert names_in(tab) == ["cover.png", "a.png", "a.png"]
    raws = sorted((unread.data_dir / "store" / "books" / book / "raw").iterdir())
    assert [raw.read_bytes() for raw in raws] == [slips[at].read_bytes() for at in (3, 2, 1)]


def test_what_was_not_sent_when_somebody_stopped_is_sent_by_one_press(uploader, unread, slips):
    book = unread.create_book(title="Stopped", author="Stopped")
    tab = uploader.go(f"/books/{book}")
    faults = Faults(tab)
    faults.respond = lambda _position: None if len(faults.puts) <= 5 else 0

    pick(tab, slips[:12])
    send(tab)
    expect(headline(tab)).to_contain_text("5 of 12 uploaded", timeout=SLOW)
    assert tab.evaluate("document.activeElement.id") == "sending"
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.get_by_text("5 of 12 uploaded; 7 not sent.")).to_be_visible()
    expect(tab.get_by_role("heading", name="5 of 12 received")).to_be_visible(timeout=SLOW)
    faults.respond = lambda _position: None
    send(tab)

    expect(tab.get_by_text("Uploaded: 7 images", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.locator(ROWS)).to_have_count(12, timeout=SLOW)
    assert tab.evaluate("document.activeElement.id") == "selected"
    assert names_in(tab) == NAMES[:12]


def test_whoever_is_logged_out_meanwhile_loses_no_file(uploader, unread, slips):
    book = unread.create_book(title="Out", author="Out")
    tab = uploader.go(f"/books/{book}")
    faults = Faults(tab)
    faults.respond = lambda _position: None if len(faults.puts) <= 3 else 401

    pick(tab, slips[:9])
    send(tab)
    expect(tab.get_by_role("button", name="Retry 6 failed", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.get_by_text("You are logged out. Log in in another tab").first).to_be_visible()
    assert len(faults.puts) <= 3 + 4
    faults.respond = lambda _position: None
    tab.get_by_role("button", name="Retry 6 failed").click()

    expect(tab.get_by_text("Uploaded: 9 images", exact=True)).to_be_visible(timeout=SLOW)
    expect(tab.locator(ROWS)).to_have_count(9, timeout=SLOW)
