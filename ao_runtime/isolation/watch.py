"""Who keeps the limits: a thread that looks at the children at work, and kills what has passed a limit.

It looks every few milliseconds while some child works, and rests while none does.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Protocol

__all__ = ["Watched", "begin", "end"]

#: Seconds between two looks; and looks without anything to see after which the thread rests.
_PERIOD, _PATIENCE = 0.01, 50


class Watched(Protocol):
    """A child."""

    def look(self, now: float) -> None:
        """Kill it if it has passed a limit."""


class _Watch:
    """The thread."""

    def __init__(self) -> None:
        self.busy: set[Watched] = set()
        self.resting = True
        self._wake = threading.Event()
        self._started = False
        self._lock = threading.Lock()

    def rouse(self) -> None:
        """See to it that it looks; called with something in `busy`."""
        self.resting = False
        self._wake.set()
        if not self._started:
            with self._lock:
                if not self._started:
                    threading.Thread(target=self._run, name="ao_runtime.isolation", daemon=True).start()
                    self._started = True

    def _run(self) -> None:
        idle = 0
        while True:
            time.sleep(_PERIOD)
            if self.busy:
                idle = 0
                for child in tuple(self.busy):
                    child.look(time.monotonic())
                continue
            idle += 1
            if idle > _PATIENCE:
                self._wake.clear()
                self.resting = True
                # Whoever has come meanwhile and seen it awake is in `busy`.
                if not self.busy:
                    self._wake.wait()
                self.resting = False
                idle = 0


_watch = _Watch()


def _anew() -> None:
    global _watch
    _watch = _Watch()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)


def begin(child: Watched) -> None:
    """A child is at work from now on."""
    watch = _watch
    watch.busy.add(child)
    if watch.resting:
        watch.rouse()


def end(child: Watched) -> None:
    """A child has answered."""
    _watch.busy.discard(child)
