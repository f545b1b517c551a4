"""The state of the databases as bytes."""

from __future__ import annotations

import pytest

from .calling import Caller

pytest.importorskip("apsw")


def test_save_and_load(call: Caller) -> None:
    """Databases, those with a name too, and the state of chance come back from their bytes."""
    call.exec(b"insert into t values(1, x'00ff')")
    named = call("open", b"x.db", 6)[1]
    call("exec", named, b"create table n(a); insert into n values('here')")
    state = call.save(named)
    assert state is not None
    chance = call.rows(b"select random()")
    call.exec(b"drop table t")
    other = Caller()
    for caller in (call, other):
        assert caller("load", state)
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
    assert call.save() is None


def test_cannot_save_statement(call: Caller) -> None:
    """An open statement cannot be saved; put back, it hinders no more."""
    _, number, _ = call("start", call.handle, b"select 1 union select 2", None)
    assert call.save() is None
    call("stop", number)
    assert call.save() is not None


@pytest.mark.parametrize("state", [b"", b"x", b"\xff" * 40, b"\x0b" + b"\0" * 7 + b"ao-sqlite-2"])
def test_load_garbage(call: Caller, state: bytes) -> None:
    """What was not saved is not loaded, and changes nothing."""
    assert call("load", state) is None
    assert call.rows(b"select count(*) from t") == [(0,)]
