--- Addresses, tostring and string.format: what is printed of tables, functions and coroutines is the same in every run.

local vm = ...

local type, error, rawget, next, setmetatable = type, error, rawget, next, setmetatable
local getmetatable, getinfo, getupvalue = debug.getmetatable, debug.getinfo, debug.getupvalue
local raw_format, gmatch, sub = string.format, string.gmatch, string.sub
local raw_tostring, select, unpack = tostring, select, table.unpack
local sort, concat, math_type = table.sort, table.concat, math.type

-- Addresses ----------------------------------------------------------------------------------------------------------

local addresses = setmetatable({}, { __mode = "k" })
local last_address = 0x10000000
local STEP = 0x20

--- The number that stands for an object: the next free one when it is first asked for.
local function address(object)
  local known = addresses[object]
  if known then
    return known
  end
  last_address = last_address + STEP
  addresses[object] = last_address
  return last_address
end
vm.address = address

-- Objects without an address are ordered by what they hold before they get one; as far as this says the same of two of
-- them, they are the same to whoever walks over them, but for who they are.

local DEPTH, WIDTH = 4, 64

local describe

local function describe_plain(value)
  local kind = math_type(value) or type(value)
  if kind == "string" then
    return "s" .. #value .. ":" .. (#value > 256 and sub(value, 1, 256) or value)
  elseif kind == "integer" then
    return "i" .. value
  elseif kind == "float" then
    return raw_format("f%a", value)
  end
  return kind == "boolean" and raw_tostring(value) or kind
end

local function describe_table(t, depth, seen)
  if depth == 0 or seen[t] then
    return "table"
  end
  seen[t] = true
  local parts, n = {}, 0
  for key, value in next, t do
    n = n + 1
    if n > 4 * WIDTH then
      -- too large to be told apart by what it holds
      seen[t] = nil
      return "table+"
    end
    parts[n] = describe(key, depth - 1, seen) .. "=" .. describe(value, depth - 1, seen)
  end
  seen[t] = nil
  sort(parts)
  return "table{" .. concat(parts, ",", 1, n < WIDTH and n or WIDTH) .. "#" .. n .. "}"
end

local function describe_function(f, depth, seen)
  local info = getinfo(f, "Su")
  local parts = { "function", info.source, info.linedefined, info.lastlinedefined }
  if depth > 0 and info.what ~= "C" and not seen[f] then
    seen[f] = true
    for i = 1, info.nups do
      local name, value = getupvalue(f, i)
      if name ~= "_ENV" then
        parts[#parts + 1] = describe(value, depth - 1, seen)
      end
    end
    seen[f] = nil
  end
  return concat(parts, ";")
end

function describe(value, depth, seen)
  local known = addresses[value]
  if known then
    return "@" .. known
  end
  local kind = type(value)
  if kind == "table" then
    return describe_table(value, depth, seen)
  elseif kind == "function" then
    return describe_function(value, depth, seen)
  end
  return describe_plain(value)
end

--- Gives addresses to those of the objects that have none, in an order that does not depend on where they lie in memory.
-- They are keys of vm.subject: what that table holds for them counts as well.
function vm.settle(objects)
  local t = vm.subject
  vm.subject = nil
  local new, n = {}, 0
  for i = 1, #objects do
    if not addresses[objects[i]] then
      n = n + 1
      new[n] = { objects[i] }
    end
  end
  if n > 1 then
    for i = 1, n do
      local object = new[i][1]
      local text = type(object) .. describe(object, DEPTH, {})
      if t then
        text = text .. "=" .. describe(rawget(t, object), DEPTH, {})
      end
      new[i][2] = text
    end
    sort(new, function(a, b)
      return a[2] < b[2]
    end)
  end
  for i = 1, n do
    address(new[i][1])
  end
end

-- tostring -----------------------------------------------------------------------------------------------------------

local PLAIN = { string = true, number = true, boolean = true, ["nil"] = true }
local string_meta = getmetatable("")

--- What luaL_tolstring makes of a value.
local function tostring(value)
  local meta = getmetatable(value)
  if meta ~= nil then
    if meta == string_meta and rawget(meta, "__tostring") == nil then
      return value
    end
    local custom = rawget(meta, "__tostring")
    if custom ~= nil then
      local text = custom(value)
      local kind = type(text)
      if kind == "string" then
        return text
      elseif kind == "number" then
        return raw_tostring(text)
      end
      error("'__tostring' must return a string", 0)
    end
    local kind = type(value)
    if kind == "string" then
      return value
    end
    local name = rawget(meta, "__name")
    if type(name) ~= "string" then
      name = kind
    end
    return raw_format("%s: 0x%08x", name, address(value))
  end
  local kind = type(value)
  if PLAIN[kind] then
    return raw_tostring(value)
  end
  return raw_format("%s: 0x%08x", kind, address(value))
end

--- The sandbox's tostring; without an argument Lua's own complains.
function vm.tostring(...)
  local value = ...
  if value == nil and select("#", ...) == 0 then
    return raw_tostring()
  end
  return (tostring(value))
end
vm.tolstring = tostring

--- Name of a value's type as luaL_argerror says it.
function vm.typename(value)
  local meta = getmetatable(value)
  if meta and type(value) ~= "string" then
    local name = rawget(meta, "__name")
    if type(name) == "string" then
      return name
    end
  end
  return type(value)
end

-- string.format ------------------------------------------------------------------------------------------------------

--- string.format where an argument is no plain value: what %s asks for gets its text first.
local function format_objects(...)
  local args, n, fmt = { ... }, select("#", ...), (...)
  if type(fmt) == "string" then
    local i = 1
    for conversion in gmatch(fmt, "%%[%-+ #0]*%d*%.?%d*(.)") do
      if conversion ~= "%" then
        i = i + 1
        if conversion == "s" and i <= n and not PLAIN[type(args[i])] then
          args[i] = tostring(args[i])
        end
      end
    end
  end
  return raw_format(unpack(args, 1, n))
end

--- The sandbox's string.format.
function vm.format(...)
  local _, a, b, c, d = ...
  if
    (a == nil or PLAIN[type(a)])
    and (b == nil or PLAIN[type(b)])
    and (c == nil or PLAIN[type(c)])
    and (d == nil or PLAIN[type(d)])
    and select("#", ...) < 6
  then
    return (raw_format(...))
  end
  return (format_objects(...))
end
