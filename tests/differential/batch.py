"""One Eval for many calls: the Lua text around them, and the outcomes in its answer."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["FIRST_LINE", "program"]

# Turns any value into one line of ASCII: strings escaped, floats with 17 digits, tables by sorted keys, without
# metamethods; what holds a metatable is marked with @. Long strings are a part of theirs and a checksum.
SERIALISER = r"""
local SHOW, KEEP do
  local type, rawget, next, pcall, getmetatable, select = type, rawget, next, pcall, getmetatable, select
  local format, gsub, byte, sub, mathtype = string.format, string.gsub, string.byte, string.sub, math.type
  local sort, concat = table.sort, table.concat
  local function escape(s)
    return (gsub(s, '[^ -Z^-~[%]]', function(c) return format('\\x%02X', byte(c)) end))
  end
  local function text(s)
    if #s <= 6000 then return '"' .. escape(s) .. '"' end
    local sum = 0
    for i = 1, #s do sum = (sum * 31 + byte(s, i)) & 0xFFFFFFFFFF end
    return format('"%s...%s"#%d:%x', escape(sub(s, 1, 100)), escape(sub(s, -100)), #s, sum)
  end
  local show
  local function fields(t, seen, depth)
    local keys, shown, n = {}, {}, 0
    for k in next, t do
      n = n + 1
      local name = show(k, seen, depth)
      if mathtype(k) == 'integer' then name = format('%020d', k) end
      keys[n], shown[name] = name, k
    end
    sort(keys)
    for i = 1, n do
      local k = shown[keys[i]]
      local name = mathtype(k) == 'integer' and format('%d', k) or keys[i]
      keys[i] = name .. '=' .. show(rawget(t, k), seen, depth + 1)
      if i > 400 then keys[i] = '...' .. n; n = i; break end
    end
    return concat(keys, ', ', 1, n)
  end
  function show(v, seen, depth)
    local kind = type(v)
    if kind == 'string' then return text(v) end
    if kind == 'number' then
      if mathtype(v) == 'integer' then return format('%d', v) end
      if v ~= v then return 'nan' end
      return format('%.17g', v) .. 'f'
    end
    if kind == 'table' then
      local mark = getmetatable(v) and '@' or ''
      if seen[v] then return mark .. '<' .. seen[v] .. '>' end
      if depth > 6 then return mark .. '{...}' end
      seen.n = seen.n + 1
      seen[v] = seen.n
      return mark .. '{' .. fields(v, seen, depth) .. '}'
    end
    if kind == 'nil' or kind == 'boolean' then return tostring(v) end
    return kind
  end
  local function all(ok, ...)
    local seen, out = { n = 0 }, { ok and 'ok' or 'error' }
    for i = 1, select('#', ...) do out[i + 1] = show((select(i, ...)), seen, 0) end
    return concat(out, ' ')
  end
  function SHOW(f) return all(pcall(f)) end
  -- A call inside KEEP(...) is no tail call: errors then have a position in the caller.
  function KEEP(...) return ... end
end
"""

#: Line of the first call: everything before is the same text in every batch of a module.
FIRST_LINE = 2


def program(prelude: str, bodies: Sequence[str]) -> str:
    """Lua text that calls each body and returns one line for each outcome. Each body has a line of its own."""
    head = " ".join(line for line in SERIALISER.splitlines() if not line.strip().startswith("--"))
    if "\n" in prelude or any("\n" in body for body in bodies):
        raise ValueError("a prelude and a body are one line each")
    lines = [f"{head} {prelude} local CASES = {{"]
    lines += [f"function() {body} end," for body in bodies]
    lines += ["} for i = 1, #CASES do CASES[i] = SHOW(CASES[i]) end return table.concat(CASES, '\\n')"]
    return "\n".join(lines)
