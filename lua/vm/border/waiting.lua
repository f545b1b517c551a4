-- A look at the handlers: those that wait inside of a message (Receive), for what, and since which message; those that
-- have no function. Nothing of the process runs.

local vm = ...

local getupvalue, getlocal, getinfo, getmetatable = debug.getupvalue, debug.getlocal, debug.getinfo, debug.getmetatable
local rawget, rawlen, next, pcall, type = rawget, rawlen, next, pcall, type
local find, format, match = string.find, string.format, string.match
local status = coroutine.status
local globals, encode = vm.globals, vm.values.encode

--- The values that the handler of a Receive holds, by name; nil for any other function.
local function held_by(handle)
  if type(handle) ~= "function" or getinfo(handle, "S").source ~= ".handlers" then
    return nil
  end
  local held, index = {}, 1
  while true do
    local name, value = getupvalue(handle, index)
    if not name then
      return type(held.waiting) == "thread" and status(held.waiting) == "suspended" and held or nil
    end
    held[name] = value
    index = index + 1
  end
end

local MOST_LEVELS = 200

--- The id of the message in which a coroutine waits; nil where that cannot be seen.
local function id_in(co)
  local outermost
  for level = 0, MOST_LEVELS do
    local info = getinfo(co, level, "S")
    if not info then
      break
    end
    local name, value = getlocal(co, level, 1)
    if name == "msg" and type(value) == "table" and type(rawget(value, "Id")) == "string" then
      outermost = rawget(value, "Id")
    end
  end
  return outermost
end

local function place_of(f)
  local info = getinfo(f, "S")
  local chunk = match(info.short_src, '^%[string "(.*)"%]$') or info.short_src
  return info.what == "C" and "a function" or format("a function (%s:%d)", chunk, info.linedefined)
end

--- A pattern as plain values.
local function plain(pattern)
  local kind = type(pattern)
  if kind == "function" then
    return place_of(pattern)
  elseif kind ~= "table" then
    return pattern
  end
  local copy = {}
  for key, value in next, pattern do
    copy[key] = type(value) == "function" and place_of(value) or value
  end
  return pcall(encode, copy) and copy or "a table"
end

--- As bytes: an array of {pattern, handler, id}.
function vm.waiting()
  local handlers = rawget(globals, "Handlers")
  local list = type(handlers) == "table" and rawget(handlers, "list")
  local found = {}
  for i = 1, type(list) == "table" and rawlen(list) or 0 do
    local entry = rawget(list, i)
    local name = type(entry) == "table" and rawget(entry, "name")
    if type(name) == "string" and find(name, "^_once_") then
      local held = held_by(rawget(entry, "handle"))
      if held then
        found[#found + 1] = {
          pattern = plain(rawget(entry, "pattern")),
          handler = type(held.name) == "string" and held.name or nil,
          id = id_in(held.waiting),
        }
      end
    end
  end
  return encode(found)
end

--- Whether a handler does nothing but fail: `Handlers` makes a function of anything that it takes for a table of
--- resolvers.
local function has_function(handle)
  if type(handle) ~= "function" then
    local meta = getmetatable(handle)
    return type(meta) == "table" and rawget(meta, "__call") ~= nil
  end
  if getinfo(handle, "S").source ~= ".handlers" then
    return true
  end
  local index = 1
  while true do
    local name, value = getupvalue(handle, index)
    if not name or name == "resolvers" then
      return not name or type(value) == "table"
    end
    index = index + 1
  end
end

--- As bytes: the names of the handlers that have no function.
function vm.functionless()
  local handlers = rawget(globals, "Handlers")
  local list = type(handlers) == "table" and rawget(handlers, "list")
  local names = {}
  for i = 1, type(list) == "table" and rawlen(list) or 0 do
    local entry = rawget(list, i)
    if type(entry) == "table" and not has_function(rawget(entry, "handle")) then
      local name = rawget(entry, "name")
      names[#names + 1] = type(name) == "string" and name or "?"
    end
  end
  return encode(names)
end
