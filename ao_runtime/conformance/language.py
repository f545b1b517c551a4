"""Lua statements about the language itself: metatables, load, varargs, goto, closures, coroutines."""

from __future__ import annotations

from .maker import Maker, literal

__all__ = ["language"]

_EVENTS = ["__index", "__call", "__len", "__eq", "__lt", "__le", "__concat", "__unm", "__add", "__name"]
_USES = ["t.x", "t()", "#t", "t == u", "t < u", "t <= u", "t .. u", "-t", "t + u", "t.x.y", "t[1]"]
_CODE = ["return 1, 2", "return ...", "S.n = S.n + 1", "x x", "error('in load')", "return S", ""]
_FIXED = [
    "local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end print(fs[2]() + fs[2]())",
    "local r = {} for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do r[#r + 1] = k .. v end print(#r)",
    "local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end) print(co(1) + co(5))",
    "print(coroutine.status(coroutine.create(print)))",
    "print(coroutine.isyieldable())",
    "print(select(2, xpcall(error, function(e) return 'handled ' .. tostring(e) end, 'x')))",
]


def language(make: Maker, message: bool) -> str:
    """One statement."""
    value, plain, count = make.value(message, 1), make.plain(), make.number(0, 4)
    event, use, code = make.one(_EVENTS), make.one(_USES), literal(make.one(_CODE))
    statement = make.one(
        [
            f"local t, u = setmetatable({{}}, {{{event} = function(...) return {value} end}}), {{}} print({use})",
            f"local t, u = setmetatable({{}}, {{{event} = {value}}}), 5 print(pcall(function() return {use} end))",
            f"print(tostring(setmetatable({{}}, {{__tostring = function() return {value} end}})))",
            f"local f, e = load({code}, 'piece') print(tostring(e)) if f then print(f({plain})) end",
            f"print(pcall(load({code})))",
            f"print(select('#', load({code}, 'x', 't', {{}})))",
            f"local i = 0 ::again:: i = i + 1 if i < {count} then goto again end print(i)",
            f"local function f(n, ...) if n > 0 then return f(n - 1, n, ...) end return ... end print((f(3, {plain})))",
            f"local n = 0 for w in tostring({value}):gmatch('%w+') do n = n + #w end print(n)",
            f"for i = {make.numeral()}, {count}, {make.one(['1', '-1', '0.5', '0'])} do print(i) break end",
            f"local t = table.pack({value}, nil, {plain}) print(t.n)",
            f"local t = {{3, 1, {make.numeral()}}} table.sort(t, function(a, b) return a > b end) print(t[1])",
            f"repeat local x = {plain} until true print(type(x))",
            f"print(rawget({{a = {plain}}}, 'a'), rawlen({{1, 2}}))",
            f"print(string.pack('>I2', {make.number(0, 300)}):byte(1, -1))",
            f"print(math.type({value}))",
            f"print({make.numeral()} // {make.one(['0', '2', '-3', '0.0'])})",
            f"print(#string.rep({make.word()}, {make.number(0, 50)}, ','))",
            f"print(tostring({make.numeral()}) .. '|' .. string.format('%.3f', {make.numeral()}))",
            make.one(_FIXED),
        ]
    )
    return f"do {statement} end"
