--- debug.getinfo: our functions look like C functions, and what no process has is not shown.

local vm = ...

local type, error, tonumber, select = type, error, tonumber, select
local match, find = string.match, string.find
local math_tointeger = math.tointeger
local getupvalue, getinfo = debug.getupvalue, debug.getinfo

local ours, levels, info_of, sandbox = vm.ours, vm.levels, vm.info_of, vm.debug

local NAMELESS = vm.bytecode.NAMELESS

--- The chunk name of the process's own Data, which differs for us, is the network's for a process.
local function network_source(info)
  local name = info.source and match(info.source, '^=%[string "(.*)"%]$')
  if name then
    info.source = name
  end
  return info
end

--- Makes what Lua says of one of our functions what it says of a C function.
local function disguise(info)
  if info.source then
    info.source, info.short_src, info.what = "=[C]", "[C]", "C"
    info.linedefined, info.lastlinedefined = -1, -1
  end
  if info.currentline then
    info.currentline = -1
  end
  if info.nups then
    info.nups, info.nparams, info.isvararg = 0, 0, true
  end
  info.activelines = nil
  return info
end

--- Functions of ours that a process can get at anyway; the others are not shown to it.
vm.public = {}

local function shown(info, whose)
  if ours(whose) then
    if not vm.public[whose.func] then
      info.func = nil
    end
    return disguise(info)
  elseif whose.what == "C" and not vm.public[whose.func] then
    info.func = nil -- one of Lua's own that ours have called
  elseif info.nups and info.nups > 0 and getupvalue(whose.func, info.nups) == NAMELESS then
    info.nups = info.nups - 1
  end
  return network_source(info)
end

--- What is said of an entry of `levels`.
local function seen(info, whose)
  if whose.words == nil and whose.func ~= nil then
    info = shown(info, whose)
  end
  info.words = nil
  return info
end

--- debug.getinfo ([thread,] f [, what])
function sandbox.getinfo(...)
  local co, f, what = nil, ...
  local first = 1
  if type(f) == "thread" then
    co, f, what = ...
    first = 2
  end
  if what == nil then
    what = "nSltuf"
  elseif type(what) ~= "string" then
    error("bad argument #" .. first + 1 .. " to '?' (string expected, got " .. vm.typename(what) .. ")", 0)
  end
  if find(what, "[^nSltufL]") then
    error("bad argument #" .. first + 1 .. " to '?' (invalid option)", 0)
  end
  if type(f) == "function" then
    return shown(getinfo(f, what), getinfo(f, "Sf"))
  end
  local level = math_tointeger(f)
  if type(f) == "string" then
    level = math_tointeger(tonumber(f))
  end
  if not level then
    local kind = f == nil and select("#", ...) < first and "no value" or vm.typename(f)
    error("bad argument #" .. first .. " to '?' (number expected, got " .. kind .. ")", 0)
  end
  if level < 0 then
    return nil
  end
  local map
  if co then
    map = levels(co, 0, level + 1)
    level = map[level + 1]
    if not level then
      return nil
    end
    return seen(info_of(co, level, what), info_of(co, level, "Sf"))
  end
  -- seen from levels(): 1 itself, 2 this function, 3 the process's
  map = levels(nil, 2, level + 1)
  level = map[level + 1]
  if not level then
    return nil
  end
  return seen(info_of(nil, level, what), info_of(nil, level, "Sf"))
end
