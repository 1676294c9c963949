"""What the projector writes, when, and how it mends what a store that was down left undone."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import pytest
from sqlalchemy import delete, select, update

from hornbook.errors import StoreUnavailable
from hornbook.library import books, codec, keys
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.projection import PAUSES_FOR_STORE, Projector
from hornbook.library.tables import (
    BookRow,
    FindingRow,
    JobRow,
    PageRow,
    PlacementRow,
    RemovalRow,
    SubtopicRow,
    TopicRow,
)
from hornbook.model.guideline import Block, PlacedItem
from tests.conftest import FakeClock
from tests.library import rich_book
from tests.library.rich_book import BOOK, NOW


def render(
    blocks: Sequence[Block], items: Mapping[str, PlacedItem], page_nums: Mapping[str, int] | None
) -> str:
    """A plain writer of guidelines, enough to see which items and pages it was given."""
    nums = page_nums or {}
    said = []
    for block in blocks:
        placed = items.get(block.value)
        said.append(f"{placed.item.text} (p. {nums[placed.page_id]})" if placed else block.value)
    return "\n".join(said)


class FailingObjects(Objects):
    """A store that refuses operations on the keys that `is_down` names."""

    def __init__(self, url: str, is_down: Callable[[str], bool] = lambda _key: False) -> None:
        super().__init__(url)
        self.is_down = is_down
        self.puts: list[str] = []

    def put(self, key: str, data: bytes) -> None:
        self._refuse(key)
        self.puts.append(key)
        super().put(key, data)

    def delete(self, key: str) -> None:
        self._refuse(key)
        super().delete(key)

    def list(self, prefix: str) -> list[str]:
        self._refuse(prefix)
        return super().list(prefix)

    def _refuse(self, key: str) -> None:
        if self.is_down(key):
            raise StoreUnavailable(f"503 for {key}")


@pytest.fixture
def store() -> FailingObjects:
    return FailingObjects("memory://")


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def projector(
    database: Database, store: FailingObjects, clock: FakeClock, naps: list[float]
) -> Projector:
    return Projector(database, store, clock, render, sleep=naps.append)


@pytest.fixture
def rich(database: Database) -> Database:
    with database.begin() as session:
        rich_book.insert(session, rich_book.rich_book())
    return database


def load(objects: Objects, key: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(objects.get(key))
    return loaded


def contents(objects: Objects) -> dict[str, bytes]:
    return {key: objects.get(key) for key in objects.list(keys.prefix(BOOK))}


def revs(database: Database) -> tuple[int, int]:
    with database.read() as session:
        row = session.get_one(BookRow, BOOK)
        return row.rev, row.projected_rev


def touch(database: Database) -> None:
    with database.begin() as session:
        books.touch(session, BOOK)


def error_of(database: Database) -> str | None:
    with database.read() as session:
        return session.get_one(BookRow, BOOK).projection_error


# The shapes


def test_every_shape_of_the_contract_is_written(
    rich: Database, projector: Projector, store: FailingObjects, clock: FakeClock
) -> None:
    is_done = projector.catch_up(BOOK)

    assert is_done
    assert revs(rich) == (7, 7)
    metadata = load(store, keys.metadata(BOOK))
    assert list(metadata) == ["book_id", "pages", "total_pages", "last_updated"]
    assert metadata["total_pages"] == 6
    assert metadata["last_updated"] == clock().isoformat()
    assert metadata["pages"][1] == {  # type: ignore[index]
        "page_num": 2,
        "raw_image_s3_key": f"books/{BOOK}/raw/2.jpg",
        "image_s3_key": f"books/{BOOK}/2.png",
        "text_s3_key": f"books/{BOOK}/2.v2.txt",
        "status": "pending_review",
        "approved_at": None,
        "ocr_status": "completed",
        "ocr_error": None,
        "uploaded_at": "2026-02-01T12:00:02.123456+00:00",
        "is_blank": False,
        "file_name": "page 2.jpg",
    }
    assert load(store, keys.page_guideline(BOOK, 6))["page"] == 6
    assert load(store, keys.page_guideline(BOOK, 1))["summary"] == "What page 1 says"


def test_files_are_utf_8_with_an_indent_of_two(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)

    data = store.get(keys.state(BOOK))
    assert "números".encode() in data
    assert data == json.dumps(json.loads(data), ensure_ascii=False, indent=2).encode()


def test_every_revision_of_a_text_has_its_file_and_only_a_read_one_a_layout(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)

    assert store.get(keys.text(BOOK, 2, 1)) == "Words of page 2, revision 1: ½ é".encode()
    assert store.get(keys.text(BOOK, 2, 2)) == b"Typed\nby hand"
    assert store.get(keys.text(BOOK, 4, 1)) == b""
    layout = load(store, keys.layout(BOOK, 2, 1))
    assert codec.lines_from_json(layout["lines"])[0].text.startswith("Words of page 2")  # type: ignore[arg-type]
    assert keys.layout(BOOK, 2, 2) not in store.list(keys.prefix(BOOK))


def test_a_merged_subtopic_lives_on_in_the_one_it_was_merged_into(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)

    adding = load(store, keys.subtopic(BOOK, "fractions", "adding"))
    assert adding["source_pages"] == [1, 2, 6]
    assert (adding["source_page_start"], adding["source_page_end"]) == (1, 6)
    assert "A thing of page 2 (p. 2)" in str(adding["guidelines"])
    assert keys.subtopic(BOOK, "fractions", "sums") not in store.list(keys.prefix(BOOK))
    index = load(store, keys.guideline_index(BOOK))
    assert index["topics"][0]["subtopics"] == [  # type: ignore[index]
        {
            "subtopic_key": "adding",
            "subtopic_title": "Adding",
            "subtopic_summary": "A summary",
            "status": "final",
            "page_range": "1-6",
        }
    ]
    pages = load(store, keys.page_index(BOOK))["pages"]
    assert pages["6"] == {  # type: ignore[index]
        "topic_key": "fractions",
        "subtopic_key": "adding",
        "confidence": 0.875,
        "provisional": False,
    }
    assert list(pages) == ["1", "2", "6"]  # type: ignore[call-overload]


def test_a_rejected_page_has_no_page_guideline(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)

    assert keys.page_guideline(BOOK, 4) not in store.list(keys.prefix(BOOK))


def test_a_book_without_guidelines_has_no_index(
    database: Database, projector: Projector, store: FailingObjects
) -> None:
    with database.begin() as session:
        rich_book.insert(session, [rich_book.book()])

    projector.catch_up(BOOK)

    assert store.list(keys.prefix(BOOK)) == [keys.metadata(BOOK), keys.state(BOOK)]


def test_both_databases_give_the_same_files(database: Database, clock: FakeClock) -> None:
    with database.begin() as session:
        rich_book.insert(session, rich_book.rich_book())
    store = Objects("memory://")

    Projector(database, store, clock, render).catch_up(BOOK)

    assert revs(database) == (7, 7)
    assert len(contents(store)) == 19


# What changes


def test_what_did_not_change_is_not_written_again(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)
    store.puts.clear()
    with rich.begin() as session:
        rev = books.touch(session, BOOK)
        changed = {"review": "approved", "approved_at": NOW, "rev": rev}
        session.execute(update(PageRow).where(PageRow.number == 7).values(**changed))

    projector.catch_up(BOOK)

    assert store.puts == [keys.metadata(BOOK), keys.state(BOOK)]
    assert revs(rich) == (8, 8)


def test_a_fresh_process_writes_texts_only_of_pages_that_changed(
    rich: Database, projector: Projector, store: FailingObjects, clock: FakeClock
) -> None:
    projector.catch_up(BOOK)
    store.puts.clear()
    with rich.begin() as session:
        rev = books.touch(session, BOOK)
        session.execute(update(PageRow).where(PageRow.number == 7).values(rev=rev))
    store.delete(keys.text(BOOK, 1, 1))

    Projector(rich, store, clock, render).catch_up(BOOK)

    texts = [key for key in store.puts if key.endswith(".txt")]
    assert sorted(texts) == [keys.text(BOOK, 1, 1), keys.text(BOOK, 7, 1)]


def test_a_text_of_another_life_of_the_database_is_replaced(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    store.put(keys.text(BOOK, 1, 1), b"from before the backup was put back")

    projector.catch_up(BOOK)

    assert store.get(keys.text(BOOK, 1, 1)) == "Words of page 1, revision 1: ½ é".encode()


def test_page_files_follow_a_deletion_exactly(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)
    with rich.begin() as session:
        rev = books.touch(session, BOOK)
        session.execute(delete(PageRow).where(PageRow.number == 1))
        for place in range(2, 7):
            moved = update(PageRow).where(PageRow.place == place)
            session.execute(moved.values(place=place - 1, rev=rev))
        for key in (keys.raw(BOOK, 1, "image/jpeg"), keys.text(BOOK, 1, 1)):
            books.note_removal(session, BOOK, key)

    projector.catch_up(BOOK)

    found = [key for key in store.list(keys.prefix(BOOK)) if "page_guideline" in key]
    assert found == [keys.page_guideline(BOOK, 1), keys.page_guideline(BOOK, 5)]
    assert load(store, found[1])["summary"] == "What page 7 says"
    assert keys.text(BOOK, 1, 1) not in store.list(keys.prefix(BOOK))
    with rich.read() as session:
        assert list(session.scalars(select(RemovalRow))) == []


def test_rejected_guidelines_are_really_gone(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)
    with rich.begin() as session:
        books.touch(session, BOOK)
        for table in (PlacementRow, SubtopicRow, TopicRow, FindingRow):
            session.execute(delete(table))

    projector.catch_up(BOOK)

    left = [key for key in store.list(keys.prefix(BOOK)) if "guideline" in key]
    assert left == []


def test_what_a_row_points_at_is_never_removed(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    upload = keys.upload(BOOK, "batch", 1, "f" * 64)
    pointed_at = [
        keys.raw(BOOK, 1, "image/jpeg"),
        keys.image(BOOK, 7, 3),
        keys.text(BOOK, 2, 1),
        keys.subtopic(BOOK, "fractions", "adding"),
        upload,
    ]
    old = keys.image(BOOK, 7, 2)
    for key in [*pointed_at, old]:
        store.put(key, b"bytes")
    with rich.begin() as session:
        session.get_one(BookRow, BOOK).cover_image_s3_key = keys.image(BOOK, 1, 1)
        books.note_removal(session, BOOK, *pointed_at, old, keys.uploads(BOOK, "batch"))

    projector.catch_up(BOOK)

    left = store.list(keys.prefix(BOOK))
    assert set(pointed_at) <= set(left)
    assert old not in left


def test_a_deleted_book_leaves_nothing_behind(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)
    store.put(keys.raw(BOOK, 1, "image/jpeg"), b"raw")
    with rich.begin() as session:
        books.remove(session, BOOK)

    projector.project_due()

    assert store.list("") == []
    with rich.read() as session:
        assert list(session.scalars(select(RemovalRow))) == []


def test_a_book_that_is_deleted_while_it_is_written_is_no_error(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    def delete_book(key: str) -> bool:
        if key == keys.state(BOOK):
            with rich.begin() as session:
                books.remove(session, BOOK)
            store.is_down = lambda _key: False
        return False

    store.is_down = delete_book

    assert projector.catch_up(BOOK)
    assert store.list("") == []


def test_a_book_that_is_deleted_before_it_is_looked_at_is_no_error(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    def delete_book(_key: str) -> bool:
        store.is_down = lambda _key: False
        with rich.begin() as session:
            books.remove(session, BOOK)
        return False

    store.is_down = delete_book

    assert projector.catch_up(BOOK)
    assert store.list("") == []


# When the store is down


def test_a_deleted_book_waits_for_the_store(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)
    with rich.begin() as session:
        books.remove(session, BOOK)
    store.is_down = lambda _key: True

    assert not projector.catch_up(BOOK)

    store.is_down = lambda _key: False
    assert projector.catch_up(BOOK)
    assert store.list("") == []


def test_a_store_that_fails_in_the_middle_is_repaired_later(
    rich: Database, projector: Projector, store: FailingObjects, clock: FakeClock
) -> None:
    for key in (keys.text(BOOK, 2, 2), keys.guideline_index(BOOK), keys.state(BOOK)):
        store.is_down = lambda asked, down=key: asked == down  # type: ignore[misc]
        touch(rich)
        assert not projector.catch_up(BOOK)
        assert revs(rich)[1] == 0
        assert error_of(rich) == f"503 for {key}"
    store.is_down = lambda _key: False

    assert projector.catch_up(BOOK)

    assert error_of(rich) is None
    fresh = Objects("memory://")
    Projector(rich, fresh, clock, render).catch_up(BOOK)
    assert contents(store).keys() == contents(fresh).keys()


def test_a_short_outage_is_waited_out(
    rich: Database, projector: Projector, store: FailingObjects, naps: list[float]
) -> None:
    refusals = iter([True, True])
    store.is_down = lambda _key: next(refusals, False)

    assert projector.catch_up(BOOK)

    assert naps == list(PAUSES_FOR_STORE[:2])
    assert error_of(rich) is None


def test_the_book_says_that_the_bucket_is_behind_and_raises_its_revision_once(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    store.is_down = lambda _key: True

    projector.catch_up(BOOK)
    projector.catch_up(BOOK)

    assert revs(rich) == (8, 0)
    store.is_down = lambda _key: False
    projector.catch_up(BOOK)
    assert revs(rich)[0] == 9


def test_a_burst_of_refusals_never_shrinks_the_index(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)
    before = store.get(keys.guideline_index(BOOK))
    for number in range(6):
        asked = iter([False] * number + [True] * 20)
        store.is_down = lambda _key, asked=asked: next(asked, False)  # type: ignore[misc]
        touch(rich)
        projector.catch_up(BOOK)

        topics = load(store, keys.guideline_index(BOOK))["topics"]
        assert topics == json.loads(before)["topics"]
        assert len(topics) == 2


def test_a_put_that_failed_but_landed_is_not_taken_for_written(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.catch_up(BOOK)
    store.is_down = lambda key: key == keys.metadata(BOOK)
    touch(rich)
    with rich.begin() as session:
        session.execute(update(PageRow).where(PageRow.number == 1).values(file_name="other"))
    projector.catch_up(BOOK)
    Objects.put(store, keys.metadata(BOOK), b"landed all the same")
    with rich.begin() as session:
        session.execute(update(PageRow).where(PageRow.number == 1).values(file_name="page 1.jpg"))
    store.is_down = lambda _key: False

    projector.catch_up(BOOK)

    assert load(store, keys.metadata(BOOK))["total_pages"] == 6


# Two hands


def test_two_projectors_at_once_end_with_the_newest_files(
    rich: Database, projector: Projector, store: FailingObjects, clock: FakeClock
) -> None:
    other = Projector(rich, Objects("memory://"), clock, render)
    other._objects = store  # the same store, but another process

    def interfere(key: str) -> bool:
        if key == keys.state(BOOK):
            store.is_down = lambda _key: False
            touch(rich)
            other.catch_up(BOOK)
        return False

    store.is_down = interfere

    assert projector.catch_up(BOOK)

    assert revs(rich) == (8, 8)
    assert load(store, keys.state(BOOK))["rev"] == 8


def test_another_hand_that_never_stops_writing_is_reported(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    def interfere(key: str) -> bool:
        if key == keys.state(BOOK):
            with rich.begin() as session:
                book = session.get_one(BookRow, BOOK)
                book.projected_rev += 1
                book.rev += 1
        return False

    store.is_down = interfere

    assert not projector.catch_up(BOOK)
    assert "Another process" in str(error_of(rich))


# In the background


def start_job(database: Database) -> None:
    job = JobRow(id="job", book_id=BOOK, job_type="extraction", status="running", started_at=NOW)
    with database.begin() as session:
        session.add(job)


def test_while_a_job_runs_a_book_is_written_once_in_an_interval(
    rich: Database, projector: Projector, store: FailingObjects, clock: FakeClock
) -> None:
    start_job(rich)
    projector.project_due()
    touch(rich)

    projector.project_due()
    assert revs(rich) == (8, 7)

    clock.advance(2)
    projector.project_due()
    assert revs(rich) == (8, 8)


@pytest.mark.parametrize("is_down", [True, False], ids=["after-a-failure", "during-a-job"])
def test_a_clock_that_is_set_back_does_not_keep_the_bucket_waiting(
    rich: Database, projector: Projector, store: FailingObjects, clock: FakeClock, *, is_down: bool
) -> None:
    start_job(rich)
    store.is_down = lambda _key: is_down
    projector.project_due()
    store.is_down = lambda _key: False
    touch(rich)

    clock.advance(-3600)
    projector.project_due()

    assert revs(rich) == (8, 8)


def test_without_a_job_a_change_is_written_in_the_next_round(
    rich: Database, projector: Projector
) -> None:
    projector.project_due()
    touch(rich)

    projector.project_due()

    assert revs(rich) == (8, 8)


def test_a_store_that_stays_down_is_asked_less_and_less_often(
    rich: Database, projector: Projector, store: FailingObjects, clock: FakeClock
) -> None:
    asked: list[str] = []
    store.is_down = lambda key: not asked.append(key)  # type: ignore[func-returns-value]
    rounds = []
    for _second in range(60):
        before = len(asked)
        projector.project_due()
        rounds.append(len(asked) > before)
        clock.advance(1)

    assert [second for second, was_asked in enumerate(rounds) if was_asked] == [0, 2, 6, 14, 30]
    assert error_of(rich) is not None
    store.is_down = lambda _key: False
    projector.project_due()
    assert error_of(rich) is None


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_change_reaches_the_bucket_within_two_seconds(
    rich: Database, store: FailingObjects, clock: FakeClock
) -> None:
    projector = Projector(rich, store, clock, render)
    projector.start()
    try:
        assert wait_for(lambda: revs(rich) == (7, 7))
        began = time.monotonic()
        touch(rich)
        projector.wake()
        assert wait_for(lambda: revs(rich) == (8, 8))
        assert time.monotonic() - began < 2
    finally:
        projector.stop()


def test_the_background_outlives_a_bug(rich: Database, clock: FakeClock) -> None:
    broken = threading.Event()

    def render_badly(*args: object) -> str:
        if not broken.is_set():
            broken.set()
            raise ZeroDivisionError
        return ""

    projector = Projector(rich, Objects("memory://"), clock, render_badly, interval=0.1)
    projector.start()
    try:
        assert broken.wait(10)
        assert wait_for(lambda: revs(rich) == (7, 7))
    finally:
        projector.stop()


def test_the_bucket_is_left_to_the_process_whose_task_it_is(
    rich: Database, clock: FakeClock
) -> None:
    looks: list[bool] = []
    is_seated = threading.Event()

    def look() -> bool:
        looks.append(is_seated.is_set())
        return looks[-1]

    store = Objects("memory://")
    projector = Projector(rich, store, clock, render, interval=0.1, is_seated=look)
    projector.start()
    try:
        assert wait_for(lambda: len(looks) > 2)
        assert store.list("") == []
        is_seated.set()
        assert wait_for(lambda: revs(rich) == (7, 7))
    finally:
        projector.stop()


def test_stopping_leaves_what_is_left_for_the_next_start(
    rich: Database, projector: Projector, store: FailingObjects
) -> None:
    projector.stop()

    projector.project_due()

    assert store.puts == []


def test_only_so_many_books_are_remembered(
    database: Database,
    projector: Projector,
    store: FailingObjects,
) -> None:
    with database.begin() as session:
        rich_book.insert(session, [rich_book.book(f"a_b_3_20{n:02}") for n in range(52)])

    projector.project_due()

    assert len(projector._shelves) == 50
