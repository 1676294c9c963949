"""What Generate would touch, before it is pressed: the plan a run would make, only compared."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hornbook.jobs import ledger
from hornbook.library import books, decisions, findings, guidelines, pages, published, readings
from hornbook.library.database import Database
from hornbook.library.findings import StoredFinding
from hornbook.library.guidelines import Contents
from hornbook.library.placing import Seat
from hornbook.model.forecast import Forecast, HumanWork, Touch, TouchedSubtopic
from hornbook.model.guideline import Outline
from hornbook.model.job import ItemState, JobType
from hornbook.model.page import Page
from hornbook.stages.place import place
from hornbook.workflows.generate import owed_by_resume
from hornbook.workflows.plan import Plan, Survey, draw, survey


class Forecasts:
    """Tells what a run would do to the guidelines of a book; asks nobody and changes nothing."""

    def __init__(self, database: Database, reader_name: Callable[[], str]) -> None:
        self._database = database
        self._reader_name = reader_name

    def of_restart(self, book_id: str) -> Forecast:
        """What generating again from page 1 would touch; raises NotFound."""
        with self._database.read() as session:
            known = _known(session, book_id, {})
        usable = {page.id for page in known.usable}
        return self._compare(known, draw(known.survey), owed=usable, placed_anew=usable)

    def of_resume(self, book_id: str) -> Forecast | None:
        """What going on with the last generation would touch; `None` when there was none.

        Raises NotFound, Invalid when no page of its range can be used.
        """
        with self._database.read() as session:
            resumed = owed_by_resume(session, book_id)
            if resumed is None:
                return None
            items, kept_plan = resumed
            asked = {item.subject_id: item.input for item in items}
            known = _known(session, book_id, asked)
        owed = {item.subject_id for item in items if not item.is_done}
        if kept_plan is not None:
            plan = Plan.from_json(kept_plan)
            return self._compare(known, plan, owed=owed, placed_anew=owed)
        return self._compare(known, draw(known.survey), owed=owed, placed_anew=asked.keys())

    def human_work(self, book_id: str) -> HumanWork:
        """What humans did to the guidelines of the book; raises NotFound."""
        with self._database.read() as session:
            books.require(session, book_id)
            return _human_work(session, book_id, guidelines.contents(session, book_id))

    def _compare(
        self,
        known: "_Known",
        plan: Plan,
        *,
        owed: Collection[str],
        placed_anew: Collection[str],
    ) -> Forecast:
        """Compare where pages are taught with where they would be."""
        touches = _Touches(known.contents, plan)
        to_read = []
        for page in known.usable:
            answer = self._answer(known, page)
            if page.id in owed and answer is None:
                to_read.append(page.page_num)
                touches.read(page, known.homes.get(page.id), known.why(page))
            elif page.id in placed_anew and answer is not None:
                touches.move(page, known.homes.get(page.id), answer)
        touched = touches.told(known.homes)
        reused = sum(page.id in owed for page in known.usable) - len(to_read)
        return Forecast(
            touched=touched,
            untouched_count=len(known.contents.survivors())
            - sum(not one.is_new for one in touched),
            pages_to_read=tuple(to_read),
            pages_reused=reused,
            adrift=tuple(touches.adrift),
            human_work=known.human_work,
        )

    def _answer(self, known: "_Known", page: Page) -> StoredFinding | None:
        """The page's answer that would be used again."""
        found = known.findings.get(page.id)
        if found is None or found.finding.engine != self._reader_name():
            return None
        return found if found.text_revision == page.text_revision else None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is recorded of a book."""

    survey: Survey
    homes: Mapping[str, str]
    """Where each page's statements are taught now."""
    findings: Mapping[str, StoredFinding]
    failed: Collection[str]
    """Pages at which the last generation failed."""
    human_work: HumanWork

    @property
    def contents(self) -> Contents:
        return self.survey.contents

    @property
    def usable(self) -> list[Page]:
        return [page for page in self.survey.book if page.is_usable]

    def why(self, page: Page) -> Touch:
        """Why the page would be read."""
        if page.id in self.failed:
            return Touch.FAILED
        found = self.findings.get(page.id)
        if found is None:
            return Touch.FRESH
        is_same = found.text_revision == page.text_revision
        return Touch.OTHER_READER if is_same else Touch.CHANGED


def _known(session: Session, book_id: str, asked: Mapping[str, str]) -> _Known:
    books.require(session, book_id)
    seen = survey(session, book_id, asked)
    last = ledger.latest_job(session, book_id, JobType.EXTRACTION)
    failed = ledger.items_in(session, last.id, ItemState.FAILED) if last else []
    return _Known(
        survey=seen,
        homes={
            one.page_id: seen.contents.kept(one.subtopic_id) for one in seen.contents.placements
        },
        findings=findings.known(session, book_id),
        failed={item.subject_id for item in failed},
        human_work=_human_work(session, book_id, seen.contents),
    )


def _human_work(session: Session, book_id: str, contents: Contents) -> HumanWork:
    survivors = contents.survivors()
    taken = decisions.decisions(session, book_id)
    return HumanWork(
        edited=tuple(one.title for one in survivors if one.is_edited),
        corrected_texts=readings.count_typed(session, book_id),
        approved_pages=pages.counts(session, book_id).approved,
        approved_rows=published.count_approved(session, book_id),
        undone_decisions=sum(one.is_undone for one in taken),
        withheld=sum(one.is_withheld for one in survivors),
    )


class _Touches:
    """What happens to each subtopic, gathered page by page."""

    def __init__(self, contents: Contents, plan: Plan) -> None:
        self.adrift: list[int] = []
        self._contents = contents
        self._plan = plan
        self._seats = {seat.subtopic_id: seat for seat in plan.seats}
        self._reasons: dict[str, dict[Touch, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._after: dict[str, str | None] = {}

    def read(self, page: Page, home: str | None, why: Touch) -> None:
        """A page is asked about: where it is and where the outline has it are written anew."""
        goal = self._goal(_section(self._plan.outline, page.page_num))
        for one in sorted({one for one in (home, goal) if one is not None}):
            self._reasons[one][why].append(page.page_num)
        if home is None and goal is None:
            self.adrift.append(page.page_num)
        self._after[page.id] = goal or home

    def move(self, page: Page, home: str | None, answer: StoredFinding) -> None:
        """A page whose answer is known stays, or goes from one subtopic to another."""
        goal = self._goal(place(self._plan.outline, page.page_num, answer.finding).entry)
        self._after[page.id] = goal
        if home == goal:
            return
        for one, why in ((home, Touch.LEAVES), (goal, Touch.JOINS)):
            if one is not None:
                self._reasons[one][why].append(page.page_num)

    def told(self, homes: Mapping[str, str]) -> tuple[TouchedSubtopic, ...]:
        """Every subtopic touched: first those there are, in their order, then the new ones."""
        with_pages = {*homes, *self._after}
        left = {self._after.get(page, homes.get(page)) for page in with_pages}
        there = [one.id for one in self._contents.survivors() if one.id in self._reasons]
        new = [
            seat for one, seat in self._seats.items() if one in self._reasons and one not in there
        ]
        return (
            *(self._existing(one, is_left_empty=one not in left) for one in there),
            *(_begun(seat, self._told_reasons(seat.subtopic_id)) for seat in new),
        )

    def _existing(self, subtopic_id: str, *, is_left_empty: bool) -> TouchedSubtopic:
        one = self._contents.subtopics[subtopic_id]
        topic = self._contents.topics[one.topic_id]
        return TouchedSubtopic(
            topic_title=topic.title,
            title=one.title,
            topic_key=topic.key,
            key=one.key,
            reasons=self._told_reasons(subtopic_id),
            is_new=False,
            is_edited=one.is_edited,
            is_left_empty=is_left_empty,
        )

    def _told_reasons(self, subtopic_id: str) -> tuple[tuple[Touch, tuple[int, ...]], ...]:
        why = self._reasons[subtopic_id]
        return tuple((one, tuple(sorted(why[one]))) for one in Touch if one in why)

    def _goal(self, entry: int | None) -> str | None:
        if entry is None:
            return None
        seated = self._plan.seats[entry].subtopic_id
        return self._contents.kept(seated) if seated in self._contents.subtopics else seated


def _section(outline: Outline, page_num: int) -> int | None:
    """The entry that a page lies in, if it teaches anything."""
    for index, entry in enumerate(outline.entries):
        if entry.first_page <= page_num <= entry.last_page:
            return index
    return None


def _begun(seat: Seat, reasons: tuple[tuple[Touch, tuple[int, ...]], ...]) -> TouchedSubtopic:
    return TouchedSubtopic(
        topic_title=seat.topic_title,
        title=seat.subtopic_title,
        topic_key=seat.topic_key,
        key=seat.subtopic_key,
        reasons=reasons,
        is_new=True,
        is_edited=False,
        is_left_empty=False,
    )
