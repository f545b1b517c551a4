"""The trusted Lua files by themselves, without a process: for tests of their insides."""

from __future__ import annotations

from typing import Any

from lupa import lua53

from ao_runtime.vm import chunks

PARTS = (
    "bytecode/functions",
    "limits/gas",
    "limits/errors",
    "limits/coroutines",
    "limits/memo",
    "debug/frames",
    "debug/network",
    "identity/addresses",
    "order/keys",
    "order/remembered",
    "order/next",
    "order/pairs",
    "library/arguments",
    "library/bit32",
    "library/math",
    "library/text",
    "library/strings",
    "library/tables",
    "library/sort",
    "patterns/cost",
    "patterns/find",
    "patterns/gsub",
    "debug/errors",
    "debug/levels",
    "debug/traceback",
    "debug/getinfo",
    "debug/variables",
    "debug/machine",
)

_LOAD = b"""
local trusted, now, parts = ...
local there = {}
local vm = { now = now, host = { since = function() return true end }, globals = {}, loaded = {} }
function vm.part(name)
  return assert(load(trusted(name), "=ao.vm", "b"))(vm)
end
function vm.fetch(names)
  for _, name in ipairs(names) do
    there[name] = there[name] or vm.part(name) or true
  end
end
for name in parts:gmatch("%S+") do
  vm.part(name)
end
return vm
"""


class Trusted:
    """A Lua VM with the private table `vm`, and chunks that get it as their argument."""

    def __init__(self, now: Any = lambda: 0.0) -> None:
        self._lua = lua53.LuaRuntime(
            encoding=None, register_eval=False, register_builtins=False, unpack_returned_tuples=True
        )
        self._vm = self._lua.execute(_LOAD, chunks.trusted, now, " ".join(PARTS).encode())

    def run(self, code: str | bytes, *arguments: Any) -> Any:
        """Run the code; its arguments are `vm` and these."""
        code = code.encode() if isinstance(code, str) else code
        return self._lua.execute(b"local vm = ...\n" + code, self._vm, *arguments)
