"""Asks a refiner question by question: one without an answer costs its own proposals only."""

from collections.abc import Callable, Sequence

import structlog

from hornbook.errors import NoAnswer
from hornbook.jobs.leg import Fenced, look
from hornbook.stages.finalize import CandidateTopic, Proposal, Refiner

log = structlog.get_logger()


class Asking:
    """A refiner that looks before each question whether its job goes on; raises what stops it.

    Where the one behind it has no answer it proposes nothing, and counts that.
    """

    def __init__(self, refiner: Refiner, fenced: Fenced) -> None:
        self.name = refiner.name
        self._refiner = refiner
        self._fenced = fenced
        self._unanswered: list[NoAnswer] = []

    @property
    def unanswered(self) -> int:
        """How many questions got no answer that could be used."""
        return len(self._unanswered)

    def rename(self, topic: CandidateTopic) -> Sequence[Proposal]:
        """Better titles for a topic and its subtopics."""
        return self._answer(lambda: self._refiner.rename(topic), topic=topic.title)

    def merges(self, topics: Sequence[CandidateTopic]) -> Sequence[Proposal]:
        """Subtopics that teach the same thing."""
        return self._answer(lambda: self._refiner.merges(topics))

    def _answer(
        self, ask: Callable[[], Sequence[Proposal]], topic: str | None = None
    ) -> Sequence[Proposal]:
        look(self._fenced)
        try:
            return ask()
        except NoAnswer as error:
            self._unanswered.append(error)
            log.warning("refine.no_answer", topic=topic, reason=str(error))
            return ()
