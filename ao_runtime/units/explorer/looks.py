"""`Looks`: into processes, between their messages; few at a time for each, so that no message has to stand back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from ..answers import Refusal
from ..hub import Hub

__all__ = ["AT_A_TIME", "Looks"]

#: Looks that wait for one process. What waits for it altogether has an end, too, at which messages are refused.
AT_A_TIME = 4

_T = TypeVar("_T")


class Looks:
    """Asks something of a process in its own lane, as `Hub.beside` does."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._waiting: Counter[str] = Counter()

    async def ask(self, process: str, job: Callable[[], _T], seconds: float) -> _T:
        """What a job gives. Raises a `Refusal` (503) where others wait already, `asyncio.TimeoutError` after a time.

        A job that nobody waits for any more does nothing when its turn comes; until then it counts.
        """
        if self._waiting[process] >= AT_A_TIME:
            raise Refusal(503, "the process is at work, and others wait already to look into it")
        self._waiting[process] += 1
        loop = asyncio.get_running_loop()
        wanted = True

        def done() -> None:
            self._waiting[process] -= 1
            if not self._waiting[process]:
                del self._waiting[process]

        def look() -> _T | None:
            try:
                return job() if wanted else None
            finally:
                with suppress(RuntimeError):  # the server has ended
                    loop.call_soon_threadsafe(done)

        try:
            found = await asyncio.wait_for(self._hub.beside(process, look), seconds)
        except Refusal as refusal:
            if refusal.status == 429:  # it never got into the lane
                done()
            raise
        finally:
            wanted = False
        return found  # type: ignore[return-value]  # None only where nobody waits
