--- The keys of a table, gathered and in order: numbers ascending, strings bytewise, false, true, then objects in the order
--- in which they were first seen.
--
-- All of it runs uncounted (`remembered.lua`), and no metamethod of the process ever runs here.

local vm = ...

local rawget, rawset, pcall, type, ipairs, raw_next = rawget, rawset, pcall, type, ipairs, next
local sort, concat = table.sort, table.concat
local math_type = math.type
local getmetatable = debug.getmetatable

local string_meta = getmetatable("")

--- Sorts strings or numbers; false when they are mixed. A process's __lt on strings must not be asked.
local function sort_plain(keys)
  local hostile = rawget(string_meta, "__lt")
  if hostile ~= nil then
    rawset(string_meta, "__lt", nil)
  end
  local ok = pcall(sort, keys)
  if hostile ~= nil then
    rawset(string_meta, "__lt", hostile)
  end
  return ok
end

local function by_address(a, b)
  return vm.address(a) < vm.address(b)
end

--- Sorts keys of any types of the table t.
-- @return table|nil, integer the keys, and what else was looked at; nil when the coroutine that asks is needed
local function sort_mixed(keys, count, t, co)
  local numbers, strings, booleans, objects = {}, {}, {}, {}
  for i = 1, count do
    local key = keys[i]
    local kind = type(key)
    local list = kind == "number" and numbers
      or kind == "string" and strings
      or kind == "boolean" and booleans
      or objects
    list[#list + 1] = key
  end
  sort(numbers)
  sort(strings)
  sort(booleans, function(a, b)
    return not a and b
  end)
  local looked = 0
  if #objects > 0 then
    looked = vm.identity().settle(objects, t, co)
    if not looked then
      return nil, 0
    end
    sort(objects, by_address)
  end
  local sorted, n = {}, 0
  for _, list in ipairs({ numbers, strings, booleans, objects }) do
    for i = 1, #list do
      n = n + 1
      sorted[n] = list[i]
    end
  end
  return sorted, looked
end

--- Bytes of keys that are compared in the time of one instruction.
local BYTES = 4

--- The keys in order; how much beyond their number it has taken; whether they are all strings and numbers; and whether
--- they are all of one of these types. No keys when the coroutine that asks is needed.
local function sorted_keys(keys, count, t, co)
  -- concat takes nothing but strings and numbers, and is the fastest way to ask
  local plain, text = pcall(concat, keys)
  if plain then
    local extra = #text > 32 * count and #text // BYTES or 0
    if count < 2 or sort_plain(keys) then
      return keys, extra, true, true
    end
    return (sort_mixed(keys, count)), extra, true, false
  end
  local sorted, looked = sort_mixed(keys, count, t, co)
  return sorted, looked, false, false
end

--- Merges new keys into the old ones, leaving out those that are gone; nil when they are not all of one type.
-- @return table|nil, integer the keys and their count
local function merge(t, old, count, new, added)
  if not pcall(concat, new) or not sort_plain(new) then
    return nil
  end
  local head = new[1]
  if (math_type(old[1]) == nil) ~= (math_type(head) == nil) then
    return nil
  end
  local merged, n, j = {}, 0, 1
  for i = 1, count do
    local key = old[i]
    if t[key] ~= nil then
      while head ~= nil and head < key do
        n = n + 1
        merged[n] = head
        j = j + 1
        head = new[j]
      end
      n = n + 1
      merged[n] = key
    end
  end
  for i = j, added do
    n = n + 1
    merged[n] = new[i]
  end
  return merged, n
end

local function gather(t, low)
  local keys, count = {}, 0
  if low > 0 then
    for key in raw_next, t do
      if math_type(key) ~= "integer" or key < 1 or key > low then
        count = count + 1
        keys[count] = key
      end
    end
  else
    for key in raw_next, t do
      count = count + 1
      keys[count] = key
    end
  end
  return keys, count
end

--- Whether the count keys of the list are all in t.
local function present(t, keys, count)
  for i = 1, count do
    if t[keys[i]] == nil then
      return false
    end
  end
  return true
end

local function present_raw(t, keys, count)
  for i = 1, count do
    if rawget(t, keys[i]) == nil then
      return false
    end
  end
  return true
end

--- The keys that are left of the old ones.
local function remaining(t, old, count)
  local keys, n = {}, 0
  for i = 1, count do
    local key = old[i]
    if t[key] ~= nil then
      n = n + 1
      keys[n] = key
    end
  end
  return keys, n
end

--- How much more than their number keys take, by their bytes.
local function extra_of(keys, count)
  local text = concat(keys)
  return #text > 32 * count and #text // BYTES or 0
end

vm.keys = {
  sorted = sorted_keys,
  merge = merge,
  gather = gather,
  present = present,
  present_raw = present_raw,
  remaining = remaining,
  extra = extra_of,
}
