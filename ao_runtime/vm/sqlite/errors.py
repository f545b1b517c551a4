"""What fails, as Lua is told it: SQLite's result code and a text."""

from __future__ import annotations

from .codes import CANTOPEN, ERROR, MISUSED, NOMEM


class CallbackError(Exception):
    """A Lua function that SQLite called has failed."""


def told(failure: Exception) -> tuple[int, bytes]:
    """Return the code and the text for an exception."""
    code = getattr(failure, "result", None)
    text = str(failure)
    if isinstance(failure, CallbackError):
        return ERROR, failure.args[0]
    if isinstance(failure, MemoryError) or type(failure).__name__ == "LuaMemoryError":
        return NOMEM, b"out of memory"
    if isinstance(failure, UnicodeError):
        text = "text that is not UTF-8 cannot be passed here"
    elif type(failure).__name__ in ("ThreadingViolationError", "ConnectionClosedError", "CursorClosedError"):
        return MISUSED
    if not isinstance(code, int):
        return ERROR, text.encode("utf-8", "replace")
    code &= 0xFF
    if not text and code == CANTOPEN:
        text = "unable to open database file"
    return code, text.encode("utf-8", "replace")
