--- ISAAC (Bob Jenkins, 1996), the random numbers of the network, and a cipher out of them.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local byte, char = string.byte, string.char
local concat = table.concat
local tonumber, type = tonumber, type
local mathtype = math.type
local fail = private.failure(".crypto.cipher.issac")

local MASK = 0xffffffff

local memory, results = {}, {}
local accumulator, last, counter = 0, 0, 0
local given = nil -- of the 256 results; nil before the first seed

local function generate()
  counter = counter + 1 & MASK
  local a, b = accumulator, last + counter & MASK
  for i = 0, 255 do
    local x = memory[i]
    local turn = i % 4
    if turn == 0 then
      a = a ~ a << 13
    elseif turn == 1 then
      a = a ~ a >> 6
    elseif turn == 2 then
      a = a ~ a << 2
    else
      a = a ~ a >> 16
    end
    a = (a & MASK) + memory[i + 128 & 255] & MASK
    local y = memory[x >> 2 & 255] + a + b & MASK
    memory[i] = y
    b = memory[y >> 10 & 255] + x & MASK
    results[i] = b
  end
  accumulator, last, given = a, b, 0
end

local function mix(a, b, c, d, e, f, g, h)
  a = (a ~ b << 11) & MASK
  d, b = d + a & MASK, b + c & MASK
  b = b ~ c >> 2
  e, c = e + b & MASK, c + d & MASK
  c = (c ~ d << 8) & MASK
  f, d = f + c & MASK, d + e & MASK
  d = d ~ e >> 16
  g, e = g + d & MASK, e + f & MASK
  e = (e ~ f << 10) & MASK
  h, f = h + e & MASK, f + g & MASK
  f = f ~ g >> 4
  a, g = a + f & MASK, g + h & MASK
  g = (g ~ h << 8) & MASK
  b, h = b + g & MASK, h + a & MASK
  h = h ~ a >> 9
  c, a = c + h & MASK, a + b & MASK
  return a, b, c, d, e, f, g, h
end

-- Mix a table's 256 words into the state, eight at a time.
local function spread(words, a, b, c, d, e, f, g, h)
  for i = 0, 255, 8 do
    a, b, c, d, e, f, g, h = mix(
      a + words[i] & MASK,
      b + words[i + 1] & MASK,
      c + words[i + 2] & MASK,
      d + words[i + 3] & MASK,
      e + words[i + 4] & MASK,
      f + words[i + 5] & MASK,
      g + words[i + 6] & MASK,
      h + words[i + 7] & MASK
    )
    memory[i], memory[i + 1], memory[i + 2], memory[i + 3] = a, b, c, d
    memory[i + 4], memory[i + 5], memory[i + 6], memory[i + 7] = e, f, g, h
  end
  return a, b, c, d, e, f, g, h
end

--- Seed with the first 256 bytes of a string, if `flag`; otherwise begin as everybody does.
local function seedIsaac(seed, flag)
  if type(seed) == "table" then
    fail(197, "attempt to call a nil value (method 'byte')")
  end
  private.sizeable(seed, fail, 193, "seed")
  local words = {}
  for i = 0, 255 do
    words[i] = flag and byte(seed, i + 1) or 0
  end
  accumulator, last, counter = 0, 0, 0
  local ratio = 0x9e3779b9
  local a, b, c, d, e, f, g, h = ratio, ratio, ratio, ratio, ratio, ratio, ratio, ratio
  for _ = 1, 4 do
    a, b, c, d, e, f, g, h = mix(a, b, c, d, e, f, g, h)
  end
  a, b, c, d, e, f, g, h = spread(words, a, b, c, d, e, f, g, h)
  if flag then
    spread(memory, a, b, c, d, e, f, g, h)
  end
  generate()
end

--- The next 32 bits.
local function getRandom()
  if not given then
    fail(269, "attempt to perform arithmetic on a nil value")
  end
  if given == 256 then
    generate()
  end
  local value = results[given]
  given = given + 1
  return value
end

--- The next character that can be printed, as a byte.
local function getRandomChar()
  return getRandom() % 95 + 32
end

local function number(value, name)
  if type(value) == "number" then
    return value
  elseif type(value) == "string" and tonumber(value) then
    return tonumber(value) + 0.0
  end
  return fail(255, "attempt to perform arithmetic on a %s value (local '%s')", type(value), name)
end

--- A number from `min` to `max`. It seeds anew at each call, so the same seed, or none, gives the same number.
local function random(min, max, seed)
  if seed then
    seedIsaac(seed, true)
  else
    seedIsaac("", false)
  end
  min = number(min or 0, "min")
  max = number(max or 2.0 ^ 31 - 1, "max")
  local count = max - min + 1
  if count == 0 and mathtype(count) == "integer" then
    fail(255, "attempt to perform 'n%%0'")
  end
  return getRandom() % count + min
end

-- Shift the characters that can be printed by random steps: 95 of them, from the space.
local function shift(text, key, direction)
  seedIsaac(key, true)
  local out = {}
  for i = 1, #text do
    out[i] = char((byte(text, i) - 32 + direction * getRandomChar()) % 95 + 32)
  end
  return out
end

--- Encrypt a string of printable characters (others come back changed): each is shifted by a random step that the
-- key seeds.
local function encrypt(msg, key)
  private.sizeable(msg, fail, 311, "msg")
  if type(msg) == "table" and #msg > 0 then
    fail(319, "attempt to call a nil value (method 'byte')")
  end
  local characters = shift(type(msg) == "table" and "" or msg, key, 1)
  local result = private.result(concat(characters))
  function result.asBytes()
    return characters
  end
  return result
end

--- Decrypt a string.
local function decrypt(encrypted, key)
  private.sizeable(encrypted, fail, 373, "encrypted")
  if type(encrypted) == "table" and #encrypted > 0 then
    fail(381, "attempt to call a nil value (method 'byte')")
  end
  return concat(shift(type(encrypted) == "table" and "" or encrypted, key, -1))
end

return {
  seedIsaac = seedIsaac,
  getRandom = getRandom,
  getRandomChar = getRandomChar,
  random = random,
  encrypt = encrypt,
  decrypt = decrypt,
}
