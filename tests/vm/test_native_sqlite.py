"""The Python side of SQLite: plain values, no exceptions, and a state that can be saved."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

apsw = pytest.importorskip("apsw")

from ao_runtime.vm.native_sqlite import SqliteHost  # noqa: E402
from ao_runtime.vm.sqlite_text import cast_parameters, clean, is_empty, parameters, statement_end  # noqa: E402

Native = Callable[..., Any]


class Caller:
    """A host and its functions, with one open database."""

    def __init__(self, **options: Any) -> None:
        """Open a database in memory."""
        self.host = SqliteHost(**options)
        self.functions = self.host.functions()
        self.handle = self("open", b":memory:", 6)[1]

    def __call__(self, name: str, *arguments: Any) -> Any:
        """Call the function of that name."""
        return self.functions[f"sqlite.{name}"](*arguments)

    def exec(self, sql: bytes) -> Any:
        """Run SQL."""
        return self("exec", self.handle, sql)

    def rows(self, sql: bytes, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found = []
        answer = self("start", self.handle, sql, None, *values)
        number = answer[1] if answer[0] == 100 else None
        answer = (100, *answer[2:]) if number is not None else answer
        while answer[0] == 100:
            found.append(answer[1:])
            answer = self("next", number)
        assert answer == (101,)
        return found


@pytest.fixture
def call() -> Caller:
    """A host with one open database that has one table."""
    caller = Caller()
    assert caller.exec(b"create table t(a, b)") == 0
    return caller


def test_nothing_raises(call: Caller) -> None:
    """Whatever the functions are given, they answer with plain values."""
    values: list[Any] = [None, -1, 0, 1, 2**63 - 1, -(2**63), 1.5, float("nan"), b"", b"\xff\0", b"select", True]
    for name, function in call.functions.items():
        if name == "sqlite.attach":
            continue
        for count in range(6):
            for value in values:
                answer = function(*[value] * count)
                parts = answer if isinstance(answer, tuple) else (answer,)
                assert all(part is None or isinstance(part, (bytes, int, float)) for part in parts), (name, value)


def test_errors(call: Caller) -> None:
    """A failure is SQLite's code and its message."""
    assert call.exec(b"selec") == (1, b'near "selec": syntax error')
    assert call.exec(b"insert into nope values(1)") == (1, b"no such table: nope")
    call.exec(b"create unique index i on t(a); insert into t values(1, 1)")
    assert call.exec(b"insert into t values(1, 2)") == (19, b"UNIQUE constraint failed: t.a")


def test_text_that_is_not_utf8(call: Caller) -> None:
    """Bytes that are not UTF-8 are texts like others, as parameters, as literals and in results."""
    call.rows(b"insert into t values(?, ?)", b"\xff\0\xfe", 1)
    call.exec(b"insert into t values('it''s \xff', 2)")
    expected = [(b"\xff\0\xfe", b"text", 1), (b"it's \xff", b"text", 2)]
    assert call.rows(b"select a, typeof(a), b from t order by b") == expected
    assert call.rows(b"select b from t where a = :x -- \xff", b"it's \xff") == [(2,)]
    mixed = b"select b, a from t union all select 3, 'plain' order by 1 desc"
    assert call.rows(mixed) == [(3, b"plain"), (2, b"it's \xff"), (1, b"\xff\0\xfe")]


@pytest.mark.parametrize(
    ("sql", "end"),
    [
        (b"select 1; select 2", 9),
        (b"select ';' ; x", 12),
        (b'select ";", [;], `;` -- ;\n; x', 27),
        (b"/* ; */ select 1 ; x", 18),
        (b";; select 5; x", 12),
        (b"create trigger a after insert on t begin select 1; select case when 1 then 2 end; end; x", 86),
        (b"create table t(a); x", 18),
        (b"select 1", 8),
        (b"", 0),
    ],
)
def test_statement_end(sql: bytes, end: int) -> None:
    """A statement ends behind its own semicolon."""
    assert statement_end(sql) == end


def test_sql_text() -> None:
    """Comments are nothing, literals that are not UTF-8 become casts, parameters keep their signs."""
    assert [is_empty(sql) for sql in (b"", b" ; -- x", b"/* x */", b"/* x", b"select 1")] == [True] * 4 + [False]
    assert clean(b"select 'a\xff', 1") == "select (+CAST(x'61ff' AS TEXT)), 1"
    assert parameters(b"select :a, @b, $c, ?, ?7, ':d'") == {b"a": b":a", b"b": b"@b", b"c": b"$c", b"7": b"?7"}
    names = ["a", None, None]
    assert cast_parameters("select :a, ?, ?3", [1, 2], names) == "select :a, (+CAST(? AS TEXT)), (+CAST(?3 AS TEXT))"


def test_save_and_load(call: Caller) -> None:
    """Databases, those with a name too, and the state of chance come back from their bytes."""
    call.exec(b"insert into t values(1, x'00ff')")
    named = call("open", b"x.db", 6)[1]
    call("exec", named, b"create table n(a); insert into n values('here')")
    state = call.host.save()
    assert state is not None
    chance = call.rows(b"select random()")
    call.exec(b"drop table t")
    other = Caller()
    for caller in (call, other):
        caller.host.load(state)
        caller.handle = call.handle
        assert caller.rows(b"select a, b from t") == [(1, b"\0\xff")]
        assert caller.rows(b"select random()") == chance
        caller.handle = named
        assert caller.rows(b"select a from n") == [(b"here",)]
        caller.handle = call.handle = 1
        assert caller("counts", 1)[3] == 1


@pytest.mark.parametrize("sql", [b"begin", b"create temp table x(a)"])
def test_cannot_save(call: Caller, sql: bytes) -> None:
    """What has no bytes cannot be saved: transactions, temporary tables, open statements, functions of Lua's."""
    call.exec(sql)
    assert call.host.save() is None


def test_cannot_save_statement(call: Caller) -> None:
    """An open statement cannot be saved; put back, it hinders no more."""
    _, number, _ = call("start", call.handle, b"select 1 union select 2", None)
    assert call.host.save() is None
    call("stop", number)
    assert call.host.save() is not None


@pytest.mark.parametrize("state", [b"", b"x", b"\xff" * 40, b"\x0b" + b"\0" * 7 + b"ao-sqlite-2"])
def test_load_garbage(call: Caller, state: bytes) -> None:
    """What was not saved is not loaded, and changes nothing."""
    with pytest.raises(ValueError, match="not a saved state"):
        call.host.load(state)
    assert call.rows(b"select count(*) from t") == [(0,)]


def test_nothing_is_left() -> None:
    """A host that nobody holds is gone, with its connections, whatever was defined in them."""
    before = len(apsw.connections())
    caller = Caller()
    caller("function", caller.handle, b"f", 0, 1)
    caller("aggregate", caller.handle, b"g", 0, 1)
    caller("collation", caller.handle, b"c", 1)
    caller("hook", caller.handle, b"update", 1, 0)
    caller("start", caller.handle, b"select 1", None)
    caller.rows(b"select datetime('now')")
    caller("open", b"x.db", 6)
    host = weakref.ref(caller.host)
    del caller
    gc.collect()
    assert host() is None
    assert len(apsw.connections()) == before


def test_no_room() -> None:
    """Where Lua has no room for an answer, it is given when garbage has been collected, or not at all."""
    room = [10**9]
    caller = Caller(room=lambda: room[0])
    sql = b"select hex(zeroblob(100000))"
    room[0] = 100_000
    answer = caller("start", caller.handle, sql, None)
    assert answer == (1000,)
    room[0] = 10**9
    assert len(caller("pending")[2]) == 200_000
    room[0] = 100_000
    assert caller("start", caller.handle, sql, None) == (1000,)
    assert caller("pending") == (7,)
