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
from ..network import Network

__all__ = ["LOG", "Worker"]

LOG = logging.getLogger("ao_runtime.units")
#: Seconds between two looks at the ticks of monitored processes.
POLL = 1.0

_T = TypeVar("_T")


class Worker:
    """Does what requests ask for, in their order, and delivers what is on its way in between: one delivery a request.

    A network is used by one thread at a time, and no evaluation may keep the server from listening: this is the thread.
    """

    def __init__(self, network: Network, poll: float = POLL) -> None:
        self._network = network
        self._poll = poll
        self._jobs: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
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
        future: Future[_T] = Future()
        with self._changed:
            if self._closing:
                raise RuntimeError("the server is closing")
            self._jobs.append((future, job))
            self._changed.notify()
        return future

    def close(self) -> None:
        """Do what was asked for, and end. What is on its way stays so."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

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
                job = self._jobs.popleft() if self._jobs else None
            if job is not None:
                _do(*job)
            if self._may_deliver() and not self._closing:
                self._attempt(self._deliver)
            if time.monotonic() >= due:
                if self.problem is None:
                    self._attempt(self._tick)
                due = time.monotonic() + self._poll

    def _may_deliver(self) -> bool:
        return self.problem is None and bool(self._network.messenger.pending)

    def _deliver(self) -> None:
        self._network.step()
        self.delivered += 1

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
            LOG.error("nothing is delivered any more: %s", error)
        except AoError as error:
            LOG.error("%s", error)
            self._pass_over(head)
        except Exception:
            LOG.exception("a delivery failed")
            self._pass_over(head)

    def _pass_over(self, head: Any) -> None:
        """A delivery that failed comes back to the head of the queue: it must not stay there for good."""
        pending = self._network.messenger.pending
        if pending and pending[0] is head:
            pending.popleft()


def _do(future: Future[Any], job: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(job())
    except BaseException as error:
        future.set_exception(error)
