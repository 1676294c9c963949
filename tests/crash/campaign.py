"""Kill a server hundreds of times and print what was lost: `python -m tests.crash.campaign --kills 500`.

Each journey takes a book from images to published guidelines on a server of its own, which is killed
(SIGKILL) at up to two moments of every act: before or after a named point, or at random. The points of
an act are those that a journey without a kill was seen to pass. `--seed` chooses the moments.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import httpx

from tests.comparing import differences
from tests.crash.doomed import POINTS
from tests.crash.journey import ACTS, Admin, Broken, Tally, outcome
from tests.postgres import postgres_server
from tests.server import Server, Spawn, unmeasured

AT_RANDOM = "at a random moment"
SHARE_AT_RANDOM = 0.2
KILLS_IN_AN_ACT = 2
"""One more, and a page that was being worked on each time is given up, as it should be."""
SECONDS_TO_BE_TRUE = 10
"""From a new start until every route and screen agrees; promised of a machine that does nothing else."""
LAST_ACT = list(ACTS)[-1]
Moment = tuple[str, str]
"""A point, and `before` or `after`."""


@dataclass(frozen=True)
class Strike:
    """One kill to come: at the `nth` passing of the moment, or so many seconds into the act."""

    moment: Moment
    nth: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        where = f"{self.seconds:.2f} s" if self.moment[0] == AT_RANDOM else f"pass {self.nth}"
        return f"{' '.join(self.moment)} ({where})"


@dataclass(frozen=True)
class Calm:
    """A journey nobody interrupted: what came of it, and what each act passed."""

    outcome: dict[str, Any]
    passes: dict[str, Counter[Moment]]
    seconds: dict[str, float]
    calls: int


@dataclass
class Report:
    """What one journey with kills was like."""

    kills: list[Strike] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    different: list[str] = field(default_factory=list)
    """Where the outcome is not that of a calm journey."""
    repeated: int = 0
    """Questions to an engine beyond those of a calm journey."""
    broken: str = ""

    @property
    def faults(self) -> list[str]:
        """What was promised and did not hold, in words."""
        found = [self.broken] if self.broken else []
        if self.different:
            found.append(f"another outcome than without a kill: {'; '.join(self.different[:9])}")
        if self.repeated > self.tally.in_flight:
            found.append(f"{self.repeated} calls repeated, {self.tally.in_flight} were in flight")
        return found


class Ground:
    """A folder with a server that dies on command."""

    def __init__(self, folder: Path, settings: dict[str, str], spawn: Spawn) -> None:
        self.folder = folder
        program = ("-m", "tests.crash.doomed", str(folder))
        self.server = Server(folder / "data", program=program, spawn=spawn, **settings).start()
        self._timer: threading.Timer | None = None
        self.passes()

    def arm(self, strike: Strike) -> None:
        """Have the server die at the strike's moment, counted from now."""
        if strike.moment[0] == AT_RANDOM:
            self._timer = threading.Timer(strike.seconds, self._kill)
            self._timer.start()
        else:
            # Renamed into place: the server never reads half an order.
            (self.folder / "order").write_text("|".join([*strike.moment, str(strike.nth)]))
            (self.folder / "order").rename(self.folder / "doom")

    def _kill(self) -> None:
        # Whichever process it is by now: the next server may be starting.
        self.server.process.kill()

    def disarm(self) -> None:
        """Let the server live."""
        (self.folder / "doom").unlink(missing_ok=True)
        if self._timer:
            self._timer.cancel()

    def passes(self) -> Counter[Moment]:
        """What was passed since the last time this was asked."""
        lines = (self.folder / "passes").read_text().splitlines()
        os.truncate(self.folder / "passes", 0)
        return Counter(tuple(line.split("|")) for line in lines)

    def calls(self) -> int:
        """How often an engine was asked."""
        return len((self.folder / "calls").read_text().splitlines())


def calm_journey(folder: Path, *, spawn: Spawn = unmeasured, **settings: str) -> Calm:
    """Take the journey without a kill, on a server with these settings."""
    ground = Ground(folder, settings, spawn)
    admin = Admin(ground.server)
    passes, seconds = {}, {}
    for act in ACTS:
        began = time.monotonic()
        admin.do(act)
        seconds[act] = time.monotonic() - began
        passes[act] = ground.passes()
    calm = Calm(outcome(admin), passes, seconds, ground.calls())
    ground.server.stop()
    return calm


class Plan:
    """Deals out strikes: every moment of every act in turn, and random ones between."""

    def __init__(self, calm: Calm, seed: int) -> None:
        self._calm = calm
        self._chance = Random(seed)
        self._lock = threading.Lock()
        self._decks = {act: self._deck(act) for act in ACTS}

    def journey(self) -> dict[str, list[Strike]]:
        """The strikes of the next journey, by act."""
        with self._lock:
            return {act: [self._next(act) for _ in range(KILLS_IN_AN_ACT)] for act in ACTS}

    def covering(self, when: str) -> dict[str, list[Strike]]:
        """One journey with a kill before (or after) every point, and one at random after each."""
        acts = {
            point: [act for act, passes in self._calm.passes.items() if passes[point, when]]
            for point in POINTS
        }
        strikes: dict[str, list[Strike]] = {}
        for point in sorted(POINTS, key=lambda point: len(acts[point])):
            free = [act for act in acts[point] if act not in strikes]
            act = max(free, key=lambda act: self._calm.passes[act][point, when])
            nth = max(self._calm.passes[act][point, when] // 3, 1)
            strikes[act] = [Strike((point, when), nth), self._at_random(act)]
        return strikes

    def _at_random(self, act: str) -> Strike:
        seconds = self._chance.uniform(0, self._calm.seconds[act])
        return Strike((AT_RANDOM, ""), seconds=seconds)

    def _next(self, act: str) -> Strike:
        if not self._calm.passes[act] or self._chance.random() < SHARE_AT_RANDOM:
            return self._at_random(act)
        moment = next(self._decks[act])
        return Strike(moment, self._chance.randint(1, self._calm.passes[act][moment]))

    def _deck(self, act: str) -> Iterator[Moment]:
        while True:
            moments = sorted(self._calm.passes[act])
            self._chance.shuffle(moments)
            yield from moments


def struck_journey(
    folder: Path,
    calm: Calm,
    strikes: dict[str, list[Strike]],
    *,
    is_settled: bool = True,
    spawn: Spawn = unmeasured,
    **settings: str,
) -> Report:
    """Take the journey and die on the way; `is_settled` lets the bucket catch up after each act."""
    report = Report()
    ground = Ground(folder, settings, spawn)
    coming: list[Strike] = []

    def on_death() -> None:
        ground.disarm()
        if coming:
            report.kills.append(coming.pop(0))
        if coming:
            ground.arm(coming[0])

    admin = Admin(ground.server, on_death)
    report.tally = admin.tally
    try:
        for act in ACTS:
            coming[:] = strikes.get(act, [])
            if coming:
                ground.arm(coming[0])
            admin.do(act, is_settled=is_settled or act == LAST_ACT)
            ground.disarm()
        report.different = differences(calm.outcome, outcome(admin))
        report.repeated = max(ground.calls() - calm.calls, 0)
    except (Broken, httpx.HTTPStatusError) as error:
        report.broken = str(error)
    finally:
        ground.disarm()
        ground.server.kill()
        ground.server.http.close()
    return report


NewSettings = Callable[[], dict[str, str]]
"""Gives the settings of a server that has nothing yet."""


def fight(
    folder: Path, new_settings: NewSettings, seed: int, kills: int, at_once: int
) -> list[Report]:
    """Journeys until the server was killed so often, several at a time; each is told as it ends."""
    calm = calm_journey(_made(folder / "calm"), **new_settings())
    plan = Plan(calm, seed)
    numbers, reports, lock = count(1), [], threading.Lock()

    def journeys(_worker: int) -> None:
        while sum(len(report.kills) for report in reports) < kills:
            number = next(numbers)
            report = struck_journey(
                _made(folder / f"journey{number}"),
                calm,
                plan.journey(),
                is_settled=number % 2 == 0,
                **new_settings(),
            )
            with lock:
                reports.append(report)
                tell(report, sum(len(each.kills) for each in reports), kills)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(journeys, range(at_once)))
    return reports


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def database(kind: str) -> Iterator[NewSettings]:
    """New databases of the kind; the server of PostgreSQL is gone afterwards."""
    if kind == "sqlite":
        yield dict
        return
    with postgres_server() as server:

        def new_settings() -> dict[str, str]:
            return {"database_url": server.create().render_as_string(hide_password=False)}

        yield new_settings


def tell(report: Report, so_far: int, wanted: int) -> None:
    """One line for a journey, and all about it when a promise was broken."""
    print(f"{so_far}/{wanted} kills; {len(report.kills)} in this journey", flush=True)
    for fault in report.faults:
        print(f"  BROKEN: {fault}\n  killed at: {'; '.join(map(str, report.kills))}", flush=True)


def table(reports: list[Report]) -> str:
    """Kills by point, and what became of the promises."""
    kills = Counter(strike.moment for report in reports for strike in report.kills)
    width = max(map(len, (*POINTS, AT_RANDOM)))
    rows = [f"{'kills':{width}}  before  after"]
    rows += [
        f"{point:{width}}  {kills[point, 'before']:6}  {kills[point, 'after']:5}"
        for point in POINTS
    ]
    rows.append(f"{AT_RANDOM:{width}}  {kills[AT_RANDOM, '']:6}")
    seconds = seconds_to_be_true(reports)
    facts = {
        "kills in all": sum(kills.values()),
        "journeys": len(reports),
        "pages lost, or other things acknowledged": sum(len(r.tally.lost) for r in reports),
        "pages twice": sum(len(r.tally.twice) for r in reports),
        "outcomes different": sum(bool(r.different) for r in reports),
        "journeys that did not end": sum(bool(r.broken) for r in reports),
        "calls to engines repeated": sum(r.repeated for r in reports),
        "of those in flight at the kills": sum(r.tally.in_flight for r in reports),
        "seconds until the screen was true, median": f"{median(seconds):.1f}",
        f"the longest (at most {SECONDS_TO_BE_TRUE})": f"{max(seconds):.1f}",
    }
    rows += ["", *(f"{name:42} {value:>6}" for name, value in facts.items())]
    return "\n".join(rows)


def seconds_to_be_true(reports: list[Report]) -> list[float]:
    """Of every new start in all journeys."""
    return [each for report in reports for each in report.tally.seconds] or [0.0]


def main() -> None:
    """Fight, print the table, and exit with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="how many at least (500)")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="journeys (cores)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the moments (1)")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hornbook-crash-") as name,
        database(chosen.database) as new_settings,
    ):
        reports = fight(Path(name), new_settings, chosen.seed, chosen.kills, chosen.at_once)
    print(table(reports))
    is_late = max(seconds_to_be_true(reports)) > SECONDS_TO_BE_TRUE
    sys.exit(1 if is_late or any(report.faults for report in reports) else 0)


if __name__ == "__main__":
    main()
