--- pairs and next in an order that is the same in every run: 1, 2, 3, … as far as they go, then the other numbers
--- ascending, strings bytewise, false, true, then objects in the order in which they were first seen.
--
-- The keys are gathered and sorted in a coroutine without a hook, and charged by a formula, so that neither what is
-- remembered from an earlier walk nor Lua's own order of the hash part can be seen in the gas. No metamethod of the
-- process ever runs there.

local vm = ...

local raw_next, rawget, rawset, setmetatable = next, rawget, rawset, setmetatable
local getmetatable, type, error, ipairs, select = debug.getmetatable, type, error, ipairs, select
local math_type = math.type
local sort, concat = table.sort, table.concat
local pcall, running = pcall, coroutine.running
local charge, strike = vm.charge, vm.strike
local string_meta = getmetatable("")

--- Sorted keys of tables that have been walked: table → {keys, count, set|nil}; kept for tables of some size only.
local remembered = setmetatable({}, { __mode = "k" })
local REMEMBER = 48
--- Sorted keys of the last tables of some counts: new tables often have the keys of an old one.
local recent, RECENT_SLOTS, RECENT_MAX = {}, 16, 1024

-- Sorting ------------------------------------------------------------------------------------------------------------

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
    looked = vm.settle(objects, t, co)
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

-- Gathering ----------------------------------------------------------------------------------------------------------

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

--- What is kept of a table: its sorted keys, their count, how much more than that they took, whether they are uniform.
local function entry(keys, count, extra, uniform)
  return { keys = keys, count = count, extra = extra, uniform = uniform }
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

--- Brings what is kept of a table up to date, by its set of keys; nil when that is not worth it.
local function update(t, known)
  local set, old, count = known.set, known.keys, known.count
  local new, added, matched = {}, 0, 0
  for key in raw_next, t do
    if set[key] then
      matched = matched + 1
    else
      added = added + 1
      new[added] = key
    end
  end
  if added == 0 and matched == count then
    return true
  elseif added >= count // 4 then
    return nil
  end
  local merged, n
  if added == 0 then
    merged, n = remaining(t, old, count)
  else
    merged, n = merge(t, old, count, new, added)
    if not merged then
      return nil
    end
  end
  for i = 1, added do
    set[new[i]] = true
  end
  if n < count + added then
    -- some are gone
    for i = 1, count do
      local key = old[i]
      if t[key] == nil then
        set[key] = nil
      end
    end
  end
  known.keys, known.count, known.extra = merged, n, extra_of(merged, n)
  return true
end

--- The keys of t in order but the integers 1 … low; their count; and what to charge for.
-- No keys and the count -1 when the coroutine that asks is needed and was not given.
local function order(t, low, co)
  if low > 0 then
    -- usually a pure sequence: then there is nothing else
    local count = 0
    for _ in raw_next, t do
      count = count + 1
    end
    if count == low then
      return nil, 0, count
    end
    local keys, rest = gather(t, low)
    if rest == 0 then
      return nil, 0, count
    end
    local sorted, extra = sorted_keys(keys, rest, t, co)
    return sorted, sorted and rest or -1, count + extra
  end
  local plain = getmetatable(t) == nil
  local known = remembered[t]
  if known and known.set and plain then
    if update(t, known) then
      return known.keys, known.count, known.count + known.extra
    end
  else
    local count = 0
    for _ in raw_next, t do
      count = count + 1
    end
    local all_there = plain and present or present_raw
    if known then
      if known.count == count and all_there(t, known.keys, count) then
        return known.keys, count, count + known.extra
      end
    elseif count <= RECENT_MAX then
      local list = recent[count % RECENT_SLOTS]
      if list and list.count == count and all_there(t, list.keys, count) then
        if count >= REMEMBER then
          remembered[t] = entry(list.keys, count, list.extra, list.uniform)
        end
        return list.keys, count, count + list.extra
      end
    end
    if known and plain and known.uniform and count - known.count < known.count // 4 then
      -- the first change since it was walked: from now on with a set, which finds new keys fast
      local set, old = {}, known.keys
      for i = 1, known.count do
        set[old[i]] = true
      end
      known.set = set
      if update(t, known) then
        return known.keys, known.count, known.count + known.extra
      end
    end
  end
  local keys, count = gather(t, 0)
  local sorted, extra, simple, uniform = sorted_keys(keys, count, t, co)
  if not sorted then
    return nil, -1, 0
  elseif not simple then
    remembered[t] = nil -- what is remembered must keep no objects alive
  elseif count >= REMEMBER then
    remembered[t] = entry(sorted, count, extra, uniform)
  end
  if simple and count <= RECENT_MAX then
    recent[count % RECENT_SLOTS] = entry(sorted, count, extra, uniform)
  end
  return sorted, count, count + extra
end

local order_aside = vm.aside(order)

--- `order`, uncounted; charges by the number of keys.
local function ordered(t, low)
  local ok, keys, count, all = order_aside(t, low)
  if count == -1 then
    ok, keys, count, all = order_aside(t, low, running())
  end
  if not ok then
    if keys == "not enough memory" then
      strike("memory")
    end
    error(keys, 0)
  end
  charge(8 + 3 * all)
  return keys, count
end

-- next ---------------------------------------------------------------------------------------------------------------

--- Where a walk by next is: table → {at, keys|nil, count}; without keys it is still among 1, 2, 3, …
local walks = setmetatable({}, { __mode = "k" })

local function advance(t, walk)
  local keys = walk.keys
  if keys then
    local at = walk.at
    for i = at + 1, walk.count do
      local key = keys[i]
      local value = rawget(t, key)
      if value ~= nil then
        walk.at = i
        return key, value
      end
    end
  end
  return nil
end

local RANK = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local x, y = RANK[type(a)] or 4, RANK[type(b)] or 4
  if x ~= y then
    return x < y
  elseif x == 3 then
    return not a and b
  elseif x == 4 then
    return vm.address(a) < vm.address(b)
  end
  return a < b
end

--- next from a key at which no walk stands.
local function jump(t, key)
  local ok, err = pcall(raw_next, t, key)
  if not ok then
    vm.pass(err) -- Lua gives no position either
  end
  local low = 0
  while rawget(t, low + 1) ~= nil do
    low = low + 1
  end
  local walk = { at = 0, count = 0 }
  walks[t] = walk
  if math_type(key) == "integer" and key >= 1 and key <= low then
    if key < low then
      walk.at = key + 1
      return key + 1, rawget(t, key + 1)
    end
    walk.keys, walk.count = ordered(t, low)
    return advance(t, walk)
  end
  local keys, count = ordered(t, low)
  walk.keys, walk.count = keys, count
  local at = 0
  while at < count and not before(key, keys[at + 1]) do
    at = at + 1
  end
  walk.at = at
  return advance(t, walk)
end

--- The sandbox's next.
local function sandbox_next(t, key)
  if key == nil then
    if type(t) ~= "table" then
      return raw_next(t)
    end
    local value = rawget(t, 1)
    if value ~= nil then
      local walk = walks[t]
      if walk then
        walk.at, walk.keys = 1, nil
      else
        walks[t] = { at = 1 }
      end
      return 1, value
    end
    local first, only = raw_next(t)
    if first == nil then
      return nil
    end
    if raw_next(t, first) == nil then
      local walk = walks[t]
      if walk then
        walk.at, walk.keys, walk.count = 1, { first }, 1
      else
        walks[t] = { at = 1, keys = { first }, count = 1 }
      end
      return first, only
    end
    local keys, count = ordered(t, 0)
    local walk = walks[t]
    if not walk then
      walk = {}
      walks[t] = walk
    end
    walk.at, walk.keys, walk.count = 0, keys, count
    return advance(t, walk)
  end
  local walk = walks[t]
  if not walk then
    if type(t) ~= "table" then
      return raw_next(t, key)
    end
    return jump(t, key)
  end
  local keys, at = walk.keys, walk.at
  if keys then
    if keys[at] ~= key then
      return jump(t, key)
    end
    for i = at + 1, walk.count do
      local following = keys[i]
      local value = rawget(t, following)
      if value ~= nil then
        walk.at = i
        return following, value
      end
    end
    return nil
  end
  if at ~= key then
    return jump(t, key)
  end
  local value = rawget(t, at + 1)
  if value ~= nil then
    walk.at = at + 1
    return at + 1, value
  end
  keys, walk.count = ordered(t, at)
  walk.keys, walk.at = keys or {}, 0
  return advance(t, walk)
end

-- pairs --------------------------------------------------------------------------------------------------------------

--- An iterator over a list of keys. `key` is what the loop was given last; another one means a call by hand.
local function over(t, keys)
  local i, last = 0, nil
  return function(_, key)
    if key ~= last then
      return sandbox_next(t, key)
    end
    i = i + 1
    local following = keys[i]
    local value = t[following]
    while value == nil and following ~= nil do
      -- cleared since the walk began
      i = i + 1
      following = keys[i]
      value = t[following]
    end
    last = following
    if following == nil then
      i = 0
      return nil
    end
    return following, value
  end
end

local function over_raw(t, keys)
  local i, last = 0, nil
  return function(_, key)
    if key ~= last then
      return sandbox_next(t, key)
    end
    local value
    repeat
      i = i + 1
      last = keys[i]
      value = last ~= nil and rawget(t, last)
    until value ~= nil
    if last == nil then
      i = 0
      return nil
    end
    return last, value
  end
end

--- For lists of keys that are remembered: key → the key after it. A step takes half the instructions then.
local links = setmetatable({}, { __mode = "k" })
--- Larger lists are not worth the memory.
local LINKED = 20000

local link_aside = vm.aside(function(keys, count)
  local link = links[keys]
  if not link then
    link = {}
    for i = 1, count - 1 do
      link[keys[i]] = keys[i + 1]
    end
    links[keys] = link
  end
  return link
end)

--- An iterator over a list of keys by its links.
local function linked(t, keys, count)
  local first = keys[1]
  local ok, link = link_aside(keys, count)
  if not ok then
    strike("memory")
  end
  return function(_, key)
    local following
    if key == nil then
      following = first
    else
      following = link[key]
    end
    local value = t[following]
    if value ~= nil then
      return following, value
    end
    while following ~= nil do
      -- cleared since the walk began
      following = link[following]
      value = t[following]
      if value ~= nil then
        return following, value
      end
    end
    return nil
  end
end

--- An iterator over 1, 2, 3, … and then what else there is.
local function along(t, get)
  local i, rest = 0, nil
  return function(_, key)
    if rest then
      return rest(t, key)
    end
    local value
    i = i + 1
    if get then
      value = get(t, i)
    else
      value = t[i]
    end
    if value ~= nil then
      return i, value
    end
    local keys = ordered(t, i - 1)
    if not keys then
      i = 0
      return nil
    end
    rest = (get and over_raw or over)(t, keys)
    return rest(t, nil)
  end
end

--- The sandbox's pairs.
local function sandbox_pairs(...)
  local t = ...
  local meta = getmetatable(t)
  if meta then
    local custom = rawget(meta, "__pairs")
    if custom ~= nil then
      local f, state, start = custom(t)
      return f, state, start
    end
    if type(t) ~= "table" then
      return sandbox_next, t, nil
    end
    if rawget(t, 1) ~= nil then
      return along(t, rawget), t, nil
    end
    return over_raw(t, (ordered(t, 0))), t, nil
  end
  if type(t) ~= "table" then
    if t == nil and select("#", ...) == 0 then
      error("bad argument #1 to '?' (value expected)", 0)
    end
    return sandbox_next, t, nil
  end
  if t[1] ~= nil then
    return along(t), t, nil
  end
  local keys, count = ordered(t, 0)
  if count >= REMEMBER and count <= LINKED then
    return linked(t, keys, count), t, nil
  end
  return over(t, keys), t, nil
end

--- Forgets where calls of next stand: a message does not know what an earlier one has walked over.
function vm.leave_walks()
  if raw_next(walks) ~= nil then
    walks = setmetatable({}, { __mode = "k" })
  end
end

--- Forgets what walks have left behind: it may keep objects alive.
function vm.forget_walks()
  walks = setmetatable({}, { __mode = "k" })
  remembered = setmetatable({}, { __mode = "k" })
end

vm.next = sandbox_next
vm.pairs = sandbox_pairs
