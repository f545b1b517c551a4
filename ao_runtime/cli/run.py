"""Evaluates what was given, one after the other, and shows each result as soon as it is there."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..errors import InputError, LoadError, ProcessError
from ..models import Result
from ..process import Process
from ..state import skipped
from . import show
from .documents import Given
from .options import Asked
from .progress import progress
from .start import beside, is_kept, start
from .watchdog import Watchdog

if TYPE_CHECKING:
    from ..state import Progress

__all__ = ["Check", "EvalCode", "run"]

#: Messages for which there is a bar, where stdout goes elsewhere.
_MANY = 64


#: Messages of a start, at most: the process's own, and the Eval that brings its code.
_STARTING = 2


class Check(Protocol):
    """Something that is expected between two messages."""

    def unmet(self, process: Process, results: Sequence[Result]) -> Sequence[object]:
        """What is not so, each in words, with the results so far, the start's among them."""


class EvalCode(NamedTuple):
    """Code that the owner evaluates."""

    code: str | bytes


def run(given: Sequence[Given | EvalCode | Check], asked: Asked) -> int:
    """Evaluates all that was given; the exit code."""
    if given and isinstance(given[0], Given):
        asked = beside(asked, given[0].wire)
    if asked.module is None:
        return Run(given, asked).all()
    with show.log():
        return Run(given, asked).all()


class Run:
    """One run of the command."""

    def __init__(self, given: Sequence[Given | EvalCode | Check], asked: Asked) -> None:
        """Nothing is evaluated yet."""
        self._given = [item for item in given if isinstance(item, (Given, EvalCode))]
        #: What is expected after so many messages.
        self._checks: dict[int, list[Check]] = {}
        count = 0
        for item in given:
            if isinstance(item, (Given, EvalCode)):
                count += 1
            else:
                self._checks.setdefault(count, []).append(item)
        self._results: list[Result] = []
        self._asked = asked
        self._now = "the process's own message"
        # In a child process whatever does not end is ended, and the process goes on working.
        self._watchdog = Watchdog(None if asked.isolate else asked.limits.seconds, self._last_words)
        self._spent = 0.0

    def all(self) -> int:
        """Starts the process, and evaluates everything."""
        first = self._given[0]
        # A process that goes on may have to evaluate many messages again, of which all have ended.
        kept = is_kept(self._asked)
        watched = nullcontext() if kept else self._watchdog.watch()
        with watched:
            begin = time.perf_counter()
            process, own, code = start(self._asked, first.wire if isinstance(first, Given) else None)
            took = time.perf_counter() - begin
        self._spent = took
        with process:
            started = process.spawn_result if process.count <= _STARTING else None
            if not self._more(process, own, kept):
                return LoadError.exit_code
            worst = 0
            if started is not None:
                self._warn(started, None)
                self._explain("start", started, took, {"Id": process.id, "Owner": process.owner})
                if started.failure is not None:
                    show.failed_start(started)
                    worst = show.exit_code(started)
            return max(worst, self._each(process, own, code))

    def _more(self, process: Process, own: dict[str, Any] | None, kept: bool) -> bool:
        """Evaluates what code there is besides the process's first file, as its owner does; False where some fails."""
        asked = self._asked
        if own is not None and len(asked.processes) > 1:
            raise InputError("the first message is the process's own: only one file can be its code", field="--process")
        if not kept or process.count <= 1:
            return all(self._loaded(process.eval_file(file), file) for file in asked.processes[1:])
        # It was kept, and the files are in it.
        changed = process.changed_modules()
        if asked.reload:
            modules = all(self._loaded(process.reload_module(name), name) for name in changed)
            return modules and all(self._loaded(process.eval_file(file), file) for file in asked.processes)
        if changed and asked.for_people:
            names = ", ".join(changed)
            show.warn(f"{names}: the file has changed since the process has read it, and it has the old one (--reload)")
        return True

    def _loaded(self, result: Result, what: str) -> bool:
        if result.failure is not None:
            show.load_error(LoadError.of(result.failure))
            return False
        self._warn(result, what)
        return True

    def _warn(self, result: Result, what: str | None) -> None:
        """Says on stderr what is suspicious about a result."""
        if self._asked.for_people:
            for warning in result.warnings:
                show.warn(warning, what)

    def _each(self, process: Process, own: dict[str, Any] | None, code_of_file: dict[str, Any] | None) -> int:
        many = len(self._given) >= _MANY and not sys.stdout.isatty()
        with progress("evaluating") if many else nullcontext() as tell:
            return self._all_of(process, own, code_of_file, tell)

    def _all_of(
        self,
        process: Process,
        own: dict[str, Any] | None,
        code_of_file: dict[str, Any] | None,
        tell: Progress | None,
    ) -> int:
        worst = code = 0
        for number, item in enumerate(self._given, 1):
            if tell is not None and (number % 32 == 1 or number == len(self._given)):
                tell(number, len(self._given))
            first = number == 1 and own is not None
            dry = self._asked.dry_run and not first
            if isinstance(item, Given) and item.node is not None and not first and not dry:
                code = self._scheduled(process, item, item.node, number)
                worst = max(worst, code)
                continue
            wire = dict(own) if first and own is not None else _wire(process, item)
            result = self._evaluate(process, item, wire, str(number), dry=dry)
            code = show.exit_code(result)
            if number == 1 and own is not None:
                if code == ProcessError.exit_code and self._asked.process is not None:
                    code = LoadError.exit_code
                if code_of_file is not None:
                    brought = process.handle(code_of_file)
                    if brought.failure is not None:
                        raise LoadError.of(brought.failure)
            worst = max(worst, self._checked(process, number, result, code))
        # After a failed message the state would have to be made again for a look.
        if self._asked.for_people and not self._asked.dry_run and not code:
            for waiting in process.waiting:
                show.still_waits(waiting)
        return worst

    def _checked(self, process: Process, number: int, result: Result, code: int) -> int:
        """Look at what is expected after a message; the exit code for it."""
        checks = self._checks.get(number)
        if not self._checks:
            return code
        self._results.append(result)
        unmet = [one for check in checks or () for one in check.unmet(process, self._results)]
        for one in unmet:
            show.complain(str(one))
        if unmet:
            return max(code, ProcessError.exit_code)
        expected = any(getattr(check, "is_of_error", False) for check in checks or ())
        return 0 if expected else code

    def _scheduled(self, process: Process, item: Given, node: dict[str, Any], number: int) -> int:
        """Evaluates what a compute unit does for a scheduler's node; the exit code."""
        worst = 0
        try:
            for message, tick in process.scheduled(node, cron=self._asked.cron):
                if message is None:
                    self._skipped(item, number)
                    continue
                name = str(number) if tick is None else f"{number}, cron {tick}"
                result = self._evaluate(process, item if tick is None else None, message, name, dry=False)
                worst = max(worst, show.exit_code(result))
        except InputError as error:
            raise error.within(file=item.file, line=item.line) from None
        return worst

    def _skipped(self, item: Given, number: int) -> None:
        """Shows that a message is not evaluated, for the process has had it."""
        if self._asked.json:
            show.json_line(skipped())
        elif self._asked.report is not None:
            show.report_line(skipped(), item.wire, (), 0.0)
        else:
            show.skipped(item.wire, number if len(self._given) > 1 else None)

    def _evaluate(
        self, process: Process, item: Given | EvalCode | None, given: dict[str, Any], number: str, *, dry: bool
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
        if isinstance(item, Given):
            result.keys = item.keys
        # A dry run leaves nobody waiting, and a failed message nothing at all.
        waits = () if dry or not result.ok else process.waiting
        since = process.count - 1
        if self._asked.json:
            show.json_line(result)
        elif self._asked.report is not None:
            show.report_line(result, wire, waits, took)
        else:
            many = len(self._given) > 1
            wide = self._asked.wide
            show.for_people(result, wire, number=number if many else None, limits=process.limits, wide=wide)
            for waiting in waits:
                if waiting.since == since:
                    show.waits(waiting)
            self._warn(result, f"message {number}, {show.name_of(wire)}" if many else None)
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
