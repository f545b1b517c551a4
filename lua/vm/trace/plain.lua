-- What a process has, in words: values, functions and patterns as plain tables, cut to a size. Nothing of it runs.

local vm = ...

local getinfo, getupvalue, getmetatable = debug.getinfo, debug.getupvalue, debug.getmetatable
local rawget, next, type = rawget, next, type
local format, match, sub = string.format, string.match, string.sub
local sort = table.sort

--- Characters of a text; fields of a table, which may be a pattern's.
local LONGEST, MOST = 400, 32

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

--- The keys of a table in an order that is always the same, the first of them; how many there are, and `true` where that
--- are too many to be counted.
function trace.keys(t)
  local keys, count = {}, 0
  for key in next, t do
    count = count + 1
    if type(key) == "string" and #keys < 8 * MOST then
      keys[#keys + 1] = key
    end
    if count > 64 * MOST then
      break
    end
  end
  sort(keys)
  for i = #keys, MOST + 1, -1 do
    keys[i] = nil
  end
  return keys, count
end

--- The alternatives of a field's pattern: itself, or those in a table; the second value says how many there are more.
function trace.alternatives(pattern)
  if type(pattern) ~= "table" then
    return { pattern }, 0
  end
  local found, more = {}, 0
  local seen = 0
  for _, one in next, pattern do
    seen = seen + 1
    if #found < MOST then
      found[#found + 1] = one
    else
      more = more + 1
    end
    if seen > 64 * MOST then
      break
    end
  end
  return found, more
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
