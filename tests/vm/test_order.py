"""pairs and next: one order in every run, whatever a table holds and however it has come to it."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Process

from .running import failure, value
from .trusted import Trusted

TRUSTED = Trusted()

ORDERS = {
    "a sequence": ("{ 10, 20, 30 }", "1 2 3"),
    "names": ("{ b = 1, a = 2, c = 3 }", "a b c"),
    "bytes, not letters": ("{ a = 1, B = 1, ['\\255'] = 1, ['\\0'] = 1, [''] = 1, ab = 1 }", " \0 B a ab \udcff"),
    "a sequence, then names": ("{ b = 1, 10, 20, a = 2 }", "1 2 a b"),
    "numbers": ("{ [3] = 1, [-1] = 1, [2.5] = 1, [0] = 1, [1e300] = 1 }", "-1 0 2.5 3 1e+300"),
    "a sequence comes first": ("{ 1, 2, [0] = 1, [-1] = 1, [5] = 1 }", "1 2 -1 0 5"),
    "infinities": ("{ [math.huge] = 1, [-math.huge] = 1, [math.maxinteger] = 1, [math.mininteger] = 1 }",
                   "-inf -9223372036854775808 9223372036854775807 inf"),
    "booleans": ("{ [true] = 1, [false] = 1, x = 1, [7] = 1 }", "7 x false true"),
    "nothing": ("{}", ""),
}  # fmt: skip
WALKS = {
    "pairs": "for k in pairs(t) do",
    "next": "for k in next, t do",
    "pairs by hand": "local f, s, k = pairs(t) while true do k = f(s, k) if k == nil then break end",
    "next by hand": "local k while true do k = next(t, k) if k == nil then break end",
    "pairs with a metatable": "setmetatable(t, { __index = function() return 1 end }) for k in pairs(t) do",
}


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS.keys())
@pytest.mark.parametrize(("table", "expected"), ORDERS.values(), ids=ORDERS.keys())
def test_order(table: str, expected: str, walk: str) -> None:
    """1, 2, 3, … first, then the other numbers, strings bytewise, false, true; by pairs and by next, by hand too."""
    code = f"""
    local _, pairs, next = vm, vm.pairs, vm.next
    local t, out = {table}, {{}}
    {walk} out[#out + 1] = tostring(k) end
    return table.concat(out, " ")"""
    assert TRUSTED.run(code).decode("utf-8", "surrogateescape") == expected


_MODEL = """
local _, script = ...
local pairs, next = vm.pairs, vm.next
-- a table that is changed and walked over again and again: every walk must give the keys of Lua's own walk, sorted
local t, checked = {}, 0
local function rank(k)
  return math.type(k) and 1 or type(k) == "string" and 2 or 3
end
local function check()
  local keys, low = {}, 0
  while rawget(t, low + 1) ~= nil do
    low = low + 1
    keys[low] = low
  end
  local rest = {}
  for k in _G.next, t do
    if not (math.type(k) == "integer" and k >= 1 and k <= low) then
      rest[#rest + 1] = k
    end
  end
  table.sort(rest, function(a, b)
    local x, y = rank(a), rank(b)
    if x ~= y then return x < y end
    if x == 3 then return not a and b end
    return a < b
  end)
  table.move(rest, 1, #rest, low + 1, keys)
  local i = 0
  for k, v in pairs(t) do
    i = i + 1
    assert(k == keys[i] and v == t[k], "pairs")
  end
  assert(i == #keys, "pairs is short")
  i = 0
  for k, v in next, t do
    i = i + 1
    assert(k == keys[i] and v == t[k], "next")
  end
  assert(i == #keys, "next is short")
  assert(next(t) == keys[1], "the first")
  if #keys > 0 then
    -- from any key on, without a walk
    local at = checked % #keys + 1
    assert(next(t, keys[at]) == keys[at + 1], "from a key on")
  end
  checked = checked + 1
end
for op, key in script:gmatch("(%a)(%-?[%w.]+)") do
  key = tonumber(key) or (key == "true" and true) or (key ~= "false" and key)
  if op == "S" then
    t[key] = (t[key] or 0) + 1
  elseif op == "C" then
    t[key] = nil
  elseif op == "F" then
    for i = 1, 60 do t["k" .. i * 7 % 61 .. tostring(key)] = i end
  else
    -- clears what it walks over, as far as the key says, and what comes after
    local n = 0
    for k in pairs(t) do
      n = n + 1
      if n % 2 == 0 then t[k] = nil end
      if n == 3 then t[_G.next(t, k)or k] = nil end
    end
  end
  check()
end
return checked
"""
KEYS = st.integers(-3, 12).map(str) | st.sampled_from(["a", "b", "zz", "key", "1.5", "-0.5", "true", "false"])


@given(st.lists(st.tuples(st.sampled_from("SSSCFW"), KEYS), max_size=25))
def test_every_walk_is_right(script: list[tuple[str, str]]) -> None:
    """Whatever has been added and removed since the last walk, and during one, each key comes once and in order."""
    text = " ".join(op + key for op, key in script).encode()
    assert TRUSTED.run(_MODEL, text) == len(script)


def test_fields_may_be_changed_and_cleared_during_a_walk() -> None:
    """A walk sees new values, and does not see keys that are gone."""
    code = """
    local out = {}
    for _, walk in ipairs({ pairs, function(t) return next, t end }) do
      local t = { 1, 2, 3, 4, 5, a = 1, b = 2, c = 3, d = 4 }
      for k, v in walk(t) do
        out[#out + 1] = k .. '=' .. v
        if k == 2 then t[4] = nil t[5] = 50 end
        if k == 'a' then t.b = nil t.c = 30 end
        t[k] = nil
      end
      out[#out + 1] = tostring(next(t))
    end
    return table.concat(out, ' ')
    """
    once = "1=1 2=2 3=3 5=50 a=1 c=30 d=4 nil"
    assert value(code) == f"{once} {once}"


def test_walks_may_be_nested() -> None:
    """Two walks over one table do not disturb each other, nor does a walk in a coroutine."""
    code = """
    local t = { a = 1, b = 2, c = 3, 7, 8 }
    local out = {}
    local step = coroutine.wrap(function() for k in next, t do coroutine.yield(k) end end)
    for k in next, t do
      local inner = ''
      for j in next, t do inner = inner .. j end
      for j in pairs(t) do inner = inner .. j end
      out[#out + 1] = k .. inner .. step()
    end
    return table.concat(out, ' ')
    """
    assert value(code) == " ".join(f"{k}12abc12abc{k}" for k in "12abc")


def test_pairs_in_a_metatable() -> None:
    """__pairs is asked; its three values are used."""
    code = """
    local t = setmetatable({}, { __pairs = function(t) return function(_, k) if not k then return 1, 'one' end end, t, nil, 5 end })
    local out = select('#', pairs(t))
    for k, v in pairs(t) do out = out .. k .. v end
    return out
    """
    assert value(code) == "31one"


def test_errors_of_next() -> None:
    """A key that is not there, and what is no table, are errors as in Lua."""
    assert value("return select(2, pcall(next, {}, 'x')) .. select(2, pcall(next, { a = 1, b = 2 }, 'x'))") == (
        "invalid key to 'next'" * 2
    )
    assert failure("for k in pairs(nil) do end") == "bad argument #1 to 'for iterator' (table expected, got nil)"
    assert failure("for k in pairs('x') do end") == "bad argument #1 to 'for iterator' (table expected, got string)"
    assert failure("local x = next(5)") == "bad argument #1 to 'next' (table expected, got number)"


def test_drained_tables() -> None:
    """A table can be emptied from its head on, as is usual with next."""
    code = """
    local t, n = {}, 0
    for i = 1, 200 do t['k' .. i] = i end
    while true do
      local k = next(t)
      if not k then break end
      t[k] = nil
      n = n + 1
    end
    return n
    """
    assert value(code) == "200"


OBJECTS = """
local function named(name) return setmetatable({ name = name }, { __name = 'T' }) end
local keys, set = {}, {}
for _, name in ipairs({ 'pear', 'apple', 'fig', 'lemon', 'kiwi' }) do
  local key = named(name)
  keys[#keys + 1] = key
  set[key] = true
end
for i = 1, 5 do
  set[function() return i end] = i
  set[coroutine.create(function() end)] = 10
end
set[print] = 'print'
set[tostring] = 'tostring'
local out = {}
for k, v in pairs(set) do
  out[#out + 1] = (type(k) == 'table' and k.name or type(k) == 'function' and v or type(k)) .. ' ' .. tostring(k)
end
return table.concat(out, ', ')
"""


def test_objects_are_ordered_the_same_in_every_python_process() -> None:
    """Tables and functions as keys: their order does not come from where they lie in memory."""
    program = f"from ao_runtime import Process\nprint(Process.spawn(code='').eval({OBJECTS!r}).output['data'])"
    answers = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(6)
    }
    assert len(answers) == 1
    assert "apple" in answers.pop()


def test_objects_keep_their_order() -> None:
    """Once seen, objects keep their place; new ones come after."""
    process = Process.spawn(code="")
    code = """
    Set, Names = Set or {}, Names or {}
    for _, name in ipairs({ %s }) do local k = { name } Set[k] = true end
    local out = {}
    for k in pairs(Set) do out[#out + 1] = k[1] end
    return table.concat(out, ' ')
    """
    assert value(code % "'b', 'c', 'a'", process=process) == "a b c"
    assert value(code % "'A', '0'", process=process) == "a b c 0 A"
