"""What is printed: results on stdout, for people or as JSON; everything else on stderr."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from ..errors import CodeError, ProcessError
from ..models import Failure, Limits, Result, Waiting, printed_in
from ..models import explain as places
from .table import table
from .text import document, echo, emphasis, harmless, plain, short, style, value

__all__ = [
    "complain",
    "exit_code",
    "explain",
    "for_people",
    "json_line",
    "load_error",
    "log",
    "name_of",
    "report_line",
    "skipped",
    "still_waits",
    "waits",
    "warn",
]

_RAISE = {
    "instructions": ("--limit-instructions", "instructions"),
    "memory": ("--limit-memory", "memory"),
    "time": ("--limit-seconds", "seconds"),
}


def json_line(result: Result) -> None:
    """A result in wire form, on one line of stdout, in UTF-8 whatever the terminal speaks."""
    click.echo(result.to_json(gas=True).encode())


def report_line(result: Result, wire: dict[str, Any], waits: Sequence[Waiting], seconds: float) -> None:
    """All that is known of a message, as one object on one line of stdout."""
    failure = result.failure
    found = {
        "message": wire,
        "result": result.to_dict(),
        "failure": None if result.ok else {"message": result.error} if failure is None else failure.to_dict(),
        "waits": [waiting.to_dict() for waiting in waits],
        "warnings": list(result.warnings),
        "seconds": round(seconds, 6),
        "instructions": result.gas_used,
    }
    document(found)


def waits(waiting: Waiting) -> None:
    """A handler has stopped in this message: it waits for another one."""
    echo(f"{style('waits', fg='magenta')}    for {harmless(str(waiting))}{_in(waiting)}")


def still_waits(waiting: Waiting) -> None:
    """At the end, on stderr: who waits, and since which message."""
    since = "" if waiting.since is None else f" since message {waiting.since}"
    echo(style(f"still waiting{since}{_in(waiting)}: for {harmless(str(waiting))}", dim=True), err=True)


def _in(waiting: Waiting) -> str:
    return f", in handler {harmless(waiting.handler)}" if waiting.handler not in (None, "_eval", "_boot") else ""


def warn(text: str, what: str | None = None) -> None:
    """`warning: …` on stderr; `what` says of which message."""
    where = f"{harmless(what)}: " if what else ""
    echo(f"{style('warning:', fg='yellow', bold=True)} {where}{harmless(text)}", err=True)


def for_people(
    result: Result, wire: dict[str, Any], *, number: str | None, limits: Limits | None, wide: bool = False
) -> None:
    """A result as people read it: what was printed, what was sent; an error goes to stderr.

    `limits` are those that an option can change; `wide` cuts nothing short.
    """
    if number is not None:
        echo(style(f"── {number} · {name_of(wire)}", dim=True))
    error = result.error
    text = result.text if error is None else printed_in(error)
    if text:
        echo(harmless(text))
    if error is not None:
        # Whoever reads only one of both sees that it failed, and which one.
        echo(style("(failed)", fg="red"))
        _failed(result, error, wire, limits, "" if number is None else f"message {number}, {name_of(wire)}: ")
        return
    lines = list(table(result, wide=wide))
    for line in lines:
        echo(line)
    if not (text or lines):
        echo(style("(no output, nothing sent)", dim=True))


def skipped(wire: dict[str, Any], number: int | None) -> None:
    """A message of a scheduler's that the process has had before."""
    if number is not None:
        what = name_of(wire) if "From" in wire else "an assignment"
        echo(style(f"── {number} · {what}", dim=True))
    echo(style("(skipped: the process has had this message)", dim=True))


def exit_code(result: Result) -> int:
    """What the command ends with, should this be the worst result."""
    if result.ok:
        return 0
    failure = result.failure
    return ProcessError.exit_code if failure is None else ProcessError.of(failure).exit_code


def name_of(wire: dict[str, Any]) -> str:
    """A message in a few words: `Transfer from bob`."""
    action = next((tag["value"] for tag in wire["Tags"] if tag["name"] in ("Action", "action")), None)
    what = value(action) if action is not None else "message"
    return f"{what} from {short(wire.get('From') or wire.get('Owner') or '?')}"


def _failed(result: Result, error: str, wire: dict[str, Any], limits: Limits | None, which: str) -> None:
    failure = result.failure
    if failure is None:
        complain(which + plain(error).strip())
        return
    complain(which + plain(failure.message))
    _places(failure, wire.get("Data"))
    if failure.limit is not None and limits is not None:
        option, name = _RAISE[failure.limit]
        echo(f"  the limit was {getattr(limits, name)}; {option} sets another", err=True)


def load_error(error: CodeError) -> None:
    """The process's code cannot be loaded."""
    complain(f"the process's code cannot be loaded: {plain(error.message)}")
    _places(error)
    if error.limit is not None:
        echo(f"  {_RAISE[error.limit][0]} sets another limit", err=True)


def failed_start(result: Result) -> None:
    """The process's own message has ended in an error, which keeps no other from being evaluated."""
    failure = result.failure
    assert failure is not None
    complain(f"the process's own message: {plain(failure.message)}")
    _places(failure)
    echo("  it has left no trace, and the messages are evaluated", err=True)


def _places(failure: Failure | CodeError, code: Any = None) -> None:
    """Where it failed, on stderr."""
    for line in places(failure, code, emphasis):
        echo(line, err=True)


def complain(text: str) -> None:
    """`error: …` on stderr."""
    echo(f"{style('error:', fg='red', bold=True)} {harmless(text)}", err=True)


class _Log(logging.Handler):
    """The host's log: stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """A line that a module of the project's own printed."""
        echo(style(harmless(record.getMessage()), dim=True), err=True)


@contextmanager
def log() -> Iterator[None]:
    """In here, what a module of the project's own prints goes to stderr."""
    logger, handler = logging.getLogger("ao_runtime.print"), _Log()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def explain(what: str, result: Result, seconds: float, filled: dict[str, Any], limits: Limits) -> None:
    """What an evaluation took, and what was filled in, on stderr."""
    most = f" of {limits.instructions}" if limits.instructions is not None else ""
    echo(style(f"{what}: {result.gas_used} instructions{most}, {seconds * 1000:.1f} ms", dim=True), err=True)
    given = ", ".join(f"{name}={value(item)}" for name, item in filled.items())
    if given:
        echo(style(f"  filled in: {given}", dim=True), err=True)
