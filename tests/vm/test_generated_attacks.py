"""Every function that a process can reach, with hostile arguments: limits hold, and the next message is answered.

Each call has 1 s and 64 MB, and may be over by half a second of the processor's and 100 MB. The short form tries some of
the arguments with each function, other ones with the next.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator

import pytest

from ao_runtime import Limits, Process
from ao_runtime.errors import InternalError
from tests.vm.reachable import FIND, cases

LIMITS = Limits(instructions=None, memory="64MB", seconds=1)
LATE, OVER = 1.5, 164 << 20

HOSTILE = {
    "zeros": "('0'):rep(8000000)",
    "spaces": "(' '):rep(8000000)",
    "sevens": "('7'):rep(8000000)",
    "percent": "('%s'):rep(1000000)",
    "percents": "('%'):rep(1000000)",
    "pattern": "('a?'):rep(2000) .. ('a'):rep(2000)",
    "captures": "('(.-)'):rep(30) .. 'b'",
    "sets": "('[%w_]*'):rep(20) .. '$'",
    "text": "('a'):rep(2000000)",
    "bytes": "'a' .. ('\\x80'):rep(8000000)",
    "brackets": "('['):rep(1000000)",
    "quotes": "('\\0\\n'):rep(2000000)",
    "names": "('a='):rep(300000) .. '1'",
    "SQL": "'with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c'",
    "greatest": "math.maxinteger",
    "least": "math.mininteger",
    "infinite": "1 / 0",
    "no number": "0 / 0",
    "large": "1e300",
    "list": "(function() local t = {} for i = 1, 300000 do t[i] = i end return t end)()",
    "strings": "(function() local t = {} for i = 1, 50000 do t[i] = 'x' .. i end return t end)()",
    "nested": "(function() local t = {} for i = 1, 100000 do t = { t } end return t end)()",
    "shared": "(function() local t = {} for i = 1, 40 do t = { t, t } end return t end)()",
    "cyclic": "(function() local t = { name = 'a' } t.t, t[1], t.Tags = t, t, t return t end)()",
    "objects": "(function() local t = {} for i = 1, 30000 do t[{}] = i end return t end)()",
    "chain": "(function() local t = {} for i = 1, 1900 do t = setmetatable({}, { __index = t }) end return t end)()",
    "looping": "META(function() while true do end end)",
    "throwing": "META(function() error({}) end)",
    "deep": "META(function(a) return a .. a end)",
    "lying": "setmetatable({}, { __len = function() return 1e9 // 1 | 0 end, __index = function(_, i) return i end })",
    "coroutine": "coroutine.create(function() while true do coroutine.yield() end end)",
    "function": "function(...) return ... end",
    "endless": "function() while true do end end",
    "nothing": "nil",
}

PRELUDE = """
local function META(f)
  local m = { __name = ('x'):rep(100000) }
  for event in ('add sub mul div mod pow unm idiv band bor bxor shl shr bnot concat len eq lt le index newindex call tostring pairs ipairs'):gmatch('%a+') do
    m['__' .. event] = f
  end
  return setmetatable({}, m)
end
local D, B = require('lsqlite3').open_memory(), require('.bint')(256)(7)
local Q = D:prepare('select ?')
local h = HOSTILE
local args = table.pack(ARGUMENTS)
for k = 0, args.n do
  local given = { table.unpack(args, 1, args.n) }
  if k > 0 then given[k] = h else for i = 1, args.n do given[i] = h end end
  pcall(F[NAME], table.unpack(given, 1, args.n))
end
"""


def memory(*, used: bool = False) -> int:
    """Bytes of memory that this program has now; `used`: without what is free and kept for the next who asks."""
    if used and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def fresh() -> Process:
    """A process that has every function in F."""
    process = Process.spawn(code="X = 1", limits=LIMITS)
    assert process.eval(FIND).ok
    return process


def attack(names: list[str], chosen: dict[str, list[str]]) -> Iterator[str]:
    """What went over its limits: the functions with the arguments chosen for each."""
    process, before = fresh(), memory()
    for name in names:
        for kind in chosen[name]:
            code = (
                PRELUDE.replace("HOSTILE", HOSTILE[kind])
                .replace("ARGUMENTS", cases()[name])
                .replace("NAME", repr(name))
            )
            began = time.process_time()
            try:
                process.eval(code)
            except InternalError as error:
                yield f"{name} with {kind}: {error!r:.200}"
            took = time.process_time() - began
            if took > LATE:
                yield f"{name} with {kind}: {took:.1f} s"
            over = memory() - before > OVER and memory(used=True) - before > OVER
            if over:
                yield f"{name} with {kind}: {(memory() - before) >> 20} MB"
                process = fresh()
                before = memory()
            # What a process has done to itself is its own; but its next message is answered.
            assert process.handle(Action="Nothing") is not None
            if process.count > 40 or "F" not in (process.eval("return F and 'F' or ''").text or ""):
                process = fresh()


def test_every_function_has_a_case() -> None:
    """What a process can reach is what there are cases for: a new function needs one."""
    process = Process.spawn(code="X = 1")
    assert set(process.eval(FIND).text.split("\n")) == set(cases())


NAMES = sorted(cases())
PARTS = 12


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="how much memory there is, is read from /proc")
@pytest.mark.parametrize("part", range(PARTS))
def test_some(part: int) -> None:
    """One hostile argument for each function, another one for the next."""
    kinds = [kind for kind in HOSTILE if kind not in ("looping", "endless")]  # each would take all of its time
    names = NAMES[part::PARTS]
    chosen = {name: [kinds[7 * NAMES.index(name) % len(kinds)]] for name in names}
    assert list(attack(names, chosen)) == []


@pytest.mark.long
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="how much memory there is, is read from /proc")
@pytest.mark.parametrize("part", range(PARTS))
def test_all(part: int) -> None:
    """Every hostile argument for each function."""
    names = NAMES[part::PARTS]
    assert list(attack(names, {name: list(HOSTILE) for name in names})) == []
