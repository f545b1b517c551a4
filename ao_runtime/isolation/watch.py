"""Who keeps the limits: a thread that looks at the children at work, and kills what has passed a limit.

It looks every few milliseconds while some child works, and rests while none does.
"""

from __future__ import annotations

import time
from typing import Protocol

from ..ticker import Ticker

__all__ = ["Watched", "begin", "end"]


class Watched(Protocol):
    """A child."""

    def look(self, now: float) -> None:
        """Kill it if it has passed a limit."""


def _look(children: tuple[Watched, ...]) -> None:
    for child in children:
        child.look(time.monotonic())


_ticker: Ticker[Watched] = Ticker("ao_runtime.isolation", _look, 0.01, 50)
#: A child is at work from now on; a child has answered.
begin, end = _ticker.begin, _ticker.end
