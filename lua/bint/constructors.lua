--- Integers from numbers, texts and bytes.
-- Part of a class (`lua/bint.lua`); gives `new`, `tobint`, `parse`, `integral`, `frominteger`, `stepof`, and how many
-- bytes a word is packed in.

function bint.zero()
  return unsigned(0)
end

function bint.one()
  return unsigned(1)
end

--- The bint of an integer of Lua taken as unsigned.
function bint.fromuinteger(x)
  x = luainteger(x)
  if x then
    return unsigned(x)
  end
end

local function frominteger(x)
  x = luainteger(x)
  if x then
    return signed(x)
  end
end
bint.frominteger = frominteger

--- The largest power of `base` that a word can be multiplied or divided by in 63 bits, and its exponent.
local steps = {}
local function stepof(base)
  local power, digits = steps[base], 0
  if not power then
    power = base
    while power * base < 1 << (63 - w) do
      power = power * base
    end
    steps[base] = power
  end
  local rest = power
  while rest > 1 do
    rest, digits = rest // base, digits + 1
  end
  return power, digits
end

--- The number of digits of the largest power of `base` that an integer of Lua holds.
local function mostdigits(base)
  local power, digits = 1, 0
  while power <= MAXINTEGER // base do
    power, digits = power * base, digits + 1
  end
  return digits
end

--- The bint of digits, all of them of that base.
local function digitsin(s, base)
  local power, digits = stepof(base)
  local x, used = unsigned(0), 0
  local last = #s
  local first, stop = 1, 1 + (last - 1) % digits
  while first <= last do
    local t = tonumber(sub(s, first, stop), base)
    first, stop = stop + 1, stop + digits
    for j = 1, used do
      t = x[j] * power + t
      x[j] = t & mask
      t = t >> w
    end
    while t ~= 0 and used < n do
      used = used + 1
      x[used] = t & mask
      t = t >> w
    end
  end
  return x
end

--- The bint that a text of digits is in a base of 2…36 (10), with a sign and blanks around; nothing when it is none.
local function frombase(s, base)
  if type(s) ~= "string" then
    return
  end
  base = base or 10
  if not (base >= 2 and base <= 36) then
    return
  end
  if #s < mostdigits(base) then
    -- As in the reference, Lua reads the short ones: only they may have blanks around.
    return frominteger(tonumber(s, base))
  end
  local minus, digits = match(s, "^([+-]?)(%w+)$")
  if not digits then
    return
  end
  local x
  if base == 10 then
    x = not find(digits, "%D") and fromdecimal(digits, 1, #digits)
  else
    -- Raises Lua's own complaint about a base that is no integer.
    x = tonumber(digits, base) and digitsin(digits, math_tointeger(base))
  end
  if x then
    return minus == "-" and negative(x) or x
  end
end
bint.frombase = frombase

--- The bint that a text is: decimal, 0x… or 0b…, with a sign; nothing when it is none.
local function fromstring(s)
  if type(s) ~= "string" then
    return
  end
  if find(s, "^%d+$") then
    return fromdecimal(s, 1, #s)
  end
  if find(s, "^[+-]%d+$") then
    local x = fromdecimal(s, 2, #s)
    return sub(s, 1, 1) == "-" and negative(x) or x
  end
  local minus, digits = match(s, "^([+-]?)0[xX](%x+)$")
  if minus then
    return frombase(minus .. digits, 16)
  end
  minus, digits = match(s, "^([+-]?)0[bB]([01]+)$")
  if minus then
    return frombase(minus .. digits, 2)
  end
end
bint.fromstring = fromstring

local bytes, total = w // 8, n
local littleformat = "<" .. rep("I" .. bytes, n)
local size = bits // 8

local function frombuffer(buffer)
  local missing = size - #buffer
  if missing > 0 then
    buffer = buffer .. rep("\0", missing)
  end
  -- As in the reference, the position after the last word stays in the array.
  return setmetatable({ unpackbytes(littleformat, buffer) }, bint)
end

--- The bint of bytes, the lowest first.
function bint.fromle(buffer)
  demand(type(buffer) == "string", "buffer is not a string")
  return frombuffer(buffer)
end

--- The bint of bytes, the highest first.
function bint.frombe(buffer)
  demand(type(buffer) == "string", "buffer is not a string")
  return frombuffer(reverse(buffer))
end

--- A new bint of a bint, an integer or a text.
local function new(x)
  local kind, y = type(x), x
  if kind == "string" then
    if find(x, "^%d+$") then
      return fromdecimal(x, 1, #x)
    end
    y = fromstring(x)
  elseif kind == "number" then
    y = math_tointeger(x)
    if y then
      return signed(y)
    end
  elseif getmetatable(x) == bint then
    return copy(x)
  end
  if not y then
    error("value cannot be represented by a bint")
  end
  return y
end
bint.new = new

--- x as a bint, or nothing; a bint is returned itself unless `clone`.
local function tobint(x, clone)
  if getmetatable(x) == bint then
    if clone then
      return copy(x)
    end
    return x
  end
  local kind = type(x)
  if kind == "string" then
    return fromstring(x)
  elseif kind == "number" then
    x = math_tointeger(x)
    if x then
      return signed(x)
    end
  end
end
bint.tobint = tobint

--- x as a bint, or else as a number, or nil.
local function parse(x, clone)
  local y = tobint(x, clone)
  if y then
    return y
  end
  y = tonumber(x)
  return y
end
bint.parse = parse

local function integral(x)
  local y = tobint(x)
  if not y then
    error("value has not integer representation")
  end
  return y
end
