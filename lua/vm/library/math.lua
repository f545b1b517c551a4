--- Functions of Lua 5.1's math that the network's Lua has and the host's Lua 5.3 lacks.

local vm = ...

local select = select
local log, huge, floor, exp = math.log, math.huge, math.floor, math.exp

local to_number, to_integer = vm.to_number, vm.to_integer

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
