"""Determinism: the same code gives the same bytes in every Python process."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

import subprocess
import sys

from ao_runtime import Process

from .running import value

SEEN = """
local out = {}
local function add(...) for i = 1, select('#', ...) do out[#out + 1] = tostring((select(i, ...))) end end
add({}, print, function() end, coroutine.create(print), io.stdout, setmetatable({}, { __name = 'Mine' }))
add(string.format('%s %s', {}, print), tostring(tostring))
local names = {}
for k in pairs(_G) do names[#names + 1] = tostring(k) end
for k in pairs(string) do names[#names + 1] = k end
for k, v in pairs(package.loaded) do names[#names + 1] = k end
add(table.concat(names, ' '))
for i = 1, 50 do local t = {} for j = 1, 20 do t['x' .. i * j % 37] = j t[{ j }] = j end for k, v in pairs(t) do add(k, v) end end
add(collectgarbage('count'), collectgarbage('step'), os.time(), os.clock(), os.date(), math.random(), math.random(100))
local t = {} for i = 1, 500 do t[i] = { i * 7919 % 101, i } end
table.sort(t, function(a, b) return a[1] < b[1] end)
for i = 1, 500 do add(t[i][2]) end
local weak = setmetatable({}, { __mode = 'k' })
for i = 1, 20000 do weak[{}] = i end
local n = 0 for _ in pairs(weak) do n = n + 1 end
add(n)
add(pcall(error))
add(select(2, pcall(string.rep)))
add(debug.traceback())
local big = {} for i = 1, 20 do big[i * 1.5] = i big[-i] = i big['k' .. i] = i big[i % 2 == 0] = i end
for k in next, big do add(k) end
for k in pairs(big) do add(k) end
return table.concat(out, '\\n')
"""


def test_everything_that_could_differ() -> None:
    """Addresses, orders, clocks, chance, sorting, weak tables and gas: one answer in ten new Python processes."""
    program = (
        "import hashlib, locale\nfrom ao_runtime import Process\n"
        f"p = Process.spawn(code='')\nr = p.eval({SEEN!r})\n"
        "assert r.error is None, r.error\n"
        "print(hashlib.sha256((r.output['data'] + str(r.gas_used)).encode()).hexdigest())\n"
        f"r = p.eval({SEEN!r})\n"
        "print(hashlib.sha256((r.output['data'] + str(r.gas_used)).encode()).hexdigest())\n"
    )
    answers = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(10)
    }
    assert len(answers) == 1


def test_addresses_are_never_used_again() -> None:
    """An object keeps its address, and no other gets it, also after it is gone."""
    process = Process.spawn(code="")
    first = value("return tostring({})", process=process)
    assert first.startswith("table: 0x")
    value("for i = 1, 100000 do local _ = {} end collectgarbage()", process=process)
    assert value("return tostring({})", process=process) != first
    assert (
        value("T = {} return tostring(T) == tostring(T) and tostring(T) == string.format('%s', T)", process=process)
        == "true"
    )


def test_entries_of_weak_tables_stay_until_the_process_collects() -> None:
    """When entries of a weak table vanish does not depend on when Lua's collector runs."""
    process = Process.spawn(code="")
    fill = """
    Weak = setmetatable({}, { __mode = 'k' })
    Kept = {}
    Weak[Kept] = 1
    for i = 1, 1000 do Weak[{}] = i end
    for i = 1, 200000 do local _ = {} end
    """
    count = "local n = 0 for _ in pairs(Weak) do n = n + 1 end return n"
    value(fill, process=process)
    assert value(count, process=process) == "1001"
    assert value("collectgarbage() " + count, process=process) == "1"
    assert value("return #getmetatable(Weak).__mode", process=process) == "2"


def test_format() -> None:
    """%s gives what tostring gives: __tostring, __name, addresses."""
    code = """
    local t = setmetatable({}, { __tostring = function() return 'mine' end })
    local u = {}
    return string.format('%s|%5s|%-6s|%.2s|%s|%d|%5.1f|%q|%%', t, 'x', true, t, nil, 3, 2.25, 'a\\n')
      .. tostring(string.format('%s', u) == tostring(u))
      .. string.format('%s%s%s%s%s%s', 1, 2, 3, nil, t, 6)
    """
    assert value(code) == 'mine|    x|true  |mi|nil|3|  2.2|"a\\\n"|%true123nilmine6'
    assert value("return tostring(setmetatable({}, { __name = 'Mine' })):sub(1, 8)") == "Mine: 0x"
    assert value("return select(2, pcall(tostring, setmetatable({}, { __tostring = function() return {} end })))") == (
        "'__tostring' must return a string"
    )
