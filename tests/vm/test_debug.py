"""The debug library: what a process sees of the stack is its own code and Lua's functions, and nothing of ours."""

# Lua stands in one line here where it reads best so.

from __future__ import annotations

from .running import value


def test_traceback() -> None:
    """A traceback reads as the reference's: our wrappers are C functions."""
    code = """
local function inner() error('x') end
local _, text = xpcall(function() inner() end, debug.traceback)
return text"""
    assert value(code).split("\n")[:7] == [
        '[string "aos"]:2: x',
        "stack traceback:",
        "\t[C]: in function 'error'",
        "\t[string \"aos\"]:2: in upvalue 'inner'",
        '\t[string "aos"]:3: in function <[string "aos"]:3>',
        "\t[C]: in function 'xpcall'",
        "\t[string \"aos\"]:3: in local 'func'",
    ]


def test_traceback_shows_nothing_of_ours() -> None:
    """No frame of our own files is in a traceback, wherever it is made."""
    code = """
    local out = {}
    local function note() out[#out + 1] = debug.traceback() return 'x' end
    table.sort({ 2, 1 }, function(a, b) note() return a < b end)
    local t = {} for i = 1, 150 do t[i] = 150 - i end
    local once = true
    table.sort(t, function(a, b) if once then note() once = false end return a < b end)
    string.gsub('x', 'x', note)
    tostring(setmetatable({}, { __tostring = note }))
    string.format('%s', setmetatable({}, { __tostring = note }))
    for _ in pairs(setmetatable({}, { __pairs = function() note() return next, {} end })) do end
    table.concat(setmetatable({}, { __index = note }), '', 1, 2)
    table.insert(setmetatable({}, { __newindex = note }), 1)
    coroutine.wrap(note)()
    pcall(note)
    package.preload.m = note
    require('m')
    load(function() note() end)
    return table.concat(out, '\\n')
    """
    text = value(code)
    assert text.count("stack traceback:") >= 13
    assert "ao.vm" not in text
    assert "?:" not in text


def test_long_tracebacks_are_cut() -> None:
    """Ten levels from the top, eleven from the bottom, dots between; also where the stack is very deep."""
    code = "local function f(n) if n == 0 then return debug.traceback('t') end local x = f(n - 1) return x end local x = f(%d) return x"
    for depth in (50, 100_000):
        lines = value(code % depth).split("\n")
        assert lines[:2] == ["t", "stack traceback:"]
        assert lines[12] == "\t..."
        assert lines[2:12] == ["\t[string \"aos\"]:1: in upvalue 'f'"] * 10


def test_levels_count_as_in_lua() -> None:
    """getinfo and error count the process's functions and Lua's, not our wrappers."""
    code = """
local function where(level) local i = debug.getinfo(level + 1, 'Sl') return i.what .. i.short_src .. i.currentline end
local out = {}
pcall(function()
  out[#out + 1] = where(1)
  out[#out + 1] = where(2)
  out[#out + 1] = where(3)
end)
table.sort({ 2, 1 }, function(a, b)
  if #out < 5 then
    out[#out + 1] = where(2)
    out[#out + 1] = where(3)
  end
  return a < b
end)
return table.concat(out, ' ')"""
    assert value(code) == ('Lua[string "aos"]5 C[C]-1 main[string "aos"]4 C[C]-1 main[string "aos"]9')


def test_our_functions_look_like_c() -> None:
    """getinfo says of our functions what it says of C functions."""
    code = """
    local out = {}
    for _, f in ipairs({ pairs, pcall, string.format, coroutine.wrap(print), io.open, type }) do
      local i = debug.getinfo(f)
      out[#out + 1] = i.what .. i.short_src .. i.currentline .. i.linedefined .. i.nups .. i.nparams .. tostring(i.isvararg)
    end
    for i = 2, #out do assert(out[i]:sub(1, 6) == out[1]:sub(1, 6), out[i]) end
    return out[1]
    """
    assert value(code) == "C[C]-1-100true"


def test_getinfo_of_its_own_functions() -> None:
    """Of a function of the process, getinfo tells all that Lua tells."""
    code = """
    local x
    local function f(a, b, ...) return x end
    local i = debug.getinfo(f)
    local lines = {}
    for line in pairs(debug.getinfo(f, 'L').activelines) do lines[#lines + 1] = line end
    return table.concat({ i.nparams, tostring(i.isvararg), i.nups, i.source, i.what, tostring(i.func == f), #lines }, ' ')
    """
    assert value(code) == "2 true 1 aos Lua true 1"


def test_locals_of_its_own_frames() -> None:
    """A process reads and sets locals of its own functions, and none of ours."""
    code = """
    local secret = 'mine'
    local function look()
      local out = {}
      for n = 1, 3 do
        local name, v = debug.getlocal(2, n)
        if name then out[#out + 1] = name .. '=' .. type(v) end
      end
      debug.setlocal(2, 1, 'changed')
      return table.concat(out, ' ')
    end
    local seen = look()
    return seen .. ' ' .. secret
    """
    assert value(code) == "secret=string look=function changed"


def test_names_of_functions_called_from_c() -> None:
    """Where a function has no name at the place of the call, its global name stands in the error."""
    assert value("return select(2, pcall(string.rep))") == (
        "bad argument #1 to 'string.rep' (string expected, got no value)"
    )
    assert value("return select(2, pcall(setmetatable, 1, {}))") == (
        "bad argument #1 to 'setmetatable' (table expected, got number)"
    )
