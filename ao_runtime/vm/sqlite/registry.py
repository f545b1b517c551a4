"""What the parts of a host share: databases, the statements and backups that run on them, and the way to Lua."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

from .heap import Heap
from .lua import Lua
from .steady import Steady

if TYPE_CHECKING:
    import apsw

_registries = count(1)


class Database:
    """One connection, and what runs on it."""

    __slots__ = (
        "__weakref__",
        "backups",
        "bytes",
        "connection",
        "cursors",
        "depth",
        "earlier",
        "functions",
        "hooks",
        "operations",
        "path",
        "spare",
        "vacuum",
    )

    def __init__(self, connection: apsw.Connection, path: str) -> None:
        self.connection = connection
        self.path = path
        self.cursors: set[int] = set()
        self.backups: set[int] = set()
        self.functions = 0
        #: Whether the connection has the functions of `in_bytes`.
        self.bytes = False
        self.hooks: set[str] = set()
        self.depth = 0
        self.vacuum = False
        self.operations = 0
        #: Changes of rows before the state was taken over.
        self.earlier = 0
        #: A cursor at rest, to be used again.
        self.spare: apsw.Cursor | None = None


class Inside:
    """While SQLite runs on a connection it cannot be closed."""

    __slots__ = ("database",)

    def __init__(self, database: Database) -> None:
        self.database = database

    def __enter__(self) -> None:
        self.database.depth += 1

    def __exit__(self, *_: object) -> None:
        self.database.depth -= 1


class Run:
    """A statement that stands on a row."""

    __slots__ = ("cursor", "database", "raw", "rows", "running", "sql", "texts", "values")

    def __init__(self, database: Database, cursor: apsw.Cursor, sql: str, values: Sequence[Any]) -> None:
        self.database = database
        self.cursor = cursor
        self.sql = sql
        self.values = values
        self.texts = False
        self.rows = 0
        self.raw = False
        self.running = False


class Registry:
    """Databases, runs and backups by their numbers; `memory` and `room` are those of `SqliteHost`."""

    def __init__(self, memory: int | None, room: Callable[[], int | None]) -> None:
        self.heap = Heap(memory)
        self.lua = Lua(room)
        self.steady = Steady()
        #: Tells the names of its databases from those of other registries.
        self.id = next(_registries)
        self.handles = count(1)
        self.databases: dict[int, Database] = {}
        self.runs: dict[int, Run] = {}
        self.backups: dict[int, tuple[apsw.Backup, Database, Database]] = {}
        #: Keeps the content of the databases that have a name while nobody has them open.
        self.files: dict[str, apsw.Connection] = {}

    def drop(self, number: int) -> None:
        """End a run, if there is one of that number."""
        run = self.runs.pop(number, None)
        if run is not None:
            run.database.cursors.discard(number)
            run.cursor.close(True)

    def finish(self, number: int) -> None:
        """End a backup."""
        backup, one, two = self.backups.pop(number)
        one.backups.discard(number)
        two.backups.discard(number)
        backup.finish()

    def close(self, handle: int) -> None:
        """Close a database, and what runs on it."""
        database = self.databases[handle]
        for number in list(database.cursors):
            self.drop(number)
        for number in list(database.backups):
            self.finish(number)
        del self.databases[handle]
        database.connection.close(True)

    def close_all(self) -> None:
        """Close everything; the registry can be used again, empty."""
        for database in self.databases.values():
            database.depth = 0
        for handle in list(self.databases):
            self.close(handle)
        for keeper in self.files.values():
            keeper.close(True)
        self.files.clear()
        self.steady.close()


class Part:
    """Functions for Lua; `COMMANDS` are their names."""

    COMMANDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, registry: Registry) -> None:
        self.lua = registry.lua
        self.heap = registry.heap
        self._registry = registry
        self._databases = registry.databases
