"""`Threads`: few threads for short work, and more of them while some of it takes long."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

__all__ = ["Threads"]

__tracebackhide__ = True


class Threads:
    """Threads that wait for children: `usual` at a time, of which those that take longer than `patience` do not count.

    Many threads that all have something to do take turns all the time, and nothing gets done; few would be kept busy by
    those who take long. There are never more than `most`.
    """

    def __init__(self, usual: int, most: int, patience: float, name: str) -> None:
        self._usual = usual
        self._most = most
        self._patience = patience
        self._name = name
        self._work: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._threads: set[threading.Thread] = set()
        #: What is at work, and since when.
        self._since: dict[threading.Thread, float] = {}
        self._slow: set[threading.Thread] = set()
        self._idle = 0
        self._closed = False

    def submit(self, work: Callable[[], None]) -> None:
        """Have something done, in the order in which it was asked for. It must not raise."""
        with self._changed:
            self._work.append(work)
            if self._idle:
                self._changed.notify()
            elif self._counted() < self._usual:
                self._add()

    def look(self) -> None:
        """Find out who takes long. To be called every now and then while something is at work."""
        before = monotonic() - self._patience
        with self._changed:
            for thread, since in self._since.items():
                if since < before:
                    self._slow.add(thread)
            while self._work and not self._idle and self._counted() < self._usual and len(self._threads) < self._most:
                if not self._add():
                    break

    def close(self) -> None:
        """End the threads, when they have done what they were asked for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in tuple(self._threads):
            thread.join()

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _counted(self) -> int:
        return len(self._threads) - len(self._slow)

    def _add(self) -> bool:
        if len(self._threads) >= self._most:
            return False
        thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._threads.add(thread)
        thread.start()
        return True

    def _run(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                self._since.pop(me, None)
                self._slow.discard(me)
                # One of those who came in its place is enough.
                if self._counted() > self._usual:
                    self._threads.discard(me)
                    return
                while not self._work:
                    if self._closed:
                        self._threads.discard(me)
                        return
                    self._idle += 1
                    self._changed.wait()
                    self._idle -= 1
                work = self._work.popleft()
                self._since[me] = monotonic()
            work()
