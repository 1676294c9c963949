"""What a log says in a terminal, and what it keeps to itself."""

import io
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
import structlog

from hornbook.cli import logs


class Screen(io.StringIO):
    """A stream that is read by a human."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def kept_settings() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def connect(_address: str) -> None:
    raise ConnectionError("no answer")


@pytest.mark.usefixtures("kept_settings")
def test_a_fault_in_a_terminal_is_told_without_the_passwords_it_was_met_with():
    screen, password = Screen(), "S3CRET"
    with redirect_stderr(screen):
        logs.configure()
        try:
            connect(f"postgresql://hornbook:{password}@127.0.0.1/x")
        except ConnectionError:
            structlog.get_logger().exception("job.left")

    said = screen.getvalue()

    assert "job.left" in said
    assert "ConnectionError: no answer" in said
    assert "S3CRET" not in said
