--- Locals and upvalues in the debug library: only of the process's own functions.

local vm = ...

local type, error, next = type, error, next
local math_tointeger = math.tointeger
local getinfo, getlocal, setlocal, getupvalue, setupvalue, upvalueid =
  debug.getinfo, debug.getlocal, debug.setlocal, debug.getupvalue, debug.setupvalue, debug.upvalueid
local setmetatable, upvaluejoin = debug.setmetatable, debug.upvaluejoin

local ours, own, levels, sandbox = vm.ours, vm.own, vm.levels, vm.debug
local NAMELESS = vm.bytecode.NAMELESS

local function foreign(info)
  return info.what == "C" or ours(info) or own[info.source]
end

--- The level of Lua's of an entry of `levels`; `true` where it is a frame that only the network has.
local function level_of(entry)
  if type(entry) == "table" then
    return entry.level or true
  end
  return entry
end

--- debug.getlocal ([thread,] f, local)
function sandbox.getlocal(...)
  local co, f, index = nil, ...
  if type(f) == "thread" then
    co, f, index = ...
  end
  if type(f) == "function" then
    if foreign(getinfo(f, "S")) then
      return nil
    end
    return (getlocal(f, index))
  end
  local level = math_tointeger(f)
  if not level then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (number expected, got " .. vm.typename(f) .. ")", 0)
  end
  local map = level >= 0 and levels(co, co and 0 or 2, level + 1)
  local at = map and level_of(map[level + 1])
  if not at then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (level out of range)", 0)
  elseif at == true then
    return nil
  end
  if co then
    if foreign(getinfo(co, at, "S")) then
      return nil
    end
    return getlocal(co, at, index)
  end
  if foreign(getinfo(at - 1, "S")) then
    return nil
  end
  local name, value = getlocal(at - 1, index)
  return name, value
end

--- debug.setlocal ([thread,] level, local, value)
function sandbox.setlocal(...)
  local co, f, index, value = nil, ...
  if type(f) == "thread" then
    co, f, index, value = ...
  end
  local level = math_tointeger(f)
  if not level then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (number expected, got " .. vm.typename(f) .. ")", 0)
  end
  local map = level >= 0 and levels(co, co and 0 or 2, level + 1)
  local at = map and level_of(map[level + 1])
  if not at then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (level out of range)", 0)
  end
  local name
  if at == true then
    return nil
  elseif co then
    if not foreign(getinfo(co, at, "S")) then
      name = setlocal(co, at, index, value)
    end
  elseif not foreign(getinfo(at - 1, "S")) then
    name = setlocal(at - 1, index, value)
  end
  return name
end

--- Whether f is a function of the process itself, whose upvalues are its own.
local function open_function(f)
  return type(f) == "function" and not foreign(getinfo(f, "S"))
end

--- Whether this is the upvalue that only makes the function a new one (`bytecode/distinct.lua`).
local function nameless(f, index)
  return type(f) == "function" and getupvalue(f, index) == NAMELESS
end

function sandbox.getupvalue(f, index)
  if open_function(f) or type(f) ~= "function" then
    local name, value = getupvalue(f, index)
    if name == nil or name == NAMELESS then
      return
    end
    return name, value
  end
end

function sandbox.setupvalue(f, index, value)
  if (open_function(f) or type(f) ~= "function") and not nameless(f, index) then
    return (setupvalue(f, index, value))
  end
end

function sandbox.upvalueid(f, index)
  if open_function(f) and not nameless(f, index) then
    -- the id is a light userdata, an address: equal where the variable is, and nothing else is said of it
    upvalueid(f, index)
    return vm.upvalue_name(upvalueid(f, index))
  elseif type(f) ~= "function" then
    return upvalueid(f, index)
  end
  error("bad argument #2 to '?' (invalid upvalue index)", 0)
end

--- Id → the table that stands for it, and the other way round.
local ids, stand_ins = {}, {}

--- Whether the table stands for an upvalue's id.
function vm.is_stand_in(object)
  return stand_ins[object] ~= nil
end

--- Whether one of them has been shown as text: it has an address that it must keep.
function vm.stand_ins_shown()
  for stand_in in next, stand_ins do
    if vm.peek(stand_in) ~= 0 then
      return true
    end
  end
  return false
end

--- A table that stands for an upvalue's id.
function vm.upvalue_name(id)
  local known = ids[id]
  if not known then
    known = setmetatable({}, { __name = "userdata", __metatable = false })
    ids[id], stand_ins[known] = known, true
  end
  return known
end

function sandbox.upvaluejoin(f1, n1, f2, n2)
  if nameless(f1, n1) or nameless(f2, n2) then
    error("bad argument #" .. (nameless(f1, n1) and 2 or 4) .. " to '?' (invalid upvalue index)", 0)
  elseif (open_function(f1) or type(f1) ~= "function") and (open_function(f2) or type(f2) ~= "function") then
    return upvaluejoin(f1, n1, f2, n2)
  end
  error("bad argument #" .. (open_function(f1) and 4 or 2) .. " to '?' (invalid upvalue index)", 0)
end
