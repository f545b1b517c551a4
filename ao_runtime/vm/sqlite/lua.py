"""The way to Lua: its functions are called from here, and what it is given waits until there is room for it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

from .codes import NOMEM, PENDING
from .errors import CallbackError, told
from .values import plain, size, to_bytes

#: How the value of a Lua function comes from Lua (`lua/vm/sqlite/calls.lua`).
NULL, NUMBER, TEXT, BLOB, FAILED = range(5)
#: Bytes that Lua must have left when values are given to it: lupa gives them unprotected.
MARGIN = 65536
#: How deep functions of Lua's may call SQLite that calls functions of Lua's.
NESTED = 20


class Lua:
    """The Lua side of a host.

    `room` tells how many bytes Lua may still take, None without a limit. `tick` counts work and answers true when a
    limit is reached, with a negative number it collects garbage; `call` calls a Lua function. Neither raises.
    """

    def __init__(self, room: Callable[[], int | None]) -> None:
        self.tick: Callable[[int], Any] = lambda _n: None
        self.call: Callable[..., Any] = lambda *_a: (NULL, None)
        self.out_of_memory = False
        self._room = room
        self._pending: Any = None
        self._nested = 0

    def given(self, answer: Any) -> Any:
        """Give an answer to Lua if it has the room: where Lua's memory ends while lupa gives it a string, all ends.

        Otherwise the answer waits for Lua to collect its garbage: `pending`.
        """
        if answer.__class__ is tuple and len(answer) > 1 and not self._fits(answer):
            self._pending = answer
            return (PENDING,)
        return answer

    def _fits(self, values: Any) -> bool:
        """Whether Lua has the room for values."""
        room = self._room()
        return room is None or room >= MARGIN + size(values)

    def pending(self) -> Any:
        """Give the answer that waits, if there is room for it now."""
        answer, self._pending = self._pending, None
        return answer if self._fits(answer) else (NOMEM,)

    def failed(self, failure: Exception) -> tuple[int, bytes]:
        """Return what Lua is told of an exception."""
        if self.out_of_memory:
            self.out_of_memory = False
            return NOMEM, b"out of memory"
        return told(failure)

    def make_room(self, values: list[Any]) -> bool:
        """See to it that Lua can take values, or raise `MemoryError`."""
        if not self._fits(values):
            self.tick(-1)  # collects garbage
            if not self._fits(values):
                self.out_of_memory = True
                raise MemoryError
        return True

    def ask(self, function: int, what: int, instance: int, values: Sequence[Any]) -> Any:
        """Return what a Lua function makes of values. Raises `CallbackError` where it fails."""
        given = plain(tuple(values))
        self.make_room(given)
        if self._nested >= NESTED:
            raise CallbackError(b"C stack overflow")
        self._nested += 1
        try:
            kind, value = self.call(function, what, instance, *given)
        finally:
            self._nested -= 1
        if kind in (NUMBER, BLOB):
            return value
        if kind == TEXT:
            try:
                return value.decode()
            except UnicodeDecodeError:
                return value  # a blob: the library passes no text that is not UTF-8
        if kind == FAILED:
            raise CallbackError(to_bytes(value))
        return None

    def asker(self) -> Callable[[int, int, int, Sequence[Any]], Any]:
        """Return `ask` for SQLite to hold, out of sight of Python's garbage collector."""
        reference = weakref.ref(self)

        def ask(function: int, what: int, instance: int, values: Sequence[Any]) -> Any:
            lua = reference()
            if lua is None:
                raise CallbackError(b"interrupted")
            return lua.ask(function, what, instance, values)

        return ask
