"""`ao-run net verify`: whether a network's folder holds what it should."""

from __future__ import annotations

import click

from ...errors import ProcessError
from ..text import document, echo, harmless
from .opening import folder_argument, json_option, reading

__all__ = ["verify"]


@click.command("verify", short_help="Count all orders and hash chains again, and evaluate every process again.")
@folder_argument
@click.option("--workers", metavar="N", type=click.IntRange(1), help="Child processes. [as many as processors]")
@json_option
def verify(folder: str, workers: int | None, as_json: bool) -> int:
    """Count the order and the hash chain of every process in FOLDER again, look for what sent each message, and
    evaluate every process again in child processes, several at a time.

    What is not as it should be is told with its process and message, and the exit code is 1. With --json:
    {"processes", "messages", "compared", "same", "problems"}. Messages that had hit a limit on time or memory are not
    compared: that is of one machine.

    \b
    ao-run net verify town
    """
    from ..progress import progress

    with reading(folder) as network, progress("verifying") as tell:
        report = network.verify(workers, tell)
    if as_json:
        document(report.to_dict())
    else:
        for problem in report.problems:
            echo(harmless(problem))
        left_out = report.messages - report.compared
        less = f" ({left_out} hit a limit on time or memory, and are not compared)" if left_out and report.same else ""
        count = len(report.problems)
        words = "all as recorded" if report.same else f"{count} problem{'s' if count > 1 else ''}"
        echo(f"{report.processes} processes, {report.messages} messages: {words}{less}")
    return 0 if report.same else ProcessError.exit_code
