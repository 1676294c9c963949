"""Who reads pages and who thinks about them, as the settings and an admin have chosen."""

import os
from functools import partial

from hornbook.engines.model_client import ModelClient
from hornbook.engines.model_planner import Ask, ModelPlanner, ModelReviewer
from hornbook.engines.offline import Offline
from hornbook.engines.offline_plan import OfflinePlanner
from hornbook.engines.thinker import ModelThinker
from hornbook.engines.vision import Vision
from hornbook.engines.workshop import Workshop
from hornbook.library.database import Database
from hornbook.model.clock import Clock
from hornbook.model.components import Component
from hornbook.model.page import Reader
from hornbook.model.question import Subject
from hornbook.settings import Settings
from hornbook.stages.study import Planner, PlanReviewer
from hornbook.workflows.journal import Journal
from hornbook.workflows.models import Models
from hornbook.workflows.ocr import PageReader
from hornbook.workflows.thinking import OFFLINE, Occasion, Terms, Thinker

VISION = "vision"
"""The setting that has every page read by a model."""
LOCAL = "tesseract"
"""Who reads on this machine when pages are otherwise read by a model."""


class EngineRoom:
    """Hands out engines. The local one is part of it; a model is asked through the journal."""

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, workshop: Workshop | None = None
    ) -> None:
        """Tests bring a workshop of their own: the one thing that is slow."""
        self._settings = settings
        self._by_default = Reader.VISION if settings.ocr == VISION else Reader.LOCAL
        local = LOCAL if settings.ocr == VISION else settings.ocr
        self.workshop = workshop or Workshop(
            local, workers=settings.ocr_workers or os.cpu_count() or 1
        )
        self.client = ModelClient(
            concurrency=settings.model_concurrency,
            output=settings.model_output,
            requests_per_minute=settings.model_requests_per_minute,
            tokens_per_minute=settings.model_tokens_per_minute,
            price=settings.model_price,
        )
        self.journal = Journal(database, clock, self.client)
        self.models = Models(
            database, clock, default=settings.model, try_out=self._try_out, is_set=is_set
        )
        self.offline = Offline()
        self._offline_planner = OfflinePlanner()
        self.terms = Terms(partial(self.models.chosen, Component.BOOK_INGESTION), settings.max_cost)

    def page_reader(self, asked: Reader | None, occasion: Occasion) -> PageReader:
        """Whoever is asked for, else the reader of the setting."""
        if (asked or self._by_default) is Reader.LOCAL:
            return self.workshop
        return Vision(
            None if occasion.model == OFFLINE else occasion.model,
            partial(self.journal.ask, occasion),
            self.workshop,
            workers=self._settings.model_concurrency,
        )

    def has_model(self) -> bool:
        """Whether a model is chosen for books, which can look at pages too."""
        return self.terms.chosen() != OFFLINE

    def thinker(self, occasion: Occasion) -> Thinker:
        """The model of an occasion, or the offline extractor."""
        if occasion.model == OFFLINE:
            return self.offline
        return ModelThinker(occasion.model, partial(self.journal.ask, occasion), occasion.book)

    def reader_name(self) -> str:
        """By which name the one who reads for guidelines now signs."""
        return self.thinker(Occasion(model=self.terms.chosen())).name

    def planner(self, subject: Subject, take: int | None) -> Planner:
        """Who writes study plans now: of this subtopic, with any answer or with that take."""
        model = self.models.chosen(Component.STUDY_PLAN_GENERATOR)
        if model == OFFLINE:
            return self._offline_planner
        return ModelPlanner(model, self._asking(model, subject, take))

    def reviewer(self, subject: Subject, take: int | None) -> PlanReviewer:
        """Who reads study plans critically now."""
        model = self.models.chosen(Component.STUDY_PLAN_REVIEWER)
        if model == OFFLINE:
            return self._offline_planner
        return ModelReviewer(model, self._asking(model, subject, take))

    def _asking(self, model: str, subject: Subject, take: int | None) -> Ask:
        return partial(self.journal.ask, Occasion(model=model, subject=subject, take=take))

    def _try_out(self, model: str) -> str:
        if model == OFFLINE:
            return "The offline extractor is part of Hornbook and needs no connection."
        return self.client.try_out(model)


def is_set(variable: str) -> bool:
    """Whether the environment has a variable that providers read; the value stays there."""
    return bool(os.environ.get(variable))
