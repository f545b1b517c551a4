--- Steps, rounding, the larger and the smaller; the operators where one of the two is no integer of the class yet.
-- Part of a class (`lua/bint.lua`); gives `abs`.

--- x + 1: a bint, or a number where x is one that is no integer.
function bint.inc(x)
  local y = tobint(x, true)
  if y then
    return increment(y)
  end
  return x + 1
end

--- x - 1: a bint, or a number where x is one that is no integer.
function bint.dec(x)
  local y = tobint(x, true)
  if y then
    return bint._dec(y)
  end
  return x - 1
end

local function abs(x)
  local y = tobint(x)
  if y then
    return isnegative(y) and negative(y) or copy(y)
  end
  return math_abs(x)
end
bint.abs = abs

function bint.floor(x)
  if getmetatable(x) == bint then
    return copy(x)
  end
  return new(math_floor(tonumber(x)))
end

function bint.ceil(x)
  if getmetatable(x) == bint then
    return copy(x)
  end
  return new(math_ceil(tonumber(x)))
end

--- x without its fraction; nothing when no integer of Lua holds that.
function bint.trunc(x)
  if getmetatable(x) == bint then
    return copy(x)
  end
  local y = tonumber(x)
  if y then
    if math_type(y) == "float" then
      y = math_modf(y)
    end
    return frominteger(y)
  end
end

--- x < y for the plain values of max and min; the complaint about a nil has no position.
local function precedes(x, y)
  if (x == nil or y == nil) and getmetatable(x) ~= bint and getmetatable(y) ~= bint then
    local kinds = type(x) == type(y) and "two " .. type(x) .. " values" or type(x) .. " with " .. type(y)
    error("attempt to compare " .. kinds, 0)
  elseif x == nil or y == nil then
    return less(x, y)
  end
  -- In C, where a complaint has no position either.
  local pair = { y, x }
  sort(pair)
  return pair[1] == x and pair[2] == y and not (rawequal(x, y) or x == y)
end

--- The larger of two: a new bint, or the number that is no integer.
function bint.max(x, y)
  local a, b = tobint(x), tobint(y)
  if a and b then
    return copy(less(a, b) and b or a)
  end
  return parse(precedes(x, y) and y or x)
end

--- The smaller of two: a new bint, or the number that is no integer.
function bint.min(x, y)
  local a, b = tobint(x), tobint(y)
  if a and b then
    return copy(less(b, a) and b or a)
  end
  return parse(precedes(y, x) and y or x)
end

function slow.add(x, y)
  local a, b = tobint(x), tobint(y)
  if a and b then
    return add(a, b)
  end
  return bintnumber(x) + bintnumber(y)
end

function slow.sub(x, y)
  local a, b = tobint(x), tobint(y)
  if a and b then
    return subtract(a, b)
  end
  return bintnumber(x) - bintnumber(y)
end

function slow.mul(x, y)
  local a, b = tobint(x), tobint(y)
  if a and b then
    return multiply(a, b)
  end
  return bintnumber(x) * bintnumber(y)
end

bint.__add, bint.__sub, bint.__mul = add, subtract, multiply

function bint.__unm(x)
  if getmetatable(x) == bint then
    return negative(x)
  end
  return (~x)._inc(~x)
end
