"""A bare Lua 5.3 with the ao side's modules: proves the modules apart from the sandbox."""

from __future__ import annotations

from typing import cast

from lupa import lua53

from ao_runtime.vm import chunks

SETUP = r"""
local read = ...
local cache, host = {}, { raw = { next = next }, since = function() return true end }
package.preload, package.searchers = nil, nil
function require(name)
  local key = string.gsub(name, "^%.", "")
  if cache[key] == nil then
    local source = read(key)
    if not source then error("module '" .. name .. "' not found", 2) end
    cache[key] = assert(load(source, name, "t"))(name, host)
  end
  return cache[key]
end
local vm = {}
for _, part in ipairs({ "arguments", "bit32", "math" }) do
  assert(load(read("vm/library/" .. part), "=ao.vm", "t"))(vm)
end
bit32 = vm.bit32
for name, f in pairs(vm.mathcompat) do math[name] = f end
Utils = require(".utils")
Dump = require(".dump")
Handlers = { utils = require(".handlers-utils") }
"""


class Harness:
    """One Lua state; `run` evaluates a chunk and gives the string that it returns."""

    def __init__(self) -> None:
        """Load the modules that a process finds in its globals."""
        self.lua = lua53.LuaRuntime(encoding=None, unpack_returned_tuples=True)
        self.lua.execute(SETUP.encode(), self._read)
        self._load = self.lua.eval(b"function(source, name) return assert(load(source, name, 't'))() end")

    @staticmethod
    def _read(key: bytes) -> bytes | None:
        name = key.decode()
        return chunks.source(name) if (chunks.FOLDER / f"{name}.lua").is_file() else None

    def run(self, source: str | bytes, name: bytes = b"aos") -> bytes:
        """Evaluate `source`; its result must be a string."""
        if isinstance(source, str):
            source = source.encode()
        return cast("bytes", self._load(source, name))
