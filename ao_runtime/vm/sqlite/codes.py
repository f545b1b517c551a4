"""The numbers that answers to Lua begin with: SQLite's result codes, and one of ours."""

from __future__ import annotations

from typing import Any

OK, ERROR, BUSY, NOMEM, INTERRUPT, CANTOPEN, MISUSE, ROW, DONE = 0, 1, 5, 7, 9, 14, 21, 100, 101
#: The answer waits until Lua has collected its garbage.
PENDING = 1000

#: What is said of a call that makes no sense now.
MISUSED: tuple[Any, ...] = (MISUSE, b"bad parameter or other API misuse")
INTERRUPTED: tuple[Any, ...] = (INTERRUPT, b"interrupted")
