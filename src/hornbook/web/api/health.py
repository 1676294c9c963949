"""Whether the server answers, and its numbers for Prometheus."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel

from hornbook.library import gauges
from hornbook.library.database import Database
from hornbook.web.api.common import Hornbook, errors

if TYPE_CHECKING:
    from hornbook.wiring import App

router = APIRouter(tags=["Operation"])


class HealthReply(BaseModel):
    """The server answers."""

    status: Literal["ok"]


class Gauges(Collector):
    """Counts jobs and pages in the database whenever the metrics are asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[Metric]:
        """Name the series without opening the database."""
        yield from (self._jobs(), self._pages())

    def collect(self) -> Iterator[Metric]:
        """Give the numbers as they are now."""
        with self._database.read() as session:
            jobs, pages = gauges.jobs(session), gauges.pages(session)
        yield _filled(self._jobs(), jobs)
        yield _filled(self._pages(), pages)

    def _jobs(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "hornbook_jobs", "Jobs by type and status", labels=["type", "status"]
        )

    def _pages(self) -> GaugeMetricFamily:
        labels = ["ocr_status", "review"]
        return GaugeMetricFamily("hornbook_pages", "Pages by reading and review", labels=labels)


@router.get("/health", summary="See whether the server answers")
def get_health() -> HealthReply:
    """Say ok; needs no login."""
    return HealthReply(status="ok")


@router.get(
    "/metrics",
    summary="Read the metrics",
    responses=errors() | {200: {"content": {"text/plain": {}}}},
    response_class=Response,
)
def get_metrics(hornbook: Hornbook) -> Response:
    """Give the numbers in Prometheus' text format."""
    return Response(generate_latest(hornbook.metrics), media_type=CONTENT_TYPE_LATEST)


def add_gauges(hornbook: "App") -> None:
    """Have the numbers of jobs and pages among the metrics."""
    hornbook.metrics.register(Gauges(hornbook.database))


def _filled(family: GaugeMetricFamily, counts: dict[tuple[str, str], int]) -> GaugeMetricFamily:
    for labels, count in sorted(counts.items()):
        family.add_metric(labels, count)
    return family
