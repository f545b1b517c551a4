--- pairs in the same order as next: iterators over a list of keys that was made when the walk began.

local vm = ...

local rawget, setmetatable, type, select, error = rawget, setmetatable, type, select, error
local getmetatable = debug.getmetatable
local strike = vm.strike

local ordered, sandbox_next, REMEMBER = vm.ordered, vm.next, vm.REMEMBER

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

vm.pairs = sandbox_pairs
