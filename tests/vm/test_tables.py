"""table.insert, remove, concat, move and unpack: as Lua's, also through metamethods."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

import pytest

from .running import value

CASES = {
    "insert": ("local t = { 1, 2 } table.insert(t, 3) table.insert(t, 1, 0) return table.concat(t)", "0123"),
    "insert nil": ("local t = { 1, 2 } table.insert(t, 1, nil) return tostring(t[1]) .. t[2] .. t[3]", "nil12"),
    "insert appends nil": ("local t = { 1 } table.insert(t, nil) return #t", "1"),
    "insert at the end": ("local t = { 1 } table.insert(t, 2, 2) return table.concat(t)", "12"),
    "insert by a numeral": ("local t = { 1, 2 } table.insert(t, '2', 'x') return table.concat(t)", "1x2"),
    "insert, a metatable": ("local t = setmetatable({ 1, 2 }, {}) table.insert(t, 2, 'x') return table.concat(t)", "1x2"),
    "insert calls __newindex": (
        "local t = setmetatable({}, { __newindex = function(t, k, v) rawset(t, k, v * 2) end }) table.insert(t, 5) return t[1]",
        "10",
    ),
    "insert asks __len": (
        "local t = setmetatable({}, { __len = function() return 4 end }) table.insert(t, 'x') return t[5]",
        "x",
    ),
    "remove": ("local t = { 1, 2, 3 } return table.remove(t, 1) .. table.remove(t) .. table.concat(t)", "132"),
    "remove from nothing": ("local t = {} return tostring(table.remove(t)) .. tostring(table.remove(t, 0))", "nilnil"),
    "remove behind the end": ("local t = { 1 } return tostring(table.remove(t, 2)) .. #t", "nil1"),
    "remove, a metatable": (
        "local t = setmetatable({ 1, 2, 3 }, {}) return table.remove(t, 1) .. tostring(table.remove(t, 3)) .. table.concat(t)",
        "1nil23",
    ),
    "concat": ("return table.concat({ 1, 2.5, 'x' }, ', ') .. table.concat({}) .. table.concat({ 1, 2, 3 }, '-', 2, 3)", "1, 2.5, x2-3"),
    "concat through __index": (
        "return table.concat(setmetatable({}, { __index = function(_, i) return i * 2 end, __len = function() return 3 end }), ',')",
        "2,4,6",
    ),
    "concat up to the last integer": (
        "return table.concat(setmetatable({}, { __index = function() return 'x' end }), '', math.maxinteger - 1, math.maxinteger)",
        "xx",
    ),
    "move": ("return table.concat(table.move({ 1, 2, 3 }, 1, 3, 2)) .. table.concat(table.move({ 1, 2 }, 1, 2, 1, { 9, 9, 9 }))", "1123129"),
    "move many": (
        "local t = {} for i = 1, 200 do t[i] = i end table.move(t, 1, 200, 2) table.move(t, 3, 201, 1) return t[1] .. t[199] .. #t",
        "2200201",
    ),
    "move through metamethods": (
        "local n = 0 local t = setmetatable({}, { __newindex = function(t, k, v) n = n + v end }) "
        "table.move(setmetatable({}, { __index = function(_, i) return i end }), 1, 10, 1, t) return n",
        "55",
    ),
    "move nothing": ("return #table.move({ 1 }, 2, 1, 5)", "1"),
    "unpack": ("return select('#', table.unpack({ 1, nil, 3 }, 1, 3)) .. select('#', table.unpack({}, 1, 200))", "3200"),
    "pack": ("return table.pack(nil, nil).n", "2"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), CASES.values(), ids=CASES.keys())
def test_forms(code: str, expected: str) -> None:
    """Each form gives what the reference gives."""
    assert value(code) == expected


ERRORS = {
    "table.insert({}, 5, 2)": "bad argument #2 to 'table.insert' (position out of bounds)",
    "table.insert(setmetatable({ 1 }, {}), 5, 2)": "bad argument #2 to 'table.insert' (position out of bounds)",
    "table.insert({}, 'a', 1)": "bad argument #2 to 'table.insert' (number expected, got string)",
    "table.insert({})": "wrong number of arguments to 'insert'",
    "table.insert(setmetatable({}, {}))": "wrong number of arguments to 'insert'",
    "table.insert({}, 1, 2, 3)": "wrong number of arguments to 'insert'",
    "table.remove({ 1, 2, 3 }, 7)": "bad argument #1 to 'table.remove' (position out of bounds)",
    "table.remove(setmetatable({ 1, 2, 3 }, {}), 7)": "bad argument #1 to 'table.remove' (position out of bounds)",
    "table.concat({ 1, {} })": "invalid value (table) at index 2 in table for 'concat'",
    "table.concat(setmetatable({ 1, {} }, {}))": "invalid value (table) at index 2 in table for 'concat'",
    "table.concat({ 1 }, {})": "bad argument #2 to 'table.concat' (string expected, got table)",
    "table.concat({ 1 }, ',', 1, 2)": "invalid value (nil) at index 2 in table for 'concat'",
    "table.concat(setmetatable({}, { __len = function() return 'x' end }))": "object length is not an integer",
    "table.move({}, 1, math.maxinteger, 2)": "bad argument #4 to 'table.move' (destination wrap around)",
    "table.move({}, -5, math.maxinteger, 2)": "bad argument #3 to 'table.move' (too many elements to move)",
    "table.move(1, 1, 3, 1)": "bad argument #1 to 'table.move' (table expected, got number)",
    "table.unpack({}, 1, 10 ^ 8 // 1 | 0)": "too many results to unpack",
}


@pytest.mark.parametrize(("call", "message"), ERRORS.items(), ids=ERRORS.keys())
def test_errors(call: str, message: str) -> None:
    """Errors read as the reference's, with and without a metatable."""
    function, arguments = call.split("(", 1)
    assert value(f"return select(2, pcall({function}, {arguments})") == message
