"""SQLite for the process of one VM, behind functions that take and give plain values; `lua/vm/sqlite/` calls them.

Lua keeps everything about a statement but its execution: here are connections, and cursors that stand on a row. A
statement is prepared anew each time it is executed: it costs less than a microsecond, and the count of SQLite's
operations (the gas) depends on nothing that happened before. The library (apsw) is imported at the first use.
"""

from __future__ import annotations

from .host import SqliteHost

__all__ = ["SqliteHost"]
