"""Patterns: our own matcher and C's give the same, and which of them runs shows nowhere."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .running import value
from .trusted import Trusted

ATOMS = (
    "a b . %a %d %s %w [ab] [^a] [a-c] %% [%w_] []] [^]x] [a-] [%a-z] %. - ^ $ %S %b() %bxy %f[%w] %f[^a] () %1 %2 [b % ( ) "
    "x (a) (.-) [%]] %f %b %ba \0 [\0a] [+-9] [+--] \xff [^\x80-\xff]"
).split(" ")
PATTERNS = st.builds(
    lambda head, items, tail: head + "".join(a + q for a, q in items) + tail,
    st.sampled_from(["", "", "", "^"]),
    st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(["", "", "*", "+", "-", "?", "(", ")"])), max_size=6),
    st.sampled_from(["", "", "$"]),
)
SUBJECTS = st.text(alphabet="abc1 xy()%.-_$^]\0\xff", max_size=14)

_COMPARE = """
local _, s, p, init, replacement, limit = ...
local own = vm.slow_patterns
local function all(...)
  local values = table.pack(...)
  for i = 1, values.n do
    values[i] = tostring(values[i])
  end
  return (table.concat(values, "|"):gsub('%[string "<python>"%]:%d+: ', ""))
end
local function iterate(gmatch)
  return function()
    local list = {}
    for a, b, c in gmatch(s, p) do
      list[#list + 1] = tostring(a) .. "," .. tostring(b) .. "," .. tostring(c)
    end
    return table.concat(list, ";")
  end
end
local cases = {
  { all(pcall(string.find, s, p, init)), all(pcall(own.find, s, p, init)) },
  { all(pcall(string.match, s, p, init)), all(pcall(own.match, s, p, init)) },
  { all(pcall(string.find, s, p, init, true)), all(pcall(own.find, s, p, init, true)) },
  { all(pcall(string.gsub, s, p, replacement, limit)), all(pcall(own.gsub, s, p, replacement, limit)) },
  { all(pcall(iterate(string.gmatch))), all(pcall(iterate(own.gmatch))) },
  {
    all(pcall(string.gsub, s, p, function(...) return select("#", ...) .. tostring((...)) end)),
    all(pcall(own.gsub, s, p, function(...) return select("#", ...) .. tostring((...)) end)),
  },
  { all(pcall(string.gsub, s, p, { a = "A", b = false })), all(pcall(own.gsub, s, p, { a = "A", b = false })) },
}
for i, case in ipairs(cases) do
  if case[1] ~= case[2] then
    return i, case[1], case[2]
  end
end
"""

TRUSTED = Trusted()


@settings(max_examples=1500)
@given(
    SUBJECTS,
    PATTERNS,
    st.none() | st.integers(-16, 16),
    st.sampled_from(["x", "<%0>", "[%1]", "%2%1", "%", "%%", "%x"]),
    st.none() | st.integers(0, 3),
)
@example(")(", ")", None, "x", None)
@example("aa", "()%1", None, "x", None)
def test_our_matcher_is_lua_s(
    subject: str, pattern: str, init: int | None, replacement: str, limit: int | None
) -> None:
    """find, match, gmatch and gsub of our matcher give what C gives: values, positions, errors."""
    arguments = (subject.encode("latin-1"), pattern.encode("latin-1"), init, replacement.encode(), limit)
    assert TRUSTED.run(_COMPARE, *arguments) is None


LONG = {
    "trim": ("(' '):rep(9000) .. 'x y' .. (' '):rep(9000)", "s:match('^%s*(.-)%s*$')", "x y"),
    "fields": ("('key=value;'):rep(20000)", "select(2, s:gsub('(%w+)=(%w+)', '%2=%1'))", "20000"),
    "a callback": ("('ab '):rep(30000)", "#s:gsub('(a)(b) ', function(x, y) return y .. x end)", "60000"),
    "a table": ("('ab '):rep(30000)", "#s:gsub('%a+', { ab = 'long' })", "150000"),
    "lines": ("('one line\\n'):rep(20000)", "(function() local n = 0 for _ in s:gmatch('(.-)\\n') do n = n + 1 end return n end)()", "20000"),
    "words": ("('one two '):rep(20000)", "(function() local n = 0 for _ in s:gmatch('%S+') do n = n + 1 end return n end)()", "40000"),
    "a needle": ("('ab'):rep(1000000) .. ('needle'):rep(300)", "s:find(('needle'):rep(200), 1, true)", "2000001"),
    "a late match": ("('ab'):rep(30000) .. 'c'", "s:find('a%a*c')", "1"),
    "balance": ("('('):rep(100000) .. (')'):rep(100000)", "#s:match('%b()')", "200000"),
    "a back reference": ("('x'):rep(20000) .. '\"q\"'", "s:match('([\"\\']).-%1')", '"'),
    "frontier": ("('the '):rep(30000)", "select(2, s:gsub('%f[%w]%w+%f[%W]', 'x'))", "30000"),
    "anchors": ("('a'):rep(100000)", "tostring(s:find('^a*b')) .. tostring(s:find('a-$'))", "nil1"),
}  # fmt: skip


@pytest.mark.parametrize(("subject", "expression", "expected"), LONG.values(), ids=LONG.keys())
def test_long_subjects(subject: str, expression: str, expected: str) -> None:
    """What people write works on long texts as well, in a sensible number of instructions."""
    assert value(f"local s = {subject} return ({expression})", instructions=60_000_000, seconds=20.0) == expected


def test_numbers_for_strings() -> None:
    """Numbers are taken for strings, as Lua does."""
    assert value("return string.find(1234, 23) .. string.gsub(1234, 2, 5) .. string.match(12.5, '%.(%d)')") == "215345"


def test_errors_in_long_subjects() -> None:
    """Errors read the same whichever matcher has found them."""
    code = "local ok, e = pcall(string.find, ('a'):rep(%d), '(a*)(a*)(a*)%%9') return e"
    assert value(code % 10) == value(code % 30000) == "invalid capture index %9"
