"""Connections: opened, closed, and kept inside the process that has them."""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING, Any

from .codes import BUSY, CANTOPEN, MISUSED, OK
from .guard import authorizer, restrict
from .registry import Database, Part, Registry
from .watching import watch

if TYPE_CHECKING:
    import apsw

MISSING = "the module lsqlite3 needs SQLite for Python: pip install apsw"

READONLY, READWRITE, CREATE, _URI, _MEMORY = 1, 2, 4, 64, 128
_MODES = {"ro": READONLY, "rw": READWRITE, "rwc": READWRITE | CREATE}

#: Where a database with a name can be made.
_FOLDERS = ("", "/tmp", "/home")


def place(name: bytes, flags: int) -> tuple[str, int]:
    """Return the path of a database ("" for one without a name), and the flags that hold for it."""
    text = name.split(b"\0")[0].decode("utf-8", "replace")
    if flags & _URI and text.startswith("file:"):
        text, _, query = text[5:].partition("?")
        text = text.partition("#")[0]
        mode = re.search(r"(?:^|&)mode=(\w+)", query)
        if mode and mode[1] == "memory":
            flags |= _MEMORY
        elif mode and mode[1] in _MODES:
            flags = flags & ~7 | _MODES[mode[1]]
    if text in ("", ":memory:") or flags & _MEMORY:
        return "", flags
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts), flags


def connect(registry: Registry, path: str, flags: int) -> apsw.Connection:
    """Open a connection to a database in memory: one that has a name is shared among those of a registry."""
    import apsw

    if not path:
        return apsw.Connection(":memory:", statementcachesize=0)
    # SQLite's own store of databases in memory
    name = path.encode().hex()
    flags = flags & 7 | apsw.SQLITE_OPEN_URI
    return apsw.Connection(f"file:/ao-{registry.id}-{name}?vfs=memdb", flags=flags, statementcachesize=0)


def guard(registry: Registry, database: Database) -> None:
    """Take away from a connection what reaches out of it, and what is not the same in every run."""
    import apsw

    connection = database.connection
    restrict(connection)
    memory = registry.heap.memory
    if memory:
        registry.steady.longest = min(1_000_000_000, max(1 << 16, memory))
        connection.execute(f"PRAGMA max_page_count={max(64, memory // 4096)}")
        connection.limit(apsw.SQLITE_LIMIT_LENGTH, registry.steady.longest)
    registry.steady.settle(connection)
    connection.set_authorizer(authorizer(weakref.ref(database)))
    watch(registry, database)


class Connections(Part):
    """What Lua may do with databases as a whole."""

    COMMANDS = ("ready", "open", "close", "counts", "filename", "complete", "interrupt")

    def ready(self) -> Any:
        """Answer true where there is SQLite for Python, else nil and what to do."""
        try:
            import apsw  # noqa: F401
        except ImportError:
            return None, MISSING.encode()
        return True

    def open(self, name: bytes, flags: int) -> Any:
        """Open a database: 0 and its handle."""
        registry = self._registry
        path, flags = place(name, flags)
        if flags & 7 not in (READONLY, READWRITE, READWRITE | CREATE):
            return MISUSED
        if path and path not in registry.files:
            if not flags & CREATE or path.rpartition("/")[0] not in _FOLDERS:
                return CANTOPEN, b"unable to open database file"
            registry.files[path] = connect(registry, path, flags)
        database = Database(connect(registry, path, flags), path)
        guard(registry, database)
        handle = next(registry.handles)
        self._databases[handle] = database
        return OK, handle

    def close(self, handle: int) -> Any:
        """Close a database, unless something runs on it."""
        database = self._databases.get(handle)
        if database is None:
            return OK
        if database.depth:
            return BUSY, b"unable to close due to unfinalized statements or unfinished backups"
        self._registry.close(handle)
        return OK

    def counts(self, handle: int) -> Any:
        """Answer changes of the last statement, of all, and the last rowid."""
        database = self._databases[handle]
        connection = database.connection
        total = connection.total_changes() + database.earlier
        return OK, connection.changes(), total, connection.last_insert_rowid()

    def filename(self, handle: int, name: bytes) -> Any:
        """Answer the path of a database."""
        database = self._databases[handle]
        if name.lower() == b"main":
            return database.path.encode()
        return None

    def complete(self, sql: bytes) -> Any:
        """Tell whether the text ends with a whole statement."""
        import apsw

        return bool(apsw.complete(sql.split(b"\0")[0].decode("utf-8", "replace")))

    def interrupt(self, handle: int) -> Any:
        """End what runs on a database."""
        self._databases[handle].connection.interrupt()
        return OK
