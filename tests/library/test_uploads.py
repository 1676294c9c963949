import pytest
from sqlalchemy import select

from hornbook.errors import NotFound
from hornbook.library import books, order, pages, uploads
from hornbook.library.pages import NewPage
from hornbook.library.tables import BookRow, RemovalRow, UploadFileRow
from hornbook.library.uploads import NewFile
from hornbook.model.book import NewBook
from hornbook.model.upload import FileState


@pytest.fixture
def book_id(database, clock) -> str:
    with database.begin() as session:
        return books.add(session, NewBook("Maths", 4, "math"), "ada", clock())


def announce(session, book_id, clock, *names, **options) -> str:
    return uploads.open_batch(
        session, book_id, [NewFile(name, 24) for name in names], clock(), **options
    )


def receive(session, book_id, batch_id, *positions) -> None:
    for position in positions:
        file = uploads.file(session, book_id, batch_id, position)
        uploads.set_file(
            session, file, FileState.RECEIVED, sha256="ab" * 32, media_type="image/png"
        )


def last_number(session, book_id) -> int:
    return session.scalars(select(BookRow.last_number).where(BookRow.id == book_id)).one()


def test_a_batch_shows_its_files_and_what_became_of_them(database, book_id, clock):
    with database.begin() as session:
        files = [NewFile("1.png", 24), NewFile("2.png", 0, "2.png is empty."), NewFile("3.png", 24)]
        batch_id = uploads.open_batch(session, book_id, files, clock())
        receive(session, book_id, batch_id, 0)

        batch = uploads.batch(session, book_id, batch_id)

    assert [file.state for file in batch.files] == ["received", "refused", "missing"]
    assert (batch.received, batch.missing, batch.total, batch.is_complete) == (1, 1, 3, False)
    assert batch.files[1].error == "2.png is empty."


def test_sizes_from_outside_fit_their_column(database, book_id, clock):
    with database.begin() as session:
        batch_id = uploads.open_batch(
            session, book_id, [NewFile("1.png", 10**30), NewFile("2.png", -5)], clock()
        )

        assert [file.size for file in uploads.files(session, book_id, batch_id)] == [2**31 - 1, 0]
        assert uploads.find_announced(session, book_id, [NewFile("1.png", 10**30)]) == batch_id


def test_a_batch_belongs_to_its_book(database, book_id, clock):
    with database.begin() as session:
        other = books.add(session, NewBook("Other", 4, "math"), "ada", clock())
        batch_id = announce(session, book_id, clock, "1.png")

        for look in (
            lambda: uploads.batch(session, other, batch_id),
            lambda: uploads.file(session, other, batch_id, 0),
            lambda: uploads.is_complete(session, other, batch_id),
            lambda: uploads.require_open(session, book_id, batch_id, is_request=True),
        ):
            with pytest.raises(NotFound):
                look()
        uploads.forget(session, book_id, batch_id)
        assert uploads.batch(session, book_id, batch_id).total == 1


def test_numbers_are_allotted_once_and_in_order(database, book_id, clock):
    with database.begin() as session:
        batch_id = announce(session, book_id, clock, "1.png", "2.tif", "3.png")
        receive(session, book_id, batch_id, 0, 1, 2)
        tiff = uploads.file(session, book_id, batch_id, 1)
        uploads.set_file(session, tiff, FileState.RECEIVED, frames=3)

        first = uploads.allot(session, book_id, uploads.files(session, book_id, batch_id)[:2])
        all_of_them = uploads.allot(session, book_id, uploads.files(session, book_id, batch_id))

        assert [file.number for file in first] == [1, 2]
        assert [file.number for file in all_of_them] == [1, 2, 5]
        assert first[1].page_ids == [f"{book_id}/{number}" for number in (2, 3, 4)]
        assert last_number(session, book_id) == 5
        assert uploads.allot(session, book_id, []) == []


def test_a_file_without_a_number_has_no_pages(database, book_id, clock):
    with database.begin() as session:
        batch_id = announce(session, book_id, clock, "1.png")

        assert uploads.file(session, book_id, batch_id, 0).page_ids == []


@pytest.mark.parametrize(
    ("there", "wanted", "place"),
    [
        ([], 1, 3),  # at the end
        ([0], 1, 4),  # after its neighbour
        ([2], 1, 3),  # before its neighbour
        ([0, 2], 1, 4),
        ([0, 2], 3, 5),
    ],
)
def test_a_late_file_stands_beside_its_neighbours(database, book_id, clock, there, wanted, place):
    def new(number: int) -> NewPage:
        return NewPage(number, f"{number}.png", "image/png", "sha", 24, f"raw/{number}.png")

    with database.begin() as session:
        order.insert_at(session, book_id, 1, [new(101), new(102)], clock())
        batch_id = announce(session, book_id, clock, "1.png", "2.png", "3.png", "4.png")
        receive(session, book_id, batch_id, *there)
        waiting = [uploads.file(session, book_id, batch_id, position) for position in there]
        for each in uploads.allot(session, book_id, waiting):
            order.insert_at(
                session, book_id, pages.total(session, book_id) + 1, [new(each.number)], clock()
            )
        uploads.set_pages(session, batch_id, there)

        assert uploads.place_in_book(session, book_id, batch_id, wanted) == place


def test_a_batch_is_complete_when_nothing_is_missing_or_waits(database, book_id, clock):
    with database.begin() as session:
        batch_id = announce(session, book_id, clock, "1.png", "2.png")
        receive(session, book_id, batch_id, 0)
        for step in (lambda: None, lambda: uploads.set_pages(session, batch_id, [0])):
            step()
            uploads.close_if_settled(session, book_id, batch_id)
            assert not uploads.is_complete(session, book_id, batch_id)
        uploads.drop_missing(session, batch_id)
        uploads.close_if_settled(session, book_id, batch_id)

        assert uploads.is_complete(session, book_id, batch_id)
        assert uploads.open_batches(session) == []
        removed = f"books/{book_id}/uploads/{batch_id}/"
        assert session.scalars(select(RemovalRow.key)).all() == [removed]


def test_a_forgotten_request_gives_its_numbers_back(database, book_id, clock):
    with database.begin() as session:
        batch_id = announce(session, book_id, clock, "1.png", "2.png", is_request=True)
        receive(session, book_id, batch_id, 0, 1)
        uploads.allot(session, book_id, uploads.files(session, book_id, batch_id))
        assert last_number(session, book_id) == 2

        uploads.forget(session, book_id, batch_id)

        assert last_number(session, book_id) == 0
        assert session.scalars(select(UploadFileRow.name)).all() == []


def test_numbers_are_not_given_back_when_later_ones_are_in_use(database, book_id, clock):
    with database.begin() as session:
        dead, alive = (
            announce(session, book_id, clock, "1.png", is_request=True) for _ in range(2)
        )
        for batch_id in (dead, alive):
            receive(session, book_id, batch_id, 0)
            uploads.allot(session, book_id, uploads.files(session, book_id, batch_id))

        uploads.forget(session, book_id, dead)

        assert last_number(session, book_id) == 2


def test_pages_that_wait_to_be_revealed_are_counted_by_their_frames(database, book_id, clock):
    with database.begin() as session:
        batch_id = announce(session, book_id, clock, "1.png", "2.tif", "3.png")
        assert uploads.waiting_pages(session, book_id) == 0
        receive(session, book_id, batch_id, 0, 1)
        uploads.set_file(
            session, uploads.file(session, book_id, batch_id, 1), FileState.RECEIVED, frames=4
        )

        assert uploads.waiting_pages(session, book_id) == 5
