import pytest
from sqlalchemy import delete, insert, select, update

from hornbook.errors import JobAlreadyActive, NotFound
from hornbook.jobs import ledger
from hornbook.library.tables import (
    JobRow,
    PageRow,
    RemovalRow,
    SubtopicRow,
    TeachingGuidelineRow,
    TopicRow,
)
from hornbook.model.book import BookFilter, NewBook, Stage
from hornbook.model.job import JobType
from hornbook.workflows.books import Books
from tests.admin import Admin, at_once

MATHS = NewBook("Maths Grade 4", 4, "Mathematics", author="Ada Byron", edition_year=2020)


@pytest.fixture
def books(database, clock) -> Books:
    return Books(database, clock)


@pytest.fixture
def admin(sqlite_database, objects, clock) -> Admin:
    return Admin(sqlite_database, objects, clock)


def test_a_new_book_is_empty_and_knows_where_its_objects_lie(books, clock):
    book = books.create(MATHS, "ada")

    assert book.id == "ada_byron_mathematics_4_2020"
    assert book.s3_prefix == "books/ada_byron_mathematics_4_2020/"
    assert (book.page_count, book.guideline_count, book.approved_guideline_count) == (0, 0, 0)
    assert (book.has_active_job, book.is_bucket_behind, book.stage) == (False, False, Stage.UPLOAD)
    assert (book.created_by, book.created_at) == ("ada", clock())
    assert books.get(book.id) == book


def test_a_book_without_author_and_year_is_unknown_and_of_this_year(books):
    book = books.create(NewBook("Maths", 4, "Math & Ma/gic"), "ada")

    assert book.id == "unknown_math__magic_4_2026"


def test_a_taken_id_gets_a_suffix(books):
    ids = [books.create(MATHS, "ada").id for _ in range(3)]

    assert [book_id.removeprefix("ada_byron_mathematics_4_2020") for book_id in ids] == [
        "",
        "_1",
        "_2",
    ]


def test_books_created_at_once_get_ids_of_their_own(books):
    results = at_once(*[lambda: books.create(MATHS, "ada").id] * 6)

    assert len(set(results)) == 6
    assert all(isinstance(result, str) for result in results)


def test_the_id_of_a_deleted_book_stays_taken_until_its_objects_are_gone(books, database):
    book = books.create(MATHS, "ada")
    books.delete(book.id)

    with database.read() as session:
        assert session.scalars(select(RemovalRow.key)).all() == [book.s3_prefix]
    assert books.create(MATHS, "ada").id == f"{book.id}_1"
    with database.begin() as session:
        session.execute(delete(RemovalRow))
    assert books.create(MATHS, "ada").id == book.id


def test_an_unknown_book_is_not_found(books):
    with pytest.raises(NotFound, match="There is no book 'nobody'"):
        books.get("nobody")
    with pytest.raises(NotFound):
        books.delete("nobody")


def test_books_are_listed_newest_first_a_page_at_a_time(books, clock):
    for title in ("first", "second", "third"):
        books.create(NewBook(title, 4, title), "ada")
        clock.advance(1)

    found, total = books.list(BookFilter(limit=2))
    rest, _total = books.list(BookFilter(limit=2, offset=2))

    assert [book.title for book in found] == ["third", "second"]
    assert [book.title for book in rest] == ["first"]
    assert total == 3


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        (BookFilter(grade=5), ["b"]),
        (BookFilter(subject="math"), ["a"]),
        (BookFilter(country="IN", board="CBSE"), ["a"]),
        (BookFilter(board="none"), []),
        (BookFilter(stage="upload"), ["a", "b"]),
        (BookFilter(stage="done"), []),
        (BookFilter(stage="no stage"), []),
        (BookFilter(words="B"), ["b"]),
        (BookFilter(words="mat"), ["a"]),
        (BookFilter(words="%"), []),
    ],
)
def test_books_are_filtered(books, wanted, titles):
    books.create(NewBook("a", 4, "math", country="IN", board="CBSE"), "ada")
    books.create(NewBook("b", 5, "physics", country="IN"), "ada")

    found, total = books.list(wanted)

    assert sorted(book.title for book in found) == titles
    assert total == len(titles)


def test_a_deleted_book_takes_its_pages_and_jobs_along(admin):
    admin.upload_and_read("1.png", "2.png")

    admin.books.delete(admin.book.id)

    with admin.database.read() as session:
        assert session.scalars(select(PageRow.id)).all() == []
        assert session.scalars(select(JobRow.id)).all() == []


@pytest.mark.parametrize("job_type", list(JobType))
def test_a_book_with_an_active_job_is_not_deleted(admin, job_type):
    job = admin.open_job(job_type)

    assert admin.books.get(admin.book.id).has_active_job
    with pytest.raises(JobAlreadyActive):
        admin.books.delete(admin.book.id)
    admin.end(job)
    admin.books.delete(admin.book.id)


def stage(admin: Admin) -> Stage:
    book = admin.books.get(admin.book.id)
    found, _total = admin.books.list(BookFilter(stage=book.stage))
    assert [one.id for one in found] == [book.id]
    return book.stage


def add_guidelines(admin: Admin, **subtopic) -> None:
    now, book_id = admin.clock(), admin.book.id
    row = {"is_withheld": False, "merged_into": None, "status": "open", "blocks": []} | subtopic
    with admin.database.begin() as session:
        session.execute(
            insert(TopicRow).values(id="t", book_id=book_id, key="t", title="T", found_title="T")
        )
        session.execute(
            insert(SubtopicRow).values(
                id="s", book_id=book_id, topic_id="t", key="s", title="S", found_title="S",
                created_at=now, updated_at=now, rev=1, **row,
            )
        )  # fmt: skip


def publish(admin: Admin) -> None:
    now = admin.clock()
    with admin.database.begin() as session:
        session.execute(
            insert(TeachingGuidelineRow).values(
                id="g", country="IN", board="CBSE", grade=4, subject="math", topic="T", subtopic="S",
                guideline="…", book_id=admin.book.id, status="synced", review_status="TO_BE_REVIEWED",
                created_at=now, updated_at=now, subtopic_id="s",
            )
        )  # fmt: skip


def test_a_book_goes_through_its_stages(admin):
    stages = [stage(admin)]
    admin.upload("1.png")
    stages.append(stage(admin))
    admin.run()
    stages.append(stage(admin))
    admin.reviews.approve(admin.book.id, 1, "ada")
    stages.append(stage(admin))
    add_guidelines(admin)
    stages.append(stage(admin))
    with admin.database.begin() as session:
        session.execute(update(SubtopicRow).values(status="final"))
    stages.append(stage(admin))
    publish(admin)
    stages.append(stage(admin))
    with admin.database.begin() as session:
        session.execute(update(TeachingGuidelineRow).values(review_status="APPROVED"))
    stages.append(stage(admin))

    assert stages == [
        "upload",
        "reading",
        "review",
        "guidelines",
        "refine",
        "publish",
        "publish",
        "done",
    ]
    book = admin.books.get(admin.book.id)
    assert (book.guideline_count, book.approved_guideline_count) == (1, 1)


@pytest.mark.parametrize(
    ("job_type", "expected"),
    [
        (JobType.OCR, "reading"),
        (JobType.EXTRACTION, "guidelines"),
        (JobType.FINALIZATION, "refine"),
        (JobType.SYNC, "publish"),
    ],
)
def test_a_running_job_says_the_stage(admin, job_type, expected):
    admin.open_job(job_type)

    assert stage(admin) == expected


def test_a_failed_job_is_a_stage_of_its_own_until_another_ends_well(admin, clock):
    job = admin.open_job(JobType.EXTRACTION)
    with admin.database.begin() as session:
        ledger.fail_job(session, job, admin.clock(), "Quota: no credit", "QuotaExceeded")
    assert stage(admin) is Stage.FAILED

    clock.advance(1)
    admin.end(admin.open_job(JobType.EXTRACTION))

    assert stage(admin) is Stage.UPLOAD


def test_pages_left_unread_keep_a_book_reading_unless_they_are_skipped(admin):
    admin.upload("1.png")
    job = admin.active()
    with admin.database.begin() as session:
        session.execute(update(JobRow).where(JobRow.id == job.id).values(status="completed"))
    assert stage(admin) is Stage.READING

    admin.reviews.reject(admin.book.id, 1, "ada")

    assert stage(admin) is Stage.GUIDELINES


def test_what_was_merged_away_or_withheld_needs_no_publishing(admin):
    admin.upload_and_read("1.png")
    add_guidelines(admin, status="final", is_withheld=True)
    assert stage(admin) is Stage.DONE

    with admin.database.begin() as session:
        session.execute(update(SubtopicRow).values(merged_into="another", is_withheld=False))

    assert stage(admin) is Stage.REVIEW


def test_the_summary_counts_the_books_of_each_stage_and_changes_with_every_book(books):
    empty = books.summary()
    first = books.create(MATHS, "ada")
    books.create(MATHS, "ada")
    both = books.summary()
    books.delete(first.id)

    assert (empty.total, both.stages) == (0, {Stage.UPLOAD: 2})
    assert len({empty.state, both.state, books.state()}) == 3
    assert books.state() == books.summary().state


def test_words_used_for_a_book_are_offered_for_the_next(books):
    for country, subject in (("India", "Maths"), ("Chile", "Maths")):
        books.create(NewBook("a", 4, subject, country=country, board="CBSE"), "ada")

    assert books.known_words() == {
        "country": ["Chile", "India"],
        "board": ["CBSE"],
        "subject": ["Maths"],
    }
