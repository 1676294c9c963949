"""A published guideline becomes a study plan: one at once, or many one after the other."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from hornbook.errors import Conflict, NotFound
from hornbook.library import books, published, study_plans
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.published import PublishedFilter, PublishedGuideline
from hornbook.model.question import Subject
from hornbook.model.study import KeptPlan, MadePlan, PlanProgress, Teachable, WishState
from hornbook.stages.merge import HEADINGS
from hornbook.stages.study import Planner, PlanReviewer, make_plan, statements

KINDS = {heading: kind for kind, heading in HEADINGS.items()}


Planners = Callable[[Subject, int | None], Planner]
"""Whoever plans now, about a subtopic: with any answer that is kept, or with that take."""
Reviewers = Callable[[Subject, int | None], PlanReviewer]


class StudyPlans:
    """Makes plans and gives them; `wake` has those made that were asked for together.

    The engines are asked for anew at each plan, so that another choice counts from the next on.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        planner: Planners,
        reviewer: Reviewers,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._planner = planner
        self._reviewer = reviewer
        self._wake = wake

    def get(self, guideline_id: str) -> KeptPlan:
        """The plan of a guideline; raises NotFound."""
        with self._database.read() as session:
            published.get(session, guideline_id)
            return study_plans.get(session, guideline_id)

    def look(
        self, guideline_id: str
    ) -> tuple[PublishedGuideline, KeptPlan | None, tuple[WishState, str | None] | None]:
        """A guideline, its plan, and what became of the wish for one; raises NotFound."""
        with self._database.read() as session:
            row = published.get(session, guideline_id)
            wish = study_plans.wish_of(session, guideline_id)
            return row, study_plans.find(session, guideline_id), wish

    def generate(self, guideline_id: str, *, force: bool = False) -> KeptPlan:
        """Make the plan of a guideline now; one that is there is kept unless `force`.

        Raises NotFound, Conflict (the guideline changed meanwhile), and what the engines raise.
        """
        row, kept, _wish = self.look(guideline_id)
        if kept is not None and not force:
            return kept
        take = None if kept is None else kept.version + 1
        made = make(self._planner, self._reviewer, row, take)
        with self._database.begin() as session:
            return keep(session, row, made, self._clock)

    def generate_all(self, guideline_ids: Sequence[str], *, force: bool = False) -> PlanProgress:
        """Have the plans of these guidelines made in the background, and say how far they are.

        Raises NotFound, naming those that are no published guidelines; nothing is begun then.
        """
        wanted = list(dict.fromkeys(guideline_ids))
        with self._database.begin() as session:
            unknown = sorted(set(wanted) - study_plans.known(session, wanted))
            if unknown:
                names = ", ".join(map(repr, unknown))
                raise NotFound(f"There is no published guideline {names}.")
            study_plans.wish(session, wanted, is_forced=force, now=self._clock())
            progress = study_plans.progress(session)
        self._wake()
        return progress

    def generate_matching(self, wanted: PublishedFilter, *, force: bool = False) -> PlanProgress:
        """Have the plans of every guideline made that fits."""
        with self._database.read() as session:
            found = [row.id for row in published.rows(session, wanted)]
        return self.generate_all(found, force=force)

    def try_again(self) -> PlanProgress:
        """Have those made that failed or were left."""
        with self._database.begin() as session:
            study_plans.wish_again(session)
            progress = study_plans.progress(session)
        self._wake()
        return progress

    def progress(self) -> PlanProgress:
        """How far the plans are that were last asked for together."""
        with self._database.read() as session:
            return study_plans.progress(session)

    def planned(self, guideline_ids: Sequence[str]) -> set[str]:
        """Those of these guidelines that have a plan."""
        with self._database.read() as session:
            return study_plans.planned(session, guideline_ids)

    def statements(self, row: PublishedGuideline) -> list[str]:
        """What a guideline says, statement by statement: what the steps of its plan rest on."""
        return [one.text for one in teachable(row).statements]

    def coverage(self, wanted: PublishedFilter) -> tuple[int, int]:
        """How many guidelines fit, and how many of them have a plan."""
        with self._database.read() as session:
            found = published.ids(session, wanted)
            return len(found), len(study_plans.planned(session, found))


def make(
    planner: Planners, reviewer: Reviewers, row: PublishedGuideline, take: int | None
) -> MadePlan:
    """Make the plan of a published guideline; raises what the engines raise."""
    subject = Subject(book_id=row.book_id, subtopic=row.subtopic_key)
    return make_plan(planner(subject, take), reviewer(subject, take), teachable(row))


def teachable(row: PublishedGuideline) -> Teachable:
    """What a published guideline teaches, as it stands in its row."""
    return Teachable(
        topic=row.topic,
        title=row.subtopic,
        grade=row.grade,
        subject=row.subject,
        summary=row.subtopic_summary or "",
        statements=statements(row.guideline, KINDS),
    )


def keep(session: Session, row: PublishedGuideline, made: MadePlan, clock: Clock) -> KeptPlan:
    """Keep a plan that was made from `row`; raises NotFound, Conflict when that says other things.

    In the caller's transaction.
    """
    if row.book_id is not None:
        books.touch(session, row.book_id)
    if study_plans.hold(session, row.id) != row.version:
        raise Conflict("The guideline was changed while its study plan was made. Make it again.")
    return study_plans.keep(session, row.id, made, clock())
