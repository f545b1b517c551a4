"""Room in a VM's memory for what is given to it.

Inside an evaluation Lua answers a lack of memory with an error. But lupa gives Lua its arguments, and a Python
function's answers, outside of any protected call: where the limit is met there, Lua ends the whole program. So it is
looked at before.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

#: Bytes that must be left at any time: for names, small values and Lua's own stack.
MARGIN = 128 << 10
#: While more is left, a message is given without its size being looked at.
PLENTY = 256 << 20


def size_of(value: Any) -> int:
    """About the bytes that Lua needs for a value of strings, numbers, and tuples and lists of such."""
    if isinstance(value, (bytes, str)):
        return len(value) + 64
    if isinstance(value, (tuple, list)):
        return 64 + sum(map(size_of, value))
    return 64


class _Engine(Protocol):
    def left(self) -> int | None: ...


class Headroom:
    """How much of the memory limit is left in the VM of an engine."""

    def __init__(self, engine: _Engine) -> None:
        # Lua holds functions that hold this: it must not hold Lua in turn, or neither would ever be freed.
        self._engine = weakref.ref(engine)

    def left(self) -> int | None:
        """Bytes that Lua may still take; None without a limit."""
        engine = self._engine()
        return None if engine is None else engine.left()

    def make(self, size: int, collect: Callable[[], object]) -> bool:
        """Whether there is room for `size` bytes and the margin, if need be after Lua's garbage is collected."""
        left = self.left()
        if left is None or left >= size + MARGIN:
            return True
        collect()
        left = self.left()
        return left is None or left >= size + MARGIN

    def checked(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, which answers with no value at all where Lua has no room for its answer."""

        @wraps(function)
        def call(*arguments: Any) -> Any:
            answer = function(*arguments)
            left = self.left()
            if left is not None and left < MARGIN + size_of(answer):
                return ()
            return answer

        del call.__wrapped__
        return call


__all__ = ["MARGIN", "PLENTY", "Headroom", "size_of"]
