"""The functions for Lua: plain values, no exceptions, and nothing that is left behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from typing import Any

import pytest

from .calling import Caller

apsw = pytest.importorskip("apsw")


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


def test_the_library_waits() -> None:
    """Nothing of SQLite's is imported before a process asks for `lsqlite3`."""
    code = """
import sys
from ao_runtime import Process
process = Process.spawn(code="A = 1")
print([name for name in sys.modules if name == "apsw" or name.startswith("ao_runtime.vm.sqlite")])
process.eval("require('lsqlite3').open_memory()").raise_for_error()
print("apsw" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\nTrue\n"
