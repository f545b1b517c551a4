--- Shifts, rotations, and the operators on bits. Part of a class (`lua/bint.lua`).

--- x shifted left by 0 ≤ y < bits, a new bint.
local function leftby(x, y)
  local z = unsigned(0)
  local words, s = y // w, y % w
  local before, back = 0, w - s
  for i = 1, n - words do
    local word = x[i]
    z[i + words] = (word << s | before >> back) & mask
    before = word
  end
  return z
end

--- x shifted right by 0 ≤ y < bits without its sign, a new bint.
local function rightby(x, y)
  local z = unsigned(0)
  local words, s = y // w, y % w
  local above, back = 0, w - s
  for i = n, words + 1, -1 do
    local word = x[i]
    z[i - words] = (word >> s | above << back) & mask
    above = word
  end
  return z
end

local width = n * w

--- x shifted by y to the left, or to the right when y is negative.
local function shift(x, y)
  if y >= 0 then
    return y < width and leftby(x, y) or unsigned(0)
  end
  return y > -width and rightby(x, -y) or unsigned(0)
end

function bint.__shl(x, y)
  x = new(x)
  y = assertinteger(y)
  return shift(x, y)
end

function bint.__shr(x, y)
  x = new(x)
  y = assertinteger(y)
  return shift(x, y == MININTEGER and -width or -y)
end

--- The low y bits of x.
function bint.bwrap(x, y)
  x = integral(x)
  if y <= 0 then
    return unsigned(0)
  elseif y < bits then
    local count = assertinteger(y)
    local z = copy(x)
    local words, s = count // w, count % w
    z[words + 1] = z[words + 1] & (1 << s) - 1
    for i = words + 2, n do
      z[i] = 0
    end
    return z
  end
  return copy(x)
end

--- x with its bits turned y to the left (the reference's: y is not taken modulo the width).
local function rotate(x, y)
  if y == 0 or y == MININTEGER then
    return x
  elseif y > 0 then
    return kernel.bor(shift(x, y), shift(x, y - width))
  end
  return kernel.bor(shift(x, y), shift(x, width + y))
end

function bint.brol(x, y)
  x = integral(x)
  y = assertinteger(y)
  return rotate(x, y)
end

function bint.bror(x, y)
  x = integral(x)
  y = assertinteger(y)
  return rotate(x, -y)
end

function bint.__band(x, y)
  if getmetatable(x) == bint and getmetatable(y) == bint then
    return kernel.band(x, y)
  end
  return new(x):_band(y)
end

function bint.__bor(x, y)
  if getmetatable(x) == bint and getmetatable(y) == bint then
    return kernel.bor(x, y)
  end
  return new(x):_bor(y)
end

function bint.__bxor(x, y)
  if getmetatable(x) == bint and getmetatable(y) == bint then
    return kernel.bxor(x, y)
  end
  return new(x):_bxor(y)
end

bint.__bnot = kernel.bnot
