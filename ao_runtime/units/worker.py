"""`Worker`: the one thread that keeps a network; it never waits for an evaluation."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from ..errors import AoError, JournalError
from ..models import harmless
from ..network import Lanes, Network, Steps
from .answers import Refusal
from .reply import Told

__all__ = ["LOG", "Worker"]

_T = TypeVar("_T")
LOG = logging.getLogger("ao_runtime.units")
#: Seconds between two looks at the ticks of monitored processes.
POLL = 1.0
#: Deliveries that are begun before requests are looked at again.
_TOGETHER = 64
#: Processes that are evaluated at a time, in children; more wait.
THREADS = 128
#: What may wait for one process before requests for it are refused.
MOST_WAITING = 256
#: Seconds for what is being evaluated when the server stops.
_PATIENCE = 5.0
#: Seconds between two looks at what is being evaluated.
_LOOK = 0.05


class Worker:
    """Does what requests ask for, in their order, and delivers what is on its way in between.

    A network is kept by one thread: this one. What takes long is done in the lane of its process (`network.lanes`).
    `stop` ends what is still evaluated when the server stops, and is to end soon.
    """

    def __init__(self, network: Network, stop: Callable[[], None] | None = None, poll: float = POLL) -> None:
        self._network = network
        self._stop = stop
        self._poll = poll
        #: What is to be done. No lock: appending and taking are whole by themselves.
        self._jobs: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._sleeps = False
        #: Whether the event loop is going to wake it.
        self._will_wake = False
        self._closing = False
        #: Why nothing is delivered any more; None while all is well.
        self.problem: str | None = None
        # Without children evaluations cannot be done at the same time.
        self.lanes = Lanes(network, self._post, 1 if network.pool is None else THREADS)
        self.lanes.failed = self._failed
        self._looked = 0.0
        # Where the clock is told to go on, it is written down; what is due then is found by the next look at the ticks.
        keeper = network.keeper
        network.clock.changed = None if keeper is None else keeper.changed
        self._thread = threading.Thread(target=self._run, name="ao-network", daemon=True)
        self._thread.start()

    @property
    def delivered(self) -> int:
        """How many were delivered."""
        return self.lanes.delivered

    def submit(self, job: Callable[[], Any], told: Told) -> None:
        """Have something done with the network that takes no time."""
        self._ask(partial(_attempt, job, told))

    def wait(self, job: Callable[[], _T]) -> _T:
        """Do something with the network that takes no time, and wait for it, whoever waits meanwhile: at the start."""
        done: Future[_T] = Future()
        # At once: an event loop that waits here could wake nobody later.
        self._post(partial(_attempt, job, done))
        return done.result()

    def take(self, process: str, steps: Callable[[], Steps[Any]], told: Told) -> None:
        """Have something done in steps that begins with an evaluation of `process`.

        `told` is told a `Refusal` (429) where too much waits for that one.
        """

        def done(value: Any, error: BaseException | None) -> None:
            if error is None:
                told.set_result(value)
            else:
                told.set_exception(error)

        def begin() -> None:
            if self._may_begin(process, told):
                try:
                    found = steps()
                except BaseException as error:
                    told.set_exception(error)
                else:
                    self.lanes.take(found, done)

        self._ask(begin)

    def beside(
        self, process: str, job: Callable[[], Any], told: Told, then: Callable[[Any], Any] | None = None
    ) -> None:
        """Have something done with one process between its messages, which may take long. As in `take`, 429.

        `told` is told what it gives, or what `then` makes of that in the network's thread, before anything else is done
        with the process.
        """

        def done(future: Future[Any]) -> None:
            _tell(told, future.result if then is None else lambda: then(future.result()))

        def begin() -> None:
            if self._may_begin(process, told):
                self.lanes.job(process, job).add_done_callback(done)

        self._ask(begin)

    def evaluated(self, process: str, message: str, told: Told) -> None:
        """Wait until a message that has a place was evaluated; nothing to wait for where there is no such place."""

        def look() -> None:
            if not told.set_running_or_notify_cancel():
                return
            try:
                place = self._network.scheduler.find(process, message)
            except BaseException as error:
                told.set_exception(error)
                return
            if place is None or self.lanes.is_evaluated(place):
                told.set_result(None)
            else:
                self.lanes.after(process, look)

        self._ask(look)

    def tick(self, process: str, told: Told) -> None:
        """Evaluate the ticks of a process that are due, and deliver what they send where it is monitored. 429."""
        messenger = self._network.messenger

        def push(_: None) -> None:
            if process in messenger.monitored:
                messenger.push_ticks(process)

        self.beside(process, partial(self._network.compute.tick, process), told, push)

    def tick_now(self, process: str, index: int, push: bool, told: Told) -> None:
        """Evaluate a tick of a process out of turn, and deliver what it sends if that is wanted. 429."""
        network = self._network
        job = partial(network.compute.tick_now, process, index, push)
        self.beside(process, job, told, lambda one: network.messenger.push_tick(one, push))

    def close(self) -> None:
        """Do what was asked for, and end. What is on its way stays so."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, job: Callable[[], None]) -> None:
        if self._closing:
            raise RuntimeError("the server is closing")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._post(job)
            return
        self._jobs.append(job)
        # What the event loop asks for at a time is begun together: each waking costs both threads a turn.
        if self._sleeps and not self._will_wake:
            self._will_wake = True
            loop.call_soon(self._wake_then)

    def _wake_then(self) -> None:
        self._will_wake = False
        self._wake()

    def _post(self, job: Callable[[], None]) -> None:
        self._jobs.append(job)
        self._wake()

    def _wake(self) -> None:
        # Looked at after a job was added, here, and before it sleeps, in `_wait`: one of the two sees the other.
        if self._sleeps:
            with self._changed:
                self._changed.notify()

    def _may_begin(self, process: str, told: Told) -> bool:
        if not told.set_running_or_notify_cancel():
            return False
        if self.lanes.waiting(process) < MOST_WAITING:
            return True
        told.set_exception(Refusal(429, f"{MOST_WAITING} messages and requests wait for this process: try again later"))
        return False

    def _run(self) -> None:
        due = time.monotonic() + self._poll
        while not self._closing:
            self._wait(due)
            self._work_off()
            if self.problem is None:
                self._deliver()
            if time.monotonic() >= due:
                if self.problem is None:
                    self._look_for_ticks()
                due = time.monotonic() + self._poll
        self._end()

    def _wait(self, due: float) -> None:
        """Until there is something to do."""
        while not (self._jobs or self._closing or self._may_deliver()):
            left = due - time.monotonic()
            if left <= 0:
                return
            if self.lanes.busy:
                self._look()
                left = min(left, _LOOK)
            with self._changed:
                self._sleeps = True
                if not self._jobs and not self._closing:
                    self._changed.wait(left)
                self._sleeps = False

    def _look(self) -> None:
        """Look at what is being evaluated, if that is not done too often: it may begin threads."""
        now = time.monotonic()
        if now - self._looked >= _LOOK / 2:
            self._looked = now
            self.lanes.look()

    def _work_off(self) -> None:
        for _ in range(len(self._jobs)):
            try:
                self._jobs.popleft()()
            except Exception:
                # What asked for it has been told, or never will be.
                LOG.exception("something failed")

    def _may_deliver(self) -> bool:
        return self.problem is None and bool(self._network.messenger.pending)

    def _deliver(self) -> None:
        pending = self._network.messenger.pending
        for _ in range(min(len(pending), _TOGETHER)):
            self.lanes.deliver(pending.popleft())
            if self.problem is not None:
                return

    def _look_for_ticks(self) -> None:
        for process in [*self._network.messenger.monitored]:
            # One that is busy is looked at the next time.
            if self.lanes.is_idle(process):
                done: Future[None] = Future()
                done.add_done_callback(self._ticked)
                self.tick(process, done)

    def _ticked(self, done: Future[None]) -> None:
        error = done.exception()
        if error is not None:
            self._log(error)

    def _failed(self, error: BaseException) -> None:
        """What a delivery failed with has nobody to tell it to but the log; it is at the head of the queue again."""
        self._log(error)
        if self.problem is None and not self._closing:
            # It must not stay there for good.
            self._network.messenger.pending.popleft()

    def _log(self, error: BaseException) -> None:
        if self._closing:
            return
        if isinstance(error, JournalError):
            # What is on the disk is not known: it is found out when the folder is opened again.
            if self.problem is None:
                LOG.error("nothing is delivered any more: %s", harmless(str(error)))
            self.problem = str(error)
        elif isinstance(error, AoError):
            LOG.error("%s", harmless(str(error)))
        else:
            LOG.error("a delivery failed", exc_info=error)

    def _end(self) -> None:
        """Let what is at work come to its end, for a while, and then end it."""
        self.lanes.close()
        until = time.monotonic() + _PATIENCE
        stop = self._stop
        while self.lanes.busy or self._jobs:
            if not self._jobs:
                time.sleep(0.005)
                self.lanes.look()
            self._work_off()
            if stop is not None and time.monotonic() > until:
                stop()
                stop = None
        self.lanes.end()


def _attempt(job: Callable[[], Any], told: Told) -> None:
    if told.set_running_or_notify_cancel():
        _tell(told, job)


def _tell(told: Told, job: Callable[[], Any]) -> None:
    try:
        value = job()
    except BaseException as error:
        told.set_exception(error)
    else:
        told.set_result(value)
