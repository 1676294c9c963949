"""Asks a model once and keeps what it says: the same question is never paid for again."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from pydantic import TypeAdapter

from hornbook.errors import CapReached, HornbookError
from hornbook.jobs.retry import OUTAGES
from hornbook.library import journal
from hornbook.library.database import Database
from hornbook.library.journal import Call, Pruned
from hornbook.model.clock import Clock
from hornbook.model.question import Answer, Question, Spent, Subject, Usage
from hornbook.workflows.thinking import Occasion

NO_REQUEST = Usage()
"""Of a call that waits for its turn: whatever is sent takes some time at least."""

_SCHEMAS: dict[type[Any], dict[str, Any]] = {}


class Client(Protocol):
    """Asks a model. Raises Retryable, Terminal or JobStopper, nothing else."""

    def ask(self, model: str, question: Question, subject: Subject) -> Answer:
        """Its answer, which fits the question's form."""
        ...

    def address(self, model: str) -> str | None:
        """Where the model is asked, if not at its provider; without credentials."""
        ...


class Journal:
    """Answers from what is kept, else from the model; every answer is kept before it is used."""

    def __init__(self, database: Database, clock: Clock, client: Client) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._unkept: dict[tuple[str, str | None, int | None], Answer] = {}

    def ask(self, occasion: Occasion, question: Question) -> Mapping[str, Any]:
        """The answer as plain JSON; raises the client's errors, and CapReached.

        One that the question calls of no use is given too, and not kept as an answer. What a
        failure has cost is noted. An answer that an outage of the database kept from being noted
        stays at hand for whoever asks again when that is over.
        """
        asked = question_hash(occasion.model, question, self._client.address(occasion.model))
        here = (asked, occasion.book_id, occasion.take)
        answer = self._unkept.pop(here, None)
        if answer is None:
            kept = self._kept(occasion, asked)
            if kept is not None:
                return kept
            self._require_within_cap(occasion)
            answer = self._answer(occasion, question, asked)
        try:
            self._keep(occasion, question, asked, _usable(answer, question), answer.usage)
        except OUTAGES:
            self._unkept[here] = answer
            raise
        return answer.data

    def _answer(self, occasion: Occasion, question: Question, asked: str) -> Answer:
        try:
            return self._client.ask(occasion.model, question, occasion.subject)
        except HornbookError as error:
            if isinstance(error.usage, Usage) and error.usage != NO_REQUEST:
                self._keep(occasion, question, asked, None, error.usage)
            raise

    def _kept(self, occasion: Occasion, asked: str) -> Mapping[str, Any] | None:
        with self._database.read() as session:
            return journal.answer(session, asked, occasion.book_id, occasion.take)

    def prune(self, before: datetime) -> Pruned:
        """Forget what was asked before, except by jobs that are under way."""
        with self._database.begin() as session:
            return journal.prune(session, before)

    def _keep(
        self,
        occasion: Occasion,
        question: Question,
        asked: str,
        answer: Mapping[str, Any] | None,
        usage: Usage,
    ) -> None:
        call = Call(
            question_hash=asked,
            take=occasion.take or 0,
            task=question.task.value,
            model=occasion.model,
            book_id=occasion.book_id,
            job_id=occasion.job_id,
            answer=answer,
            usage=usage,
        )
        with self._database.begin() as session:
            journal.add(session, call, self._clock())

    def _require_within_cap(self, occasion: Occasion) -> None:
        if occasion.max_cost is None or occasion.job_id is None:
            return
        with self._database.read() as session:
            spent = sum(journal.spent(session, job_id=occasion.job_id).values(), Spent())
        if spent.unpriced:
            raise CapReached(
                f"Spending cap: what {occasion.model} costs is unknown, so that no cap can be kept."
                " Set HORNBOOK_MODEL_PRICE, then resume."
            )
        if spent.cost >= occasion.max_cost:
            raise CapReached(
                f"Spending cap: this job has cost ${spent.cost:.2f} and may cost"
                f" ${occasion.max_cost:.2f}. Resume spends as much again."
            )


def question_hash(model: str, question: Question, address: str | None = None) -> str:
    """The identity of a question: all that may change the answer, and nothing else.

    `address` is where the model is asked, if not at its provider: the same name may be another
    model there.
    """
    image = sha256(question.image).hexdigest() if question.image else None
    asked = [
        model,
        address,
        question.task.value,
        question.rules,
        question.prompt,
        _schema(question.form),
        image,
    ]
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _usable(answer: Answer, question: Question) -> Mapping[str, Any] | None:
    return answer.data if question.is_usable(answer.data) else None


def _schema(form: type[Any]) -> dict[str, Any]:
    """All that a form demands, also of the parts of an answer."""
    if form not in _SCHEMAS:
        _SCHEMAS[form] = TypeAdapter(form).json_schema()
    return _SCHEMAS[form]
