"""The last resort against an evaluation that never ends.

Lua's own limit on time is an instruction hook, and no hook sees C code: one call of `string.find` with a
hostile pattern may take for ever. A thread of Python can still end the command, as Lua runs without Python's
lock.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import TimeLimitError

__all__ = ["Watchdog"]

_GRACE = 0.25
"""Seconds after the limit in which the limit proper has its chance: it leaves a process that goes on working."""
_PER_GB = 3.0
"""More of them for each GB that the program has: to go through it, and to give it back, takes its time."""
_LEAST_SLEEP = 0.01


class Watchdog:
    """Ends the whole command when what it watches takes longer than a number of seconds (`None`: never).

    They are the processor's: what is stopped for a while (SIGSTOP, a machine that sleeps), or waits for others, is not
    stuck in C code. The limit proper is on the time that passes.
    """

    def __init__(self, seconds: float | None, last_words: Callable[[], None]) -> None:
        """`last_words` is called in the watchdog's own thread, right before the end."""
        # What no clock of the system can wait for will not come.
        self._seconds = None if seconds is None or seconds > threading.TIMEOUT_MAX else seconds + _GRACE
        self._last_words = last_words
        self._deadline: float | None = None
        self._lock = threading.Lock()
        self._started = False

    @contextmanager
    def watch(self, allowance: float = 0.0) -> Iterator[None]:
        """Watches what happens inside; `allowance` is time that it may take besides."""
        if self._seconds is None:
            yield
            return
        self._deadline = time.process_time() + self._seconds + allowance
        if not self._started:
            self._started = True
            threading.Thread(target=self._run, args=(self._seconds,), daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._deadline = None

    def _run(self, seconds: float) -> None:
        while True:
            deadline = self._deadline
            # Whatever is watched from now on has at least so many seconds.
            left = seconds if deadline is None else deadline + _grace() - time.process_time()
            if left > 0:
                time.sleep(max(left, _LEAST_SLEEP))
                continue
            with self._lock:
                if self._deadline == deadline:
                    self._last_words()
                    os._exit(TimeLimitError.exit_code)


def _grace() -> float:
    """Seconds for the memory that the program has taken."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / (1 << 30) * _PER_GB
