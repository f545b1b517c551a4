--- What the network's Lua has and the host's Lua 5.3 lacks: bit32, and math functions of Lua 5.1.

local vm = ...

local error, type, select, tonumber = error, type, select, tonumber
local math_type, tointeger, log, exp, floor, huge = math.type, math.tointeger, math.log, math.exp, math.floor, math.huge
local string_format = string.format

local function bad(index, name, text)
  error(string_format("bad argument #%d to '%s' (%s)", index, name, text), 4)
end

-- The slow ways of an argument: strings that are numbers, floats that are whole. Called two
-- levels below the function that a process called.
local function to_number(value, count, index, name)
  local kind = type(value)
  if kind == "number" then
    return value
  end
  local number = kind == "string" and tonumber(value)
  if not number then
    bad(index, name, "number expected, got " .. (index > count and "no value" or kind))
  end
  return number
end

local function to_integer(value, count, index, name)
  local kind = type(value)
  local number = value
  if kind ~= "number" then
    number = kind == "string" and tonumber(value)
    if not number then
      bad(index, name, "number expected, got " .. (index > count and "no value" or kind))
    end
  end
  local integer = tointeger(number)
  if not integer then
    bad(index, name, "number has no integer representation")
  end
  return integer
end

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

local more = {}

function more.pow(...)
  local x, y = ...
  local count = select("#", ...)
  return to_number(x, count, 1, "pow") ^ to_number(y, count, 2, "pow")
end

function more.log10(...)
  return log(to_number((...), select("#", ...), 1, "log10"), 10)
end

more.atan2 = math.atan

-- x * 2^places. Steps keep the way to subnormal numbers to one rounding.
local function scale(x, places)
  while places > 1023 do
    x, places = x * 0x1p1023, places - 1023
    if x == huge or x == -huge then
      return x
    end
  end
  while places < -1022 do
    x, places = x * 0x1p-969, places + 969
    if x == 0 then
      return x
    end
  end
  return x * 2.0 ^ places
end

function more.ldexp(...)
  local x, places = ...
  local count = select("#", ...)
  x = to_number(x, count, 1, "ldexp") * 1.0
  places = to_integer(places, count, 2, "ldexp") & 0xffffffff
  if places >= 0x80000000 then
    places = places - 0x100000000
  end
  return scale(x, places)
end

function more.frexp(...)
  local x = to_number((...), select("#", ...), 1, "frexp") * 1.0
  if x == 0 or x ~= x or x == huge or x == -huge then
    return x, 0
  end
  local places = 0
  if x > -0x1p-1022 and x < 0x1p-1022 then
    x, places = x * 0x1p54, -54
  end
  local size = x < 0 and -x or x
  local e = floor(log(size, 2)) + 1
  local m = scale(size, -e)
  -- The logarithm is rounded: near a power of two it may be one off.
  if m >= 1 then
    m, e = m / 2, e + 1
  elseif m < 0.5 then
    m, e = m * 2, e - 1
  end
  return x < 0 and -m or m, e + places
end

-- e^x - 1 without loss near 0.
local function expm1(x)
  if x > -0.6 and x < 0.6 then
    local sum = 1.0
    for i = 18, 3, -1 do
      sum = 1 + sum * x / i
    end
    return x + x * x / 2 * sum
  end
  return exp(x) - 1
end

function more.sinh(...)
  local x = to_number((...), select("#", ...), 1, "sinh") * 1.0
  local size = x < 0 and -x or x
  local result
  if size < 0x1p-26 then
    return x
  elseif size < 709 then
    local t = expm1(size)
    result = size < 1 and 0.5 * (2 * t - t * t / (t + 1)) or 0.5 * (t + t / (t + 1))
  else
    local half = exp(0.5 * size)
    result = 0.5 * half * half
  end
  return x < 0 and -result or result
end

function more.cosh(...)
  local x = to_number((...), select("#", ...), 1, "cosh") * 1.0
  local size = x < 0 and -x or x
  if size < 0.69 then
    local t = expm1(size)
    return 1 + t * t / (2 * (1 + t))
  elseif size < 709 then
    local t = exp(size)
    return 0.5 * (t + 1 / t)
  end
  local half = exp(0.5 * size)
  return 0.5 * half * half
end

function more.tanh(...)
  local x = to_number((...), select("#", ...), 1, "tanh") * 1.0
  local size = x < 0 and -x or x
  local result
  if size < 0x1p-26 or x ~= x then
    return x
  elseif size > 20 then
    result = 1.0
  elseif size > 0.5493 then
    result = 1 - 2 / (expm1(2 * size) + 2)
  else
    local t = expm1(2 * size)
    result = t / (t + 2)
  end
  return x < 0 and -result or result
end

vm.mathcompat = more
