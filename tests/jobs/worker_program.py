"""A server as a process of its own, to be killed: runs the jobs of a SQLite file until all are over.

Arguments: the database's address, the data folder, and the page in which to hang (0 for none).
SIGCONT ends the hanging; whoever was stopped for so long has lost its seat, and leaves when its runs
have ended.
"""

import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import text

from hornbook.jobs import ledger
from hornbook.jobs.seat import FolderSeat
from hornbook.jobs.threads import Pace, Threads
from hornbook.library.database import Database
from hornbook.model.job import JobType


class LeavesTraces:
    """Adds a row to `effects` for each page saved: doing one twice would show."""

    is_ordered = True
    is_chained = False
    deadline = 60.0

    def __init__(self, hang_in: int) -> None:
        self.hang_in = hang_in
        self.woken = threading.Event()

    def at_once(self, job):
        return 3

    def begin(self, job, fenced):
        if job.plan is None:
            with fenced() as session:
                ledger.freeze_plan(session, job.id, {"pages": job.total_items})

    def start(self, session, job, item):
        pass

    def prepare(self, job, item):
        time.sleep(0.02)
        if item.position == self.hang_in:
            say("hanging")
            self.woken.wait()
        return item.position

    def save(self, session, job, item, prepared):
        session.execute(text("INSERT INTO effects (page) VALUES (:page)"), {"page": prepared})
        return {"topic": "fractions", "subtopic": f"part-{prepared // 4}"}

    def beside(self, job, item):
        return ()

    def fail(self, session, job, item, failure):
        pass

    def release(self, session, job, item):
        pass

    def expects_more(self, job):
        return False

    def finish(self, job, fenced):
        with fenced() as session:
            session.execute(text("DELETE FROM effects WHERE page = 0"))
            session.execute(text("INSERT INTO effects (page) VALUES (0)"))


def main(url: str, data_dir: str, hang_in: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    database = Database(url)
    leg = LeavesTraces(int(hang_in))
    signal.signal(signal.SIGCONT, lambda *_: leg.woken.set())
    with FolderSeat(Path(data_dir)):
        threads = Threads(
            database,
            {JobType.EXTRACTION: leg},
            lambda: datetime.now(UTC),
            lambda book: None,
            pace=Pace(look_every=0.1),
            is_seated=lambda: not leg.woken.is_set(),
        )
        threads.start()
        say("started")
        while has_work(database) and (threads._runs or not leg.woken.is_set()):
            time.sleep(0.02)
        threads.stop(5)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def has_work(database: Database) -> bool:
    with database.read() as session:
        return bool(ledger.active_jobs(session))


if __name__ == "__main__":
    main(*sys.argv[1:])
