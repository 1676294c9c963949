"""Where log events go: standard error, readable in a terminal and JSON elsewhere."""

import logging
import sys

import structlog


def configure(level: int = logging.INFO) -> None:
    """Send events of this level and above to standard error."""
    is_terminal = sys.stderr.isatty()
    form = _for_a_terminal() if is_terminal else structlog.processors.JSONRenderer()
    as_text = [] if is_terminal else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *as_text,
            form,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked anew each time: the stream may have been replaced since.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )


def _for_a_terminal() -> structlog.dev.ConsoleRenderer:
    # The default shows the variables of every frame, and with them passwords and keys.
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
