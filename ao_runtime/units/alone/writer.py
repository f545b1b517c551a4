"""`Writer`: the one thread that writes; what comes together is on the disk by one commit."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ...errors import AoError, JournalError, RefusedError
from ..worker import LOG
from .database import Database

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Writer"]

_T = TypeVar("_T")
#: Jobs of one commit.
_TOGETHER = 500


class _Job(NamedTuple):
    do: Callable[[sqlite3.Connection], Any]
    loop: asyncio.AbstractEventLoop
    told: asyncio.Future[Any]


class Writer:
    """Does jobs in the order in which they come, all that wait in one transaction.

    A job that raises a `RefusedError` must have written nothing; where anything else goes wrong, nothing of the
    transaction is kept, and `undone` is called.
    """

    def __init__(self, database: Database, undone: Callable[[], None]) -> None:
        self._database = database
        self._undone = undone
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ao-writer", daemon=True)
        self._thread.start()

    async def do(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """What a job gives, when it is on the disk. Raises what it raises; `JournalError` where it cannot be kept."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[_T] = loop.create_future()
        self._jobs.put(_Job(job, loop, told))
        return await told

    def close(self) -> None:
        """Do what waits, and end."""
        self._jobs.put(None)
        self._thread.join()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        while True:
            batch = [self._jobs.get()]
            with suppress(queue.Empty):
                while len(batch) < _TOGETHER:
                    batch.append(self._jobs.get_nowait())
            jobs = [one for one in batch if one is not None]
            if jobs:
                self._commit(jobs)
            if len(jobs) < len(batch):
                return

    def _commit(self, jobs: list[_Job]) -> None:
        results: list[tuple[Any, AoError | None]] = []
        try:
            with self._database.writing() as connection:
                for job in jobs:
                    try:
                        results.append((job.do(connection), None))
                    except RefusedError as error:
                        results.append((None, error))
        except Exception as error:
            LOG.error("nothing could be written: %s", error, exc_info=not isinstance(error, AoError))
            self._undone()
            problem = error if isinstance(error, AoError) else JournalError("could not be written")
            results = [(None, problem)] * len(jobs)
        loop = jobs[0].loop
        # A loop that has ended has nobody who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, [(job.told, *result) for job, result in zip(jobs, results, strict=True)])


def _tell(results: list[tuple[asyncio.Future[Any], Any, AoError | None]]) -> None:
    for told, value, error in results:
        if told.done():
            continue
        if error is None:
            told.set_result(value)
        else:
            told.set_exception(error)
