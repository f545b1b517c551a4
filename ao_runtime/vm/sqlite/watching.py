"""What SQLite asks every so many operations: the limits of instructions, time and memory hold inside a query, too."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from .registry import Database, Registry

#: Operations of SQLite between two looks at the limits, and what one of them counts in instructions. Together they are
#: so much that the clock is looked at, too (LARGE in `lua/vm/limits/gas.lua`).
INTERVAL = 512
WEIGHT = 4


def watch(registry: Registry, database: Database, then: Callable[[], Any] | None = None, steps: int = INTERVAL) -> None:
    """Have SQLite look at the limits every `steps` operations, and then ask `then`: true ends the query."""
    database.connection.set_progress_handler(_looker(registry, database, then, steps), steps)


def _looker(registry: Registry, database: Database, then: Callable[[], Any] | None, steps: int) -> Callable[[], bool]:
    # SQLite holds what it is given, out of sight of Python's garbage collector.
    holder, watched = weakref.ref(registry), weakref.ref(database)

    def look() -> bool:
        one, two = holder(), watched()
        if one is None or two is None or _progress(one, two, steps):
            return True
        return then is not None and bool(then())

    return look


def _progress(registry: Registry, database: Database, steps: int) -> bool:
    database.operations += steps
    if database.operations >= INTERVAL:
        operations, database.operations = database.operations, 0
        if registry.lua.tick(operations * WEIGHT):
            return True
    if registry.heap.full():
        registry.lua.out_of_memory = True
        return True
    return False
