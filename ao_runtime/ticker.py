"""A thread that does something every few milliseconds while anything is at work, and rests while nothing is."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Ticker"]

_T = TypeVar("_T")


class Ticker(Generic[_T]):
    """Calls `tick`, with all that is at work, every `period` seconds from the first `begin` on.

    After `patience` ticks without anything at work the thread, called `name`, waits for the next `begin`. It comes
    anew in a fork, where nothing is at work yet.
    """

    def __init__(self, name: str, tick: Callable[[tuple[_T, ...]], None], period: float, patience: int) -> None:
        self._name, self._tick, self._period, self._patience = name, tick, period, patience
        self._anew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._anew)

    def _anew(self) -> None:
        self._busy: set[_T] = set()
        self._resting = True
        self._wake = threading.Event()
        self._started = False
        self._lock = threading.Lock()

    def begin(self, one: _T) -> None:
        """Something is at work from now on."""
        self._busy.add(one)
        if self._resting:
            self._rouse()

    def end(self, one: _T) -> None:
        """It is not any more."""
        self._busy.discard(one)

    def _rouse(self) -> None:
        self._resting = False
        self._wake.set()
        if not self._started:
            with self._lock:
                if not self._started:
                    threading.Thread(target=self._run, name=self._name, daemon=True).start()
                    self._started = True

    def _run(self) -> None:
        idle = 0
        while True:
            time.sleep(self._period)
            if self._busy:
                idle = 0
                self._tick(tuple(self._busy))
                continue
            idle += 1
            if idle > self._patience:
                self._wake.clear()
                self._resting = True
                # Whoever has come meanwhile and seen it awake is in `_busy`.
                if not self._busy:
                    self._wake.wait()
                self._resting = False
                idle = 0
