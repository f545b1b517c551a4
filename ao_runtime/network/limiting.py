"""What a process may use by its own tags: `Memory-Limit` and `Compute-Limit`, never more than the network allows."""

from __future__ import annotations

import re

from ..models import GivenLimits, Limits
from ..state import WASM_INSTRUCTIONS, is_wasm
from .item import Item
from .modules import Module

__all__ = ["own_limits"]

__tracebackhide__ = True

_MEMORY = re.compile(rb"([1-9][0-9]{0,11})-(kb|mb|gb)")
_UNITS = {b"kb": 1 << 10, b"mb": 1 << 20, b"gb": 1 << 30}
#: More bytes than anybody has, and no more than an engine can count to.
_MOST = 1 << 62
_COMPUTE = re.compile(rb"[1-9][0-9]{0,17}")


def own_limits(item: Item, given: Limits | GivenLimits | None, module: Module | None) -> Limits | None:
    """The limits of a process's messages, where its tags ask for less than the network gives; else None.

    `Memory-Limit` is a size, `64-mb`; `Compute-Limit` a number of instructions. What is neither is passed over, as on
    the network.
    """
    memory, compute = item.tag(b"Memory-Limit"), item.tag(b"Compute-Limit")
    if memory is None and compute is None:
        return None
    if given is None and module is not None and module.path is not None and is_wasm(module.path):
        base = Limits(instructions=WASM_INSTRUCTIONS)
    else:
        base = Limits.read(given)
    size = _MEMORY.fullmatch(memory or b"")
    bytes_ = _lower(base.memory, None if size is None else min(int(size[1]) * _UNITS[size[2]], _MOST))
    count = _COMPUTE.fullmatch(compute or b"")
    instructions = _lower(base.instructions, None if count is None else int(count[0]))
    if (bytes_, instructions) == (base.memory, base.instructions):
        return None
    return Limits(instructions, bytes_, base.seconds, base.hard)


def _lower(most: int | None, wanted: int | None) -> int | None:
    return most if wanted is None else wanted if most is None else min(most, wanted)
