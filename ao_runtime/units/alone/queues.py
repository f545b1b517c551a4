"""`Queues`: what is done one after the other, by what it is for; the queues themselves go on at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from ..worker import LOG

__all__ = ["Queues"]

_T = TypeVar("_T")


class Queues(Generic[_T]):
    """Does each thing in the queue of its key: what comes first is done, with all its attempts, before the next."""

    def __init__(self, do: Callable[[_T], Awaitable[None]]) -> None:
        self._do = do
        self._waiting: dict[Hashable, deque[_T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How much waits, or is being done."""
        return sum(map(len, self._waiting.values()))

    def is_idle(self, key: Hashable) -> bool:
        """Whether nothing waits there, and nothing is being done."""
        return key not in self._waiting

    def add(self, key: Hashable, one: _T) -> None:
        """Do something when it is its turn."""
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append(one)
            return
        self._waiting[key] = deque([one])
        task = asyncio.get_running_loop().create_task(self._work(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop: what is not done stays undone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, key: Hashable) -> None:
        waiting = self._waiting[key]
        while waiting:
            try:
                await self._do(waiting[0])
            except Exception:
                # It is kept, and looked at again at the next start.
                LOG.exception("something that is on its way failed")
            waiting.popleft()
        del self._waiting[key]
