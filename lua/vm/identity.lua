--- Who an object is: its address, and the order of objects that have none yet. Nothing of it comes from where objects
--- lie in memory.

local vm = ...

local type, next, rawget, setmetatable, ipairs = type, next, rawget, setmetatable, ipairs
local getmetatable, getinfo, getlocal, getupvalue = debug.getmetatable, debug.getinfo, debug.getlocal, debug.getupvalue
local raw_format, sub, raw_tostring = string.format, string.sub, tostring
local sort, concat, math_type = table.sort, table.concat, math.type

local NAMELESS = vm.bytecode.NAMELESS

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

--- The same, but for an object that nobody has asked about it is 0: to look must not leave a trace.
function vm.peek(object)
  return addresses[object] or 0
end

-- What objects hold --------------------------------------------------------------------------------------------------

-- Objects without an address are ordered by what they hold before they get one.

local DEPTH, WIDTH = 4, 256
--- Values that are looked at for the description of one object, and for those of all objects of a walk.
local NODES, ALL_NODES = 1000, 50000
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

--- The addresses given last, and of these objects: the last one, objects and addresses in order.
function vm.given_addresses(among)
  local given = {}
  for object in next, addresses do
    if among[object] then
      given[#given + 1] = object
    end
  end
  sort(given, function(a, b)
    return addresses[a] < addresses[b]
  end)
  local numbers = {}
  for i = 1, #given do
    numbers[i] = addresses[given[i]]
  end
  return last_address, given, numbers
end

--- Whether this may be one of them.
function vm.is_address(number)
  return number >= 0x10000000 and number < 1 << 48 and number % STEP == 0
end

--- Takes over what `given_addresses` has told.
function vm.give_addresses(last, objects, numbers)
  last_address = last
  for i = 1, #objects do
    addresses[objects[i]] = numbers[i]
  end
end

-- Where objects are --------------------------------------------------------------------------------------------------

-- Objects that hold the same are told apart by the way that leads to them, from the locals of the running functions and
-- from the globals: without such a way no process can tell them apart either.

--- Values that are looked at on the way.
local REACH = 50000
local FRAMES = 200

local function ours(info)
  return info.source == "=?" or info.source == "=ao.vm"
end

--- Numbers the objects of the set `wanted` as they are met.
-- @param count integer how many there are
-- @param co thread the coroutine that asks
-- @return table, integer object → number, and how many values have been looked at
local function encounter(wanted, count, co)
  local met, found = {}, 0
  local seen, queue, head, tail = {}, {}, 1, 0
  local function meet(value)
    local kind = type(value)
    if (kind == "table" or kind == "function" or kind == "thread") and not seen[value] then
      seen[value] = true
      tail = tail + 1
      queue[tail] = value
      if wanted[value] then
        found = found + 1
        met[value] = found
      end
    end
  end
  local function meet_frames(thread)
    local depth = 0
    while depth < FRAMES and getinfo(thread, depth, "l") do
      depth = depth + 1
    end
    for level = depth - 1, 0, -1 do
      local info = getinfo(thread, level, "Sf")
      if info.what ~= "C" and not ours(info) then
        meet(info.func)
        for _, step in ipairs({ 1, -1 }) do
          local i = step
          local name, value = getlocal(thread, level, i)
          while name do
            meet(value)
            i = i + step
            name, value = getlocal(thread, level, i)
          end
        end
      end
    end
  end
  local function meet_table(t)
    meet(getmetatable(t))
    local numbers, strings, objects = {}, {}, {}
    for key, value in next, t do
      local kind = type(value)
      if kind == "table" or kind == "function" or kind == "thread" or type(key) ~= "string" then
        kind = type(key)
        if kind == "number" then
          numbers[#numbers + 1] = key
        elseif kind == "string" then
          strings[#strings + 1] = key
        elseif kind == "boolean" then
          strings[#strings + 1] = key and "\255true" or "\255false"
        elseif addresses[key] then
          objects[#objects + 1] = key
        end
      end
    end
    sort(numbers)
    sort(strings)
    sort(objects, function(a, b)
      return addresses[a] < addresses[b]
    end)
    for _, keys in ipairs({ numbers, strings, objects }) do
      for i = 1, #keys do
        local key = keys[i]
        local value = rawget(t, key)
        if value == nil and keys == strings then
          value = rawget(t, key == "\255true")
        end
        meet(value)
      end
    end
  end
  meet_frames(co)
  meet(vm.globals)
  while found < count and head <= tail and head < REACH do
    local value = queue[head]
    head = head + 1
    local kind = type(value)
    if kind == "table" then
      meet_table(value)
    elseif kind == "thread" then
      meet_frames(value)
    else
      local info = getinfo(value, "Su")
      if not ours(info) then
        for i = 1, info.nups do
          local name, held = getupvalue(value, i)
          if name ~= NAMELESS then
            meet(held)
          end
        end
      end
    end
  end
  return met, tail
end

-- ---------------------------------------------------------------------------------------------------------------------

--- Gives addresses to those of the objects that have none, in an order that does not depend on where they lie in memory.
-- @param objects table a list of keys of `t`
-- @param co thread|nil the coroutine that asks
-- @return integer|nil what was looked at; nil when the coroutine is needed and was not given
function vm.settle(objects, t, co)
  local new, n = {}, 0
  for i = 1, #objects do
    if not addresses[objects[i]] then
      n = n + 1
      new[n] = { objects[i] }
    end
  end
  if n < 2 then
    if n == 1 then
      address(new[1][1])
    end
    return n
  end
  local nodes = ALL_NODES // n
  if nodes > NODES then
    nodes = NODES
  end
  for i = 1, n do
    local object = new[i][1]
    new[i][2] = type(object) .. description(object, nodes) .. "=" .. description(rawget(t, object), nodes)
  end
  sort(new, function(a, b)
    return a[2] < b[2]
  end)
  local alike, count = {}, 0
  for i = 2, n do
    if new[i][2] == new[i - 1][2] then
      for j = i - 1, i do
        local object = new[j][1]
        if not alike[object] then
          alike[object] = true
          count = count + 1
        end
      end
    end
  end
  local looked = n
  if count > 0 then
    if not co then
      return nil
    end
    local met, steps = encounter(alike, count, co)
    looked = looked + steps
    sort(new, function(a, b)
      if a[2] ~= b[2] then
        return a[2] < b[2]
      end
      return (met[a[1]] or REACH * 10) < (met[b[1]] or REACH * 10)
    end)
  end
  for i = 1, n do
    address(new[i][1])
  end
  return looked
end
