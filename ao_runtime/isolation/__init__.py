"""Engines in child processes: what no limit inside of a process can end, ends there.

A child is a fresh Python that holds the engines of many processes and is asked for everything over a pipe. Whatever
happens in it (a C function that never returns, memory that runs out, a crash of the interpreter), it can be killed, and
every process that lived in it goes on from its last saved state and the messages since.

- `wire`: frames and values on the pipe; `answers`: whether what came back is an answer at all
- `machine`: what the system can do: memory and CPU time of another process, and limits on it
- `server`: the program in a child; `child`: a child seen from here; `watch`: who keeps the limits
- `engine`: an engine that lives in a child; `pool`: children that many processes share; `loss`: a child is no more
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later
from .loss import EngineLostError

if TYPE_CHECKING:
    from .engine import IsolatedEngine as IsolatedEngine
    from .machine import missing as missing
    from .pool import Pool as Pool
    from .pool import shared as shared

__all__ = ["EngineLostError", "IsolatedEngine", "Pool", "missing", "shared"]

# Who isolates nothing need not wait for any of it.
__getattr__ = later(
    __name__,
    {
        "IsolatedEngine": ".engine",
        "Pool": ".pool",
        "missing": ".machine",
        "shared": ".pool",
    },
)
