"""The memory that all databases of a process take together, held to the process's limit.

SQLite counts what it takes for the whole program, and can be told how much that may be. So what a process takes is what
the count grows by while SQLite works for it; and while it does, the program may take no more than it takes and the
process has left. Where several threads are in SQLite at once, each is lent what it has left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Heap"]

#: Bytes that SQLite may need to say that there is no more.
_SLACK = 1 << 20

_lock = threading.Lock()
#: What those that are at work may take together.
_at_work = [0]
#: SQLite's count, its limit, and the limit from which on it looks for memory to give back: 0 sets that to the former.
#: There once SQLite has been imported.
_apsw: list[Callable[..., int]] = []


class Heap:
    """What the databases of one process take. `memory` is its limit in bytes, None for none."""

    def __init__(self, memory: int | None) -> None:
        self.memory = memory
        #: Bytes that were taken when SQLite had last worked for this process.
        self.taken = 0
        self._before: int | None = None
        self._lent = self._depth = 0

    def __enter__(self) -> None:
        """SQLite works for the process in here: what does not fit into its memory is SQLite's `out of memory`."""
        self._depth += 1
        memory = self.memory
        if memory is None or self._depth > 1:
            return
        if not _apsw:
            import apsw

            _apsw.extend((apsw.memory_used, apsw.hard_heap_limit, apsw.soft_heap_limit))
        used, limit, follow = _apsw
        with _lock:
            self._before = before = used()
            self._lent = lent = memory + _SLACK - self.taken if memory > self.taken else _SLACK
            _at_work[0] += lent
            limit(before + _at_work[0])
            follow(0)

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        before = self._before
        if before is None or self._depth:
            return
        used, limit, follow = _apsw
        with _lock:
            now = used()
            taken = self.taken + now - before
            self.taken = taken if taken > 0 else 0
            self._before = None
            _at_work[0] -= self._lent
            # Nobody is at work: what another part of the program does with SQLite is not ours to limit.
            limit(now + _at_work[0] if _at_work[0] else 0)
            follow(0)

    def full(self) -> bool:
        """Whether more is taken than may be, while SQLite works."""
        memory = self.memory
        if memory is None or self._before is None:
            return False
        return self.taken + _apsw[0]() - self._before > memory
