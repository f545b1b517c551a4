"""A module's linear memory, looked at from Python: every place and length that comes from the module is checked."""

from __future__ import annotations

import ctypes
from typing import Any

from .library import wasmtime

__all__ = ["Memory", "OutOfBoundsError"]

__tracebackhide__ = True


class OutOfBoundsError(Exception):
    """The module has named a place outside of its memory. It never leaves this package."""


class Memory:
    """The memory; `store` is the store, or the caller that a function of ours was given."""

    def __init__(self, memory: wasmtime.Memory) -> None:
        self._memory = memory

    def size(self, store: Any) -> int:
        """Bytes that it has now."""
        return self._memory.data_len(store)

    def _address(self, store: Any, at: int, length: int) -> int:
        if at < 0 or length < 0 or at + length > self._memory.data_len(store):
            raise OutOfBoundsError
        return ctypes.addressof(self._memory.data_ptr(store).contents) + at

    def read(self, store: Any, at: int, length: int) -> bytes:
        """So many bytes from a place on."""
        return ctypes.string_at(self._address(store, at, length), length)

    def write(self, store: Any, at: int, data: bytes) -> None:
        """Put bytes at a place."""
        ctypes.memmove(self._address(store, at, len(data)), data, len(data))

    def number(self, store: Any, at: int, size: int) -> int:
        """An unsigned number of so many bytes."""
        return int.from_bytes(self.read(store, at, size), "little")

    def put(self, store: Any, at: int, size: int, value: int) -> None:
        """Write a number in so many bytes; what does not fit is cut off."""
        self.write(store, at, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))

    def text(self, store: Any, at: int, most: int = 4096) -> bytes:
        """What stands before the next zero byte; None of it is longer than `most`, which counts as out of bounds."""
        size = self._memory.data_len(store)
        if at < 0 or at >= size:
            raise OutOfBoundsError
        # In small steps: a whole page of a hostile pointer is not worth its copy.
        found = bytearray()
        while len(found) <= most:
            step = min(128, size - at)
            if step <= 0:
                break
            part = self.read(store, at, step)
            end = part.find(0)
            if end >= 0:
                return bytes(found) + part[:end]
            found += part
            at += step
        raise OutOfBoundsError

    def grow_to(self, store: Any, size: int) -> bool:
        """Make it as large as it was, if it may be."""
        more = size - self.size(store)
        if more < 0 or more % 65536:
            return False
        try:
            self._memory.grow(store, more // 65536)
        except wasmtime.WasmtimeError:
            return False
        return True
