"""Small modules for tests, written as text: they export what emscripten's modules do, and answer what they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import wasmtime

from ao_runtime.models.answer import to_wire
from ao_runtime.models.limits import Limits
from ao_runtime.models.packing import pack
from ao_runtime.state.failures import failure_of
from ao_runtime.state.lua_sources import LuaSources
from ao_runtime.wasm import WasmEngine

__all__ = ["ANSWER", "FINE", "Guest", "evaluate", "guest", "message", "start"]

#: Where the answer "fine" stands, as code.
ANSWER = "(ptr.const 64)"
FINE = {"Output": "fine", "Messages": [], "Spawns": [], "Assignments": []}

_HEAD = """(module
IMPORTS
(memory (export "memory") WIDE PAGES MOST)
(table (export "__indirect_function_table") 8 8 funcref)
(global $sp (mut ptr) (ptr.const 60000))
(func (export "__wasm_call_ctors") START)
(func (export "setThrew") (param ptr i32))
(func (export "emscripten_stack_get_current") (result ptr) (global.get $sp))
(func (export "emscripten_stack_get_end") (result ptr) (ptr.const 30000))
(func (export "_emscripten_stack_restore") (param ptr) (global.set $sp (local.get 0)))
(func (export "_emscripten_stack_alloc") (param ptr) (result ptr)
  (global.set $sp (ptr.and (ptr.sub (global.get $sp) (local.get 0)) (ptr.const -16))) (global.get $sp))
(func (export "handle") (param $message ptr) (param $environment ptr) (result ptr) HANDLE)
(data (ptr.const 64) "{\\"ok\\":true,\\"response\\":{\\"Output\\":\\"fine\\",\\"Messages\\":[]}}\\00")
EXTRA)
"""

Guest = bytes


def guest(
    handle: str = ANSWER,
    *,
    imports: str = "",
    extra: str = "",
    start: str = "",
    wide: bool = True,
    pages: int = 2,
    most: int = 64,
) -> Guest:
    """A module whose `handle` is the given code; `ptr` in it is the type of pointers."""
    parts = {"IMPORTS": imports, "HANDLE": handle, "EXTRA": extra, "START": start}
    text = _HEAD
    for name, part in parts.items():
        text = text.replace(name, part)
    text = text.replace("WIDE", "i64" if wide else "").replace("PAGES", str(pages)).replace("MOST", str(most))
    return bytes(wasmtime.wat2wasm(text.replace("ptr", "i64" if wide else "i32")))


def start(module: Guest, folder: Path, **options: Any) -> WasmEngine:
    """An engine that runs a module."""
    path = folder / "guest.wasm"
    path.write_bytes(module)
    return WasmEngine(options.pop("environment", {}), module=path, **options)


def message(**fields: Any) -> Any:
    """A message as engines take it."""
    return pack({"Id": "1", "Tags": [], **fields})


def evaluate(module: Guest, folder: Path, limits: Limits | None = None, **options: Any) -> dict[str, Any]:
    """What the module answers to a message; an error with its limit, as {"Error", "limit"}."""
    engine = start(module, folder, **options)
    if limits is not None:
        engine.limit(limits.instructions, limits.seconds, limits.memory)
    raw = engine.evaluate(message())
    wire = to_wire(raw)
    if "Error" in wire:
        wire["limit"] = failure_of(raw, sources=LuaSources(None), boot_file=None, unstarted=False).limit
    return wire
