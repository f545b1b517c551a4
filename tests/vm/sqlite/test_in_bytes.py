"""`instr` and `replace` on texts that are not UTF-8: as SQLite has it, byte by byte."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime.vm.sqlite.in_bytes import in_bytes

from .calling import Caller

#: Few different bytes, so that there is something to be found; some go on with a character, some begin one.
BYTES = st.lists(st.sampled_from([0x61, 0x62, 0, 0x80, 0xC3, 0xA9, 0xFF]), max_size=6).map(bytes)


def written(value: bytes, kind: str) -> str:
    """The value in SQL."""
    return f"cast(x'{value.hex()}' as {kind})"


VALUES = st.builds(written, BYTES, st.sampled_from(["text", "blob"])) | st.sampled_from(["null", "12.5", "''"])


def expected(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of SQLite itself."""
    found = apsw.Connection(":memory:").execute(sql, values).fetchall()
    return [tuple(value.encode() if isinstance(value, str) else value for value in row) for row in found]


@given(VALUES, VALUES, VALUES)
def test_as_sqlite_has_it(one: str, two: str, three: str) -> None:
    """Whatever they are given, and inside of each other."""
    call = f"replace({one}, {two}, {three})"
    sql = f"select instr({one}, {two}), hex({call}), typeof({call}), instr({call}, {three}), hex(replace({call}, 'a', {two}))"
    assert Caller().rows(sql.encode()) == expected(sql)


def test_parameters(call: Caller) -> None:
    """Parameters keep their numbers, with names and without."""
    for sql in (
        "select hex(replace(?, ?, ?)), ?, instr(?, 'b')",
        "select hex(replace(:x, ?, $y)), ?, instr(?, 'b')",
        "select hex(replace(?1, ?2, ?3)), ?4, instr(?5, 'b')",
    ):
        assert call.rows(sql.encode(), b"\xffa", b"a", b"\xfe", 7, b"\xffab") == [(b"FFFE", 7, 3)]


def test_rows(call: Caller) -> None:
    """A statement that has met one goes on with it: rows before it come once, changes are made once."""
    for value in (b"'ab'", b"cast(x'ff62' as text)", b"'b'"):
        assert call.exec(b"insert into t(a) values (" + value + b")") == 0
    assert call.rows(b"select instr(a, 'b'), a from t") == [(2, b"ab"), (2, b"\xffb"), (1, b"b")]
    assert call.exec(b"update t set b = replace(a, 'b', 'c'); insert into t(a) values ('x')") == 0
    assert call.rows(b"select b from t") == [(b"ac",), (b"\xffc",), (b"c",), (None,)]
    assert call.rows(b"select a from t where instr(a, cast(x'ff' as text))") == [(b"\xffb",)]


def test_other_words() -> None:
    """Only calls are said in other words, and nothing that would be long."""
    assert in_bytes("select a from t") is None
    same = "replace into t(a) values ('instr(a,b)') -- replace(1,2,3)\n"
    assert in_bytes(same) == same
    assert (
        in_bytes("select instr(a), replace (a, b), instr(1, 2, 3)") == "select instr(a), replace(a, b), instr(1, 2, 3)"
    )
    nested = "1"
    for _ in range(40):
        nested = f"instr({nested}, 2)"
    assert in_bytes(f"select {nested}") is None
    assert in_bytes("select " + "(" * 100_000 + "instr(1, 2)") is None


def test_limits() -> None:
    """What they make is no longer than a value may be."""
    small = Caller(memory=1 << 20)
    sql = b"select length(replace(cast(x'ff' as text) || hex(zeroblob(100000)), '0', '0123456789abcdef'))"
    assert small("start", small.handle, sql, None) == (1, b"string or blob too big")


@pytest.mark.parametrize(
    "sql", [b"select instr(", b"select replace(1, 2", b"select instr(1, 2))", b"select ')' , instr(1,"]
)
def test_what_is_no_sql(call: Caller, sql: bytes) -> None:
    """What SQLite does not understand is its error."""
    assert call("start", call.handle, sql, None)[0] == 1
