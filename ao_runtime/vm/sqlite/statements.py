"""Statements: compiled to know their parameters and columns, executed, and read row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .codes import DONE, INTERRUPTED, MISUSED, OK, ROW
from .in_bytes import in_bytes, may_be_in_bytes
from .registry import Database, Inside, Part, Registry, Run
from .text import cast_parameters, clean, is_empty, parameters, split, statement_end, unwrap, wrapped
from .values import mixed, not_utf8, null, plain

if TYPE_CHECKING:
    import apsw

#: Results are charged from this size on: bytes, and bytes for an instruction.
LARGE, BYTES = 4096, 16

#: The columns of EXPLAIN and of EXPLAIN QUERY PLAN, which apsw does not tell.
_EXPLAINED = {
    1: [(name, None) for name in ["addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment"]],
    2: [(name, None) for name in ["id", "parent", "notused", "detail"]],
}

_DONE = (DONE,)


class Statements(Part):
    """What Lua may do with statements; a statement is its SQL, and a number while it stands on a row."""

    COMMANDS = ("exec", "prepare", "columns", "params", "start", "next", "stop")

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._runs = registry.runs
        #: SQL as Lua gives it → as text, and whether it may be a VACUUM.
        self._texts: dict[bytes, tuple[str, bool]] = {}

    def exec(self, handle: int, sql: bytes) -> Any:
        """Execute all statements of a text."""
        database = self._databases[handle]
        database.vacuum = b"vacuum" in sql.lower()

        with Inside(database):
            # One by one where a statement may have to be executed in other words.
            for part in split(sql) if may_be_in_bytes(sql) else (sql,):
                cursor = database.connection.cursor()
                self._execute(database, cursor, clean(part), null())
                while True:
                    try:
                        for _ in cursor:
                            pass
                        break
                    except UnicodeDecodeError:
                        continue
        return OK

    def _execute(self, database: Database, cursor: apsw.Cursor, sql: str, values: Any) -> str:
        """Execute a statement up to its first row; the words that it was executed in."""
        try:
            cursor.execute(sql, values, can_cache=False)
            return sql
        except UnicodeDecodeError:
            # A function of ours was given text that is none; what the statement had done until then is undone.
            words = in_bytes(sql)
            if words is None:
                raise
        if not database.bytes:
            self._registry.steady.settle_bytes(database.connection)
            database.bytes = True
        cursor.execute(words, values, can_cache=False)
        return words

    def _compiled(self, database: Database, sql: str) -> tuple[int, Any, tuple[str | None, ...]]:
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
            with Inside(database):
                cursor.execute(sql, null(), can_cache=False)
        except apsw.ExecTraceAbort:
            pass
        finally:
            cursor.close(True)
        values, description, names = seen
        return values, description, names

    def prepare(self, handle: int, sql: bytes) -> Any:
        """(0, length of the first statement, parameters, columns); parameters is -1 where there is no statement."""
        sql = sql.split(b"\0")[0]
        end = statement_end(sql)
        first = sql[:end]
        if is_empty(first):
            return OK, end, -1, 0
        values, description, _ = self._compiled(self._databases[handle], clean(first))
        return OK, end, values, len(description) if description else 0

    def columns(self, handle: int, sql: bytes) -> Any:
        """Names and declared types of the columns: 0, name, type or nil, name, …"""
        _, description, _ = self._compiled(self._databases[handle], clean(sql))
        answer: list[Any] = [OK]
        for name, kind in description or ():
            answer.append(name.encode())
            answer.append(None if kind is None else kind.encode())
        return tuple(answer)

    def params(self, handle: int, sql: bytes) -> Any:
        """Names of the parameters, with their first sign: 0, name or nil, …"""
        _, _, bare = self._compiled(self._databases[handle], clean(sql))
        signs = parameters(sql)
        names = [None if name is None else signs.get(name.encode()) for name in bare]
        return (OK, *names)

    def start(self, handle: int, sql: bytes, kinds: bytes | None, *values: Any) -> Any:
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
                given = mixed(kinds, values)
        except UnicodeDecodeError:
            given, broken = not_utf8(kinds, values)
            text = cast_parameters(text, broken, self._compiled(database, text)[2])
        cursor = database.spare or database.connection.cursor()
        database.spare = None
        database.depth += 1
        try:
            text = self._execute(database, cursor, text, given)
            try:
                row = next(cursor, None)
            except UnicodeDecodeError:
                row = ()
            if row is None:
                database.spare = cursor
                return _DONE
            run = Run(database, cursor, text, given)
            run.texts = kinds is not None and kinds[:1] == b"t"
            answer = self._row(run, row)
        finally:
            database.depth -= 1
        if answer[0] != ROW:
            return answer
        number = next(self._registry.handles)
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

    def _next(self, run: Run) -> tuple[Any, ...]:
        try:
            row = next(run.cursor, None)
        except UnicodeDecodeError:
            row = ()
        return _DONE if row is None else self._row(run, row)

    def _row(self, run: Run, row: tuple[Any, ...] | None) -> tuple[Any, ...]:
        if not row:
            row = self._again(run)
            if row is None:
                return _DONE
        run.rows += 1
        values = unwrap(row) if run.raw else plain(row)
        if run.texts:
            values = [self._shown(value) for value in values]
        size = 0
        for value in values:
            if value.__class__ is bytes:
                size += len(value)
        if size > LARGE and self.lua.tick(size // BYTES):
            return INTERRUPTED
        return (ROW, *values)

    def _again(self, run: Run) -> tuple[Any, ...] | None:
        """The row whose text is not UTF-8: from the same query, with its texts as bytes."""
        import apsw

        try:
            if run.raw or not run.cursor.is_readonly:
                raise UnicodeError
            description = run.cursor.get_description()
        except apsw.ExecutionCompleteError:
            # A function of ours was given such a text, which ends the query.
            _, description, _ = self._compiled(run.database, run.sql)
        run.cursor.close(True)
        run.raw = True
        run.cursor = run.database.connection.cursor()
        self._execute(run.database, run.cursor, wrapped(run.sql, len(description)), run.values)
        for _ in range(run.rows):
            next(run.cursor, None)
        return next(run.cursor, None)

    def _shown(self, value: Any) -> bytes | None:
        """A value as sqlite3_exec gives it: text up to its first zero byte."""
        if value is None:
            return None
        if isinstance(value, float):
            value = self._registry.steady.ask("SELECT CAST(? AS TEXT)", (value,)).encode()
        elif isinstance(value, int):
            return b"%d" % value
        return bytes(value).split(b"\0")[0]

    def next(self, number: int) -> Any:
        """Step to the next row: (100, values…), or 101."""
        run = self._runs[number]
        if run.running:
            return MISUSED
        run.running = True
        database = run.database
        database.depth += 1
        done = True
        try:
            answer = self._next(run)
            done = answer[0] != ROW
            return answer
        finally:
            database.depth -= 1
            run.running = False
            if done:
                self._registry.drop(number)

    def stop(self, number: int) -> Any:
        """End a statement that stands on a row."""
        run = self._runs.get(number)
        if run is not None:
            if run.running:
                return MISUSED
            self._registry.drop(number)
        return OK
