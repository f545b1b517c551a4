--- The rest of the debug library: metatables, and what an empty machine answers.

local vm = ...

local type, error = type, error
local getmetatable, setmetatable = debug.getmetatable, debug.setmetatable

local sandbox = vm.debug

function sandbox.getmetatable(value)
  local kind = type(value)
  if kind == "table" or kind == "string" then
    return getmetatable(value)
  end
  return nil
end

function sandbox.setmetatable(value, meta)
  if meta ~= nil and type(meta) ~= "table" then
    error("bad argument #2 to '?' (nil or table expected)", 0)
  end
  if type(value) == "table" then
    return vm.bestow(setmetatable, value, meta)
  end
  -- metatables of other types are shared with us: they stay as they are
  return value
end

--- The registry of an empty machine.
local registry = {}
vm.registry = registry

function sandbox.getregistry()
  return registry
end

function sandbox.getuservalue()
  return nil
end

function sandbox.setuservalue(value)
  error("bad argument #1 to '?' (userdata expected, got " .. vm.typename(value) .. ")", 0)
end

function sandbox.sethook() end

function sandbox.gethook()
  return nil, "", 0
end

--- Reads commands from a terminal; there is none.
function sandbox.debug() end
