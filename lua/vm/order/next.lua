--- next in an order that is the same in every run: 1, 2, 3, … as far as they go, then the other keys in order.

local vm = ...

local setmetatable, rawget, type, pcall, raw_next = setmetatable, rawget, type, pcall, next
local math_type = math.type

local ordered = vm.ordered

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

--- Forgets where calls of next stand: a message does not know what an earlier one has walked over.
function vm.leave_walks()
  if raw_next(walks) ~= nil then
    walks = setmetatable({}, { __mode = "k" })
  end
end

--- Forgets what walks have left behind: it may keep objects alive.
function vm.forget_walks()
  walks = setmetatable({}, { __mode = "k" })
  vm.forget_keys()
end

vm.next = sandbox_next
