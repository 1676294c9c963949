"""The command line: `commands` lists what an operator can do."""

from hornbook.cli.commands import main

__all__ = ["main"]
