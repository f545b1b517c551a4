"""What one call of a C function goes over is charged by bytes and steps, so that the limits hold on the way.

Measured in the processor's time: a busy machine does not fail it.
"""

from __future__ import annotations

import time

import pytest

from ao_runtime import Limits, Process
from tests.vm.running import value

#: Many times the same long string.
MANY = "local t, s = {}, ('0'):rep(4000000) for i = 1, 900 do t[i] = s end"

#: Each is a loop without end; most of its time is spent in C.
LOOPS = {
    "tonumber of zeros": "local s = ('0'):rep(20000000) while true do BODY end|tonumber(s)",
    "tonumber of spaces": "local s = (' '):rep(20000000) while true do BODY end|tonumber(s)",
    "tonumber with a base": "local s = ('0'):rep(20000000) while true do BODY end|tonumber(s, 10)",
    "math.tointeger": "local s = ('0'):rep(20000000) while true do BODY end|math.tointeger(s)",
    "string.unpack": "local s = (' '):rep(20000000) while true do BODY end|string.unpack(s, '')",
    "string.pack": "local s = (' '):rep(20000000) while true do BODY end|string.pack(s)",
    "string.packsize": "local s = (' '):rep(20000000) while true do BODY end|string.packsize(s)",
    "utf8.codes": "local s = 'a' .. ('\\x80'):rep(20000000) local f = utf8.codes(s) while true do BODY end|pcall(f, s, 1)",
    "%q": "local s = ('\\0'):rep(500000) while true do BODY end|string.format('%q', s)",
    "a long format": "local s = ('%%'):rep(1000000) while true do BODY end|string.format(s)",
    "unpack over a chain": "local t = {} for i = 1, 1900 do t = setmetatable({}, {__index = t}) end"
    " while true do BODY end|table.unpack(t, 1, 200000)",
    "unpack with a length": "local t = {} for i = 1, 1900 do t = setmetatable({}, {__index = t}) end"
    " t = setmetatable({}, {__index = t, __len = function() return 900000 end}) while true do BODY end|table.unpack(t)",
    "string.char of numerals": f"{MANY} while true do BODY end|string.char(table.unpack(t))",
    "utf8.char of numerals": f"{MANY} while true do BODY end|utf8.char(table.unpack(t))",
    "string.format of numerals": f"{MANY} local f = ('%d'):rep(900) while true do BODY end|string.format(f, table.unpack(t))",
    "string.pack of numerals": f"{MANY} local f = ('b'):rep(900) while true do BODY end|pcall(string.pack, f, table.unpack(t))",
    "math.max of zero bytes": f"{MANY.replace('0', chr(92) + '0', 1)} while true do BODY end|math.max(table.unpack(t))",
    "math.min of zero bytes": f"{MANY.replace('0', chr(92) + '0', 1)} while true do BODY end|math.min(table.unpack(t))",
    "getinfo deep down": "local function f(n) if n == 0 then while true do BODY end end local x = f(n - 1) return x end"
    " f(90000)|debug.getinfo(80000)",
    "traceback deep down": "local function f(n) if n == 0 then while true do BODY end end local x = f(n - 1) return x end"
    " f(150000)|debug.traceback('x')",
}


def code(name: str) -> str:
    """The loop with many calls in a turn: as few instructions of its own as can be."""
    loop, call = LOOPS[name].split("|")
    return loop.replace("BODY", f"{call} " * 40)


@pytest.mark.parametrize("name", LOOPS)
def test_time(name: str) -> None:
    """The limit on time holds, to within a second of the processor's."""
    process = Process.spawn(code="X = 1", limits=Limits(instructions=None, memory="64MB", seconds=1))
    began = time.process_time()
    failure = process.eval(code(name)).failure
    assert time.process_time() - began < 2
    assert failure is not None
    assert failure.limit == "time"
    assert process.eval("return 1 + 1").text == "2"


@pytest.mark.parametrize("name", LOOPS)
def test_instructions(name: str) -> None:
    """So does the limit on instructions: what C does is charged, at about the time that instructions take."""
    process = Process.spawn(code="X = 1", limits=Limits(instructions=2_000_000, memory="64MB", seconds=None))
    began = time.process_time()
    failure = process.eval(code(name)).failure
    assert time.process_time() - began < 3  # The slowest takes 1.3 s where nothing else runs.
    assert failure is not None
    assert failure.limit == "instructions"


def test_unpack_with_a_metatable() -> None:
    """table.unpack asks the metatable as Lua's own does, and complains as it does."""
    assert (
        value(
            "return table.concat({table.unpack(setmetatable({}, {__index = function(_, i) return i end}), 2, 5)}, ',')"
        )
        == "2,3,4,5"
    )
    assert value("return select('#', table.unpack(setmetatable({}, {__len = function() return 3 end})))") == "3"
    assert value("return select('#', table.unpack(setmetatable({1, 2}, {}), 3, 2))") == "0"
    assert value("return select(2, pcall(table.unpack, setmetatable({}, {}), 1, 1e8))") == "too many results to unpack"
    assert value("return select(2, pcall(table.unpack, setmetatable({}, {}), 'x'))") == (
        "bad argument #2 to 'table.unpack' (number expected, got string)"
    )
    assert value("return select(2, pcall(table.unpack, setmetatable({}, {__len = function() return 'x' end})))") == (
        "object length is not an integer"
    )


def test_codes() -> None:
    """utf8.codes loops over characters, and says where there is none."""
    assert (
        value(
            "local t = {} for at, c in utf8.codes('aé€') do t[#t + 1] = at .. ':' .. c end return table.concat(t, ' ')"
        )
        == "1:97 2:233 4:8364"
    )
    assert "invalid UTF-8 code" in value("return select(2, pcall(function() for _ in utf8.codes('a\\xff') do end end))")
    assert value("local f, s, i = utf8.codes('ab') F = f return tostring(i) .. s") == "0ab"


def test_many_arguments() -> None:
    """Functions of any number of arguments make of long numerals, and of many arguments, what C makes of them."""
    long = "local s = (' '):rep(1000) .. '7' local function many(n, v) if n > 0 then return v, many(n - 1, v) end end "
    assert value(long + "return (string.char('65.0', many(20, s)))") == "A" + "\a" * 20
    assert value(long + "return string.char('66', many(20, 65))") == "B" + "A" * 20
    assert value(long + "return (utf8.char(0x20ac, many(20, s)))") == "€" + "\a" * 20
    assert value(long + "return string.format('%d %s %q %5.1f%%%x%d%d%d%d', s, #s, 'a', s, s, s, s, s, s)") == (
        '7 1001 "a"   7.0%77777'
    )
    assert value(long + "return #string.format('%s %s %s %s %s %s', s, s, s, s, s, s)") == "6011"
    assert value(long + "return #string.pack(('b'):rep(20) .. 'z', many(21, s))") == "1022"
    assert value(long + "return math.max(9, many(20, 2.5))") == "9"
    assert value(long + "return math.min(9, many(20, 2.5))") == "2.5"
    assert value(long + "return #math.max(s .. s, many(20, s))") == "2002"
    assert value(long + "return #math.min(s, many(20, s .. s))") == "1001"
    wrong = "local s = ('x'):rep(1000) return select(2, pcall(string.char, s, many(20, 1)))"
    assert value(long + wrong) == "bad argument #1 to 'string.char' (number expected, got string)"
    wrong = "return select(2, pcall(string.pack, ('b'):rep(20), many(20, ('0'):rep(1000000))))"
    assert value(long + wrong) == "result too long"
