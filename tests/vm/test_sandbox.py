"""The sandbox: nothing outside of the VM can be reached, and what is withheld answers as an empty machine would."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ao_runtime import Process

from .running import failure, place, result, value

GLOBALS = (
    "_G _VERSION assert bit32 collectgarbage coroutine debug dofile error getmetatable io ipairs load loadfile math next os "
    "package pairs pcall print rawequal rawget rawlen rawset require select setmetatable string table tonumber tostring "
    "type utf8 xpcall"
)
LIBRARIES = {
    "bit32": "arshift band bnot bor btest bxor extract lrotate lshift replace rrotate rshift",
    "coroutine": "create isyieldable resume running status wrap yield",
    "debug": "debug gethook getinfo getlocal getmetatable getregistry getupvalue getuservalue sethook setlocal "
    "setmetatable setupvalue setuservalue traceback upvalueid upvaluejoin",
    "io": "close flush input lines open output popen read stderr stdin stdout tmpfile type write",
    "math": "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max maxinteger min "
    "mininteger modf pi pow rad random randomseed sin sinh sqrt tan tanh tointeger type ult",
    "os": "clock date difftime execute exit getenv remove rename setlocale time tmpname",
    "package": "config cpath loaded loadlib path preload searchers searchpath",
    "string": "byte char dump find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
    "table": "concat insert move pack remove sort unpack",
    "utf8": "char charpattern codepoint codes len offset",
}
KEYS = "local t = {} for k in pairs(%s) do t[#t + 1] = tostring(k) end table.sort(t) return table.concat(t, ' ')"


def test_globals_of_lua() -> None:
    """The globals are those of the reference: nothing is missing, and nothing is there that the list does not name."""
    extra = {
        "Assign", "Bell", "Colors", "Dump", "Errors", "HANDLER_PRINT_LOGS", "Handlers", "Inbox", "Name", "Owner", "Prompt",
        "Receive", "Seeded", "Send", "Spawn", "Tab", "Utils", "Version", "ao",
    }  # fmt: skip
    found = set(value(KEYS % "_G").split())
    assert set(GLOBALS.split()) <= found
    assert found - set(GLOBALS.split()) - extra - {"handle"} == set()


@pytest.mark.parametrize("name", LIBRARIES)
def test_fields_of_libraries(name: str) -> None:
    """Each library has the reference's fields."""
    assert value(KEYS % name) == LIBRARIES[name]


EMPTY_MACHINE = {
    "os.getenv('HOME')": "nil",
    "os.getenv('PATH')": "nil",
    "os.execute()": "false",
    "os.execute('id')": "nil",
    "os.tmpname()": "/tmp/tmpnam_eJCOGA",
    "table.concat({ tostring(os.remove('/etc/passwd')), select(2, os.remove('/etc/passwd')) }, '|')": (
        "nil|/etc/passwd: No such file or directory|44"
    ),
    "table.concat({ tostring(os.rename('/etc/passwd', '/x')), select(2, os.rename('/etc/passwd', '/x')) }, '|')": (
        "nil|No such file or directory|44"
    ),
    "os.setlocale()": "C",
    "table.concat({ tostring(io.open('/etc/passwd')), (select(2, io.open('/etc/passwd'))) }, '|')": (
        "nil|/etc/passwd: Invalid argument"
    ),
    "io.open('/etc/passwd', 'w')": "nil",
    "io.open('/data/../etc/passwd')": "nil",
    "io.open('/data/none')": "nil",
    "select(2, pcall(io.lines, '/etc/passwd'))": "/etc/passwd: No such file or directory",
    "select(2, pcall(io.popen, 'id'))": "'popen' not supported",
    "io.tmpfile()": "nil",
    "io.read()": "nil",
    "io.read('a')": "",
    "io.type(io.stdout)": "file",
    "io.type(5)": "nil",
    "io.write('x') == io.stdout": "true",
    "select(2, loadfile('/etc/passwd'))": "cannot open /etc/passwd: Invalid argument",
    "select(2, pcall(dofile, '/etc/passwd'))": "cannot open /etc/passwd: Invalid argument",
    "select(3, package.loadlib('/lib/x86_64-linux-gnu/libc.so.6', 'system'))": "absent",
    "debug.gethook()": "nil",
    "debug.sethook(function() end, 'c') == nil": "true",
    "next(debug.getregistry())": "nil",
    "debug.getuservalue(io.stdout)": "nil",
    "collectgarbage()": "0",
    "collectgarbage('isrunning')": "true",
    "collectgarbage('count') == collectgarbage('count')": "true",
}


@pytest.mark.parametrize(("code", "expected"), EMPTY_MACHINE.items(), ids=EMPTY_MACHINE.keys())
def test_empty_machine(code: str, expected: str) -> None:
    """What the reference has and we withhold answers as an empty machine would."""
    assert value(f"return tostring(({code}))") == expected


def test_the_host_is_not_left() -> None:
    """The environment of the host is not that of the process."""
    os.environ["AO_RUNTIME_TEST"] = "secret"
    try:
        assert value("return tostring(os.getenv('AO_RUNTIME_TEST'))") == "nil"
    finally:
        del os.environ["AO_RUNTIME_TEST"]


def test_files_of_the_network(tmp_path: Path) -> None:
    """A file of /data is read through Lua's file object, and through nothing else."""
    content = b"one\ntwo\n12 rest\n\xff"
    process = Process.spawn(code="", files=lambda name: content if name == "abc" else None)
    code = """
    local f = io.open('/data/abc')
    local out = { io.type(f), f:read(), f:read('L'), f:read('n'), f:read(2), tostring(f:seek('set', 0)), #f:read('a') }
    out[#out + 1] = tostring(f:read('l'))
    f:seek('set')
    for line in f:lines() do out[#out + 1] = line end
    out[#out + 1] = tostring(f:write('x'))
    f:close()
    out[#out + 1] = io.type(f)
    out[#out + 1] = tostring(pcall(f.read, f))
    for i = 1, #out do out[i] = tostring(out[i]) end
    return table.concat(out, '|')
    """
    answer = result(code, process=process).output["data"]
    assert answer == b"file|one|two\n|12| r|0|17|nil|one|two|12 rest|\xff|nil|closed file|false"


ESCAPES = {
    "byte code is not loaded": "local f, e = load('\\27Lua') return tostring(f) .. e",
    "nor in mode b": "local f, e = load('return 1', 'x', 'b') return tostring(f) .. e",
    "nor by a reader": "local n = 0 local f = load(function() n = n + 1 return n == 1 and '\\27' or n == 2 and 'Lua' or nil end) "
    "return tostring(f)",
    "nor made": "return select(2, pcall(string.dump, function() end))",
}


@pytest.mark.parametrize("code", ESCAPES.values(), ids=ESCAPES.keys())
def test_no_byte_code(code: str) -> None:
    """Byte code, which could do anything, goes neither in nor out."""
    assert value(code) in (
        "nilattempt to load a binary chunk (mode is 't')",
        "nilattempt to load a text chunk (mode is 'b')",
        "nil",
        "unable to dump given function",
    )


WALK = """
-- everything that can be reached from the globals, by any means there is
local seen, list, found = {}, { _G, getmetatable(''), debug.getregistry(), io.stdout, coroutine.running() }, {}
local function add(value, how)
  local kind = type(value)
  if kind == 'userdata' or kind == 'lightuserdata' then
    found[#found + 1] = how
  elseif (kind == 'table' or kind == 'function' or kind == 'thread') and not seen[value] then
    seen[value] = true
    list[#list + 1] = value
  end
end
for _, value in ipairs(list) do seen[value] = true end
local i = 0
while i < #list do
  i = i + 1
  local value = list[i]
  local kind = type(value)
  add(debug.getmetatable(value), 'metatable')
  add(getmetatable(value), 'metatable')
  if kind == 'table' then
    for k, v in next, value do
      add(k, 'key')
      add(v, tostring(k))
    end
  elseif kind == 'function' then
    for n = 1, 100 do
      local name, v = debug.getupvalue(value, n)
      if not name then break end
      add(v, 'upvalue ' .. name)
    end
    for n = 1, 100 do
      local name = debug.getlocal(value, n)
      if not name then break end
    end
    local info = debug.getinfo(value, 'SnlutfL')
    for k, v in next, info do add(v, 'info ' .. k) end
  end
end
for level = 0, 50 do
  local info = debug.getinfo(level, 'nSltufL')
  if not info then break end
  for k, v in next, info do add(v, 'level ' .. k) end
  for n = -20, 50 do
    local name, v = debug.getlocal(level, n)
    if name then add(v, 'local ' .. name) end
  end
end
%s
"""


def test_no_python_object_is_reachable() -> None:
    """A walk through all tables, metatables, upvalues, locals and infos finds no userdata: nothing of Python's."""
    assert value(WALK % "return #found .. ' of ' .. (#list > 200 and 'many' or #list)") == "0 of many"


def test_nothing_of_ours_is_reachable() -> None:
    """Such a walk does not find Lua's own functions behind ours, nor our private tables."""
    code = (
        WALK
        % """
    local bad = {}
    for _, value in ipairs(list) do
      if type(value) == 'table' then
        for _, name in ipairs({ 'charge', 'strike', 'untail', 'mend', 'native', 'begin' }) do
          if rawget(value, name) ~= nil then bad[#bad + 1] = name end
        end
      elseif type(value) == 'function' and pcall(string.dump, value) then
        bad[#bad + 1] = 'dump'
      end
    end
    return #bad .. table.concat(bad, ' ')"""
    )
    assert value(code, instructions=50_000_000) == "0"


UPVALUES = """
local n = 0
local function try(f)
  for i = 1, 20 do
    if debug.getupvalue(f, i) then n = n + 1 end
    if debug.setupvalue(f, i, nil) then n = n + 1 end
    if pcall(debug.upvalueid, f, i) then n = n + 1 end
    if pcall(debug.upvaluejoin, f, i, function() return n end, 1) then n = n + 1 end
    if pcall(debug.upvaluejoin, function() return n end, 1, f, i) then n = n + 1 end
    if debug.getlocal(f, i) then n = n + 1 end
  end
end
for _, library in pairs({ _G, string, table, debug, os, io, coroutine, package, ao, Handlers, Utils, require('json') }) do
  for _, f in pairs(library) do
    if type(f) == 'function' and debug.getinfo(f, 'S').source ~= 'aos' then try(f) end
  end
end
for _, f in ipairs(package.searchers) do try(f) end
try(coroutine.wrap(print))
try((string.gmatch('x', 'x')))
try((pairs({})))
return n
"""


def test_upvalues_of_our_functions_are_closed() -> None:
    """debug gives no upvalue of a function that is not the process's own, nor changes or joins one."""
    assert value(UPVALUES) == "0"


def test_upvalues_of_its_own_functions_are_open() -> None:
    """debug works on the functions of the process itself."""
    code = """
    local x, y = 1, 2
    local function f(a, b) return x + a end
    local function g() return y end
    local name, v = debug.getupvalue(f, 1)
    local out = { name, v, debug.setupvalue(f, 1, 10), f(1), debug.getlocal(f, 2), tostring(debug.getlocal(f, 3)) }
    out[#out + 1] = tostring(debug.upvalueid(f, 1) == debug.upvalueid(f, 1))
    debug.upvaluejoin(f, 1, g, 1)
    out[#out + 1] = f(1)
    return table.concat(out, ' ')
    """
    assert value(code) == "x 1 x 11 b nil true 3"


def test_metatable_of_strings() -> None:
    """The metatable of strings has the process's string table, and what it changes there changes nothing of ours."""
    process = Process.spawn(code="")
    code = """
    assert(getmetatable('').__index == string)
    string.shout = function(s) return s:upper() .. '!' end
    local m = getmetatable('')
    m.__lt = function() error('asked') end
    m.__le, m.__concat, m.__len, m.__call, m.__eq, m.__tostring = m.__lt, m.__lt, m.__lt, m.__lt, m.__lt, m.__lt
    local t = { b = 1, a = 2, [1] = 3, [2.5] = 4, [true] = 5 }
    local keys = ''
    for k in pairs(t) do keys = keys .. type(k) end
    m.__tostring = nil
    m.__index = nil
    local ok, e = pcall(function() return ('x'):upper() end)
    m.__index = string
    return ('hey'):shout() .. keys .. tostring(e)
    """
    assert value(code, process=process).startswith("HEY!numbernumberstringstringboolean")
    assert value("return ('hey'):shout()", process=process) == "HEY!"
    assert value("return require('json').encode({ b = 1, a = 'x' })", process=process) == '{"a":"x","b":1}'


def test_metatables_of_other_types_stay() -> None:
    """A process gives no metatable to numbers, nil, booleans or functions: those are shared with our own code."""
    code = """
    local bad = { __index = function() return 'bad' end, __call = function() return 'bad' end }
    for _, v in ipairs({ 1, true, print }) do debug.setmetatable(v, bad) end
    debug.setmetatable(nil, bad)
    return tostring(pcall(function() return (1).x end)) .. tostring(debug.getmetatable(1)) .. tostring(getmetatable(print))
    """
    assert value(code) == "falsenilnil"


def test_gc_never_runs() -> None:
    """__gc is kept in the metatable, and never called."""
    code = """
    Ran = 0
    local m = { __gc = function() Ran = Ran + 1 end, __metatable = 'locked' }
    for i = 1, 1000 do setmetatable({}, m) end
    local n = { __gc = true }
    for i = 1, 1000 do setmetatable({}, n) end
    n.__gc = m.__gc
    for i = 1, 1000 do debug.setmetatable({}, m) end
    collectgarbage()
    return type(m.__gc) .. getmetatable(setmetatable({}, m)) .. tostring(n.__gc == m.__gc) .. Ran
    """
    process = Process.spawn(code="")
    assert value(code, process=process) == "functionlockedtrue0"
    value("for i = 1, 200000 do local _ = {} end", process=process)
    assert value("return Ran", process=process) == "0"


def test_protected_metatables() -> None:
    """__metatable protects as in Lua, also with __gc beside it."""
    code = """
    local t = setmetatable({}, { __metatable = 1, __gc = print })
    local ok, e = pcall(setmetatable, t, { __gc = print })
    return tostring(ok) .. e
    """
    assert value(code) == "falsecannot change a protected metatable"


def test_load_takes_an_environment() -> None:
    """load compiles in the process's globals, or in the table that is given, nil too."""
    code = """
    X = 1
    local own = load('return X')()
    local given = load('return X', 'n', 't', { X = 2 })()
    local none = select(2, pcall(load('return X', 'n', 't', nil)))
    local n = 0
    local parts = { 'return', ' ', 'X', '+ 1' }
    local read = load(function() n = n + 1 return parts[n] end)()
    return own .. given .. read .. tostring(none)
    """
    assert value(code) == "122[string \"n\"]:1: attempt to index a nil value (upvalue '_ENV')"


def test_chunk_names_of_ours_are_not_to_be_had() -> None:
    """A process that names its chunk like ours is not taken for ours."""
    for name in ("=?", "=ao.vm", "=?x"):
        code = f"local _, e = pcall(load('local x = 1 error(\"boom\")', '{name}')) return e"
        assert value(code) == f" {name[1:]}:1: boom"


def test_errors_name_the_line_of_the_user() -> None:
    """Errors of our functions read as Lua's: the user's line, the name it used, the number of the argument."""
    expected = {
        "local x = string.rep()": "bad argument #1 to 'rep' (string expected, got no value)",
        "local x = ('x'):rep({})": "bad argument #1 to 'rep' (number expected, got table)",
        "local x = ('x').rep({})": "bad argument #1 to 'rep' (string expected, got table)",
        "local f = string.format local x = f('%d', 'x')": "bad argument #2 to 'f' (number expected, got string)",
        "table.insert({}, 1, 2, 3)": "wrong number of arguments to 'insert'",
        "table.insert({}, 5, 2)": "bad argument #2 to 'insert' (position out of bounds)",
        "table.insert(nil, 5)": "bad argument #1 to 'insert' (table expected, got nil)",
        "local x = table.concat({ {} })": "invalid value (table) at index 1 in table for 'concat'",
        "for k in pairs(nil) do end": "bad argument #1 to 'for iterator' (table expected, got nil)",
        "local x = next(nil)": "bad argument #1 to 'next' (table expected, got nil)",
        "local x = tostring()": "bad argument #1 to 'tostring' (value expected)",
        "local x = setmetatable({})": "bad argument #2 to 'setmetatable' (nil or table expected)",
        "local x = require({})": "bad argument #1 to 'require' (string expected, got table)",
        "local x = ('x'):find('[')": "malformed pattern (missing ']')",
        "return string.format('%d', 'x')": "bad argument #2 to 'format' (number expected, got string)",
        "collectgarbage('nope')": "bad argument #1 to 'collectgarbage' (invalid option 'nope')",
        "local x = os.date('%Q')": "bad argument #1 to 'date' (invalid conversion specifier '%Q')",
        "local x = xpcall(print)": "bad argument #2 to 'xpcall' (function expected, got no value)",
        "local x = coroutine.create(1)": "bad argument #1 to 'create' (function expected, got number)",
        "local x = coroutine.resume(1)": "bad argument #1 to 'resume' (thread expected)",
    }
    for code, message in expected.items():
        assert (failure(code), place(code)) == (message, ("aos", 1))


def test_clock_and_date() -> None:
    """The clock only counts its calls, and dates are those of the reference, in UTC and in the C locale."""
    assert value("return os.clock() .. ' ' .. os.clock()") == "0.001 0.003"
    assert value("return os.date()") == "Thu Jan 01 00:00:10 1970"
    letters = (
        "%a %A %b %B %c %d %D %e %F %g %G %h %H %I %j %m %M %n %p %r %R %S %t %T %u %U %V %w %W %x %X %y %Y %z %Z %%"
    )
    assert value(f"return os.date('{letters}', 1000000000)") == (
        "Sun Sunday Sep September Sun Sep 09 01:46:40 2001 09 09/09/01  9 2001-09-09 01 2001 Sep 01 01 252 09 46 \n AM "
        "01:46:40 AM 01:46 40 \t 01:46:40 7 36 36 0 36 09/09/01 01:46:40 01 2001 +0000 UTC %"
    )
    assert value("local d = os.date('*t', 86400) return d.day .. d.wday .. d.yday .. tostring(d.isdst)") == "262false"
    assert value("return os.difftime(5, 3)") == "2.0"


def test_circular_requires_end() -> None:
    """A module that requires itself ends in an error that shows the way."""
    code = """
    package.preload.a = function() return require('b') end
    package.preload.b = function() return require('a') end
    return select(2, pcall(require, 'a'))
    """
    assert value(code) == ("[string \"aos\"]:3: module 'a' requires itself: a -> b -> a")


def test_a_module_that_fails_may_be_required_again() -> None:
    """What has failed to load is not taken for loading."""
    code = """
    local n = 0
    package.preload.a = function(...) n = n + 1 if n < 3 then error('not yet', 0) end return ... end
    local out = {}
    for i = 1, 3 do out[i] = tostring(select(2, pcall(require, 'a'))) end
    return table.concat(out, ' ') .. tostring(package.loaded.a)
    """
    assert value(code) == "not yet not yet aa"


def test_names_of_modules() -> None:
    """A module is loaded once, under the network's name of it; package.loaded and package.preload are heard."""
    assert value("return tostring(require('.utils') == Utils and require('.utils') == require('.utils'))") == "true"
    for name in ("utils", "bint", "apm", "process", "crypto.digest"):
        assert failure(f"require('{name}')") == f"module '{name}' not found"
    assert value("package.loaded['a.b'] = 5 return require('a.b')") == "5"
    assert value("package.preload.x = function() end return tostring(require('x')) .. tostring(package.loaded.x)") == (
        "truetrue"
    )
    assert failure("require('none.at.all')") == "module 'none.at.all' not found"


def test_searchers_of_the_process() -> None:
    """A process may bring searchers of its own."""
    code = """
    table.insert(package.searchers, function(name) return function(n, extra) return n .. extra end, '!' end)
    return require('anything')
    """
    assert value(code) == "anything!"
