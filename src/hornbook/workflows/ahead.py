"""Thinks about what the pages have left behind while later ones are read."""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy.orm import Session

from hornbook.jobs.leg import Errand
from hornbook.library import guidelines, placing
from hornbook.library.database import Database
from hornbook.library.guidelines import Contents, SubtopicRecord
from hornbook.workflows import summaries
from hornbook.workflows.plan import Plan
from hornbook.workflows.summaries import Desk
from hornbook.workflows.tidy import PAGES_UNTIL_STABLE


class Ahead:
    """What can be asked beside one job's pages; the answers wait on the desk until all is closed.

    Nothing is written to the guidelines meanwhile, so that a book ends the same whatever was asked
    when. What turns out to have changed at the end is asked then, as if nobody had asked before.
    """

    def __init__(self, database: Database, book_id: str, plan: Plan, desk: Desk) -> None:
        self.desk = desk
        self._database = database
        self._book_id = book_id
        self._ends = _last_pages(plan)
        self._behind = 0
        """The last page whose subtopic was looked at."""

    def errands(self, page_num: int) -> list[Errand]:
        """What nothing more is expected for, now that this page is placed; each is given once."""
        first, self._behind = self._behind + 1, max(self._behind, page_num - PAGES_UNTIL_STABLE)
        if self._behind < first:
            return []
        with self._database.read() as session:
            subtopics, topics = self._left(session, first, page_num)
        book = (self._database, self.desk, self._book_id)
        return [
            *(
                Errand(f"{one} by {page_num}", partial(summaries.draft, *book, one))
                for one in subtopics
            ),
            *(
                Errand(f"{one} by {page_num}", partial(summaries.draft_topic, *book, one))
                for one in topics
            ),
        ]

    def _left(self, session: Session, first: int, page_num: int) -> tuple[list[str], list[str]]:
        """The subtopics, and the topics, that ended on the pages from `first` on."""
        placed = placing.placed_between(session, self._book_id, first, self._behind)
        if not placed:
            return [], []
        contents = guidelines.contents(session, self._book_id, placed)
        kept = dict.fromkeys(contents.kept(one) for one in placed)
        subtopics = [
            one for one in kept if self._is_over(contents.subtopics[one], contents, page_num)
        ]
        homes = dict.fromkeys(contents.subtopics[one].topic_id for one in subtopics)
        return subtopics, self._topics_left(session, list(homes), page_num)

    def _topics_left(self, session: Session, homes: Sequence[str], page_num: int) -> list[str]:
        """Those of these topics that ended; one that the outline does not know may always grow."""
        ended = [one for one in homes if self._ends.get(one, page_num + 1) <= page_num]
        if not ended:
            return []
        contents = guidelines.contents(session, self._book_id)
        return [one for one in ended if self._is_topic_over(one, contents, page_num)]

    def _is_over(self, one: SubtopicRecord, contents: Contents, page_num: int) -> bool:
        """Whether later pages went elsewhere and the outline expects none.

        One whose title the end may still change would be asked about under the wrong one.
        """
        pages = contents.pages_of(one.id)
        sources = {one.id, *(page.subtopic_id for page in pages)}
        return (
            one.title == one.found_title
            and all(self._ends.get(source, 0) <= page_num for source in sources)
            and all(page.page_num <= self._behind for page in pages)
        )

    def _is_topic_over(self, topic_id: str, contents: Contents, page_num: int) -> bool:
        topic = contents.topics[topic_id]
        members = [one for one in contents.survivors() if one.topic_id == topic_id]
        is_named = topic.title == topic.found_title
        return is_named and all(self._is_over(one, contents, page_num) for one in members)


def _last_pages(plan: Plan) -> Mapping[str, int]:
    """Up to which page the outline expects something of each topic and subtopic."""
    ends: dict[str, int] = {}
    for entry, seat in zip(plan.outline.entries, plan.seats, strict=True):
        for one in (seat.topic_id, seat.subtopic_id):
            ends[one] = max(ends.get(one, 0), entry.last_page)
    return ends
