"""Coroutines, pcall and xpcall: as Lua's, as long as no limit is hit."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

import pytest

from .running import value

CASES = {
    "yield across pcall": (
        "local co = coroutine.create(function() local ok, e = pcall(function() coroutine.yield(1) error('after', 0) end) return e end) "
        "local _, a = coroutine.resume(co) local _, b = coroutine.resume(co) return a .. b",
        "1after",
    ),
    "yield across xpcall": (
        "local co = coroutine.wrap(function() return xpcall(function(x) return coroutine.yield(x) end, print, 5) end) "
        "local a = co() local ok, b = co(7) return a .. tostring(ok) .. b",
        "5true7",
    ),
    "yield across pairs": (
        "local co = coroutine.wrap(function() for k in pairs({ a = 1, b = 2, 3 }) do coroutine.yield(k) end end) "
        "return co() .. co() .. co()",
        "1ab",
    ),
    "values": ("return select('#', pcall(function() return nil, nil end)) .. select('#', pcall(error))", "32"),
    "error values are kept": (
        "local t = {} local ok, e = pcall(error, t) local _, n = pcall(error) local _, b = pcall(error, false) "
        "return tostring(e == t) .. tostring(n) .. tostring(b)",
        "truenilfalse",
    ),
    "pcall of nothing": ("return select(2, pcall(nil))", "attempt to call a nil value"),
    "levels": (
        "local function f() error('two', 2) end local _, e = pcall(f) local _, g = pcall(function() f() end) return e .. ' ' .. g",
        'two [string "aos"]:1: two',
    ),
    "a handler gets the error where it is raised": (
        "local _, t = xpcall(function() local x = nil + 1 end, function(e) return e .. debug.getinfo(2, 'l').currentline end) return t",
        "[string \"aos\"]:1: attempt to perform arithmetic on a nil value1",
    ),
    "a handler's own error": (
        "local ok, e = xpcall(error, function() error('again') end) return tostring(ok) .. e",
        "falseerror in error handling",
    ),
    "arguments of xpcall": ("return select(2, xpcall(function(...) return select('#', ...) end, print, 1, nil, nil))", "3"),
    "wrap adds the position": (
        "local f = coroutine.wrap(function() error('boom') end) local _, e = pcall(function() local x = f() end) return e",
        '[string "aos"]:1: [string "aos"]:1: boom',
    ),
    "wrap keeps tables": (
        "local t = {} local _, e = pcall(coroutine.wrap(function() error(t) end)) return tostring(e == t)",
        "true",
    ),
    "dead coroutines": (
        "local f = coroutine.wrap(function() end) f() local co = coroutine.create(function() end) coroutine.resume(co) "
        "return select(2, pcall(f)) .. select(2, coroutine.resume(co)) .. coroutine.status(co)",
        "cannot resume dead coroutinecannot resume dead coroutinedead",
    ),
    "itself": ("return select(2, coroutine.resume(coroutine.running()))", "cannot resume non-suspended coroutine"),
    "running": (
        "local co, main = coroutine.running() return type(co) .. tostring(main) .. tostring(coroutine.isyieldable()) .. coroutine.status(co)",
        "threadfalsetruerunning",
    ),
    "status": (
        "local a a = coroutine.create(function() local b = coroutine.create(function() return coroutine.status(a) end) "
        "return select(2, coroutine.resume(b)) end) return coroutine.status(a) .. select(2, coroutine.resume(a))",
        "suspendednormal",
    ),
    "errors of our functions in a coroutine": (
        "local _, e = coroutine.resume(coroutine.create(function() local x = string.rep({}) end)) return e",
        "[string \"aos\"]:1: bad argument #1 to 'rep' (string expected, got table)",
    ),
    "generators": (
        "local function count(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end "
        "local s = 0 for i in count(1000) do s = s + i end return s",
        "500500",
    ),
    "a metamethod in C": (
        "local t = setmetatable({}, { __index = function(_, k) error('no ' .. k, 2) end }) "
        "local _, a = pcall(function() return t.x end) local _, b = pcall(table.concat, t, '', 1, 2) return a .. ' ' .. b",
        '[string "aos"]:1: no x no 1',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CASES.values(), ids=CASES.keys())
def test_as_lua(code: str, expected: str) -> None:
    """Each gives what the reference gives."""
    assert value(code) == expected
