--- bit32, which the network's Lua has and the host's Lua 5.3 lacks.

local vm = ...

local select, error = select, error
local math_type = math.type

local string_format = string.format

local to_integer = vm.to_integer

local bit = {}

-- A function that folds all its arguments; one and two whole numbers, the common case, go straight.
local function folding(name, start, fold)
  return function(...)
    local count = select("#", ...)
    if count == 2 then
      local a, b = ...
      if math_type(a) == "integer" and math_type(b) == "integer" then
        return fold(a, b) & 0xffffffff
      end
    end
    local result = start
    for i = 1, count do
      local value = (select(i, ...))
      result = fold(result, to_integer(value, count, i, name))
    end
    return result & 0xffffffff
  end
end

local function bits_and(a, b)
  return a & b
end
bit.band = folding("band", -1, bits_and)
bit.bor = folding("bor", 0, function(a, b)
  return a | b
end)
bit.bxor = folding("bxor", 0, function(a, b)
  return a ~ b
end)

function bit.btest(...)
  local count, result = select("#", ...), 0xffffffff
  for i = 1, count do
    local value = (select(i, ...))
    result = result & to_integer(value, count, i, "btest")
  end
  return result ~= 0
end

function bit.bnot(...)
  return ~to_integer((...), select("#", ...), 1, "bnot") & 0xffffffff
end

-- Lua's own shifts give 0 from 64 places on, and turn round for negative places.
local function shift_left(x, places)
  if places == -9223372036854775808 then
    return 0
  elseif places < 0 then
    return (x & 0xffffffff) >> -places
  end
  return (x & 0xffffffff) << places & 0xffffffff
end

local function shifting(name, fn)
  bit[name] = function(...)
    local x, places = ...
    if math_type(x) ~= "integer" or math_type(places) ~= "integer" then
      local count = select("#", ...)
      x, places = to_integer(x, count, 1, name), to_integer(places, count, 2, name)
    end
    return fn(x, places)
  end
end

shifting("lshift", shift_left)
shifting("rshift", function(x, places)
  return shift_left(x, -places)
end)
shifting("arshift", function(x, places)
  x = x & 0xffffffff
  if places < 0 or x & 0x80000000 == 0 then
    return shift_left(x, -places)
  elseif places >= 32 then
    return 0xffffffff
  end
  return (x >> places | ~(0xffffffff >> places)) & 0xffffffff
end)

local function rotate_left(x, places)
  x, places = x & 0xffffffff, places & 31
  return (x << places | x >> 32 - places) & 0xffffffff
end
-- The network reads the places of a rotation before the number.
local function rotating(name, sign)
  bit[name] = function(...)
    local x, places = ...
    if math_type(x) ~= "integer" or math_type(places) ~= "integer" then
      local count = select("#", ...)
      places = to_integer(places, count, 2, name)
      x = to_integer(x, count, 1, name)
    end
    return rotate_left(x, sign * places)
  end
end
rotating("lrotate", 1)
rotating("rrotate", -1)

local function check_field(place, width, index, name)
  if place < 0 then
    error(string_format("bad argument #%d to '%s' (field cannot be negative)", index, name), 3)
  elseif width <= 0 then
    error(string_format("bad argument #%d to '%s' (width must be positive)", index + 1, name), 3)
  elseif place + width > 32 then
    error("trying to access non-existent bits", 3)
  end
  return ~(-1 << width)
end

function bit.extract(...)
  local x, place, width = ...
  local count = select("#", ...)
  x = to_integer(x, count, 1, "extract") & 0xffffffff
  place = to_integer(place, count, 2, "extract")
  width = width == nil and 1 or to_integer(width, count, 3, "extract")
  return x >> place & check_field(place, width, 2, "extract")
end

function bit.replace(...)
  local x, value, place, width = ...
  local count = select("#", ...)
  x = to_integer(x, count, 1, "replace") & 0xffffffff
  value = to_integer(value, count, 2, "replace")
  place = to_integer(place, count, 3, "replace")
  width = width == nil and 1 or to_integer(width, count, 4, "replace")
  local mask = check_field(place, width, 3, "replace")
  return x & ~(mask << place) & 0xffffffff | (value & mask) << place
end

vm.bit32 = bit
