--- What objects hold, as text: objects without an address are ordered by that before they get one.

local vm = ...

local type, raw_tostring, next, rawget = type, tostring, next, rawget
local sub, raw_format = string.sub, string.format
local sort, concat = table.sort, table.concat
local math_type = math.type
local getinfo, getupvalue = debug.getinfo, debug.getupvalue
local NAMELESS = vm.bytecode.NAMELESS

local addresses = vm.addresses

local DEPTH, WIDTH = 4, 256
--- Values that are looked at for the description of one object.
local NODES = 1000
local nodes_left

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
    nodes_left = nodes_left - 1
    if n > WIDTH or nodes_left < 0 then
      -- too large to be told apart by what it holds; how much of it has been seen must not show
      nodes_left = -1
      break
    end
    parts[n] = describe(key, depth - 1, seen) .. "=" .. describe(value, depth - 1, seen)
  end
  seen[t] = nil
  sort(parts)
  return "table{" .. concat(parts, ",") .. "}"
end

local function describe_function(f, depth, seen)
  local info = getinfo(f, "Su")
  local parts = { "function", info.source, info.linedefined, info.lastlinedefined }
  if depth > 0 and info.what ~= "C" and not seen[f] then
    seen[f] = true
    for i = 1, info.nups do
      local name, value = getupvalue(f, i)
      nodes_left = nodes_left - 1
      if name ~= "_ENV" and name ~= NAMELESS and nodes_left > 0 then
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

--- A text that says what an object holds, as far as there is not too much of it.
local function description(value, nodes)
  nodes_left = nodes
  local text = describe(value, DEPTH, {})
  return nodes_left < 0 and type(value) or text
end

--- Sorts the objects by their addresses, or else by what they and their values in `t` hold; gives no addresses.
function vm.alike(objects, t)
  local keyed = {}
  for i = 1, #objects do
    local object = objects[i]
    keyed[i] = {
      object,
      raw_format("%016x", addresses[object] or 1 << 60) .. type(object) .. description(object, NODES) .. description(
        rawget(t, object),
        NODES
      ),
    }
  end
  sort(keyed, function(a, b)
    return a[2] < b[2]
  end)
  for i = 1, #keyed do
    keyed[i] = keyed[i][1]
  end
  return keyed
end

vm.describe = description
