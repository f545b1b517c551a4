--- Where objects are: those that hold the same are told apart by the way that leads to them, from the locals of the
--- running functions and from the globals. Without such a way no process can tell them apart either.

local vm = ...

local type, ipairs, next, rawget = type, ipairs, next, rawget
local sort = table.sort
local getinfo, getlocal, getmetatable, getupvalue = debug.getinfo, debug.getlocal, debug.getmetatable, debug.getupvalue
local NAMELESS = vm.bytecode.NAMELESS

local addresses, ours = vm.addresses, vm.ours

--- Values that are looked at on the way.
local REACH = 50000
local FRAMES = 200

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

vm.encounter = encounter
