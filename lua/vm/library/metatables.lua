--- setmetatable and collectgarbage: neither __gc nor weak tables show when Lua's collector runs.
--
-- __gc never runs: Lua looks for it when the metatable is set, and it is not there then. __mode is spelled so that Lua's
-- collector takes the table for a strong one: when entries vanish would be seen otherwise, and it is not the same in
-- every run. They vanish when the process calls collectgarbage.

local vm = ...

local type, error, rawget, rawset, next, pcall = type, error, rawget, rawset, next, pcall
local raw_setmetatable = setmetatable
local sub, find = string.sub, string.find
local getmetatable = debug.getmetatable
local charge = vm.charge

--- Metatables with a __mode, as keys.
local weak = raw_setmetatable({}, { __mode = "k" })
local MASK = "\0"
--- Whether there ever was one. Whether there still is one would show when Lua's collector has run.
local weakened = false

--- Whether that is so; with true, from now on.
function vm.weakened(now)
  weakened = now or weakened
  return weakened
end

--- Calls a setmetatable with __gc out of sight.
function vm.bestow(set, t, meta)
  if meta == nil then
    return set(t, meta)
  end
  local gc, mode = rawget(meta, "__gc"), rawget(meta, "__mode")
  if type(mode) == "string" and find(mode, "[kv]") then
    if sub(mode, 1, 1) ~= MASK then
      rawset(meta, "__mode", MASK .. mode)
    end
    weak[meta], weakened = true, true
  end
  if gc == nil then
    return set(t, meta)
  end
  rawset(meta, "__gc", nil)
  local ok, result = pcall(set, t, meta)
  rawset(meta, "__gc", gc)
  if not ok then
    error(result, 0)
  end
  return result
end
local bestow = vm.bestow

--- Spells the __mode of a metatable that has come with a saved state.
function vm.mask(meta)
  local mode = rawget(meta, "__mode")
  if type(mode) == "string" and find(mode, "[kv]") then
    if sub(mode, 1, 1) ~= MASK then
      rawset(meta, "__mode", MASK .. mode)
    end
    weak[meta] = true
  end
end

function vm.setmetatable(...)
  local t, meta = ...
  if type(meta) == "table" then
    local hidden
    if getmetatable(meta) == nil then
      hidden = meta.__gc ~= nil or meta.__mode ~= nil
    else
      hidden = rawget(meta, "__gc") ~= nil or rawget(meta, "__mode") ~= nil
    end
    if hidden then
      return bestow(raw_setmetatable, t, meta)
    end
  end
  return raw_setmetatable(...)
end

-- Memory -------------------------------------------------------------------------------------------------------------

local COUNT = 1024.0
local FULL_COST = 20000

-- Uncounted: how many metatables there still are depends on Lua's collector.
local collect = vm.aside(function()
  vm.forget_walks()
  local masked = {}
  for meta in next, weak do
    local mode = rawget(meta, "__mode")
    if type(mode) == "string" and sub(mode, 1, 1) == MASK then
      masked[meta] = mode
      rawset(meta, "__mode", sub(mode, 2))
    end
  end
  vm.collect()
  for meta, mode in next, masked do
    rawset(meta, "__mode", mode)
  end
end)

--- Lets the entries of weak tables vanish whose keys or values nobody else holds.
local function sweep()
  if not weakened then
    return
  end
  charge(FULL_COST)
  if not collect() then
    vm.strike("memory")
  end
end

local COLLECT = {
  collect = function()
    sweep()
    return 0
  end,
  count = function()
    return COUNT
  end,
  incremental = false,
  isrunning = function()
    return true
  end,
  restart = function()
    return 0
  end,
  setpause = function()
    return 200
  end,
  setstepmul = function()
    return 200
  end,
  step = function()
    return true
  end,
  stop = function()
    return 0
  end,
}

function vm.collectgarbage(option, argument)
  if option == nil then
    option = "collect"
  elseif type(option) ~= "string" then
    error("bad argument #1 to '?' (string expected, got " .. vm.typename(option) .. ")", 0)
  end
  local answer = COLLECT[option]
  if not answer then
    error("bad argument #1 to '?' (invalid option '" .. option .. "')", 0)
  end
  return answer(argument)
end
