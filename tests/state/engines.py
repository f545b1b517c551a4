"""Engines for tests of what is kept of a process: one that can never save, one whose states are its messages, and one
in a child process.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from ao_runtime.errors import SnapshotError
from ao_runtime.isolation import IsolatedEngine, shared
from ao_runtime.models.answer import failed
from ao_runtime.models.packing import Packed
from ao_runtime.vm.engine import LuaEngine

#: Evaluations, saves and loads since the start of a test, by name.
calls: dict[str, int] = {}


class Counting(LuaEngine):
    """Our engine; what it is asked for is counted."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _count("made")

    def evaluate(self, packed: Packed) -> tuple[Any, ...]:
        """Evaluate."""
        _count("evaluate")
        return super().evaluate(packed)

    def save(self) -> bytes | None:
        """Save."""
        _count("save")
        return super().save()

    def load(self, state: bytes) -> None:
        """Load."""
        _count("load")
        super().load(state)


class Never(Counting):
    """An engine whose state can never be saved."""

    def save(self) -> bytes | None:
        """There is nothing to save."""
        _count("save")
        return None


class Logging(Counting):
    """An engine whose saved state is the list of its messages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.log: list[Packed] = []

    def evaluate(self, packed: Packed) -> tuple[Any, ...]:
        """Evaluate, and take note."""
        raw = super().evaluate(packed)
        if not failed(raw):
            self.log.append(packed)
        return raw

    def save(self) -> bytes | None:
        """The messages so far."""
        _count("save")
        return repr(self.log).encode()

    def load(self, state: bytes) -> None:
        """Evaluate them."""
        _count("load")
        if not state.startswith(b"[") or not state.endswith(b"]"):
            raise SnapshotError("the saved state is none")
        for packed in eval(state, {"nan": math.nan, "inf": math.inf}):
            self.log.append(packed)
            LuaEngine.evaluate(self, packed)


class Isolated(IsolatedEngine):
    """Our engine in a child process."""

    def __init__(self, environment: Any, **options: Any) -> None:
        super().__init__(shared()._child(self), environment, **options)
        _count("made")

    def evaluate(self, packed: Packed) -> tuple[Any, ...]:
        """Evaluate."""
        _count("evaluate")
        return super().evaluate(packed)

    def evaluate_many(self, many: Sequence[Packed]) -> Generator[tuple[Any, ...], None, None]:
        """Evaluate."""
        calls["evaluate"] = calls.get("evaluate", 0) + len(many)
        return super().evaluate_many(many)

    def save(self) -> bytes | None:
        """Save."""
        _count("save")
        return super().save()

    def load(self, state: bytes) -> None:
        """Load."""
        _count("load")
        super().load(state)


ENGINES: dict[str, type[Counting] | type[Isolated]] = {
    "lua": Counting,
    "never": Never,
    "logging": Logging,
    "isolated": Isolated,
}


@contextmanager
def playing(name: str) -> Iterator[dict[str, int]]:
    """In here processes run on the engine of that name; gives the counts of what it is asked for."""
    calls.clear()
    with mock.patch("ao_runtime.state.genesis.LuaEngine", ENGINES[name]):
        yield calls


def _count(name: str) -> None:
    calls[name] = calls.get(name, 0) + 1


#: A process of many kinds of change: counting, failing, waiting, handlers, metatables, closures, reading.
CODE = """
Count = 0
local secret = 0
Handlers.add("count", "Count", function(msg)
  Count = Count + 1
  secret = secret + #msg.From
  msg.reply({ Data = Count .. ":" .. secret })
end)
Handlers.add("break", "Break", function(msg)
  Count = -1
  secret = -1
  Handlers.remove("count")
  error("broken")
end)
Handlers.add("wait", "Wait", function(msg)
  local answer = Receive({ Action = "Answer" })
  msg.reply({ Data = "got " .. (answer.Data or "nothing") .. " at " .. Count })
end)
Handlers.add("read", "Read", function(msg)
  local file = io.open("/data/" .. msg.Name)
  local found, module = pcall(require, msg.Name)
  msg.reply({ Data = (file and file:read("a") or "none") .. "/" .. (found and module.name or "none") })
end)
Handlers.add("more", "More", function(msg)
  local n, before = Count, List
  List = setmetatable({ math.random(1000), before }, { __index = function(_, k) return k .. n end })
  Handlers.add("extra" .. n % 3, "Extra", function(m) secret = secret + n return m.reply({ Data = List.x .. secret }) end)
  msg.reply({ Data = tostring(List[1]) })
end)
"""
ACTIONS = ("Count", "Break", "Wait", "Answer", "Read", "More", "Extra")
