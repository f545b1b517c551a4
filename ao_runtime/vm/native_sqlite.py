"""SQLite for the process of one VM, behind functions that take and give plain values; `lua/vm/sqlite.lua` calls them.

Lua keeps everything about a statement but its execution: here are connections, and cursors that stand on a row. A
statement is prepared anew each time it is executed: it costs less than a microsecond, and the count of SQLite's
operations (the gas) depends on nothing that happened before.

No function raises. What fails is ``(code, message)`` with SQLite's result code.
"""

from __future__ import annotations

import re
import struct
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from .sqlite_guard import CallbackError, authorizer, restrict
from .sqlite_steady import Steady
from .sqlite_text import cast_parameters, clean, is_empty, parameters, statement_end, unwrap, wrapped

if TYPE_CHECKING:
    import apsw

OK, ERROR, BUSY, NOMEM, INTERRUPT, CANTOPEN, MISUSE, ROW, DONE = 0, 1, 5, 7, 9, 14, 21, 100, 101
#: The answer waits until Lua has collected its garbage.
PENDING = 1000

MISSING = "the module lsqlite3 needs SQLite for Python: pip install 'ao-runtime[sqlite]'"

#: Operations of SQLite between two looks at the limits, and what one of them counts in instructions. Together they are
#: so much that the clock is looked at, too (LARGE in `lua/vm/limits.lua`).
INTERVAL = 512
WEIGHT = 4
#: Bytes that Lua must have left when values are given to it: lupa gives them unprotected.
MARGIN = 65536
#: How deep functions of Lua's may call SQLite that calls functions of Lua's.
NESTED = 20
#: Results are charged from this size on: bytes, and bytes for an instruction.
LARGE, BYTES = 4096, 16

_KINDS = (_NULL, _NUMBER, _TEXT, _BLOB, _FAILED) = range(5)

_OPEN_READONLY, _OPEN_READWRITE, _OPEN_CREATE, _OPEN_URI, _OPEN_MEMORY = 1, 2, 4, 64, 128


#: Where a database with a name can be made.
_FOLDERS = ("", "/tmp", "/home")

#: The columns of EXPLAIN and of EXPLAIN QUERY PLAN, which apsw does not tell.
_EXPLAINED = {
    1: [(name, None) for name in ["addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment"]],
    2: [(name, None) for name in ["id", "parent", "notused", "detail"]],
}

_DONE = (DONE,)

_hosts = count(1)


class _Database:
    """One connection, and what runs on it."""

    __slots__ = (
        "__weakref__",
        "backups",
        "connection",
        "cursors",
        "depth",
        "earlier",
        "functions",
        "hooks",
        "operations",
        "path",
        "spare",
        "ticks",
        "used",
        "vacuum",
    )

    def __init__(self, connection: apsw.Connection, path: str) -> None:
        self.connection = connection
        self.path = path
        self.cursors: set[int] = set()
        self.backups: set[int] = set()
        self.functions = 0
        self.hooks: set[str] = set()
        self.depth = 0
        self.vacuum = False
        self.ticks = 0
        self.used = 0
        self.operations = 0
        #: Changes of rows before the state was taken over.
        self.earlier = 0
        #: A cursor at rest, to be used again.
        self.spare: apsw.Cursor | None = None


class _Run:
    """A statement that stands on a row."""

    __slots__ = ("cursor", "database", "raw", "rows", "running", "sql", "texts", "values")

    def __init__(self, database: _Database, cursor: apsw.Cursor, sql: str, values: Sequence[Any]) -> None:
        self.database = database
        self.cursor = cursor
        self.sql = sql
        self.values = values
        self.texts = False
        self.rows = 0
        self.raw = False
        self.running = False


@cache
def _null() -> Any:
    """What stands for parameters that are all null."""
    import apsw

    class Nulls(dict[str, None]):
        def __missing__(self, _name: str) -> None:
            return None

    try:
        return getattr(apsw, "_null_bindings")  # noqa: B009
    except AttributeError:
        return Nulls()


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [value.encode() if value.__class__ is str else value for value in row]


def _mixed(kinds: bytes, values: Sequence[Any]) -> list[Any]:
    """The values of parameters, some of which are blobs."""
    return [
        value.decode() if value.__class__ is bytes and kinds[i + 1 : i + 2] != b"b" else value
        for i, value in enumerate(values)
    ]


def _not_utf8(kinds: bytes | None, values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The same where texts are not UTF-8: those stay bytes, and their indices are told."""
    given: list[Any] = []
    broken: list[int] = []
    for i, value in enumerate(values):
        if value.__class__ is bytes and (kinds is None or kinds[i + 1 : i + 2] != b"b"):
            try:
                value = value.decode()
            except UnicodeDecodeError:
                broken.append(i)
        given.append(value)
    return given, broken


def _size(values: Any) -> int:
    if values.__class__ is bytes:
        return len(values)
    size = 0
    if values.__class__ is tuple or values.__class__ is list:
        for value in values:
            if value.__class__ is bytes:
                size += len(value) + 32
    return size


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


#: What is said of a database: handle, last rowid, changes of the last statement, of all, whether it is read only.
_COUNTS = struct.Struct("<Qqqqq")
#: Where a statement has changed more rows, that cannot be saved.
_MOST_CHANGES = 100_000
#: More changes and handles than there ever are.
_MOST_NUMBERS = 1 << 60


#: What a connection keeps besides its content; the name of a setting, and the question for its value.
_SETTINGS = {
    name: f"PRAGMA {name}"
    for name in (
        "analysis_limit",
        "automatic_index",
        "cell_size_check",
        "count_changes",
        "defer_foreign_keys",
        "empty_result_callbacks",
        "encoding",
        "foreign_keys",
        "full_column_names",
        "ignore_check_constraints",
        "journal_mode",
        "journal_size_limit",
        "legacy_alter_table",
        "query_only",
        "read_uncommitted",
        "recursive_triggers",
        "reverse_unordered_selects",
        "secure_delete",
        "short_column_names",
        "synchronous",
        "trusted_schema",
    )
}
_SETTINGS["case_sensitive_like"] = "SELECT 'a' NOT LIKE 'A'"
_SETTING = re.compile(r"[\w-]{1,32}")


def _setting(connection: apsw.Connection, name: str) -> str:
    row = next(iter(connection.execute(_SETTINGS[name])), ("",))
    return str(row[0])


def _settings(connection: apsw.Connection) -> bytes:
    """The settings of a connection, as `_set` reads them."""
    return " ".join(f"{name}={_setting(connection, name)}" for name in sorted(_SETTINGS)).encode()


def _set(connection: apsw.Connection, settings: bytes) -> None:
    """Make these the settings, where they are others."""
    for item in settings.decode().split():
        name, _, value = item.partition("=")
        if name not in _SETTINGS or not _SETTING.fullmatch(value):
            raise ValueError("not a saved state of databases")
        if _setting(connection, name) != value:
            connection.execute(f"PRAGMA {name}={value}" if name != "encoding" else f"PRAGMA encoding='{value}'")


def _change(connection: apsw.Connection, count: int) -> None:
    """Have the connection say that the last statement has changed so many rows."""
    if count:
        connection.execute("ATTACH ':memory:' AS aside")
        connection.execute("CREATE TABLE aside.t (x)")
        rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT NULL FROM n"
        connection.execute(f"INSERT INTO aside.t {rows}", (count,))
        connection.execute("DETACH aside")


class SqliteHost:
    """The databases of one VM; they die with it.

    `memory` is the number of bytes that a database, or a query while it runs, may take; `room` tells how many bytes
    Lua may still take, None without a limit.
    """

    def __init__(self, memory: int | None = None, room: Callable[[], int | None] = lambda: None) -> None:
        self.memory = memory
        self._room = room
        self._pending: Any = None
        self._nested = 0
        #: SQL as Lua gives it → as text, and whether it may be a VACUUM.
        self._texts: dict[bytes, tuple[str, bool]] = {}
        self._id = next(_hosts)
        self._handles = count(1)
        self._databases: dict[int, _Database] = {}
        self._runs: dict[int, _Run] = {}
        self._backups: dict[int, tuple[apsw.Backup, _Database, _Database]] = {}
        #: Keeps the content of the databases that have a name while nobody has them open.
        self._files: dict[str, apsw.Connection] = {}
        self._steady = Steady()
        self._tick: Callable[[int], Any] = lambda _n: None
        self._call: Callable[..., Any] = lambda *_a: (_NULL, None)
        self._out_of_memory = False

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what Lua may call, by name."""
        names = (
            "attach ready pending open close exec prepare columns params start next stop counts"
            " function aggregate collation hook filename complete interrupt"
            " backup backup_step backup_counts backup_finish"
        )
        functions = {f"sqlite.{name}": self._quiet(f"_do_{name}") for name in names.split()}
        return {**functions, "sqlite.save": self._stately("_save"), "sqlite.load": self._stately("_load")}

    # Lua holds these functions, and this object holds Lua's: without weak references none of it would ever be freed.
    # The same is so for what SQLite holds.

    def _quiet(self, name: str) -> Callable[..., Any]:
        function = getattr(type(self), name)
        reference = weakref.ref(self)

        def call(*arguments: Any) -> Any:
            host = reference()
            if host is None:
                return MISUSE, b"bad parameter or other API misuse"
            try:
                return host._given(function(host, *arguments))
            except Exception as failure:
                return host._given(host._failure(failure))

        return call

    def _stately(self, name: str) -> Callable[..., Any]:
        function = getattr(type(self), name)
        reference = weakref.ref(self)

        def call(*arguments: Any) -> Any:
            host = reference()
            try:
                return None if host is None else function(host, *arguments)
            except Exception:
                return None

        return call

    def _save(self, handles: bytes) -> bytes | None:
        return self.save({number for (number,) in struct.iter_unpack("<Q", handles)})

    def _load(self, state: bytes) -> bool:
        self.load(state)
        return True

    def _weak(self, name: str) -> Callable[..., Any]:
        function = getattr(type(self), name)
        reference = weakref.ref(self)

        def call(*arguments: Any) -> Any:
            host = reference()
            if host is None:
                raise CallbackError(b"interrupted")
            return function(host, *arguments)

        return call

    def __del__(self) -> None:
        try:
            self.close()
        except Exception:
            return

    def _given(self, answer: Any) -> Any:
        """Give an answer to Lua if it has the room: where Lua's memory ends while lupa gives it a string, all ends.

        Otherwise the answer waits for Lua to collect its garbage: `_do_pending`.
        """
        if answer.__class__ is tuple and len(answer) > 1:
            room = self._room()
            if room is not None and room < MARGIN + _size(answer):
                self._pending = answer
                return (PENDING,)
        return answer

    def _do_pending(self) -> Any:
        answer, self._pending = self._pending, None
        room = self._room()
        if room is not None and room < MARGIN + _size(answer):
            return (NOMEM,)
        return answer

    def _failure(self, failure: Exception) -> tuple[int, bytes]:
        if self._out_of_memory:
            self._out_of_memory = False
            return NOMEM, b"out of memory"
        code = getattr(failure, "result", None)
        text = str(failure)
        if isinstance(failure, CallbackError):
            return ERROR, failure.args[0]
        if isinstance(failure, MemoryError) or type(failure).__name__ == "LuaMemoryError":
            return NOMEM, b"out of memory"
        if isinstance(failure, UnicodeError):
            text = "text that is not UTF-8 cannot be passed here"
        elif type(failure).__name__ in ("ThreadingViolationError", "ConnectionClosedError", "CursorClosedError"):
            return MISUSE, b"bad parameter or other API misuse"
        if not isinstance(code, int):
            return ERROR, text.encode("utf-8", "replace")
        code &= 0xFF
        if not text and code == CANTOPEN:
            text = "unable to open database file"
        return code, text.encode("utf-8", "replace")

    # Set-up --------------------------------------------------------------------------------------------------------

    def _do_attach(self, tick: Callable[[int], Any], call: Callable[..., Any], clock: Callable[[], Any]) -> Any:
        """Take the three functions of the trusted side: charge, call a Lua function, the time in milliseconds.

        `tick` answers true when a limit is reached; none of them raises.
        """
        self._tick, self._call = tick, call
        self._steady.tick, self._steady.clock = tick, clock
        return True

    def _do_ready(self) -> Any:
        try:
            import apsw  # noqa: F401
        except ImportError:
            return None, MISSING.encode()
        return True

    def _do_open(self, name: bytes, flags: int) -> Any:
        path, flags = self._place(name, flags)
        if flags & 7 not in (_OPEN_READONLY, _OPEN_READWRITE, _OPEN_READWRITE | _OPEN_CREATE):
            return MISUSE, b"bad parameter or other API misuse"
        if path and path not in self._files:
            if not flags & _OPEN_CREATE or path.rpartition("/")[0] not in _FOLDERS:
                return CANTOPEN, b"unable to open database file"
            self._files[path] = self._connect(path, flags)
        database = _Database(self._connect(path, flags), path)
        self._guard(database)
        handle = next(self._handles)
        self._databases[handle] = database
        return OK, handle

    @staticmethod
    def _place(name: bytes, flags: int) -> tuple[str, int]:
        """The path of a database ("" for one without a name), and the flags that hold for it."""
        text = name.split(b"\0")[0].decode("utf-8", "replace")
        if flags & _OPEN_URI and text.startswith("file:"):
            text, _, query = text[5:].partition("?")
            text = text.partition("#")[0]
            mode = re.search(r"(?:^|&)mode=(\w+)", query)
            modes = {"ro": _OPEN_READONLY, "rw": _OPEN_READWRITE, "rwc": _OPEN_READWRITE | _OPEN_CREATE}
            if mode and mode[1] == "memory":
                flags |= _OPEN_MEMORY
            elif mode and mode[1] in modes:
                flags = flags & ~7 | modes[mode[1]]
        if text in ("", ":memory:") or flags & _OPEN_MEMORY:
            return "", flags
        parts: list[str] = []
        for part in text.split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts), flags

    def _connect(self, path: str, flags: int) -> apsw.Connection:
        import apsw

        if not path:
            return apsw.Connection(":memory:", statementcachesize=0)
        # SQLite's own store of databases in memory, shared by name among the connections of this host
        name = path.encode().hex()
        flags = flags & 7 | apsw.SQLITE_OPEN_URI
        return apsw.Connection(f"file:/ao-{self._id}-{name}?vfs=memdb", flags=flags, statementcachesize=0)

    def _guard(self, database: _Database) -> None:
        """Take away from a connection what reaches out of it, and what is not the same in every run."""
        import apsw

        connection = database.connection
        restrict(connection)
        if self.memory:
            self._steady.longest = min(1_000_000_000, max(1 << 16, self.memory))
            connection.execute(f"PRAGMA max_page_count={max(64, self.memory // 4096)}")
            connection.limit(apsw.SQLITE_LIMIT_LENGTH, self._steady.longest)
        self._steady.settle(connection)
        connection.set_authorizer(authorizer(weakref.ref(database)))
        connection.set_progress_handler(self._looker(database, None, INTERVAL), INTERVAL)

    # What SQLite asks while it runs --------------------------------------------------------------------------------

    def _looker(self, database: _Database, then: Callable[[], Any] | None, steps: int) -> Callable[[], bool]:
        """The function that SQLite calls every so many operations: true ends the query."""
        host, watched = weakref.ref(self), weakref.ref(database)

        def look() -> bool:
            one, two = host(), watched()
            if one is None or two is None or one._progress(two, steps):
                return True
            return then is not None and bool(then())

        return look

    def _progress(self, database: _Database, steps: int) -> bool:
        database.operations += steps
        if database.operations >= INTERVAL:
            operations, database.operations = database.operations, 0
            if self._tick(operations * WEIGHT):
                return True
        if self.memory is not None:
            import apsw

            used = apsw.memory_used()
            if not database.ticks:
                database.used = used
            database.ticks += 1
            if used - database.used > self.memory:
                self._out_of_memory = True
                return True
        return False

    # Statements ----------------------------------------------------------------------------------------------------

    def _do_exec(self, handle: int, sql: bytes) -> Any:
        database = self._databases[handle]
        database.vacuum = b"vacuum" in sql.lower()

        with _Inside(database):
            rows = database.connection.cursor().execute(clean(sql), _null(), can_cache=False)
            while True:
                try:
                    for _ in rows:
                        pass
                    return OK
                except UnicodeDecodeError:
                    continue

    def _compiled(self, database: _Database, sql: str) -> tuple[int, Any, tuple[str | None, ...]]:
        """Compile a statement: its number of parameters, its columns, its parameters' names."""
        import apsw

        seen: list[Any] = []

        def look(cursor: apsw.Cursor, text: str, _bindings: Any) -> bool:
            columns = _EXPLAINED[cursor.is_explain] if cursor.is_explain else cursor.get_description()
            seen.extend((cursor.bindings_count, columns, cursor.bindings_names))
            return False

        cursor = database.connection.cursor()
        cursor.exec_trace = look
        try:
            with _Inside(database):
                cursor.execute(sql, _null(), can_cache=False)
        except apsw.ExecTraceAbort:
            pass
        finally:
            cursor.close(True)
        values, description, names = seen
        return values, description, names

    def _do_prepare(self, handle: int, sql: bytes) -> Any:
        """(0, length of the first statement, parameters, columns); parameters is -1 where there is no statement."""
        sql = sql.split(b"\0")[0]
        end = statement_end(sql)
        first = sql[:end]
        if is_empty(first):
            return OK, end, -1, 0
        values, description, _ = self._compiled(self._databases[handle], clean(first))
        return OK, end, values, len(description) if description else 0

    def _do_columns(self, handle: int, sql: bytes) -> Any:
        """Names and declared types of the columns: 0, name, type or nil, name, …"""
        _, description, _ = self._compiled(self._databases[handle], clean(sql))
        answer: list[Any] = [OK]
        for name, kind in description or ():
            answer.append(name.encode())
            answer.append(None if kind is None else kind.encode())
        return tuple(answer)

    def _do_params(self, handle: int, sql: bytes) -> Any:
        """Names of the parameters, with their first sign: 0, name or nil, …"""
        _, _, bare = self._compiled(self._databases[handle], clean(sql))
        signs = parameters(sql)
        names = [None if name is None else signs.get(name.encode()) for name in bare]
        return (OK, *names)

    def _do_start(self, handle: int, sql: bytes, kinds: bytes | None, *values: Any) -> Any:
        """Execute a statement up to its first row: (100, cursor, values…), or 101.

        `kinds` begins with t where rows are wanted as texts; then b for each value that is a blob.
        """
        database = self._databases[handle]
        known = self._texts.get(sql)
        if known is None:
            known = self._text_of(sql)
        text, database.vacuum = known
        try:
            if kinds is None:
                given = [value.decode() if value.__class__ is bytes else value for value in values]
            else:
                given = _mixed(kinds, values)
        except UnicodeDecodeError:
            given, broken = _not_utf8(kinds, values)
            text = cast_parameters(text, broken, self._compiled(database, text)[2])
        cursor = database.spare or database.connection.cursor()
        database.spare = None
        database.depth += 1
        database.ticks = 0
        try:
            cursor.execute(text, given, can_cache=False)
            try:
                row = next(cursor, None)
            except UnicodeDecodeError:
                row = ()
            if row is None:
                database.spare = cursor
                return _DONE
            run = _Run(database, cursor, text, given)
            run.texts = kinds is not None and kinds[:1] == b"t"
            answer = self._row(run, row)
        finally:
            database.depth -= 1
        if answer[0] != ROW:
            return answer
        number = next(self._handles)
        self._runs[number] = run
        database.cursors.add(number)
        return (ROW, number, *answer[1:])

    def _text_of(self, sql: bytes) -> tuple[str, bool]:
        known = (clean(sql), b"vacuum" in sql.lower())
        if len(sql) < 4096:
            if len(self._texts) >= 256:
                self._texts.clear()
            self._texts[sql] = known
        return known

    def _next(self, run: _Run) -> tuple[Any, ...]:
        try:
            row = next(run.cursor, None)
        except UnicodeDecodeError:
            row = ()
        return _DONE if row is None else self._row(run, row)

    def _row(self, run: _Run, row: tuple[Any, ...] | None) -> tuple[Any, ...]:
        if not row:
            row = self._again(run)
            if row is None:
                return _DONE
        run.rows += 1
        values = unwrap(row) if run.raw else _plain(row)
        if run.texts:
            values = [self._text(value) for value in values]
        size = 0
        for value in values:
            if value.__class__ is bytes:
                size += len(value)
        if size > LARGE and self._tick(size // BYTES):
            return INTERRUPT, b"interrupted"
        return (ROW, *values)

    def _again(self, run: _Run) -> tuple[Any, ...] | None:
        """The row whose text is not UTF-8: from the same query, with its texts as bytes."""
        if run.raw or not run.cursor.is_readonly:
            raise UnicodeError
        description = run.cursor.get_description()
        run.cursor.close(True)
        run.raw = True
        run.cursor = run.database.connection.cursor()
        run.cursor.execute(wrapped(run.sql, len(description)), run.values, can_cache=False)
        for _ in range(run.rows):
            next(run.cursor, None)
        return next(run.cursor, None)

    def _text(self, value: Any) -> bytes | None:
        """A value as sqlite3_exec gives it: text up to its first zero byte."""
        if value is None:
            return None
        if isinstance(value, float):
            value = self._steady.ask("SELECT CAST(? AS TEXT)", (value,)).encode()
        elif isinstance(value, int):
            return b"%d" % value
        return bytes(value).split(b"\0")[0]

    def _do_next(self, number: int) -> Any:
        run = self._runs[number]
        if run.running:
            return MISUSE, b"bad parameter or other API misuse"
        run.running = True
        database = run.database
        database.depth += 1
        database.ticks = 0
        done = True
        try:
            answer = self._next(run)
            done = answer[0] != ROW
            return answer
        finally:
            database.depth -= 1
            run.running = False
            if done:
                self._drop(number)

    def _do_stop(self, number: int) -> Any:
        run = self._runs.get(number)
        if run is not None:
            if run.running:
                return MISUSE, b"bad parameter or other API misuse"
            self._drop(number)
        return OK

    def _drop(self, number: int) -> None:
        run = self._runs.pop(number, None)
        if run is not None:
            run.database.cursors.discard(number)
            run.cursor.close(True)

    def _do_counts(self, handle: int) -> Any:
        database = self._databases[handle]
        connection = database.connection
        total = connection.total_changes() + database.earlier
        return OK, connection.changes(), total, connection.last_insert_rowid()

    def _do_filename(self, handle: int, name: bytes) -> Any:
        database = self._databases[handle]
        if name.lower() == b"main":
            return database.path.encode()
        return None

    def _do_complete(self, sql: bytes) -> Any:
        import apsw

        return bool(apsw.complete(sql.split(b"\0")[0].decode("utf-8", "replace")))

    def _do_interrupt(self, handle: int) -> Any:
        self._databases[handle].connection.interrupt()
        return OK

    def _do_close(self, handle: int) -> Any:
        database = self._databases.get(handle)
        if database is None:
            return OK
        if database.depth:
            return BUSY, b"unable to close due to unfinalized statements or unfinished backups"
        for number in list(database.cursors):
            self._drop(number)
        for number in list(database.backups):
            self._do_backup_finish(number)
        del self._databases[handle]
        database.connection.close(True)
        return OK

    # Lua functions that SQLite calls -------------------------------------------------------------------------------

    def _ask_lua(self, function: int, what: int, instance: int, values: Sequence[Any]) -> Any:
        given = _plain(tuple(values))
        self._make_room(given)
        if self._nested >= NESTED:
            raise CallbackError(b"C stack overflow")
        self._nested += 1
        try:
            kind, value = self._call(function, what, instance, *given)
        finally:
            self._nested -= 1
        if kind in (_NUMBER, _BLOB):
            return value
        if kind == _TEXT:
            try:
                return value.decode()
            except UnicodeDecodeError:
                return value  # a blob: the library passes no text that is not UTF-8
        if kind == _FAILED:
            raise CallbackError(_bytes(value))
        return None

    def _make_room(self, values: list[Any]) -> bool:
        """See to it that Lua can take values, or raise MemoryError."""
        room = self._room()
        if room is not None and room < MARGIN + _size(values):
            self._tick(-1)  # collects garbage
            room = self._room()
            if room is not None and room < MARGIN + _size(values):
                self._out_of_memory = True
                raise MemoryError
        return True

    def _do_function(self, handle: int, name: bytes, arguments: int, function: int) -> Any:
        ask = self._weak("_ask_lua")

        def scalar(*values: Any) -> Any:
            return ask(function, 0, 0, values)

        database = self._databases[handle]
        database.connection.create_scalar_function(name.decode(), scalar, arguments)
        database.functions += 1
        return OK

    def _do_aggregate(self, handle: int, name: bytes, arguments: int, function: int) -> Any:
        ask = self._weak("_ask_lua")
        failures: dict[int, Exception] = {}

        # The last function is called after a step that has failed, too: so the failure waits for it.
        def step(instance: int, *values: Any) -> None:
            if instance not in failures:
                try:
                    ask(function, 1, instance, values)
                except CallbackError as failure:
                    failures[instance] = failure

        def final(instance: int) -> Any:
            try:
                value = ask(function, 2, instance, ())
            except CallbackError:
                # the first failure counts
                if instance not in failures:
                    raise
            if instance in failures:
                raise failures.pop(instance)
            return value

        database = self._databases[handle]
        instances = self._handles
        database.connection.create_aggregate_function(name.decode(), lambda: (next(instances), step, final), arguments)
        database.functions += 1
        return OK

    def _do_collation(self, handle: int, name: bytes, function: int) -> Any:
        ask = self._weak("_ask_lua")

        def compare(one: str, two: str) -> int:
            return int(ask(function, 0, 0, (one, two)) or 0)

        database = self._databases[handle]
        database.connection.create_collation(name.decode(), compare)
        database.functions += 1
        return OK

    def _do_hook(self, handle: int, kind: bytes, function: int | None, steps: int) -> Any:
        """Set a hook of the kind, or take it away: the Lua function gets what SQLite tells."""
        import apsw

        database = self._databases[handle]
        connection = database.connection
        name = kind.decode()

        host = weakref.ref(self)

        def call(*values: Any) -> Any:
            owner = host()
            given = _plain(values)
            if owner is None or not owner._make_room(given):
                return False
            answer = owner._call(function, 0, 0, *given)
            return isinstance(answer, tuple) and answer[0] == _NUMBER and bool(answer[1])

        if name == "update":
            connection.set_update_hook(None if function is None else call)
        elif name == "commit":
            connection.set_commit_hook(None if function is None else call)
        elif name == "rollback":
            connection.set_rollback_hook(None if function is None else call)
        elif name == "trace":
            if function is None:
                connection.trace_v2(0, None)
            else:
                connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda event: call(event["sql"]))
        elif name == "progress":
            if function is None or steps < 1:
                connection.set_progress_handler(self._looker(database, None, INTERVAL), INTERVAL)
            else:
                # one handler for both: it looks as often as the process wants to
                part = min(steps, INTERVAL)
                connection.set_progress_handler(self._looker(database, call, part), part)
        (database.hooks.discard if function is None else database.hooks.add)(name)
        return OK

    # Backups -------------------------------------------------------------------------------------------------------

    def _do_backup(self, target: int, target_name: bytes, source: int, source_name: bytes) -> Any:
        one, two = self._databases[target], self._databases[source]
        if one is two:
            return ERROR, b"source and destination must be distinct"
        backup = one.connection.backup(target_name.decode(), two.connection, source_name.decode())
        number = next(self._handles)
        self._backups[number] = backup, one, two
        one.backups.add(number)
        two.backups.add(number)
        return OK, number

    def _do_backup_step(self, number: int, pages: int) -> Any:
        backup = self._backups[number][0]
        if self._tick(1000 + 64 * max(pages, 0)):
            return INTERRUPT, b"interrupted"
        return DONE if backup.step(pages) else OK

    def _do_backup_counts(self, number: int) -> Any:
        backup = self._backups[number][0]
        return OK, backup.remaining, backup.page_count

    def _do_backup_finish(self, number: int) -> Any:
        backup, one, two = self._backups.pop(number)
        one.backups.discard(number)
        two.backups.discard(number)
        backup.finish()
        return OK

    # The state as bytes --------------------------------------------------------------------------------------------

    def save(self, handles: set[int] | None = None) -> bytes | None:
        """The content of all databases, or None while it cannot be saved: then only the history can bring it back.

        `handles` are those that are still held, if not all are.

        That is so while a transaction or a statement is open, with temporary tables, and with functions or hooks
        of Lua's.
        """
        parts: list[bytes] = [b"ao-sqlite-1", struct.pack("<QQ", self._steady.state, self._next_handle())]
        for handle, database in self._databases.items():
            if handles is not None and handle not in handles:
                continue
            connection = database.connection
            temporary = next(connection.execute("SELECT count(*) FROM sqlite_temp_schema"))[0]
            if connection.in_transaction or database.cursors or database.functions or database.hooks:
                return None
            if database.backups or temporary:
                return None
            path = database.path.encode()
            body = b"" if database.path else _content(connection)
            if connection.changes() > _MOST_CHANGES:
                return None
            total = connection.total_changes() + database.earlier
            counts = (connection.last_insert_rowid(), connection.changes(), total, int(connection.readonly("main")))
            parts.append(_COUNTS.pack(handle, *counts) + path + b"\0" + _settings(connection) + b"\0" + body)
        parts.append(b"")
        for path_text, keeper in self._files.items():
            parts.append(path_text.encode() + b"\0" + _content(keeper))
        return b"".join(struct.pack("<Q", len(part)) + part for part in parts)

    def _next_handle(self) -> int:
        number = next(self._handles)
        self._handles = count(number)
        return number

    def load(self, state: bytes) -> None:
        """Bring back what `save` gave. Raises ValueError where it is none of ours."""
        parts = list(_parts(state))
        if len(parts) < 3 or parts[0] != b"ao-sqlite-1" or b"" not in parts:
            raise ValueError("not a saved state of databases")
        self.close()
        self._steady.state, first = struct.unpack("<QQ", parts[1])
        if first > _MOST_NUMBERS:
            raise ValueError("not a saved state of databases")
        split = parts.index(b"")
        for part in parts[split + 1 :]:
            path, _, body = part.partition(b"\0")
            name = path.decode()
            self._files[name] = keeper = self._connect(name, 6)
            if body:
                self._fill(keeper, body)
        for part in parts[2:split]:
            handle, rowid, changes, total, readonly = _COUNTS.unpack_from(part)
            path, settings, body = part[_COUNTS.size :].split(b"\0", 2)
            usual = 0 <= changes <= min(total, _MOST_CHANGES) and total < _MOST_NUMBERS
            if not usual or not 0 < handle < first or handle in self._databases:
                raise ValueError("not a saved state of databases")
            connection = self._connect(path.decode(), _OPEN_READONLY if readonly else 6)
            if body:
                connection.deserialize("main", body)
                self._check(connection)
            database = _Database(connection, path.decode())
            _change(connection, changes)
            database.earlier = total - connection.total_changes()
            self._guard(database)
            _set(connection, settings)
            connection.set_last_insert_rowid(rowid)
            self._databases[handle] = database
        self._handles = count(first)

    @staticmethod
    def _check(connection: apsw.Connection) -> None:
        import apsw

        try:
            found = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
        except apsw.Error:
            found = []
        if found != ["ok"]:
            raise ValueError("the content of a database is damaged")

    @classmethod
    def _fill(cls, keeper: apsw.Connection, body: bytes) -> None:
        import apsw

        source = apsw.Connection(":memory:")
        source.deserialize("main", body)
        cls._check(source)
        with keeper.backup("main", source, "main") as backup:
            backup.step(-1)
        source.close()

    def close(self) -> None:
        """Close everything; the host can be used again, empty."""
        for database in self._databases.values():
            database.depth = 0
        for handle in list(self._databases):
            self._do_close(handle)
        for keeper in self._files.values():
            keeper.close(True)
        self._files.clear()
        self._steady.close()


class _Inside:
    """While SQLite runs on a connection it cannot be closed."""

    __slots__ = ("database",)

    def __init__(self, database: _Database) -> None:
        self.database = database

    def __enter__(self) -> None:
        self.database.depth += 1
        self.database.ticks = 0

    def __exit__(self, *_: object) -> None:
        self.database.depth -= 1


def _content(connection: apsw.Connection) -> bytes:
    """The database as bytes, without what SQLite counts for other programs: a database brought back counts anew."""
    body = bytearray(connection.serialize("main"))
    if body:
        body[24:28] = body[92:96] = body[96:100] = bytes(4)
    return bytes(body)


def _parts(state: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(state):
        if at + 8 > len(state):
            raise ValueError("not a saved state of databases")
        (size,) = struct.unpack_from("<Q", state, at)
        at += 8
        if at + size > len(state):
            raise ValueError("not a saved state of databases")
        yield state[at : at + size]
        at += size
