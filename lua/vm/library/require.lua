--- require: modules are loaded once, by the searchers of `package`.

local vm = ...

local setmetatable, type, error = setmetatable, type, error
local concat = table.concat
local getinfo = debug.getinfo
local running = coroutine.running

local bare, alias, owner = vm.modules.bare, vm.modules.alias, vm.modules.owner
local loaded, package, checked = vm.loaded, vm.package, vm.checked_name

--- Modules being loaded, outermost first, for each coroutine that loads some.
local chains = setmetatable({}, { __mode = "k" })

local run

--- How many modules are being loaded by the running coroutine: what an error has left behind in its chain is cut off.
local function depth()
  local count, level = 0, 1
  while true do
    local info = getinfo(level, "f")
    if not info then
      return count
    elseif info.func == run then
      count = count + 1
    end
    level = level + 1
  end
end

function run(loader, name, extra, chain, at)
  chain[at] = name
  local value = loader(name, extra)
  chain[at] = nil
  return value
end

local function find_loader(name)
  local searchers = package.searchers
  if type(searchers) ~= "table" then
    error("'package.searchers' must be a table", 0)
  end
  local tried = ""
  local i = 1
  while true do
    local searcher = searchers[i]
    if searcher == nil then
      error("module '" .. name .. "' not found:" .. tried, 0)
    end
    local loader, extra = searcher(name)
    if type(loader) == "function" then
      return loader, extra
    elseif type(loader) == "string" then
      tried = tried .. loader
    end
    i = i + 1
  end
end

--- The value of a module of ours or of the project's that is loaded under its other name.
local function loaded_as(name)
  local value = loaded[name]
  if value then
    local whose = owner(name)
    if whose and whose == owner(alias(name)) then
      return value
    end
  end
end

--- The sandbox's require.
local function require(name)
  name = checked(name)
  local value = loaded[name]
  if value then
    return value
  end
  value = loaded_as(alias(name))
  if value then
    loaded[name] = value
    return value
  end
  local thread = running()
  local chain, at = chains[thread], depth()
  if at == 0 then
    -- always a new one: what an earlier message has left must not show, not even in the gas
    chain = {}
    chains[thread] = chain
  end
  for i = 1, at do
    if chain[i] and bare(chain[i]) == bare(name) then
      error("module '" .. name .. "' requires itself: " .. concat(chain, " -> ", i, at) .. " -> " .. name, 0)
    end
  end
  local loader, extra = find_loader(name)
  value = run(loader, name, extra, chain, at + 1)
  if value ~= nil then
    loaded[name] = value
  elseif loaded[name] == nil then
    loaded[name] = true
  end
  return loaded[name]
end
vm.require = require
