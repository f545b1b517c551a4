"""Published modules as processes: the token on each, SQL, and what is done to a process besides handling messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import InputError, Limits, Process
from ao_runtime.cli.documents import read_messages

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"Process": {"Id": "PROCESS", "Owner": "OWNER", "Tags": []}, "Module": {"Id": "MODULE", "Tags": []}}


def born(module: Path | None, **options: Any) -> Process:
    """A process that has had its own message."""
    process = Process(ENVIRONMENT, module=module, **options)
    own = {"Id": "PROCESS", "From": "OWNER", "Owner": "OWNER", "Module": "MODULE", "Timestamp": 1, "Block-Height": 1}
    process.handle({**own, "Tags": [{"name": "Type", "value": "Process"}]}).raise_for_error()
    return process


def told(message: dict[str, Any]) -> dict[str, Any]:
    """Of a message that was sent: what a token has to say."""
    tags = {tag["name"]: tag["value"] for tag in message["Tags"]}
    own = ("Data-Protocol", "Variant", "Type", "Reference", "X-Reference", "Ref_", "X-Origin", "Pushed-For")
    return {"Target": message["Target"], **{name: tags[name] for name in sorted(tags) if name not in own}}


def token(module: Path | None) -> list[list[dict[str, Any]]]:
    """What the token of the examples sends, message by message."""
    process = born(module)
    code = (ROOT / "examples" / "token" / "token.lua").read_text()
    process.eval(f'Name = "Points"\n{code}').raise_for_error()
    sent = []
    for document in read_messages(str(ROOT / "examples" / "token" / "messages.json")):
        message = {"From": "OWNER", "Module": "MODULE", **document.wire}
        message["Owner"] = message["From"]
        sent.append([told(item) for item in process.handle(message).raise_for_error().to_dict()["Messages"]])
    return sent


@pytest.mark.parametrize("name", ["aos2_0_6", "aos2_0_4_32"])
def test_a_string_that_there_is_no_room_for(name: str, published: Path) -> None:
    """It is an error that the process can catch, as in the network's loader."""
    process = born(published / f"{name}.wasm", limits=Limits(memory=128 << 20))
    result = process.eval("return select(2, pcall(string.rep, 'x', 700000000))")
    assert result.raise_for_error().text == "not enough memory for buffer allocation"


@pytest.mark.parametrize("name", ["aos2_0_1", "aos2_0_3", "aos2_0_4_32", "aos2_0_6"])
def test_token(name: str, published: Path) -> None:
    """The token of the examples says the same on every generation of the network's module, and on ours."""
    answers = token(published / f"{name}.wasm")
    assert answers == token(None)
    assert [len(sent) for sent in answers] == [1, 2, 2, 1, 1]


def test_sql(published: Path) -> None:
    """The module with SQLite answers SQL, in memory and in files, and keeps its tables from message to message."""
    process = born(published / "sqlite.wasm")
    make = "create table t (a, b); insert into t values (1, 'x'), (2, 'y')"
    ask = "local t = {} for row in DB:nrows('select sum(a) as s, group_concat(b) as g from t') do t[#t+1] = row.s .. row.g end return table.concat(t)"
    for place in ("open_memory()", "open('/tmp/x.db')"):
        process.eval(f"DB = require('lsqlite3').{place} DB:exec[[{make}]]").raise_for_error()
        assert process.eval(ask).text == "3x,y"
        process.eval("DB:exec('no such statement') DB:exec('delete from t where a = 1')").raise_for_error()
        assert process.eval(ask).text == "2y"
        process.eval("DB:close()").raise_for_error()
    process.eval("DB = require('lsqlite3').open('/tmp/x.db')").raise_for_error()
    assert process.eval(ask).text == "2y"


def test_sql_through_bytes(published: Path) -> None:
    """A database, in memory or in a file, comes back with the state of its process."""
    process = born(published / "sqlite.wasm")
    process.eval("DB = require('lsqlite3').open('/tmp/x.db') DB:exec[[create table t (a); insert into t values (7)]]")
    process.eval("M = require('lsqlite3').open_memory() M:exec[[create table t (a); insert into t values (8)]]")
    again = Process.restore(process.snapshot(), module=published / "sqlite.wasm")
    ask = "for row in {}:nrows('select a from t') do return row.a end"
    assert [again.eval(ask.format(name)).text for name in ("DB", "M")] == ["7", "8"]


def test_errors_leave_no_trace(aos: Path) -> None:
    """A message that fails changes nothing; what fails in Lua says where."""
    process = born(aos)
    process.eval("Count = 1").raise_for_error()
    failed = process.eval("Count = 2\nerror('no')")
    assert failed.failure is not None
    assert (failed.failure.chunk, failed.failure.line, failed.failure.message) == ("aos", 2, "no")
    assert process.eval("return Count").text == "1"
    assert process.eval("os.exit(3)").error == "Program terminated with exit(3)"
    assert process.eval("return Count").text == "1"
    limited = process.handle(process.eval_message("while true do end"), limits={"instructions": 10_000_000})
    assert limited.failure is not None
    assert limited.failure.limit == "instructions"
    limited = process.handle(
        process.eval_message("local t = {} for i = 1, 1e9 do t[i] = i end"), limits={"memory": "80MB"}
    )
    assert limited.failure is not None
    assert limited.failure.limit == "memory"
    assert process.eval("return Count").text == "1"


def test_moments(aos: Path) -> None:
    """A process in a module can be copied, tried and looked back at, as any other."""
    process = born(aos)
    for number in range(3):
        process.eval(f"Count = {number}").raise_for_error()
    assert process.dry_run(process.eval_message("Count = 9 return Count")).text == "9"
    assert process.eval("return Count").text == "2"
    assert process.at(1).eval("return Count").text == "0"
    copy = process.fork()
    copy.eval("Count = 7").raise_for_error()
    assert (process.eval("return Count").text, copy.eval("return Count").text) == ("2", "7")


def test_looking_inside(aos: Path) -> None:
    """A module cannot be looked into, which says what to do instead."""
    with pytest.raises(InputError, match="cannot be looked into"):
        born(aos).get("Balances")
    with pytest.raises(InputError, match="cannot be looked into"):
        born(aos).outline()


#: Code, and what the network's loader answers (asked): the depths at which calls end, of every kind.
DEEP = {
    "local n = 0 local function f() n = n + 1 return pcall(f) end f() return n": "195",
    "local n = 0 local function f() n = n + 1 return 1 + f() end pcall(f) return n": "999965",
    "local function f(n) local ok, e = pcall(f, n + 1) return ok and e or tostring(e) end return f(1)": "C stack overflow",
    "return ('a'):rep(1000):find(('a?'):rep(1000) .. ('a'):rep(1000))": "pattern too complex",
    "return select(2, load('return ' .. ('('):rep(300) .. '1' .. (')'):rep(300)))": "too many C levels (limit is 200)",
    "local function f(n) return coroutine.wrap(function() return f(n + 1) end)() end return select(2, pcall(f, 1))": (
        "C stack overflow"
    ),
    "local t = {} setmetatable(t, {__index = function(t, k) return t[k] end}) return select(2, pcall(next, t.x))": (
        "C stack overflow"
    ),
}


@pytest.mark.parametrize("code", DEEP)
def test_deep_calls(code: str, aos: Path) -> None:
    """Calls end as deep as in the network's loader, with the same error, however deep Python's own stack is."""

    def deep(levels: int) -> str:
        if levels:
            return deep(levels - 1)
        result = process.eval(code)
        return result.error or result.text

    process = born(aos, limits={"instructions": None})
    assert DEEP[code] in deep(0)
    assert deep(500) == deep(0)


def test_the_clock(aos: Path) -> None:
    """The clock begins where the network's loader begins it, and randomness is the same each time."""
    first, second = born(aos), born(aos)
    code = "return os.date() .. os.clock() .. math.random() .. os.tmpname()"
    assert first.eval(code).text == second.eval(code).text
    assert first.eval("return os.date('!%c')").text == "Thu Jan 01 00:00:10 1970"


def test_results_are_json(aos: Path) -> None:
    """A result is as the network writes it."""
    result = born(aos).eval("return 1 + 1").to_dict()
    assert json.loads(json.dumps(result)) == result
    assert result["Output"]["data"] == "2"


HANDLERS = """local lib = require("lib")
Handlers.add("here", function(msg) return msg.Action == "Here" end, function(msg)
  local x = nil
  return x.y
end)
Handlers.add("there", function(msg) return msg.Action == "There" end, function(msg)
  lib.check(msg.Quantity)
end)
Handlers.add("thrown", function(msg) return msg.Action == "Thrown" end, function() error({ code = 5 }) end)
"""


@pytest.mark.parametrize("name", ["aos2_0_6", "aos2_0_1", "sqlite"])
def test_what_is_said_of_failures(name: str, published: Path, tmp_path: Path) -> None:
    """File, line and source, and the handler that the line stands in; a module says no more than the line."""
    file = tmp_path / "main.lua"
    file.write_text(HANDLERS)
    (tmp_path / "lib.lua").write_text("return {\n  check = function(x) assert(tonumber(x), 'no number') end\n}")
    process = Process.spawn(file, module=published / f"{name}.wasm")
    here, there, thrown = (process.handle(From="bob", Action=one).failure for one in ("Here", "There", "Thrown"))
    assert here is not None
    assert there is not None
    assert thrown is not None
    assert (here.file, here.line, here.handler) == (str(file), 4, "here")
    assert [line.text for line in here.excerpt] == ["  local x = nil", "  return x.y", "end)"]
    assert (there.file, there.line, there.handler) == (str(tmp_path / "lib.lua"), 2, None)
    assert there.message == "no number"
    if name != "sqlite":
        assert thrown.hint == "the process threw a table, and the module tells of texts only: error(text)"
    own = process.eval('Handlers.add("late", "Late",\n nil + 1)').failure
    assert own is not None
    assert (own.line, own.handler) == (2, None)
