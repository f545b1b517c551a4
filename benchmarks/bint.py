"""How long the operations of `.bint` take, in microseconds: ours in a bare Lua, with and without the count hook that
limits a process, and the reference's when the oracle's folder is given.

    python benchmarks/bint.py [--bits 256] [--oracle FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

from lupa import lua53

from ao_runtime.vm import chunks

OPERATIONS = {
    "add": "x + y",
    "add integer": "x + 5",
    "sub": "x - y",
    "mul": "x * y",
    "mul small": "s * s",
    "idiv": "x // y",
    "idiv by 10^12": "x // e",
    "idiv small": "s // e",
    "mod": "x % y",
    "compare": "x < y",
    "equal": "x == y",
    "shift": "x << 77",
    "tostring": "tostring(x)",
    "tostring small": "tostring(s)",
    "from text": "b(t)",
    "from text small": "b('1234567890123')",
    "from integer": "b(12345)",
    "tobase 16": "b.tobase(x, 16)",
    "a transfer": "tostring(b(u) - b('1000000'))",
}

PRELUDE = """
local clock, tostring = ...
local b = require('.bint')({bits})
local x = b.maxinteger() // b('1234567')
local y = b.maxinteger() >> {half}
local s, e = b('98765432109876543'), b('1000000000000')
local t, u = tostring(x), '123456789012345678901'
local out = {{}}
local function measure(name, f)
  local best = 1e9
  for _ = 1, {rounds} do
    local start = clock()
    f({count})
    local took = clock() - start
    if took < best then best = took end
  end
  out[#out + 1] = name .. '\\t' .. best / {count} * {unit}
end
"""


def program(bits: int, count: int, rounds: int, unit: float) -> str:
    """The measuring chunk; `clock` and `tostring` are its arguments."""
    lines = [PRELUDE.format(bits=bits, half=bits // 2 - 5, count=count, rounds=rounds, unit=unit)]
    for name, expression in OPERATIONS.items():
        lines.append(f"measure('{name}', function(n) for _ = 1, n do local _ = {expression} end end)")
    lines.append("return table.concat(out, '\\n')")
    return "\n".join(lines)


def table(text: str) -> dict[str, float]:
    """Name and microseconds, of the measuring chunk's answer."""
    return {name: float(value) for name, value in (line.split("\t") for line in text.splitlines())}


def ours(bits: int, hook: bool) -> dict[str, float]:
    """Ours, in a bare Lua."""
    lua = lua53.LuaRuntime(encoding="latin-1")
    lua.execute(
        """
        local source, hook = ...
        local clock = os.clock
        local start = clock()
        local module = assert(load(source, '.bint'))('.bint', {})
        first = clock() - start
        function require() return module end
        if hook then debug.sethook(function() end, '', 256) end
        """,
        chunks.source("bint").decode("latin-1"),
        hook,
    )
    chunk = lua.eval("function(source) return assert(load(source, '=bench'))(os.clock, tostring) end")
    result = table(chunk(program(bits, 20_000, 5, 1e6)))
    start = "local m = require('.bint') local t = os.clock() m({}) return (os.clock() - t) * 1e6"
    result["a class"] = chunk(start.format(bits + 32))
    return result


def reference(bits: int, folder: Path) -> dict[str, float]:
    """The reference's: the difference between a long and a short evaluation of each, by the wall clock of node."""
    times = {}
    message = {"Id": "P", "Target": "P", "From": "ME", "Owner": "ME", "Module": "M", "Timestamp": 1}
    env = {"Process": {"Id": "P", "Owner": "ME", "Tags": []}}
    prelude = PRELUDE.split("local out")[0].replace("local clock, tostring = ...", "")
    for name, expression in OPERATIONS.items():
        took = []
        for count in (200, 6200):
            body = prelude.format(bits=bits, half=bits // 2 - 5) + f"for _ = 1, {count} do local _ = {expression} end"
            took.append({"count": count, "Data": body})
        times[name] = took
    script = folder / "oracle.mjs"
    driver = (
        script.read_text()
        .replace("let Memory, result", "const began = performance.now(); let Memory, result")
        .replace("write(result)", "write({ ms: performance.now() - began, error: result.Error })")
    )
    timed = folder / "timed-bint.mjs"
    timed.write_text(driver)
    try:
        requests: list[dict[str, object]] = [{"env": env}]
        requests.append({"message": {**message, "Block-Height": "1", "Tags": [{"name": "Type", "value": "Process"}]}})
        for took in times.values():
            for case in took * 3:
                tags = [{"name": "Action", "value": "Eval"}]
                data = {**message, "Block-Height": "1", "Tags": tags, "Data": case["Data"]}
                requests.append({"message": data, "dry": True})
        done = subprocess.run(
            ["node", "--no-warnings", "--experimental-wasm-memory64", timed.name],
            input="\n".join(map(json.dumps, requests)),
            capture_output=True,
            text=True,
            cwd=folder,
            check=True,
        )
    finally:
        timed.unlink()
    answers = [json.loads(line) for line in done.stdout.splitlines()[2:]]
    result = {}
    for i, name in enumerate(times):
        six = [answer["ms"] for answer in answers[6 * i : 6 * i + 6]]
        result[name] = (min(six[1::2]) - min(six[0::2])) / 6000 * 1000
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bits", type=int, default=256)
    parser.add_argument("--oracle", type=Path)
    arguments = parser.parse_args()
    plain, hooked = ours(arguments.bits, False), ours(arguments.bits, True)
    theirs = reference(arguments.bits, arguments.oracle) if arguments.oracle else {}
    print(f"{arguments.bits} bits, microseconds\n{'':18}{'plain':>9}{'hooked':>9}{'reference':>11}{'ratio':>8}")
    for name, value in plain.items():
        line = f"{name:18}{value:9.2f}{hooked[name]:9.2f}"
        if name in theirs:
            line += f"{theirs[name]:11.2f}{theirs[name] / hooked[name]:7.1f}x"
        print(line)


if __name__ == "__main__":
    main()
