--- The order of objects that have no address yet.

local vm = ...

local type, rawget = type, rawget
local sort = table.sort

local addresses, address, description, encounter = vm.addresses, vm.address, vm.describe, vm.encounter

--- Values that are looked at for the description of one object, and for those of all objects of a walk.
local NODES, ALL_NODES = 1000, 50000

--- Behind all that have been met.
local LAST = 500000

--- Gives addresses to those of the objects that have none, in an order that does not depend on where they lie in memory.
-- @param objects table a list of keys of `t`
-- @param co thread|nil the coroutine that asks
-- @return integer|nil what was looked at; nil when the coroutine is needed and was not given
local function settle(objects, t, co)
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
      return (met[a[1]] or LAST) < (met[b[1]] or LAST)
    end)
  end
  for i = 1, n do
    address(new[i][1])
  end
  return looked
end

vm.ordering = { settle = settle, alike = vm.alike }
