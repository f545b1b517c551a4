--- What the modules of `.crypto` share, kept in the private `host`, out of a process's reach.
-- Texts of errors are the network's, with its own lines: that is what a process sees there.
local _, host = ...
local error, getmetatable, ipairs, pairs, setmetatable, tonumber, type =
  error, getmetatable, ipairs, pairs, setmetatable, tonumber, type
local byte, char, find, format, gsub, lower, sub, upper =
  string.byte, string.char, string.find, string.format, string.gsub, string.lower, string.sub, string.upper
local concat = table.concat
local mathtype, tointeger = math.type, math.tointeger
local native = host.native

local private = {}
host.crypto = private

--- A function that fails as the module `name` does in its line `line`: `fail(line, format, ...)`.
function private.failure(name)
  local here = '[string "' .. name .. '"]:%d: %s'
  return function(line, ...)
    error(format(here, line, format(...)), 0)
  end
end

--- The type of a value as `bad argument` errors name it.
function private.kind(value)
  return value == nil and "nil" or type(value)
end

-- Natives -------------------------------------------------------------------------------------------------------------

--- A native that fails with its message. It is looked up when it is first used.
function private.native(name)
  local f
  return function(...)
    f = f or native(name)
    local result, message = f(...)
    return result or error(message, 0)
  end
end

local hexadecimal = private.native("crypto.hex")

--- The digest of a string.
private.digest = private.native("crypto.digest")

--- The text of `bytes` in hexadecimal, lower case.
function private.hex(bytes)
  return hexadecimal(bytes)
end

-- Hexadecimal ---------------------------------------------------------------------------------------------------------

local HEX, CHAR, NIBBLE = {}, {}, {}
for i = 0, 255 do
  HEX[i] = format("%02X", i)
end
for i = 0, 15 do
  local digit = format("%x", i)
  NIBBLE[digit], NIBBLE[upper(digit)] = i, i
end
-- As on the network, the two digits of a byte must be of one case.
for high, a in pairs(NIBBLE) do
  for low, b in pairs(NIBBLE) do
    local digits = high .. low
    if digits == upper(digits) or digits == lower(digits) then
      CHAR[digits] = char(a * 16 + b)
    end
  end
end

--- Byte -> two digits, upper case.
private.HEX = HEX

--- The bytes of hexadecimal text; an odd digit at the end is left out.
function private.unhex(hex)
  if #hex % 2 == 1 then
    hex = sub(hex, 1, -2)
  end
  return (gsub(hex, "..", CHAR))
end

--- The array of the bytes of text that is not all hexadecimal: a hole for each pair with another sign.
function private.pairs(hex)
  local array = {}
  for i = 1, #hex // 2 do
    local c = CHAR[sub(hex, 2 * i - 1, 2 * i)]
    array[i] = c and byte(c)
  end
  return array
end

--- The text if it is a string or a number, otherwise `string.len`'s complaint, by way of `fail`.
function private.hextext(hex, fail, line)
  if type(hex) == "number" then
    return hex .. ""
  elseif type(hex) ~= "string" then
    fail(line, "bad argument #1 to 'len' (string expected, got %s)", private.kind(hex))
  end
  return hex
end

-- Arrays --------------------------------------------------------------------------------------------------------------

--- The array of the bytes of a string.
function private.array(s)
  local array, n = {}, #s
  for i = 1, n - 7, 8 do
    array[i], array[i + 1], array[i + 2], array[i + 3], array[i + 4], array[i + 5], array[i + 6], array[i + 7] =
      byte(s, i, i + 7)
  end
  for i = n - n % 8 + 1, n do
    array[i] = byte(s, i)
  end
  return array
end

--- A value as bit32 takes it (65.0 and "65" are 65), or nil and what bit32 says of it.
function private.integer(value)
  local number = value
  if type(value) == "string" then
    number = tonumber(value)
  end
  if type(number) ~= "number" then
    return nil, format("number expected, got %s", private.kind(value))
  end
  local whole = tointeger(number)
  if not whole then
    return nil, "number has no integer representation"
  end
  return whole
end
local integer = private.integer

--- The string of the bytes at `from` … `to` of an array, or nil and the first value that is not a byte.
function private.text(array, from, to)
  local parts, n, chunk, filled = {}, 0, {}, 0
  for i = from or 1, to or #array do
    local value = array[i]
    local whole = mathtype(value) == "integer" and value or integer(value)
    if not whole or whole < 0 or whole > 255 then
      return nil, value
    end
    filled = filled + 1
    chunk[filled] = char(whole)
    if filled == 4096 then
      n, filled = n + 1, 0
      parts[n] = concat(chunk)
    end
  end
  parts[n + 1] = concat(chunk, "", 1, filled)
  return concat(parts)
end

--- Fail unless a value is a table or a string (the types that the network's Lua indexes).
function private.indexable(value, fail, line, name)
  if type(value) ~= "table" and type(value) ~= "string" then
    fail(line, "attempt to index a %s value (local '%s')", type(value), name)
  end
end

--- Fail unless a value has a length.
function private.sizeable(value, fail, line, name)
  if type(value) ~= "string" and type(value) ~= "table" then
    fail(line, "attempt to get length of a %s value (local '%s')", type(value), name)
  end
end

-- Streams -------------------------------------------------------------------------------------------------------------

-- Stream -> {text, position of the last byte given}.
local known = setmetatable({}, { __mode = "k" })

--- A stream over a string. At the end it gives nil, or nothing at all.
function private.stream(text, gives_nil)
  local state = { text, 0 }
  local function read()
    local i = state[2] + 1
    local value = byte(state[1], i)
    if value then
      state[2] = i
      return value
    end
    if gives_nil then
      return nil
    end
  end
  known[read] = state
  return read
end

--- A stream of the values of an array, as they are now, up to its first hole.
function private.over(array)
  local values, n, plain = {}, 0, true
  local value = array[1]
  while value ~= nil do
    n = n + 1
    values[n] = value
    plain = plain and mathtype(value) == "integer" and value >= 0 and value <= 255
    value = array[n + 1]
  end
  if plain then
    return private.stream(private.text(values), true)
  end
  return private.values(values, n)
end

--- A stream of the values 1 … n of a table.
function private.values(values, n)
  local i = 0
  return function()
    if i < n then
      i = i + 1
      return values[i]
    end
    return nil
  end
end

--- What is left of a stream of ours, as a string; nil if the stream is somebody else's.
function private.take(source)
  local state = source ~= nil and known[source]
  if not state then
    return nil
  end
  local text = state[1]
  local rest = state[2] == 0 and text or sub(text, state[2] + 1)
  state[2] = #text
  return rest
end

-- Can it be called?
local function callable(value)
  if type(value) == "function" then
    return true
  end
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and meta.__call ~= nil
end

--- Fail as a call of something that is no function does.
function private.callable(value, fail, line, name)
  if not callable(value) then
    local which = name and format(" (local '%s')", name) or ""
    fail(line, "attempt to call a %s value%s", type(value), which)
  end
end

--- What is left of a stream: a string, or, where it gives other things than bytes, nil and the array of them.
function private.read(source, fail, line, name)
  local text = private.take(source)
  if text then
    return text
  end
  private.callable(source, fail, line, name)
  local values, n = {}, 0
  for value in source do
    n = n + 1
    values[n] = value
  end
  text = private.text(values, 1, n)
  return text, values
end

--- The bytes that values, given as bytes of 32-bit words, make when they are too large: their high bits spill into
-- the neighbours of the same word, as shifting and or-ing them does. `at` bytes stand before them.
-- Answers the bytes, and what spills out of the last word: into the bytes before (`big`) or behind.
function private.spill(values, at, big, fail, line)
  local bytes, n = {}, #values
  for i = -3, n + 4 do
    bytes[i] = 0
  end
  for i, value in ipairs(values) do
    local whole, message = integer(value)
    if not whole then
      fail(line, "bad argument #1 to 'LSHIFT' (%s)", message)
    end
    local place = (at + i - 1) % 4
    for k = 0, big and place or 3 - place do
      local j = big and i - k or i + k
      bytes[j] = bytes[j] | whole >> 8 * k & 255
    end
  end
  local before, behind = {}, {}
  for i = 1, 3 do
    before[i], behind[i] = bytes[i - 3], bytes[n + i]
  end
  return private.text(bytes, 1, n), private.text(big and before or behind, 1, 3)
end

-- Results -------------------------------------------------------------------------------------------------------------

--- What a digest answers: its bytes as an array, in hexadecimal, and as a string.
function private.result(bytes)
  return {
    asBytes = function()
      return private.array(bytes)
    end,
    asHex = function()
      return private.hex(bytes)
    end,
    asString = function()
      return bytes
    end,
  }
end

--- What is answered in pieces: `asBytes` gives the array of the pieces.
function private.pieces(pieces)
  return {
    asBytes = function()
      return pieces
    end,
    asHex = function()
      return private.hex(concat(pieces))
    end,
    asString = function()
      return concat(pieces)
    end,
  }
end

--- Is text all hexadecimal, and of one case?
function private.plainhex(hex)
  return not find(hex, "%X") and not (find(hex, "%l") and find(hex, "%u"))
end

return {}
