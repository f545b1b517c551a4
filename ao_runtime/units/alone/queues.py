"""`Queues`: what is done one after the other, by what it is for; the queues themselves go on at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from ..worker import LOG

__all__ = ["Key", "Queues"]


class Key(NamedTuple):
    """Which queue: of what is to be done, and for whom."""

    what: str
    whose: str


class Queues:
    """Does each number in the queue of its key: what comes first is done, with all its attempts, before the next.

    Numbers stand for what is kept elsewhere: however much waits, little of it is in memory.
    """

    def __init__(self, do: Callable[[Key, int], Awaitable[None]]) -> None:
        self._do = do
        self._waiting: dict[Key, deque[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun = False

    def length(self, key: Key) -> int:
        """How much waits in a queue, or is being done."""
        return len(self._waiting.get(key, ()))

    def add(self, key: Key, number: int) -> None:
        """Do something when it is its turn, and `begin` was called."""
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append(number)
            return
        self._waiting[key] = deque([number])
        if self._begun:
            self._start(key)

    def begin(self) -> None:
        """Do what waits."""
        self._begun = True
        for key in self._waiting:
            self._start(key)

    async def close(self) -> None:
        """Stop: what is not done stays undone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _start(self, key: Key) -> None:
        task = asyncio.get_running_loop().create_task(self._work(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, key: Key) -> None:
        waiting = self._waiting[key]
        while waiting:
            try:
                await self._do(key, waiting[0])
            except Exception:
                # It is kept, and looked at again at the next start.
                LOG.exception("something that is on its way failed")
            waiting.popleft()
        del self._waiting[key]
