"""SQL as text: statements, literals, parameters."""

from __future__ import annotations

import pytest

from ao_runtime.vm.sqlite.text import cast_parameters, clean, is_empty, parameters, statement_end


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
