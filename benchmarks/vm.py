"""What do determinism and limits cost inside the VM? `pairs` against Lua's own; counting instructions against not.

`pairs` over 1000 string keys: walked again and again, with one new key before every walk, and over tables never
walked before. Counting: a handler's kind of work (tables, strings, a reply's worth of sending) and, as the worst case,
a loop of nothing but arithmetic.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from common import row
from lupa import lua53

from ao_runtime import Limits, Process

PREPARE = """
local function keys(n) local t = {} for i = 1, n do t["key" .. i * 7919] = i end return t end
local N = 1000
T, ROUNDS = keys(N), 60
FRESH = {}
for i = 1, 20 do local t = {} for j = 1, N do t[i .. "key" .. j * 7919] = j end FRESH[i] = t end
"""
WALKS = {
    "the same table": "for r = 1, ROUNDS do for k, v in pairs(T) do end end",
    "a new key before each walk": "for r = 1, ROUNDS do T['new' .. r * 31] = r for k, v in pairs(T) do end end",
    "tables never walked before": "for i = 1, 20 do for k, v in pairs(FRESH[i]) do end end",
}
WALKED = {"the same table": 60, "a new key before each walk": 60, "tables never walked before": 20}

WORK = {
    "tables and strings": """
        for j = 1, 600 do
          local t = {}
          for i = 1, 20 do t["a" .. i] = i t[i] = string.sub("hello", 1, 3) end
        end""",
    "a message's sending": """
        for j = 1, 800 do ao.send({ Target = "bob", Action = "Counted", Data = tostring(j) }) ao.clearOutbox() end""",
    "nothing but arithmetic": "local s = 0 for i = 1, 300000 do s = s + i % 7 end",
}
#: A stand-in for ao.send, of the same size, for the bare VM.
BARE = """
ao = { outbox = {} }
function ao.send(msg)
  local tags = { { name = "Data-Protocol", value = "ao" }, { name = "Variant", value = "ao.TN.1" },
    { name = "Type", value = "Message" }, { name = "Reference", value = tostring(#ao.outbox) } }
  for k, v in pairs(msg) do if k ~= "Target" and k ~= "Data" then tags[#tags + 1] = { name = k, value = v } end end
  ao.outbox[#ao.outbox + 1] = { Target = msg.Target, Data = msg.Data, Anchor = string.format("%032d", 1), Tags = tags }
end
function ao.clearOutbox() ao.outbox = {} end
"""

ROUNDS = 15


def timed(run: Callable[[], object], before: Callable[[], object] | None = None) -> float:
    """Seconds of the best of some rounds."""
    times = []
    for _ in range(ROUNDS):
        if before:
            before()
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def in_process(code: str, prepare: str = "") -> float:
    """Seconds of the code, evaluated as a message of a process; `prepare` goes before each round."""
    process = Process.spawn(code=prepare or "", owner="me", limits=Limits(instructions=10**12, seconds=600))
    empty = timed(lambda: process.eval(""))
    return timed(lambda: process.eval(code), (lambda: process.eval(prepare)) if prepare else None) - empty


def in_lua(code: str, prepare: str) -> float:
    """Seconds of the code in a plain Lua 5.3; `prepare` goes before each round."""
    lua = lua53.LuaRuntime(encoding=None, register_eval=False, max_memory=1 << 30)
    run = lua.eval("load")(code.encode())
    return timed(lambda: run(), lambda: lua.execute(prepare))


def bare(code: str, prepare: str = "", hook: int = 0) -> Callable[[], object]:
    """The code, ready to run in a plain Lua 5.3, with an empty count hook if one is asked for."""
    lua = lua53.LuaRuntime(encoding=None, register_eval=False, max_memory=1 << 30)
    lua.execute(prepare)
    run = lua.eval("load")(code.encode())
    if hook:
        lua.eval("debug").sethook(lua.eval("function() end"), b"", hook)
    return lambda: run()


def counting(code: str) -> float:
    """How much longer the code takes with a hook: rounds of both in turn, the best of each."""
    runs = [bare(code, BARE), bare(code, BARE, hook=256)]
    times: list[list[float]] = [[], []]
    for _ in range(120):
        for run, found in zip(runs, times, strict=True):
            start = time.perf_counter()
            run()
            found.append(time.perf_counter() - start)
    return min(times[1]) / min(times[0]) - 1


def main() -> None:
    for name, code in WALKS.items():
        own, ours = in_lua(code, PREPARE), in_process(code, PREPARE)
        walks = WALKED[name]
        row(f"pairs, 1000 string keys, {name}", f"{ours / walks * 1e6:.0f} µs", f"{ours / own:.1f}× Lua's own")
    for name, code in WORK.items():
        row(f"counting instructions: {name}", f"+{counting(code) * 100:.0f} %")


if __name__ == "__main__":
    main()
