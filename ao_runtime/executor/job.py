"""One attempt at a job: what it was given, how long it may go on, and whether it is still ours to write down."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..colonies import RUNNING, Colonies, Process
from ..errors import InputError, JournalError, RPCError
from ..isolation import Pool
from ..models import Limits
from ..state import WASM_INSTRUCTIONS
from ..store import Store
from .data import Data
from .lease import Lease, clock

if TYPE_CHECKING:
    from types import TracebackType

_N = TypeVar("_N", int, float)

__all__ = ["DroppedError", "Job", "is_ours"]

#: Seconds between two tries to have a journal that somebody else is writing, and two calls that got no answer.
_PAUSE = 0.05
_CALL_PAUSE = 0.5
#: Seconds between two looks at the clock.
_TICK = 0.05


class DroppedError(Exception):
    """An attempt is given up; the server gives the process to somebody else when its lease is over. Says why."""


def is_ours(attempt: Process, now: Process) -> bool:
    """Whether a process, as it is now, is still this attempt at it.

    The executor is not enough: the same key may have got it again. Nor are the retries, which not every way back into
    the queue raises.
    """
    return (
        now.state == RUNNING
        and now.processid == attempt.processid
        and now.assignedexecutorid == attempt.assignedexecutorid
        and now.starttime == attempt.starttime
    )


class Job:
    """An attempt at a process: `process` as it was read right after it was assigned, at `begun` (of `clock`).

    `most` are the executor's own limits, within which a job may set tighter ones. To be used as a context manager: the
    evaluation is ended when the lease is about to be over, and its children with it.
    """

    def __init__(self, process: Process, begun: float, colonies: Colonies, data: Data, most: Limits) -> None:
        self.process = process
        self.kwargs: Mapping[str, Any] = process.spec.kwargs
        self.data = data
        self.lease = Lease(process, begun)
        self._colonies = colonies
        self._most = most
        #: The children that this job's code is evaluated in, and nobody else's.
        self.pool = Pool(1)
        #: How much of how much is done; who reports it looks here.
        self.done, self.of = 0, 0
        self._why: str | None = None
        self._ended = threading.Event()
        self._writing = False
        #: When (of `clock`) it is to end, whatever its lease is; whoever sets it may be a signal's handler.
        self.end_by = inf

    # ── how long it goes on ────────────────────────────────────────────────────────────────────────────────────

    def __enter__(self) -> Job:
        """From now on the time is looked at."""
        threading.Thread(target=self._look, name="ao-executor-lease", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Whatever is still evaluated is ended."""
        self._ended.set()
        self.pool.close()

    def _look(self) -> None:
        while not self._ended.wait(_TICK):
            if self.lease.for_work <= 0:
                self.cancel("its time is over")
            elif clock() >= self.end_by:
                self.cancel("this executor ends")

    def cancel(self, why: str) -> None:
        """Give the attempt up, unless it is being written down. From any thread."""
        if self._why is None and not self._writing:
            self._why = why
            self.pool.close()

    @property
    def cancelled(self) -> str | None:
        """Why it was given up; None while it was not."""
        return self._why

    def check(self) -> None:
        """Raises `DroppedError` where it was given up."""
        if self._why is not None:
            raise DroppedError(self._why)

    def progress(self, done: int, of: int) -> None:
        """So much of so much is done. Raises `DroppedError` where the attempt was given up."""
        self.done, self.of = done, of
        self.check()

    # ── what it may use ────────────────────────────────────────────────────────────────────────────────────────

    def limits(self, given: Any = None, *, wasm: bool = False) -> Limits:
        """The limits that a job asks for, each no more than the executor's own, and hard.

        `wasm` is for published modules, whose instructions are smaller and more. Raises `InputError` for what is none.
        """
        instructions = self._most.instructions or (WASM_INSTRUCTIONS if wasm else Limits().instructions)
        most = {"instructions": instructions, "memory": self._most.memory, "seconds": self._most.seconds}
        if given is not None and (not isinstance(given, dict) or set(given) - set(most)):
            raise InputError("may be " + ", ".join(most), field="limits", advice='{"seconds": 5}')
        try:
            asked = Limits.read({**most, **(given or {})})
        except InputError as error:
            raise error.within("limits") from None
        return Limits(
            _least(asked.instructions, instructions),
            _least(asked.memory, self._most.memory),
            _least(asked.seconds, self._most.seconds),
            hard=True,
        )

    # ── writing it down ────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def writing(self, path: Path) -> Iterator[Store]:
        """The journal, open for writing, while the process is this attempt's and there is time: what fences it.

        The journal's lock is taken first, so that nobody else writes after we have asked. Raises `DroppedError` where
        the process is another attempt's, or time is over.
        """
        with self._locked(path) as store:
            self.still_ours()
            if self.lease.for_writing <= 0:
                raise DroppedError("there is no time left to write it down")
            self.check()
            self._writing = True
            yield store

    def still_ours(self) -> None:
        """Ask the server. Raises `DroppedError` where the process is another attempt's, or nobody answers in time."""
        while True:
            try:
                now = self._colonies.get_process(self.process.processid)
            except RPCError as error:
                if not error.conn_err():
                    raise DroppedError(f"the server says: {error}") from None
                if self.lease.for_writing <= _CALL_PAUSE:
                    raise DroppedError("the server does not answer") from None
                time.sleep(_CALL_PAUSE)
                continue
            if not is_ours(self.process, now):
                raise DroppedError("it has been given to somebody else, or was taken back")
            return

    @contextmanager
    def _locked(self, path: Path) -> Iterator[Store]:
        while True:
            try:
                store = Store.open(path)
                break
            except JournalError as error:
                if not error.busy:
                    raise DroppedError(str(error)) from None
            if self.lease.for_writing <= _PAUSE:
                raise DroppedError("the journal was being written by somebody else all the time")
            self.check()
            time.sleep(_PAUSE)
        try:
            yield store
        finally:
            with suppress(JournalError):
                store.close()


def _least(one: _N | None, other: _N | None) -> _N | None:
    """The tighter of two limits; None is no limit."""
    return other if one is None else one if other is None else min(one, other)
