"""A module that runs: its store, its memory, its neighbours, and the calls into it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..errors import ModuleError
from .binary import GLOBAL
from .ends import FUEL, why
from .host import Host
from .library import engine, wasmtime
from .memory import Memory
from .modules import WasmModule
from .native import Function
from .signatures import HOST
from .state import STEP, Fresh
from .watch import Watch

__all__ = ["Instance"]

__tracebackhide__ = True

#: What a start may use.
_START_FUEL, _START_SECONDS = 200_000_000, 60.0
#: Elements that a table may have.
_TABLE_MOST = 1_000_000
#: Bytes of files where memory has no limit.
_FILES_MOST = 1 << 30

_KINDS = {"i": wasmtime.ValType.i32, "j": wasmtime.ValType.i64, "p": wasmtime.ValType.i64}


class Instance:
    """A module, started. Raises `ModuleError` where it fails before its first message."""

    def __init__(
        self, module: WasmModule, file: Callable[[str], bytes | None] | None = None, memory: int | None = None
    ) -> None:
        self.module = module
        self.store = wasmtime.Store(engine())
        self.watch = Watch(self.store)
        self.host = Host(module.known.wide, file)
        self.limit_memory(memory)
        self._start()

    def limit_memory(self, most: int | None) -> None:
        """Set how many bytes the memory may have, and the files; None is no limit."""
        self.store.set_limits(memory_size=-1 if most is None else most, table_elements=_TABLE_MOST)
        self.host.tree.most = _FILES_MOST if most is None else most

    def _start(self) -> None:
        store, module, facts = self.store, self.module, self.module.facts
        store.set_fuel(_START_FUEL)
        host = {name: self._answer(name) for name in facts.host}
        # What wasmtime-py gives may be of any kind; `modules` has checked, or made, what we take.
        gate: Any = wasmtime.Instance(store, module.gate, [host[item.name or ""] for item in module.gate.imports])
        gate = gate.exports(store)
        imports = [gate[f"{item.module}.{item.name}"] for item in module.main.imports]
        self.clock, self.high = gate["clock"], gate["high"]
        self.host.clock = self.clock
        main = self._guarded(lambda: wasmtime.Instance(store, module.main, imports)).exports(store)
        glue: Any = wasmtime.Instance(store, module.glue, [main[item.name or ""] for item in module.glue.imports])
        glue = glue.exports(store)
        for place, name in enumerate(facts.hooks):
            gate["hooks"].set(store, place, glue[name])
        self.memory = self.host.memory = Memory(main[facts.exports["memory"]])
        self._table = main[facts.exports["table"]] if "table" in facts.exports else None
        self.globals = [main[f"{GLOBAL}{index}"] for index, _ in facts.globals]
        self._refused = glue["refused"]
        self.room = Function(store, glue["room"], 2, 4)
        self.go = Function(store, glue["go"], 3, 2)
        self._scan = Function(store, glue["scan"], 2, 2)
        for role in ("stack_init", "start"):
            if role in facts.exports:
                self._begin(main[facts.exports[role]])

    def _answer(self, name: str) -> wasmtime.Func:
        """An import that Python answers."""
        letters, _, result = HOST[name].partition("=")
        results = [_KINDS[letter]() for letter in result]
        kind = wasmtime.FuncType([_KINDS[letter]() for letter in letters], [*results, wasmtime.ValType.i32()])
        return wasmtime.Func(self.store, kind, self.host.answer(name), access_caller=True)

    def _begin(self, function: Any) -> None:
        self._guarded(lambda: function(self.store))

    def _guarded(self, call: Callable[[], Any]) -> Any:
        """Run something of the module's before its first message."""
        self.watch.begin(_START_SECONDS)
        try:
            return call()
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            end = why(error, self.host, self.watch)
            text = end.text
            if end.hit == "instructions":
                text = f"it used {_START_FUEL} instructions and had not ended"
            elif end.hit == "time":
                text = f"it took {_START_SECONDS:g} seconds and had not ended"
            raise ModuleError(f"the module does not start: {text}") from None
        finally:
            self.watch.end()

    @property
    def refused(self) -> bool:
        """Whether the module was refused more memory since the last message began."""
        return bool(self._refused.value(self.store))

    # ── what can be seen of its state ─────────────────────────────────────────────────────────────────────────────

    def pages(self) -> list[tuple[int, bytes]]:
        """All runs of pages (`state.STEP`) of the memory that are not all zero: first page and content."""
        self.store.set_fuel(FUEL)
        self.watch.begin(None)
        try:
            found = []
            at, last = 0, self.memory.size(self.store) // STEP
            while at < last:
                first, at = self._scan(at, last)
                if first < at:
                    found.append((first, self.memory.read(self.store, first * STEP, (at - first) * STEP)))
            return found
        finally:
            self.watch.end()

    def table(self) -> list[int | None]:
        """What stands in the module's table, as numbers that are the same for the same function of the same module."""
        if self._table is None:
            return []
        found: list[int | None] = []
        first = None
        for place in range(self._table.size(self.store)):
            item = self._table.get(self.store, place)
            # Functions lie in one block for each module that runs, always in the same order.
            where = int.from_bytes(bytes(item._func)[8:], sys.byteorder) if isinstance(item, wasmtime.Func) else None
            if first is None:
                first = where
            found.append(where if where is None or first is None else where - first)
        return found

    def fresh(self) -> Fresh:
        """The module right after its start; found out once in this program."""
        shared = self.module.shared
        found = shared.get("fresh")
        if found is None:
            new = Instance(self.module)
            pages = {}
            for first, content in new.pages():
                for place in range(0, len(content), STEP):
                    pages[first + place // STEP] = content[place : place + STEP]
            found = shared["fresh"] = Fresh(pages, new.table())
        return found
