"""Evaluates what was given, one after the other, and shows each result as soon as it is there."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from ..errors import InputError, LoadError, ProcessError
from ..models import Result
from ..process import Process
from . import show
from .documents import Given
from .options import Asked
from .start import is_kept, start
from .watchdog import Watchdog

__all__ = ["EvalCode", "run"]


#: Messages of a start, at most: the process's own, and the Eval that brings its code.
_STARTING = 2


class EvalCode(NamedTuple):
    """Code that the owner evaluates."""

    code: str | bytes


def run(given: Sequence[Given | EvalCode], asked: Asked) -> int:
    """Evaluates all that was given; the exit code."""
    if asked.module is None:
        return Run(given, asked).all()
    with show.log():
        return Run(given, asked).all()


class Run:
    """One run of the command."""

    def __init__(self, given: Sequence[Given | EvalCode], asked: Asked) -> None:
        """Nothing is evaluated yet."""
        self._given = given
        self._asked = asked
        self._now = "the process's own message"
        # In a child process whatever does not end is ended, and the process goes on working.
        self._watchdog = Watchdog(None if asked.isolate else asked.limits.seconds, self._last_words)
        self._spent = 0.0

    def all(self) -> int:
        """Starts the process, and evaluates everything."""
        first = self._given[0]
        # A process that goes on may have to evaluate many messages again, of which all have ended.
        watched = nullcontext() if is_kept(self._asked) else self._watchdog.watch()
        with watched:
            begin = time.perf_counter()
            process, own, code = start(self._asked, first.wire if isinstance(first, Given) else None)
            took = time.perf_counter() - begin
        self._spent = took
        with process:
            worst = 0
            started = process.spawn_result
            if started is not None and process.count <= _STARTING:
                self._explain("start", started, took, {"Id": process.id, "Owner": process.owner})
                if started.failure is not None:
                    show.failed_start(started)
                    worst = show.exit_code(started)
            return max(worst, self._each(process, own, code))

    def _each(self, process: Process, own: dict[str, Any] | None, code_of_file: dict[str, Any] | None) -> int:
        worst = 0
        for number, item in enumerate(self._given, 1):
            wire = _wire(process, item)
            if number == 1 and own is not None:
                wire = own
            dry = self._asked.dry_run and (number > 1 or own is None)
            result = self._evaluate(process, item, wire, number, dry=dry)
            code = show.exit_code(result)
            if number == 1 and own is not None:
                if code == ProcessError.exit_code and self._asked.process is not None:
                    code = LoadError.exit_code
                if code_of_file is not None:
                    brought = process.handle(code_of_file)
                    if brought.failure is not None:
                        raise LoadError.of(brought.failure)
            worst = max(worst, code)
        return worst

    def _evaluate(
        self, process: Process, item: Given | EvalCode, given: dict[str, Any], number: int, *, dry: bool
    ) -> Result:
        wire = process.fill(given)
        self._now = show.name_of(wire)
        begin = time.perf_counter()
        try:
            # A message after a failed one may have to wait for all messages so far to be replayed.
            with self._watchdog.watch(allowance=self._spent):
                result = process.dry_run(given) if dry else process.handle(wire)
        except InputError as error:
            if isinstance(item, Given):
                raise error.within(file=item.file, line=item.line) from None
            raise
        took = time.perf_counter() - begin
        self._spent += took
        if self._asked.json:
            show.json_line(result)
        else:
            many = len(self._given) > 1
            show.for_people(result, wire, number=number if many else None, limits=process.limits)
        self._explain(f"message {number}", result, took, {k: v for k, v in wire.items() if k not in given})
        return result

    def _explain(self, what: str, result: Result, seconds: float, filled: dict[str, Any]) -> None:
        if self._asked.verbose:
            show.explain(what, result, seconds, filled, self._asked.limits)

    def _last_words(self) -> None:
        seconds = self._asked.limits.seconds
        text = f"the time limit of {seconds:g} s was hit by {self._now}, in code that cannot be interrupted"
        if self._asked.json:
            os.write(1, Result({"Error": text}).to_json(gas=True).encode() + b"\n")
        os.write(2, f"error: {text}; the command ends here (--limit-seconds gives more time)\n".encode())


def _wire(process: Process, item: Given | EvalCode) -> dict[str, Any]:
    if isinstance(item, Given):
        return dict(item.wire)
    return process.eval_message(item.code)
