--- The keys of a table in order, and what is remembered of them from one walk to the next.
--
-- The keys are gathered and sorted in a coroutine without a hook, and charged by a formula, so that neither what is
-- remembered from an earlier walk nor Lua's own order of the hash part can be seen in the gas.

local vm = ...

local setmetatable, raw_next, error = setmetatable, next, error
local getmetatable = debug.getmetatable
local running = coroutine.running
local strike, charge = vm.strike, vm.charge

local sorted_keys, merge, gather = vm.keys.sorted, vm.keys.merge, vm.keys.gather
local present, present_raw = vm.keys.present, vm.keys.present_raw
local remaining, extra_of = vm.keys.remaining, vm.keys.extra

--- Sorted keys of tables that have been walked: table → {keys, count, set|nil}; kept for tables of some size only.
local remembered = setmetatable({}, { __mode = "k" })
local REMEMBER = 48
--- Sorted keys of the last tables of some counts: new tables often have the keys of an old one.
local recent, RECENT_SLOTS, RECENT_MAX = {}, 16, 1024

--- What is kept of a table: its sorted keys, their count, how much more than that they took, whether they are uniform.
local function entry(keys, count, extra, uniform)
  return { keys = keys, count = count, extra = extra, uniform = uniform }
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

vm.ordered, vm.REMEMBER = ordered, REMEMBER

--- Forgets what was remembered: it may keep objects alive.
function vm.forget_keys()
  remembered = setmetatable({}, { __mode = "k" })
end
