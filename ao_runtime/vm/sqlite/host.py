"""The databases of one VM, and the functions by which Lua uses them.

No function raises. What fails is ``(code, message)`` with SQLite's result code.
"""

from __future__ import annotations

import struct
import weakref
from collections.abc import Callable
from typing import Any

from .backups import Backups
from .codes import MISUSED
from .connections import Connections
from .functions import Functions
from .registry import Part, Registry
from .state import load, save
from .statements import Statements

# Lua holds these functions, and what they lead to holds Lua's: without weak references none of it would ever be freed.


def _quiet(part: Part, name: str) -> Callable[..., Any]:
    """A function of a part that raises nothing, and answers when Lua has the room."""
    function = getattr(type(part), name)
    reference = weakref.ref(part)

    def call(*arguments: Any) -> Any:
        part = reference()
        if part is None:
            return MISUSED
        lua = part.lua
        try:
            with part.heap:
                answer = function(part, *arguments)
            return lua.given(answer)
        except Exception as failure:
            return lua.given(lua.failed(failure))

    return call


def _stately(registry: Registry, function: Callable[[Registry, bytes], Any]) -> Callable[..., Any]:
    """A function of the state that answers None where it fails."""
    reference = weakref.ref(registry)

    def call(*arguments: Any) -> Any:
        registry = reference()
        try:
            if registry is None:
                return None
            with registry.heap:
                return function(registry, *arguments)
        except Exception:
            return None

    return call


def _save(registry: Registry, handles: bytes) -> bytes | None:
    return save(registry, {number for (number,) in struct.iter_unpack("<Q", handles)})


def _load(registry: Registry, state: bytes) -> bool:
    load(registry, state)
    return True


class _Exchange(Part):
    """What Lua and a host know of each other."""

    COMMANDS = ("attach", "pending")

    def attach(self, tick: Callable[[int], Any], call: Callable[..., Any], clock: Callable[[], Any]) -> Any:
        """Take the three functions of the trusted side: charge, call a Lua function, the time in milliseconds.

        `tick` answers true when a limit is reached; none of them raises.
        """
        self.lua.tick, self.lua.call = tick, call
        steady = self._registry.steady
        steady.tick, steady.clock = tick, clock
        return True

    def pending(self) -> Any:
        """Give the answer that waits for room."""
        return self.lua.pending()


class SqliteHost:
    """The databases of one VM; they die with it.

    `memory` is the number of bytes that a database, or a query while it runs, may take; `room` tells how many bytes
    Lua may still take, None without a limit.
    """

    def __init__(self, memory: int | None = None, room: Callable[[], int | None] = lambda: None) -> None:
        self._registry = registry = Registry(memory, room)
        self._parts: tuple[Part, ...] = (
            _Exchange(registry),
            Connections(registry),
            Statements(registry),
            Functions(registry),
            Backups(registry),
        )

    @property
    def memory(self) -> int | None:
        """Bytes that a database, or a query while it runs, may take."""
        return self._registry.heap.memory

    @memory.setter
    def memory(self, memory: int | None) -> None:
        self._registry.heap.memory = memory

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what Lua may call, by name."""
        functions = {f"sqlite.{name}": _quiet(part, name) for part in self._parts for name in part.COMMANDS}
        functions["sqlite.save"] = _stately(self._registry, _save)
        functions["sqlite.load"] = _stately(self._registry, _load)
        return functions

    def close(self) -> None:
        """Close everything; the host can be used again, empty."""
        self._registry.close_all()

    def __del__(self) -> None:
        try:
            self.close()
        except Exception:
            return
