"""Waiting for what was submitted: how far it is, and its outputs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ..colonies import CANCELLED, FAILED, RUNNING, SUCCESS, Colonies, Process
from ..errors import RPCError
from .data import Data, read_reference
from .reporter import PROGRESS
from .submitting import Submitted

__all__ = ["read_text", "results_of", "wait"]

#: Seconds between two looks: at first, and at most.
_SOONEST, _LATEST = 0.1, 2.0
#: Seconds without an answer after which the server is taken for gone.
_SILENCE = 60.0


def wait(
    colonies: Colonies,
    submitted: Submitted,
    *,
    progress: Callable[[int, int], object] | None = None,
    seconds: float | None = None,
) -> list[dict[str, Any]]:
    """The outputs of the processes that are the answer, one object each, when all of them are done.

    `progress` is told how much of how much is done, in messages, as far as executors say. Raises `RPCError` where one
    of them has failed, with what it says; where the server does not answer for a minute; and where it is not all done
    in `seconds`.
    """
    end = None if seconds is None else time.monotonic() + seconds
    far = _Progress(colonies, len(submitted.processes))
    outputs: dict[str, Any] = {}
    open_ = dict(submitted.processes)
    pause = _SOONEST
    heard = time.monotonic()
    while open_:
        for name, processid in list(open_.items()):
            try:
                process = colonies.get_process(processid)
            except RPCError as error:
                if not error.conn_err() or time.monotonic() > heard + _SILENCE:
                    raise
                break
            heard = time.monotonic()
            if process.state in (FAILED, CANCELLED):
                raise _failure(colonies, process, open_)
            if process.state == SUCCESS:
                outputs[processid] = process.output
                del open_[name]
            far.see(process)
        if progress is not None:
            progress(*far.told)
        if open_:
            if end is not None and time.monotonic() > end:
                raise RPCError(f"{len(open_)} of {len(submitted.processes)} jobs are not done in {seconds:g} s")
            time.sleep(pause)
            pause = min(1.5 * pause, _LATEST)
    return [_object(outputs[processid], processid) for processid in submitted.answers]


def results_of(data: Data, output: dict[str, Any]) -> list[str]:
    """The results of `evaluate` and `replay`, as JSON texts. Raises `InputError` where the file of them is not here."""
    found = output.get("results")
    if isinstance(found, list):
        return [str(text) for text in found]
    return data.read(read_reference(found, "results")).decode().splitlines()


def read_text(data: Data, value: Any) -> Any:
    """A report, from its text or from the file of it. Raises `InputError` where that is not here."""
    text = value if isinstance(value, str) else data.read(read_reference(value, "report")).decode()
    return json.loads(text)


class _Progress:
    """How far all processes are: what their channels say, and those that are done."""

    def __init__(self, colonies: Colonies, count: int) -> None:
        self._colonies = colonies
        self._count = count
        self._said: dict[str, tuple[int, int]] = {}
        self._done: set[str] = set()
        self._seen: dict[str, int] = {}
        self._most = 0

    @property
    def told(self) -> tuple[int, int]:
        """So much of so much: parts of which nothing is known are as large as the others. Never less than before."""
        known = [of for _, of in self._said.values()]
        typical = sum(known) // len(known) if known else 1
        done = sum(done for done, _ in self._said.values())
        done += sum(typical for processid in self._done if processid not in self._said)
        self._most = max(self._most, done)
        return self._most, max(self._most, sum(known) + typical * (self._count - len(known)))

    def see(self, process: Process) -> None:
        """A process as it is now."""
        id = process.processid
        if process.state == SUCCESS:
            self._done.add(id)
            if id in self._said:
                self._said[id] = (self._said[id][1], self._said[id][1])
        if process.state != RUNNING or PROGRESS not in process.spec.channels:
            return
        try:
            entries = self._colonies.channel_read(id, PROGRESS, self._seen.get(id, 0), 0)
        except RPCError:
            return
        self._seen[id] = self._seen.get(id, 0) + len(entries)
        for entry in entries:
            try:
                said = json.loads(entry.payload_as_string())
                self._said[id] = int(said["done"]), int(said["of"])
            except (ValueError, TypeError, KeyError):
                continue


def _object(output: Any, processid: str) -> dict[str, Any]:
    if not isinstance(output, list) or len(output) != 1 or not isinstance(output[0], dict):
        raise RPCError(f"the process {processid} was closed with an output that is none of ours")
    return output[0]


def _failure(colonies: Colonies, process: Process, open_: dict[str, str]) -> RPCError:
    """What is to be told of a failed process. In a workflow all fail with the first: that one has the words."""
    if not process.errors:
        for processid in open_.values():
            try:
                other = colonies.get_process(processid)
            except RPCError:
                continue
            if other.state == FAILED and other.errors:
                process = other
                break
    why = "; ".join(process.errors) or "the server says no more"
    return RPCError(f"the job {process.spec.label or process.processid} has failed: {why}")
