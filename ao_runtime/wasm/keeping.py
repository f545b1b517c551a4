"""A running module's state to bytes and back: what `state` has a form for, taken from and put into an instance."""

from __future__ import annotations

from typing import Any

from ..errors import SnapshotError
from .instance import Instance
from .modules import PAGE
from .state import STEP, difference, dump_files, nonsense, pack, restore_files, unpack, whole

__all__ = ["load", "save"]

__tracebackhide__ = True


def save(instance: Instance) -> bytes | None:
    """The state as bytes; None where the module hides some of it."""
    if instance.module.facts.hidden:
        return None
    fresh, store = instance.fresh(), instance.store
    if fresh.table != instance.table():
        return None
    changed = difference(fresh, instance.pages())
    files, contents = dump_files(instance.host.tree)
    head = {
        "size": instance.memory.size(store),
        "clock": instance.clock.value(store),
        "high": instance.high.value(store),
        "globals": [item.value(store) for item in instance.globals],
        "pages": [[first, len(content) // STEP] for first, content in changed],
        "files": files,
    }
    return pack(instance.module.digest, head, [content for _, content in changed] + contents)


def load(instance: Instance, saved: bytes) -> None:
    """Put a state into an instance that is new. Raises `SnapshotError`; the instance is not to be used then."""
    head, rest = unpack(instance.module.digest, saved)
    store, memory = instance.store, instance.memory
    size = whole(head.get("size"), 1 << 34)
    clock = whole(head.get("clock"), (1 << 63) - 1, -(1 << 63))
    high = whole(head.get("high"), (1 << 31) - 1, -(1 << 31))
    values = _globals(head.get("globals"), [kind for _, kind in instance.module.facts.globals])
    pages = _pages(head.get("pages"), size, len(rest))
    if not memory.grow_to(store, size):
        raise SnapshotError(
            f"the state needs {size >> 20} MB of memory, and the module has {memory.size(store) >> 20}",
            advice="raise the limit on memory",
        )
    at = 0
    for first, count in pages:
        memory.write(store, first * STEP, bytes(rest[at : at + count * STEP]))
        at += count * STEP
    for item, value in zip(instance.globals, values, strict=True):
        item.set_value(store, value)
    instance.clock.set_value(store, clock)
    instance.high.set_value(store, high)
    restore_files(instance.host.tree, head.get("files"), rest[at:])


def _globals(values: Any, kinds: list[str]) -> list[int]:
    if not isinstance(values, list) or len(values) != len(kinds):
        raise nonsense("it has not as many globals as the module")
    half = {"i32": 1 << 31, "i64": 1 << 63}
    return [whole(value, half[kind] - 1, -half[kind]) for value, kind in zip(values, kinds, strict=True)]


def _pages(pages: Any, size: int, left: int) -> list[tuple[int, int]]:
    if not isinstance(pages, list) or size % PAGE:
        raise nonsense("its pages are none")
    last = size // STEP
    found = []
    for item in pages:
        if not isinstance(item, list) or len(item) != 2:
            raise nonsense("its pages are none")
        first = whole(item[0], last)
        count = whole(item[1], last - first, 1)
        left -= count * STEP
        if left < 0:
            raise nonsense("its pages are more than follow")
        found.append((first, count))
    return found
