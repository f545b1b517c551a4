"""Recorded answers of the network's modules: Lua snippets and what they return.

A file of `facts/` is an array of [snippet, answer]. The snippets of one file run in one state, in order;
an answer is all values the snippet returns, written by SERIALIZE. Positions in the modules themselves and
addresses are cut out of both sides.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Protocol

FACTS = Path(__file__).parent / "facts"

SERIALIZE = r"""
function ser(v, seen)
  local t = type(v)
  if t == 'nil' or t == 'boolean' then return tostring(v) end
  if t == 'number' then
    if math.type(v) == 'integer' then return tostring(v) end
    if v ~= v then return 'nan' end
    return string.format('%.17gf', v)
  end
  if t == 'string' then
    local plain = "[^%w %!#$%%&()*+,./:;<=>?@^_`{|}~%[%]'-]"
    return '"' .. string.gsub(v, plain, function(c) return string.format('\\x%02x', string.byte(c)) end) .. '"'
  end
  if t == 'table' then
    if seen[v] then return '<cycle>' end
    seen[v] = true
    local items = {}
    for k, x in next, v do items[#items + 1] = '[' .. ser(k, seen) .. ']=' .. ser(x, seen) end
    table.sort(items)
    seen[v] = nil
    return '{' .. table.concat(items, ',') .. '}' .. (getmetatable(v) and '+mt' or '')
  end
  return t
end
local out = {}
for _, source in ipairs(SNIPPETS) do
  local f, e = load(source, 'T')
  if not f then out[#out + 1] = 'SYNTAX ' .. e else
    local r = table.pack(pcall(f))
    local parts = {}
    for j = 2, r.n do parts[#parts + 1] = ser(r[j], {}) end
    out[#out + 1] = (r[1] and '' or 'ERR ') .. table.concat(parts, ' ; ')
  end
end
return table.concat(out, '\n')
"""

_POSITION = re.compile(r"\[string (?:\\x5c|\\)*x22(?!aos|T\b)[.\w-]+(?:\\x5c|x5c|\\)*x22\]:\d+: ")
_NAME = re.compile(r"'(?:\.crypto\.util\.bit|bit32|math)\.")
_ADDRESS = re.compile(r"(?<![\\0-9])0x[0-9a-f]+")


class Evaluator(Protocol):
    """What can run a chunk that returns a string."""

    def run(self, source: str | bytes) -> bytes:
        """Evaluate the chunk."""


def quote(text: bytes) -> str:
    """A Lua literal of these bytes."""
    plain = (chr(c) if 32 <= c < 127 and c not in (34, 92) else f"\\{c:03d}" for c in text)
    return '"' + "".join(plain) + '"'


def bare(answer: str) -> str:
    """The answer without what may differ: positions in the modules, addresses."""
    return _ADDRESS.sub("0x", _NAME.sub("'", _POSITION.sub("", answer)))


def read(module: str) -> list[tuple[str, str]]:
    """The recorded facts of a module."""
    return [(snippet, answer) for snippet, answer in json.loads((FACTS / f"{module}.json").read_text())]


def answers(state: Evaluator, snippets: list[str]) -> list[str]:
    """What the snippets answer in this state."""
    literals = ",\n".join(quote(snippet.encode()) for snippet in snippets)
    text = state.run("local SNIPPETS = {" + literals + "}\n" + SERIALIZE)
    return [bare(line) for line in text.decode("latin-1").split("\n")]
