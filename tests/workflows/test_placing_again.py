"""Generating again, where a model has put pages against the outline: the same keys and pages."""

from dataclasses import replace

import pytest

from hornbook.errors import KeyRefused, ServerError
from hornbook.jobs import ledger
from hornbook.model.finding import Finding, PageToRead
from hornbook.model.job import JobStatus, OnError
from hornbook.model.placing import Suggestion, Whereabouts
from tests.desk import ADDING, ANGLES, SUBTRACTING, TEXTS, TRIANGLES, Desk, Sentences, Thinker

BODY = ["\n".join(line for line in text.split("\n") if line.endswith(".")) for text in TEXTS]
UNSURE = [
    f"1.1 Adding like fractions\n{BODY[0]}",
    BODY[1],
    f"l.2 Subtracting fractions\n{BODY[2]}",
    *BODY[3:6],
    f"1.3 Triangles\n{BODY[6]}",
    *BODY[7:],
]
"""The number of 1.2 was misread: its entry, pages 3 to 6, is a question where it begins."""
MOSTLY_UNSURE = [*UNSURE[:6], *BODY[7:9], *UNSURE[6:7], BODY[9]]
"""The same, and the entry is most of its chapter: pages 3 to 8 of 10."""


class Opinion(Thinker):
    """Says of every page that it goes on with the subtopic of the page before it."""

    decides = True

    def place(self, where: Whereabouts) -> Suggestion:
        return goes_on(where) if where.open else begins("Fractions")


class Chapters(Thinker):
    """Says of every page it is asked about that it begins a chapter about taking away."""

    decides = True

    def place(self, _where: Whereabouts) -> Suggestion:
        return begins("Taking away")


def goes_on(where: Whereabouts) -> Suggestion:
    return Suggestion(
        is_new=False,
        continues_key=where.open[-1].key,
        topic_title="",
        subtopic_title="",
        confidence=0.9,
    )


def begins(title: str) -> Suggestion:
    return Suggestion(
        is_new=True, continues_key="", topic_title=title, subtopic_title=title, confidence=0.9
    )


class PlacingDesk(Desk):
    """A desk whose pages a thinker of this kind places."""

    opinion: type[Thinker] = Opinion

    def thinker(self) -> Thinker:
        return self.opinion(self.reader, self.writer, self.refiner)


@pytest.fixture
def desk(sqlite_database, clock) -> PlacingDesk:
    return PlacingDesk(sqlite_database, clock)


@pytest.fixture
def plain(sqlite_database, clock) -> Desk:
    """A desk where the outline decides."""
    return Desk(sqlite_database, clock)


def identities(desk: Desk, book: str) -> dict[tuple[str, str], str]:
    """Who stands under which keys."""
    return {(one.topic_key, one.subtopic_key): one.id for one in desk.guidelines.subtopics(book)}


# Generating again


def test_generating_again_keeps_keys_and_pages_where_a_model_went_against_the_outline(desk):
    book = desk.ready(UNSURE)
    before, known = desk.shown(book), identities(desk, book)
    assert desk.sources(book)["chapter-1", "adding-like-fractions"] == (1, 2, 3, 4, 5, 6)

    for _ in range(3):
        desk.generated(book)

        assert desk.shown(book) == before
        assert identities(desk, book) == known


def test_a_topic_keeps_its_keys_where_a_model_gave_most_of_its_pages_to_another(desk):
    desk.opinion = Chapters
    book = desk.ready(MOSTLY_UNSURE)
    before, known = desk.shown(book), identities(desk, book)
    assert desk.sources(book) == {
        ("chapter-1", "adding-like-fractions"): (1, 2),
        ("taking-away", "taking-away"): (3, 4, 5, 6, 7, 8),
        ("chapter-1", "triangles"): (9, 10),
    }

    for _ in range(3):
        desk.generated(book)

        assert desk.shown(book) == before
        assert identities(desk, book) == known


def test_an_edit_stays_with_its_pages_where_a_model_went_against_the_outline(desk):
    book = desk.ready(UNSURE)
    adding = ("chapter-1", "adding-like-fractions")
    desk.guidelines.edit(book, *adding, "My words.", by="eve")

    desk.generated(book)

    edited = desk.guidelines.subtopic(book, *adding)
    assert (edited.guidelines, edited.source_pages) == ("My words.", (1, 2, 3, 4, 5, 6))


# Going on by a new plan


def test_pages_inside_a_weak_entry_stay_where_the_model_put_its_beginning(desk):
    """The text of the last page comes after the job stopped, so that resuming draws a new plan."""
    book = desk.book([*UNSURE[:9], ""])
    desk.reader.failures = {BODY[7]: KeyRefused()}
    assert desk.generated(book).status is JobStatus.FAILED
    desk.reader.failures = {}

    desk.correct(book, 10, UNSURE[9])
    desk.generate.start(book, resume=True)

    assert desk.work(book).status is JobStatus.COMPLETED
    assert desk.sources(book) == {
        ("chapter-1", "adding-like-fractions"): (1, 2, 3, 4, 5, 6),
        ("chapter-1", "triangles"): (7, 8, 9, 10),
    }


# Going on where a page was missing


class Turning(Opinion):
    """Goes on with the page before, but where angles begin."""

    def place(self, where: Whereabouts) -> Suggestion:
        return begins("Geometry") if "is the turn" in where.summary else super().place(where)


class Headed(Sentences):
    """Also finds a heading: a first line that is no sentence."""

    def read(self, page: PageToRead) -> Finding:
        first = page.text.split("\n")[0]
        headings = () if first.endswith(".") else (first,)
        return replace(super().read(page), headings=headings)


WITHOUT_NUMBERS = [*BODY[:4], f"About angles\n{BODY[4]}", *BODY[5:]]
TURNED = {("fractions", "fractions"): (1, 2, 3, 4), ("geometry", "geometry"): (5, 6, 7, 8, 9, 10)}


@pytest.fixture
def turning(desk) -> PlacingDesk:
    """A desk whose pages are placed page by page: the outline knows next to nothing."""
    desk.opinion, desk.reader = Turning, Headed()
    return desk


def test_a_page_that_failed_and_is_placed_later_moves_those_behind_it_as_in_a_straight_run(turning):
    assert turning.sources(turning.ready(WITHOUT_NUMBERS)) == TURNED
    book = turning.book(WITHOUT_NUMBERS, author="bea")
    turning.reader.failures = {"is the turn": ServerError("Away.")}
    job = turning.generated(book, on_error=OnError.CONTINUE)
    assert (job.completed_items, job.failed_items) == (9, 1)
    turning.reader.failures, asked = {}, len(turning.reader.asked)

    assert turning.generate.owed(book).places == {"bea_math_4_2026/5": 5}
    turning.generate.start(book, resume=True)
    resumed = turning.work(book)

    assert (resumed.status, resumed.completed_items) == (JobStatus.COMPLETED, 10)
    assert turning.sources(book) == TURNED
    assert len(turning.reader.asked) == asked + 1


def test_a_corrected_page_moves_those_behind_it_as_in_a_straight_run(turning):
    misread = [text.replace("is the turn", "is tbe tvrn") for text in WITHOUT_NUMBERS]
    book = turning.ready(misread)
    assert turning.sources(book) == {("fractions", "fractions"): tuple(range(1, 11))}

    turning.correct(book, 5, WITHOUT_NUMBERS[4])
    turning.generate.start(book, resume=True)

    assert turning.work(book).status is JobStatus.COMPLETED
    assert turning.sources(book) == TURNED


def test_pages_that_the_outline_is_sure_of_are_not_done_again(desk):
    book = desk.ready(UNSURE)
    desk.correct(book, 2, BODY[1].replace("equal parts", "same parts"))

    desk.generate.start(book, resume=True)
    job = desk.work(book)

    with desk.database.read() as session:
        done = [one.position for one in ledger.items_of(session, job.id) if one.ended_at]
    assert done == [2, 3, 4, 5, 6]


def test_pages_that_another_reader_has_read_are_left_alone(turning):
    book = turning.ready([text.replace("is the turn", "is tbe tvrn") for text in WITHOUT_NUMBERS])
    turning.correct(book, 5, WITHOUT_NUMBERS[4])
    turning.reader.name, asked = "somebody else", len(turning.reader.asked)

    turning.generate.start(book, resume=True)

    assert turning.work(book).status is JobStatus.COMPLETED
    assert len(turning.reader.asked) == asked + 1


# Moving between topics


def headed(*headings: str) -> list[str]:
    """The book's statements under other headings, one for each page."""
    return [f"{one}\n{body}".strip() for one, body in zip(headings, BODY, strict=True)]


def corrected(desk: Desk, book: str, texts: list[str]) -> None:
    """Correct every page whose text is another."""
    for number, (before, after) in enumerate(zip(TEXTS, texts, strict=True), start=1):
        if before != after:
            desk.correct(book, number, after)


def test_a_subtopic_that_moves_to_another_topic_keeps_its_key_and_a_new_one_gets_another(plain):
    book = plain.ready()
    moving = plain.guidelines.subtopic(book, *ANGLES).id
    corrected(plain, book, headed(
        "Chapter 1 Fractions\n1.1 Angles", "1.2 Adding like fractions",
        "1.3 Subtracting fractions", "", "1.4 Measuring angles", "",
        "Chapter 2 Geometry\n2.1 Triangles", "", "", "",
    ))  # fmt: skip

    job = plain.generated(book)

    assert job.status is JobStatus.COMPLETED, job.error_message
    assert plain.sources(book) == {
        ("fractions", "angles-2"): (1,), ADDING: (2,), SUBTRACTING: (3, 4),
        ("fractions", "angles"): (5, 6), TRIANGLES: (7, 8, 9, 10),
    }  # fmt: skip
    assert plain.guidelines.subtopic(book, "fractions", "angles").id == moving


def test_of_two_subtopics_with_one_key_that_move_to_the_same_topic_one_gets_another_key(plain):
    book = plain.ready(headed(
        "Chapter 1 Fractions\n1.1 Practice", "", "Chapter 2 Geometry\n2.1 Practice", "",
        "Chapter 3 Triangles\n3.1 Kinds of triangles", "", "", "", "", "",
    ))  # fmt: skip
    first = plain.guidelines.subtopic(book, "fractions", "practice").id
    corrected(plain, book, headed(
        "Chapter 3 Triangles\n3.1 Warming up", "", "3.2 Cooling down", "",
        "3.3 Kinds of triangles", "", "", "", "", "",
    ))  # fmt: skip

    job = plain.generated(book)

    assert job.status is JobStatus.COMPLETED, job.error_message
    assert plain.sources(book) == {
        ("triangles", "practice"): (1, 2), ("triangles", "cooling-down"): (3, 4),
        ("triangles", "kinds-of-triangles"): (5, 6, 7, 8, 9, 10),
    }  # fmt: skip
    assert plain.guidelines.subtopic(book, "triangles", "practice").id == first
