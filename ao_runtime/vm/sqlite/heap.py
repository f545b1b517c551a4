"""The memory that all databases of a process take together, held to the process's limit.

SQLite counts what it takes for the whole program, and can be told how much that may be. So what a process takes is what
the count grows by while SQLite works for it; and while it does, the program may take no more than it takes and the
process has left. Where several threads are in SQLite at once, each is lent what it has left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Heap"]

#: Bytes that SQLite may need to say that there is no more.
_SLACK = 1 << 20

_lock = threading.Lock()
#: What those that are at work may take together.
_lent: dict[int, int] = {}


class Heap:
    """What the databases of one process take. `memory` tells its limit, None for none."""

    def __init__(self, memory: Callable[[], int | None]) -> None:
        self._memory = memory
        #: Bytes that were taken when SQLite had last worked for this process.
        self.taken = 0
        self._before: int | None = None

    @contextmanager
    def work(self) -> Iterator[None]:
        """SQLite works for the process in here: what does not fit into its memory is SQLite's `out of memory`."""
        memory = self._memory()
        if memory is None or self._before is not None:
            yield
            return
        import apsw

        with _lock:
            self._before = before = apsw.memory_used()
            _lent[id(self)] = max(memory - self.taken, 0) + _SLACK
            apsw.hard_heap_limit(before + sum(_lent.values()))
        try:
            yield
        finally:
            with _lock:
                self.taken = max(0, self.taken + apsw.memory_used() - before)
                self._before = None
                del _lent[id(self)]
                # Nobody is at work: what another part of the program does with SQLite is not ours to limit.
                apsw.hard_heap_limit(apsw.memory_used() + sum(_lent.values()) if _lent else 0)

    def full(self) -> bool:
        """Whether more is taken than may be, while SQLite works."""
        memory = self._memory()
        if memory is None or self._before is None:
            return False
        import apsw

        return self.taken + apsw.memory_used() - self._before > memory
