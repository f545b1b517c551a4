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

from .sqlite_text import cast_parameters, clean, is_empty, parameters, statement_end, unwrap, wrapped

if TYPE_CHECKING:
    import apsw

OK, ERROR, BUSY, NOMEM, INTERRUPT, CANTOPEN, MISUSE, ROW, DONE = 0, 1, 5, 7, 9, 14, 21, 100, 101
#: The answer waits until Lua has collected its garbage.
PENDING = 1000

MISSING = "the module lsqlite3 needs SQLite for Python: pip install 'ao-runtime[sqlite]'"

#: What the network's SQLite says of itself; ours may be a later one.
VERSION = "3.45.3"
SOURCE = "2024-04-15 13:34:05 8653b758870e6ef0c98d46b3ace27849054af85da891eb121e9aaa537f1e8355"

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


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: The functions of the network's SQLite: those of later versions and other builds are taken away.
_FUNCTIONS = _words(
    """
    -> ->> abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling changes char coalesce concat
    concat_ws cos cosh count cume_dist current_date current_time current_timestamp date datetime degrees
    dense_rank exp first_value floor format fts5 fts5_source_id glob group_concat hex highlight ifnull iif instr
    json json_array json_array_length json_error_position json_extract json_group_array json_group_object
    json_insert json_object json_patch json_quote json_remove json_replace json_set json_type json_valid jsonb
    jsonb_array jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch
    jsonb_remove jsonb_replace jsonb_set julianday lag last_insert_rowid last_value lead length like likelihood
    likely ln load_extension log log10 log2 lower ltrim match max min mod nth_value ntile nullif octet_length
    percent_rank pi pow power printf quote radians random randomblob rank replace round row_number rtrim sign
    sin sinh snippet sqlite_compileoption_get sqlite_compileoption_used sqlite_log sqlite_source_id
    sqlite_version sqrt strftime string_agg substr substring subtype sum tan tanh time timediff total
    total_changes trim trunc typeof unhex unicode unixepoch unlikely upper zeroblob
    """
)
_MODULES = ("fts5", "fts5vocab", "json_each", "json_tree")

#: Pragmas that a process may use, with or without a value.
_PRAGMAS = _words(
    """
    analysis_limit application_id automatic_index case_sensitive_like cell_size_check collation_list
    compile_options count_changes data_version defer_foreign_keys empty_result_callbacks encoding
    foreign_key_check foreign_key_list foreign_keys freelist_count full_column_names function_list
    ignore_check_constraints incremental_vacuum index_info index_list index_xinfo integrity_check
    journal_size_limit legacy_alter_table module_list optimize page_count pragma_list query_only quick_check
    read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete
    short_column_names table_info table_list table_xinfo trusted_schema user_version
    """
)
#: Pragmas that a process may only read: their values touch files, memory, or other processes.
_READ_ONLY_PRAGMAS = _words(
    """
    auto_vacuum busy_timeout cache_size cache_spill checkpoint_fullfsync database_list fullfsync journal_mode
    locking_mode max_page_count mmap_size page_size synchronous temp_store threads writable_schema
    """
)
#: Values that change nothing, so that scripts written for files run.
_HARMLESS = {
    "journal_mode": frozenset(("memory", "wal", "delete", "truncate", "persist")),
    "synchronous": frozenset(("0", "1", "2", "3", "off", "normal", "full", "extra")),
    "temp_store": frozenset(("0", "2", "default", "memory")),
    "locking_mode": frozenset(("normal",)),
    "mmap_size": frozenset(("0",)),
}

#: Where a database with a name can be made.
_FOLDERS = ("", "/tmp", "/home")

#: The columns of EXPLAIN and of EXPLAIN QUERY PLAN, which apsw does not tell.
_EXPLAINED = {
    1: [(name, None) for name in ["addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment"]],
    2: [(name, None) for name in ["id", "parent", "notused", "detail"]],
}

_MASK = (1 << 64) - 1
_VACUUM = re.compile(rb"vacuum", re.IGNORECASE)
_hosts = count(1)


class _CallbackError(Exception):
    """A Lua function that SQLite called has failed."""


class _Database:
    """One connection, and what runs on it."""

    __slots__ = (
        "__weakref__",
        "backups",
        "connection",
        "cursors",
        "depth",
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


def _refuse(*_: Any) -> None:
    raise _CallbackError(b"not authorized")


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


@cache
def _unknown() -> list[tuple[str, int]]:
    """The functions that this SQLite has and the network's has not, with their numbers of arguments."""
    import apsw

    connection = apsw.Connection(":memory:")
    rows = connection.execute("SELECT DISTINCT name, narg FROM pragma_function_list").fetchall()
    return [(str(name), max(int(arguments or 0), -1)) for name, arguments in rows if name not in _FUNCTIONS]


@cache
def _known_pragmas() -> frozenset[str]:
    import apsw

    return frozenset(str(row[0]) for row in apsw.Connection(":memory:").execute("PRAGMA pragma_list"))


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [value.encode() if value.__class__ is str else value for value in row]


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
        self._random = 0
        self._helper: apsw.Connection | None = None
        self._tick: Callable[[int], Any] = lambda _n: None
        self._call: Callable[..., Any] = lambda *_a: (_NULL, None)
        self._clock: Callable[[], Any] = lambda: 0
        self._out_of_memory = False

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what Lua may call, by name."""
        names = (
            "attach ready pending open close exec prepare columns params start next stop counts"
            " function aggregate collation hook filename complete interrupt"
            " backup backup_step backup_counts backup_finish"
        )
        return {f"sqlite.{name}": self._quiet(f"_do_{name}") for name in names.split()}

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

    def _weak(self, name: str) -> Callable[..., Any]:
        function = getattr(type(self), name)
        reference = weakref.ref(self)

        def call(*arguments: Any) -> Any:
            host = reference()
            if host is None:
                raise _CallbackError(b"interrupted")
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
        if isinstance(failure, _CallbackError):
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
        self._tick, self._call, self._clock = tick, call, clock
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
        connection.execute("PRAGMA temp_store=MEMORY")
        if self.memory:
            connection.execute(f"PRAGMA max_page_count={max(64, self.memory // 4096)}")
            connection.limit(apsw.SQLITE_LIMIT_LENGTH, min(1_000_000_000, max(1 << 16, self.memory)))
        connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 0 if not database.path else 1)
        connection.limit(apsw.SQLITE_LIMIT_WORKER_THREADS, 0)
        connection.limit(apsw.SQLITE_LIMIT_FUNCTION_ARG, 127)
        for option, value in (("DEFENSIVE", 1), ("ENABLE_LOAD_EXTENSION", 0), ("FP_DIGITS", 15)):
            number = getattr(apsw, f"SQLITE_DBCONFIG_{option}", None)
            if number is not None:
                connection.config(number, value)
        connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 1)  # VACUUM needs it
        connection.drop_modules(_MODULES)
        for name, arguments in _unknown():
            connection.create_scalar_function(name, None, arguments)
        connection.create_scalar_function("load_extension", _refuse, -1)
        self._steady(connection)
        connection.set_authorizer(_authorizer(weakref.ref(database)))
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

    # What must be the same in every run ----------------------------------------------------------------------------

    def _steady(self, connection: apsw.Connection) -> None:
        """Replace what depends on the machine: chance, time, place, version."""
        connection.create_scalar_function("random", self._weak("_number"), 0)
        connection.create_scalar_function("randomblob", self._weak("_noise"), 1)
        connection.create_scalar_function("sqlite_version", lambda *_: VERSION, 0, deterministic=True)
        connection.create_scalar_function("sqlite_source_id", lambda *_: SOURCE, 0, deterministic=True)
        for name in ("date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"):
            least = 1 if name == "strftime" else 2 if name == "timediff" else 0
            function = self._date(name, least)
            if name == "timediff":
                connection.create_scalar_function(name, function, 2, deterministic=True)
            else:
                connection.create_scalar_function(name, function, -1, deterministic=True)
        for name in ("date", "time", "timestamp"):
            function = self._date("datetime" if name == "timestamp" else name, 0)
            connection.create_scalar_function(f"current_{name}", function, 0, deterministic=True)

    def _number(self) -> int:
        """The next number of a generator (splitmix64) that starts the same in every process."""
        self._random = state = (self._random + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ state >> 27) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
        return state - (1 << 64) if state >> 63 else state

    def _noise(self, size: Any) -> bytes:
        try:
            size = max(1, int(size or 0))
        except (TypeError, ValueError):
            size = 1
        if size > min(1_000_000_000, self.memory or 1_000_000_000):
            import apsw

            raise apsw.TooBigError("string or blob too big")
        if self._tick(size // 8):
            raise _CallbackError(b"interrupted")
        words = (size + 7) // 8
        return struct.pack(f"<{words}q", *(self._number() for _ in range(words)))[:size]

    def _now(self) -> str:
        """The message's time, as SQLite reads it."""
        from datetime import datetime, timedelta

        try:
            moment = datetime(1970, 1, 1) + timedelta(milliseconds=int(self._clock()))
        except (OverflowError, TypeError, ValueError):
            moment = datetime(1970, 1, 1)
        return moment.isoformat(" ", "milliseconds")

    def _date(self, name: str, least: int) -> Callable[..., Any]:
        """The function of dates, with the message's time for 'now' and Greenwich for the local time."""
        host = weakref.ref(self)
        start = 1 if name == "strftime" else 0
        stop = 2 if name == "timediff" else start + 1

        def date(*values: Any) -> Any:
            owner = host()
            if owner is None or len(values) < least:
                raise _CallbackError(f"wrong number of arguments to function {name}()".encode())
            given = list(values) if len(values) > start else [*values, "now"]
            for i in range(start, stop):
                if isinstance(given[i], str) and given[i].lower() == "now":
                    given[i] = owner._now()
            given[stop:] = [v for v in given[stop:] if not (isinstance(v, str) and v.lower() in ("localtime", "utc"))]
            return owner._ask(f"SELECT {name}({','.join('?' * len(given))})", given)

        return date

    def _ask(self, sql: str, values: Sequence[Any]) -> Any:
        """What plain SQLite, without any of our functions, makes of values."""
        if self._helper is None:
            import apsw

            self._helper = apsw.Connection(":memory:")
            number = getattr(apsw, "SQLITE_DBCONFIG_FP_DIGITS", None)
            if number is not None:
                self._helper.config(number, 15)
        for row in self._helper.execute(sql, values):
            return row[0]
        return None

    # Statements ----------------------------------------------------------------------------------------------------

    def _do_exec(self, handle: int, sql: bytes) -> Any:
        database = self._databases[handle]
        database.vacuum = _VACUUM.search(sql) is not None

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
        given: list[Any] = []
        broken: list[int] = []
        for value in values:
            if value.__class__ is bytes and (kinds is None or kinds[len(given) + 1 : len(given) + 2] != b"b"):
                try:
                    value = value.decode()
                except UnicodeDecodeError:
                    broken.append(len(given))
            given.append(value)
        if broken:
            text = cast_parameters(text, broken, self._compiled(database, text)[2])
        cursor = database.spare
        database.spare = None
        run = _Run(database, cursor or database.connection.cursor(), text, given)
        run.texts = kinds is not None and kinds[:1] == b"t"
        run.running = True
        database.depth += 1
        database.ticks = 0
        try:
            run.cursor.execute(text, given, can_cache=False)
            answer = self._row(run)
        finally:
            database.depth -= 1
            run.running = False
        if answer[0] != ROW:
            database.spare = run.cursor
            return answer
        number = next(self._handles)
        self._runs[number] = run
        database.cursors.add(number)
        return (ROW, number, *answer[1:])

    def _text_of(self, sql: bytes) -> tuple[str, bool]:
        known = (clean(sql), _VACUUM.search(sql) is not None)
        if len(sql) < 4096:
            if len(self._texts) >= 256:
                self._texts.clear()
            self._texts[sql] = known
        return known

    def _row(self, run: _Run) -> tuple[Any, ...]:
        try:
            row = next(run.cursor, None)
        except UnicodeDecodeError:
            row = self._again(run)
        if row is None:
            return (DONE,)
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
            value = self._ask("SELECT CAST(? AS TEXT)", (value,)).encode()
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
            answer = self._row(run)
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
        connection = self._databases[handle].connection
        return OK, connection.changes(), connection.total_changes(), connection.last_insert_rowid()

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
            raise _CallbackError(b"C stack overflow")
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
            raise _CallbackError(_bytes(value))
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
                except _CallbackError as failure:
                    failures[instance] = failure

        def final(instance: int) -> Any:
            value = ask(function, 2, instance, ())
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

    def save(self) -> bytes | None:
        """The content of all databases, or None while it cannot be saved: then only the history can bring it back.

        That is so while a transaction or a statement is open, with temporary tables, and with functions or hooks
        of Lua's.
        """
        parts: list[bytes] = [b"ao-sqlite-1", struct.pack("<QQ", self._random, self._next_handle())]
        for handle, database in self._databases.items():
            connection = database.connection
            temporary = next(connection.execute("SELECT count(*) FROM sqlite_temp_schema"))[0]
            if connection.in_transaction or database.cursors or database.functions or database.hooks:
                return None
            if database.backups or temporary:
                return None
            path = database.path.encode()
            body = b"" if database.path else bytes(connection.serialize("main"))
            counts = struct.pack("<qq", connection.last_insert_rowid(), int(connection.readonly("main")))
            parts.append(struct.pack("<Q", handle) + counts + path + b"\0" + body)
        parts.append(b"")
        for path_text, keeper in self._files.items():
            parts.append(path_text.encode() + b"\0" + bytes(keeper.serialize("main")))
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
        self._random, first = struct.unpack("<QQ", parts[1])
        split = parts.index(b"")
        for part in parts[split + 1 :]:
            path, _, body = part.partition(b"\0")
            name = path.decode()
            self._files[name] = keeper = self._connect(name, 6)
            if body:
                self._fill(keeper, body)
        for part in parts[2:split]:
            handle, rowid, readonly = struct.unpack_from("<Qqq", part)
            path, _, body = part[24:].partition(b"\0")
            connection = self._connect(path.decode(), _OPEN_READONLY if readonly else 6)
            if body:
                connection.deserialize("main", body)
            database = _Database(connection, path.decode())
            self._guard(database)
            connection.set_last_insert_rowid(rowid)
            self._databases[handle] = database
        self._handles = count(first)

    @staticmethod
    def _fill(keeper: apsw.Connection, body: bytes) -> None:
        import apsw

        source = apsw.Connection(":memory:")
        source.deserialize("main", body)
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
        if self._helper is not None:
            self._helper.close(True)
            self._helper = None


def _authorizer(database: weakref.ref[_Database]) -> Callable[..., int]:
    """What a connection may do: nothing outside of it."""
    import apsw

    deny = apsw.SQLITE_DENY
    pragma, attach = apsw.SQLITE_PRAGMA, apsw.SQLITE_ATTACH
    known = _known_pragmas()

    def authorize(action: int, one: str | None, two: str | None, *_: Any) -> int:
        if action == pragma:
            name = (one or "").lower()
            if name in _PRAGMAS:
                return OK
            if name in _READ_ONLY_PRAGMAS and (two is None or two.lower() in _HARMLESS.get(name, ())):
                return OK
            return deny if name in known else OK  # what SQLite does not know it passes over
        if action == attach:
            # VACUUM attaches a database without a name, which is in memory
            watched = database()
            return OK if one == "" and watched is not None and watched.vacuum else deny
        return OK

    return authorize


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
