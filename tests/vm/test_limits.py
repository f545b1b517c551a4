"""Limits: what is endless, too deep or too large ends in the error of a limit, and the process goes on working."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

from typing import Any

import pytest

from ao_runtime import InstructionLimitError, MemoryLimitError, Process, TimeLimitError

from .running import failure, hit, result, value
from .trusted import Trusted

INSTRUCTIONS: dict[str, Any] = {"instructions": 500_000, "seconds": 20.0, "memory": "128MB"}
SECONDS: dict[str, Any] = {"instructions": None, "seconds": 0.3, "memory": "128MB"}
MEMORY: dict[str, Any] = {"instructions": None, "seconds": 20.0, "memory": "24MB"}

ENDLESS = {
    "a loop": "while true do end",
    "a loop in pcall": "while true do pcall(function() while true do end end) end",
    "nested pcall": "local function f() while true do pcall(f) end end f()",
    "a handler of xpcall": "xpcall(error, function() while true do end end)",
    "a handler of xpcall that is called for a limit": (
        "while true do xpcall(function() while true do end end, function() while true do end end) end"
    ),
    "a handler that fails": "local function h() h() return 1 end while true do xpcall(error, h) end",
    "a handler at the end of the C stack": (
        "local function f(n) if n == 0 then while true do end end "
        "xpcall(f, function() while true do end end, n - 1) end for d = 90, 199 do pcall(f, d) end"
    ),
    "a loop at the end of the C stack": (
        "local function f(n) if n == 0 then while true do end end pcall(f, n - 1) end for d = 90, 199 do pcall(f, d) end"
    ),
    "a callback at the end of the C stack": (
        "local function f(n) if n == 0 then while true do end end string.gsub('x', 'x', function() f(n - 1) end) end "
        "for d = 150, 199 do pcall(f, d) end"
    ),
    "a coroutine": "coroutine.wrap(function() while true do end end)()",
    "coroutines whose errors are dropped": (
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end"
    ),
    "coroutines of a few instructions": "while true do coroutine.resume(coroutine.create(function() end)) end",
    "a generator": (
        "local g = coroutine.wrap(function() while true do coroutine.yield() end end) while true do g() end"
    ),
    "coroutines in coroutines": "local function f() coroutine.wrap(f)() end while true do pcall(f) end",
    "an iterator": "for _ in function() return 1 end do end",
    "a coroutine for an iterator": "for _ in coroutine.wrap(function() while true do end end) do end",
    "__tostring": "tostring(setmetatable({}, { __tostring = function() while true do end end }))",
    "__tostring in format": (
        "return string.format('%s', setmetatable({}, { __tostring = function() while true do end end }))"
    ),
    "__index": "return setmetatable({}, { __index = function() while true do end end }).x",
    "__eq": ("local m = { __eq = function() while true do end end } return setmetatable({}, m) == setmetatable({}, m)"),
    "__concat": "return setmetatable({}, { __concat = function() while true do end end }) .. 'x'",
    "__len": "return #setmetatable({}, { __len = function() while true do end end })",
    "__call": "setmetatable({}, { __call = function() while true do end end })()",
    "__pairs": "for _ in pairs(setmetatable({}, { __pairs = function() while true do end end })) do end",
    "__gc": "for i = 1, 1e9 do setmetatable({}, { __gc = function() while true do end end }) end",
    "__gc added later": (
        "local m = {} for i = 1, 1000 do setmetatable({}, m) end m.__gc = function() while true do end end "
        "collectgarbage() while true do local _ = {} end"
    ),
    "a comparison of sort": "table.sort({ 1, 2, 3 }, function() while true do end end)",
    "sort of a long list that is none": (
        "table.sort(setmetatable({}, { __len = function() return 2147483646 end, __index = function() return 1 end }))"
    ),
    "concat by its own __index": "table.concat(setmetatable({}, { __index = table.concat }), '', 1, math.maxinteger)",
    "concat of a million nothings": (
        "table.concat(setmetatable({}, { __index = function() return '' end }), '', 1, math.maxinteger)"
    ),
    "move": "table.move({}, 1, math.maxinteger - 1, 2)",
    "move through metamethods in C": (
        "table.move({}, 1, 10 ^ 15 // 1 | 0, 2, setmetatable({}, { __newindex = rawequal }))"
    ),
    "insert into a list that says it is long": (
        "table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end, "
        "__index = rawequal, __newindex = rawequal }), 1, 1)"
    ),
    "remove from a list that says it is long": (
        "table.remove(setmetatable({}, { __len = function() return math.maxinteger - 1 end, "
        "__index = rawequal, __newindex = rawequal }), 1)"
    ),
    "a callback of gsub": "string.gsub('x', 'x', function() while true do end end)",
    "a reader of load": "load(function() return 'x = 1 ' end)",
    "a reader that does not return": "load(function() while true do end end)",
    "a searcher of require": (
        "table.insert(package.searchers, 1, function() while true do end end) require('nothing')"
    ),
    "a module": "package.preload.x = function() while true do end end require('x')",
    "goto": "::again:: goto again",
    "tail calls": "local function f() return f() end f()",
    "a long run of long keys": (
        "local t = {} for i = 1, 2000 do t['k' .. i] = i end while true do for _ in pairs(t) do break end end"
    ),
}


@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_is_stopped(code: str) -> None:
    """Nothing escapes the count of instructions, wherever it runs."""
    assert hit(code, **INSTRUCTIONS) == "instructions"


LONG_IN_C = {
    "a pattern of many stars": "return ('a'):rep(3000):find(('a*'):rep(30) .. 'b')",
    "a lazy pattern": "return ('a'):rep(300000):find(('.-'):rep(10) .. 'b')",
    "options": "return ('a'):rep(30):match(('a?'):rep(60) .. ('a'):rep(30) .. 'b')",
    "a balance that never ends": "return ('('):rep(300000):find('%b()')",
    "a back reference": "return ('a'):rep(100000):find('(.+)%1b')",
    "gsub": "return ('a'):rep(30000):gsub('(a*)*b', 'x')",
    "gmatch": "for _ in ('a'):rep(30000):gmatch(('a*'):rep(20) .. 'b') do end",
    "a long replacement": "return #('a'):rep(50000):gsub('()()', ('%2'):rep(1000000))",
    "a plain search": "local s = ('a'):rep(4000000) return s:find(('a'):rep(2000000) .. 'b', 1, true)",
    "rep": "while true do local s = string.rep('x', 1000000) end",
    "concatenation": "local s = ('x'):rep(2000000) while true do local x = s .. 'y' end",
    "upper": "local s = ('x'):rep(5000000) while true do s:upper() end",
    "pack": "while true do string.pack('c5000000', 'x') end",
    "numbers of a million digits": "local s = ('1'):rep(1000000) while true do local x = s + 1 end",
    "unpack": "while true do local x = select('#', table.unpack({}, 1, 300000)) end",
    "insert at the head": "local t = {} for i = 1, 300000 do t[i] = i end while true do table.insert(t, 1, 0) end",
    "sort": "local t = {} for i = 1, 100000 do t[i] = -i end while true do table.sort(t) end",
    "pairs": "local t = {} for i = 1, 30000 do t['k' .. i] = i end while true do for _ in pairs(t) do break end end",
    "next": "local t = {} for i = 1, 30000 do t['k' .. i] = i end while true do next(t) end",
    "load": "local s = ('x = 1 '):rep(100000) while true do load(s) end",
    "load of many branches": (
        "local s = { 'if x then ' } for i = 1, 100000 do s[i + 1] = ' elseif x then ' end s[#s + 1] = ' end' "
        "while true do load(table.concat(s)) end"
    ),
    "the collector": "local t = {} for i = 1, 100000 do t[i] = {} end while true do collectgarbage() end",
    "utf8.len": "local s = ('ä'):rep(3000000) while true do utf8.len(s) end",
    "os.date": "while true do os.date(('%c'):rep(100000)) end",
    "chains of __index": (
        "local t = {} for i = 1, 1900 do t = setmetatable({}, { __index = t }) end while true do local x = t.x end"
    ),
}


@pytest.mark.parametrize("code", LONG_IN_C.values(), ids=LONG_IN_C.keys())
def test_what_c_does_is_over_in_time(code: str) -> None:
    """Functions that no hook sees end soon after the time limit as well."""
    assert hit(code, within=8.0, **SECONDS) == "time"


BOMBS = {
    "a string that doubles": "local s = 'x' while true do s = s .. s end",
    "rep": "return string.rep('x', 10 ^ 9 // 1 | 0)",
    "rep in pcall": "while true do pcall(string.rep, 'x', 10 ^ 9 // 1 | 0) end",
    "a table": "local t = {} while true do t[#t + 1] = {} end",
    "a table in pcall": "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end",
    "a table in a coroutine": (
        "while true do local t = {} "
        "coroutine.resume(coroutine.create(function() while true do t[#t + 1] = {} end end)) end"
    ),
    "a table in a wrapped coroutine": (
        "while true do local t = {} pcall(coroutine.wrap(function() while true do t[#t + 1] = {} end end)) end"
    ),
    "concat": "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(10000) end while true do t[#t + 1] = table.concat(t) end",
    "gsub": "local s = ('x'):rep(10000) while true do s = s:gsub('x', 'xx') end",
    "closures": "local t = {} while true do t[#t + 1] = function() return t end end",
    "coroutines": "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
    "the globals": "while true do _G[#_G + 1] = {} end",
}


@pytest.mark.parametrize("code", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_hit_the_memory_limit(code: str) -> None:
    """A lack of memory is no error that a process can catch and go on from."""
    assert hit(code, **MEMORY) == "memory"


def test_error_classes() -> None:
    """Each limit has an error of its own class."""
    with pytest.raises(InstructionLimitError):
        result("while true do end", instructions=10_000).raise_for_error()
    with pytest.raises(TimeLimitError):
        result("while true do end", instructions=None, seconds=0.05).raise_for_error()
    with pytest.raises(MemoryLimitError):
        result("return ('x'):rep(10 ^ 9 // 1 | 0)", memory="16MB").raise_for_error()


def test_deep_recursion_is_an_error_like_others() -> None:
    """A stack that overflows is Lua's own error; a process may catch it."""
    assert value("local function f() return 1 + f() end local _, e = pcall(f) return e") == (
        '[string "aos"]:1: stack overflow'
    )
    assert value("return 'x' .. tostring(pcall(function() local function f() pcall(f) end f() end))") == "xtrue"


def test_a_text_like_the_memory_error_is_no_memory_error() -> None:
    """Only Lua's own lack of memory counts, not a process's error with the same text."""
    assert value("local ok, e = pcall(error, 'not enough memory', 0) return e") == "not enough memory"
    assert value("local ok, e = pcall(error, 'not enough memory for buffer allocation', 0) return e") == (
        "not enough memory for buffer allocation"
    )
    code = "local ok, e = coroutine.resume(coroutine.create(function() error('not enough memory', 0) end)) return e"
    assert value(code) == "not enough memory"
    assert value("local ok, e = xpcall(error, function(e) return e end, 'not enough memory', 0) return e") == (
        "not enough memory"
    )


def test_the_limit_is_met_to_a_few_hundred_instructions() -> None:
    """What a loop may do is what the limit says."""
    count = "local n = 0 for i = 1, %d do n = n + 1 end return n"
    assert value(count % 100_000, instructions=205_000) == "100000"
    assert failure(count % 100_000, instructions=199_000).endswith("instruction limit of 199000 reached")


def test_the_limit_of_a_message_is_its_own() -> None:
    """What one message has used is not counted for the next."""
    process = Process.spawn(code="", limits={"instructions": 100_000})
    for _ in range(5):
        assert value("local n = 0 for i = 1, 20000 do n = n + 1 end return n", process=process) == "20000"


def test_gas_is_exact() -> None:
    """Gas is the number of instructions, but for a few, in loops of any length."""

    def gas(turns: int) -> int:
        return result(f"for i = 1, {turns} do end").gas_used

    start = gas(0)
    for turns in (10, 100, 255, 256, 257, 1000, 10_100, 1_000_000):
        assert abs(gas(turns) - start - turns) <= 16


_COUNT = """
local _, code = ...
vm.begin(10 ^ 9 // 1 | 0, 10 ^ 9)
local f = assert(load(code, "=code", "t", setmetatable({
  pairs = vm.pairs, next = vm.next, sort = vm.sort, pcall = vm.pcall, error = error, coroutine = vm.coroutine,
  string = { find = vm.find_text, gsub = vm.gsub, rep = vm.rep, format = vm.format }, tostring = vm.tostring,
}, { __index = {} })))
local co = coroutine.create(function() f() vm.burn() end)
vm.watch(co)
assert(coroutine.resume(co))
return vm.spent()
"""

_WORK = """
local t = {}
for i = 1, 300 do t['key' .. i] = i end
for round = 1, 30 do
  for k, v in pairs(t) do t[k] = v + 1 end
  t['new' .. round] = round
  for k in next, t do local _ = string.find(k, '%d+') end
  pcall(error, 'x')
  coroutine.wrap(function() for i = 1, 1000 do end end)()
  string.gsub(string.rep('ab', 1000), 'a(b)', '%1')
  sort({ 5, 3, 4, 1 }, function(a, b) return a < b end)
end
"""


def test_gas_does_not_depend_on_the_clock_nor_on_what_was_done_before() -> None:
    """A slow machine, on which the clock is looked at all the time, counts the same; so does a second run."""

    class Clock:
        def __init__(self, step: float) -> None:
            self.time, self.step = 0.0, step

        def __call__(self) -> float:
            self.time += self.step
            return self.time

    counts = set()
    for step in (0.0, 0.0001, 0.01, 5.0):
        trusted = Trusted(Clock(step))
        counts.add(trusted.run(_COUNT, _WORK.encode()))
        counts.add(trusted.run(_COUNT, _WORK.encode()))
    assert len(counts) == 1


@pytest.mark.parametrize("memory", range(24, 112, 8))
def test_a_full_stack_where_memory_is_short(memory: int) -> None:
    """A stack that overflows while memory ends is one error or the other, and the process goes on working."""
    process = Process.spawn(code="Count = 1", limits={"memory": f"{memory}MB", "instructions": 5_000_000})
    failed = process.eval("local function f() return 1 + f() end f()")
    assert failed.failure is not None
    assert failed.failure.limit == "memory" or "stack overflow" in failed.failure.message
    assert process.eval("Count = Count + 1 return Count").output["data"] == "2"


@pytest.mark.parametrize("call", ["l(s)", "wrap(print)"])
def test_what_is_charged_is_not_lost(call: str) -> None:
    """One instruction more in each turn of a loop is as many as there are turns, wherever in a charge the hook fires."""
    process = Process.spawn(code="")
    used = []
    for count in range(8):
        loop = f"for i = 1, 5000 do {call} {'a = i ' * (count + 200)} end"
        result = process.eval(f"local l, s, a, wrap = string.lower, ('x'):rep(600), 1, coroutine.wrap {loop}")
        used.append(result.gas_used)
    # The first has done what is done once.
    assert all(abs(one - other - 5000) < 300 for one, other in zip(used[2:], used[1:], strict=False))
