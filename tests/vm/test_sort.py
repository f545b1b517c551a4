"""table.sort: the order of the reference, also of equal elements, in every run."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .running import failure, value
from .trusted import Trusted

TRUSTED = Trusted()

_SORTED = """
local _, keys, ours = ...
local list, calls = {}, 0
for key in keys:gmatch("%-?%d+") do
  list[#list + 1] = { tonumber(key), #list + 1 }
end
local sort = ours and vm.sort or table.sort
sort(list, function(a, b) calls = calls + 1 return a[1] < b[1] end)
for i, item in ipairs(list) do
  list[i] = item[2]
end
return table.concat(list, " ") .. " " .. calls
"""


@given(st.lists(st.integers(-5, 5), max_size=400) | st.lists(st.integers(), min_size=101, max_size=300))
def test_the_same_steps_as_c(keys: list[int]) -> None:
    """Equal elements end where Lua's own sort puts them, after as many comparisons, however long the list is."""
    text = " ".join(map(str, keys)).encode()
    assert TRUSTED.run(_SORTED, text, True) == TRUSTED.run(_SORTED, text, False)


@given(st.lists(st.text(max_size=4) | st.integers(-9, 9).map(str), max_size=300))
def test_without_a_comparison(keys: list[str]) -> None:
    """Strings are sorted bytewise."""
    raw = [key.encode() for key in keys]
    table = b",".join(b'"' + b"".join(b"\\x%02x" % byte for byte in key) + b'"' for key in raw)
    answer = TRUSTED.run(b"local t = {" + table + b'} vm.sort(t) return table.concat(t, "\\0") .. "\\0"')
    assert answer.split(b"\0")[: len(raw)] == sorted(raw) if b"\0" not in b"".join(raw) else True


def test_a_bad_comparison_is_an_error() -> None:
    """An order that contradicts itself is found, as in the reference."""
    code = "local t = {} for i = 1, %d do t[i] = i end table.sort(t, function() return true end)"
    assert failure(code % 10) == failure(code % 200) == "invalid order function for sorting"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return select(2, pcall(table.sort, { 3, 1, 'x' }))", "attempt to compare string with number"),
        (
            "local t = {} for i = 1, 200 do t[i] = i end t[100] = 'x' "
            "return (select(2, pcall(table.sort, t)):gsub('%a+ with %a+', '? with ?'))",
            "attempt to compare ? with ?",
        ),
        ("local t = { 1.5, 1, 2, -3 } table.sort(t) return table.concat(t, ' ')", "-3 1 1.5 2"),
        (
            "local t = setmetatable({}, { __len = function() return 5 end, __index = function(_, i) return 10 - i end }) "
            "table.sort(t) return table.concat(t, ' ', 1, 5)",
            "5 6 7 8 9",
        ),
        (
            "local t = {} for i = 1, 300 do t[i] = setmetatable({ i * 7919 % 301 }, "
            "{ __lt = function(a, b) return a[1] < b[1] end }) end table.sort(t) "
            "for i = 2, 300 do assert(t[i - 1][1] <= t[i][1]) end return 'sorted'",
            "sorted",
        ),
        (
            "return select(2, pcall(table.sort, { 2, 1 }, 5))",
            "bad argument #2 to 'table.sort' (function expected, got number)",
        ),
        ("local t = { 3, 1, 2 } table.sort(t, function(a, b) return a > b end) return table.concat(t)", "321"),
    ],
)
def test_forms(code: str, expected: str) -> None:
    """Metatables, mixed lists and comparisons of the process work as in Lua."""
    assert value(code) == expected


def test_a_list_that_divides_badly_is_sorted_the_same_in_every_run() -> None:
    """Lua asks the clock for a pivot where a long list divides badly; ours does not."""
    code = b"""
    local n, calls, solid, t = 1000, 0, 0, {}
    -- McIlroy's adversary: makes every pivot a bad one
    local gas, values, candidate = n, {}, 0
    for i = 1, n do t[i], values[i] = i, gas end
    vm.sort(t, function(a, b)
      calls = calls + 1
      if values[a] == gas and values[b] == gas then
        if a == candidate then values[a] = solid else values[b] = solid end
        solid = solid + 1
      end
      if values[a] == gas then candidate = a elseif values[b] == gas then candidate = b end
      return values[a] < values[b]
    end)
    return calls .. table.concat(t, " ")
    """
    assert len({Trusted().run(code) for _ in range(3)}) == 1
