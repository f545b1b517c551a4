"""`ao-run diff`: how the globals differ between two moments."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import Process

from .kept import handle, token
from .running import Ran, ao_run


def evals(file: Path, *codes: str) -> str:
    """A journal of an empty process whose owner has evaluated code; message 0 is the process's own."""
    handle(file, "--owner", "me", messages=[{"From": "me", "Action": "Eval", "Data": code} for code in codes])
    return str(file)


def test_a_token(tmp_path: Path) -> None:
    """What transfers change, in a tree; backwards it is the other way round."""
    file = str(token(tmp_path / "a.ao"))
    assert ao_run("diff", file, "1", "4") == Ran(0, "Balances\n  ~ bob: 10 → 5\n  + carol: 5\n", "")
    assert ao_run("diff", file, "4", "1") == Ran(0, "Balances\n  ~ bob: 5 → 10\n  - carol: 5\n", "")
    assert ao_run("diff", file, "1", "4", "--json").results == [
        {"path": ["Balances", "bob"], "change": "changed", "before": 10, "after": 5},
        {"path": ["Balances", "carol"], "change": "added", "after": 5},
    ]


def test_no_differences(tmp_path: Path) -> None:
    """A moment and itself, and one after which a message has failed."""
    file = str(token(tmp_path / "a.ao"))
    for one, other in [("3", "3"), ("1", "2")]:
        assert ao_run("diff", file, one, other) == Ran(0, "no differences\n", "")
        assert ao_run("diff", file, one, other, "--json") == Ran(0, "", "")


@pytest.mark.parametrize(
    ("before", "after", "tree"),
    [
        ("x = 1", "x = 2", "~ x: 1 → 2"),
        ("x = 1", "x = 1.0", "~ x: 1 → 1.0"),
        ("x = 0.0", "x = -0.0", "~ x: 0.0 → -0.0"),
        ("x = 0/0", "y = true", "+ y: true"),
        ("x = 1", "x = nil", "- x: 1"),
        ("x = '1'", "x = 1", '~ x: "1" → 1'),
        ("x = {}", "x = {}", "no differences"),
        ("x = 'a\"b'", "x = 'ü\\n\\27\\255'", '~ x: "a\\"b" → "ü\\n\\x1b\\xff"'),
        ("x = ('a'):rep(99) .. 1", "x = ('a'):rep(99) .. 2", '~ x: … "aaaaaaaaaa1" → … "aaaaaaaaaa2"'),
        ("x = {a = {b = {c = 1}}}", "x.a.b.c = 2", "x.a.b\n  ~ c: 1 → 2"),
        (
            "x = {1, 2, {}}",
            "x[2] = nil x[3]['a b'] = 1 x[10] = 7",
            'x\n  - [2]: 2\n  [3]\n    + ["a b"]: 1\n  + [10]: 7',
        ),
        ("x = 1", "x = {1, 2, n = {true}}", "~ x: 1 → {1, 2, n = {true}}"),
        ("", "x = {} x.x = x", "+ x: table with 1 key\n  + x: (a table above)"),
        ("x = {} y = {x}", "x.a = 1", "x\n  + a: 1"),
        ("x = {} y = {[x] = 1}", "y[x] = 2", "y\n  ~ [a table]: 1 → 2"),
        ("x = setmetatable({}, {a = 1})", "getmetatable(x).a = 2", "x(metatable)\n  ~ a: 1 → 2"),
        ("", "function f() end", "+ f: function (aos:1)"),
        (
            "function f() return 1 end",
            "function f() return 2 end",
            "~ f: function (aos:1) → other code in the same place",
        ),
        ("function f() end", "function f() end", "no differences"),
        ("function f() end", "\nfunction f() end", "~ f: function (aos:1) → function (aos:2)"),
        ("local n = 0 function f() n = n + 1 end", "f()", "f\n  ~ n: 0 → 1"),
        ("local t = {} function f() t.x = t end", "f()", "f.t\n  + x: table with 1 key\n    + x: (a table above)"),
        ("", "co = coroutine.create(print)", "+ co: suspended coroutine"),
        ("", "table.sort = table.concat", "table\n  ~ sort: function table.sort → function table.concat"),
        ("", "p = print q = string.format", "+ p: function (.process-globals:76)\n+ q: function string.format"),
        (
            "",
            "x = {} for i = 1, 20 do x[i] = {a = i} end",
            "+ x: table with 20 keys\n" + "".join(f"  + [{i}]: {{a = {i}}}\n" for i in range(1, 13)) + "  + … 8 more",
        ),
    ],
)
def test_every_kind_of_change(tmp_path: Path, before: str, after: str, tree: str) -> None:
    """Values with both sides, tables to the bottom, functions by their code and their upvalues."""
    ran = ao_run("diff", evals(tmp_path / "a.ao", before, after), "1", "2")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == tree + "\n"


def test_json_of_every_kind(tmp_path: Path) -> None:
    """Arrays and objects; what JSON has no words for is described."""
    code = "x = {1, {a = 0/0, [true] = print, [2] = 1 << 60, s = '\\255'}, math.huge} x[4] = x function f() end"
    assert ao_run("diff", evals(tmp_path / "a.ao", "", code), "1", "2", "--json").results == [
        {"path": ["f"], "change": "added", "after": "function (aos:1)"},
        {
            "path": ["x"],
            "change": "added",
            "after": [
                1,
                {"2": 1 << 60, "a": "nan", "s": "\udcff", "true": "function (.process-globals:76)"},
                "inf",
                "(a table that holds itself)",
            ],
        },
    ]


def test_a_moment_that_is_not_there(tmp_path: Path) -> None:
    """Wrong usage, with what there is."""
    file = str(token(tmp_path / "a.ao"))
    assert ao_run("diff", file, "0", "5") == Ran(2, "", "error: M: there is no message 5 (there are 0 to 4)\n")
    assert ao_run("diff", file, "5", "0") == Ran(2, "", "error: N: there is no message 5 (there are 0 to 4)\n")


def test_a_process_that_fights_back(tmp_path: Path) -> None:
    """Nothing of the process runs, whatever it has put where; and it is not disturbed."""
    code = """
      local hostile = {__index = error, __len = error, __tostring = error, __eq = error, __gc = error, __pairs = error}
      x = setmetatable({}, hostile)
      deep = {} for i = 1, 3000 do deep = {deep} end
      wide = {} for i = 1, 60 do wide = {wide, wide} end
      kept = 1 for i = 1, 2000 do local f = kept kept = function() return f end end
      local at = list while at do at.value, at = 2, at.next end
      string.format, table.sort, debug.getinfo = nil, error, error
      setmetatable(_G, {__index = error, __newindex = error, __pairs = error, __metatable = 1})
    """
    file = evals(tmp_path / "a.ao", "x = 1 for _ = 1, 20000 do list = {next = list, value = 1} end", code)
    ran = ao_run("diff", file, "1", "2")
    assert (ran.code, ran.err) == (0, "")
    assert "\n+ deep: table with 1 key\n" in ran.out
    assert f"\n{'  ' * 99}~ next: table with 2 keys → another table with 2 keys\n" in ran.out
    lines = ao_run("diff", file, "1", "2", "--json").results
    changed = {line["path"][0] for line in lines}
    assert changed == {"(metatable)", "debug", "deep", "kept", "list", "string", "table", "wide", "x"}
    assert max(len(line["path"]) for line in lines) == 100


def test_a_process_with_files(tmp_path: Path) -> None:
    """A process that read its files from a mapping can be looked at: it finds what it had found."""
    file = tmp_path / "a.ao"
    with Process.spawn(code="", owner="alice", files={"a": "text"}, state=file) as process:
        process.eval("Text = io.open('/data/a'):read('a')")
    assert ao_run("diff", str(file), "0", "1") == Ran(0, '+ Text: "text"\n', "")


def test_handlers_have_names(tmp_path: Path) -> None:
    """Handlers are named, not numbered: one that comes before changes no other. Where names say nothing, places do."""
    first = "Handlers.add('first', 'A', function() end) Handlers.add('second', 'B', function() return 1 end)"
    then = "Handlers.prepend('zero', 'Z', function() end) Handlers.remove('second') "
    then += "Handlers.add('first', 'A', function() return 2 end)"
    unnamed = "table.insert(Handlers.list, 1, { pattern = 'U', handle = print })"
    file = evals(tmp_path / "a.ao", first, then, unnamed)
    assert ao_run("diff", file, "1", "2") == Ran(
        0,
        "Handlers.list\n"
        "  first\n"
        "    ~ handle: function (aos:1) → other code in the same place\n"
        '  - second: {handle = function (aos:1), name = "second", pattern = "B"}\n'
        '  + zero: {handle = function (aos:1), name = "zero", pattern = "Z"}\n',
        "",
    )
    assert [one["path"] for one in ao_run("diff", file, "1", "2", "--json").results] == [
        ["Handlers", "list", "first", "handle"],
        ["Handlers", "list", "second"],
        ["Handlers", "list", "zero"],
    ]
    assert ao_run("diff", file, "2", "2").out == "no differences\n"
    assert {one["path"][2] for one in ao_run("diff", file, "2", "3", "--json").results} >= {1}
