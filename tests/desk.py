"""A book whose pages have been read, and an admin who generates, refines, edits and publishes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hornbook.errors import HornbookError
from hornbook.jobs import ledger
from hornbook.jobs.hold import Surroundings
from hornbook.jobs.retry import Patience
from hornbook.jobs.runner import Run
from hornbook.library import books, codec, order, pages, readings
from hornbook.library.database import Database
from hornbook.library.tables import PageRow, PageTextRow
from hornbook.model.book import NewBook
from hornbook.model.finding import Finding, Item, ItemKind, PageToRead
from hornbook.model.ids import page_id
from hornbook.model.job import Job, JobStatus, JobType
from hornbook.model.page import Box, Line, OcrStatus, ReviewStatus
from hornbook.stages.close import Closing
from hornbook.stages.finalize import CandidateTopic, Proposal
from hornbook.workflows.finalize import FinalizationLeg, Finalize
from hornbook.workflows.generate import ExtractionLeg, Generate
from hornbook.workflows.guidelines import Guidelines
from hornbook.workflows.publish import Publish
from hornbook.workflows.tidy import tidy

QUICK = Patience(waits=(0.001, 0.001, 0.001), longest_wish=0.2, outage=0.01, jitter=Random(1))

_BOOK = """
Chapter 1 Fractions
1.1 Adding like fractions
Like fractions have the same denominator.
To add them, add the numerators and keep the denominator.
|
Example: one fifth and two fifths make three fifths of the whole bar.
Like fractions are added by counting equal parts together.
|
1.2 Subtracting fractions
Subtracting means taking equal parts away from a whole.
The denominator stays as it is when parts are taken away.
|
Practise: take two sevenths away from five sevenths of the ribbon.
Check every answer by adding the difference back again.
|
Chapter 2 Geometry
2.1 Angles
An angle is the turn between two rays from one point.
A right angle is a quarter of a full turn.
|
A full turn has three hundred and sixty degrees in all.
Measure angles with a protractor placed at the corner.
|
2.2 Triangles
A triangle has three sides and three corners.
The angles of a triangle make half a turn together.
|
An equilateral triangle has three equal sides and angles.
Draw one with a ruler and a pair of compasses.
|
Isosceles triangles have two equal sides and two equal angles.
Fold the paper to see that the angles are equal.
|
A triangle with a right angle is called a right triangle.
Its longest side lies opposite the right angle.
"""
TEXTS = tuple(text.strip() for text in _BOOK.split("|"))
OPEN_TEXTS = tuple(text.replace("2.1 ", "# ").replace("2.2 ", "# ") for text in TEXTS)
"""The same without numbers in the last chapter: somebody has to decide about its pages."""
ADDING = ("fractions", "adding-like-fractions")
SUBTRACTING = ("fractions", "subtracting-fractions")
ANGLES = ("geometry", "angles")
TRIANGLES = ("geometry", "triangles")


class Sentences:
    """Reads every sentence as an item; one with words it fears raises what it was given."""

    name = "sentences"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failures: dict[str, HornbookError] = {}
        self.wording: Callable[[str], str] = str

    def read(self, page: PageToRead) -> Finding:
        self.asked.append(page.text)
        for words, error in self.failures.items():
            if words in page.text:
                raise error
        lines = [line for line in page.text.split("\n") if line.endswith(".")]
        items = tuple(Item(_kind(line), self.wording(line), line) for line in lines)
        return Finding(lines[0] if lines else "", items, (), 0, self.name)


def _kind(line: str) -> ItemKind:
    if line.startswith("Example"):
        return ItemKind.WORKED_EXAMPLE
    return ItemKind.EXERCISE if line.startswith("Practise") else ItemKind.CONCEPT


class Summaries:
    """Says how much there is to summarise, unless it was told to fail."""

    name = "summaries"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: HornbookError | None = None
        self.topic_failures: dict[str, HornbookError] = {}

    def close(self, title: str, items: Iterable[Item]) -> Closing:
        return Closing(self.subtopic_summary(title, items))

    def subtopic_summary(self, title: str, items: Iterable[Item]) -> str:
        self.asked.append(title)
        if self.failure is not None:
            raise self.failure
        return f"{title} in {len(list(items))} statements."

    def topic_summary(self, title: str, subtopic_titles: Iterable[str]) -> str:
        self.asked.append(title)
        if title in self.topic_failures:
            raise self.topic_failures.pop(title)
        return f"{title}: {', '.join(subtopic_titles)}."


class Suggestions:
    """Proposes what it was told to propose."""

    name = "suggestions"

    def __init__(self) -> None:
        self.propose: Callable[[dict[str, str]], list[Proposal]] = lambda _ids: []

    def rename(self, topic: CandidateTopic) -> list[Proposal]:
        return []

    def merges(self, topics: Iterable[CandidateTopic]) -> list[Proposal]:
        ids: dict[str, str] = {}
        for topic in topics:
            ids[topic.title] = topic.id
            ids |= {one.title: one.id for one in topic.subtopics}
        return self.propose(ids)


class Thinker:
    """Three engines that a test can steer, as one; the outline decides where pages belong."""

    decides = False

    def __init__(self, reader: Sentences, writer: Summaries, refiner: Suggestions) -> None:
        self.name = reader.name
        self.read = reader.read
        self.close, self.subtopic_summary = writer.close, writer.subtopic_summary
        self.topic_summary = writer.topic_summary
        self.rename, self.merges = refiner.rename, refiner.merges


@dataclass
class Desk:
    """The workflows of one database, with engines that a test can steer."""

    database: Database
    clock: Any
    reader: Sentences = field(default_factory=Sentences)
    writer: Summaries = field(default_factory=Summaries)
    refiner: Suggestions = field(default_factory=Suggestions)
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        def wake() -> None:
            self.woken.append("woken")

        self.generate = Generate(self.database, self.clock, wake)
        self.finalize = Finalize(self.database, self.clock, wake, at_once=self.writer)
        self.guidelines = Guidelines(self.database, self.clock)
        self.publish = Publish(self.database, self.clock)

    # A book

    def book(self, texts: Iterable[str] = TEXTS, *, author: str = "ada") -> str:
        """A book with these pages, read; an empty text is a page that could not be read."""
        new = NewBook("Maths", 4, "math", author=author, board="CBSE", country="IN")
        with self.database.begin() as session:
            book_id = books.add(session, new, "ada", self.clock())
        for text in texts:
            self.add_page(book_id, text)
        return book_id

    def add_page(self, book_id: str, text: str, *, place: int | None = None) -> str:
        """One more page, at the end unless a place is given."""
        with self.database.begin() as session:
            rev = books.touch(session, book_id)
            known = pages.places(session, book_id)
            number = max([int(one.rsplit("/")[-1]) for one in known], default=0) + 1
            row = PageRow(
                id=page_id(book_id, number),
                book_id=book_id,
                place=len(known) + 1,
                number=number,
                file_name=f"{number}.png",
                sha256=str(number),
                size=1,
                media_type="image/png",
                raw_key=f"books/{book_id}/raw/{number}.png",
                ocr_status=OcrStatus.COMPLETED if text else OcrStatus.FAILED,
                ocr_error=None if text else "No words found on this page.",
                ocr_error_type=None if text else "terminal",
                engine="tesseract",
                text_revision=1 if text else 0,
                review=ReviewStatus.PENDING_REVIEW,
                uploaded_at=self.clock(),
                rev=rev,
            )
            session.add(row)
            session.flush()
            if text:
                session.add(
                    PageTextRow(
                        page_id=row.id,
                        revision=1,
                        source="ocr",
                        text=text,
                        lines=codec.lines_to_json(_lines(text)),
                        created_at=self.clock(),
                    )
                )
        if place is not None:
            self.move(book_id, len(known) + 1, place)
        return page_id(book_id, number)

    def change(self, book_id: str, page_num: int, act: Callable[..., Any]) -> None:
        """What a human does to a page, and what follows for the guidelines."""
        with self.database.begin() as session:
            act(session, pages.get(session, book_id, page_num))
            tidy(session, book_id)

    def move(self, book_id: str, page_num: int, to: int) -> None:
        self.change(book_id, page_num, lambda session, page: order.move(session, page, to))

    def delete(self, book_id: str, page_num: int) -> None:
        self.change(book_id, page_num, order.remove)

    def reject_page(self, book_id: str, page_num: int) -> None:
        self.change(book_id, page_num, pages.reject)

    def unreview(self, book_id: str, page_num: int) -> None:
        self.change(book_id, page_num, pages.unreview)

    def correct(self, book_id: str, page_num: int, text: str) -> None:
        with self.database.begin() as session:
            page = pages.get(session, book_id, page_num)
            readings.correct(session, page, text, page.text_revision, "eve", self.clock())

    def blank(self, book_id: str, page_num: int) -> None:
        self.change(
            book_id,
            page_num,
            lambda session, page: pages.change(session, page, is_blank=True),
        )

    # Jobs

    def job(self, book_id: str, job_id: str) -> Job:
        with self.database.read() as session:
            return ledger.get_job(session, book_id, job_id)

    def detail(self, job: Job) -> dict[str, Any]:
        with self.database.read() as session:
            return ledger.progress_detail(session, job)

    def legs(self) -> dict[JobType, Any]:
        return {
            JobType.EXTRACTION: ExtractionLeg(self.database, self.clock, lambda _: self.thinker()),
            JobType.FINALIZATION: FinalizationLeg(
                self.database, self.clock, lambda _: self.thinker()
            ),
        }

    def thinker(self) -> "Thinker":
        """The three engines as one."""
        return Thinker(self.reader, self.writer, self.refiner)

    def work(self, book_id: str) -> Job:
        """Run the book's active job to its end."""
        with self.database.begin() as session:
            job = ledger.active_job(session, book_id)
            assert job is not None
            token = ledger.claim(session, book_id, job.id, self.clock())
            assert token is not None
        around = Surroundings(self.database, self.clock, lambda _book: None, QUICK)
        Run(around, self.legs()[job.type], job, token, is_after_crash=False).go()
        return self.job(book_id, job.id)

    def generated(self, book_id: str, **options: Any) -> Job:
        """Generate, to the job's end."""
        assert self.generate.start(book_id, **options).job_id is not None
        return self.work(book_id)

    def refined(self, book_id: str, **options: Any) -> Job:
        """Refine & Consolidate, to the job's end."""
        self.finalize.start(book_id, **options)
        return self.work(book_id)

    def ready(self, texts: Iterable[str] = TEXTS) -> str:
        """A book with guidelines."""
        book_id = self.book(texts)
        job = self.generated(book_id)
        assert job.status is JobStatus.COMPLETED, job.error_message
        return book_id

    # What an admin reads

    def shown(self, book_id: str) -> dict[tuple[str, str], Any]:
        """Everything about the guidelines that does not depend on the run."""
        return {
            (one.topic_key, one.subtopic_key): (
                one.topic_title,
                one.topic_summary,
                one.subtopic_title,
                one.subtopic_summary,
                one.status.value,
                one.source_pages,
                one.guidelines,
            )
            for one in self.guidelines.subtopics(book_id)
        }

    def sources(self, book_id: str) -> dict[tuple[str, str], tuple[int, ...]]:
        """The pages of each subtopic."""
        return {
            (one.topic_key, one.subtopic_key): one.source_pages
            for one in self.guidelines.subtopics(book_id)
        }

    def outcomes(self, book_id: str) -> list[str]:
        return [one.outcome.value for one in self.guidelines.page_results(book_id)]


def _lines(text: str) -> list[Line]:
    return [
        Line(line, Box(10, 20 * index, 500, 20 * index + 18), 95.0, index)
        for index, line in enumerate(text.split("\n"))
    ]
