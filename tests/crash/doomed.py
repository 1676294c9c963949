"""A server that kills itself at a named point: `python doomed.py POINT COUNT --port N`.

The process ends by SIGKILL at the COUNT-th passing of the point, before anything that follows it.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

from hornbook.cli import main
from hornbook.library.objects import Objects
from hornbook.library.projection import Projector
from hornbook.workflows import reveal
from hornbook.workflows.finalize import FinalizationLeg
from hornbook.workflows.generate import ExtractionLeg
from hornbook.workflows.ocr import OcrLeg
from hornbook.workflows.upload import Uploads

POINTS: dict[str, tuple[Any, str]] = {
    "upload-object": (Objects, "put_new"),
    "upload-raw": (reveal, "keep_raw"),
    "upload-rows": (reveal.Reveal, "_have_read"),
    "upload-complete": (Uploads, "complete_request"),
    "ocr-read": (OcrLeg, "prepare"),
    "ocr-save": (OcrLeg, "save"),
    "ocr-finish": (OcrLeg, "finish"),
    "extraction-read": (ExtractionLeg, "prepare"),
    "extraction-save": (ExtractionLeg, "save"),
    "extraction-finish": (ExtractionLeg, "finish"),
    "finalization-save": (FinalizationLeg, "save"),
    "finalization-finish": (FinalizationLeg, "finish"),
    "projection": (Projector, "catch_up"),
}


def doom(kind: Any, method: str, at: int) -> None:
    """Make the `at`-th call of the method, once done, the last act of this process."""
    original: Callable[..., Any] = getattr(kind, method)
    calls = count(1)

    def dying(*args: Any, **named: Any) -> Any:
        result = original(*args, **named)
        if next(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(kind, method, dying)


if __name__ == "__main__":
    point, at = sys.argv[1:3]
    doom(*POINTS[point], int(at))
    sys.argv[1:3] = ["serve"]
    main()
