"""The command `ao-run`: evaluates messages from files, and shows what comes out. One file a command."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The entry point: runs the command line, and ends the Python process with its exit code."""
    from .main import cli

    cli(prog_name="ao-run")
