"""The bucket is a complete record: the database comes back from it, and gives the same files."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from hornbook.errors import Conflict, StoreUnavailable
from hornbook.library import keys
from hornbook.library.database import Database
from hornbook.library.objects import Objects
from hornbook.library.projection import Projector
from hornbook.library.rebuild import RebuildReport, rebuild
from hornbook.library.tables import Base, BookRow, FindingRow, PageRow, PageTextRow, SubtopicRow
from tests.conftest import FakeClock
from tests.library import rich_book
from tests.library.rich_book import BOOK
from tests.library.test_projection import FailingObjects, render

EXEMPT = re.compile(
    r".*_(at|id|by|url)|id|version|rev|revision|last_updated|attempts|seconds|tokens"
    r"|(duration|elapsed|latency).*"
)


def without_exempt(value: Any) -> Any:
    """The value without the fields that CONTRACT 2 lets differ between runs."""
    if isinstance(value, dict):
        return {k: without_exempt(v) for k, v in value.items() if not EXEMPT.fullmatch(k)}
    if isinstance(value, list):
        return [without_exempt(each) for each in value]
    return value


def files(objects: Objects) -> dict[str, bytes]:
    return {key: objects.get(key) for key in objects.list("books/")}


def comparable(objects: Objects) -> dict[str, Any]:
    return {
        key: without_exempt(json.loads(data)) if key.endswith(".json") else data
        for key, data in files(objects).items()
    }


def project(database: Database, objects: Objects, clock: FakeClock) -> None:
    assert Projector(database, objects, clock, render).catch_up(BOOK)


def rows(database: Database, table: type[Base]) -> list[dict[str, Any]]:
    hidden = {"rev", "projected_rev", "job_id"}
    with database.read() as session:
        found = session.scalars(select(table).order_by(*table.__table__.primary_key))
        return [
            {c.name: getattr(row, c.name) for c in table.__table__.columns if c.name not in hidden}
            for row in found
        ]


@pytest.fixture
def bucket(sqlite_database: Database, clock: FakeClock) -> FailingObjects:
    """The bucket of a rich book, with its images."""
    store = FailingObjects("memory://")
    with sqlite_database.begin() as session:
        rich_book.insert(session, rich_book.rich_book())
    for number in (1, 2, 4, 5, 6, 7):
        store.put_new(keys.raw(BOOK, number, "image/jpeg"), b"raw %d" % number)
    project(sqlite_database, store, clock)
    return store


@pytest.fixture
def empty_database(empty_database_url: Any) -> Any:
    database = Database(empty_database_url)
    yield database
    database.close()


def test_a_rebuilt_database_gives_the_same_files(
    bucket: FailingObjects, empty_database: Database, clock: FakeClock
) -> None:
    before = comparable(bucket)
    clock.advance(100)

    report = rebuild(empty_database, bucket, clock)

    assert report == RebuildReport(books=[BOOK])
    assert report.lines() == [f"{BOOK}: restored.", "1 books restored, 0 not."]
    second = Objects("memory://")
    project(empty_database, second, clock)
    after = comparable(second)
    assert {k: v for k, v in before.items() if "/raw/" not in k} == after
    project(empty_database, bucket, clock)
    assert comparable(bucket) == before


def test_every_row_comes_back_as_it_was(
    bucket: FailingObjects,
    sqlite_database: Database,
    empty_database: Database,
    clock: FakeClock,
) -> None:
    not_kept = {"users", "user_tokens", "secrets", "book_jobs", "job_items", "page_attempts"}
    not_kept |= {"llm_config", "removals", "page_drafts", "review_steps", "model_calls"}
    not_kept |= {"study_plan_wishes"}

    rebuild(empty_database, bucket, clock)

    for mapper in Base.registry.mappers:
        table = mapper.class_
        if table.__tablename__ not in not_kept:
            before = rows(sqlite_database, table)
            assert before != [], table
            assert rows(empty_database, table) == before


def test_a_database_with_a_book_is_refused(
    bucket: FailingObjects, sqlite_database: Database, clock: FakeClock
) -> None:
    with pytest.raises(Conflict, match=f"already has books, such as {BOOK}"):
        rebuild(sqlite_database, bucket, clock)


def test_an_empty_bucket_gives_an_empty_database(clock: FakeClock, postgres_database: Any) -> None:
    report = rebuild(postgres_database, Objects("memory://"), clock)

    assert report.lines() == ["0 books restored, 0 not."]


def lose(database: Database) -> None:
    """Lose everything that hangs on a book, which is everything."""
    with database.begin() as session:
        for book in session.scalars(select(BookRow)):
            session.delete(book)


def test_a_page_whose_text_is_lost_has_to_be_read_again(
    bucket: FailingObjects, sqlite_database: Database, clock: FakeClock
) -> None:
    lose(sqlite_database)
    bucket.delete(keys.text(BOOK, 1, 1))
    bucket.delete(keys.text(BOOK, 2, 1))

    report = rebuild(sqlite_database, bucket, clock)

    assert report.partly == {BOOK: "These pages have to be read again, their texts are lost: 1."}
    with sqlite_database.read() as session:
        page = session.get_one(PageRow, f"{BOOK}/1")
        assert (page.ocr_status, page.text_revision) == ("pending", 0)
        assert session.get_one(PageRow, f"{BOOK}/2").text_revision == 2


def test_files_of_no_page_are_named_and_keep_their_numbers(
    bucket: FailingObjects, sqlite_database: Database, clock: FakeClock
) -> None:
    lose(sqlite_database)
    bucket.put_new(f"books/{BOOK}/raw/12.png", b"came after the last projection")

    report = rebuild(sqlite_database, bucket, clock)

    assert "books/smith_mathematics_3_2024/raw/12.png" in report.lines()[0]
    with sqlite_database.read() as session:
        assert session.get_one(BookRow, BOOK).last_number == 12


def test_a_page_that_was_being_read_is_pending_again(
    bucket: FailingObjects, sqlite_database: Database, clock: FakeClock
) -> None:
    lose(sqlite_database)
    state = json.loads(bucket.get(keys.state(BOOK)))
    state["pages"][4]["ocr_status"] = "processing"
    bucket.put(keys.state(BOOK), json.dumps(state).encode())

    rebuild(sqlite_database, bucket, clock)

    with sqlite_database.read() as session:
        assert session.get_one(PageRow, f"{BOOK}/6").ocr_status == "pending"


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"{", "JSONDecodeError"),
        (b"[]", "TypeError"),
        (b'{"format": 1, "book": {}, "pages": []}', "Error"),
        (
            b'{"format": 1, "book": {"id": "x"}, "pages": [], "subtopics": [], "topics": [{}]}',
            "IntegrityError",
        ),
        (b'{"format": 1}', "KeyError"),
        (b'{"format": 99}', "a newer version of Hornbook"),
    ],
)
def test_a_damaged_book_is_named_and_the_others_come_back(
    bucket: FailingObjects,
    sqlite_database: Database,
    clock: FakeClock,
    damaged: bytes,
    reason: str,
) -> None:
    lose(sqlite_database)
    bucket.put(keys.state("bad_mathematics_3_2024"), damaged)

    report = rebuild(sqlite_database, bucket, clock)

    assert report.books == [BOOK]
    assert reason in report.failed["bad_mathematics_3_2024"]
    assert report.lines()[-1] == "1 books restored, 1 not."


def test_a_store_that_is_down_ends_the_rebuild(
    bucket: FailingObjects, sqlite_database: Database, clock: FakeClock
) -> None:
    lose(sqlite_database)
    bucket.is_down = lambda _key: True

    with pytest.raises(StoreUnavailable):
        rebuild(sqlite_database, bucket, clock)


def test_many_rows_come_back_in_several_steps(sqlite_database: Database, clock: FakeClock) -> None:
    store = Objects("memory://")
    pages = [rich_book.page(number) for number in range(1, 301)]
    with sqlite_database.begin() as session:
        texts = [rich_book.text(page) for page in pages]
        rich_book.insert(session, [rich_book.book(last_number=300), *pages, *texts])
    project(sqlite_database, store, clock)
    before = comparable(store)
    lose(sqlite_database)

    rebuild(sqlite_database, store, clock)

    project(sqlite_database, store, clock)
    assert comparable(store) == before


# The predecessor's bucket

OLD = "jane_doe_social_studies_3_2021_1"


def old_page(number: int, **more: Any) -> dict[str, Any]:
    entry = {
        "page_num": number,
        "raw_image_s3_key": f"books/{OLD}/raw/{number}.jpeg",
        "image_s3_key": f"books/{OLD}/{number}.png",
        "text_s3_key": f"books/{OLD}/{number}.txt",
        "status": "approved",
        "approved_at": "2025-05-01T10:00:00",
        "uploaded_at": "2025-04-01T10:00:00Z",
    }
    return entry | more


@pytest.fixture
def old_bucket() -> Objects:
    store = Objects("memory://")
    pages = [
        old_page(1),
        old_page(2, raw_image_s3_key=None),
        old_page(3, text_s3_key=None, status="pending_review", approved_at=None),
        old_page(4, image_s3_key=None, raw_image_s3_key=f"books/{OLD}/raw/scan.jpeg"),
    ]
    put = {
        f"books/{OLD}/metadata.json": {"book_id": OLD, "pages": pages, "total_pages": 4},
        f"books/{OLD}/pages/001.page_guideline.json": {"page": 1, "summary": "Maps", "version": 1},
        f"books/{OLD}/guidelines/index.json": {
            "topics": [
                {
                    "topic_key": "maps",
                    "topic_title": "Maps",
                    "subtopics": [
                        {"subtopic_key": "scale", "status": "final"},
                        {"subtopic_key": "lost", "status": "final"},
                    ],
                }
            ]
        },
        f"books/{OLD}/guidelines/page_index.json": {
            "pages": {
                "1": {"topic_key": "maps", "subtopic_key": "scale", "confidence": 0.9},
                "2": {"topic_key": "maps", "subtopic_key": "lost"},
                "9": {"topic_key": "maps", "subtopic_key": "scale"},
            }
        },
        f"books/{OLD}/guidelines/topics/maps/subtopics/scale.latest.json": {
            "subtopic_key": "scale",
            "subtopic_title": "Scale",
            "guidelines": "Teach scale with a map of the school.",
            "version": 4,
        },
    }
    for key, shape in put.items():
        store.put_new(key, json.dumps(shape).encode())
    for name in ("raw/1.jpeg", "raw/3.jpeg", "raw/scan.jpeg", "1.png", "2.png", "3.png"):
        store.put_new(f"books/{OLD}/{name}", name.encode())
    for number, text in ((1, "Maps have a scale."), (2, " "), (4, "Rivers")):
        store.put_new(f"books/{OLD}/{number}.txt", text.encode())
    return store


def test_an_old_bucket_gives_pages_texts_approvals_and_guidelines(
    old_bucket: Objects, sqlite_database: Database, clock: FakeClock
) -> None:
    report = rebuild(sqlite_database, old_bucket, clock)

    assert "no state.json" in report.partly[OLD]
    with sqlite_database.read() as session:
        book = session.get_one(BookRow, OLD)
        assert (book.author, book.subject, book.grade) == ("Jane", "Doe Social Studies", 3)
        assert (book.edition_year, book.last_number) == (2021, 4)
        pages = list(session.scalars(select(PageRow).order_by(PageRow.place)))
        assert [page.review for page in pages] == [*["approved"] * 2, "pending_review", "approved"]
        assert [page.ocr_status for page in pages] == [*["completed"] * 2, "pending", "completed"]
        assert [page.is_blank for page in pages] == [False, True, False, False]
        assert session.scalar(select(func.count()).select_from(PageTextRow)) == 3
        assert session.get_one(FindingRow, f"{OLD}/1").summary == "Maps"
        assert [row.key for row in session.scalars(select(SubtopicRow))] == ["scale"]


def test_an_old_book_projected_again_keeps_its_guidelines(
    old_bucket: Objects, sqlite_database: Database, clock: FakeClock
) -> None:
    rebuild(sqlite_database, old_bucket, clock)

    Projector(sqlite_database, old_bucket, clock, render).catch_up(OLD)

    file = json.loads(old_bucket.get(keys.subtopic(OLD, "maps", "scale")))
    assert file["guidelines"] == "Teach scale with a map of the school."
    assert file["source_pages"] == [1]
    assert json.loads(old_bucket.get(keys.page_guideline(OLD, 1)))["summary"] == "Maps"


def test_an_old_book_without_guidelines_comes_back(
    sqlite_database: Database, clock: FakeClock
) -> None:
    store = Objects("memory://")
    book_id = "unknown_art_5_2020"
    metadata = {"book_id": book_id, "pages": [], "last_updated": "2025-01-01T00:00:00+00:00"}
    store.put_new(keys.metadata(book_id), json.dumps(metadata).encode())
    store.put_new(keys.guideline_index(book_id), b'{"topics": []}')
    store.put_new("books/a_b_1_2020/1.png", b"alone")
    store.put_new("books/nonsense/metadata.json", b'{"pages": []}')

    report = rebuild(sqlite_database, store, clock)

    assert list(report.partly) == [book_id]
    assert "neither state.json nor metadata.json" in report.failed["a_b_1_2020"]
    assert "does not say subject, grade and year" in report.failed["nonsense"]
    with sqlite_database.read() as session:
        assert session.get_one(BookRow, book_id).author is None
