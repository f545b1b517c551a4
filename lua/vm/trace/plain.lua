-- What a process has, in words: values, functions and patterns as plain tables, cut to a size. Nothing of it runs.

local vm = ...

local getinfo, getupvalue, getmetatable = debug.getinfo, debug.getupvalue, debug.getmetatable
local rawget, next, type = rawget, next, type
local format, match, sub = string.format, string.match, string.sub
local sort = table.sort

--- Characters of a text; fields of a table, which may be a pattern's.
local LONGEST, MOST = 400, 32
--- Fields that are looked through.
local MANY = 2048

local trace = {}
vm.trace = trace

--- What a function of ours is called where people read it.
local OURS = { [".process"] = "built in", [".handlers"] = "built in", [".handlers-utils"] = "Handlers.utils" }

--- Where a function stands: {kind, text, chunk, line, last, boot}; of one of ours {kind, text}.
local function function_as_plain(f)
  local info = getinfo(f, "S")
  if info.what == "C" or info.source == "=?" or info.source == "=ao.vm" then
    return { kind = "function", text = "built in" }
  end
  if vm.own[info.source] then
    return { kind = "function", text = OURS[info.source] or "built in", of = sub(info.source, 1, LONGEST) }
  end
  local chunk = match(info.short_src, '^%[string "(.*)"%]$') or info.short_src
  return {
    kind = "function",
    text = format("%s:%d", chunk, info.linedefined),
    chunk = chunk,
    line = info.linedefined,
    last = info.lastlinedefined,
    -- the process's own Data has its short name for a name
    boot = sub(info.source, 1, 8) == "=[string",
  }
end

--- A text, number, boolean or nil as it is (a text cut off), everything else as {kind, text}.
local function plain(value)
  local kind = type(value)
  if kind == "string" then
    return sub(value, 1, LONGEST)
  elseif kind == "number" or kind == "boolean" or kind == "nil" then
    return value
  elseif kind == "function" then
    return function_as_plain(value)
  end
  return { kind = kind }
end
trace.plain = plain

--- The upvalues of a function, by name.
local function held_by(f)
  local held = {}
  for index = 1, 255 do
    local name, value = getupvalue(f, index)
    if not name then
      break
    end
    held[name] = value
  end
  return held
end

--- What `Handlers.utils` has made a pattern of: {tag, values}, {data}, {go_on = pattern}; nil for any other function.
function trace.ready_made(f)
  if type(f) ~= "function" or getinfo(f, "S").source ~= ".handlers-utils" or not vm.own[".handlers-utils"] then
    return nil
  end
  local held = held_by(f)
  if held.pattern ~= nil then
    return { go_on = held.pattern }
  elseif type(held.name) == "string" and type(held.value) == "string" then
    return { tag = held.name, values = { held.value } }
  elseif type(held.name) == "string" and type(held.values) == "table" then
    local values = {}
    for i = 1, MOST do
      values[i] = rawget(held.values, i)
    end
    return { tag = held.name, values = values }
  elseif type(held.value) == "string" then
    return { data = held.value }
  end
  return nil
end

--- Numbers before texts, and these before all else, which has no order.
local function before(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then
    return ta < tb
  end
  return (ta == "string" or ta == "number") and a < b
end

--- Keys, or values, of a table in an order that is always the same; and how many there are besides. Of a table with very
--- many, which would be others each time, there are none.
local function some_of(t, keys)
  local found, count = {}, 0
  for key, value in next, t do
    count = count + 1
    if count > MANY then
      return {}, count
    end
    if keys then
      value = key
    end
    found[count] = value
  end
  sort(found, before)
  for i = count, MOST + 1, -1 do
    found[i] = nil
  end
  return found, count > MOST and count - MOST or 0
end

--- The keys of a spec, and how many more there are.
function trace.keys(t)
  return some_of(t, true)
end

--- The alternatives of a field's pattern: itself, or those in a table; and how many more there are.
function trace.alternatives(pattern)
  if type(pattern) ~= "table" then
    return { pattern }, 0
  end
  return some_of(pattern, false)
end

--- A field of a table as it is there, whatever its metatable would say; nil of anything that is no table.
function trace.field(t, key)
  if type(t) ~= "table" then
    return nil
  end
  return rawget(t, key)
end

--- Whether a table has something that could answer in its place.
function trace.veiled(t)
  return type(t) == "table" and getmetatable(t) ~= nil
end
