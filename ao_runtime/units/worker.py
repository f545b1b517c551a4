"""`Worker`: the one thread in which everything with a network is done."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from ..errors import AoError, JournalError
from ..items import DataItem
from ..models import harmless
from ..network import Evaluation, Network

__all__ = ["LOG", "Worker"]

LOG = logging.getLogger("ao_runtime.units")
#: Seconds between two looks at the ticks of monitored processes.
POLL = 1.0
#: Items that are received, and deliveries that are made, at a time.
_TOGETHER = 64

_T = TypeVar("_T")


class Worker:
    """Does what requests ask for, in their order, and delivers what is on its way in between.

    A network is used by one thread at a time, and no evaluation may keep the server from listening: this is the thread.
    """

    def __init__(self, network: Network, poll: float = POLL) -> None:
        self._network = network
        self._poll = poll
        #: What is to be done: a function, or an item that is to be received.
        self._jobs: deque[tuple[Future[Any], Callable[[], Any] | DataItem]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        #: Why nothing is delivered any more; None while all is well.
        self.problem: str | None = None
        #: How many were delivered.
        self.delivered = 0
        self._thread = threading.Thread(target=self._run, name="ao-network", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Have something done with the network; what it gives or raises is the future's."""
        return self._add(job)

    def receive(self, item: DataItem) -> Future[Evaluation]:
        """`Network.receive`; what waits is received together."""
        return self._add(item)

    def close(self) -> None:
        """Do what was asked for, and end. What is on its way stays so."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _add(self, job: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self._changed:
            if self._closing:
                raise RuntimeError("the server is closing")
            self._jobs.append((future, job))
            self._changed.notify()
        return future

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        due = time.monotonic() + self._poll
        while True:
            with self._changed:
                while not self._jobs and not self._closing and not self._may_deliver():
                    left = due - time.monotonic()
                    if left <= 0:
                        break
                    self._changed.wait(left)
                if self._closing and not self._jobs:
                    return
                jobs = self._next()
            if jobs:
                self._do(jobs)
            if self._may_deliver() and not self._closing:
                self._attempt(self._deliver)
            if time.monotonic() >= due:
                if self.problem is None:
                    self._attempt(self._tick)
                due = time.monotonic() + self._poll

    def _next(self) -> list[tuple[Future[Any], Callable[[], Any] | DataItem]]:
        """What is done next: all items that stand at the head of the queue, or one function."""
        found: list[tuple[Future[Any], Callable[[], Any] | DataItem]] = []
        while self._jobs and len(found) < _TOGETHER and isinstance(self._jobs[0][1], DataItem):
            found.append(self._jobs.popleft())
        if not found and self._jobs:
            found.append(self._jobs.popleft())
        return found

    def _do(self, jobs: list[tuple[Future[Any], Callable[[], Any] | DataItem]]) -> None:
        wanted = [(future, job) for future, job in jobs if future.set_running_or_notify_cancel()]
        items = [job for _, job in wanted if isinstance(job, DataItem)]
        if not items:
            for future, job in wanted:
                _attempt(future, job)
            return
        try:
            told: list[Any] = self._network.receive_all(items)
        except Exception as error:
            told = [error] * len(wanted)
        for (future, _), one in zip(wanted, told, strict=True):
            if isinstance(one, Exception):
                future.set_exception(one)
            else:
                future.set_result(one)

    def _may_deliver(self) -> bool:
        return self.problem is None and bool(self._network.messenger.pending)

    def _deliver(self) -> None:
        self.delivered += self._network.advance(_TOGETHER)

    def _tick(self) -> None:
        messenger = self._network.messenger
        for process in [*messenger.monitored]:
            messenger.poll(process)

    def _attempt(self, task: Callable[[], None]) -> None:
        """What goes wrong here has nobody to tell it to but the log."""
        pending = self._network.messenger.pending
        head = pending[0] if pending else None
        try:
            task()
        except JournalError as error:
            # What is on the disk is not known: it is found out when the folder is opened again.
            self.problem = str(error)
            LOG.error("nothing is delivered any more: %s", harmless(self.problem))
        except AoError as error:
            LOG.error("%s", harmless(str(error)))
            self._pass_over(head)
        except Exception:
            LOG.exception("a delivery failed")
            self._pass_over(head)

    def _pass_over(self, head: Any) -> None:
        """A delivery that failed comes back to the head of the queue: it must not stay there for good."""
        pending = self._network.messenger.pending
        if pending and pending[0] is head:
            pending.popleft()


def _attempt(future: Future[Any], job: Any) -> None:
    try:
        future.set_result(job())
    except BaseException as error:
        future.set_exception(error)
