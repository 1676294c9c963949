"""A server whose study plans take a while: `python -m tests.survival.pondering FILE --port N`.

FILE gets a line for each plan that is begun.
"""

import sys
import time
from pathlib import Path

from hornbook import engine_room
from hornbook.cli import main
from hornbook.engines.offline_plan import OfflinePlanner

SECONDS_A_PLAN_TAKES = 0.3


class Pondering(OfflinePlanner):
    """Thinks before it plans, and says of what."""

    def plan(self, teachable):
        with begun.open("a") as file:
            file.write(f"{teachable.title}\n")
        time.sleep(SECONDS_A_PLAN_TAKES)
        return super().plan(teachable)


if __name__ == "__main__":
    begun = Path(sys.argv.pop(1))
    engine_room.OfflinePlanner = Pondering
    sys.argv[1:1] = ["serve"]
    main()
