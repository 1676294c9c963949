"""A server that waits long for nothing: `python -m tests.survival.hasty --port N`."""

import sys
from functools import partial

from hornbook import engine_room
from hornbook.cli import main
from hornbook.engines.workshop import Workshop
from hornbook.jobs import threads
from hornbook.jobs.retry import Patience

SECONDS_A_PAGE_MAY_TAKE = 5.0
"""A new child takes a good part of it on a busy machine, before it reads anything."""

if __name__ == "__main__":
    engine_room.Workshop = partial(Workshop, deadline=SECONDS_A_PAGE_MAY_TAKE)
    threads.Patience = partial(Patience, waits=(0.01, 0.01))
    sys.argv[1:1] = ["serve"]
    main()
