import pytest
from sqlalchemy import insert

from hornbook.errors import Invalid, NotFound
from hornbook.library import books, order, pages, readings
from hornbook.library.pages import NewPage
from hornbook.library.tables import FindingRow, PlacementRow, SubtopicRow, TopicRow
from hornbook.model.book import NewBook
from hornbook.model.job import ErrorType, Failure
from hornbook.model.page import PageText, ReviewStatus, TextSource
from tests.admin import text_of


@pytest.fixture
def shelf(database, clock):
    return Shelf(database, clock)


class Shelf:
    """A book whose pages are named by their numbers."""

    def __init__(self, database, clock) -> None:
        self.database, self.clock = database, clock
        with database.begin() as session:
            self.book_id = books.add(session, NewBook("Maths", 4, "math"), "ada", clock())

    def insert(self, place: int, *numbers: int) -> None:
        new = [
            NewPage(number, f"{number}.png", "image/png", f"sha{number}", 24, f"raw/{number}.png")
            for number in numbers
        ]
        with self.database.begin() as session:
            order.insert_at(session, self.book_id, place, new, self.clock())

    def order(self) -> list[int]:
        with self.database.read() as session:
            found = pages.find(session, self.book_id)
        assert [page.page_num for page in found] == list(range(1, len(found) + 1))
        return [page.number for page in found]

    def read(self, page_num: int, text: PageText) -> None:
        with self.database.begin() as session:
            page = pages.get(session, self.book_id, page_num)
            readings.start(session, page)
            readings.save(session, page, text, "fake", 1, self.clock())

    def page(self, page_num: int):
        with self.database.read() as session:
            return pages.get(session, self.book_id, page_num)


def test_a_new_page_is_pending_and_unreviewed(shelf, clock):
    shelf.insert(1, 7)

    page = shelf.page(1)

    assert (page.id, page.number, page.page_num) == (f"{shelf.book_id}/7", 7, 1)
    assert (page.ocr_status, page.review, page.uploaded_at) == (
        "pending",
        "pending_review",
        clock(),
    )
    assert (page.image_key, page.text_key, page.has_text) == (None, None, False)


def test_pages_inserted_in_the_middle_move_the_later_ones_down(shelf):
    shelf.insert(1, 1, 2, 3)

    shelf.insert(2, 4, 5)

    assert shelf.order() == [1, 4, 5, 2, 3]


def test_pages_can_be_moved_anywhere_and_back(shelf):
    shelf.insert(1, 1, 2, 3, 4, 5)

    orders = []
    for page_num, to in ((1, 5), (5, 1), (2, 4), (4, 2)):
        with shelf.database.begin() as session:
            order.move(session, pages.get(session, shelf.book_id, page_num), to)
        orders.append(shelf.order())

    assert orders == [[2, 3, 4, 5, 1], [1, 2, 3, 4, 5], [1, 3, 4, 2, 5], [1, 2, 3, 4, 5]]


def test_only_pages_whose_place_changed_are_newer(shelf):
    shelf.insert(1, 1, 2, 3, 4)
    before = {number: shelf.page(number).rev for number in range(1, 5)}

    with shelf.database.begin() as session:
        order.move(session, pages.get(session, shelf.book_id, 2), 3)

    changed = [number for number in range(1, 5) if shelf.page(number).rev > before[number]]
    assert changed == [2, 3]


def test_pages_of_other_books_stay_where_they_are(shelf):
    shelf.insert(1, 1, 2)
    other = Shelf(shelf.database, shelf.clock)
    other.insert(1, 1, 2, 3)

    with shelf.database.begin() as session:
        order.remove(session, pages.get(session, shelf.book_id, 1))

    assert (shelf.order(), other.order()) == ([2], [1, 2, 3])


def test_a_page_is_found_by_its_identity_or_not_at_all(shelf):
    shelf.insert(1, 1)
    with shelf.database.read() as session:
        assert pages.by_id(session, f"{shelf.book_id}/1").number == 1
        assert pages.by_ids(session, [f"{shelf.book_id}/1", "none/1"])[0].number == 1
        with pytest.raises(NotFound):
            pages.by_id(session, "none/1")


def test_the_same_file_is_recognised_by_name_and_bytes_together(shelf):
    shelf.insert(1, 1)
    with shelf.database.read() as session:
        found = [
            pages.is_there(session, shelf.book_id, name, sha)
            for name, sha in (("1.png", "sha1"), ("1.png", "sha2"), ("2.png", "sha1"))
        ]

    assert found == [True, False, False]


def test_an_empty_book_has_no_place_to_move_to(shelf):
    shelf.insert(1, 1)
    with shelf.database.begin() as session, pytest.raises(Invalid):
        order.move(session, pages.get(session, shelf.book_id, 1), 2)


def test_every_page_ends_in_one_count_and_the_counts_add_up(shelf):
    shelf.insert(1, *range(1, 9))
    for page_num in (1, 2, 3, 4, 5):
        shelf.read(page_num, text_of("words"))
    shelf.read(6, text_of("blank"))
    with shelf.database.begin() as session:
        page = [pages.get(session, shelf.book_id, number) for number in range(1, 9)]
        session.execute(
            insert(TopicRow).values(
                id="t", book_id=shelf.book_id, key="t", title="T", found_title="T"
            )
        )
        session.execute(
            insert(SubtopicRow).values(
                id="s", book_id=shelf.book_id, topic_id="t", key="s", title="S", found_title="S",
                status="open", created_at=shelf.clock(), updated_at=shelf.clock(), rev=1, blocks=[],
            )
        )  # fmt: skip
        for found in page[:4]:
            session.execute(
                insert(FindingRow).values(
                    page_id=found.id, text_revision=1, summary="", items=[], headings=[], engine="x"
                )
            )
        for placed in (page[0], page[3], page[6]):
            session.execute(
                insert(PlacementRow).values(page_id=placed.id, subtopic_id="s", confidence=1.0)
            )
        pages.reject(session, page[3])
        readings.fail(session, page[6], Failure("cut", ErrorType.TERMINAL, "UnreadableImage"))
        pages.approve(session, page[0], "ada", shelf.clock())

    with shelf.database.read() as session:
        counts = pages.counts(session, shelf.book_id)

    assert (counts.used, counts.no_content, counts.blank) == (1, 2, 1)
    assert (counts.failed, counts.skipped, counts.open, counts.total) == (1, 1, 2, 8)
    ends = (
        counts.used,
        counts.no_content,
        counts.blank,
        counts.failed,
        counts.skipped,
        counts.open,
    )
    assert sum(ends) == counts.total
    assert (
        counts.pending + counts.processing + counts.completed + counts.failed_reading
        == counts.unreviewed + counts.approved + counts.rejected
        == counts.total
    )


def test_a_text_is_kept_in_revisions(shelf):
    shelf.insert(1, 1)
    shelf.read(1, text_of("first"))
    shelf.read(1, text_of("second"))
    with shelf.database.begin() as session:
        readings.correct(session, shelf.page(1), "mine", 2, "ada", shelf.clock())
    shelf.read(1, text_of("third"))

    with shelf.database.read() as session:
        current = readings.text(session, shelf.page(1))

    assert (current.text, current.source, current.revision) == ("mine", TextSource.HUMAN, 3)
    assert shelf.page(1).text_revision == 3


def test_a_blank_page_that_a_human_typed_stays_typed(shelf):
    shelf.insert(1, 1)
    shelf.read(1, text_of("blank"))
    with shelf.database.begin() as session:
        readings.correct(session, shelf.page(1), "mine", 1, "ada", shelf.clock())

    shelf.read(1, text_of("blank"))

    assert (shelf.page(1).is_blank, shelf.page(1).has_text) == (False, True)


def test_a_page_that_is_not_being_read_needs_no_release(shelf):
    shelf.insert(1, 1)
    before = shelf.page(1)

    with shelf.database.begin() as session:
        readings.release(session, before)

    assert shelf.page(1) == before


def test_approving_many_leaves_out_who_was_decided_about_meanwhile(shelf):
    shelf.insert(1, 1, 2)
    shelf.read(1, text_of("words"))
    shelf.read(2, text_of("words"))
    seen = [shelf.page(1), shelf.page(2)]
    with shelf.database.begin() as session:
        pages.reject(session, seen[1])

    with shelf.database.begin() as session:
        pages.approve_all(session, shelf.book_id, seen, "ada", shelf.clock())

    assert [shelf.page(number).review for number in (1, 2)] == [
        ReviewStatus.APPROVED,
        ReviewStatus.REJECTED,
    ]
