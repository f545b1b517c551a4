--- Integers as numbers, texts and bytes.
-- Part of a class (`lua/bint.lua`); gives `assertinteger`, `isnegative`, `bintnumber`, `shorten`.

--- The low 64 bits of x as an integer of Lua.
local function lowinteger(x)
  local v, shift, i = 0, 0, 1
  while shift < 64 do
    v = v | x[i] << shift
    shift, i = shift + w, i + 1
  end
  return v
end

function bint.touinteger(x)
  if getmetatable(x) == bint then
    return lowinteger(x)
  end
  x = luainteger(x)
  if x then
    return x
  end
end
local tointeger = bint.touinteger

function bint.tointeger(x)
  return tointeger(x)
end

local function assertinteger(x)
  x = tointeger(x)
  if not x then
    error("value has no integer representation")
  end
  return x
end

local function isnegative(x)
  return x[n] & sign ~= 0
end

--- x as the nearest float: its 62 highest bits, the last of them set when a bit below is.
local function tofloat(x)
  local minus = isnegative(x)
  if minus then
    x = negative(x)
  end
  local top = n
  while x[top] == 0 do
    top = top - 1
  end
  local v, room, i = 0, 62, top
  local length = 0
  while x[top] >> length ~= 0 do
    length = length + 1
  end
  local exponent = (top - 1) * w + length - 62
  while i > 0 and room >= length do
    v = v << length | x[i]
    room, length, i = room - length, w, i - 1
  end
  if i > 0 then
    local rest = length - room
    v = v << room | x[i] >> rest
    local lost = x[i] & (1 << rest) - 1
    for j = 1, i - 1 do
      lost = lost | x[j]
    end
    if lost ~= 0 then
      v = v | 1
    end
  else
    v = v << room
  end
  local value = exponent > 962 and math.huge or v * 2.0 ^ exponent
  return minus and -value or value
end

--- x as a number: an integer where 64 bits hold it, else a float.
local function bintnumber(x)
  if getmetatable(x) == bint then
    local v = lowinteger(x)
    if equal(signed(v), x) then
      return v
    end
    return tofloat(x)
  end
  return tonumber(x)
end
bint.tonumber = bintnumber

--- The short division of x by d (at most 63 - w bits), in x; the remainder.
local function shorten(x, d)
  local r = 0
  for i = n, 1, -1 do
    local t = r << w | x[i]
    local q = t // d
    x[i] = q
    r = t - q * d
  end
  return r
end

--- Text of x in a base of 2…36 (10); signed in base 10, unsigned in the others, unless said.
local function tobase(x, base, isunsigned)
  x = tobint(x)
  if not x then
    return
  end
  base = base or 10
  if not (base >= 2 and base <= 36) then
    return
  end
  if isunsigned == nil then
    isunsigned = base ~= 10
  end
  local minus = ""
  if not isunsigned and isnegative(x) then
    x, minus = negative(x), "-"
  end
  if base == 10 then
    return minus .. decimal(x)
  elseif base == 16 and w == 32 and math_type(base) == "integer" then
    local top = n
    while top > 1 and x[top] == 0 do
      top = top - 1
    end
    local out = { format("%x", x[top]) }
    for i = top - 1, 1, -1 do
      out[top - i + 1] = format("%08x", x[i])
    end
    return minus .. concat(out)
  end
  if math_type(base) == "float" then
    base = 0 | base
  end
  local power, digits = stepof(base)
  local rest, out, count = copy(x), {}, 0
  repeat
    local r = shorten(rest, power)
    local last = allzero(rest)
    for _ = 1, digits do
      if last and r == 0 and count > 0 then
        break
      end
      local d = r % base + 1
      count = count + 1
      out[count] = sub(DIGITS, d, d)
      r = r // base
    end
  until last
  return minus .. reverse(concat(out))
end
bint.tobase = tobase

local function tobuffer(x, trim)
  if w ~= bytes * 8 then
    for i = 1, n do
      if x[i] >> bytes * 8 ~= 0 then
        error("bad argument #1 to 'pack' (unsigned overflow)")
      end
    end
  end
  local s = pack(littleformat, unpack(x, 1, n))
  if trim then
    s = match(s, "^(.-)%z*$")
    if s == "" then
      s = "\0"
    end
  end
  return s
end

--- The bytes of x, the lowest first; without the zeros at the end when `trim`.
function bint.tole(x, trim)
  return tobuffer(integral(x), trim)
end

--- The bytes of x, the highest first; without the zeros at the start when `trim`.
function bint.tobe(x, trim)
  return reverse(tobuffer(integral(x), trim))
end
