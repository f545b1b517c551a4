"""How long an attempt may go on: the time that the server gives a process, on a clock that no sleep stops.

The server's clock and ours may differ, so that only the length of a lease is taken from it: it begins when we were told
of it. Its last seconds are not used: an evaluation ends before them, so that there is time to write and to close.
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from math import inf

from ..colonies import Process

__all__ = ["Lease", "age", "clock"]

#: Seconds before the end of a lease at which an evaluation ends, and after which nothing is written; and the same as
#: parts of a lease, for short ones.
_STOP, _WRITE = 5.0, 2.0
_STOP_PART, _WRITE_PART = 0.25, 0.1
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")


def clock() -> float:
    """Seconds that go on while this program, or the machine, sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Lease:
    """The time of an attempt that was assigned at `begun` (of `clock`)."""

    def __init__(self, process: Process, begun: float) -> None:
        started, deadline = _moment(process.starttime), _moment(process.execdeadline)
        #: Seconds of all of it; infinite where the server sets no limit.
        self.seconds = inf if deadline is None or started is None else max(0.0, deadline - started)
        self._end = begun + self.seconds

    @property
    def left(self) -> float:
        """Seconds until the server takes the process back."""
        return self._end - clock()

    @property
    def for_work(self) -> float:
        """Seconds in which evaluation may go on."""
        return self.left - min(_STOP, self.seconds * _STOP_PART)

    @property
    def for_writing(self) -> float:
        """Seconds in which what was evaluated may be written down."""
        return self.left - min(_WRITE, self.seconds * _WRITE_PART)


def age(process: Process) -> float:
    """Seconds since a process was assigned, as far as the server's clock and ours agree; 0 where they do not."""
    started = _moment(process.starttime)
    return 0.0 if started is None else max(0.0, time.time() - started)


def _moment(text: str) -> float | None:
    """Seconds since 1970 of a time as servers write it; None for never, and for what is no time."""
    match = _TIME.fullmatch(text)
    if match is None or text.startswith("0001-"):
        return None
    whole = datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return whole.timestamp() + float(f"0.{match[2] or 0}")
